"""A dialog whose job writes one file: which, whether it may be named so, and whether one is replaced."""

from __future__ import annotations

from abc import abstractmethod
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QWidget

from app.dialogs.job_dialog import JobDialog


class FileJobDialog(JobDialog):
    """Asks for a file, and more. The dialogs made of this one begin with `add_file`.

    Attributes:
        is_written: Whether there is a file, once the dialog is accepted.

    Args:
        title: Of the dialog.
        parent: The window.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(title, "Save", parent)
        self.is_written = False

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
        path = Path(self.file.text().strip())
        with suppress(RuntimeError):  # "~nobody" is the home of nobody: then it is a name like others
            path = path.expanduser()
        return path

    @property
    def is_named(self) -> bool:
        """Whether the file has a name that it may have."""
        return self.output.suffix.lower() in self.suffixes()

    @abstractmethod
    def suffixes(self) -> tuple[str, ...]:
        """What the file may be named; for the dialogs made of this one."""

    @abstractmethod
    def file_filter(self) -> str:
        """The same for the file dialog; for the dialogs made of this one."""

    @abstractmethod
    def summary(self) -> str:
        """What will be written; for the dialogs made of this one."""

    @Slot()
    def show_choice(self) -> None:
        """Say what will be written, and whether it can be."""
        sentences = [self.summary()]
        if not self.is_named:
            sentences.append(f"Name a file that ends with {' or '.join(self.suffixes())}.")
        elif self.output.is_file():
            sentences.append("The file is there already, and is replaced.")
        self.say(" ".join(sentences))
        self.start_button.setEnabled(self.is_named)
        self.start_button.setDefault(self.is_named)

    def rest(self) -> None:
        """The button starts again where a file is named."""
        self.start_button.setEnabled(self.is_named)

    def done_with(self, report: object) -> None:
        """Take note that there is a file."""
        self.is_written = True

    @Slot()
    def _on_browse(self) -> None:
        name, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), self.file.text() or str(self._suggestion), self.file_filter()
        )
        if name:
            is_complete = Path(name).suffix.lower() in self.suffixes()
            self.file.setText(name if is_complete else name + self.suffixes()[0])  # "flight 2.5" is no suffix
