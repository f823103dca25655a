"""Boxes, and the only place that converts between box conventions.

Convention everywhere else: `(x, y, width, height)`, floats, top-left corner, pixel *edges* at integers,
0-based. The first pixel of a frame covers x in [0, 1], and its centre lies at 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.errors import BoxError

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Box:
    """An axis-aligned rectangle in a frame, in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """X of the right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Y of the lower edge."""
        return self.y + self.height

    @property
    def area(self) -> float:
        """Area in square pixels."""
        return self.width * self.height

    @property
    def centre(self) -> tuple[float, float]:
        """(x, y) of the centre."""
        return self.x + self.width / 2, self.y + self.height / 2

    def as_tuple(self) -> tuple[float, float, float, float]:
        """(x, y, width, height)."""
        return self.x, self.y, self.width, self.height

    def is_valid(self) -> bool:
        """Whether all numbers are finite and the area is above zero."""
        return all(map(math.isfinite, self.as_tuple())) and self.width > 0 and self.height > 0

    def moved(self, dx: float, dy: float) -> Box:
        """This box shifted by (dx, dy)."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)

    def clipped(self, width: float, height: float) -> Box | None:
        """The part inside a frame of the given size, or None where nothing is."""
        left, top = max(self.x, 0.0), max(self.y, 0.0)
        right, bottom = min(self.right, width), min(self.bottom, height)
        if right <= left or bottom <= top:
            return None
        return Box(left, top, right - left, bottom - top)

    @staticmethod
    def from_centre(cx: float, cy: float, width: float, height: float) -> Box:
        """The box of the given size around (cx, cy)."""
        return Box(cx - width / 2, cy - height / 2, width, height)

    @staticmethod
    def from_corners(x1: float, y1: float, x2: float, y2: float) -> Box:
        """The box spanned by two opposite corners, in any order."""
        return Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))

    @staticmethod
    def from_one_based(x: float, y: float, width: float, height: float) -> Box:
        """From MATLAB pixel numbering, where the first pixel is (1, 1) (OTB family of data sets)."""
        return Box(x - 1, y - 1, width, height)

    def to_one_based(self) -> tuple[float, float, float, float]:
        """(x, y, width, height) in MATLAB pixel numbering."""
        return self.x + 1, self.y + 1, self.width, self.height

    @staticmethod
    def around(points: ArrayLike) -> Box:
        """The smallest box around points (n, 2)."""
        low, high = np.min(points, axis=0), np.max(points, axis=0)
        return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))

    @staticmethod
    def from_turned(x: float, y: float, width: float, height: float, degrees: float) -> Box:
        """The smallest box around a rectangle that is turned clockwise about its top-left corner (Label Studio)."""
        cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        corners = [(0.0, 0.0), (width, 0.0), (width, height), (0.0, height)]
        return Box.around([(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in corners])

    def polygon(self) -> tuple[float, ...]:
        """Its corners x1, y1 ... x4, y4, clockwise from the top left."""
        return self.x, self.y, self.right, self.y, self.right, self.bottom, self.x, self.bottom

    def to_shares(self, size: tuple[int, int]) -> tuple[float, float, float, float]:
        """(x, y, width, height) as shares of a frame's (width, height)."""
        return self.x / size[0], self.y / size[1], self.width / size[0], self.height / size[1]

    @staticmethod
    def from_shares(x: float, y: float, width: float, height: float, size: tuple[int, int]) -> Box:
        """From shares of a frame's (width, height)."""
        return Box(x * size[0], y * size[1], width * size[0], height * size[1])


def require_usable(box: Box, frame_size: tuple[int, int], where: object = "") -> Box:
    """Return `box` if a tracker can start from it.

    Args:
        box: The box to check.
        frame_size: (width, height) of the frame.
        where: Named in the error.

    Raises:
        BoxError: It is not finite, has no area, or lies outside the frame.
    """
    text = ", ".join(f"{value:g}" for value in box.as_tuple())
    if not box.is_valid():
        raise BoxError(
            f"the box ({text}) has no area or is not finite.",
            where=where,
            todo="Give x,y,width,height, width and height above 0.",
        )
    if box.clipped(*frame_size) is None:
        width, height = frame_size
        raise BoxError(
            f"the box ({text}) lies outside the frame of {width} x {height} pixels.",
            where=where,
            todo="Give a box that overlaps the frame (0-based, top-left corner).",
        )
    return box


def parse_box(text: str) -> Box:
    """Read "x,y,width,height" (commas, tabs or spaces).

    Raises:
        BoxError: The text is not four numbers.
    """
    parts = text.replace(",", " ").split()
    try:
        x, y, width, height = (float(part) for part in parts)
    except ValueError:
        raise BoxError(
            f"cannot read the box {text!r}.", todo="Write four numbers: x,y,width,height."
        ) from None
    return Box(x, y, width, height)


def iou(first: ArrayLike, second: ArrayLike) -> Array:
    """Intersection over union of boxes, pair by pair.

    Args:
        first: (..., 4) boxes x, y, width, height.
        second: The same, broadcastable against `first`.

    Returns:
        (...) values in 0..1; 0 where a box is NaN or without area.
    """
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    low = np.maximum(a[..., :2], b[..., :2])
    high = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    inter = np.prod(np.clip(high - low, 0.0, None), axis=-1)
    union = a[..., 2] * a[..., 3] + b[..., 2] * b[..., 3] - inter
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(union > 0, inter / union, 0.0)
    return np.asarray(np.clip(np.nan_to_num(ratio), 0.0, 1.0))


def centre_distance(first: ArrayLike, second: ArrayLike) -> Array:
    """Distance in pixels between the centres of boxes (..., 4), pair by pair; NaN stays NaN."""
    a, b = np.asarray(first, np.float64), np.asarray(second, np.float64)
    gap = (a[..., :2] + a[..., 2:] / 2) - (b[..., :2] + b[..., 2:] / 2)
    return np.asarray(np.hypot(gap[..., 0], gap[..., 1]))


def boxes_as_array(boxes: list[Box | None]) -> Array:
    """(n, 4) array of boxes, NaN rows where there is none."""
    rows = [box.as_tuple() if box is not None else (math.nan,) * 4 for box in boxes]
    return np.array(rows, np.float64).reshape(-1, 4)
