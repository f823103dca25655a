"""One lane of the timeline: a track's frames as a strip of pixels, painted once and kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap, QPolygonF

from app.theme import Colours, colours
from app.widgets.timeline_columns import (
    GONE,
    Bits,
    Mark,
    Values,
    column_starts,
    everywhere,
    frame_marks,
    highest,
    reduce_columns,
)
from app.widgets.timeline_review import REVIEWED, RISK, reviewed_colour, risk_colours
from app.widgets.timeline_scale import Scale
from tracker.annotation.track import Track

LANE_HEIGHT = 26
BAR = (8, 18)  # first and last row of a box's bar
THIN_BAR = (11, 15)  # of an interpolated one: the line between two anchors
BASE_LINE = (12, 14)  # where the target cannot be seen
NOTCH = (16, 18)  # the same at the foot of the bar of a column that has boxes too
TICK = (6, 20)  # of an anchor among others too near for diamonds
DIAMOND = 4.5  # half its diagonal
DIAMOND_ROOM = 11.0  # distance to the next anchor from which on both are diamonds
STRIPE = 3  # width of the stripes over an occluded target
DASH = 5  # length of the dashes of a target out of view
TICK_WIDTH = 2

Pixels: TypeAlias = NDArray[np.uint32]
Places: TypeAlias = NDArray[np.float64]
Starts: TypeAlias = NDArray[np.int64]
Painter: TypeAlias = Callable[[Pixels, Starts, float], None]


@dataclass
class Lane:
    """A track as the timeline shows it.

    Attributes:
        track: What is shown.
        marks: (n,) what can be seen of its frames; made when first needed.
        risk: (n,) probability that a frame's box is wrong, NaN where it is not known; None for all of that.
        strip: The painted lane at the current zoom; made when first needed.
    """

    track: Track
    marks: Bits | None = None
    risk: Values | None = None
    strip: QPixmap | None = None

    def paint(self, scale: Scale, ratio: float) -> QPixmap:
        """The lane's strip, `scale.width` by `LANE_HEIGHT` logical pixels, with nothing behind the bars.

        Args:
            scale: The zoom; whoever changes it drops `strip`.
            ratio: Device pixels per logical pixel.
        """
        if self.marks is None:
            self.marks = frame_marks(self.track.frames)
        if self.strip is None:
            self.strip = paint_strip(self.marks, scale, ratio, self._review)
        return self.strip

    def _review(self, pixels: Pixels, starts: Starts, ratio: float) -> None:
        """Paint what is known about mistakes, and what was looked at."""
        frames = self.track.frames
        seen = everywhere(frames.is_reviewed, starts)
        _put(_rows(pixels, REVIEWED, ratio), seen, np.full(len(seen), reviewed_colour(), np.uint32))
        if self.risk is not None and len(self.risk) == len(frames):
            colour = risk_colours(highest(self.risk, starts))
            _put(_rows(pixels, RISK, ratio), colour != 0, colour)


def paint_strip(marks: Bits, scale: Scale, ratio: float = 1.0, more: Painter | None = None) -> QPixmap:
    """Paint what can be seen of a track's frames; see `Lane.paint`.

    Args:
        marks: (n,) of its frames.
        scale: The zoom.
        ratio: Device pixels per logical pixel.
        more: Paints into the (h, w) pixels, given the first frame of each column and the ratio.
    """
    columns = max(round(scale.width * ratio), 1)
    starts = column_starts(scale.length, scale.start, scale.per_pixel * scale.width / columns, columns)
    pixels = strip_pixels(reduce_columns(marks, starts), ratio)
    if more is not None:
        more(pixels, starts, ratio)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32)
    strip = QPixmap.fromImage(image)
    strip.setDevicePixelRatio(ratio)
    _paint_anchors(strip, marks, scale)
    return strip


def strip_pixels(columns: Bits, ratio: float) -> Pixels:
    """The bars of a lane.

    Args:
        columns: (w,) marks of the pixel columns.
        ratio: Device pixels per logical pixel.

    Returns:
        (h, w) ARGB, transparent around the bars.
    """
    c = colours()
    pixels = np.zeros((round(LANE_HEIGHT * ratio), len(columns)), np.uint32)
    fill, is_thin = _bars(c)
    _rows(pixels, BAR, ratio)[:] = _argb(c.gap)
    x = (np.arange(len(columns)) / ratio).astype(np.int64)

    thin, has_bar = is_thin[columns], fill[columns] != 0
    _put(_rows(pixels, BAR, ratio), has_bar & ~thin, fill[columns])
    _put(_rows(pixels, THIN_BAR, ratio), thin, fill[columns])

    bar = _rows(pixels, BAR, ratio)
    y = (np.arange(len(bar)) / ratio).astype(np.int64)
    is_stripe = (x + y[:, None]) % (2 * STRIPE) < STRIPE
    bar[is_stripe & ((columns & Mark.OCCLUDED) != 0)] = _argb(c.occluded)

    dashes = x % (2 * DASH) < DASH
    is_gone = ((columns & Mark.ABSENT) != 0) | (((columns & Mark.OUT_OF_VIEW) != 0) & dashes)
    line = np.where(columns & Mark.MANUAL, _argb(mixed(c.manual, c.gap, 0.8)), _argb(c.absent)).astype(
        np.uint32
    )
    _put(_rows(pixels, BASE_LINE, ratio), is_gone & ~has_bar, line)
    _put(_rows(pixels, NOTCH, ratio), is_gone & has_bar, np.full_like(line, _argb(c.absent)))
    return pixels


def _rows(pixels: Pixels, span: tuple[int, int], ratio: float) -> Pixels:
    return pixels[round(span[0] * ratio) : round(span[1] * ratio)]


def _put(rows: Pixels, where: NDArray[np.bool_], values: Pixels) -> None:
    rows[:, where] = values[where]


def _bars(c: Colours) -> tuple[Pixels, NDArray[np.bool_]]:
    """By the marks of a column: the colour of its bar (0 for none), and whether the bar is thin."""
    marks = np.arange(256)
    fill, is_thin = np.zeros(256, np.uint32), np.zeros(256, np.bool_)
    sources = {  # the last one present decides
        Mark.MANUAL: mixed(c.manual, c.gap, 0.45),
        Mark.INTERPOLATED: c.interpolated,
        Mark.IMPORTED: c.imported,
        Mark.TRACKED: c.tracked,
    }
    for mark, colour in sources.items():
        has = (marks & mark) != 0
        if mark is Mark.MANUAL:
            has &= (marks & GONE) == 0
        fill[has], is_thin[has] = _argb(colour), mark is Mark.INTERPOLATED
        # Where a frame in the column is missing, the bar pales: a hole must not be lost in the overview.
        fill[has & ((marks & Mark.EMPTY) != 0)] = _argb(mixed(colour, c.gap, 0.55))
    return fill, is_thin


def mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """`share` of a colour, the rest of the other."""
    a, b = np.array(colour.getRgbF()), np.array(other.getRgbF())
    return QColor.fromRgbF(*(share * a + (1 - share) * b).tolist())


def _argb(colour: QColor) -> int:
    return int(colour.rgba())


def _paint_anchors(strip: QPixmap, marks: Bits, scale: Scale) -> None:
    first, stop = scale.shown()
    # One frame more on either side: half of its diamond may be inside.
    first, stop = max(first - 1, 0), min(stop + 1, len(marks))
    frames = np.flatnonzero(marks[first:stop] & Mark.MANUAL)
    is_gone = (marks[first:stop][frames] & GONE) != 0
    places: Places = np.asarray((frames + (first + 0.5 - scale.start)) / scale.per_pixel, np.float64)
    is_roomy = _roomy(places)
    c = colours()
    painter = QPainter(strip)
    _paint_ticks(painter, places[~is_roomy & ~is_gone], c.manual)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _paint_diamonds(painter, places[is_roomy & ~is_gone], c.manual, c)
    _paint_diamonds(painter, places[is_roomy & is_gone], c.gap, c)
    painter.end()


def _roomy(places: Places) -> NDArray[np.bool_]:
    """Whether there is room for a diamond at each of the ascending places."""
    gaps = np.diff(places, prepend=-np.inf, append=np.inf)
    roomy: NDArray[np.bool_] = (gaps[:-1] >= DIAMOND_ROOM) & (gaps[1:] >= DIAMOND_ROOM)
    return roomy


def _paint_ticks(painter: QPainter, places: Places, colour: QColor) -> None:
    for x in np.unique(np.floor(places)).astype(int).tolist():
        painter.fillRect(x, TICK[0], TICK_WIDTH, TICK[1] - TICK[0], colour)


def _paint_diamonds(painter: QPainter, places: Places, fill: QColor, c: Colours) -> None:
    hollow = fill is not c.manual
    painter.setPen(QPen(c.manual if hollow else c.field, 1.5 if hollow else 1.0))
    painter.setBrush(fill)
    y = sum(BAR) / 2
    for x in places.tolist():
        corners = [(x, y - DIAMOND), (x + DIAMOND, y), (x, y + DIAMOND), (x - DIAMOND, y)]
        painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]), Qt.FillRule.WindingFill)
