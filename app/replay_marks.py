"""The boxes of both sides of a replay on the canvas, while its dock is shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDockWidget

from app.replay import Replayer
from app.session import Session
from app.widgets.canvas import Canvas
from app.widgets.variant_item import VariantItem
from tracker.tracking.replay_record import Side


class ReplayMarks(QObject):
    """Keeps two items on the canvas in step with the shown frame.

    Attributes:
        items: A's and B's.
    """

    def __init__(self, session: Session, replayer: Replayer, dock: QDockWidget, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._session, self._replayer, self._is_on = session, replayer, False
        self.items = {side: VariantItem(side) for side in Side}
        for item in self.items.values():
            canvas.scene().addItem(item)
        session.frameShown.connect(self._refresh)
        replayer.compared.connect(self._refresh)
        dock.visibilityChanged.connect(self._on_dock_visible)

    @Slot(bool)
    def _on_dock_visible(self, is_visible: bool) -> None:
        self._is_on = is_visible
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        shown = self._session.shown
        for side, item in self.items.items():
            is_there = self._is_on and shown is not None
            item.show_box(self._replayer.box(side, shown.index) if is_there and shown is not None else None)
