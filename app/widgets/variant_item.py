"""How the two sides of a replay are told apart, and their boxes on the canvas."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.theme import DARK, Colours, colours, with_alpha
from app.widgets.canvas_items import Look, paint_outline, readable_on, tag_font, to_rect
from tracker.geometry import Box
from tracker.tracking.replay_record import Side

LOOKS = {Side.A: Look(1.8, Qt.PenStyle.DashLine, 1.0), Side.B: Look(1.8, Qt.PenStyle.DashDotLine, 1.0)}
ABOVE_BOXES = 25.0
MARGIN = 40.0  # frame pixels around the box that its letter may take up


def variant_colour(side: Side, theme: Colours | None = None) -> QColor:
    """The colour of a side in a theme, by default the one in force; its letter always stands with it."""
    theme = theme or colours()
    return theme.accent if side is Side.A else theme.proposal


class VariantItem(QGraphicsItem):
    """A side's box: dashed, with its letter under a corner; it cannot be pulled."""

    def __init__(self, side: Side) -> None:
        super().__init__()
        self._side = side
        self._box: Box | None = None
        self.setZValue(ABOVE_BOXES)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    @property
    def box(self) -> Box | None:
        """What is shown."""
        return self._box

    def show_box(self, box: Box | None) -> None:
        """Show a box, or nothing."""
        if box != self._box:
            self.prepareGeometryChange()
            self._box = box

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        if self._box is None:
            return QRectF()
        return to_rect(self._box).adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint outline and letter."""
        if self._box is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = variant_colour(self._side, DARK)  # a frame is as dark in the light theme
        paint_outline(painter, self._box, colour, LOOKS[self._side])
        self._paint_letter(painter, self._box, colour)

    def _paint_letter(self, painter: QPainter, box: Box, colour: QColor) -> None:
        """Under the left corner for A, under the right one for B: both are read where the boxes are the same."""
        scale, metrics = painter.worldTransform().m11(), QFontMetricsF(tag_font())
        width, height = metrics.horizontalAdvance(self._side.name) + 10, metrics.height() + 2
        painter.translate(box.x if self._side is Side.A else box.right, box.bottom)
        painter.scale(1 / scale, 1 / scale)
        rect = QRectF(0 if self._side is Side.A else -width, 3, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(colour, 0.9))
        painter.drawRoundedRect(rect, 3, 3)
        painter.setFont(tag_font())
        painter.setPen(readable_on(colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._side.name)
