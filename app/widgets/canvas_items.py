"""What lies on the canvas: the frame, a similarity map over it, boxes, and the box being drawn.

Frame coordinates throughout: pixel edges at integers. Lines, handles and labels keep their size on screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.theme import colours, with_alpha
from app.widgets.box_geometry import HANDLES, INSIDE, Handle, grip, handle_at, handle_position
from tracker.annotation.track import Presence, Provenance
from tracker.geometry import Box

HANDLE_PX = 8.0
TAG_PX = 12
TAG_PADDING = 5.0
SEARCH_MARGIN = 40.0
"""Screen pixels around a box that its label may take up."""


@dataclass(frozen=True)
class BoxMark:
    """A box to be shown.

    Attributes:
        track_id: Whose it is.
        box: Where.
        colour: Colour of the track, "#rrggbb".
        text: For the label beside it.
        provenance: Decides how it is drawn.
        presence: VISIBLE or OCCLUDED.
        is_proposal: Whether it comes from a tracking run that is not merged yet.
    """

    track_id: int
    box: Box
    colour: str
    text: str
    provenance: Provenance = Provenance.MANUAL
    presence: Presence = Presence.VISIBLE
    is_proposal: bool = False


@dataclass(frozen=True)
class Look:
    """How the outline of a box is drawn."""

    width: float
    style: Qt.PenStyle
    opacity: float


LOOKS = {
    Provenance.NONE: Look(1.2, Qt.PenStyle.DashLine, 0.95),
    Provenance.MANUAL: Look(2.2, Qt.PenStyle.SolidLine, 1.0),
    Provenance.TRACKED: Look(1.3, Qt.PenStyle.SolidLine, 0.95),
    Provenance.INTERPOLATED: Look(1.3, Qt.PenStyle.DotLine, 0.65),
    Provenance.IMPORTED: Look(1.3, Qt.PenStyle.DashDotLine, 0.9),
}
PROPOSAL_LOOK = Look(1.6, Qt.PenStyle.DashLine, 1.0)

CURSORS = {
    Handle(-1, -1): Qt.CursorShape.SizeFDiagCursor,
    Handle(1, 1): Qt.CursorShape.SizeFDiagCursor,
    Handle(1, -1): Qt.CursorShape.SizeBDiagCursor,
    Handle(-1, 1): Qt.CursorShape.SizeBDiagCursor,
    Handle(-1, 0): Qt.CursorShape.SizeHorCursor,
    Handle(1, 0): Qt.CursorShape.SizeHorCursor,
    Handle(0, -1): Qt.CursorShape.SizeVerCursor,
    Handle(0, 1): Qt.CursorShape.SizeVerCursor,
    INSIDE: Qt.CursorShape.SizeAllCursor,
}


def to_rect(box: Box) -> QRectF:
    """A box as Qt's rectangle."""
    return QRectF(box.x, box.y, box.width, box.height)


