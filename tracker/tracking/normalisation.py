"""From counts to network input: explicit, one pair of numbers per clip, independent of what is displayed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.media.source import Counts, FrameSource
from tracker.opencv import cv2

SAMPLED_FRAMES = 16
PERCENTILES = (0.1, 99.9)


@dataclass(frozen=True)
class Normalisation:
    """Linear map that sends counts low..high to 0..255, clipped.

    8-bit counts are used as they are; for 16-bit counts the range is taken once from frames spread over
    the clip, so that a target keeps its value when the scene changes, and is stored with the project.
    """

    low: float = 0.0
    high: float = 255.0

    @staticmethod
    def of(source: FrameSource) -> Normalisation:
        """The normalisation of a clip."""
        if source.dtype == np.uint8:
            return Normalisation()
        indices = np.unique(np.linspace(0, len(source) - 1, SAMPLED_FRAMES).astype(int))
        values = np.concatenate([to_gray(source.frame(int(i)))[::4, ::4].ravel() for i in indices])
        low, high = (float(v) for v in np.percentile(values, PERCENTILES))
        return Normalisation(low, max(high, low + 1.0))

    def apply(self, counts: Counts, gain: float = 1.0, offset: float = 0.0) -> NDArray[np.float32]:
        """Counts (H, W) or (H, W, 3) to gray (H, W) float32 in 0..255.

        Args:
            counts: A frame.
            gain: Factor ...
            offset: ... and summand for the counts of a sensor that answers otherwise than it did.
        """
        gray = to_gray(counts).astype(np.float32)
        if (gain, offset) != (1.0, 0.0):
            corrected = Normalisation((self.low - offset) / gain, (self.high - offset) / gain)
            return corrected._scaled(gray)
        if (self.low, self.high) == (0.0, 255.0):
            return gray
        return self._scaled(gray)

    def _scaled(self, gray: NDArray[np.float32]) -> NDArray[np.float32]:
        scaled = (gray - self.low) * (255.0 / (self.high - self.low))
        return np.asarray(np.clip(scaled, 0.0, 255.0), np.float32)


def to_gray(counts: Counts) -> NDArray[np.generic]:
    """(H, W) of any counts; colour by ITU-R BT.601 luma, as in the papers."""
    return counts if counts.ndim == 2 else np.asarray(cv2.cvtColor(counts, cv2.COLOR_RGB2GRAY))
