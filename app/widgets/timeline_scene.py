"""What the timeline shows, and the picture of it that lies under the playhead."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap, QRegion

from app.theme import colours
from app.widgets import timeline_painting as paint
from app.widgets.timeline_events import paint_events
from app.widgets.timeline_lanes import Lane, paint_lanes
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT, Spans
from app.widgets.timeline_rows import LANE_HEIGHT
from app.widgets.timeline_scale import Scale
from tracker.thermal.events import SensorEvent

NO_CLIP = "No clip is open"
NO_TRACKS = "No tracks yet. Draw a box around a target to begin one."


@dataclass
class Scene:
    """Everything that is shown but the playhead.

    Attributes:
        size: Of the picture, in logical pixels.
        font: Of the texts.
        scroll: How far the lanes are scrolled down, in pixels.
        scale: The part of the clip that is shown; None without a clip.
        fps: Frames per second, None where unknown.
        lanes: By the id of the track, from top to bottom.
        proposals: The (k, 2) spans that runs have proposed, by the id of the track.
        bad: Frames that cannot be decoded.
        events: What happened to the sensor, by first frame.
        selected: Id of the selected track.
    """

    size: QSize = field(default_factory=QSize)
    font: QFont = field(default_factory=QFont)
    scroll: int = 0
    scale: Scale | None = None
    fps: float | None = None
    lanes: dict[int, Lane] = field(default_factory=dict)
    proposals: dict[int, Spans] = field(default_factory=dict)
    bad: tuple[int, ...] = ()
    events: tuple[SensorEvent, ...] = ()
    selected: int | None = None

    def lanes_area(self) -> QRect:
        """Right of the headers, under the ruler."""
        width, height = self.size.width() - HEADER_WIDTH, self.size.height() - RULER_HEIGHT
        return QRect(HEADER_WIDTH, RULER_HEIGHT, max(width, 1), max(height, 1))

    def ruler_area(self) -> QRect:
        """Above the lanes."""
        return QRect(HEADER_WIDTH, 0, self.lanes_area().width(), RULER_HEIGHT)

    def lane_top(self, row: int) -> int:
        """Where a lane begins."""
        return RULER_HEIGHT + row * LANE_HEIGHT - self.scroll

    def lane_area(self, track_id: int) -> QRect:
        """A lane with its header; empty where there is none."""
        if track_id not in self.lanes:
            return QRect()
        return QRect(0, self.lane_top(list(self.lanes).index(track_id)), self.size.width(), LANE_HEIGHT)

    def track_at(self, y: int) -> int | None:
        """Id of the track whose lane is at y."""
        row = (y - self.lane_top(0)) // LANE_HEIGHT
        return list(self.lanes)[row] if y >= RULER_HEIGHT and 0 <= row < len(self.lanes) else None

    def paint(self, picture: QPixmap, stale: QRegion) -> None:
        """Paint a part of the picture anew.

        Args:
            picture: As large as the scene.
            stale: The part.
        """
        painter = QPainter(picture)
        try:
            self._paint(painter, stale, picture.devicePixelRatioF())
        finally:  # or Qt would end the program over a mistake in Python
            painter.end()

    def _paint(self, painter: QPainter, stale: QRegion, ratio: float) -> None:
        painter.setClipRegion(stale)
        painter.setFont(self.font)
        headers, lanes = QRect(0, RULER_HEIGHT, HEADER_WIDTH, self.lanes_area().height()), self.lanes_area()
        if stale.intersects(headers):
            self._paint_headers(painter, stale.intersected(headers))
        if stale.intersects(lanes):
            self._paint_lanes(painter, stale.intersected(lanes), ratio)
        if stale.intersects(QRect(0, 0, self.size.width(), RULER_HEIGHT)):
            self._paint_ruler(painter)
        if self.scale is not None:
            paint.paint_bad_frames(painter, self.ruler_area(), self.size.height(), self.scale, self.bad)
            paint_events(painter, self.ruler_area(), self.size.height(), self.scale, self.events)
        self._paint_empty(painter)

    def _rows(self, region: QRegion) -> tuple[int, list[Lane]]:
        """The first of the lanes in a region, and all of them."""
        area = region.boundingRect()
        first = max((area.top() - self.lane_top(0)) // LANE_HEIGHT, 0)
        stop = max((area.bottom() - self.lane_top(0)) // LANE_HEIGHT + 1, first)
        return first, list(self.lanes.values())[first:stop]

    def _paint_headers(self, painter: QPainter, region: QRegion) -> None:
        c, (first, lanes) = colours(), self._rows(region)
        painter.fillRect(region.boundingRect(), c.panel)
        for row, lane in enumerate(lanes, first):
            area = QRect(0, self.lane_top(row), HEADER_WIDTH - 1, LANE_HEIGHT)
            paint.paint_header(painter, area, lane.track, lane.track.id == self.selected)
            painter.setPen(c.grid)
            painter.drawLine(area.left(), area.bottom(), area.right(), area.bottom())
        painter.setPen(c.border)
        painter.drawLine(HEADER_WIDTH - 1, RULER_HEIGHT, HEADER_WIDTH - 1, self.size.height())

    def _paint_lanes(self, painter: QPainter, region: QRegion, ratio: float) -> None:
        first, lanes = self._rows(region)
        painter.save()
        painter.setClipRegion(region)
        bottom = self.lane_top(first)
        if lanes and self.scale is not None:
            selected = [lane.track.id == self.selected for lane in lanes]
            bottom = paint_lanes(painter, QPoint(HEADER_WIDTH, bottom), lanes, selected, self.scale, ratio)
            self._paint_proposals(painter)
        area = region.boundingRect()
        area.setTop(max(area.top(), bottom))
        painter.fillRect(area, colours().field)
        painter.restore()

    def _paint_proposals(self, painter: QPainter) -> None:
        for track_id in self.proposals.keys() & self.lanes.keys():
            self._paint_proposal(painter, track_id)

    def _paint_proposal(self, painter: QPainter, track_id: int) -> None:
        if self.scale is None:
            return
        lane, area = self.lane_area(track_id), self.lanes_area()
        painter.save()
        painter.setClipRect(lane & area, Qt.ClipOperation.IntersectClip)
        place = QRect(area.left(), lane.top(), area.width(), LANE_HEIGHT)
        paint.paint_proposal(painter, place, self.scale, self.proposals[track_id])
        painter.restore()

    def _paint_ruler(self, painter: QPainter) -> None:
        painter.fillRect(0, 0, self.size.width(), RULER_HEIGHT, colours().panel)
        self._paint_corner(painter)
        painter.save()
        painter.setFont(paint.small_font(self.font))
        if self.scale is not None:
            paint.paint_ruler(painter, self.ruler_area(), self.scale, self.fps)
        painter.restore()

    def _paint_corner(self, painter: QPainter) -> None:
        c, count = colours(), len(self.lanes)
        painter.setPen(c.border)
        painter.drawLine(0, RULER_HEIGHT - 1, self.size.width(), RULER_HEIGHT - 1)
        if count:
            text = "1 track" if count == 1 else f"{count} tracks"
            painter.setPen(c.muted)
            area = QRect(12, 0, HEADER_WIDTH - 20, RULER_HEIGHT)
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_empty(self, painter: QPainter) -> None:
        if not self.lanes:
            painter.setFont(self.font)
            painter.setPen(colours().muted)
            text = NO_CLIP if self.scale is None else NO_TRACKS
            painter.drawText(self.lanes_area(), Qt.AlignmentFlag.AlignCenter, text)
