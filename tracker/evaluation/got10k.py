"""GOT-10k's measures: average overlap (AO) and success rates (SR).

Huang, Zhao, Huang, "GOT-10k", TPAMI 2021, in the conventions of its toolkit (got10k 0.1.3, `ExperimentGOT10k`):

- the first frame does not count, nor a frame whose `cover.label` is 0 (nothing of the target can be seen);
- both boxes are first limited to the frame: the corner is moved inside, then the size is cut to what is left;
  a box that begins left of the frame therefore keeps its width. That is the toolkit's way, and not what
  clipping would give;
- AO is the mean over all counted frames of all sequences together, not a mean of the sequences' means;
- SR at t is the share of frames with an overlap above t.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.evaluation.metrics import FINE_SUCCESS_THRESHOLDS, success_curve
from tracker.geometry import iou

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Got10kScore:
    """What counted frames add up to.

    Attributes:
        frames: Number of counted frames.
        ao: Average overlap.
        sr_50: Success rate above 0.5.
        sr_75: Success rate above 0.75.
        success: (101,) success rate at 0, 0.01, ..., 1.
    """

    frames: int
    ao: float
    sr_50: float
    sr_75: float
    success: Array


def counted_overlaps(
    boxes: ArrayLike, truth: ArrayLike, visible: ArrayLike, frame_size: tuple[float, float] | None
) -> Array:
    """Overlaps of the frames of one sequence that count.

    Args:
        boxes: (n, 4) results; NaN where there is none.
        truth: (n, 4) true boxes.
        visible: (n,) whether anything of the target can be seen.
        frame_size: (width, height) that boxes are limited to, None for no limit.

    Returns:
        (m,) IoU; a missing box overlaps nothing.

    Raises:
        ValueError: The lengths differ.
    """
    found, true = np.asarray(boxes, np.float64), np.asarray(truth, np.float64)
    seen = np.asarray(visible, bool)
    if not len(found) == len(true) == len(seen):
        raise ValueError(
            f"{len(found)} results against {len(true)} true boxes and {len(seen)} visible ratios"
        )
    if frame_size is not None:
        found, true = limited(found, frame_size), limited(true, frame_size)
    usable = seen & np.isfinite(true).all(axis=1)
    return iou(found[1:], true[1:])[usable[1:]]


def limited(boxes: Array, frame_size: tuple[float, float]) -> Array:
    """(n, 4) boxes limited to a frame in the toolkit's way; see the module."""
    size = np.asarray(frame_size, np.float64)
    corner = np.clip(boxes[:, :2], 0.0, size)
    return np.concatenate([corner, np.clip(boxes[:, 2:], 0.0, size - corner)], axis=1)


def score_got10k(overlaps: ArrayLike) -> Got10kScore:
    """AO and SR of (m,) overlaps, of one sequence or of many together.

    Raises:
        ValueError: There are none.
    """
    values = np.asarray(overlaps, np.float64)
    if not values.size:
        raise ValueError("no frame counts")
    return Got10kScore(
        frames=len(values),
        ao=float(values.mean()),
        sr_50=float((values > 0.5).mean()),
        sr_75=float((values > 0.75).mean()),
        success=success_curve(values, FINE_SUCCESS_THRESHOLDS),
    )
