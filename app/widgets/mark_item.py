"""A box on the canvas that is no track: dashed, with a word under it; it cannot be pulled."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.theme import DARK, with_alpha
from app.widgets.canvas_items import Look, paint_outline, readable_on, tag_font, to_rect
from tracker.geometry import Box

LOOK = Look(1.8, Qt.PenStyle.DashLine, 1.0)
ABOVE_BOXES = 24.0
MARGIN = 200.0  # frame pixels around the box that its word may take up


class MarkItem(QGraphicsItem):
    """A marked box.

    Args:
        colour: Name of its colour among the theme's.
    """

    def __init__(self, colour: str) -> None:
        super().__init__()
        self._colour = getattr(DARK, colour)  # a frame is as dark in the light theme
        self._box: Box | None = None
        self._text = ""
        self.setZValue(ABOVE_BOXES)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def box(self) -> Box | None:
        """What is shown."""
        return self._box

    @property
    def text(self) -> str:
        """The word under it."""
        return self._text

    def show_box(self, box: Box | None, text: str) -> None:
        """Show a box, or nothing."""
        if (box, text) != (self._box, self._text):
            self.prepareGeometryChange()
            self._box, self._text = box, text

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        if self._box is None:
            return QRectF()
        return to_rect(self._box).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint outline and word."""
        box = self._box
        if box is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_outline(painter, box, self._colour, LOOK)
        scale, metrics = painter.worldTransform().m11(), QFontMetricsF(tag_font())
        width, height = metrics.horizontalAdvance(self._text) + 10, metrics.height() + 2
        is_left = self._colour == DARK.live
        painter.translate(box.x if is_left else box.right, box.bottom)
        painter.scale(1 / scale, 1 / scale)
        rect = QRectF(-width if is_left else 0, 3, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(self._colour, 0.9))
        painter.drawRoundedRect(rect, 3, 3)
        painter.setFont(tag_font())
        painter.setPen(readable_on(self._colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._text)
