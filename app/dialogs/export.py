"""Save as training data: which layout, where to, and how far it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import (
    QComboBox,
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

from app.dialogs import files
from app.jobs import JobRunner
from app.progress import progress_text
from tracker.annotation.document import Document
from tracker.errors import ThermarkError
from tracker.formats import EXPORTERS, ExportOptions, ExportReport, GapRule, export
from tracker.jobs import Event, Job, Progress
from tracker.media.source import FrameSource

GAPS = {GapRule.REFUSE: "Name them and write nothing", GapRule.SPLIT: "Make a sequence of each part"}
SUFFIXES = {".png": "PNG", ".jpg": "PNG named .jpg, for loaders that want that name"}
WIDTH = 560


class ExportDialog(QDialog):
    """Exports a document. Modal, so that nothing else changes it meanwhile.

    Attributes:
        report: What was written, once the dialog is accepted.

    Args:
        document: What to export.
        source: Its clip; the export reads it through a reader of its own.
        parent: The window.
    """

    def __init__(self, document: Document, source: FrameSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._source = document, source
        self.setWindowTitle("Save as training data")
        self.setMinimumWidth(WIDTH)
        self.report: ExportReport | None = None
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.failed.connect(self._on_failed)
        self._runner.cancelled.connect(self._on_cancelled)
        self._make_fields()
        self._make_buttons()
        self._lay_out()
        self._show_choice()

    def _make_fields(self) -> None:
        self.format = QComboBox()
        self.format.setObjectName("exportFormat")
        for key, exporter in EXPORTERS.items():
            self.format.addItem(exporter.title, key)
        self.format.currentIndexChanged.connect(self._show_choice)
        self.gaps, self.suffix = QComboBox(), QComboBox()
        for box, choices in ((self.gaps, GAPS), (self.suffix, SUFFIXES)):
            for choice, text in choices.items():
                box.addItem(text, str(choice))
        self.folder = QLineEdit()
        self.folder.setObjectName("exportFolder")
        self.folder.setPlaceholderText("A new or an empty folder")
        self.folder.textChanged.connect(self._show_choice)
        self.browse_button = QPushButton("Choose…")
        self.browse_button.setAutoDefault(False)
        self.browse_button.clicked.connect(self._on_browse)
        self._message, self._detail, self._bar = QLabel(), QLabel(), QProgressBar()
        self._message.setWordWrap(True)
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._detail.setObjectName("muted")
        self._bar.setTextVisible(False)
        self._bar.hide()

    def _make_buttons(self) -> None:
        self._buttons = QDialogButtonBox()
        self.start_button = self._buttons.addButton("Save", QDialogButtonBox.ButtonRole.ActionRole)
        self.start_button.setDefault(True)
        self.start_button.clicked.connect(self.start)
        self._buttons.addButton(QDialogButtonBox.StandardButton.Cancel)
        self._buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.folder, stretch=1)
        row.addWidget(self.browse_button)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("Layout", self.format)
        form.addRow("Folder", row)
        form.addRow("Images", self.suffix)
        form.addRow("Frames not annotated", self.gaps)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addLayout(form)
        for widget in (self._message, self._bar, self._detail, self._buttons):
            column.addWidget(widget)

    @property
    def output(self) -> Path:
        """The folder written to."""
        return Path(self.folder.text()).expanduser()

    @property
    def message(self) -> str:
        """What the dialog says."""
        return str(self._message.text())

    def _tracks_text(self) -> str:
        tracks = len(self._document.tracks)
        return f"{tracks} track{'s' if tracks != 1 else ''}"

    @Slot()
    def _show_choice(self) -> None:
        self._message.setText(
            f"Writes {self._tracks_text()}: frames without loss, boxes, and where each box comes from."
        )
        self.start_button.setEnabled(bool(self.folder.text().strip()))

    @Slot()
    def _on_browse(self) -> None:
        folder = files.ask_folder(self, "Folder for the training data")
        if folder is not None:
            self.folder.setText(str(folder))

    @Slot()
    def start(self) -> None:
        """Begin to write."""
        key, output = str(self.format.currentData()), self.output.absolute()
        gaps, suffix = GapRule(self.gaps.currentData()), str(self.suffix.currentData())
        self._set_running(True)
        self._runner.start(self._job(key, output, ExportOptions(gaps, image_suffix=suffix)), name="export")

    def _job(self, key: str, output: Path, options: ExportOptions) -> Callable[[], Job[ExportReport]]:
        document, source = self._document, self._source

        def work() -> Job[ExportReport]:
            reader = source.reopen()
            try:
                return (yield from export(document, reader, key, output, options))
            finally:
                reader.close()

        return work

    def _set_running(self, is_running: bool) -> None:
        for widget in (
            self.format,
            self.folder,
            self.browse_button,
            self.gaps,
            self.suffix,
            self.start_button,
        ):
            widget.setEnabled(not is_running)
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
    def _on_succeeded(self, report: ExportReport) -> None:
        self.report = report
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
