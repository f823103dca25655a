"""Save measurements: the regions measured along the whole clip, as a table for other programs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget

from app.dialogs import files
from app.dialogs.job_dialog import JobDialog
from tracker.jobs import Job
from tracker.output.measurements import Setting, write_measurements
from tracker.tracking.measurements import Course, Method, Subject, measure_clip


class MeasurementsDialog(JobDialog):
    """Measures what is not measured yet, and writes the table.

    Attributes:
        path: What was written, once the dialog is accepted.

    Args:
        setting: Where the numbers come from.
        wanted: The regions.
        method: How they are measured.
        known: What has been measured already, by the id of the region.
        parent: The window.
    """

    def __init__(
        self,
        setting: Setting,
        wanted: tuple[Subject, ...],
        method: Method,
        known: dict[int, Course],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Save measurements", "Save", parent)
        self._setting, self._wanted, self._method, self._known = setting, wanted, method, known
        self.path: Path | None = None
        self.file = self.path_field("measurementsFile", "A file named .csv")
        self.file.textChanged.connect(self._show_choice)
        self.browse_button = self.make_browse_button(self._on_browse)
        self.add_row("File", self.file, self.browse_button)
        self._show_choice()

    @property
    def output(self) -> Path:
        """The file written to."""
        return Path(self.file.text().strip()).expanduser()

    @Slot()
    def _show_choice(self) -> None:
        count, frames = len(self._wanted), len(self._setting.clip)
        is_named = self.output.suffix.lower() == ".csv"
        self.say(
            f"{count} region{'' if count == 1 else 's'} over {frames:,} frames, in "
            f"{self._setting.readings.sign or 'counts'}; one row for each frame and region. Calibration, method and "
            "where the boxes come from stand at the head."
            + (" The file is there already, and is replaced." if is_named and self.output.is_file() else "")
        )
        self.start_button.setEnabled(is_named)
        self.start_button.setDefault(is_named)

    @Slot()
    def _on_browse(self) -> None:
        clip = self._setting.clip.path
        path = files.ask_measurements_file(self, clip.with_name(f"{clip.stem}-measurements.csv"))
        if path is not None:
            self.file.setText(str(path))

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

    def done_with(self, report: Path) -> None:
        """Keep what was written."""
        self.path = report
