"""Outlines of regions in a frame, and the pixels in them.

Frame coordinates: pixel edges at integers. A pixel belongs to an outline that contains its centre; centres on the
left and upper edge of a box belong to it, those on the right and lower edge do not, so that boxes side by side share
no pixel. An outline too small to contain any centre has the one pixel under its middle; a polygon whose middle is not
in it, as that of a narrow U, has the one under its first corner.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box

Mask: TypeAlias = NDArray[np.bool_]
Point: TypeAlias = tuple[float, float]
Places: TypeAlias = NDArray[np.floating[Any]]


class Shape(StrEnum):
    """What a region looks like. The values are stored in projects."""

    SPOT = "spot"
    BOX = "box"
    ELLIPSE = "ellipse"
    POLYGON = "polygon"

    @property
    def label(self) -> str:
        """For the interface."""
        return self.value.capitalize()

    def accepts(self, points: int) -> bool:
        """Whether so many points make such a shape: a spot has one, a box and an ellipse two opposite corners."""
        match self:
            case Shape.SPOT:
                return points == 1
            case Shape.POLYGON:
                return points >= 3
        return points == 2


@dataclass(frozen=True, eq=False)
class Patch:
    """Some pixels of a frame.

    Attributes:
        left: Column of the first column of the mask; the mask lies within the frame.
        top: Row of its first row.
        mask: (h, w) which pixels.
    """

    left: int
    top: int
    mask: Mask

    @property
    def pixels(self) -> int:
        """How many."""
        return int(np.count_nonzero(self.mask))

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the frame that the mask covers."""
        height, width = self.mask.shape
        return slice(self.top, self.top + height), slice(self.left, self.left + width)

    def without(self, *others: Patch) -> Patch:
        """The pixels that are in none of the others."""
        mask = self.mask.copy()
        for other in others:
            rows, columns = other.window
            top, left = max(rows.start - self.top, 0), max(columns.start - self.left, 0)
            bottom, right = rows.stop - self.top, columns.stop - self.left
            if bottom > top and right > left:
                there = mask[top:bottom, left:right]
                skip_y, skip_x = max(self.top - rows.start, 0), max(self.left - columns.start, 0)
                there &= ~other.mask[skip_y : skip_y + there.shape[0], skip_x : skip_x + there.shape[1]]
        return Patch(self.left, self.top, mask)


NOTHING = Patch(0, 0, np.zeros((0, 0), np.bool_))


@dataclass(frozen=True)
class Outline:
    """A shape with its place in the frame.

    Attributes:
        shape: What the points mean.
        points: (x, y) each: the spot, two opposite corners of a box or of the box around an ellipse, or the corners
            of a polygon in order.
    """

    shape: Shape
    points: tuple[Point, ...]

    @property
    def bounds(self) -> Box:
        """The smallest box around it; the pixel of a spot."""
        if self.shape is Shape.SPOT:
            (x, y), *_ = self.points
            return Box(math.floor(x), math.floor(y), 1, 1)
        return Box.around(self.points)

    def patch(self, size: tuple[int, int]) -> Patch:
        """Its pixels in a frame of (width, height); none where it lies outside."""
        window = _window(self.bounds, size)
        if self.shape is Shape.BOX and _has_centre(self.bounds):
            return window
        if window.pixels and self.shape in (Shape.POLYGON, Shape.ELLIPSE):
            rows, columns = window.window
            x, y = np.arange(columns.start, columns.stop) + 0.5, np.arange(rows.start, rows.stop) + 0.5
            window = Patch(window.left, window.top, self._inside(x, y))
        return window if window.mask.any() else self._one_pixel(size)

    def _one_pixel(self, size: tuple[int, int]) -> Patch:
        """For an outline without the centre of any pixel of the frame in it."""
        at = self.bounds.centre
        if (
            self.shape is Shape.POLYGON
            and not _in_polygon(self.points, *(np.array([value]) for value in at)).any()
        ):
            at = self.points[0]
        x, y = (math.floor(value) for value in at)
        is_inside = 0 <= x < size[0] and 0 <= y < size[1]
        return Patch(x, y, np.ones((1, 1), np.bool_)) if is_inside else NOTHING

    def _inside(self, x: Places, y: Places) -> Mask:
        """(len(y), len(x)) which points of a grid lie in a polygon or an ellipse."""
        if self.shape is Shape.POLYGON:
            return _in_polygon(self.points, x, y)
        box = self.bounds
        (cx, cy), a, b = box.centre, box.width / 2, box.height / 2
        return np.asarray(((y - cy) / b)[:, None] ** 2 + ((x - cx) / a)[None] ** 2 <= 1)


def ring(core: Box, width: float, size: tuple[int, int], *targets: Patch) -> Patch:
    """The surroundings of a box in a frame of (width, height), without the box itself.

    Args:
        core: The box.
        width: Of the ring at each side, relative to the box's own width and height; a pixel at least.
        size: Of the frame.
        targets: Pixels that are not surroundings either.
    """
    across, along = max(width * core.width, 1.0), max(width * core.height, 1.0)
    whole = Box(core.x - across, core.y - along, core.width + 2 * across, core.height + 2 * along)
    return _window(whole, size).without(_window(core, size), *targets)


def of_box(box: Box) -> Outline:
    """The outline of a box."""
    return Outline(Shape.BOX, ((box.x, box.y), (box.right, box.bottom)))


def _has_centre(box: Box) -> bool:
    """Whether the centre of any pixel lies in a box, in the frame or outside."""
    in_x = math.ceil(box.x - 0.5) < math.ceil(box.right - 0.5)
    return in_x and math.ceil(box.y - 0.5) < math.ceil(box.bottom - 0.5)


def _window(box: Box, size: tuple[int, int]) -> Patch:
    """The pixels of a frame whose centres lie in a box, left and upper edge included."""
    left, right = (min(max(math.ceil(value - 0.5), 0), size[0]) for value in (box.x, box.right))
    top, bottom = (min(max(math.ceil(value - 0.5), 0), size[1]) for value in (box.y, box.bottom))
    return Patch(left, top, np.ones((max(bottom - top, 0), max(right - left, 0)), np.bool_))


def _in_polygon(points: tuple[Point, ...], x: Places, y: Places) -> Mask:
    """Even-odd rule: how often a ray to the right crosses the sides; (len(y), len(x))."""
    is_inside = np.zeros((len(y), len(x)), np.bool_)
    for (x1, y1), (x2, y2) in zip(points, (*points[1:], points[0]), strict=True):
        crossed = (y1 > y) != (y2 > y)
        if crossed.any():
            at = x1 + (y[crossed] - y1) / (y2 - y1) * (x2 - x1)
            is_inside[crossed] ^= x[None] < at[:, None]
    return is_inside
