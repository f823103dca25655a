"""What the dialogs for clips, stills and reports share: which tracks, at which size, and a file to write."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QWidget

from app.dialogs.job_dialog import JobDialog
from tracker.output.choices import SCALES, Scale, scale_for
from tracker.output.subject import Subject

TrackChoices: TypeAlias = Mapping[str, tuple[int, ...]]
"""What can be chosen, for the user -> ids of tracks; the first one is chosen at the beginning."""

MakeSubject: TypeAlias = Callable[[tuple[int, ...]], Subject]
"""What is put out of some tracks, as it is now; its source is that of the window."""


class OutputDialog(JobDialog):
    """Asks for a file, and more.

    Args:
        title: Of the dialog.
        make_subject: Called when the job starts.
        tracks: What can be chosen.
        parent: The window.
    """

    def __init__(
        self, title: str, make_subject: MakeSubject, tracks: TrackChoices, parent: QWidget | None = None
    ) -> None:
        super().__init__(title, "Save", parent)
        self.make_subject = make_subject
        self.tracks = QComboBox()
        self.tracks.setObjectName("outputTracks")
        for text, ids in tracks.items():
            self.tracks.addItem(text, ids)

    def add_file(self, name: str, hint: str, suggestion: Path) -> None:
        """A row for the file to write."""
        self._suggestion = suggestion
        self.file: QLineEdit = self.path_field(name, hint)
        self.file.setText(str(suggestion))
        self.file.textChanged.connect(self.show_choice)
        self.browse_button = self.make_browse_button(self._on_browse)
        self.add_row("File", self.file, self.browse_button)

    @property
    def output(self) -> Path:
        """The file that is written."""
        return Path(self.file.text().strip()).expanduser()

    def chosen_tracks(self) -> tuple[int, ...]:
        """Ids of the tracks that are put out."""
        return tuple(self.tracks.currentData() or ())

    def suffixes(self) -> tuple[str, ...]:
        """What the file may be named; for the dialogs made of this one."""
        raise NotImplementedError

    def file_filter(self) -> str:
        """The same for the file dialog; for the dialogs made of this one."""
        raise NotImplementedError

    def summary(self) -> str:
        """What will be written; for the dialogs made of this one."""
        raise NotImplementedError

    @Slot()
    def show_choice(self) -> None:
        """Say what will be written, and whether it can be."""
        is_named = self.output.suffix.lower() in self.suffixes()
        replaces = (
            " The file is there already, and is replaced." if is_named and self.output.is_file() else ""
        )
        wanted = "" if is_named else f" Name a file that ends with {' or '.join(self.suffixes())}."
        self.say(f"{self.summary()}{replaces}{wanted}")
        self.start_button.setEnabled(is_named)
        self.start_button.setDefault(is_named)

    def rest(self) -> None:
        """The button starts again where a file is named."""
        self.start_button.setEnabled(self.output.suffix.lower() in self.suffixes())

    @Slot()
    def _on_browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), self.file.text() or str(self._suggestion), self.file_filter()
        )
        if name:
            path = Path(name)
            self.file.setText(str(path if path.suffix else path.with_suffix(self.suffixes()[0])))


def scale_choice(chosen: Scale, size: tuple[int, int]) -> QComboBox:
    """A choice of the size of pictures of frames of (width, height) pixels."""
    box = QComboBox()
    for scale in SCALES:
        factor = scale_for(scale, size)
        pixels = f"{size[0] * factor} x {size[1] * factor}"
        box.addItem(f"{factor}x, {pixels}" if scale else f"As suits: {factor}x, {pixels}", scale)
    box.setCurrentIndex(SCALES.index(chosen))
    return box
