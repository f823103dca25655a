"""Temperatures: by hand-worked numbers, and there and back."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker.thermal.radiometry import (
    ZERO_CELSIUS,
    Conditions,
    LinearCalibration,
    PlanckCalibration,
    Transmission,
    Unit,
    temperature_table,
)

CAMERA = PlanckCalibration(r1=21106.77, r2=0.012545258, b=1501.0, f=1.0, o=-7340.0)
NAKED = Conditions(emissivity=1.0, distance=0.0)


def seen_through(conditions: Conditions) -> PlanckCalibration:
    return PlanckCalibration(CAMERA.r1, CAMERA.r2, CAMERA.b, CAMERA.f, CAMERA.o, conditions)


CONDITIONS = st.builds(
    Conditions,
    emissivity=st.floats(0.3, 1.0),
    distance=st.floats(0, 200),
    reflected=st.floats(230, 330),
    atmosphere=st.floats(250, 320),
    humidity=st.floats(0, 1),
)


def test_that_a_black_body_in_front_of_the_lens_is_worked_out_as_by_hand() -> None:
    # 18000 counts: 18000 - 7340 = 10660; 21106.77 / (0.012545258 * 10660) = 157.8290; ln 158.8290 = 5.067828;
    # 1501 / 5.067828 = 296.182 K.
    assert float(seen_through(NAKED).kelvin(18000)) == pytest.approx(296.182, abs=0.01)


def test_that_air_and_mirroring_are_worked_out_as_by_hand() -> None:
    # Air of 20 °C and 50 %: water = 0.5 exp(1.5587 + 1.3878 - 0.111264 + 0.0054764) = 8.56663, its root 2.926881.
    # 10 m: first exp(-3.162278 (0.006569 - 0.006661581)) = 1.000292807;
    # second exp(-3.162278 (0.01262 - 0.019522296)) = 1.022067; 1.9 * first - 0.9 * second = 0.980696.
    conditions = Conditions(0.9, 10.0, 293.15, 293.15, 0.5)
    assert Transmission().through(conditions) == pytest.approx(0.980696, abs=2e-5)
    # Surroundings and air radiate as a black body of 20 °C: 21106.77 / (0.012545258 (exp(1501 / 293.15) - 1)) + 7340.
    around = 21106.77 / (0.012545258 * (math.exp(1501 / 293.15) - 1)) + 7340
    passes = Transmission().through(conditions)
    target = (18000 - 0.1 * passes * around - (1 - passes) * around) / (0.9 * passes)
    by_hand = 1501 / math.log(21106.77 / (0.012545258 * (target - 7340)) + 1)
    assert float(seen_through(conditions).kelvin(18000)) == pytest.approx(by_hand, abs=1e-6)


@given(CONDITIONS, st.floats(220, 600))
def test_that_counts_of_a_temperature_give_it_back(conditions: Conditions, kelvin: float) -> None:
    camera = seen_through(conditions)
    assert float(camera.kelvin(camera.counts(kelvin))) == pytest.approx(kelvin, abs=1e-3)


@given(CONDITIONS)
def test_that_a_target_as_warm_as_all_around_it_is_measured_right_whatever_it_mirrors(
    conditions: Conditions,
) -> None:
    around = 293.15
    even = Conditions(conditions.emissivity, conditions.distance, around, around, conditions.humidity)
    assert float(seen_through(even).kelvin(CAMERA.radiated(around))) == pytest.approx(around, abs=1e-3)


@given(CONDITIONS)
def test_that_more_counts_are_never_colder(conditions: Conditions) -> None:
    table = temperature_table(seen_through(conditions), 16)
    known = table[np.isfinite(table)]
    assert len(known) > 0
    assert (np.diff(known) >= 0).all()
    assert np.isfinite(table[np.flatnonzero(np.isfinite(table))[0] :]).all()


def test_that_counts_no_target_gives_have_no_temperature() -> None:
    assert math.isnan(float(seen_through(NAKED).kelvin(7000)))
    assert math.isnan(float(LinearCalibration(0.01, -100.0).kelvin(0)))


@given(st.floats(1e-3, 1), st.floats(-50, 300), st.integers(0, 65535))
def test_that_a_linear_camera_is_linear(scale: float, offset: float, counts: int) -> None:
    assume(offset + scale * counts >= 0)
    assert float(LinearCalibration(scale, offset).kelvin(counts)) == pytest.approx(offset + scale * counts)


def test_that_hundredths_of_a_kelvin_read_as_celsius() -> None:
    table = temperature_table(LinearCalibration(), 16)
    assert float(Unit.CELSIUS.of(table[31015])) == pytest.approx(37.0, abs=1e-3)


@given(st.sampled_from(Unit), st.floats(0, 5000))
def test_that_units_come_back(unit: Unit, kelvin: float) -> None:
    assert float(unit.to_kelvin(unit.of(kelvin))) == pytest.approx(kelvin, abs=1e-6)


def test_that_units_are_those_of_the_thermometer() -> None:
    boiling = ZERO_CELSIUS + 100
    assert [float(unit.of(boiling)) for unit in Unit] == pytest.approx([100.0, 212.0, 373.15])


@pytest.mark.parametrize(
    "values",
    [{"emissivity": 0.0}, {"emissivity": 1.1}, {"distance": -1.0}, {"humidity": 50.0}, {"reflected": -1.0}],
)
def test_that_impossible_conditions_are_refused(values: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="impossible"):
        Conditions(**values)


def test_that_impossible_calibrations_are_refused() -> None:
    with pytest.raises(ValueError, match="no temperatures"):
        LinearCalibration(0.0)
    with pytest.raises(ValueError, match="no Planck"):
        PlanckCalibration(r1=-1.0, r2=1.0, b=1400.0)


@given(conditions=CONDITIONS)
def test_that_halves_of_the_way_let_through_what_one_after_the_other_does(conditions: Conditions) -> None:
    half = replace(conditions, distance=conditions.distance / 2)
    assert Transmission(halves=True).through(conditions) == pytest.approx(Transmission().through(half) ** 2)
    if conditions.distance == 0:
        assert Transmission(halves=True).through(conditions) == pytest.approx(1)
