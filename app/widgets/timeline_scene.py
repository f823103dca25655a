"""What the timeline shows, and the picture of it that lies under the playhead."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPixmap

from app.theme import colours
from app.widgets import timeline_painting as paint
from app.widgets.timeline_lanes import LANE_HEIGHT, Lane
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT, Spans
from app.widgets.timeline_scale import Scale

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
        proposal: Id of the track a run works on, and the (k, 2) spans it has proposed.
        bad: Frames that cannot be decoded.
        selected: Id of the selected track.
    """

    size: QSize = field(default_factory=QSize)
    font: QFont = field(default_factory=QFont)
    scroll: int = 0
    scale: Scale | None = None
    fps: float | None = None
    lanes: dict[int, Lane] = field(default_factory=dict)
    proposal: tuple[int, Spans] | None = None
    bad: tuple[int, ...] = ()
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

    def track_at(self, y: int) -> int | None:
        """Id of the track whose lane is at y."""
        row = (y - self.lane_top(0)) // LANE_HEIGHT
        return list(self.lanes)[row] if y >= RULER_HEIGHT and 0 <= row < len(self.lanes) else None

    def paint(self, ratio: float) -> QPixmap:
        """The picture.

        Args:
            ratio: Device pixels per logical pixel.
        """
        c = colours()
        picture = QPixmap(self.size * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(c.field)
        painter = QPainter(picture)
        painter.setFont(self.font)
        self._paint_lanes(painter, ratio)
        painter.fillRect(0, 0, HEADER_WIDTH, RULER_HEIGHT, c.panel)
        ruler = self.ruler_area()
        painter.setFont(paint.small_font(self.font))
        if self.scale is not None:
            paint.paint_ruler(painter, ruler, self.scale, self.fps)
            paint.paint_bad_frames(painter, ruler, self.size.height(), self.scale, self.bad)
        else:
            painter.fillRect(ruler, c.panel)
        self._paint_corner(painter)
        self._paint_empty(painter)
        painter.end()
        return picture

    def _paint_lanes(self, painter: QPainter, ratio: float) -> None:
        area, c = self.lanes_area(), colours()
        painter.fillRect(0, RULER_HEIGHT, HEADER_WIDTH, area.height(), c.panel)
        for row, (track_id, lane) in enumerate(self.lanes.items()):
            top = self.lane_top(row)
            if top + LANE_HEIGHT > area.top() and top <= area.bottom():
                is_selected = track_id == self.selected
                self._paint_lane(painter, top, lane, is_selected, ratio)
        painter.setPen(c.border)
        painter.drawLine(HEADER_WIDTH - 1, 0, HEADER_WIDTH - 1, self.size.height())

    def _paint_lane(self, painter: QPainter, top: int, lane: Lane, selected: bool, ratio: float) -> None:
        c = colours()
        area = QRect(HEADER_WIDTH, top, self.lanes_area().width(), LANE_HEIGHT)
        if selected:
            painter.fillRect(area, paint.selection())
        if self.scale is not None and len(lane.track.frames) == self.scale.length:
            painter.drawPixmap(area.topLeft(), lane.paint(self.scale, ratio))
            if self.proposal is not None and self.proposal[0] == lane.track.id:
                painter.save()
                painter.setClipRect(area)
                paint.paint_proposal(painter, area, self.scale, self.proposal[1])
                painter.restore()
        paint.paint_header(painter, QRect(0, top, HEADER_WIDTH - 1, LANE_HEIGHT), lane.track, selected)
        painter.setPen(c.grid)
        painter.drawLine(0, area.bottom(), area.right(), area.bottom())

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
