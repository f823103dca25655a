"""Gain control that differs from place to place: local contrast, and detail kept apart from the base.

Both work on the positions of the counts within a span, in floating point, so that 16 bits are not cut to 8 before
their contrast is raised.
"""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.thermal.agc import equalised
from tracker.thermal.display import Counts, Display, Span

BINS = 256
MAX_TILES = 8
TILE = 32
"""Pixels: smaller tiles hold too few counts for a histogram."""

BASE_BINS = 1024
BASE_SHARE = 0.8
"""Of the levels, for the base; the rest is room for detail at both ends."""

EDGE = 0.05
"""Of the span: what differs by more, near by, is an edge and stays in the base, so that it gets no halo."""

Positions = NDArray[np.float32]


class _Scratch(threading.local):
    """Arrays of the size of a frame that are used again: fresh memory would cost a paint more than its arithmetic."""

    def __init__(self) -> None:
        self._kept: dict[str, Positions] = {}

    def get(self, name: str, shape: tuple[int, ...]) -> Positions:
        """An array of this shape with anything in it, the thread's own until it is asked for by this name again."""
        kept = self._kept.get(name)
        if kept is None or kept.shape != shape:
            kept = self._kept[name] = np.empty(shape, np.float32)
        return kept


_scratch = _Scratch()


def clahe(counts: Counts, span: Span, contrast: float) -> Display:
    """Contrast-limited adaptive histogram equalisation (Zuiderveld 1994).

    Curves of tiles are interpolated between the tiles, and between their bins too: 256 bins then make no steps in
    16-bit counts.

    Args:
        counts: (H, W), uint8 or uint16.
        span: The counts at both ends of the histograms.
        contrast: Bins are cut at so many times their mean; what is cut off is spread over all bins.

    Returns:
        (H, W) levels.
    """
    at = _positions(counts, span, BINS - 1)
    np.clip(at, 0, BINS - 1, out=at)
    height, width = at.shape
    rows, columns = (min(MAX_TILES, max(side // TILE, 1)) for side in (height, width))
    curves = _tile_curves(at, rows, columns, contrast)
    across = np.broadcast_to(_between_tiles(width, columns), (height, width))
    down = _between_tiles(height, rows)
    levels = np.empty(at.shape, np.uint8)
    upper = np.minimum(down.astype(np.intp), max(rows - 2, 0))
    for row in range(max(rows - 1, 1)):
        part = slice(*np.searchsorted(upper, (row, row + 1)))
        band = at[part], np.ascontiguousarray(across[part])
        top, bottom = (_looked_up(curves[min(each, rows - 1)], *band) for each in (row, row + 1))
        bottom -= top
        bottom *= (down[part] - row)[:, None]
        cv2.add(top, bottom, dst=levels[part], dtype=cv2.CV_8U)  # rounds, and cuts off
    return levels


def _tile_curves(at: Positions, rows: int, columns: int, contrast: float) -> Positions:
    """(rows, columns, BINS) level of each bin in each tile."""
    height, width = at.shape
    column_of = np.arange(width) * columns // width * BINS
    limits = [height * row // rows for row in range(rows + 1)]
    histogram = np.empty((rows, columns, BINS), np.float32)
    for row, (first, stop) in enumerate(pairwise(limits)):  # row by row: small arrays stay in the cache
        keys = at[first:stop].astype(np.intp)
        keys += column_of
        histogram[row] = np.bincount(keys.ravel(), minlength=columns * BINS).reshape(columns, BINS)
    tiles = np.minimum(histogram, contrast * histogram.mean(axis=-1, keepdims=True))
    tiles += (histogram - tiles).mean(axis=-1, keepdims=True)
    total: Positions = np.cumsum(tiles, axis=-1)
    return np.asarray((total - tiles / 2) * (255.0 / total[..., -1:]), np.float32)


def _between_tiles(length: int, tiles: int) -> Positions:
    """(length,) where each pixel lies between the middles of the tiles: 0 is the first one's, 1 the next one's."""
    at = (np.arange(length, dtype=np.float32) + 0.5) * (tiles / length) - 0.5
    return np.asarray(np.clip(at, 0, tiles - 1), np.float32)


def _looked_up(curves: Positions, at: Positions, across: Positions) -> Positions:
    """Levels from one row of tiles, between whose columns and bins it is interpolated."""
    levels = cv2.remap(curves, at, across, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(levels, np.float32)


def detail(counts: Counts, span: Span, contrast: float, linear_share: float, gain: float) -> Display:
    """Strengthens detail, and holds back what changes slowly.

    A fast guided filter (He and Sun 2015) parts the frame into a base, whose edges are kept, and detail. The base goes
    through plateau equalisation; the detail is multiplied and laid over it.

    Args:
        counts: (H, W), uint8 or uint16.
        span: The counts at both ends of the base.
        contrast: The plateau of the base's equalisation, in means of its histogram.
        linear_share: How much of a straight line is mixed into it, 0..1.
        gain: How many times detail is strengthened.

    Returns:
        (H, W) levels.
    """
    at = _positions(counts, span, 1.0)
    base, coarse = _base(at)
    curve = _base_curve(coarse, contrast, linear_share)
    at -= base
    at *= np.float32(255 * BASE_SHARE * gain)
    bins = np.asarray(cv2.addWeighted(base, BASE_BINS - 1.0, base, 0.0, 0.0, dtype=cv2.CV_16U), np.uint16)
    np.take(curve, bins, mode="clip", out=base)
    levels = cv2.add(at, base, dtype=cv2.CV_8U)  # rounds, and cuts off
    return np.asarray(levels, np.uint8)


def _base(at: Positions) -> tuple[Positions, Positions]:
    """The base in full size, in scratch memory, and a smaller copy of it."""
    height, width = at.shape
    step = max(min(height, width) // 128, 1)
    radius = max(min(height, width) // 32 // step, 1)
    window = (2 * radius + 1, 2 * radius + 1)
    small = cv2.resize(at, (max(width // step, 1), max(height // step, 1)), interpolation=cv2.INTER_AREA)
    mean = cv2.blur(small, window)
    variance = np.maximum(cv2.blur(small * small, window) - mean * mean, 0)
    sharp = variance / (variance + np.float32(EDGE**2))
    slope, offset = cv2.blur(sharp, window), cv2.blur(mean - sharp * mean, window)
    coarse = slope * small + offset
    base, shift = _scratch.get("base", at.shape), _scratch.get("shift", at.shape)
    for part, enlarged in ((slope, base), (offset, shift)):
        cv2.resize(part, (width, height), dst=enlarged, interpolation=cv2.INTER_LINEAR)
    base *= at
    base += shift
    return base, np.asarray(coarse, np.float32)


def _base_curve(coarse: Positions, contrast: float, linear_share: float) -> Positions:
    """(BASE_BINS,) level of each position of the base; it leaves room at both ends."""
    histogram = cv2.calcHist([coarse], [0], None, [BASE_BINS], [0.0, 1.0]).ravel()
    line = np.linspace(0, 255, BASE_BINS, dtype=np.float32)
    curve = linear_share * line + (1 - linear_share) * equalised(np.asarray(histogram, np.float32), contrast)
    return np.asarray(255 * (1 - BASE_SHARE) / 2 + BASE_SHARE * curve, np.float32)


def _positions(counts: Counts, span: Span, top: float) -> Positions:
    """Where counts lie in a span: 0 at its low end, `top` at its high end; not cut off. Scratch memory."""
    at = _scratch.get("positions", counts.shape)
    np.subtract(counts, np.float32(span.low), out=at, dtype=np.float32)
    at *= np.float32(top / (span.high - span.low))
    return at