class ImageItem(QGraphicsItem):
    """An image over a part of the frame: the frame itself, or a similarity map."""

    def __init__(self, z: float, *, is_smooth: bool) -> None:
        super().__init__()
        self.setZValue(z)
        self._image, self._rect, self._is_smooth = QImage(), QRectF(), is_smooth

    @property
    def image(self) -> QImage:
        """What is shown; null for nothing."""
        return self._image

    def show_image(self, image: QImage, rect: QRectF) -> None:
        """Show `image` over `rect`."""
        if rect != self._rect:
            self.prepareGeometryChange()
        self._image, self._rect = image, rect
        self.update()

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        return self._rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it."""
        # Enlarged pixels stay crisp, since they are what the sensor saw; a shrunken frame is averaged.
        is_shrunken = painter.worldTransform().m11() < 1
        hint = QPainter.RenderHint.SmoothPixmapTransform
        painter.setRenderHint(hint, self._is_smooth or is_shrunken)
        painter.drawImage(self._rect, self._image)


class BoxItem(QGraphicsItem):
    """A box with its label, and handles where it is selected."""

    def __init__(self, mark: BoxMark, scale: float) -> None:
        super().__init__()
        self.mark, self._scale = mark, scale
        self._is_selected = False
        self.setZValue(10)

    def show_mark(self, mark: BoxMark) -> None:
        """Show another box, or the same elsewhere."""
        if mark != self.mark:
            self.prepareGeometryChange()
            self.mark = mark
            self.update()

    def set_scale(self, scale: float) -> None:
        """Follow the zoom: `scale` screen pixels per frame pixel."""
        self.prepareGeometryChange()
        self._scale = scale

    def set_selected(self, is_selected: bool) -> None:
        """Show the handles, and lie above the others."""
        if is_selected == self._is_selected:
            return
        self._is_selected = is_selected
        self.setZValue(20 if is_selected else 10)
        self.update()

    def handle_at(self, point: QPointF) -> Handle | None:
        """The part of the box at a point of the frame: a handle only where they are shown."""
        found = handle_at(self.mark.box, point.x(), point.y(), self._scale)
        if self._is_selected or found is None:
            return found
        return INSIDE if to_rect(self._grabbable()).contains(point) else None

    def _grabbable(self) -> Box:
        """An unselected box: a little more than itself, or a tiny one could not be hit."""
        box, least = self.mark.box, 12 / self._scale
        return Box.from_centre(*box.centre, max(box.width, least), max(box.height, least))

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        margin = SEARCH_MARGIN / self._scale
        rect = to_rect(grip(self.mark.box, self._scale)).adjusted(-margin, -margin, margin, margin)
        rect.setWidth(max(rect.width(), 300 / self._scale))  # the label may be wider than the box
        return rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it."""
        look = PROPOSAL_LOOK if self.mark.is_proposal else LOOKS[self.mark.provenance]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setOpacity(look.opacity * (0.6 if self.mark.presence is Presence.OCCLUDED else 1.0))
        paint_outline(painter, self.mark.box, self._colour(), look)
        painter.setOpacity(1.0)
        self._paint_tag(painter)
        if self._is_selected:
            self._paint_handles(painter)

    def _colour(self) -> QColor:
        return colours().proposal if self.mark.is_proposal else QColor(self.mark.colour)

    def _paint_handles(self, painter: QPainter) -> None:
        half = HANDLE_PX / 2 / self._scale
        painter.setPen(_cosmetic(QColor("#101010"), 1.0))
        painter.setBrush(QColor("#ffffff"))
        for handle in HANDLES:
            x, y = handle_position(self.mark.box, handle, self._scale)
            painter.drawRect(QRectF(x - half, y - half, 2 * half, 2 * half))

    def _paint_tag(self, painter: QPainter) -> None:
        """The label above the box, or below it where the frame ends above; in screen pixels."""
        area = grip(self.mark.box, self._scale) if self._is_selected else self.mark.box
        font = tag_font()
        metrics = QFontMetricsF(font)
        height = metrics.height() + 2
        width = metrics.horizontalAdvance(self.mark.text) + 2 * TAG_PADDING
        gap = HANDLE_PX / 2 + 3 if self._is_selected else 3.0
        is_below = area.y * self._scale < height + gap
        painter.save()
        painter.translate(area.x, area.bottom if is_below else area.y)
        painter.scale(1 / self._scale, 1 / self._scale)
        rect = QRectF(0, gap if is_below else -height - gap, width, height)
        self._paint_tag_rect(painter, rect, font)
        painter.restore()

    def _paint_tag_rect(self, painter: QPainter, rect: QRectF, font: QFont) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(self._colour(), 0.95 if self._is_selected else 0.7))
        painter.drawRoundedRect(rect, 3, 3)
        painter.setFont(font)
        painter.setPen(readable_on(self._colour()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.mark.text)


class RubberBandItem(QGraphicsItem):
    """The box that is being drawn, with its size."""

    def __init__(self) -> None:
        super().__init__()
        self.box: Box | None = None
        self._scale = 1.0
        self.setZValue(30)

    def show_box(self, box: Box | None, scale: float) -> None:
        """Show a box, or nothing."""
        self.prepareGeometryChange()
        self.box, self._scale = box, scale

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        if self.box is None:
            return QRectF()
        margin = SEARCH_MARGIN / self._scale
        return to_rect(self.box).adjusted(-margin, -margin, 3 * margin, margin)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it."""
        if self.box is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(to_rect(self.box), with_alpha(colours().manual, 0.12))
        paint_outline(painter, self.box, colours().manual, Look(1.5, Qt.PenStyle.SolidLine, 1.0))
        painter.translate(self.box.right, self.box.bottom)
        painter.scale(1 / self._scale, 1 / self._scale)
        painter.setFont(tag_font())
        text = f"{self.box.width:.0f} × {self.box.height:.0f}"
        path = QPainterPath()
        path.addText(QPointF(6, 14), tag_font(), text)
        painter.strokePath(path, QPen(QColor(0, 0, 0, 190), 3))
        painter.fillPath(path, colours().manual)


def paint_outline(painter: QPainter, box: Box, colour: QColor, look: Look) -> None:
    """A box's outline over a dark rim, so that it can be seen on its own colour in a palette, and on white."""
    sharpness = painter.device().devicePixelRatioF()  # cosmetic widths are in physical pixels
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(_cosmetic(QColor(0, 0, 0, 200), (look.width + 2.4) * sharpness))
    painter.drawRect(to_rect(box))
    painter.setPen(_cosmetic(colour, look.width * sharpness, look.style))
    painter.drawRect(to_rect(box))


def _cosmetic(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    pen = QPen(colour, width, style)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def tag_font() -> QFont:
    """The font of labels on the canvas."""
    font = QFont()
    font.setPixelSize(TAG_PX)
    font.setWeight(QFont.Weight.DemiBold)
    return font


def readable_on(colour: QColor) -> QColor:
    """Black or white, whichever is read more easily on `colour` (relative luminance as in WCAG 2)."""
    channels = (colour.redF(), colour.greenF(), colour.blueF())
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = math.fsum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return QColor("#101214") if luminance > 0.18 else QColor("#ffffff")
