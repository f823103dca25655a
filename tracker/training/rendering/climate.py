"""Temperatures of the surroundings, as a camera would read them (emissivity 1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Temperature = TypeVar("Temperature", float, NDArray[np.float32])


@dataclass(frozen=True)
class Climate:
    """The weather.

    Attributes:
        air: Of the air and of what has long stood in it, degrees Celsius.
        ground: Of grass and soil.
        road: Of asphalt.
        wall: Of buildings.
        foliage: Of leaves.
        zenith: Apparent temperature of the sky straight above; clear skies are far colder than the air.
        cloud: How much clouds add to the sky at most.
        haze_m: Distance over which the air takes 63 % of a contrast away.
    """

    air: float = 8.0
    ground: float = 7.0
    road: float = 9.5
    wall: float = 10.0
    foliage: float = 8.0
    zenith: float = -25.0
    cloud: float = 8.0
    haze_m: float = 250.0

    def through_air(self, temperature: Temperature, distance: float | NDArray[np.float32]) -> Temperature:
        """What is seen of a surface through `distance` metres of air."""
        kept = np.exp(-np.asarray(distance, np.float32) / self.haze_m) if math.isfinite(self.haze_m) else 1.0
        return self.air + (temperature - self.air) * kept
