"""What the timeline shows and how it is kept up to date; what the user does with it is in `timeline`."""

from __future__ import annotations

from collections.abc import Sequence, Set

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPixmap, QRegion, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from app.widgets import timeline_painting as paint
from app.widgets.timeline_columns import runs
from app.widgets.timeline_lanes import Lane, Risk
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT
from app.widgets.timeline_rows import LANE_HEIGHT
from app.widgets.timeline_scale import Scale
from app.widgets.timeline_scene import Scene
from tracker.annotation.document import Proposal
from tracker.annotation.track import Track
from tracker.thermal.events import SensorEvent

PAN_STEP = 80  # pixels per notch


class TimelineView(QAbstractScrollArea):
    """All tracks over the whole clip or a part of it, the playhead and the selected range over them.

    Everything but these two is kept as one picture, of which only what has changed is painted anew, so that
    scrubbing costs as little with 50 tracks as with one.

    Signals:
        scaleChanged: (Scale or None) Another part of the clip is shown.
        rangeChanged: (range or None) Other frames are shown as selected.
    """

    scaleChanged = Signal(object)
    rangeChanged = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._frame = 0
        self._picture: QPixmap | None = None
        self._stale = QRegion()  # what of it is to be painted anew
        self._range: range | None = None
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
        self._frame, self._scene.bad, self._scene.events = 0, (), ()
        self._range = None
        self._scene.scale = Scale(length, self._scene.lanes_area().width()) if length > 0 else None
        self._drop_all()
        self.scaleChanged.emit(self._scene.scale)

    def set_tracks(self, tracks: list[Track], changed: Set[int] | None = None) -> None:
        """Show these tracks, in this order, and no others.

        Args:
            tracks: The tracks.
            changed: Ids of those that are not as they were shown; None for all.
        """
        old = self._scene.lanes
        kept = set() if changed is None else old.keys() - changed
        self._scene.lanes = {
            track.id: old[track.id] if track.id in kept else self._lane_of(track) for track in tracks
        }
        self._update_bars()
        self._drop_picture()

    def update_track(self, track: Track) -> None:
        """A track has changed; one that is new gets the last lane."""
        is_new = track.id not in self._scene.lanes
        self._scene.lanes[track.id] = self._lane_of(track)
        if is_new:
            self._update_bars()
            self._drop_picture()
        else:
            self._drop_lane(track.id)

    def _lane_of(self, track: Track) -> Lane:
        lane = self._scene.lanes.get(track.id)
        return Lane(track) if lane is None else lane.of(track)

    def set_risk(self, track_id: int, risk: Risk | None) -> None:
        """Show where a track is probably wrong.

        Args:
            track_id: The track; nothing happens without its lane.
            risk: (n,) probability for each frame, NaN where it is not known; None for nothing.
        """
        lane = self._scene.lanes.get(track_id)
        if lane is not None:
            lane.set_risk(risk)
            self._drop_lane(track_id)

    def set_proposals(self, proposals: Sequence[Proposal]) -> None:
        """Show what runs have proposed so far: the first of each track."""
        before = self._scene.proposals
        self._scene.proposals = {
            proposal.track_id: runs(proposal.frames.is_said) for proposal in reversed(proposals)
        }
        for track_id in before.keys() | self._scene.proposals.keys():
            self._drop_lane(track_id)

    def set_bad_frames(self, frames: tuple[int, ...]) -> None:
        """Mark the frames that cannot be decoded."""
        self._scene.bad = frames
        self._drop_picture()

    def add_bad_frame(self, frame: int) -> None:
        """Mark one more."""
        if frame not in self._scene.bad:
            self.set_bad_frames(tuple(sorted((*self._scene.bad, frame))))

    def set_events(self, events: Sequence[SensorEvent]) -> None:
        """Mark what happened to the sensor, by first frame; none to mark nothing."""
        self._scene.events = tuple(events)
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
        before, self._scene.selected = self._scene.selected, track_id
        for changed in (before, track_id):
            if changed is not None:
                self._drop_lane(changed)
        if track_id in self._scene.lanes:
            top = list(self._scene.lanes).index(track_id) * LANE_HEIGHT
            bar = self.verticalScrollBar()
            bar.setValue(max(min(bar.value(), top), top + LANE_HEIGHT - self._scene.lanes_area().height()))
        self._describe()

    @property
    def bad_frames(self) -> tuple[int, ...]:
        """The frames marked as broken."""
        return self._scene.bad

    @property
    def scale(self) -> Scale | None:
        """The part of the clip that is shown; None without a clip."""
        return self._scene.scale

    def show_whole_clip(self) -> None:
        """Zoom out to the whole clip."""
        if self._scene.scale is not None:
            self._set_scale(Scale(self._scene.scale.length, self._scene.scale.width))

    @Slot(float, float)
    def show_part(self, start: float, stop: float) -> None:
        """Zoom to a part of the clip, as far as that goes.

        Args:
            start: Where it begins, in frames.
            stop: Where it ends.
        """
        scale = self._scene.scale
        if scale is not None:
            per_pixel = max(stop - start, 1e-9) / scale.width
            middle = (start + stop) / 2
            per_pixel = min(max(per_pixel, scale.closest), scale.widest)
            self._set_scale(Scale(scale.length, scale.width, middle - per_pixel * scale.width / 2, per_pixel))

    def zoom_by(self, factor: float) -> None:
        """Zoom in (factor above 1) or out about the playhead; about the middle where that is not shown."""
        scale = self._scene.scale
        if scale is not None:
            first, stop = scale.shown()
            is_shown = first <= self._frame < stop
            x = scale.x_of(self._frame + 0.5) if is_shown else scale.width / 2
            self._set_scale(scale.zoomed(x, factor))

    def show_single_frames(self) -> None:
        """Zoom in as far as that goes, about the playhead."""
        if self._scene.scale is not None:
            self.set_frame(self._frame)
            self.zoom_by(self._scene.scale.per_pixel / self._scene.scale.closest)

    # The selected range

    @property
    def selected_range(self) -> range | None:
        """The frames that are selected."""
        return self._range

    @Slot(object)
    def set_range(self, frames: range | None) -> None:
        """Show that frames are selected; None for none."""
        self._range = frames
        self._describe()
        self.viewport().update()
        self.rangeChanged.emit(frames)

    def _describe(self) -> None:
        """Tell assistive technology what the playhead and the selection tell the eye."""
        selected = "" if self._scene.selected is None else f", track {self._scene.selected} selected"
        frames = self._range
        between = "" if frames is None else f", frames {frames.start} to {frames.stop - 1} selected"
        self.setAccessibleDescription(f"Frame {self._frame}{selected}{between}")

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
        self._drop(self.viewport().rect())

    def _drop_all(self) -> None:
        self._picture = None
        self._update_bars()
        self._drop_picture()

    def _drop_lane(self, track_id: int) -> None:
        area = self._scene.lanes_area()
        self._drop(self._scene.lane_area(track_id) & area.adjusted(-area.left(), 0, 0, 0))

    def _drop(self, area: QRect) -> None:
        self._stale += area
        self.viewport().update(area)

    def _drop_times(self) -> None:
        """Another part of the clip is shown: all but the headers."""
        self._update_bars()
        self._drop(self.viewport().rect().adjusted(HEADER_WIDTH, 0, 0, 0))

    def _set_scale(self, scale: Scale) -> None:
        if scale != self._scene.scale:
            self._scene.scale = scale
            self._drop_times()
            self.scaleChanged.emit(scale)

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
            self.scaleChanged.emit(self._scene.scale)
        self._drop_all()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._scene.font = self.viewport().font()
            self._drop_all()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, and the playhead over it."""
        viewport = self.viewport()
        ratio = viewport.devicePixelRatioF()
        if self._picture is None or self._picture.devicePixelRatioF() != ratio:
            self._picture = QPixmap(viewport.size() * ratio)
            self._picture.setDevicePixelRatio(ratio)
            self._stale = QRegion(viewport.rect())
        if not self._stale.isEmpty():
            self._scene.paint(self._picture, self._stale)
            self._stale = QRegion()
        painter = QPainter(viewport)
        painter.drawPixmap(0, 0, self._picture)
        if self._scene.scale is not None and self._range is not None:
            painter.setFont(paint.small_font(viewport.font()))
            ruler, bottom = self._scene.ruler_area(), viewport.height()
            paint.paint_range(painter, ruler, bottom, self._scene.scale, self._range)
        if self._scene.scale is not None:
            first, stop = self._scene.scale.shown()
            if first <= self._frame < stop:
                painter.setFont(paint.small_font(viewport.font()))
                place, bottom = (self._playhead_x(), self._chip(), self._covered()), viewport.height()
                paint.paint_playhead(painter, *place, bottom, str(self._frame))
        painter.end()
