"""Statistics of regions against plain numpy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.outline import NOTHING, Outline, Shape, of_box, ring
from tracker.thermal.measuring import NAMES, UNKNOWN, measure
from tracker.thermal.radiometry import LinearCalibration, PlanckCalibration, temperature_table

FRAMES = hnp.arrays(np.uint16, (9, 12), elements=st.integers(0, 65535))
OUTLINES = st.builds(
    lambda x, y, w, h, shape: Outline(shape, ((x, y), (x + w, y + h))),
    st.floats(-4, 14), st.floats(-4, 11), st.floats(0.5, 12), st.floats(0.5, 9),
    st.sampled_from([Shape.BOX, Shape.ELLIPSE]),
)  # fmt: skip
LINEAR = temperature_table(LinearCalibration(0.01), 16)


@given(FRAMES, OUTLINES, st.booleans())
def test_that_statistics_equal_those_of_numpy(
    frame: NDArray[np.uint16], outline: Outline, in_kelvin: bool
) -> None:
    patch = outline.patch((12, 9))
    table = LINEAR if in_kelvin else None
    found = measure(frame, patch, table, threshold=300.0)
    mask = np.zeros(frame.shape, np.bool_)
    mask[patch.window] = patch.mask
    values = (LINEAR[frame] if in_kelvin else frame)[mask].astype(np.float64)
    assert found.pixels == found.known == len(values)
    if not len(values):
        assert found == UNKNOWN or math.isnan(found.mean)
        return
    expected = [
        values.min(), values.max(), values.mean(), np.median(values), np.percentile(values, 5),
        np.percentile(values, 95), values.std(),
    ]  # fmt: skip
    got = [found.min, found.max, found.mean, found.median, found.p5, found.p95, found.std]
    assert got == pytest.approx(expected, rel=1e-9, abs=1e-6)
    assert (found.above, found.share) == ((values > 300).sum(), (values > 300).mean())
    assert frame[int(found.peak_y), int(found.peak_x)] == frame[mask].max()
    assert mask[int(found.peak_y), int(found.peak_x)]


def test_that_a_single_pixel_is_measured() -> None:
    found = measure(np.full((1, 1), 30000, np.uint16), of_box(Box(0, 0, 1, 1)).patch((1, 1)), LINEAR)
    assert [found.min, found.max, found.median, found.p95] == pytest.approx([300.0] * 4, abs=1e-4)
    assert (found.std, found.peak_x, found.peak_y) == (0, 0.5, 0.5)
    assert math.isnan(found.above)


def test_that_a_region_outside_the_frame_says_nothing() -> None:
    found = measure(np.zeros((9, 12), np.uint16), NOTHING, LINEAR)
    assert found.pixels == found.known == 0
    assert all(math.isnan(value) for value in found.as_row()[2:])


def test_that_counts_without_a_temperature_are_left_out() -> None:
    camera = PlanckCalibration(r1=21106.77, r2=0.012545258, b=1501.0, f=1.0, o=-7340.0)
    table = temperature_table(camera, 16)
    frame = np.array([[0, 18000], [17000, 100]], np.uint16)
    found = measure(frame, of_box(Box(0, 0, 2, 2)).patch((2, 2)), table, threshold=0.0)
    assert (found.pixels, found.known, found.above, found.share) == (4, 2, 2, 1.0)
    assert found.max == table[18000]
    assert found.min == table[17000]
    assert (found.peak_x, found.peak_y) == (1.5, 0.5)
    nowhere = measure(np.zeros((2, 2), np.uint16), of_box(Box(0, 0, 2, 2)).patch((2, 2)), table)
    assert (nowhere.pixels, nowhere.known) == (4, 0)
    assert math.isnan(nowhere.max)


def test_that_a_camera_that_counts_down_has_its_peak_where_counts_are_lowest() -> None:
    table = temperature_table(LinearCalibration(-0.01, 600.0), 16)
    frame = np.array([[20000, 30000, 25000]], np.uint16)
    found = measure(frame, of_box(Box(0, 0, 3, 1)).patch((3, 1)), table)
    assert (found.min, found.median, found.max) == pytest.approx((300.0, 350.0, 400.0), abs=1e-3)
    assert found.peak_x == 0.5


def test_that_the_difference_is_to_the_mean_of_the_surroundings() -> None:
    frame = np.full((9, 12), 29000, np.uint16)
    frame[3:6, 4:8] = 31000
    frame[0, 0] = 65000  # outside the ring
    inner = Box(4, 3, 4, 3)
    found = measure(frame, of_box(inner).patch((12, 9)), LINEAR, around=ring(inner, 0.5, (12, 9)))
    assert found.background == pytest.approx(290.0, abs=1e-4)
    assert found.difference == pytest.approx(20.0, abs=1e-4)


def test_that_a_ring_without_pixels_makes_no_difference() -> None:
    frame = np.full((2, 2), 29000, np.uint16)
    whole = Box(0, 0, 2, 2)
    found = measure(frame, of_box(whole).patch((2, 2)), LINEAR, around=ring(whole, 0.5, (2, 2)))
    assert math.isnan(found.difference)
    assert found.mean == pytest.approx(290.0, abs=1e-4)


def test_that_a_row_has_a_number_for_each_name() -> None:
    assert len(UNKNOWN.as_row()) == len(NAMES)
