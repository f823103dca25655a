"""Save measurements: the regions measured along the whole clip, as a table for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from app.dialogs.file_job_dialog import FileJobDialog
from tracker.jobs import Job
from tracker.output.measurements import SUFFIXES, Setting, write_measurements
from tracker.tracking.measurements import Course, Method, Subject, measure_clip


class MeasurementsDialog(FileJobDialog):
    """Measures what is not measured yet, and writes the table.

    Args:
        setting: Where the numbers come from.
        wanted: The regions.
        method: How they are measured.
        known: What has been measured already, by the id of the region.
        folder: That is suggested.
        parent: The window.
    """

    def __init__(
        self,
        setting: Setting,
        wanted: tuple[Subject, ...],
        method: Method,
        known: dict[int, Course],
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Save measurements", parent)
        self._setting, self._wanted, self._method, self._known = setting, wanted, method, known
        suggestion = folder / f"{setting.clip.path.stem}-measurements.csv"
        self.add_file("measurementsFile", "A file named .csv", suggestion)
        self.show_choice()

    def suffixes(self) -> tuple[str, ...]:
        """CSV alone."""
        return SUFFIXES

    def file_filter(self) -> str:
        """The same for the file dialog."""
        return "Tables (*.csv)"

    def summary(self) -> str:
        """How much is written."""
        count, frames = len(self._wanted), len(self._setting.clip)
        return (
            f"{count} region{'' if count == 1 else 's'} over {frames:,} frames, in "
            f"{self._setting.readings.sign or 'counts'}; one row for each frame and region. Calibration, method and "
            "where the boxes come from stand at the head."
        )

    def work(self) -> Callable[[], Job[Path]]:
        """The measuring and writing."""
        setting, output = self._setting, self.output.absolute()
        wanted, method, known = self._wanted, self._method, self._known

        def run() -> Job[Path]:
            reader = setting.clip.reopen()
            try:
                courses = yield from measure_clip(reader, wanted, method, known)
                return (yield from write_measurements(output, courses, setting))
            finally:
                reader.close()

        return run
