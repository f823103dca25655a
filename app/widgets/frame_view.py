"""Shows an image in frame coordinates, to zoom and to pan; what else lies on it is the canvas's."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QGraphicsScene, QGraphicsView, QLabel, QWidget

from app.theme import colours
from app.widgets.canvas_items import ImageItem, to_rect
from tracker.geometry import Box

MIN_SCALE, MAX_SCALE = 0.05, 80.0
WHEEL_BASE = 1.0015
"""Zoom per eighth of a degree of the wheel: a notch of 15 degrees zooms by a fifth."""

FIT_MARGIN = 12.0
"""Screen pixels left free around a fitted frame."""


class FrameView(QGraphicsView):
    """A frame, an image laid over a part of it, and a remark in the corner.

    Signals:
        playToggled: () The space bar was tapped, rather than held to pan.
    """

    playToggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        scene = QGraphicsScene(self)
        self.setScene(scene)
        self._frame_item, self._overlay_item = ImageItem(0, is_smooth=False), ImageItem(1, is_smooth=True)
        scene.addItem(self._frame_item)
        scene.addItem(self._overlay_item)
        self._size = QSize()
        self._is_fitted = True
        self._space_held, self._space_panned = False, False
        self._pan_from: QPointF | None = None
        self._badge = QLabel(self.viewport())
        self._badge.setObjectName("canvasBadge")
        self._badge.hide()
        self._configure()

    def _configure(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.NoAnchor)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        for setter in (self.setHorizontalScrollBarPolicy, self.setVerticalScrollBarPolicy):
            setter(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # What is shown

    @property
    def image(self) -> QImage:
        """The frame; null where there is none."""
        return self._frame_item.image

    @property
    def frame_size(self) -> tuple[int, int]:
        """(width, height) of the frame; zeros where there is none."""
        return max(self._size.width(), 0), max(self._size.height(), 0)

    def show_image(self, image: QImage) -> None:
        """Show a frame; one of another size than before is fitted into the view."""
        self._frame_item.show_image(image, QRectF(0, 0, image.width(), image.height()))
        if image.size() != self._size:
            self._size = image.size()
            margin = 2.0 * max(image.width(), image.height())  # room to pan
            around = self._frame_item.boundingRect().adjusted(-margin, -margin, margin, margin)
            self.scene().setSceneRect(around)
            self.fit()

    def clear(self) -> None:
        """Show nothing."""
        self._size = QSize()
        self._frame_item.show_image(QImage(), QRectF())
        self.set_overlay(None, None)
        self.set_badge("")

    def set_overlay(self, image: QImage | None, region: Box | None) -> None:
        """Lay an image, with its own transparency, over a part of the frame; None for nothing."""
        if image is None or region is None:
            self._overlay_item.show_image(QImage(), QRectF())
        else:
            self._overlay_item.show_image(image, to_rect(region))

    @property
    def overlay(self) -> QImage:
        """The image over the frame; null where there is none."""
        return self._overlay_item.image

    def set_badge(self, text: str) -> None:
        """Show a remark about the frame in the corner; empty for none."""
        self._badge.setText(text)
        self._badge.adjustSize()
        self._badge.move(14, 14)
        self._badge.setVisible(bool(text))

    @property
    def badge(self) -> str:
        """The remark in the corner."""
        return str(self._badge.text())

    # Zoom

    @property
    def view_scale(self) -> float:
        """Screen pixels per frame pixel."""
        return self.transform().m11()

    def scale_changed(self) -> None:
        """The zoom is another: for what lies on the frame in screen pixels."""

    def fit(self) -> None:
        """Show the whole frame, and keep it whole when the window changes."""
        self._is_fitted = True
        if self._size.isEmpty():
            return
        view = self.viewport().size()
        room_x, room_y = (max(side - 2 * FIT_MARGIN, 1.0) for side in (view.width(), view.height()))
        self._set_scale(min(room_x / self._size.width(), room_y / self._size.height()))
        self.centerOn(self._frame_item.boundingRect().center())

    def actual_size(self) -> None:
        """Show a frame pixel as one pixel of the screen."""
        self.zoom_to(1 / self.devicePixelRatioF(), QPointF(self.viewport().rect().center()))

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom around a point of the view; its middle if not given."""
        self.zoom_to(self.view_scale * factor, at or QPointF(self.viewport().rect().center()))

    def zoom_to(self, scale: float, at: QPointF) -> None:
        """Zoom to `scale` screen pixels per frame pixel, keeping what is under `at` where it is."""
        if self._size.isEmpty():
            return
        self._is_fitted = False
        before = self.to_frame(at)
        self._set_scale(scale)
        after = self.to_frame(at)
        self.translate(after.x() - before.x(), after.y() - before.y())

    def _set_scale(self, scale: float) -> None:
        factor = min(max(scale, MIN_SCALE), MAX_SCALE) / self.view_scale
        self.scale(factor, factor)
        self.scale_changed()

    def to_frame(self, position: QPointF) -> QPointF:
        """A point of the view in frame coordinates, not rounded to screen pixels."""
        inverted, _ = self.viewportTransform().inverted()
        return inverted.map(position)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep a fitted frame fitted."""
        super().resizeEvent(event)
        if self._is_fitted:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom at the cursor."""
        self.zoom_by(WHEEL_BASE ** event.angleDelta().y(), event.position())
        event.accept()

    # Pan: middle button, or left button with the space bar held

    @property
    def is_panning(self) -> bool:
        """Whether the frame is being pulled along."""
        return self._pan_from is not None

    def pan_cursor(self) -> Qt.CursorShape | None:
        """The cursor while panning, None otherwise."""
        if self.is_panning:
            return Qt.CursorShape.ClosedHandCursor
        return Qt.CursorShape.OpenHandCursor if self._space_held else None

    def begins_pan(self, event: QMouseEvent) -> bool:
        """Whether this press of a button begins to pan, whatever lies under it."""
        is_left = event.button() == Qt.MouseButton.LeftButton
        return event.button() == Qt.MouseButton.MiddleButton or (is_left and self._space_held)

    def begin_pan(self, position: QPointF) -> None:
        """Let the frame follow the mouse from here."""
        self._pan_from = position

    def pan_to(self, position: QPointF) -> None:
        """The mouse has come here."""
        if self._pan_from is None:
            return
        self._is_fitted = False
        moved = (position - self._pan_from) / self.view_scale
        self.translate(moved.x(), moved.y())
        self._pan_from = position
        self._space_panned = True

    def end_pan(self) -> None:
        """Let go."""
        self._pan_from = None

    # The space bar: held, it pans; tapped, it plays

    def event(self, event: QEvent) -> bool:
        """Keep the shortcut of the space bar back until it is known what the key is for."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and _is_space(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the space bar; the other keys belong to the actions, and must not scroll the view."""
        if not _is_space(event):
            event.ignore()
        elif not event.isAutoRepeat():
            self._space_held, self._space_panned = True, False

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """A space bar that nothing was panned with was tapped."""
        if not _is_space(event):
            event.ignore()
        elif self._space_held and not event.isAutoRepeat():
            self._space_held = False
            if not self._space_panned:
                self.playToggled.emit()

    def focusOutEvent(self, event: QEvent) -> None:
        """A key released elsewhere is not held any more."""
        self._space_held = False
        super().focusOutEvent(event)  # type: ignore[arg-type]  # Qt sends a QFocusEvent

    def drawBackground(self, painter: QPainter, rect: QRectF | QRect) -> None:
        """The theme's colour around the frame."""
        painter.fillRect(rect, colours().background)


def _is_space(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.NoModifier
