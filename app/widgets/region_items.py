"""Regions and hottest pixels over the frame. Frame coordinates; lines and labels keep their size on the screen."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPainterPathStroker, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.theme import with_alpha
from app.widgets.box_geometry import HANDLES, INSIDE, REACH, Handle, grip, handle_at, handle_position
from app.widgets.canvas_items import HANDLE_PX, TAG_PADDING, readable_on, tag_font, to_rect
from tracker.outline import Outline, Shape
from tracker.output.shapes import region_colour

SPOT_PX = 7.0
PEAK_PX = 6.0
MARGIN = 60.0
"""Screen pixels around a region that its label and handles may take up."""

LABEL_WIDTH = 320.0
ABOVE_BOXES = 20.0
SKETCH = region_colour(1)
RIM = QColor(0, 0, 0, 200)


@dataclass(frozen=True)
class RegionMark:
    """A region to be shown.

    Attributes:
        region_id: Which.
        outline: Where.
        text: For the label: its name and value.
        is_movable: Whether it can be taken hold of on the canvas.
        is_low: Whether the frame ends below it, so that the label goes beside it.
    """

    region_id: int
    outline: Outline
    text: str
    is_movable: bool = True
    is_low: bool = False


@dataclass(frozen=True)
class Grip:
    """Where a region is held: a handle of its bounds, its inside, or one of its points."""

    handle: Handle = INSIDE
    point: int | None = None


def path_of(outline: Outline) -> QPainterPath:
    """The line around an outline; of a spot, its pixel."""
    path = QPainterPath()
    if outline.shape is Shape.POLYGON:
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in outline.points]))
        path.closeSubpath()
    elif outline.shape is Shape.ELLIPSE:
        path.addEllipse(to_rect(outline.bounds))
    else:
        path.addRect(to_rect(outline.bounds))
    return path


class RegionItem(QGraphicsItem):
    """A region with its label, and handles where it is selected."""

    def __init__(self, mark: RegionMark, scale: float) -> None:
        super().__init__()
        self.mark, self._scale, self._is_selected = mark, scale, False
        self.setZValue(ABOVE_BOXES)

    def show_mark(self, mark: RegionMark) -> None:
        """Show another region, or the same elsewhere."""
        self.prepareGeometryChange()
        self.mark = mark
        self.update()

    def show_outline(self, outline: Outline) -> None:
        """Show the same region elsewhere."""
        self.show_mark(replace(self.mark, outline=outline))

    def set_scale(self, scale: float) -> None:
        """Follow the zoom: `scale` screen pixels per frame pixel."""
        self.prepareGeometryChange()
        self._scale = scale

    def set_selected(self, is_selected: bool) -> None:
        """Show handles or not."""
        if is_selected != self._is_selected:
            self._is_selected = is_selected
            self.prepareGeometryChange()

    def grip_at(self, point: QPointF, *, is_clear: bool) -> Grip | None:
        """What of the region is at a point of the frame.

        Args:
            point: The point.
            is_clear: Whether nothing else is there, so that the inside of the region counts as well.
        """
        if not self.mark.is_movable:
            return None
        outline, reach = self.mark.outline, REACH / self._scale
        if outline.shape is Shape.SPOT:
            (x, y), *_ = outline.points
            return Grip() if abs(point.x() - x) <= reach and abs(point.y() - y) <= reach else None
        if self._is_selected:
            return self._handle_at(point)
        path = path_of(outline)
        if is_clear and path.contains(point):
            return Grip()
        stroker = QPainterPathStroker()
        stroker.setWidth(2 * reach)
        return Grip() if stroker.createStroke(path).contains(point) else None

    def _handle_at(self, point: QPointF) -> Grip | None:
        outline, reach = self.mark.outline, REACH / self._scale
        if outline.shape is not Shape.POLYGON:
            handle = handle_at(outline.bounds, point.x(), point.y(), self._scale)
            return None if handle is None else Grip(handle)
        for number, (x, y) in enumerate(outline.points):
            if abs(point.x() - x) <= reach and abs(point.y() - y) <= reach:
                return Grip(point=number)
        return Grip() if path_of(outline).contains(point) else None

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        margin = MARGIN / self._scale
        area = grip(self.mark.outline.bounds, self._scale)
        rect = to_rect(area).adjusted(-margin, -margin, margin, margin)
        rect.setWidth(rect.width() + LABEL_WIDTH / self._scale)
        return rect

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(region_colour(self.mark.region_id))
        if self.mark.is_movable:
            self._paint_line(painter, colour)
        if self._is_selected and self.mark.is_movable:
            self._paint_handles(painter)
        self._paint_label(painter, colour)

    def _paint_line(self, painter: QPainter, colour: QColor) -> None:
        """A region that is a target's box has none: it would hide the box and its handles."""
        path = path_of(self.mark.outline)
        if self.mark.outline.shape is Shape.SPOT:
            (x, y), *_ = self.mark.outline.points
            path = _cross(QPointF(x, y), SPOT_PX / self._scale)
        width, style = (2.0, Qt.PenStyle.SolidLine) if self._is_selected else (1.4, Qt.PenStyle.DashLine)
        painter.setBrush(with_alpha(colour, 0.10) if self._is_selected else Qt.BrushStyle.NoBrush)
        stroke(painter, path, colour, width, style)

    def _paint_handles(self, painter: QPainter) -> None:
        outline, half = self.mark.outline, HANDLE_PX / 2 / self._scale
        if outline.shape is Shape.SPOT:
            return
        places = outline.points
        if outline.shape is not Shape.POLYGON:
            places = tuple(handle_position(outline.bounds, each, self._scale) for each in HANDLES)
        painter.setPen(cosmetic(QColor("#101010"), 1.0))
        painter.setBrush(QColor("#ffffff"))
        for x, y in places:
            painter.drawEllipse(QRectF(x - half, y - half, 2 * half, 2 * half))

    def _paint_label(self, painter: QPainter, colour: QColor) -> None:
        """Below the region, where no box has its own, or beside it."""
        metrics = QFontMetricsF(tag_font())
        width, height = metrics.horizontalAdvance(self.mark.text) + 2 * TAG_PADDING, metrics.height() + 2
        bounds = self.mark.outline.bounds
        painter.save()
        gap = SPOT_PX if self.mark.outline.shape is Shape.SPOT else 5.0
        if self._is_under_tag(height):
            gap += height + HANDLE_PX / 2 + 3
        painter.translate(bounds.right if self.mark.is_low else bounds.x, bounds.bottom)
        painter.scale(1 / self._scale, 1 / self._scale)
        rect = QRectF(gap, -height, width, height) if self.mark.is_low else QRectF(0, gap, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(colour, 0.95 if self._is_selected else 0.78))
        painter.drawRoundedRect(rect, 3, 3)
        painter.setFont(tag_font())
        painter.setPen(readable_on(colour))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self.mark.text)
        painter.restore()

    def _is_under_tag(self, height: float) -> bool:
        """Whether the region is a target's box that is so near the top of the frame that its own label is below it."""
        top = grip(self.mark.outline.bounds, self._scale).y * self._scale
        return not self.mark.is_movable and not self.mark.is_low and top < height + HANDLE_PX / 2 + 3


