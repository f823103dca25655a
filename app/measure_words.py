"""Measured numbers in words: in the user's unit, with the digits that they deserve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tracker.output.readings import Readings
from tracker.thermal.measuring import DIFFERENCES, VALUES, Statistics

if TYPE_CHECKING:
    from app.measuring import Measuring

STATISTICS: dict[str, tuple[str, str]] = {
    "max": ("Highest", "The hottest pixel"),
    "mean": ("Mean", "Of all pixels of the region"),
    "min": ("Lowest", "The coldest pixel"),
    "median": ("Median", "Half of the pixels are colder"),
    "p95": ("95th percentile", "Of a hundred pixels five are hotter"),
    "p5": ("5th percentile", "Of a hundred pixels five are colder"),
    "std": ("Standard deviation", "How much the pixels differ"),
    "difference": ("Above the surroundings", "Mean of the region less mean of the ring around it"),
    "background": (
        "Surroundings",
        "Mean of the ring around the region, or around the target that it follows",
    ),
    "above": ("Pixels above the threshold", "How many pixels are hotter than the threshold"),
    "share": ("Share above the threshold", "The same as a share of the region"),
    "pixels": ("Area", "Pixels of the region that lie in the frame"),
}
"""Statistic -> its title and what it means, as the user chooses among them."""

NOTHING = "–"


class Words:
    """Writes numbers as the user reads them.

    Args:
        measuring: Whose unit is taken.
    """

    def __init__(self, measuring: Measuring) -> None:
        self._readings: Readings = measuring.readings
        self._drawn = measuring.choices.statistic

    @property
    def sign(self) -> str:
        """Of temperatures; of counts."""
        return self._readings.sign or "counts"

    def unit(self, name: str) -> str:
        """Of a statistic; empty for a share."""
        if name in DIFFERENCES and self._readings.are_temperatures:
            return "K" if self._readings.sign == "°C" else self.sign
        if name in VALUES or name in DIFFERENCES:
            return self.sign
        return "" if name == "share" else "px"

    def convert(self, name: str, value: float) -> float:
        """A statistic as it was measured, in the user's unit."""
        if not self._readings.are_temperatures:
            return value
        if name in VALUES:
            return float(self._readings.unit.of(value))
        return float(self._readings.unit.of_difference(value)) if name in DIFFERENCES else value

    def convert_all(self, name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same for many."""
        if not self._readings.are_temperatures:
            return values
        if name in VALUES:
            return self._readings.unit.of(values)
        return self._readings.unit.of_difference(values) if name in DIFFERENCES else values

    def number(self, name: str, value: float) -> str:
        """A statistic as it was measured, without its unit."""
        if not math.isfinite(value):
            return NOTHING
        shown = self.convert(name, value)
        if name == "share":
            return f"{100 * shown:.1f} %"
        is_temperature = self._readings.are_temperatures and (name in VALUES or name in DIFFERENCES)
        return f"{shown:z.1f}" if is_temperature or name == "std" else f"{shown:z.0f}"

    def value(self, name: str, found: Statistics | None) -> str:
        """A statistic with its unit; empty where nothing is known."""
        if found is None or not math.isfinite(getattr(found, name)):
            return ""
        unit = "" if self._readings.sign == "" and name in VALUES else self.unit(name)
        return f"{self.number(name, getattr(found, name))} {unit}".rstrip()

    def label(self, found: Statistics | None) -> str:
        """What the label of a region says: the statistic that is drawn."""
        return self.value(self._drawn if self._drawn in STATISTICS else "max", found)
