"""The true box and an evaluated tracker's on the canvas, while a frame of a benchmark is looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDockWidget

from app.evaluating import Evaluator
from app.session import Session
from app.widgets.canvas import Canvas
from app.widgets.mark_item import MarkItem


class EvaluationMarks(QObject):
    """Keeps two items on the canvas in step with the shown frame.

    Attributes:
        true: The true box.
        found: The tracker's.
    """

    def __init__(self, session: Session, evaluator: Evaluator, dock: QDockWidget, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._session, self._evaluator, self._is_on = session, evaluator, False
        self.true, self.found = MarkItem("live"), MarkItem("proposal")
        for item in (self.true, self.found):
            canvas.scene().addItem(item)
        session.frameShown.connect(self._refresh)
        evaluator.visited.connect(self._refresh)
        dock.visibilityChanged.connect(self._on_dock_visible)

    @Slot(bool)
    def _on_dock_visible(self, is_visible: bool) -> None:
        self._is_on = is_visible
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        shown, moment = self._session.shown, self._evaluator.moment
        if not self._is_on or shown is None or moment is None:
            self.true.show_box(None, "")
            self.found.show_box(None, "")
            return
        true, found = self._evaluator.boxes(shown.index)
        self.true.show_box(true, "true")
        self.found.show_box(found, moment.course.tracker)
