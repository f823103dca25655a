"""The timeline: a lane per track, a ruler above, and what the user does with them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.widgets.timeline_events import LEGEND as EVENTS_LEGEND
from app.widgets.timeline_events import events_at
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT
from app.widgets.timeline_rows import LANE_HEIGHT
from app.widgets.timeline_scale import Scale, time_text
from app.widgets.timeline_view import PAN_STEP, TimelineView
from tracker.annotation.track import Indices, Provenance

ZOOM_STEP = 1.25  # per notch of the wheel
GRIP = 5  # pixels on either side of an anchor or of an end of the range
NOTCH = 120  # Qt's unit of a notch
MOST_NAMED = 4  # sensor events in one tool tip
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEGEND = (
    "Diamond: box drawn by hand · thick bar: tracked or imported · thin bar: interpolated\n"
    "Striped: occluded · line: absent · dashed line: out of view · pale: with missing frames\n"
    "Line above: looked at · below, yellow to red: probably wrong\n"
    f"{EVENTS_LEGEND}\n"
    "Drag with Shift: select a range"
)


class Timeline(TimelineView):
    """All tracks over the whole clip or a part of it.

    A click or drag asks for a frame, a click on a lane for its track too; a diamond of the selected track can be
    dragged along time. A drag with Shift selects a range or pulls an end of it, a click with Shift the range from
    the playhead to there. The wheel scrolls the lanes; with
    Ctrl it zooms about the cursor, with Shift it pans, as does dragging with the middle button. A double
    click on the ruler shows the whole clip. With the focus, Up and Down choose a track.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        trackSelected: (object) The user chose the track of this id.
        anchorMoved: (int, int, int) The user has dragged this track's anchor from this frame to that one.
        rangeSelected: (range) The user has selected these frames.
    """

    frameRequested = Signal(int)
    trackSelected = Signal(object)
    anchorMoved = Signal(int, int, int)
    rangeSelected = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scrub_from: int | None = None  # the frame last asked for, while the button is down
        self._pan_from: QPoint | None = None
        self._anchor_from: int | None = None  # the anchor under the button, while it is down
        self._range_from: int | None = None  # the end of the range that stays, while the other is dragged
        self._range_pressed: QPoint | None = None  # where that began, until the mouse has moved

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to scrub or to pan; choose a track."""
        place = event.position().toPoint()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = place
        elif event.button() == Qt.MouseButton.LeftButton and event.modifiers() & SHIFT:
            self._begin_range(place)
        elif event.button() == Qt.MouseButton.LeftButton:
            track_id = self._scene.track_at(place.y())
            if track_id is not None and track_id != self._scene.selected:
                self.trackSelected.emit(track_id)
            if place.x() >= HEADER_WIDTH:
                self._anchor_from = self.anchor_at(place) if track_id == self._scene.selected else None
                self._scrub_from = -1
                self._scrub(place.x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub or pan; what is dragged along shows where it would be dropped."""
        place = event.position().toPoint()
        over_grip = self._anchor_from is not None or self.anchor_at(place) is not None
        over_grip |= bool(event.modifiers() & SHIFT) and self._far_end(place.x()) is not None
        self.viewport().setCursor(Qt.CursorShape.SizeHorCursor if over_grip else Qt.CursorShape.ArrowCursor)
        if self._range_from is not None:
            self._stretch_range(place)
        elif self._scrub_from is not None:
            self._scrub(place.x())
        elif self._pan_from is not None and self._scene.scale is not None:
            self._set_scale(self._scene.scale.panned(self._pan_from.x() - place.x()))
            self._pan_from = place

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        origin, target = self._anchor_from, self._scrub_from
        if self._range_from is not None and self._range_pressed == event.position().toPoint():
            self._select_between(self._frame, self._range_from)
        self._scrub_from = self._pan_from = self._anchor_from = self._range_from = None
        if origin is not None and target is not None and target not in (-1, origin):
            self.anchorMoved.emit(self._scene.selected, origin, target)

    def _begin_range(self, place: QPoint) -> None:
        if self._scene.scale is not None and place.x() >= HEADER_WIDTH:
            pulled = self._far_end(place.x())
            self._range_pressed = None if pulled is not None else place
            self._range_from = (
                self._scene.scale.frame_at(place.x() - HEADER_WIDTH) if pulled is None else pulled
            )

    def _stretch_range(self, place: QPoint) -> None:
        if self._scene.scale is not None and self._range_from is not None and place != self._range_pressed:
            self._range_pressed = None
            self._select_between(self._range_from, self._scene.scale.frame_at(place.x() - HEADER_WIDTH))

    def _select_between(self, frame: int, other: int) -> None:
        frames = range(min(frame, other), max(frame, other) + 1)
        if frames != self._range:
            self.set_range(frames)
            self.rangeSelected.emit(frames)

    def _far_end(self, x: int) -> int | None:
        """The last frame of the range at its other end, where one of its ends is at x."""
        scale, frames = self._scene.scale, self._range
        if scale is None or frames is None:
            return None
        ends = ((frames.start, frames.stop - 1), (frames.stop, frames.start))
        near = (far for end, far in ends if abs(scale.x_of(end) + HEADER_WIDTH - x) <= GRIP)
        return next(near, None)

    def anchor_at(self, place: QPoint) -> int | None:
        """The selected track's anchor at a place of the viewport."""
        scale, track_id = self._scene.scale, self._scene.track_at(place.y())
        if scale is None or track_id is None or track_id != self._scene.selected:
            return None
        anchors = self._scene.lanes[track_id].track.anchors()
        if not anchors.size or place.x() < HEADER_WIDTH:
            return None
        shown = _near(anchors, scale)
        x = (shown + 0.5 - scale.start) / scale.per_pixel + HEADER_WIDTH
        away = np.abs(x - place.x())
        return int(shown[away.argmin()]) if away.size and away.min() <= GRIP else None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On the ruler: the whole clip. Elsewhere the second click is a click."""
        is_ruler = event.position().y() < RULER_HEIGHT
        if is_ruler and event.button() == Qt.MouseButton.LeftButton:
            self.show_whole_clip()
        else:
            self.mousePressEvent(event)

    def _scrub(self, x: int) -> None:
        if self._scene.scale is None:
            return
        frame = self._scene.scale.frame_at(x - HEADER_WIDTH)
        if frame != self._scrub_from:
            self._scrub_from = frame
            self.frameRequested.emit(frame)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll the lanes; with Ctrl zoom, with Shift or sideways pan."""
        delta, modifiers = event.angleDelta(), event.modifiers()
        if self._scene.scale is None:
            return
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            x = max(event.position().x() - HEADER_WIDTH, 0.0)
            self._set_scale(self._scene.scale.zoomed(x, ZOOM_STEP ** (delta.y() / NOTCH)))
        elif modifiers & SHIFT or abs(delta.x()) > abs(delta.y()):
            self._set_scale(self._scene.scale.panned(-(delta.x() or delta.y()) / NOTCH * PAN_STEP))
        else:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - round(delta.y() / NOTCH * LANE_HEIGHT * 2))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go to the next track; other keys are the window's."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not self._scene.lanes:
            event.ignore()
            return
        ids = list(self._scene.lanes)
        row = ids.index(self._scene.selected) + step if self._scene.selected in self._scene.lanes else 0
        self.trackSelected.emit(ids[min(max(row, 0), len(ids) - 1)])

    def viewportEvent(self, event: QEvent) -> bool:
        """Say in words what is under the cursor."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos()), self)
            return True
        return super().viewportEvent(event)

    def tip_at(self, place: QPoint) -> str:
        """What is at a place of the viewport, in words."""
        track_id = self._scene.track_at(place.y())
        if place.y() < RULER_HEIGHT:
            return LEGEND if place.x() < HEADER_WIDTH else self._events_tip(place.x())
        if track_id is None or self._scene.scale is None:
            return ""
        track = self._scene.lanes[track_id].track
        name = f"Track {track.id}" + (f", {track.label}" if track.label else "")
        if place.x() < HEADER_WIDTH:
            return name
        frame = self._scene.scale.frame_at(place.x() - HEADER_WIDTH)
        state = track.at(frame)
        time = f" ({time_text(frame / self._scene.fps, 0.01)})" if self._scene.fps else ""
        said = state.provenance.label.lower()
        if state.provenance is not Provenance.NONE:
            said += f", {state.presence.label.lower()}"
        happened = [event.text for event in self._scene.events if event.start <= frame < event.stop]
        return "\n".join([name, f"Frame {frame}{time}: {said}", *happened[:MOST_NAMED]])

    def _events_tip(self, x: int) -> str:
        """The sensor events at a place of the ruler, in words."""
        scale = self._scene.scale
        if scale is None:
            return ""
        found = events_at(x - HEADER_WIDTH, scale, self._scene.events)
        more = [f"and {len(found) - MOST_NAMED} more"] if len(found) > MOST_NAMED else []
        return "\n".join([*(event.text for event in found[:MOST_NAMED]), *more])


def _near(anchors: Indices, scale: Scale) -> Indices:
    """The anchors in the part of the clip that is shown."""
    first, stop = scale.shown()
    return anchors[(anchors >= first) & (anchors < stop)]
