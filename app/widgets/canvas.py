"""The canvas: a frame with the boxes on it, to draw and to pull."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QApplication, QWidget

from app.theme import colours
from app.widgets.box_geometry import Handle, pulled
from app.widgets.canvas_items import CURSORS, BoxItem, BoxMark, RubberBandItem
from app.widgets.frame_view import FrameView
from tracker.geometry import Box

DECIMALS = 2
"""Boxes drawn by hand are kept to a hundredth of a pixel."""


@dataclass
class _Pull:
    """A box that is being moved or resized.

    Attributes:
        item: The box.
        handle: Where it is held.
        start: Where the mouse was pressed, in the frame.
        original: The box before.
        has_begun: Whether the mouse has moved far enough to mean it.
    """

    item: BoxItem
    handle: Handle
    start: QPointF
    original: BoxMark
    has_begun: bool = False


class Canvas(FrameView):
    """Shows boxes over a frame; says what the user did to them, and changes nothing itself.

    Signals:
        boxDrawn: (Box) A box was drawn in draw mode, which is over with it.
        boxChanged: (int, Box) The box of this track was moved or resized.
        trackClicked: (int or None) A box, or none, was clicked.
        cursorMoved: ((x, y) or None) The cursor is over this point of the frame, or has left it.
        drawModeChanged: (bool) Draw mode was entered or left.
        gestureChanged: (bool) A box is held or being drawn, or no longer.
        levelHeld: () The right button is about to change level and span.
        levelDragged: (float, float) It has dragged so many pixels to the right and up, all in all.
        scaleChanged: () The zoom is another.
    """

    boxDrawn = Signal(object)
    boxChanged = Signal(int, object)
    trackClicked = Signal(object)
    cursorMoved = Signal(object)
    drawModeChanged = Signal(bool)
    gestureChanged = Signal(bool)
    levelHeld = Signal()
    levelDragged = Signal(float, float)
    scaleChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("canvas")
        self.setAccessibleName("Frame")
        self._boxes: list[BoxItem] = []
        self._selected: int | None = None
        self._band = RubberBandItem()
        self.scene().addItem(self._band)
        self._is_drawing = False
        self._band_from: QPointF | None = None
        self._pull: _Pull | None = None
        self._level_from: QPointF | None = None
        self._is_levelling = False
        self._cursor: QPointF | None = None
        self._tool_cursor: Qt.CursorShape | None = None

    # What is shown

    @property
    def is_drawing(self) -> bool:
        """Whether the next drag draws a box."""
        return self._is_drawing

    @property
    def is_busy(self) -> bool:
        """Whether a box is being drawn or pulled: the frame should stay what it is."""
        return self._band_from is not None or self._pull is not None

    def marks(self) -> list[BoxMark]:
        """The boxes that are shown."""
        return [item.mark for item in self._boxes]

    def clear(self) -> None:
        """Show nothing."""
        self.cancel_gesture()
        self.set_boxes([])
        super().clear()

    def set_boxes(self, marks: Sequence[BoxMark]) -> None:
        """Show these boxes and no others; a box that is being pulled is let go."""
        self._end_pull()
        for mark in marks[len(self._boxes) :]:
            item = BoxItem(mark, self.view_scale)
            self._boxes.append(item)
            self.scene().addItem(item)
        while len(self._boxes) > len(marks):
            self.scene().removeItem(self._boxes.pop())
        for item, mark in zip(self._boxes, marks, strict=True):
            if item.mark != mark:  # painting is what a run in progress costs the window most
                item.show_mark(mark)
        self.set_selected(self._selected)

    def set_selected(self, track_id: int | None) -> None:
        """Give the boxes of this track handles."""
        self._selected = track_id
        for item in self._boxes:
            item.set_selected(item.mark.track_id == track_id)

    def scale_changed(self) -> None:
        """Handles and labels keep their size on the screen."""
        for item in self._boxes:
            item.set_scale(self.view_scale)
        self.scaleChanged.emit()

    def is_over_box(self, point: QPointF) -> bool:
        """Whether a box is at a point of the frame."""
        return self._box_at(point)[0] is not None

    def set_tool_cursor(self, cursor: Qt.CursorShape | None) -> None:
        """Show the cursor of a tool that is not the canvas's own; None for none."""
        self._tool_cursor = cursor
        self._show_cursor()

    # Draw mode

    def set_draw_mode(self, is_on: bool) -> None:
        """Let the next drag draw a box."""
        if is_on == self._is_drawing or (is_on and self.image.isNull()):
            return
        self._is_drawing = is_on
        self._end_band()
        self._show_cursor()
        self.viewport().update()
        self.drawModeChanged.emit(is_on)

    def cancel_gesture(self) -> None:
        """Give up the box that is being drawn or pulled, and leave draw mode."""
        if self._pull is not None:
            self._pull.item.show_mark(self._pull.original)
            self._end_pull()
        self.set_draw_mode(False)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to pan, to draw, or to pull a box."""
        if self.image.isNull():
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        point = self.to_frame(event.position())
        if self.begins_pan(event):
            self.begin_pan(event.position())
        elif event.button() == Qt.MouseButton.LeftButton and self._is_drawing:
            self._band_from = point
            self.gestureChanged.emit(True)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press_box(point, event.position())
        elif event.button() == Qt.MouseButton.RightButton:
            self._level_from = event.position()
        self._show_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go on with what was begun; else show what a press would do."""
        point = self.to_frame(event.position())
        self._report_cursor(point)
        if self._level_from is not None:
            self._level_to(self._level_from, event.position())
        elif self.is_panning:
            self.pan_to(event.position())
        elif self._band_from is not None:
            self._band.show_box(self._spanned(self._band_from, point), self.view_scale)
        elif self._pull is not None:
            self._pull_to(self._pull, point)
        else:
            self._show_cursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Finish what was begun."""
        if event.button() == Qt.MouseButton.RightButton:
            self._level_from, self._is_levelling = None, False
        elif self.is_panning:
            self.end_pan()
        elif self._band_from is not None:
            self._finish_band(self._spanned(self._band_from, self.to_frame(event.position())))
        elif self._pull is not None:
            self._finish_pull(self._pull)
        self._show_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """The same as two presses."""
        self.mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the cursor any more."""
        self._cursor = None
        self.cursorMoved.emit(None)
        self.viewport().update()
        super().leaveEvent(event)

    def _level_to(self, start: QPointF, end: QPointF) -> None:
        by = end - start
        if not self._is_levelling:
            if by.manhattanLength() < QApplication.startDragDistance():
                return  # a click
            self._is_levelling = True
            self.levelHeld.emit()
            self._show_cursor()
        self.levelDragged.emit(by.x(), -by.y())

    def _press_box(self, point: QPointF, position: QPointF) -> None:
        item, handle = self._box_at(point)
        self.trackClicked.emit(None if item is None else item.mark.track_id)
        if item is None or handle is None:
            self.begin_pan(position)  # the empty part of the frame can be pulled along
        elif item in self._boxes:  # whoever heard of the click may have shown other boxes
            self._pull = _Pull(item, handle, point, item.mark)
            self.gestureChanged.emit(True)

    def _box_at(self, point: QPointF) -> tuple[BoxItem | None, Handle | None]:
        """What is under the cursor: the selected box first, then the smallest."""
        order = sorted(
            self._boxes, key=lambda each: (each.mark.track_id != self._selected, each.mark.box.area)
        )
        for item in order:
            handle = item.handle_at(point)
            if handle is not None:
                return item, handle
        return None, None

    def _spanned(self, start: QPointF, end: QPointF) -> Box | None:
        """The part inside the frame of what the mouse spans; None while that is less than a pixel."""
        spanned = Box.from_corners(start.x(), start.y(), end.x(), end.y())
        box = spanned.clipped(*self.frame_size)
        return _rounded(box) if box is not None and min(box.width, box.height) >= 1 else None

    def _finish_band(self, box: Box | None) -> None:
        if box is None:
            self._end_band()
        else:
            self.boxDrawn.emit(box)
            self.set_draw_mode(False)

    def _end_band(self) -> None:
        if self._band_from is not None:
            self._band_from = None
            self._band.show_box(None, 1.0)
            self.gestureChanged.emit(False)

    def _pull_to(self, pull: _Pull, point: QPointF) -> None:
        by = point - pull.start
        if not pull.has_begun:
            if by.manhattanLength() * self.view_scale < QApplication.startDragDistance() / 3:
                return  # a hand that trembled during a click
            pull.has_begun = True
        box = _rounded(pulled(pull.original.box, pull.handle, by.x(), by.y(), self.frame_size))
        old = pull.original
        pull.item.show_mark(BoxMark(old.track_id, box, old.colour, old.text))

    def _finish_pull(self, pull: _Pull) -> None:
        box = pull.item.mark.box
        if box != pull.original.box:
            self.boxChanged.emit(pull.original.track_id, box)
        self._end_pull()

    def _end_pull(self) -> None:
        if self._pull is not None:
            self._pull = None
            self.gestureChanged.emit(False)

    def _report_cursor(self, point: QPointF) -> None:
        self._cursor = point
        width, height = self.frame_size
        is_inside = 0 <= point.x() < width and 0 <= point.y() < height
        self.cursorMoved.emit((point.x(), point.y()) if is_inside else None)
        if self._is_drawing:
            self.viewport().update()  # for the cross hair

    def _show_cursor(self) -> None:
        self.viewport().setCursor(self._fitting_cursor())

    def _fitting_cursor(self) -> Qt.CursorShape:
        panning = self.pan_cursor()
        if panning is not None:
            return panning
        if self._is_levelling:
            return Qt.CursorShape.SizeAllCursor
        if self._tool_cursor is not None:
            return self._tool_cursor
        if self._is_drawing:
            return Qt.CursorShape.CrossCursor
        if self._pull is not None:
            return CURSORS[self._pull.handle]
        _, handle = (None, None) if self._cursor is None else self._box_at(self._cursor)
        return Qt.CursorShape.ArrowCursor if handle is None else CURSORS[handle]

    def drawForeground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """In draw mode, a cross hair through the cursor."""
        if not self._is_drawing or self._cursor is None or self._band_from is not None:
            return
        area, at = QRectF(rect), self._cursor
        rim = QColor(0, 0, 0, 120), Qt.PenStyle.SolidLine
        for colour, style in (rim, (colours().manual, Qt.PenStyle.DotLine)):
            pen = QPen(colour, 1, style)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawLine(QPointF(area.left(), at.y()), QPointF(area.right(), at.y()))
            painter.drawLine(QPointF(at.x(), area.top()), QPointF(at.x(), area.bottom()))


def _rounded(box: Box) -> Box:
    return Box(*(round(value, DECIMALS) for value in box.as_tuple()))
