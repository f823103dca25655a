from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.outline import Outline, Shape
from tracker.output.readings import Reading, Readings
from tracker.thermal.measuring import measure
from tracker.thermal.radiometry import LinearCalibration, PlanckCalibration, Unit

PLANCK = PlanckCalibration(17096.453, 0.04351538, 1428.0, 1.0, -72.0)
CALIBRATIONS = (None, LinearCalibration(0.01, 0.0), LinearCalibration(-0.02, 300.0), PLANCK)
PLACE = st.tuples(st.floats(-5, 30), st.floats(-5, 25))


@pytest.mark.parametrize("calibration", CALIBRATIONS)
@given(st.integers(0, 2**32 - 1), st.sampled_from([Shape.BOX, Shape.ELLIPSE]), PLACE, PLACE)
def test_that_readings_are_what_measuring_says(
    calibration: LinearCalibration | PlanckCalibration | None,
    seed: int,
    shape: Shape,
    one: tuple[float, float],
    other: tuple[float, float],
) -> None:
    counts = np.random.default_rng(seed).integers(0, 65536, (20, 25), np.uint16)
    readings, outline = Readings.of(calibration, Unit.CELSIUS), Outline(shape, (one, other))
    found = measure(counts, outline.patch((25, 20)), readings.kelvin)
    shift = 273.15 if readings.are_temperatures else 0.0
    expected = [value - shift for value in (found.max, found.mean, found.min)]
    said = readings.measured(counts, outline)
    np.testing.assert_allclose([said.highest, said.mean, said.lowest], expected, rtol=1e-6, atol=1e-3)


def test_that_nothing_is_read_outside_the_frame_or_where_counts_mean_nothing() -> None:
    counts = np.zeros((4, 4), np.uint16)
    outside = Outline(Shape.BOX, ((10.0, 10.0), (12.0, 12.0)))
    inside = Outline(Shape.BOX, ((0.0, 0.0), (2.0, 2.0)))
    assert math.isnan(Readings().measured(counts, outside).highest)
    assert Readings().measured(counts, inside) == Reading(0.0, 0.0, 0.0)
    never = Readings.of(LinearCalibration(0.01, -1.0))  # below absolute zero
    assert math.isnan(never.measured(counts, inside).mean)
    assert never.text(math.nan) == "– °C"


def test_that_units_go_with_what_is_read() -> None:
    assert Readings().text(1234.4) == "1234"
    assert Readings.of(LinearCalibration(0.01), Unit.KELVIN).text(300.04) == "300.0 K"
    assert Readings().quantity == "counts"
    assert Readings.of(LinearCalibration(0.01)).quantity == "temperature"


@pytest.mark.parametrize("calibration", CALIBRATIONS[1:])
@given(st.integers(5000, 60000))
def test_that_the_counts_of_a_temperature_lead_back(
    calibration: LinearCalibration | PlanckCalibration, counts: int
) -> None:
    kelvin = float(calibration.kelvin(counts))
    if math.isfinite(kelvin):
        assert Readings.of(calibration).counts_of(kelvin) == pytest.approx(counts, abs=0.5)
    assert math.isnan(Readings().counts_of(300.0))


@pytest.mark.parametrize("unit", list(Unit))
@given(st.floats(-0.2, 0.2))
def test_that_nothing_is_minus_nought(unit: Unit, value: float) -> None:
    readings = Readings.of(LinearCalibration(0.01), unit)
    assert readings.number(value).lstrip("-").strip("0.") or not readings.number(value).startswith("-")
    assert Readings().number(value) == "0"
