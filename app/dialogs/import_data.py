"""Import annotation: which labels, of which clip, into which project."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget

from app.dialogs import files
from app.dialogs.job_dialog import JobDialog
from tracker.errors import ThermarkError
from tracker.exchange import ImportReport, ReadRequest, import_data
from tracker.formats import FORMATS, recognise
from tracker.jobs import Job

BASES = {None: "As usual for the format", True: "0", False: "1, as in MATLAB"}


class ImportDialog(JobDialog):
    """Makes a project of labels from elsewhere.

    Attributes:
        report: What was made, once the dialog is accepted.

    Args:
        parent: The window.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Import annotation", "Import", parent)
        self.report: ImportReport | None = None
        self.labels = self.path_field("importLabels", "A folder of a data set, or a file of labels")
        self.media = self.path_field("importMedia", "Looked for beside the labels")
        self.project = self.path_field("importProject", "A new project; a folder for labels of several clips")
        self.format, self.base = QComboBox(), QComboBox()
        self.format.setObjectName("importFormat")
        self.format.addItem("Find out", None)
        for key, format_ in FORMATS.items():
            self.format.addItem(format_.title, key)
        self.format.setMaxVisibleItems(len(FORMATS) + 1)
        for is_zero, text in BASES.items():
            self.base.addItem(text, is_zero)
        self.labels.textChanged.connect(self._on_labels)
        self.project.textChanged.connect(self._show_choice)
        self._add_rows()
        self._show_choice()

    def _add_rows(self) -> None:
        ask_folder, ask_file = (
            self.make_browse_button(self._on_folder, "Folder…"),
            self.make_browse_button(self._on_file, "File…"),
        )
        self.add_row("Labels", self.labels, ask_folder, ask_file)
        self.add_row("Layout", self.format)
        self.add_row("Clip", self.media, self.make_browse_button(self._on_media))
        self.add_row("First pixel is", self.base)
        self.add_row("Project", self.project, self.make_browse_button(self._on_project))

    @Slot()
    def _on_labels(self) -> None:
        """Say what the labels look like, and suggest a project."""
        path = _path(self.labels.text())
        if path is not None and path.exists():
            self.project.setText(str(path.with_name(f"{path.stem}-imported")))
        self._show_choice()

    @Slot()
    def _show_choice(self) -> None:
        path = _path(self.labels.text())
        self.start_button.setEnabled(path is not None and _path(self.project.text()) is not None)
        self.say(_what_it_is(path))

    @Slot()
    def _on_folder(self) -> None:
        self._put(self.labels, files.ask_folder(self, "Folder of a data set"))

    @Slot()
    def _on_file(self) -> None:
        self._put(self.labels, files.ask_labels(self))

    @Slot()
    def _on_media(self) -> None:
        self._put(self.media, files.ask_clip(self))

    @Slot()
    def _on_project(self) -> None:
        self._put(
            self.project, files.ask_project_name(self, "New project", _path(self.project.text()) or Path())
        )

    def _put(self, field: QLineEdit, path: Path | None) -> None:
        if path is not None:
            field.setText(str(path))

    def work(self) -> Callable[[], Job[ImportReport]]:
        """The import with what is chosen."""
        labels, project = _path(self.labels.text()), _path(self.project.text())
        if labels is None or project is None:
            raise ThermarkError("labels and project are both needed.")
        request = ReadRequest(
            labels.absolute(), self.format.currentData(), _path(self.media.text()), self.base.currentData()
        )
        return lambda: import_data(request, project.absolute())

    def done_with(self, report: ImportReport) -> None:
        """Keep what was made."""
        self.report = report


def _path(text: str) -> Path | None:
    return Path(text.strip()).expanduser() if text.strip() else None


def _what_it_is(path: Path | None) -> str:
    """What the labels look like."""
    if path is None:
        return "Boxes come in as imported ones; anchors only where the layout says what was drawn by hand."
    try:
        return f"The labels look like {FORMATS[recognise(path)].title}."
    except ThermarkError as error:
        return error.what[:1].upper() + error.what[1:]
