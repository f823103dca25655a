"""Distributions of quantities that are gathered as they come and can be added: memory does not grow.

A histogram with logarithmic bins. Number, least, greatest and mean are exact; quantiles are right to the width
of a bin, 3.7 %.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

BINS_PER_DECADE = 64
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass
class Distribution:
    """How often a positive quantity has which value.

    Attributes:
        low: Power of ten at which the bins begin; what is smaller, also 0, goes into the first bin.
        high: Power of ten at which they end; what is greater goes into the last.
        count: Number of values.
        total: Their sum.
        least: The smallest, infinite where there is none.
        greatest: The greatest, minus infinite where there is none.
        bins: (BINS_PER_DECADE * (high - low) + 2,) numbers of values; the first and last are those outside.
    """

    low: int
    high: int
    count: int = 0
    total: float = 0.0
    least: float = math.inf
    greatest: float = -math.inf
    bins: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if not self.bins.size:
            self.bins = np.zeros(BINS_PER_DECADE * (self.high - self.low) + 2, np.int64)

    @property
    def edges(self) -> NDArray[np.float64]:
        """Edges of the inner bins."""
        exponents = np.arange(BINS_PER_DECADE * (self.high - self.low) + 1) / BINS_PER_DECADE
        return np.asarray(10.0 ** (self.low + exponents))

    @property
    def mean(self) -> float:
        """The mean; NaN where there is no value."""
        return self.total / self.count if self.count else math.nan

    def take(self, values: ArrayLike) -> None:
        """Add values; those that are not finite are left out."""
        array = np.asarray(values, np.float64).ravel()
        array = array[np.isfinite(array)]
        if not array.size:
            return
        self.count += array.size
        self.total += float(array.sum())
        self.least = min(self.least, float(array.min()))
        self.greatest = max(self.greatest, float(array.max()))
        self.bins += np.bincount(self._places(array), minlength=self.bins.size)

    def _places(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        with np.errstate(divide="ignore"):
            place = np.floor((np.log10(np.maximum(values, 0.0)) - self.low) * BINS_PER_DECADE) + 1
        return np.asarray(np.clip(place, 0, self.bins.size - 1), np.int64)

    def add(self, other: Distribution) -> None:
        """Add what another one with the same bins has gathered."""
        self.count += other.count
        self.total += other.total
        self.least = min(self.least, other.least)
        self.greatest = max(self.greatest, other.greatest)
        self.bins = self.bins + other.bins

    def quantile(self, share: float) -> float:
        """The value that this share of all values does not exceed; NaN where there is none."""
        if not self.count:
            return math.nan
        sums = np.cumsum(self.bins)
        place = int(np.searchsorted(sums, share * self.count, side="left"))
        place = max(place, int(np.flatnonzero(self.bins)[0]))
        if place == 0:
            return self.least
        if place >= self.bins.size - 1:
            return self.greatest
        before = float(sums[place - 1])
        inside = (share * self.count - before) / float(self.bins[place])
        exponent = self.low + (place - 1 + min(max(inside, 0.0), 1.0)) / BINS_PER_DECADE
        return min(max(math.pow(10.0, exponent), self.least), self.greatest)

    def as_json(self) -> dict[str, Any]:
        """Number, mean, extremes and quantiles; None where there is no value."""
        if not self.count:
            return {"count": 0, "mean": None, "min": None, "max": None}
        quantiles = {f"p{round(share * 100)}": self.quantile(share) for share in QUANTILES}
        return {
            "count": self.count,
            "mean": self.mean,
            "min": self.least,
            "max": self.greatest,
            **quantiles,
        }
