"""An offer to say that the target cannot be seen in a stretch of frames: nothing is written until it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from tracker.annotation.track import Presence
from tracker.tracking.presence import Hidden

ANSWERS = (
    (Presence.ABSENT, "Not to be seen", "Mark these frames as absent: nobody can tell where the target is"),
    (Presence.OUT_OF_VIEW, "Out of view", "Mark these frames as out of view: the target has left the frame"),
    (Presence.VISIBLE, "Still there", "The boxes are right: accept these frames"),
)


class PresenceOffer(QFrame):
    """Shows one stretch at a time, the one at the playhead or the next, and takes the answer.

    Signals:
        frameRequested: (int) The user wants to see where it begins.
        answered: (Hidden, Presence) What the target is in this stretch; visible where its boxes are right.
    """

    frameRequested = Signal(int)
    answered = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("presenceOffer")
        self._spans: list[Hidden] = []
        self._frame = 0
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.show_button = QPushButton("Show")
        self.show_button.setToolTip("Go to the first of these frames")
        self.show_button.clicked.connect(self._on_show)
        self.buttons = {presence: QPushButton(title) for presence, title, _ in ANSWERS}
        for presence, _, tip in ANSWERS:
            self.buttons[presence].setToolTip(tip)
            self.buttons[presence].clicked.connect(partial(self._on_answer, presence))
        self._lay_out()
        self.show_spans([])

    def _lay_out(self) -> None:
        column, head, row = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self.text, 1)
        head.addWidget(self.show_button)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addStretch(1)
        column.addLayout(head)
        column.addLayout(row)

    @property
    def span(self) -> Hidden | None:
        """The stretch that is offered."""
        ahead = next((span for span in self._spans if span.stop > self._frame), None)
        return ahead or next(iter(self._spans), None)

    def show_spans(self, spans: Sequence[Hidden]) -> None:
        """Offer these stretches, ascending."""
        self._spans = list(spans)
        self._refresh()

    def set_frame(self, frame: int) -> None:
        """Offer the stretch at a frame, or the next one after it."""
        self._frame = frame
        self._refresh()

    def _refresh(self) -> None:
        span = self.span
        self.setVisible(span is not None)
        if span is not None:
            place = self._spans.index(span) + 1
            which = f" ({place} of {len(self._spans)})" if len(self._spans) > 1 else ""
            what = "out of view" if span.presence is Presence.OUT_OF_VIEW else "not to be seen"
            self.text.setText(f"Probably {what} in frames {span.start}–{span.stop - 1}{which}")
            for presence, button in self.buttons.items():
                button.setDefault(presence is span.presence)

    def _on_show(self) -> None:
        if self.span is not None:
            self.frameRequested.emit(self.span.start)

    def _on_answer(self, presence: Presence, _checked: bool = False) -> None:
        if self.span is not None:
            self.answered.emit(self.span, presence)
