"""Save annotated clip: the frames as they are painted, with boxes, temperatures and time, as MP4."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtWidgets import QComboBox, QWidget

from app.dialogs.output_dialog import MakeSubject, OutputDialog, TrackChoices, scale_choice
from app.widgets.marks_form import MarksForm, map_choice
from tracker.jobs import Job
from tracker.media.source import FrameSource
from tracker.output.choices import CLIP_SUFFIXES, DEFAULT_FPS, ClipChoices, Quality, scale_for
from tracker.output.words import time_text

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
        return CLIP_SUFFIXES

    def file_filter(self) -> str:
        """The same for the file dialog."""
        return "MP4 video (*.mp4)"

    def summary(self) -> str:
        """How much is written."""
        frames: range = self.frames.currentData()
        count = "1 frame" if len(frames) == 1 else f"{len(frames):,} frames"
        factor = scale_for(self.scale.currentData(), self._source.size)
        width, height = (side * factor for side in self._source.size)
        return (
            f"{count} of {width} x {height} pixels as they are painted now, {self._times(frames)}. "
            "Proposals are left out."
        )

    def _times(self, frames: range) -> str:
        first, last = (self._source.pts(at) for at in (frames[0], frames[-1]))
        if first is None or last is None:
            return f"{DEFAULT_FPS:g} a second, for the clip has no times"
        return f"with their own times, {time_text(last - first)} from the first to the last"

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

    def done_with(self, report: object) -> None:
        """Keep what was written."""
        super().done_with(report)
        self.report = cast("ClipReport", report)
