"""Draws regions on the canvas, selects them and pulls them; says what the user did, and changes nothing itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainterPath
from PySide6.QtWidgets import QApplication

from app.widgets.box_geometry import REACH, Handle, pulled
from app.widgets.canvas import Canvas
from app.widgets.canvas_items import CURSORS
from app.widgets.region_items import Grip, RegionItem, RegionMark, SketchItem, path_of
from tracker.annotation.regions import MOST_POINTS
from tracker.geometry import Box
from tracker.outline import Outline, Point, Shape, of_box

DECIMALS = 2
LEFT = Qt.MouseButton.LeftButton
CLOSING_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


@dataclass
class _Pull:
    """A region that is being moved or resized, where it is held, and how it was."""

    item: RegionItem
    grip: Grip
    start: QPointF
    original: Outline
    has_begun: bool = False


class RegionTool(QObject):
    """Sees what happens on the canvas before the canvas does, and takes what is about regions.

    Signals:
        drawn: (Shape, points) A region was drawn, in frame coordinates.
        moved: (int, points) This region was moved or resized.
        clicked: (int or None) A region, or none, was clicked.
        toolChanged: () Another shape, or none, is drawn by the mouse.
        held: (bool) A region is being pulled, or no longer.
    """

    drawn = Signal(object, object)
    moved = Signal(int, object)
    clicked = Signal(object)
    toolChanged = Signal()
    held = Signal(bool)

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._items: list[RegionItem] = []
        self._selected: int | None = None
        self.shape: Shape | None = None
        self._corners: list[Point] = []
        self._from: QPointF | None = None
        self._pull: _Pull | None = None
        self._sketch = SketchItem()
        canvas.scene().addItem(self._sketch)
        canvas.viewport().installEventFilter(self)
        canvas.installEventFilter(self)
        canvas.scaleChanged.connect(self._on_scale)
        canvas.drawModeChanged.connect(self._on_draw_mode)

    # What is shown

    @property
    def is_busy(self) -> bool:
        """Whether a region is being pulled or drawn: what is shown should stay."""
        return self._pull is not None or self._from is not None or bool(self._corners)

    def marks(self) -> list[RegionMark]:
        """The regions that are shown."""
        return [item.mark for item in self._items]

    def set_regions(self, marks: Sequence[RegionMark], selected: int | None) -> None:
        """Show these regions and no others."""
        scene, scale = self._canvas.scene(), self._canvas.view_scale
        for mark in marks[len(self._items) :]:
            item = RegionItem(mark, scale)
            self._items.append(item)
            scene.addItem(item)
        while len(self._items) > len(marks):
            scene.removeItem(self._items.pop())
        self._selected = selected
        for item, mark in zip(self._items, marks, strict=True):
            if item.mark != mark:
                item.show_mark(mark)
            item.set_selected(mark.region_id == selected)

    def set_shape(self, shape: Shape | None) -> None:
        """Let the mouse draw a region of this shape; None to draw none."""
        if shape is not None and self._canvas.image.isNull():
            return
        self._drop_sketch()
        self.shape = shape
        if shape is not None:
            self._canvas.set_draw_mode(False)
            self._canvas.setFocus()
        self._canvas.set_tool_cursor(None if shape is None else Qt.CursorShape.CrossCursor)
        self.toolChanged.emit()

    def cancel(self) -> None:
        """Give up what is being drawn or pulled."""
        if self._pull is not None:
            self._pull.item.show_outline(self._pull.original)
            self._end_pull()
        elif self.shape is not None:
            self.set_shape(None)

    @Slot()
    def _on_scale(self) -> None:
        for item in self._items:
            item.set_scale(self._canvas.view_scale)

    @Slot(bool)
    def _on_draw_mode(self, is_on: bool) -> None:
        if is_on and self.shape is not None:
            self.set_shape(None)

    # What happens

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take what is about regions."""
        if isinstance(event, QKeyEvent):
            return watched is self._canvas and self._on_key(event)
        if not isinstance(event, QMouseEvent) or watched is self._canvas or self._canvas.image.isNull():
            return False
        point = self._canvas.to_frame(event.position())
        match event.type():
            case QEvent.Type.MouseButtonPress:
                return self._on_press(event, point)
            case QEvent.Type.MouseButtonDblClick:
                return self._on_double_click(event, point)
            case QEvent.Type.MouseMove:
                self._on_move(point)
            case QEvent.Type.MouseButtonRelease if event.button() == LEFT:
                return self._on_release(point)
        return False  # the canvas reports the cursor

    def _on_key(self, event: QKeyEvent) -> bool:
        """Escape gives up; Enter closes a polygon, Backspace takes its last corner back."""
        if self.shape is None and self._pull is None:
            return False
        is_for_polygon = bool(self._corners) and event.key() in (*CLOSING_KEYS, Qt.Key.Key_Backspace)
        if event.key() != Qt.Key.Key_Escape and not is_for_polygon:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.cancel()
            elif event.key() == Qt.Key.Key_Backspace:
                self._corners.pop()
                self._show_polygon(None)
            else:
                self._close_polygon()
        return True

    def _on_press(self, event: QMouseEvent, point: QPointF) -> bool:
        if event.button() != LEFT or self._canvas.begins_pan(event) or self._canvas.is_drawing:
            return False
        if self.shape is not None:
            self._draw_from(self.shape, point)
            return True
        return self._take_hold(point)

    def _draw_from(self, shape: Shape, point: QPointF) -> None:
        if shape is Shape.SPOT:
            if self._is_in_frame(point):
                self._finish(shape, [_within_pixel(point.x(), point.y())])
        elif shape is Shape.POLYGON:
            self._add_corner(point)
        else:
            self._from = point

    def _take_hold(self, point: QPointF) -> bool:
        is_clear = not self._canvas.is_over_box(point)
        order = sorted(
            self._items,
            key=lambda each: (each.mark.region_id != self._selected, each.mark.outline.bounds.area),
        )
        for item in order:
            grip = item.grip_at(point, is_clear=is_clear)
            if grip is not None:
                outline = item.mark.outline
                self.clicked.emit(item.mark.region_id)
                self._pull = _Pull(item, grip, point, outline)
                self._canvas.set_tool_cursor(_cursor_of(grip))
                self.held.emit(True)
                return True
        if self._selected is not None:
            self.clicked.emit(None)
        return False

    def _on_double_click(self, event: QMouseEvent, point: QPointF) -> bool:
        if self.shape is Shape.POLYGON and event.button() == LEFT:
            self._close_polygon()
            return True
        return self._on_press(event, point)

    def _on_move(self, point: QPointF) -> None:
        if self._pull is not None:
            self._pull_to(self._pull, point)
        elif self._from is not None and self.shape is not None:
            outline = self._spanned(self._from, point)
            self._sketch.show_path(QPainterPath() if outline is None else path_of(outline))
        elif self._corners:
            self._show_polygon(point)

    def _on_release(self, point: QPointF) -> bool:
        if self._pull is not None:
            self._finish_pull(self._pull)
            return True
        if self._from is None:
            return self.shape is not None
        outline, self._from = self._spanned(self._from, point), None
        self._sketch.show_path(QPainterPath())
        if outline is not None:
            self._finish(outline.shape, list(outline.points))
        return True

    # Drawing

    def _spanned(self, start: QPointF, end: QPointF) -> Outline | None:
        """What the mouse spans; None while that is less than a pixel, or outside the frame."""
        box = Box.from_corners(*_rounded(start), *_rounded(end))
        if (
            self.shape is None
            or min(box.width, box.height) < 1
            or box.clipped(*self._canvas.frame_size) is None
        ):
            return None
        return Outline(self.shape, of_box(box).points)

    def _add_corner(self, point: QPointF) -> None:
        corner, reach = _rounded(point), REACH / self._canvas.view_scale
        if len(self._corners) >= 3:
            x, y = self._corners[0]
            if abs(x - corner[0]) <= reach and abs(y - corner[1]) <= reach:
                self._close_polygon()
                return
        if len(self._corners) < MOST_POINTS and corner not in self._corners[-1:]:
            self._corners.append(corner)
            self._show_polygon(None)

    def _close_polygon(self) -> None:
        if len(self._corners) >= 3:
            corners, self._corners = self._corners, []
            self._finish(Shape.POLYGON, corners)

    def _show_polygon(self, end: QPointF | None) -> None:
        path = QPainterPath()
        places = [QPointF(x, y) for x, y in self._corners] + ([] if end is None else [end])
        for number, place in enumerate(places):
            if number:
                path.lineTo(place)
            else:
                path.moveTo(place)
        self._sketch.show_path(path)

    def _finish(self, shape: Shape, points: list[Point]) -> None:
        self.set_shape(None)
        self.drawn.emit(shape, tuple(points))

    def _drop_sketch(self) -> None:
        self._corners, self._from = [], None
        self._sketch.show_path(QPainterPath())

    # Pulling

    def _pull_to(self, pull: _Pull, point: QPointF) -> None:
        by = point - pull.start
        if not pull.has_begun:
            if by.manhattanLength() * self._canvas.view_scale < QApplication.startDragDistance() / 3:
                return  # a hand that trembled during a click
            pull.has_begun = True
        pull.item.show_outline(_pulled(pull.original, pull.grip, by, self._canvas.frame_size))

    def _finish_pull(self, pull: _Pull) -> None:
        outline = pull.item.mark.outline
        self._end_pull()
        if outline != pull.original:
            self.moved.emit(pull.item.mark.region_id, outline.points)

    def _end_pull(self) -> None:
        self._pull = None
        self._canvas.set_tool_cursor(None)
        self.held.emit(False)

    def _is_in_frame(self, point: QPointF) -> bool:
        width, height = self._canvas.frame_size
        return 0 <= point.x() < width and 0 <= point.y() < height


