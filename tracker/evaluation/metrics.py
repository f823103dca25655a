"""Metrics of single-object tracking, as pure functions of arrays.

Success and precision are those of OTB (Wu, Lim, Yang, "Online Object Tracking: A Benchmark", CVPR 2013), normalised
precision that of TrackingNet (Mueller et al., ECCV 2018). Frames whose true box is missing are not counted; the first,
given frame is, as in the OTB toolkit. A missing prediction overlaps nothing and is infinitely far.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.geometry import centre_distance, iou

Array = NDArray[np.float64]

SUCCESS_THRESHOLDS = np.linspace(0, 1, 21)
"""Of the OTB family; GOT-10k and TrackingNet use `FINE_SUCCESS_THRESHOLDS`."""
FINE_SUCCESS_THRESHOLDS = np.linspace(0, 1, 101)
PRECISION_THRESHOLDS = np.arange(51.0)
"""Centre errors in pixels: 0, 1, ..., 50."""
NORMALISED_THRESHOLDS = np.arange(51.0) / 100
"""Normalised centre errors of TrackingNet, LaSOT and LSOTB-TIR: 0, 0.01, ..., 0.5."""
PRECISION_PIXELS = 20.0
NORMALISED_DISTANCE = 0.2


@dataclass(frozen=True)
class Evaluation:
    """How well predicted boxes fit the true ones.

    Attributes:
        frames: Frames that have a true box.
        success_auc: Mean success rate over the 21 thresholds 0, 0.05, ..., 1.
        precision_20: Share of frames whose centre error is at most 20 px.
        normalised_precision: Share of frames whose centre error, divided by the true width and height, is at most 0.2.
        success_rate_50: Share of frames with IoU above 0.5.
        mean_overlap: Mean IoU.
    """

    frames: int
    success_auc: float
    precision_20: float
    normalised_precision: float
    success_rate_50: float
    mean_overlap: float


def success_curve(overlaps: ArrayLike, thresholds: ArrayLike = SUCCESS_THRESHOLDS) -> Array:
    """Share of overlaps above each threshold.

    Args:
        overlaps: (n,) IoU, n > 0.
        thresholds: (t,).

    Returns:
        (t,) rates.
    """
    values, limits = np.asarray(overlaps, np.float64), np.asarray(thresholds, np.float64)
    return np.asarray((values[None, :] > limits[:, None]).mean(axis=1))


def success_auc(overlaps: ArrayLike, thresholds: ArrayLike = SUCCESS_THRESHOLDS) -> float:
    """Area under the success curve: its mean over the thresholds."""
    return float(success_curve(overlaps, thresholds).mean())


def precision_curve(distances: ArrayLike, thresholds: ArrayLike = PRECISION_THRESHOLDS) -> Array:
    """Share of distances that are at most each threshold; NaN is above every threshold.

    Args:
        distances: (n,) centre errors, n > 0; in pixels, or normalised.
        thresholds: (t,) in the same unit.

    Returns:
        (t,) rates.
    """
    values, limits = np.asarray(distances, np.float64), np.asarray(thresholds, np.float64)
    return np.asarray((values[None, :] <= limits[:, None]).mean(axis=1))


def precision_at(distances: ArrayLike, limit: float = PRECISION_PIXELS) -> float:
    """Share of the (n,) distances that are at most `limit`; NaN is above every limit."""
    return float((np.asarray(distances, np.float64) <= limit).mean())


def normalised_distance(boxes: ArrayLike, truth: ArrayLike) -> Array:
    """(n,) centre errors in units of the true box: sqrt((dx / w)^2 + (dy / h)^2)."""
    found, true = np.asarray(boxes, np.float64), np.asarray(truth, np.float64)
    gap = (found[:, :2] + found[:, 2:] / 2) - (true[:, :2] + true[:, 2:] / 2)
    return np.asarray(np.hypot(*(gap / true[:, 2:]).T))


def evaluate(boxes: ArrayLike, truth: ArrayLike) -> Evaluation:
    """All metrics of one sequence.

    Args:
        boxes: (n, 4) predicted boxes x, y, width, height; NaN where there is none.
        truth: (n, 4) true boxes; NaN or without area where the target is absent.

    Raises:
        ValueError: The two do not have the same length, or no frame has a true box.
    """
    found, true = np.asarray(boxes, np.float64), np.asarray(truth, np.float64)
    if found.shape != true.shape:
        raise ValueError(f"{len(found)} boxes against {len(true)} true ones")
    counted = np.isfinite(true).all(axis=1) & (true[:, 2:] > 0).all(axis=1)
    if not counted.any():
        raise ValueError("no frame has a true box")
    found, true = found[counted], true[counted]
    overlaps = iou(found, true)
    return Evaluation(
        frames=int(counted.sum()),
        success_auc=success_auc(overlaps),
        precision_20=precision_at(centre_distance(found, true)),
        normalised_precision=precision_at(normalised_distance(found, true), NORMALISED_DISTANCE),
        success_rate_50=float((overlaps > 0.5).mean()),
        mean_overlap=float(overlaps.mean()),
    )
