"""Temperatures of the surroundings, as a camera would read them (emissivity 1)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.training.rendering.noise import Field, as_field


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

    def through_air(self, temperature: Field, distance: float | Field) -> Field:
        """What is seen of a surface of the given (h, w) temperatures through `distance` metres of air."""
        kept = np.exp(-np.asarray(distance, np.float32) / np.float32(self.haze_m))
        air = np.float32(self.air)
        return as_field(air + (temperature - air) * kept)
