"""Shown while a clip is scanned: how far it is, how long it takes, and a way out."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.progress import progress_text
from tracker.jobs import Progress

WIDTH = 420


class OpeningPage(QWidget):
    """Progress of one job.

    Signals:
        cancelRequested: () The user wants it stopped.
    """

    cancelRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("openingPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stage, self._detail, self._bar = QLabel(), QLabel(), QProgressBar()
        self._detail.setObjectName("muted")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(WIDTH)
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.cancelRequested)
        column = QVBoxLayout(self)
        column.setSpacing(10)
        column.addStretch(2)
        for widget in (self._stage, self._bar, self._detail, cancel):
            column.addWidget(widget, alignment=Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)

    def begin(self, name: str) -> None:
        """A job about `name` has been started."""
        self._stage.setText(f"Opening {name}")
        self._detail.setText(" ")
        self._bar.setRange(0, 0)

    @Slot(object)
    def show_progress(self, progress: Progress) -> None:
        """It has come so far."""
        self._stage.setText(progress.stage)
        self._bar.setRange(0, progress.total or 0)
        self._bar.setValue(progress.done)
        self._detail.setText(progress_text(progress) or " ")
