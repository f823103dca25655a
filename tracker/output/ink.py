"""Drawing into a picture (H, W, 3) uint8 RGB, in place: outlines, plates and text; what lies outside is cut off."""

from __future__ import annotations

import math
from collections.abc import Iterator
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.output.lettering import Mask

Rgb = NDArray[np.uint8]
Colour = tuple[int, int, int]
Place = tuple[int, int, int, int]
"""left, top, right, bottom of something drawn."""

GROUND, TEXT, RIM = (12, 13, 14), (240, 242, 244), (0, 0, 0)
GROUND_OPACITY = 0.72

_FINE = 4
"""Binary places of OpenCV's coordinates, whose whole numbers are the centres of pixels."""


class Stroke(Enum):
    """How a line is drawn: lengths of a dash and of the gap after it, in line widths."""

    SOLID = (0, 0)
    DASHED = (5, 3)
    DOTTED = (1.5, 2)


def shade(picture: Rgb, left: int, top: int, width: int, height: int, colour: Colour, opacity: float) -> None:
    """Lay a plate over a part of a picture."""
    right, bottom = left + width, top + height
    place = picture[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if place.size:
        levels = np.arange(256)[:, None] * (1.0 - opacity) + np.asarray(colour) * opacity
        place[:] = cv2.LUT(np.ascontiguousarray(place), np.rint(levels).astype(np.uint8)[None])


def stamp(picture: Rgb, mask: Mask, left: int, top: int, colour: Colour) -> None:
    """Lay a colour over a picture where a mask covers it; the mask's first pixel lies at (left, top)."""
    height, width = picture.shape[:2]
    rows, columns = mask.shape
    first, last = max(-top, 0), min(rows, height - top)
    begin, end = max(-left, 0), min(columns, width - left)
    if first >= last or begin >= end:
        return
    place = picture[top + first : top + last, left + begin : left + end]
    covered = mask[first:last, begin:end, None].astype(np.int32)
    place[:] = (place + (np.asarray(colour, np.int32) - place) * covered // 255).astype(np.uint8)


def outline(
    picture: Rgb,
    box: tuple[float, float, float, float],
    colour: Colour,
    width: int,
    stroke: Stroke = Stroke.SOLID,
) -> None:
    """Draw a rectangle over a dark rim, so that it can be seen on its own colour, and on white.

    Its lines cover whole pixels, so that they are as crisp as the enlarged pixels below them.

    Args:
        picture: (H, W, 3), changed.
        box: x, y, width, height in its pixels, edges at whole numbers.
        colour: RGB.
        width: Of the line in pixels.
        stroke: How the line goes; the rim is whole.
    """
    rows, columns = picture.shape[:2]
    left, right = (_line_at(edge, width, columns) for edge in (box[0], box[0] + box[2]))
    top, bottom = (_line_at(edge, width, rows) for edge in (box[1], box[1] + box[3]))
    sides = (
        (left, top, right + width, top + width),
        (left, bottom, right + width, bottom + width),
        (left, top, left + width, bottom + width),
        (right, top, right + width, bottom + width),
    )
    for begin_x, begin_y, end_x, end_y in sides:
        _fill(picture, (begin_x - 1, begin_y - 1, end_x + 1, end_y + 1), RIM)
    for side in sides:
        for dash in _dashes(side, width, stroke):
            _fill(picture, dash, colour)


def polygon(
    picture: Rgb, points: NDArray[np.float64], colour: Colour, width: int, *, is_closed: bool = True
) -> None:
    """Draw lines through points (n, 2), in pixels with edges at whole numbers, over a dark rim."""
    places = np.clip(np.rint((points - 0.5) * (1 << _FINE)), -(1 << 24), 1 << 24).astype(np.int32)
    for ink, thickness in ((RIM, width + 2), (colour, width)):
        cv2.polylines(picture, [places[:, None]], is_closed, ink, thickness, cv2.LINE_AA, _FINE)


def _line_at(edge: float, width: int, limit: int) -> int:
    """The first of the pixels of a line along an edge; an edge far outside comes near, where it is not seen either."""
    return math.floor(min(max(edge, -64.0), limit + 64.0) - width / 2 + 0.5)


def _dashes(side: Place, width: int, stroke: Stroke) -> Iterator[Place]:
    """The parts of a side that are drawn."""
    left, top, right, bottom = side
    dash, gap = (round(part * width) for part in stroke.value)
    if stroke is Stroke.SOLID:
        yield side
    elif right - left > bottom - top:
        for at in range(left, right, dash + gap):
            yield at, top, min(at + dash, right), bottom
    else:
        for at in range(top, bottom, dash + gap):
            yield left, at, right, min(at + dash, bottom)


def _fill(picture: Rgb, place: Place, colour: Colour) -> None:
    left, top, right, bottom = (max(edge, 0) for edge in place)
    picture[top:bottom, left:right] = colour


def readable_on(colour: Colour) -> Colour:
    """Black or white, whichever is read more easily on a colour (relative luminance as in WCAG 2)."""
    shares = [channel / 255 for channel in colour]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    luminance = sum(
        weight * channel for weight, channel in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
    )
    return (16, 18, 20) if luminance > 0.18 else (255, 255, 255)
