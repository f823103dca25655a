"""From counts to gray levels on a screen: white is hot, and the span stays the same over the whole clip.

Only what is painted passes through here. Counts are never altered, and the network sees none of this.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.uint8] | NDArray[np.uint16]
"""As in `tracker.media.source`, which stands beside this package."""

PERCENTILES = (0.5, 99.5)
"""Share of the counts that may be drawn as full black and full white: dead pixels and the sun lie outside."""

Display = NDArray[np.uint8]
"""Gray levels (H, W), or colours (H, W, 3), as they are painted."""


@dataclass(frozen=True)
class Span:
    """The counts drawn as black (`low`) and as white (`high`)."""

    low: float = 0.0
    high: float = 255.0


def measure_span(frames: Iterable[Counts]) -> Span:
    """The span of a clip, from a few of its frames.

    Args:
        frames: (H, W) or (H, W, 3) counts; at least one frame.

    Returns:
        0..255 for uint8, which is shown as it is; else percentiles of all the frames' counts together.
    """
    samples = [np.asarray(frame) for frame in frames]
    if samples[0].dtype == np.uint8:
        return Span()
    values = np.concatenate([frame[::2, ::2].ravel() for frame in samples])
    low, high = (float(value) for value in np.percentile(values, PERCENTILES))
    return Span(low, max(high, low + 1.0))


def to_display(counts: Counts, span: Span) -> Display:
    """What to paint for `counts`.

    Args:
        counts: (H, W) or (H, W, 3), uint8 or uint16.
        span: The counts at black and white; between them the scale is linear, beyond them it is cut off.

    Returns:
        uint8 of the same shape; `counts` themselves where they are uint8 and the span is 0..255.
    """
    if counts.dtype == np.uint8 and span == Span():
        return np.asarray(counts, np.uint8)
    table = lookup_table(span, 256 if counts.dtype == np.uint8 else 65536)
    return np.asarray(table[counts])


def lookup_table(span: Span, size: int) -> Display:
    """(size,) gray level of each possible count."""
    ramp = (np.arange(size, dtype=np.float64) - span.low) * (255.0 / (span.high - span.low))
    return np.clip(np.rint(ramp), 0, 255).astype(np.uint8)
