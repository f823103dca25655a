"""The lanes of the timeline: all that are shown as one image, made by numpy in a few steps over all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter

from app.widgets.timeline_anchors import SIDE, Anchors, stamp
from app.widgets.timeline_columns import Codes, Columns, column_starts, frame_codes
from app.widgets.timeline_review import Shades, risk_shades
from app.widgets.timeline_rows import LANE_HEIGHT, Indices, Pixels, row_bank
from app.widgets.timeline_scale import Scale
from tracker.annotation.track import Track

Risk = NDArray[np.floating[Any]]


@dataclass
class Lane:
    """A track as the timeline shows it.

    Attributes:
        track: What is shown.
        risk: (n,) probability that a frame's box is wrong, NaN where it is not known; None for all of that.
        codes: (n,) what can be seen of its frames; made when first needed.
    """

    track: Track
    risk: Risk | None = None
    codes: Codes | None = None
    _anchors: Anchors | None = None
    _shades: Shades | None = None

    def prepare(self) -> Codes:
        """The codes, made now if they are not there yet."""
        if self.codes is None:
            self.codes = frame_codes(self.track.frames)
        return self.codes

    @property
    def anchors(self) -> Anchors:
        """What was decided by hand."""
        if self._anchors is None:
            self._anchors = Anchors.of(self.prepare())
        return self._anchors

    @property
    def shades(self) -> Shades | None:
        """(n,) the risk as shades, None without one for this clip."""
        if self._shades is None and self.risk is not None and len(self.risk) == len(self.track.frames):
            self._shades = risk_shades(self.risk)
        return self._shades

    def of(self, track: Track) -> Lane:
        """The lane of the track as it is now, with the risk of this one."""
        return Lane(track, self.risk, _shades=self._shades)

    def set_risk(self, risk: Risk | None) -> None:
        """Another risk; None for nothing."""
        self.risk, self._shades = risk, None


def paint_lanes(
    painter: QPainter,
    place: QPoint,
    lanes: Sequence[Lane],
    selected: Sequence[bool],
    scale: Scale,
    ratio: float,
) -> int:
    """Paint lanes, one below the other.

    Args:
        painter: Of something with `ratio` device pixels per logical pixel.
        place: Where the first one begins.
        lanes: What to paint; where a track is of another clip, its lane stays empty.
        selected: Which of them stand out.
        scale: The zoom.
        ratio: As above.

    Returns:
        Where the last one ends.
    """
    pixels = lane_pixels(lanes, selected, scale, ratio)
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    shown = QRect(round(SIDE * ratio), 0, width - 2 * round(SIDE * ratio), height)
    painter.drawImage(place, image, shown)  # now: the image only borrows the pixels
    return place.y() + len(lanes) * LANE_HEIGHT


def lane_pixels(lanes: Sequence[Lane], selected: Sequence[bool], scale: Scale, ratio: float) -> Pixels:
    """The pixels of lanes; see `paint_lanes`.

    Returns:
        (h, w) RGB, with `SIDE` logical pixels more than the scale on either side.
    """
    side, columns = round(SIDE * ratio), max(round(scale.width * ratio), 1)
    starts = column_starts(scale.length, scale.start, scale.per_pixel * scale.width / columns, columns)
    frames = Columns.of(starts, scale.length)
    codes = np.zeros((len(lanes), columns), np.uint16)
    shades = np.zeros((len(lanes), columns), np.uint8)
    fitting = [row for row, lane in enumerate(lanes) if len(lane.track.frames) == scale.length]
    for row in fitting:
        codes[row] = frames.union(lanes[row].prepare())
        risk = lanes[row].shades
        if risk is not None:
            shades[row] = frames.highest(risk)
    bank, kinds = row_bank(codes, shades, np.asarray(selected, np.bool_), side, ratio)
    pixels: Pixels = bank.take(_rows(len(lanes), kinds, ratio), axis=0)
    stamp(pixels, [(_top(row, ratio), lanes[row].anchors) for row in fitting], scale, ratio)
    return pixels


def _top(row: int, ratio: float) -> int:
    return round(row * LANE_HEIGHT * ratio)


def _rows(lanes: int, kinds: Indices, ratio: float) -> Indices:
    """(h,) which row of the bank each row of pixels shows; see `row_bank`."""
    tops = np.array([_top(row, ratio) for row in range(lanes + 1)])
    lane = np.repeat(np.arange(lanes), np.diff(tops))
    inside = np.minimum(((np.arange(tops[-1]) - tops[lane]) / ratio).astype(np.int64), LANE_HEIGHT - 1)
    inside[tops[1:] - 1] = LANE_HEIGHT - 1  # the line between lanes, whatever the ratio
    return np.asarray(lane * (kinds.max() + 1) + kinds[inside])
