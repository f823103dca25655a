"""What the dialogs for clips, stills and reports share: which tracks, and at which size."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from PySide6.QtWidgets import QComboBox, QWidget

from app.dialogs.file_job_dialog import FileJobDialog
from tracker.output.choices import SCALES, Scale, scale_for
from tracker.output.subject import Subject

TrackChoices: TypeAlias = Mapping[str, tuple[int, ...]]
"""What can be chosen, for the user -> ids of tracks; the first one is chosen at the beginning."""

MakeSubject: TypeAlias = Callable[[tuple[int, ...]], Subject]
"""What is put out of some tracks, as it is now; its source is that of the window."""


class OutputDialog(FileJobDialog):
    """Asks which tracks go into a file, and more.

    Args:
        title: Of the dialog.
        make_subject: Called when the job starts.
        tracks: What can be chosen.
        parent: The window.
    """

    def __init__(
        self, title: str, make_subject: MakeSubject, tracks: TrackChoices, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent)
        self.make_subject = make_subject
        self.tracks = QComboBox()
        self.tracks.setObjectName("outputTracks")
        for text, ids in tracks.items():
            self.tracks.addItem(text, ids)

    def chosen_tracks(self) -> tuple[int, ...]:
        """Ids of the tracks that are put out."""
        return tuple(self.tracks.currentData() or ())


def scale_choice(chosen: Scale, size: tuple[int, int]) -> QComboBox:
    """A choice of the size of pictures of frames of (width, height) pixels."""
    box = QComboBox()
    for scale in SCALES:
        factor = scale_for(scale, size)
        pixels = f"{size[0] * factor} x {size[1] * factor}"
        box.addItem(f"{factor}x, {pixels}" if scale else f"As suits: {factor}x, {pixels}", scale)
    box.setCurrentIndex(SCALES.index(chosen))
    return box
