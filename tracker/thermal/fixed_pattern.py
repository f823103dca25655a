"""What stays on the picture whatever the camera sees: dead pixels, and stripes of columns and rows.

Estimated from frames spread over a clip. Both are judged by what is left of each frame when its surroundings are taken
away, and by medians over the frames, so that what moves in front of the camera does not count. A camera that never
moves sees things that do not move either: a spot counts as dead only where it is sharper than optics can draw it, a
stripe only where it goes through most of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.uint8] | NDArray[np.uint16]
"""As in `tracker.media.source`, which stands beside this package."""

Mask = NDArray[np.bool_]
Line = NDArray[np.float32]

AROUND = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0))
STRIPE_REACH = 15
"""Columns, or rows, on either side over which a stripe must not be smooth."""
STRIPE_FRAMES = 12

EDGE = 3.0
"""Standard deviations of the steps between neighbours from which on one is an edge of the scene."""


@dataclass(frozen=True)
class PatternConfig:
    """From when on a pixel counts as dead.

    Attributes:
        sigmas: Its distance from the median of its neighbours, in standard deviations of that over the picture ...
        sharpness: ... and relative to how far the neighbours differ among themselves ...
        share: ... in this share of the frames.
        still: Changes over time below this share of what is usual are none, where frames are noisy at all.
        least_noise: Standard deviation over time, in counts, from which frames are noisy.
    """

    sigmas: float = 4.0
    sharpness: float = 3.0
    share: float = 0.9
    still: float = 0.05
    least_noise: float = 0.5


@dataclass(frozen=True, eq=False)
class FixedPattern:
    """What to take away from each frame of a clip.

    Attributes:
        dead: (H, W) pixels that say nothing of the scene.
        columns: (W,) counts that a column reads too much.
        rows: (H,) counts that a row reads too much.
    """

    dead: Mask
    columns: Line
    rows: Line

    @property
    def dead_pixels(self) -> int:
        """How many there are."""
        return int(self.dead.sum())

    @property
    def stripes(self) -> float:
        """Standard deviation of columns and rows together, in counts."""
        return float(np.sqrt(self.columns.var() + self.rows.var()))

    def without_stripes(self) -> FixedPattern:
        """Its dead pixels alone."""
        return replace(self, columns=np.zeros_like(self.columns), rows=np.zeros_like(self.rows))


def estimate(frames: Sequence[Counts], config: PatternConfig | None = None) -> FixedPattern:
    """The fixed pattern of a clip.

    Args:
        frames: (H, W) counts, spread over the clip; 16 or more tell moving things from fixed ones.
        config: Of the judgement.

    Raises:
        ValueError: There is no frame, or frames have colours.
    """
    if not frames or frames[0].ndim != 2:
        raise ValueError("a fixed pattern is estimated from gray frames")
    stack = np.stack(frames).astype(np.float32)
    dead = _spots(stack, config or PatternConfig())
    few = stack[:: max(len(stack) // STRIPE_FRAMES, 1)]
    return FixedPattern(dead, _stripe(few), _stripe(few.transpose(0, 2, 1)))


def _spots(stack: NDArray[np.float32], config: PatternConfig) -> Mask:
    """Pixels that stand out from their neighbours in nearly every frame, or that never change."""
    away, among = np.empty_like(stack), np.empty_like(stack)
    for index, frame in enumerate(stack):
        around = np.sort(_neighbours(frame), axis=0)
        away[index] = frame - (around[3] + around[4]) / 2
        among[index] = around[-2] - around[1]  # but for the farthest on either side, which may be dead too
    sigma = max(1.4826 * float(np.median(np.abs(away))), 1e-3)
    least = np.maximum(config.sigmas * sigma, config.sharpness * np.median(among, axis=0))
    low, high = np.quantile(away, (1 - config.share, config.share), axis=0)
    change = stack.std(axis=0)
    usual = float(np.median(change))
    is_stuck = (change < config.still * usual) & (usual > config.least_noise)
    is_cut_off = np.isin(
        stack[0], (stack.min(), stack.max())
    )  # beyond the sensor's range nothing changes either
    return np.asarray((low > least) | (high < -least) | (is_stuck & ~is_cut_off))


def _neighbours(level: Line) -> Line:
    """(8, H, W) of each pixel; at the edge some count twice."""
    height, width = level.shape
    wide = np.pad(level, 1, mode="symmetric")
    return np.stack(
        [wide[1 + down : 1 + down + height, 1 + right : 1 + right + width] for down, right in AROUND]
    )


def _stripe(stack: NDArray[np.float32]) -> Line:
    """(W,) by how much each column reads more than those around it.

    The step from a column to the next is the median of those over all rows and frames that are no edges of the scene.
    The steps add up to the columns; what is smooth in that belongs to the scene or the optics.
    """
    width = stack.shape[2]
    if width < 3:
        return np.zeros(width, np.float32)
    steps = np.diff(stack, axis=2)
    edge = EDGE * 1.4826 * float(np.median(np.abs(steps)))
    flat = np.where(np.abs(steps) <= max(edge, 1.0), steps, np.nan).reshape(-1, width - 1)
    flat[0] = np.where(np.isnan(flat).all(axis=0), 0.0, flat[0])
    steps = np.nanmedian(flat, axis=0)
    course = np.concatenate(([0.0], np.cumsum(steps)))
    around = np.ones(min(2 * STRIPE_REACH + 1, width // 2 * 2 - 1))
    smooth = np.convolve(course, around, "same") / np.convolve(np.ones(width), around, "same")
    return np.asarray(course - smooth, np.float32)


class Corrector:
    """Takes a fixed pattern away from frames; counts of files are never altered, this makes others of them."""

    def __init__(self, pattern: FixedPattern) -> None:
        self._rows, self._columns = np.nonzero(pattern.dead)
        self._stripes = (pattern.columns[None, :] + pattern.rows[:, None]).astype(np.float32)
        self._has_stripes = bool(np.abs(self._stripes).max(initial=0.0) >= 0.5)
        height, width = pattern.dead.shape
        down, right = np.array(AROUND).T
        self._near = (
            np.clip(self._rows[:, None] + down, 0, height - 1),
            np.clip(self._columns[:, None] + right, 0, width - 1),
        )
        self._is_bad = pattern.dead[self._near]

    def apply(self, counts: Counts) -> Counts:
        """A frame without the pattern.

        Args:
            counts: (H, W) as the pattern; colour frames are given back as they are.

        Returns:
            The same type, rounded; dead pixels are the median of those of their neighbours that are not.
        """
        if counts.shape != self._stripes.shape:
            return counts
        result: Counts = counts.copy()
        if self._has_stripes:
            top = np.iinfo(counts.dtype).max
            result = np.clip(np.rint(counts - self._stripes), 0, top).astype(counts.dtype)
        if self._rows.size:
            near = np.where(self._is_bad, np.nan, result[self._near].astype(np.float32))
            whole = self._is_bad.all(axis=1)
            near[whole] = result[self._near][whole]
            result[self._rows, self._columns] = np.nanmedian(near, axis=1).astype(counts.dtype)
        return result
