"""What training samples from: frames with the boxes of one or more targets, from any kind of source."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracker.media.source import Counts
from tracker.tracking.normalisation import Normalisation

Boxes = NDArray[np.float32]

MIN_SIDE = 4.0
"""Pixels; what is smaller on its shorter side shows nothing to learn from."""


@dataclass(frozen=True)
class Clip:
    """Frames of one scene, held as one array, and the targets in them.

    Attributes:
        name: For messages.
        source: Name of the source it belongs to; sources are sampled by weight.
        group: Scene group: clips of one group show the same place, and are sampled as one.
        frames: (n, H, W) gray counts; may be a memory map.
        times: (n,) frame indices in the media, ascending; the gap of a pair is measured in them.
        targets: (n, 4) boxes of each target, x, y, width, height; NaN where it must not be sampled.
        normalisation: From counts to gray 0..255.
        reach: How far the picture goes around the middle of a target at least, in sides of a square target of the same
            area; infinite where frames are whole.
    """

    name: str
    source: str
    group: str
    frames: Counts
    times: NDArray[np.int64]
    targets: tuple[Boxes, ...]
    normalisation: Normalisation = field(default_factory=Normalisation)
    reach: float = math.inf

    def usable(self, target: int) -> NDArray[np.int64]:
        """Frames in which a target can be sampled, ascending."""
        return np.flatnonzero(np.isfinite(self.targets[target]).all(1))

    def gray(self, index: int) -> NDArray[np.float32]:
        """(H, W) gray 0..255 of one frame."""
        return self.normalisation.apply(self.frames[index])


def sampleable(boxes: NDArray[np.float64], size: tuple[int, int]) -> Boxes:
    """The boxes that can be learned from, the others set to NaN.

    A box must be finite, at least `MIN_SIDE` on each side, and lie inside the frame for more than half.

    Args:
        boxes: (n, 4).
        size: (width, height) of the frames.
    """
    kept = np.asarray(boxes, np.float32).copy().reshape(-1, 4)
    low = np.maximum(kept[:, :2], 0)
    high = np.minimum(kept[:, :2] + kept[:, 2:], np.asarray(size, np.float32))
    inside = np.prod(np.clip(high - low, 0, None), axis=1)
    with np.errstate(invalid="ignore"):
        good = (
            np.isfinite(kept).all(1)
            & (kept[:, 2:].min(1) >= MIN_SIDE)
            & (inside > 0.5 * kept[:, 2] * kept[:, 3])
        )
    kept[~good] = np.nan
    return kept
