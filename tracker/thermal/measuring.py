"""What a region of a frame says: lowest, highest and mean temperature and the like, or counts.

Pure functions of arrays. Temperatures are in kelvin; without a calibration all values are counts.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracker.outline import Patch

Counts: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
Table: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True)
class Statistics:
    """Of the pixels of a region in one frame; NaN where nothing is known. Percentiles are linearly interpolated.

    Attributes:
        pixels: Pixels of the region that lie in the frame.
        known: Those of them that have a value: not all counts have a temperature.
        min: Lowest value.
        max: Highest value.
        mean: Mean value.
        median: Middle value.
        p5: 5th percentile.
        p95: 95th percentile.
        std: Standard deviation of all pixels (not an estimate from a sample).
        above: Pixels above the threshold; NaN without one.
        share: The same as a share of the known pixels.
        peak_x: X of the centre of the hottest pixel; the first one from the top left where there are several.
        peak_y: Y of it.
        background: Mean of the surroundings.
        difference: Mean of the region less mean of the surroundings.
    """

    pixels: float = 0.0
    known: float = 0.0
    min: float = math.nan
    max: float = math.nan
    mean: float = math.nan
    median: float = math.nan
    p5: float = math.nan
    p95: float = math.nan
    std: float = math.nan
    above: float = math.nan
    share: float = math.nan
    peak_x: float = math.nan
    peak_y: float = math.nan
    background: float = math.nan
    difference: float = math.nan

    def as_row(self) -> tuple[float, ...]:
        """All numbers in the order of `NAMES`."""
        return astuple(self)


NAMES: tuple[str, ...] = tuple(field.name for field in fields(Statistics))
"""The statistics, in order."""

UNKNOWN = Statistics()
VALUES = ("min", "max", "mean", "median", "p5", "p95", "background")
"""Those that are temperatures."""

DIFFERENCES = ("std", "difference")
"""Those that are differences of temperatures."""


def measure(
    counts: Counts,
    patch: Patch,
    table: Table | None = None,
    threshold: float | None = None,
    around: Patch | None = None,
) -> Statistics:
    """Statistics of some pixels.

    Args:
        counts: (H, W).
        patch: The pixels.
        table: Kelvin of each count, NaN where it has none (`radiometry.temperature_table`); None to measure counts.
        threshold: Pixels above this are counted.
        around: The surroundings they are compared with; None for none.
    """
    inside = counts[patch.window][patch.mask]
    pixels = len(inside)
    inside.sort()  # counts sort faster than temperatures (radix sort)
    known, values = _known(inside, table)
    if not values.size:
        return Statistics(pixels=pixels, known=0)
    mean = float(values.mean())
    above, share = _above(values, threshold)
    peak_x, peak_y = _first(counts, patch, known[-1])
    background = math.nan if around is None else _mean(counts, around, table)
    return Statistics(
        pixels=pixels,
        known=len(values),
        min=float(values[0]),
        max=float(values[-1]),
        mean=mean,
        median=_percentile(values, 0.5),
        p5=_percentile(values, 0.05),
        p95=_percentile(values, 0.95),
        std=_deviation(values, mean),
        above=above,
        share=share,
        peak_x=peak_x,
        peak_y=peak_y,
        background=background,
        difference=mean - background,
    )


def _known(ordered: Counts, table: Table | None) -> tuple[Counts, NDArray[np.float64]]:
    """Ascending counts and their values, the coldest first, those without a value left out."""
    if table is None:
        return ordered, ordered.astype(np.float64)
    values = table[ordered].astype(np.float64)
    has_value = ~np.isnan(values)
    if not has_value.all():
        ordered, values = ordered[has_value], values[has_value]
    if values.size and values[0] > values[-1]:  # a camera may count down as it gets warmer
        return ordered[::-1], values[::-1]
    return ordered, values


def _deviation(values: NDArray[np.float64], mean: float) -> float:
    away = values - mean
    return math.sqrt(float(away @ away) / len(values))


def _percentile(ordered: NDArray[np.float64], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return float(ordered[low] + (place - low) * (ordered[high] - ordered[low]))


def _above(ordered: NDArray[np.float64], threshold: float | None) -> tuple[float, float]:
    if threshold is None:
        return math.nan, math.nan
    above = len(ordered) - int(np.searchsorted(ordered, threshold, side="right"))
    return float(above), above / len(ordered)


def _first(counts: Counts, patch: Patch, wanted: np.integer[Any]) -> tuple[float, float]:
    """Centre of the first pixel of a patch that has these counts."""
    found = int(np.argmax((counts[patch.window] == wanted) & patch.mask))
    row, column = divmod(found, patch.mask.shape[1])
    return patch.left + column + 0.5, patch.top + row + 0.5


def _mean(counts: Counts, patch: Patch, table: Table | None) -> float:
    """Mean of the known values; NaN where there are none."""
    inside = counts[patch.window][patch.mask]
    if not inside.size:
        return math.nan
    if table is None:
        return float(inside.mean())
    values = table[inside]
    mean = float(values.mean(dtype=np.float64))
    if not math.isnan(mean):
        return mean
    known = values[~np.isnan(values)]
    return float(known.mean(dtype=np.float64)) if known.size else math.nan
