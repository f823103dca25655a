"""One-pass evaluation of a sequence by the rules of a benchmark: success, precision and normalised precision.

Started once from the true box, never corrected (OPE; Wu, Lim, Yang, "Object Tracking Benchmark", TPAMI 2015).

Toolkits agree on the curves and differ in what they do with frames that lack something. These are the differences:

- **The first frame** counts, with the given box, in the toolkits of OTB, PTB-TIR and LSOTB-TIR (MATLAB) and in
  got10k's OTB experiment. GOT-10k itself does not count it (`tracker.evaluation.got10k`).
- **A frame without a true box.** The MATLAB toolkits mark a frame whose truth is not positive in all four numbers with
  overlap -1 and centre error -1 and still count it: a miss in the success curve, a hit in the precision curve. As they
  count pixels from 1 but their annotations reach down to 0, that is also what happens to targets at the left or
  upper edge (502 frames of LSOTB-TIR and PTB-TIR). `Unusable.AS_OTB_TOOLKIT` does the same, so that numbers can be
  compared with published ones; `Unusable.LEFT_OUT`, Thermark's own rule, counts only frames with a true box.
- **A frame without a result** (no area) takes the box of the frame before in the MATLAB toolkits (`repeats_missing`);
  otherwise it overlaps nothing and is infinitely far.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.evaluation.metrics import (
    NORMALISED_THRESHOLDS,
    PRECISION_THRESHOLDS,
    normalised_distance,
    precision_curve,
    success_curve,
)
from tracker.geometry import centre_distance, iou

Array = NDArray[np.float64]

_AT_20_PX = 20
_AT_A_FIFTH = 20  # of the 51 normalised thresholds, 0.2


class Unusable(Enum):
    """What happens to a frame whose truth is no usable box; the value is how protocol files say it."""

    LEFT_OUT = "left out"
    AS_OTB_TOOLKIT = "as the OTB toolkit"


@dataclass(frozen=True)
class OnePassRules:
    """What a benchmark does in the cases that toolkits treat differently.

    Attributes:
        thresholds: Number of overlap thresholds between 0 and 1, both included: 21 or 101.
        first_pixel: What the benchmark calls the first pixel, 0 or 1; matters only for `Unusable.AS_OTB_TOOLKIT`.
        unusable: See `Unusable`.
        repeats_missing: Whether a missing box is replaced by the one before.
    """

    thresholds: int = 21
    first_pixel: int = 0
    unusable: Unusable = Unusable.LEFT_OUT
    repeats_missing: bool = False

    @property
    def overlap_thresholds(self) -> Array:
        """(t,) thresholds of the success curve."""
        return np.linspace(0, 1, self.thresholds)


@dataclass(frozen=True)
class OnePassScore:
    """A sequence's curves.

    Attributes:
        frames: Frames that counted.
        success: (t,) success rate at each overlap threshold.
        precision: (51,) precision at 0, 1, ..., 50 px.
        normalised: (51,) normalised precision at 0, 0.01, ..., 0.5.
    """

    frames: int
    success: Array
    precision: Array
    normalised: Array

    @property
    def success_auc(self) -> float:
        """Mean of the success curve."""
        return float(self.success.mean())

    @property
    def precision_20(self) -> float:
        """Precision at 20 px."""
        return float(self.precision[_AT_20_PX])

    @property
    def normalised_20(self) -> float:
        """Normalised precision at a fifth of the target's size, as LaSOT ranks."""
        return float(self.normalised[_AT_A_FIFTH])

    @property
    def normalised_auc(self) -> float:
        """Mean of the normalised precision curve, as TrackingNet and LSOTB-TIR rank."""
        return float(self.normalised.mean())


def score_one_pass(boxes: ArrayLike, truth: ArrayLike, rules: OnePassRules | None = None) -> OnePassScore:
    """Score one sequence.

    Args:
        boxes: (n, 4) results from the start frame on; NaN or without area where there is none. The first row is
            taken to be the true box, as every toolkit does.
        truth: (n, 4) true boxes; NaN or without area where the target is absent.
        rules: Of the benchmark.

    Raises:
        ValueError: The two do not have the same length, or no frame counts.
    """
    rules = rules or OnePassRules()
    found, true = np.array(boxes, np.float64), np.asarray(truth, np.float64)
    if found.shape != true.shape or found.ndim != 2 or found.shape[1] != 4:
        raise ValueError(f"{found.shape} results against {true.shape} true boxes")
    usable = usable_truth(true, rules)
    counted = usable if rules.unusable is Unusable.LEFT_OUT else np.ones(len(true), bool)
    if not counted.any():
        raise ValueError("no frame has a true box")
    found = _completed(found, true, rules)
    overlap = np.where(usable, iou(found, true), -1.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(usable, centre_distance(found, true), -1.0)
        normalised = np.where(usable, normalised_distance(found, true), -1.0)
    return OnePassScore(
        frames=int(counted.sum()),
        success=success_curve(overlap[counted], rules.overlap_thresholds),
        precision=precision_curve(distance[counted], PRECISION_THRESHOLDS),
        normalised=precision_curve(normalised[counted], NORMALISED_THRESHOLDS),
    )


def usable_truth(truth: Array, rules: OnePassRules) -> NDArray[np.bool_]:
    """(n,) which true boxes count as boxes by the rules."""
    usable = np.isfinite(truth).all(axis=1) & (truth[:, 2:] > 0).all(axis=1)
    if rules.unusable is Unusable.AS_OTB_TOOLKIT:
        usable &= (truth[:, :2] + rules.first_pixel > 0).all(axis=1)
    return np.asarray(usable)


def _completed(found: Array, true: Array, rules: OnePassRules) -> Array:
    """The results with the given first box, and without gaps where the rules fill them."""
    found[0] = true[0]
    missing = np.asarray(~(np.isfinite(found).all(axis=1) & (found[:, 2:] > 0).all(axis=1)))
    if rules.repeats_missing and not missing[0]:
        last = np.maximum.accumulate(np.where(missing, 0, np.arange(len(found))))
        return np.asarray(found[last])
    found[missing] = np.nan
    return found
