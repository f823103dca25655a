"""Automatic gain control by one curve for a whole frame: spans that are measured, and equalisation.

A curve is the level, 0..255, of every count there can be, so that a frame is painted by looking its counts up.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.thermal.display import Counts, Span

Curve: TypeAlias = NDArray[np.float32]
"""(256,) or (65536,) level of each count, rising, 0..255."""

Rectangle: TypeAlias = tuple[float, float, float, float]
"""(x, y, width, height) in pixels, edges at integers."""

MIN_SIDE = 24
"""Pixels of the surroundings of the smallest target: fewer say nothing about the scene."""


def span_of(counts: Counts, tails: float) -> Span:
    """The span of one frame, from all of its counts.

    Args:
        counts: (H, W), uint8 or uint16, one pixel or more.
        tails: Percent of the counts that may lie below it, and above it.
    """
    lowest, histogram = _histogram(counts)
    total = np.cumsum(histogram)
    cut = total[-1] * tails / 100
    low = float(lowest + np.searchsorted(total, cut, "right"))
    high = float(lowest + np.searchsorted(total, total[-1] - cut, "left"))
    return Span(low, max(high, low + 1.0))


def surroundings(box: Rectangle, margin: float, size: tuple[int, int]) -> tuple[slice, slice]:
    """The part of a frame around a box, the box in it.

    Args:
        box: The target, any part of it inside the frame or not.
        margin: How far it reaches beyond each side, in sizes of the box.
        size: (height, width) of the frame.

    Returns:
        Rows and columns; at least one pixel.
    """
    x, y, width, height = box
    rows = _stretch(y, height, margin, size[0])
    return rows, _stretch(x, width, margin, size[1])


def _stretch(start: float, length: float, margin: float, room: int) -> slice:
    half = max(length * (0.5 + margin), MIN_SIDE / 2)
    middle = min(max(start + length / 2, 0.0), float(room))
    first = int(max(middle - half, 0))
    return slice(min(first, room - 1), max(int(np.ceil(min(middle + half, room))), first + 1))


def linear(span: Span, size: int) -> Curve:
    """The straight line from the span's low end to its high end; beyond them it is cut off.

    Args:
        span: The counts at levels 0 and 255.
        size: How many counts there can be.
    """
    scale = np.float32(255.0 / (span.high - span.low))
    ramp = (np.arange(size, dtype=np.float32) - np.float32(span.low)) * scale
    return np.asarray(np.clip(ramp, 0.0, 255.0, out=ramp))


def plateau(counts: Counts, span: Span, contrast: float, linear_share: float) -> Curve:
    """Plateau histogram equalisation: levels go to the counts that are there, and no count gets very many.

    Args:
        counts: (H, W), uint8 or uint16.
        span: Only counts within it take part.
        contrast: The plateau: bins of the histogram are cut at so many times their mean.
        linear_share: How much of the straight line is mixed in, 0..1.
    """
    size = 256 if counts.dtype == np.uint8 else 65536
    low, high = int(max(span.low, 0)), int(min(np.ceil(span.high), size - 1))
    line = linear(span, size)
    if high <= low:
        return line
    histogram = cv2.calcHist([counts], [0], None, [high + 1 - low], [low, high + 1]).ravel()
    line[low : high + 1] *= np.float32(linear_share)
    line[low : high + 1] += np.float32(1 - linear_share) * equalised(
        np.asarray(histogram, np.float32), contrast
    )
    return line


def equalised(histogram: NDArray[np.float32], contrast: float) -> Curve:
    """The level of each bin after plateau equalisation; a straight line where all bins are empty.

    Args:
        histogram: (n,) pixels in each bin, n >= 2.
        contrast: Where bins are cut, in means.
    """
    cut = np.minimum(histogram, np.float32(contrast * histogram.mean()))
    total = np.cumsum(cut, dtype=np.float64)
    if total[-1] <= total[0]:
        return np.linspace(0, 255, len(histogram), dtype=np.float32)
    return np.asarray((total - total[0]) * (255.0 / (total[-1] - total[0])), np.float32)


def _histogram(counts: Counts) -> tuple[int, NDArray[np.float32]]:
    """The lowest count, and how often it and each one up to the highest occur."""
    contiguous: NDArray[np.integer] = np.ascontiguousarray(counts)
    lowest, highest, _, _ = cv2.minMaxLoc(contiguous)
    bins = int(highest) + 1 - int(lowest)
    histogram = cv2.calcHist([contiguous], [0], None, [bins], [int(lowest), int(highest) + 1])
    return int(lowest), np.asarray(histogram.ravel(), np.float32)
