"""A dialog that asks a few things and then does long work: fields, a message, a bar, one button to start."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from app.jobs import JobRunner
from app.progress import progress_text
from tracker.errors import ThermarkError
from tracker.jobs import Event, Job, Progress

WIDTH = 560


class JobDialog(QDialog):
    """Runs a job with progress; cancelling takes away what was written before the dialog closes.

    Qt's classes have a metaclass of their own, so this one is abstract to the type checker alone.

    Attributes:
        form: The fields; rows are added by the dialogs that are made of this one.
        start_button: Starts.

    Args:
        title: Of the dialog.
        verb: On the button that starts.
        parent: The window.
    """

    def __init__(self, title: str, verb: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(WIDTH)
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.failed.connect(self._on_failed)
        self._runner.cancelled.connect(self._on_cancelled)
        self._fields: list[QWidget] = []
        self.form = QFormLayout()
        self.form.setSpacing(10)
        self._message, self._detail, self._bar = QLabel(), QLabel(), QProgressBar()
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setObjectName("muted")
        self._bar.setTextVisible(False)
        self._bar.hide()
        self._buttons = QDialogButtonBox()
        self.start_button = self._buttons.addButton(verb, QDialogButtonBox.ButtonRole.ActionRole)
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(self.start)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.rejected.connect(self.reject)
        self._lay_out()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addLayout(self.form)
        for widget in (self._message, self._bar, self._detail, self._buttons):
            column.addWidget(widget)

    def add_row(self, label: str, *widgets: QWidget) -> None:
        """A row of fields, which rest while the job runs."""
        self._fields += widgets
        if len(widgets) == 1:
            self.form.addRow(label, widgets[0])
            return
        row = QHBoxLayout()
        for n, widget in enumerate(widgets):
            row.addWidget(widget, stretch=0 if n else 1)
        self.form.addRow(label, row)

    def path_field(self, name: str, hint: str) -> QLineEdit:
        """A field for a path."""
        field = QLineEdit()
        field.setObjectName(name)
        field.setPlaceholderText(hint)
        return field

    def make_browse_button(self, slot: Callable[[], None], text: str = "Choose…") -> QPushButton:
        """A button beside a field for a path."""
        button = QPushButton(text)
        button.setAutoDefault(False)
        button.clicked.connect(slot)
        return button

    @property
    def message(self) -> str:
        """What the dialog says."""
        return str(self._message.text())

    def say(self, text: str) -> None:
        """Show a message under the fields."""
        self._message.setText(text)

    @Slot()
    def start(self) -> None:
        """Begin."""
        work = self.work()
        self._set_running(True)
        self._runner.start(work, name=self.windowTitle())

    @abstractmethod
    def work(self) -> Callable[[], Job[Any]]:
        """What makes the job, from the fields as they are; for the dialogs made of this one."""

    @abstractmethod
    def done_with(self, report: Any) -> None:
        """Take what the job has made; for the dialogs made of this one."""

    def rest(self) -> None:
        """Bring fields that depend on others into order after a run; for the dialogs made of this one."""

    def _set_running(self, is_running: bool) -> None:
        for widget in (*self._fields, self.start_button):
            widget.setEnabled(not is_running)
        if not is_running:
            self.rest()
        self._bar.setVisible(is_running)
        self._bar.setRange(0, 0)
        self._detail.clear()

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Progress):
            self._bar.setRange(0, event.total or 0)
            self._bar.setValue(event.done)
            self._detail.setText(progress_text(event))

    @Slot(object)
    def _on_succeeded(self, report: object) -> None:
        self.done_with(report)
        self.accept()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self._set_running(False)
        self._message.setText(error.message)

    @Slot()
    def _on_cancelled(self) -> None:
        self._set_running(False)
        super().reject()

    def reject(self) -> None:
        """Cancel: while it is writing, what was written is taken away before the dialog closes."""
        if self._runner.is_running:
            self._detail.setText("Cancelling…")
            self._runner.cancel()
        else:
            super().reject()
