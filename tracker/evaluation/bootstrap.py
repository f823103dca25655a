"""How sure a number is: bootstrap over sequences (Efron, "Bootstrap Methods", Annals of Statistics 1979)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
CONFIDENCE = 0.95

Statistic = Callable[[NDArray[np.int64]], float]
"""From the indices (k,) of sequences, which may repeat, to a number."""


@dataclass(frozen=True)
class Interval:
    """A number with its confidence interval.

    Attributes:
        value: Of the sequences as they are.
        low: Lower end; NaN where there are too few sequences to tell.
        high: Upper end.
    """

    value: float
    low: float
    high: float

    def text(self, digits: int = 3) -> str:
        """As "0.512 [0.467, 0.559]"."""
        if not np.isfinite(self.low):
            return f"{self.value:.{digits}f}"
        return f"{self.value:.{digits}f} [{self.low:.{digits}f}, {self.high:.{digits}f}]"


def interval(statistic: Statistic, count: int, *, resamples: int = RESAMPLES, seed: int = 0) -> Interval:
    """Percentile bootstrap: sequences are drawn with replacement.

    Sequences, not frames: the frames of one sequence stand or fall together.

    Args:
        statistic: What to compute.
        count: Number of sequences.
        resamples: How often to draw.
        seed: The same seed gives the same interval.
    """
    value = statistic(np.arange(count))
    if count < 2:
        return Interval(value, float("nan"), float("nan"))
    rng = np.random.default_rng(seed)
    drawn = np.array([statistic(rng.integers(0, count, count)) for _ in range(resamples)])
    drawn = drawn[np.isfinite(drawn)]
    if not drawn.size:
        return Interval(value, float("nan"), float("nan"))
    low, high = np.quantile(drawn, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return Interval(value, float(low), float(high))


def weighted_mean(values: NDArray[np.float64], weights: NDArray[np.float64]) -> Statistic:
    """The mean of (s,) values of sequences with (s,) weights, as a statistic."""

    def of(indices: NDArray[np.int64]) -> float:
        return float(np.average(values[indices], weights=weights[indices]))

    return of
