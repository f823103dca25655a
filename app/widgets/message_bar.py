"""A message over the window's content: it says what happened, stops nobody, and can offer what to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from app.theme import icon
from tracker.errors import ThermarkError

INFO_MS = 8000
MARGIN = 12
WIDEST = 720

Offer = tuple[str, Callable[[], object]]
"""Text of a button, and what it does."""


class Kind(Enum):
    """What a message is; the value is the name of its icon."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class MessageBar(QFrame):
    """One message at a time, at the top of its parent; news leave by themselves, errors stay until closed.

    Signals:
        closed: () It is gone.
    """

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self.setObjectName("messageBar")
        self.setAccessibleName("Message")
        self._icon, self._text, self._more = QLabel(), QLabel(), QLabel()
        self._more.setObjectName("messageDetail")
        for label in (self._text, self._more):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._offers = QHBoxLayout()
        self._buttons: list[QPushButton] = []
        self._close = QToolButton()
        self._close.setIcon(icon("close"))
        self._close.setToolTip("Close")
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.dismiss)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self.dismiss)
        self._lay_out()
        parent.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._text)
        texts.addWidget(self._more)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 8, 10)
        row.setSpacing(12)
        row.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(texts, stretch=1)
        row.addLayout(self._offers)
        row.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)

    @property
    def text(self) -> str:
        """All that the message says; empty while there is none."""
        return f"{self._text.text()} {self._more.text()}".strip() if self.isVisibleTo(self._parent) else ""

    @Slot(object)
    def show_error(self, error: ThermarkError) -> None:
        """Say what went wrong, where, and what to do."""
        what = error.what[:1].upper() + error.what[1:]
        self.show_message(what, "\n".join(part for part in (error.where, error.todo) if part), Kind.ERROR)

    def show_message(
        self, text: str, more: str = "", kind: Kind = Kind.INFO, offers: Sequence[Offer] = ()
    ) -> None:
        """Show a message.

        Args:
            text: The message.
            more: What else there is to say, less prominent.
            kind: What it is.
            offers: Buttons; each closes the message.
        """
        self._text.setText(text)
        self._more.setText(more)
        self._more.setVisible(bool(more))
        self._icon.setPixmap(icon(kind.value).pixmap(QSize(20, 20), self.devicePixelRatioF()))
        self.setProperty("kind", kind.value)
        self.style().unpolish(self)
        self.style().polish(self)
        self._set_offers(offers)
        self.show()
        self.raise_()
        self._place()
        self._timer.stop()
        if kind is Kind.INFO and not offers:
            self._timer.start(INFO_MS)

    @property
    def offers(self) -> list[QPushButton]:
        """The buttons of the message."""
        return list(self._buttons)

    def _set_offers(self, offers: Sequence[Offer]) -> None:
        for button in self._buttons:
            self._offers.removeWidget(button)
            button.setParent(None)
            button.deleteLater()  # it may be the one that is being pressed
        self._buttons = []
        for text, action in offers:
            button = QPushButton(text)
            button.clicked.connect(self.dismiss)
            button.clicked.connect(lambda _checked=False, act=action: act())
            self._buttons.append(button)
            self._offers.addWidget(button)
            button.show()  # the layout leaves room for it only then

    @Slot()
    def dismiss(self) -> None:
        """Close the message."""
        self._timer.stop()
        self.hide()
        self.closed.emit()

    def _place(self) -> None:
        room = self._parent.width()
        width = max(min(WIDEST, room - 2 * MARGIN), 1)
        self._row.invalidate()
        self._row.activate()  # or the height would be that of the message before
        height = max(self._row.totalHeightForWidth(width), self._row.totalMinimumSize().height())
        self.setGeometry((room - width) // 2, MARGIN, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep its place when the parent changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
