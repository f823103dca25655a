"""Report: what is known about tracks, as HTML or PDF."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QSpinBox, QWidget

from app.dialogs.output_dialog import MakeSubject, OutputDialog, TrackChoices
from tracker.jobs import Job
from tracker.media.source import FrameSource
from tracker.output.choices import REPORT_SUFFIXES, ReportChoices


class ReportDialog(OutputDialog):
    """Writes a report.

    Args:
        source: The clip.
        make_subject: See `OutputDialog`.
        tracks: See `OutputDialog`.
        choices: Of last time.
        folder: That is suggested.
        parent: The window.
    """

    def __init__(
        self,
        source: FrameSource,
        make_subject: MakeSubject,
        tracks: TrackChoices,
        choices: ReportChoices,
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Report", make_subject, tracks, parent)
        self._rows = choices.rows
        self.add_file("reportFile", "A file named .html or .pdf", folder / f"{source.path.stem}-report.html")
        self.snapshots = QSpinBox()
        self.snapshots.setRange(0, 200)
        self.snapshots.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.snapshots.setValue(choices.snapshots)
        self.add_row("Tracks", self.tracks)
        self.add_row("Pictures of each track, at most", self.snapshots)
        self.tracks.currentIndexChanged.connect(self.show_choice)
        self.show_choice()

    @property
    def choices(self) -> ReportChoices:
        """What is chosen."""
        return ReportChoices(snapshots=self.snapshots.value(), rows=self._rows)

    def suffixes(self) -> tuple[str, ...]:
        """HTML or PDF."""
        return REPORT_SUFFIXES

    def file_filter(self) -> str:
        """The same for the file dialog."""
        return "HTML, one file (*.html);;PDF (*.pdf)"

    def summary(self) -> str:
        """What is written."""
        count = len(self.chosen_tracks())
        return (
            f"{count} track{'' if count == 1 else 's'}: path, temperatures or counts, size, speed and scores against "
            "time, pictures, and who made what."
        )

    def work(self) -> Callable[[], Job[Path]]:
        """The writing with what is chosen."""
        subject, choices, output = (
            self.make_subject(self.chosen_tracks()),
            self.choices,
            self.output.absolute(),
        )

        def run() -> Job[Path]:
            from tracker.output.report import write_report  # which loads matplotlib

            reader = subject.source.reopen()
            try:
                yield from write_report(subject.with_source(reader), output, choices)
            finally:
                reader.close()
            return output

        return run
