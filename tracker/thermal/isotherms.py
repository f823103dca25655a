"""Isotherms: bands of counts, or of temperatures, that are painted in a colour of their own."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

CountsOf = Callable[[float], float]
"""The counts of a temperature in kelvin; NaN where the camera cannot see it."""


class BandKind(StrEnum):
    """Where a band lies."""

    ABOVE = "above"
    BELOW = "below"
    BETWEEN = "between"


class BandUnit(StrEnum):
    """What the limits of a band are given in."""

    COUNTS = "counts"
    KELVIN = "kelvin"


class Band(BaseModel):
    """A band.

    Attributes:
        kind: Which of its limits counts.
        low: Lower limit; means nothing below a limit.
        high: Upper limit; means nothing above a limit.
        unit: Of both limits.
        colour: "#rrggbb".
        is_on: Whether it is painted.
    """

    model_config = ConfigDict(frozen=True)

    kind: BandKind = BandKind.ABOVE
    low: float = Field(default=0.0, allow_inf_nan=False)
    high: float = Field(default=0.0, allow_inf_nan=False)
    unit: BandUnit = BandUnit.COUNTS
    colour: str = Field(default="#ff3b30", pattern=r"^#[0-9a-fA-F]{6}$")
    is_on: bool = True

    def limits(self) -> tuple[float, float]:
        """Lowest and highest value inside, in the band's unit; infinite at an open end."""
        low = -math.inf if self.kind is BandKind.BELOW else self.low
        high = math.inf if self.kind is BandKind.ABOVE else self.high
        return low, high


def in_counts(band: Band, counts_of: CountsOf | None) -> tuple[float, float] | None:
    """The counts inside a band, both ends among them.

    Args:
        band: The band.
        counts_of: The camera's calibration, None where it is not known.

    Returns:
        None where the band has no part in this clip: it is off, or temperatures are unavailable.
    """
    low, high = band.limits()
    if not band.is_on:
        return None
    if band.unit is BandUnit.COUNTS:
        return low, high
    if counts_of is None:
        return None
    middle = low if math.isfinite(low) else high
    is_falling = counts_of(middle) > counts_of(middle + 1.0)  # some cameras count downwards
    ends = [_counts_at(end, is_falling, counts_of) for end in (low, high)]
    if any(math.isnan(end) for end in ends):
        return None
    return min(ends), max(ends)


def _counts_at(kelvin: float, is_falling: bool, counts_of: CountsOf) -> float:
    if math.isinf(kelvin):
        return -kelvin if is_falling else kelvin
    return counts_of(kelvin)


def inside(
    values: NDArray[np.integer] | NDArray[np.float64], limits: tuple[float, float]
) -> NDArray[np.bool_]:
    """Where values lie within limits, both ends among them."""
    low, high = limits
    return np.asarray((values >= low) & (values <= high))
