"""Sensor and gain control."""

from __future__ import annotations

import numpy as np
import pytest

from tracker.training.rendering import GainControl, automatic_gain, to_eight_bit
from tracker.training.rendering.display import span_of
from tracker.training.rendering.sensor import GainJump, Sensor, SensorConfig, Shutter

SIZE = (64, 48)
QUIET = dict.fromkeys(("netd_k", "column_k", "row_k", "pixel_k", "drift_k", "vignette_k", "dead_pixels"), 0.0)


def quiet(**changes: object) -> Sensor:
    return Sensor(SensorConfig(**{**QUIET, **changes}), SIZE, 20, 0)  # type: ignore[arg-type]  # the tests' own fit


def flat(temperature: float) -> np.ndarray:
    return np.full((SIZE[1], SIZE[0]), temperature, np.float32)


def test_that_counts_are_linear_in_temperature() -> None:
    sensor = quiet(counts_per_k=50.0, base=6000.0)
    assert [int(sensor.counts(flat(t), 0)[5, 5]) for t in (0, 10, -4)] == [6000, 6500, 5800]


def test_that_counts_are_cut_off_at_14_bits() -> None:
    assert [int(quiet().counts(flat(t), 0).max()) for t in (900, -900)] == [16383, 0]


def test_that_noise_has_the_configured_standard_deviation_and_changes_from_frame_to_frame() -> None:
    sensor = quiet(netd_k=0.2, counts_per_k=50.0)
    first, second = (sensor.counts(flat(10), frame).astype(float) for frame in (0, 1))
    assert first.std() == pytest.approx(10, rel=0.1)
    assert (first - second).std() == pytest.approx(10 * 2**0.5, rel=0.1)


def test_that_the_fixed_pattern_stays() -> None:
    sensor = quiet(column_k=0.5)
    first, second = sensor.counts(flat(10), 0), sensor.counts(flat(10), 9)
    assert np.array_equal(first, second)
    assert (first[0] == first[-1]).all()
    assert first[0].std() > 10


def test_that_dead_pixels_never_change() -> None:
    sensor = quiet(dead_pixels=0.05)
    dead = sensor.counts(flat(0), 0) == sensor.counts(flat(50), 1)
    assert 0.02 < dead.mean() < 0.09


def test_that_a_gain_jump_holds_from_its_frame_on() -> None:
    sensor = quiet(counts_per_k=50.0, base=6000.0, jumps=(GainJump(5, 1.2, 100.0),))
    assert [int(sensor.counts(flat(10), frame)[0, 0]) for frame in (4, 5, 19)] == [6500, 6700, 6700]


def test_that_the_shutter_freezes_the_picture_and_renews_the_pattern() -> None:
    sensor = quiet(column_k=0.5, shutters=(Shutter(6, 3),))
    assert [sensor.shown(frame) for frame in (5, 6, 8, 9)] == [5, 5, 5, 9]
    assert not np.array_equal(sensor.counts(flat(10), 5), sensor.counts(flat(10), 9))


def test_that_counts_between_the_ends_of_the_span_fill_the_gray_levels() -> None:
    counts = np.array([[900, 1000, 1500, 2000, 2100]], np.uint16)
    assert to_eight_bit(counts, (1000.0, 2000.0)).tolist() == [[0, 0, 128, 255, 255]]


def test_that_a_flat_picture_is_not_stretched_to_noise() -> None:
    control = GainControl(smallest_span=400, headroom=0.0)
    low, high = span_of(np.full((8, 8), 5000, np.uint16), control)
    assert (low, high) == (4800, 5200)


def test_that_the_gain_control_follows_a_jump_slowly() -> None:
    ramp = np.linspace(5000, 6000, 64 * 48).reshape(48, 64).astype(np.uint16)
    frames = [ramp] * 3 + [ramp + np.uint16(400)] * 60
    control = GainControl(low=0.0, high=100.0, detail=0.0, inertia=0.9, headroom=0.0)
    levels = [float(gray.mean()) for gray in automatic_gain(frames, control)]
    assert levels[2] == pytest.approx(127.5, abs=4)
    assert levels[3] > levels[2] + 40
    assert levels[-1] == pytest.approx(levels[2], abs=2)
