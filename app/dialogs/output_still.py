"""Save still: the shown frame as a picture, or its counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from app.dialogs.output_dialog import MakeSubject, OutputDialog, TrackChoices, scale_choice
from app.widgets.marks_form import MarksForm, map_choice
from tracker.jobs import Job, Progress
from tracker.media.source import FrameSource
from tracker.output.choices import STILL_SUFFIXES, StillChoices, StillKind

KINDS = {
    StillKind.ANNOTATED: "As it is painted, annotated",
    StillKind.PLAIN: "As it is painted",
    StillKind.COUNTS: "The counts, without loss",
}


class StillDialog(OutputDialog):
    """Writes one frame.

    Args:
        source: The clip.
        frame: The frame.
        make_subject: See `OutputDialog`.
        tracks: See `OutputDialog`.
        choices: Of last time.
        folder: That is suggested.
        parent: The window.
    """

    def __init__(
        self,
        source: FrameSource,
        frame: int,
        make_subject: MakeSubject,
        tracks: TrackChoices,
        choices: StillChoices,
        folder: Path,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Save still", make_subject, tracks, parent)
        self._source, self._frame = source, frame
        self.add_file("stillFile", "A file named .png", folder / f"{source.path.stem}-{frame:06d}.png")
        self.kind = QComboBox()
        for kind, text in KINDS.items():
            self.kind.addItem(text, kind)
        self.kind.setCurrentIndex(list(KINDS).index(choices.kind))
        self.scale = scale_choice(choices.scale, source.size)
        self.marks, self.map = MarksForm(choices.marks), map_choice(choices.marks.similarity)
        self.add_row("Picture", self.kind)
        self.add_row("Tracks", self.tracks)
        self.add_row("Size", self.scale)
        self.add_row("Drawn", self.marks)
        self.add_row("Similarity map", self.map)
        self.kind.currentIndexChanged.connect(self._on_kind)
        self._on_kind()

    def _kind(self) -> StillKind:
        return StillKind(self.kind.currentData())

    @property
    def choices(self) -> StillChoices:
        """What is chosen."""
        return StillChoices(
            kind=self._kind(), marks=self.marks.marks(self.map.currentData()), scale=self.scale.currentData()
        )

    @Slot()
    def _on_kind(self) -> None:
        self.rest()
        self.show_choice()

    def rest(self) -> None:
        """Let what a kind has no use for rest."""
        super().rest()
        kind = self._kind()
        for widget in (self.tracks, self.marks, self.map):
            widget.setEnabled(kind is StillKind.ANNOTATED)
        self.scale.setEnabled(kind is not StillKind.COUNTS)

    def suffixes(self) -> tuple[str, ...]:
        """What the kind of still may be named."""
        return STILL_SUFFIXES[self._kind()]

    def file_filter(self) -> str:
        """The same for the file dialog."""
        return "PNG (*.png);;TIFF (*.tif *.tiff)" if self._kind() is StillKind.COUNTS else "PNG (*.png)"

    def summary(self) -> str:
        """What is written."""
        if self._kind() is StillKind.COUNTS:
            bits = 8 * self._source.dtype.itemsize
            return f"Frame {self._frame} as the sensor gave it, {bits} bits."
        return f"Frame {self._frame} as it is painted now."

    def work(self) -> Callable[[], Job[Path]]:
        """The writing with what is chosen."""
        subject, choices, output, frame = (
            self.make_subject(self.chosen_tracks()),
            self.choices,
            self.output.absolute(),
            self._frame,
        )

        def run() -> Job[Path]:
            from tracker.output.still import write_still  # which loads matplotlib

            yield Progress("Writing", 0, None, 0.0, None)
            reader = subject.source.reopen()
            try:
                write_still(subject.with_source(reader), frame, output, choices)
            finally:
                reader.close()
            return output

        return run