class SketchItem(QGraphicsItem):
    """The region that is being drawn."""

    def __init__(self) -> None:
        super().__init__()
        self._path = QPainterPath()
        self.setZValue(ABOVE_BOXES + 10)

    def show_path(self, path: QPainterPath) -> None:
        """Show a line; an empty one for nothing."""
        self.prepareGeometryChange()
        self._path = path

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        return self._path.boundingRect().adjusted(-2, -2, 2, 2) if not self._path.isEmpty() else QRectF()

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint it."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        stroke(painter, self._path, QColor(SKETCH), 1.6)


class PeakItem(QGraphicsItem):
    """Marks hottest pixels, each with its value where that is not said elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.peaks: tuple[Peak, ...] = ()
        self._scale = 1.0
        self.setZValue(ABOVE_BOXES + 5)

    def show_peaks(self, peaks: tuple[Peak, ...], scale: float) -> None:
        """Mark these pixels and no others."""
        if (peaks, scale) != (self.peaks, self._scale):
            self.prepareGeometryChange()
            self.peaks, self._scale = peaks, scale

    def boundingRect(self) -> QRectF:
        """All that is painted."""
        if not self.peaks:
            return QRectF()
        xs, ys, margin = [p.x for p in self.peaks], [p.y for p in self.peaks], 120 / self._scale
        rect = QRectF(QPointF(min(xs), min(ys)), QPointF(max(xs), max(ys)))
        return rect.adjusted(-margin, -margin, margin, margin)

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint them."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for peak in self.peaks:
            colour = QColor(peak.colour)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            stroke(painter, _triangle(peak, PEAK_PX / self._scale), colour, 1.6)
            if peak.text:
                painter.save()
                painter.translate(peak.x, peak.y)
                painter.scale(1 / self._scale, 1 / self._scale)
                label = QPainterPath()
                label.addText(QPointF(PEAK_PX + 3, -PEAK_PX), tag_font(), peak.text)
                painter.strokePath(label, QPen(RIM, 3))
                painter.fillPath(label, colour)
                painter.restore()


@dataclass(frozen=True)
class Peak:
    """A hottest pixel: the place of its centre, its colour, and its value or nothing."""

    x: float
    y: float
    colour: str
    text: str = ""


def stroke(
    painter: QPainter,
    path: QPainterPath,
    colour: QColor,
    width: float,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
) -> None:
    """A line over a dark rim, so that it can be seen on its own colour in a palette."""
    sharpness, brush = painter.device().devicePixelRatioF(), painter.brush()
    painter.setPen(cosmetic(RIM, (width + 2.2) * sharpness))
    painter.drawPath(path)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(cosmetic(colour, width * sharpness, style))
    painter.drawPath(path)
    painter.setBrush(brush)


def cosmetic(colour: QColor, width: float, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """A pen of the same width at every zoom."""
    pen = QPen(colour, width, style)
    pen.setCosmetic(True)
    return pen


def _cross(at: QPointF, reach: float) -> QPainterPath:
    path = QPainterPath()
    for dx, dy in ((reach, 0.0), (0.0, reach)):
        path.moveTo(at - QPointF(dx, dy))
        path.lineTo(at + QPointF(dx, dy))
    return path


def _triangle(peak: Peak, reach: float) -> QPainterPath:
    """Points down at the pixel from above."""
    path = QPainterPath(QPointF(peak.x, peak.y))
    path.lineTo(peak.x - 0.6 * reach, peak.y - reach)
    path.lineTo(peak.x + 0.6 * reach, peak.y - reach)
    path.closeSubpath()
    return path
