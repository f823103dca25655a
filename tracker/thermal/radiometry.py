"""From counts to temperatures: linear cameras, and FLIR's Planck calibration.

A count maps to one temperature under given conditions, so a clip's temperatures are a table of all counts: looking up
a frame costs no more than painting it. All temperatures inside are in kelvin.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

ZERO_CELSIUS = 273.15

Temperatures: TypeAlias = NDArray[np.float64]


class Unit(Enum):
    """How temperatures are written; the value is the sign."""

    CELSIUS = "°C"
    FAHRENHEIT = "°F"
    KELVIN = "K"

    def of(self, kelvin: ArrayLike) -> Temperatures:
        """Kelvin in this unit."""
        values = np.asarray(kelvin, np.float64)
        match self:
            case Unit.CELSIUS:
                return values - ZERO_CELSIUS
            case Unit.FAHRENHEIT:
                return (values - ZERO_CELSIUS) * 9 / 5 + 32
            case Unit.KELVIN:
                return values

    def of_difference(self, kelvin: ArrayLike) -> Temperatures:
        """Differences in kelvin as differences in this unit."""
        values = np.asarray(kelvin, np.float64)
        return values * 9 / 5 if self is Unit.FAHRENHEIT else values

    def to_kelvin(self, values: ArrayLike) -> Temperatures:
        """Values in this unit as kelvin."""
        given = np.asarray(values, np.float64)
        match self:
            case Unit.CELSIUS:
                return given + ZERO_CELSIUS
            case Unit.FAHRENHEIT:
                return (given - 32) * 5 / 9 + ZERO_CELSIUS
            case Unit.KELVIN:
                return given


@dataclass(frozen=True)
class LinearCalibration:
    """Counts proportional to temperature.

    Attributes:
        scale: Kelvin per count; 0.01 for Lepton and FLIR's TLinear in high resolution, 0.04 and 0.4 for its high and
            low gain, 0.1 for TLinear in low resolution.
        offset: Kelvin at count 0.
    """

    scale: float = 0.01
    offset: float = 0.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.scale) and self.scale != 0 and math.isfinite(self.offset)):
            raise ValueError(f"scale {self.scale} and offset {self.offset} make no temperatures")

    def kelvin(self, counts: ArrayLike) -> Temperatures:
        """Temperature of counts; NaN below absolute zero."""
        values = self.offset + self.scale * np.asarray(counts, np.float64)
        return np.where(values >= 0, values, np.nan)

    def counts(self, kelvin: ArrayLike) -> Temperatures:
        """Counts, not rounded, of a temperature."""
        return (np.asarray(kelvin, np.float64) - self.offset) / self.scale


@dataclass(frozen=True)
class Conditions:
    """What lies between the target and the camera.

    Attributes:
        emissivity: Of the target, above 0 up to 1.
        distance: From the camera in metres, 0 or more.
        reflected: Apparent temperature of the surroundings that the target mirrors, in kelvin.
        atmosphere: Temperature of the air, in kelvin.
        humidity: Relative, 0..1.
    """

    emissivity: float = 0.95
    distance: float = 1.0
    reflected: float = ZERO_CELSIUS + 20
    atmosphere: float = ZERO_CELSIUS + 20
    humidity: float = 0.5

    def __post_init__(self) -> None:
        is_possible = 0 < self.emissivity <= 1 and self.distance >= 0 and 0 <= self.humidity <= 1
        if not (is_possible and self.reflected > 0 and self.atmosphere > 0):
            raise ValueError(f"impossible conditions: {self}")


@dataclass(frozen=True)
class Transmission:
    """Parameters of the transmission of air, as FLIR's files carry them; the values are its usual ones.

    Attributes:
        alpha1: First attenuation without water, per square root of a metre.
        alpha2: Second.
        beta1: First attenuation by water.
        beta2: Second.
        x: Share of the first.
        halves: Whether the way is taken in two halves, the air before and behind a window in front of the lens. So do
            the open readers of FLIR's files (Thermimage's raw2temp, flyr), with or without a window; FLIR's own formula
            takes the way once. At 1 m that makes up to 0.3 K.
    """

    alpha1: float = 0.006569
    alpha2: float = 0.01262
    beta1: float = -0.002276
    beta2: float = -0.00667
    x: float = 1.9
    halves: bool = False

    def through(self, conditions: Conditions) -> float:
        """Share of the radiation that passes, 0..1."""
        celsius = conditions.atmosphere - ZERO_CELSIUS
        exponent = 1.5587 + 6.939e-2 * celsius - 2.7816e-4 * celsius**2 + 6.8455e-7 * celsius**3
        water = math.sqrt(conditions.humidity * math.exp(exponent))
        way = math.sqrt(conditions.distance / 2 if self.halves else conditions.distance)
        first = math.exp(-way * (self.alpha1 + self.beta1 * water))
        second = math.exp(-way * (self.alpha2 + self.beta2 * water))
        passes = self.x * first + (1 - self.x) * second
        return passes**2 if self.halves else passes


@dataclass(frozen=True)
class PlanckCalibration:
    """FLIR's calibration: counts S of a black body at T kelvin are R1 / (R2 (exp(B / T) - F)) - O.

    The counts of a scene are those of the target, weakened by its emissivity and the air, and what the target mirrors
    and the air itself radiates (FLIR, "The measurement formula", in the manuals of its cameras).

    Attributes:
        r1: R1 of the camera's file.
        r2: R2.
        b: B in kelvin.
        f: F.
        o: O in counts.
        conditions: Around the target.
        transmission: Of the air.
    """

    r1: float
    r2: float
    b: float
    f: float = 1.0
    o: float = 0.0
    conditions: Conditions = Conditions()
    transmission: Transmission = Transmission()

    def __post_init__(self) -> None:
        numbers = (self.r1, self.r2, self.b, self.f, self.o)
        if not all(map(math.isfinite, numbers)) or self.r1 <= 0 or self.r2 <= 0 or self.b <= 0:
            raise ValueError(f"no Planck calibration: {numbers}")

    def radiated(self, kelvin: ArrayLike) -> Temperatures:
        """Counts of a black body."""
        values = np.asarray(kelvin, np.float64)
        return self.r1 / (self.r2 * (np.exp(self.b / values) - self.f)) - self.o

    def counts(self, kelvin: ArrayLike) -> Temperatures:
        """Counts, not rounded, that the camera gives for a target under the conditions."""
        passes, emissivity = self.transmission.through(self.conditions), self.conditions.emissivity
        return emissivity * passes * self.radiated(kelvin) + self._besides(passes)

    def kelvin(self, counts: ArrayLike) -> Temperatures:
        """Temperature of the target for counts of the scene; NaN where no target gives them."""
        passes, emissivity = self.transmission.through(self.conditions), self.conditions.emissivity
        target = (np.asarray(counts, np.float64) - self._besides(passes)) / (emissivity * passes)
        with np.errstate(divide="ignore", invalid="ignore"):
            argument = self.r1 / (self.r2 * (target + self.o)) + self.f
            values = self.b / np.log(argument)
        return np.where((target + self.o > 0) & (argument > 1), values, np.nan)

    def _besides(self, passes: float) -> float:
        """Counts that do not come from the target: mirrored, and from the air."""
        mirrored = (1 - self.conditions.emissivity) * passes * float(self.radiated(self.conditions.reflected))
        return mirrored + (1 - passes) * float(self.radiated(self.conditions.atmosphere))


Calibration: TypeAlias = LinearCalibration | PlanckCalibration


def temperature_table(calibration: Calibration, bits: int) -> NDArray[np.float32]:
    """(2 ** bits,) temperature in kelvin of each count; NaN where there is none."""
    return calibration.kelvin(np.arange(1 << bits)).astype(np.float32)
