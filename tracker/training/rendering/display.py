"""From 14-bit counts to the 8-bit picture that most thermal cameras give out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2

Counts = NDArray[np.uint16]


@dataclass(frozen=True)
class GainControl:
    """Automatic gain control.

    Attributes:
        low: Percentile of the counts shown as black.
        high: Percentile shown as white.
        smallest_span: Counts between black and white at least.
        inertia: Share of the old span that is kept from frame to frame; 0 follows at once.
        detail: How much local contrast is added; it puts halos around what is hot.
        detail_px: Size of the halos.
        headroom: Share of the span left free at the black and at the white end.
    """

    low: float = 0.5
    high: float = 99.9
    smallest_span: float = 300.0
    inertia: float = 0.92
    detail: float = 0.35
    detail_px: float = 6.0
    headroom: float = 0.06


Span = tuple[float, float]


def span_of(counts: Counts, control: GainControl) -> Span:
    """(low, high): the counts to be shown as black and as white."""
    low, high = (float(v) for v in np.percentile(counts[::2, ::2], (control.low, control.high)))
    free = max(control.smallest_span - (high - low), 0.0) / 2 + (high - low) * control.headroom
    return low - free, high + free


def to_eight_bit(counts: Counts, span: Span, control: GainControl | None = None) -> NDArray[np.uint8]:
    """One frame as a camera shows it.

    Args:
        counts: (H, W).
        span: (low, high) as from `span_of`.
        control: For the local contrast; none where not given.

    Returns:
        (H, W) gray levels.
    """
    level = (counts.astype(np.float32) - np.float32(span[0])) * np.float32(255.0 / (span[1] - span[0]))
    if control is not None and control.detail:
        level += np.float32(control.detail) * (level - cv2.GaussianBlur(level, (0, 0), control.detail_px))
    return np.asarray(np.clip(np.rint(level), 0, 255), np.uint8)


def automatic_gain(
    frames: Iterable[Counts], control: GainControl | None = None
) -> Iterator[NDArray[np.uint8]]:
    """A clip as a camera shows it: the span follows the picture slowly, so that jumps are seen.

    Args:
        frames: (H, W) counts in order.
        control: The camera's gain control.
    """
    control = control or GainControl()
    span: Span | None = None
    for counts in frames:
        wanted = span_of(counts, control)
        keep = control.inertia if span is not None else 0.0
        span = wanted if span is None else _mixed(span, wanted, keep)
        yield to_eight_bit(counts, span, control)


def _mixed(old: Span, new: Span, keep: float) -> Span:
    return old[0] * keep + new[0] * (1 - keep), old[1] * keep + new[1] * (1 - keep)