def _pulled(outline: Outline, grip: Grip, by: QPointF, size: tuple[int, int]) -> Outline:
    """An outline after it was pulled; a part of it stays in the frame."""
    if grip.point is not None:
        points = list(outline.points)
        x, y = points[grip.point]
        points[grip.point] = round(x + by.x(), DECIMALS), round(y + by.y(), DECIMALS)
        return Outline(outline.shape, tuple(points))
    bounds = outline.bounds
    box = pulled(bounds, grip.handle, by.x(), by.y(), size)
    if outline.shape in (Shape.BOX, Shape.ELLIPSE):
        return Outline(
            outline.shape, tuple((round(x, DECIMALS), round(y, DECIMALS)) for x, y in of_box(box).points)
        )
    dx, dy = box.x - bounds.x, box.y - bounds.y
    if outline.shape is Shape.SPOT:
        return Outline(outline.shape, tuple(_within_pixel(x + dx, y + dy) for x, y in outline.points))
    return Outline(
        outline.shape, tuple((round(x + dx, DECIMALS), round(y + dy, DECIMALS)) for x, y in outline.points)
    )


def _cursor_of(grip: Grip) -> Qt.CursorShape:
    return CURSORS[grip.handle if grip.point is None else Handle(0, 0)]


def _rounded(point: QPointF) -> Point:
    return round(point.x(), DECIMALS), round(point.y(), DECIMALS)


def _within_pixel(x: float, y: float) -> Point:
    """A spot with fewer decimals, in the same pixel: rounding could put it into the next one, or out of the frame."""
    steps = 10**DECIMALS
    return math.floor(x * steps) / steps, math.floor(y * steps) / steps
