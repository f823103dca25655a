"""What counts are written as: temperatures where the calibration is known, counts elsewhere."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.outline import Outline
from tracker.thermal.display import Counts
from tracker.thermal.radiometry import Calibration, Unit, temperature_table


@dataclass(frozen=True)
class Reading:
    """What a part of a frame says; NaN where nothing is known.

    Attributes:
        highest: Highest value.
        mean: Mean value.
        lowest: Lowest value.
    """

    highest: float = math.nan
    mean: float = math.nan
    lowest: float = math.nan


@dataclass(frozen=True)
class Readings:
    """How the counts of a clip are read.

    Attributes:
        calibration: Of the camera; None where it is unknown.
        unit: Of temperatures.
        kelvin: (2 ** bits,) temperature of each count, NaN where the camera cannot have seen it; None without any.
    """

    calibration: Calibration | None = None
    unit: Unit = Unit.CELSIUS
    kelvin: NDArray[np.float32] | None = None

    @staticmethod
    def of(calibration: Calibration | None, unit: Unit = Unit.CELSIUS, bits: int = 16) -> Readings:
        """Readings with a calibration, for counts of so many bits; without one, of counts."""
        table = None if calibration is None else temperature_table(calibration, bits)
        return Readings(calibration, unit, table)

    @property
    def are_temperatures(self) -> bool:
        """Whether temperatures are known."""
        return self.kelvin is not None

    @property
    def quantity(self) -> str:
        """What is read."""
        return "temperature" if self.are_temperatures else "counts"

    @property
    def sign(self) -> str:
        """Of the unit; empty for counts."""
        return self.unit.value if self.are_temperatures else ""

    def measured(self, counts: Counts, outline: Outline) -> Reading:
        """What the pixels of an outline say in a frame (H, W).

        As `tracker.thermal.measuring.measure` says it, without what takes longer: a clip asks on each frame.
        """
        patch = outline.patch((counts.shape[1], counts.shape[0]))
        inside = counts[patch.window][patch.mask]
        values = inside if self.kelvin is None else self.kelvin[inside]
        known = values if self.kelvin is None else values[~np.isnan(values)]
        if not known.size:
            return Reading()
        found = np.array([known.max(), known.mean(dtype=np.float64), known.min()], np.float64)
        return Reading(*(self.unit.of(found) if self.are_temperatures else found).tolist())

    def at(self, counts: ArrayLike) -> NDArray[np.float64]:
        """What counts, which need not be whole, are read as."""
        given = np.asarray(counts, np.float64)
        return given if self.calibration is None else self.unit.of(self.calibration.kelvin(given))

    def counts_of(self, kelvin: float) -> float:
        """The counts of a temperature; NaN where the camera has none for it."""
        return math.nan if self.calibration is None else float(self.calibration.counts(kelvin))

    def number(self, value: float) -> str:
        """A reading, without its unit."""
        if not math.isfinite(value):
            return "–"
        return f"{value:z.1f}" if self.are_temperatures else f"{value:z.0f}"

    def text(self, value: float) -> str:
        """A reading with its unit."""
        return f"{self.number(value)} {self.sign}".rstrip()
