"""The timeline: a lane per track, a ruler above, and the playhead through all of them."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from app.widgets import timeline_painting as paint
from app.widgets.timeline_columns import Values, runs
from app.widgets.timeline_lanes import LANE_HEIGHT, Lane
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT
from app.widgets.timeline_scale import Scale, time_text
from app.widgets.timeline_scene import Scene
from tracker.annotation.document import Proposal
from tracker.annotation.track import Indices, Provenance, Track

ZOOM_STEP = 1.25  # per notch of the wheel
PAN_STEP = 80  # pixels per notch
MODIFIERS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier  # the window's keys
GRIP = 5  # pixels on either side of an anchor
NOTCH = 120  # Qt's unit of a notch
LEGEND = (
    "Diamond: box drawn by hand · thick bar: tracked or imported · thin bar: interpolated\n"
    "Striped: occluded · line: absent · dashed line: out of view · pale: with missing frames\n"
    "Line above: looked at · below, yellow to red: probably wrong"
)


class Timeline(QAbstractScrollArea):
    """All tracks over the whole clip or a part of it.

    A click or drag asks for a frame, a click on a lane for its track too; a diamond of the selected track can be
    dragged along time. The wheel scrolls the lanes; with
    Ctrl it zooms about the cursor, with Shift it pans, as does dragging with the middle button. A double
    click on the ruler shows the whole clip. With the focus, + and - zoom, Up and Down choose a track.

    Everything but the playhead is kept as one picture, and each lane as a strip, so that scrubbing costs as
    little with 50 tracks as with one.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        trackSelected: (object) The user chose the track of this id.
        anchorMoved: (int, int, int) The user has dragged this track's anchor from this frame to that one.
    """

    frameRequested = Signal(int)
    trackSelected = Signal(object)
    anchorMoved = Signal(int, int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._frame = 0
        self._picture: QPixmap | None = None
        self._scrub_from: int | None = None  # the frame last asked for, while the button is down
        self._pan_from: QPoint | None = None
        self._anchor_from: int | None = None  # the anchor under the button, while it is down
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(RULER_HEIGHT + 2 * LANE_HEIGHT)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.viewport().setMouseTracking(True)
        self.viewport().setAccessibleName("Lanes of the tracks")
        self.verticalScrollBar().setAccessibleName("Scroll the lanes")
        self.horizontalScrollBar().setAccessibleName("Pan the timeline")
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self._on_panned)
        self._scene.font = self.viewport().font()
        self._describe()

    def sizeHint(self) -> QSize:
        """Room for the ruler and a few lanes."""
        return QSize(900, RULER_HEIGHT + 5 * LANE_HEIGHT)

    # What is shown

    def set_clip(self, length: int, fps: float | None) -> None:
        """Show another clip, all of it.

        Args:
            length: Number of frames; 0 for no clip.
            fps: Frames per second, None where unknown.
        """
        self._scene.fps = fps
        self._frame, self._scene.bad = 0, ()
        self._scene.scale = Scale(length, self._scene.lanes_area().width()) if length > 0 else None
        self._drop_strips()

    def set_tracks(self, tracks: list[Track]) -> None:
        """Show these tracks, in this order, and no others."""
        self._scene.lanes = {track.id: Lane(track, risk=self._risk_of(track.id)) for track in tracks}
        self._update_bars()
        self._drop_picture()

    def update_track(self, track: Track) -> None:
        """A track has changed; one that is new gets the last lane."""
        self._scene.lanes[track.id] = Lane(track, risk=self._risk_of(track.id))
        self._update_bars()
        self._drop_picture()

    def set_risk(self, track_id: int, risk: Values | None) -> None:
        """Show where a track is probably wrong.

        Args:
            track_id: The track; nothing happens without its lane.
            risk: (n,) probability for each frame, NaN where it is not known; None for nothing.
        """
        lane = self._scene.lanes.get(track_id)
        if lane is not None:
            lane.risk, lane.strip = risk, None
            self._drop_picture()

    def _risk_of(self, track_id: int) -> Values | None:
        lane = self._scene.lanes.get(track_id)
        return None if lane is None else lane.risk

    def set_proposal(self, proposal: Proposal | None) -> None:
        """Show what a run has proposed so far; None for nothing."""
        spans = None if proposal is None else runs(proposal.frames.is_said)
        self._scene.proposal = None if proposal is None or spans is None else (proposal.track_id, spans)
        self._drop_picture()

    def set_bad_frames(self, frames: tuple[int, ...]) -> None:
        """Mark the frames that cannot be decoded."""
        self._scene.bad = frames
        self._drop_picture()

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame, and show that part of the clip if it is hidden."""
        before = self._playhead_area()
        self._frame = frame
        self._describe()
        if (
            self._scene.scale is not None
            and (moved := self._scene.scale.revealing(frame)) is not self._scene.scale
        ):
            self._set_scale(moved)
        self.viewport().update(before)
        self.viewport().update(self._playhead_area())

    @Slot(object)
    def set_selected(self, track_id: int | None) -> None:
        """Emphasise a track's lane, and scroll to it."""
        self._scene.selected = track_id
        if track_id in self._scene.lanes:
            top = list(self._scene.lanes).index(track_id) * LANE_HEIGHT
            bar = self.verticalScrollBar()
            bar.setValue(max(min(bar.value(), top), top + LANE_HEIGHT - self._scene.lanes_area().height()))
        self._describe()
        self._drop_picture()

    @property
    def scale(self) -> Scale | None:
        """The part of the clip that is shown; None without a clip."""
        return self._scene.scale

    def show_whole_clip(self) -> None:
        """Zoom out to the whole clip."""
        if self._scene.scale is not None:
            self._set_scale(Scale(self._scene.scale.length, self._scene.scale.width))

    def _describe(self) -> None:
        """Tell assistive technology what the playhead and the selection tell the eye."""
        selected = "" if self._scene.selected is None else f", track {self._scene.selected} selected"
        self.setAccessibleDescription(f"Frame {self._frame}{selected}")

    # Geometry

    def _playhead_x(self) -> int:
        return HEADER_WIDTH + (
            0 if self._scene.scale is None else int(self._scene.scale.x_of(self._frame + 0.5))
        )

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(paint.small_font(self.viewport().font()))

    def _chip(self) -> QRect:
        metrics = self._metrics()
        return paint.chip_rect(metrics, str(self._frame), self._playhead_x(), self._scene.ruler_area())

    def _playhead_area(self) -> QRect:
        line = QRect(self._playhead_x() - 1, 0, 3, self.viewport().height())
        return line.united(self._covered().adjusted(-1, -1, 1, 5))

    def _covered(self) -> QRect:
        """The chip, and the numbers of the ruler that give way to it."""
        scene, chip = self._scene, self._chip()
        if scene.scale is None:
            return chip
        return paint.covered_area(chip, scene.ruler_area(), self._metrics(), scene.scale, scene.fps)

    # Keeping pictures

    def _drop_picture(self) -> None:
        self._picture = None
        self.viewport().update()

    def _drop_strips(self) -> None:
        for lane in self._scene.lanes.values():
            lane.strip = None
        self._update_bars()
        self._drop_picture()

    def _set_scale(self, scale: Scale) -> None:
        if scale != self._scene.scale:
            self._scene.scale = scale
            self._drop_strips()

    def _update_bars(self) -> None:
        """Let the scroll bars say what is shown."""
        area = self._scene.lanes_area()
        vertical, horizontal = self.verticalScrollBar(), self.horizontalScrollBar()
        vertical.setRange(0, max(len(self._scene.lanes) * LANE_HEIGHT - area.height(), 0))
        vertical.setPageStep(area.height())
        vertical.setSingleStep(LANE_HEIGHT)
        horizontal.blockSignals(True)  # or the rounded value would move the scale
        if self._scene.scale is None or self._scene.scale.is_whole:
            horizontal.setRange(0, 0)
        else:
            horizontal.setRange(
                0, round(self._scene.scale.length * self._scene.scale.frame_width) - area.width()
            )
            horizontal.setPageStep(area.width())
            horizontal.setSingleStep(PAN_STEP)
            horizontal.setValue(round(self._scene.scale.start * self._scene.scale.frame_width))
        horizontal.blockSignals(False)

    @Slot(int)
    def _on_panned(self, pixels: int) -> None:
        if self._scene.scale is not None:
            self._set_scale(
                self._scene.scale.panned(pixels - self._scene.scale.start * self._scene.scale.frame_width)
            )

    @Slot(int)
    def _on_scrolled(self, pixels: int) -> None:
        self._scene.scroll = pixels
        self._drop_picture()

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Nothing to move: the bars' own signals lead to a new picture."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the zoom; a whole clip stays whole."""
        super().resizeEvent(event)
        self._scene.size = self.viewport().size()
        if self._scene.scale is not None and self._scene.scale.width != self._scene.lanes_area().width():
            self._scene.scale = self._scene.scale.resized(self._scene.lanes_area().width())
        self._drop_strips()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._scene.font = self.viewport().font()
            self._drop_strips()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and the playhead over it."""
        viewport = self.viewport()
        ratio = viewport.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatioF() != ratio:
            self._picture = self._scene.paint(ratio)
        painter = QPainter(viewport)
        painter.drawPixmap(0, 0, self._picture)
        if self._scene.scale is not None:
            first, stop = self._scene.scale.shown()
            if first <= self._frame < stop:
                painter.setFont(paint.small_font(viewport.font()))
                place, bottom = (self._playhead_x(), self._chip(), self._covered()), viewport.height()
                paint.paint_playhead(painter, *place, bottom, str(self._frame))
        painter.end()

    # What the user does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to scrub or to pan; choose a track."""
        place = event.position().toPoint()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._pan_from = place
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
        over_anchor = self._anchor_from is not None or self.anchor_at(place) is not None
        self.viewport().setCursor(Qt.CursorShape.SizeHorCursor if over_anchor else Qt.CursorShape.ArrowCursor)
        if self._scrub_from is not None:
            self._scrub(place.x())
        elif self._pan_from is not None and self._scene.scale is not None:
            self._set_scale(self._scene.scale.panned(self._pan_from.x() - place.x()))
            self._pan_from = place

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End it."""
        origin, target = self._anchor_from, self._scrub_from
        self._scrub_from = self._pan_from = self._anchor_from = None
        if origin is not None and target is not None and target not in (-1, origin):
            self.anchorMoved.emit(self._scene.selected, origin, target)

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
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            self._set_scale(self._scene.scale.panned(-(delta.x() or delta.y()) / NOTCH * PAN_STEP))
        else:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - round(delta.y() / NOTCH * LANE_HEIGHT * 2))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and Down go to the next track, + and - zoom about the playhead; other keys are the window's."""
        zoom = {Qt.Key.Key_Plus: ZOOM_STEP, Qt.Key.Key_Equal: ZOOM_STEP, Qt.Key.Key_Minus: 1 / ZOOM_STEP}
        factor = zoom.get(Qt.Key(event.key()))
        if factor is not None and self._scene.scale is not None and not event.modifiers() & MODIFIERS:
            self._set_scale(self._scene.scale.zoomed(self._playhead_x() - HEADER_WIDTH, factor))
            return
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
            return LEGEND if place.x() < HEADER_WIDTH else ""
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
        return f"{name}\nFrame {frame}{time}: {said}"


def _near(anchors: Indices, scale: Scale) -> Indices:
    """The anchors in the part of the clip that is shown."""
    first, stop = scale.shown()
    return anchors[(anchors >= first) & (anchors < stop)]
