"""VOT regions, and their overlap in pixels.

A region is a row of numbers, as in VOT's files: one number is a code (unknown, initialised, failed), four are
a rectangle x, y, width, height, six or more the corners x, y of a polygon, which is taken to be convex: those
of VOT are rotated rectangles.

VOT counts pixels instead of computing areas (vot-toolkit 0.9, `vot.region.raster`): corners and sizes are
rounded to whole numbers, half to even; a rectangle covers the pixels x to x + width - 1; a polygon covers in
each row all pixels from the leftmost to the rightmost crossing of its outline, cut to whole numbers, both
included. Only pixels inside the frame count (without a frame, vot-toolkit also cuts off a part of rectangles
at negative coordinates; that is not repeated here). For small targets that differs by much from the overlap
of the areas. Two regions that together are not more than one pixel wide or high overlap by 1, regions that
lie outside the frame by 0.

Pixels of a region are kept as one span for each row; the overlap of spans is exact, and no mask is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Region = NDArray[np.float64]
"""(1,) a code, (4,) a rectangle, (2k,) with k > 2 a polygon."""

UNKNOWN, INITIALISED, FAILED = 0, 1, 2


@dataclass(frozen=True)
class _Spans:
    """Pixels, one span for each row from `top` on: from the least to the greatest of its crossings, both included.

    A crossing is the sum of a corner's x (k,) and an offset (rows, k), NaN where an edge does not meet a row. The two
    are added only when the window is known in which pixels are counted: in that order VOT rounds.
    """

    top: int
    corners: Array
    offsets: Array
    bounds: tuple[int, int, int, int]  # left, top, right, bottom, inclusive


def is_code(region: Region, code: int | None = None) -> bool:
    """Whether a region is a code, or one given code."""
    return region.size == 1 and (code is None or int(region[0]) == code)


def bounding_box(region: Region) -> Array:
    """(4,) x, y, width, height around a rectangle or polygon; NaN for a code."""
    if region.size == 1:
        return np.full(4, np.nan)
    if region.size == 4:
        return np.asarray(region, np.float64)
    x, y = region[0::2], region[1::2]
    return np.array([x.min(), y.min(), x.max() - x.min(), y.max() - y.min()])


def region_overlap(first: Region, second: Region, frame_size: tuple[int, int] | None = None) -> float:
    """Overlap in pixels of two regions; see the module.

    Args:
        first: A region; a code, or one with NaN, covers nothing.
        second: Another.
        frame_size: (width, height) of the frame, None for no limit.
    """
    a, b = _spans(first), _spans(second)
    union = _around(a.bounds, b.bounds)
    if union[0] >= union[2] or union[1] >= union[3]:
        return 1.0
    if frame_size is not None:
        width, height = frame_size
        union = (max(0, union[0]), max(0, union[1]), min(width - 1, union[2]), min(height - 1, union[3]))
        if union[0] >= union[2] or union[1] >= union[3]:
            return 0.0
    (left_a, right_a), (left_b, right_b) = _within(a, union), _within(b, union)
    shared = _count(np.maximum(left_a, left_b), np.minimum(right_a, right_b))
    covered = _count(left_a, right_a) + _count(left_b, right_b) - shared
    return shared / covered if covered else 0.0


def region_overlaps(
    first: list[Region], second: list[Region], frame_size: tuple[int, int] | None = None
) -> Array:
    """(n,) overlaps, pair by pair.

    Raises:
        ValueError: The lengths differ.
    """
    pairs = zip(first, second, strict=True)
    return np.array([region_overlap(a, b, frame_size) for a, b in pairs], np.float64)


def _spans(region: Region) -> _Spans:
    values = np.asarray(region, np.float32)  # VOT's precision, which decides what half a pixel is
    if values.size == 1 or not np.isfinite(values).all():
        return _Spans(0, np.empty(0), np.empty((0, 0)), (0, 0, 0, 0))
    if values.size == 4:
        x, y, width, height = np.round(values).astype(np.int64).tolist()
        ends, bounds = np.array([x, x + width - 1.0]), (x, y, x + width - 1, y + height - 1)
        return _Spans(y, ends, np.zeros((max(height, 0) if width > 0 else 0, 2)), bounds)
    return _polygon_spans(np.round(values.reshape(-1, 2)).astype(np.float64))


def _polygon_spans(corners: Array) -> _Spans:
    (left, top), (right, bottom) = corners.min(axis=0).astype(int), corners.max(axis=0).astype(int)
    bounds = (int(left), int(top), int(right), int(bottom))
    rows = np.arange(top, bottom + 1)[:, None]  # (r, 1)
    (x1, y1), (x2, y2) = corners.T, np.roll(corners, 1, axis=0).T  # each (k,): edges from each corner back
    meets = (np.minimum(y1, y2) <= rows) & (rows <= np.maximum(y1, y2))  # (r, k)
    level = y1 == y2
    share = (rows - y1) / np.where(level, 1.0, y2 - y1)
    offsets = np.where(meets, np.where(level, 0.0, share * (x2 - x1)), np.nan)
    return _Spans(int(top), x1, offsets, bounds)


def _around(a: tuple[int, int, int, int], b: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _within(spans: _Spans, window: tuple[int, int, int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Left and right ends in every row of a window, from its left edge; left > right where nothing is covered."""
    x1, y1, x2, y2 = window
    left, right = np.ones(y2 - y1 + 1, np.int64), np.zeros(y2 - y1 + 1, np.int64)
    start, stop = max(spans.top, y1), min(spans.top + len(spans.offsets), y2 + 1)
    if stop > start:
        here = slice(start - y1, stop - y1)
        # Cut towards zero as seen from the window's left edge, which is where VOT's pixels begin.
        crossings = np.trunc(spans.corners - x1 + spans.offsets[start - spans.top : stop - spans.top])
        left[here] = np.maximum(np.nanmin(crossings, axis=1), 0)
        right[here] = np.minimum(np.nanmax(crossings, axis=1), x2 - x1)
    return left, right


def _count(left: ArrayLike, right: ArrayLike) -> int:
    return int(np.clip(np.asarray(right) - np.asarray(left) + 1, 0, None).sum())
