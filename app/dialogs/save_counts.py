"""Save counts: the clip as the sensor gave it, written without loss, all of it or the selected range."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.dialogs import files
from app.dialogs.job_dialog import JobDialog
from tracker.jobs import Job
from tracker.media.exporting import SUFFIXES, CountsReport, export_counts
from tracker.media.source import FrameSource


class SaveCountsDialog(JobDialog):
    """Writes the counts of a clip to a file.

    Attributes:
        report: What was written, once the dialog is accepted.

    Args:
        source: The clip; it is read through a reader of its own.
        selected: The range selected on the timeline, None for none.
        parent: The window.
    """

    def __init__(
        self, source: FrameSource, selected: range | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__("Save counts", "Save", parent)
        self._source = source
        self.report: CountsReport | None = None
        self.file = self.path_field("countsFile", "A file named .mkv (FFV1 video) or .tif (many pages)")
        self.file.textChanged.connect(self._show_choice)
        self.browse_button = self.make_browse_button(self._on_browse)
        self.frames = QComboBox()
        self.frames.setObjectName("countsFrames")
        self.frames.addItem(f"All {len(source):,}", range(len(source)))
        if selected is not None:
            self.frames.addItem(f"The selected range, {selected.start} to {selected.stop - 1}", selected)
            self.frames.setCurrentIndex(1)
        self.frames.currentIndexChanged.connect(self._show_choice)
        self.add_row("File", self.file, self.browse_button)
        self.add_row("Frames", self.frames)
        self._show_choice()

    @property
    def output(self) -> Path:
        """The file written to."""
        return Path(self.file.text().strip()).expanduser()

    @Slot()
    def _show_choice(self) -> None:
        frames: range = self.frames.currentData()
        width, height = self._source.size
        size = len(frames) * width * height * self._source.channels * self._source.dtype.itemsize
        is_named = self.output.suffix.lower() in SUFFIXES
        self.say(
            f"{len(frames):,} frames of {8 * self._source.dtype.itemsize} bits, {size / 2**20:,.0f} MiB before they "
            "are packed without loss. Times and what is known about the camera go along."
            + (" The file is there already, and is replaced." if is_named and self.output.is_file() else "")
        )
        self.start_button.setEnabled(is_named)
        self.start_button.setDefault(is_named)

    @Slot()
    def _on_browse(self) -> None:
        clip = self._source.path
        path = files.ask_counts_file(self, clip.with_name(f"{clip.stem}-counts.mkv"))
        if path is not None:
            self.file.setText(str(path))

    def work(self) -> Callable[[], Job[CountsReport]]:
        """The writing with what is chosen."""
        source, output, frames = self._source, self.output.absolute(), self.frames.currentData()

        def run() -> Job[CountsReport]:
            reader = source.reopen()
            try:
                return (yield from export_counts(reader, output, frames))
            finally:
                reader.close()

        return run

    def done_with(self, report: CountsReport) -> None:
        """Keep what was written."""
        self.report = report
