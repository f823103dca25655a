"""Save annotated clip: the frames as they are painted, with boxes, temperatures and time, as MP4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QWidget

from app.dialogs.output_dialog import MakeSubject, OutputDialog, TrackChoices, scale_choice
from app.widgets.marks_form import MarksForm, map_choice
from tracker.jobs import Job
from tracker.media.source import FrameSource
from tracker.output.choices import ClipChoices, Quality

if TYPE_CHECKING:
    from tracker.output.clip import ClipReport

QUALITIES = {Quality.SMALL: "Small file", Quality.GOOD: "Good", Quality.BEST: "Best"}


class ClipDialog(OutputDialog):
    """Writes an annotated clip.

    Attributes:
        report: What was written, once the dialog is accepted.

    Args:
        source: The clip.
        make_subject: See `OutputDialog`.
        tracks: See `OutputDialog`.
        ranges: What can be chosen, for the user -> frames; the last one is chosen at the beginning.
        choices: Of last time.
        folder: That is suggested.
        parent: The window.
    """

    def __init__(
        self,
        source: FrameSource,
        make_subject: MakeSubject,
        tracks: TrackChoices,
        ranges: dict[str, range],
        choices: ClipChoices,
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Save annotated clip", make_subject, tracks, parent)
        self.report: ClipReport | None = None
        self._source = source
        self.add_file("clipFile", "A file named .mp4", folder / f"{source.path.stem}-annotated.mp4")
        self.frames = QComboBox()
        for text, frames in ranges.items():
            self.frames.addItem(text, frames)
        self.frames.setCurrentIndex(self.frames.count() - 1)
        self.scale = scale_choice(choices.scale, source.size)
        self.quality = QComboBox()
        for quality, text in QUALITIES.items():
            self.quality.addItem(text, quality)
        self.quality.setCurrentIndex(list(QUALITIES).index(choices.quality))
        self.marks, self.map = MarksForm(choices.marks), map_choice(choices.marks.similarity)
        self.add_row("Frames", self.frames)
        self.add_row("Tracks", self.tracks)
        self.add_row("Size", self.scale)
        self.add_row("Quality", self.quality)
        self.add_row("Drawn", self.marks)
        self.add_row("Similarity map", self.map)
        for box in (self.frames, self.tracks, self.scale):
            box.currentIndexChanged.connect(self.show_choice)
        self.show_choice()

    @property
    def choices(self) -> ClipChoices:
        """What is chosen."""
        return ClipChoices(
            marks=self.marks.marks(self.map.currentData()),
            scale=self.scale.currentData(),
            quality=self.quality.currentData(),
        )

    def suffixes(self) -> tuple[str, ...]:
        """MP4 alone."""
        return (".mp4",)

    def file_filter(self) -> str:
        """The same for the file dialog."""
        return "MP4 video (*.mp4)"

    def summary(self) -> str:
        """How much is written."""
        frames: range = self.frames.currentData()
        return (
            f"{len(frames):,} frames as they are painted now, with their own times. Proposals are left out."
        )

    def work(self) -> Callable[[], Job[ClipReport]]:
        """The writing with what is chosen."""
        subject, choices = self.make_subject(self.chosen_tracks()), self.choices
        output: Path = self.output.absolute()
        frames: range = self.frames.currentData()

        def run() -> Job[ClipReport]:
            from tracker.output.clip import write_clip  # which loads matplotlib

            reader = subject.source.reopen()
            try:
                return (yield from write_clip(subject.with_source(reader), output, frames, choices))
            finally:
                reader.close()

        return run

    def done_with(self, report: ClipReport) -> None:
        """Keep what was written."""
        self.report = report
