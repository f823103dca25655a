"""Regions to crops and back, and the scores of response maps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.geometry import Box
from tracker.tracking.crop import context_side, cut, square_around, to_crop, to_frame
from tracker.tracking.scores import (
    contrast,
    divergence,
    peak_cell,
    peak_to_correlation_energy,
    peak_to_sidelobe,
    score,
    second_peak_ratio,
)

coordinates = st.floats(-500, 500)
sides = st.floats(1, 2000)


@given(x=coordinates, y=coordinates, side=sides, u=st.floats(0, 256), v=st.floats(0, 256))
def test_that_crop_and_frame_coordinates_are_each_others_inverse(
    x: float, y: float, side: float, u: float, v: float
) -> None:
    region = square_around((x, y), side)
    assert to_crop(region, 256, *to_frame(region, 256, u, v)) == pytest.approx((u, v), abs=1e-6)


def gradient(height: int, width: int) -> np.ndarray:
    """Image whose value at any point (x, y), pixel edges at integers, is x + 1000 y."""
    rows, columns = np.mgrid[:height, :width] + 0.5
    return np.asarray(columns + 1000 * rows, np.float32)


@settings(max_examples=50)
@given(x=st.floats(20, 40), y=st.floats(20, 40), side=st.floats(8, 30))
def test_that_a_crop_samples_the_frame_where_the_coordinates_say(x: float, y: float, side: float) -> None:
    region = square_around((x, y), side)
    crop = cut(gradient(64, 64), region, 16)
    for v, u in ((3, 5), (8, 8), (12, 2)):
        fx, fy = to_frame(region, 16, u + 0.5, v + 0.5)
        assert crop[v, u] == pytest.approx(fx + 1000 * fy, abs=40)  # warpAffine interpolates in 1/32 pixel


def test_that_a_strongly_reduced_crop_averages_rather_than_skips() -> None:
    stripes = np.tile(np.array([0, 200], np.float32), (256, 128))
    crop = cut(stripes, Box(0, 0, 256, 256), 32)
    assert crop[8:24, 8:24] == pytest.approx(100, abs=1)


def test_that_beyond_the_frame_lies_its_mean_or_its_edge() -> None:
    image = np.zeros((20, 20), np.float32)
    image[:, 10:] = 80
    region = Box(20, 0, 16, 16)
    assert cut(image, region, 16, "mean")[:, 4:] == pytest.approx(40)
    assert cut(image, region, 16, "edge")[:, 4:] == pytest.approx(80)


def test_that_the_published_context_gives_the_published_side() -> None:
    # w = 30, h = 50: context 40, so sqrt(70 * 90)
    assert context_side(30, 50) == pytest.approx((70 * 90) ** 0.5)


def two_peaks(first: float, second: float) -> np.ndarray:
    response = np.zeros((33, 33), np.float32)
    response[8, 8], response[24, 20] = first, second
    return response


def test_that_the_peak_is_where_the_largest_value_is() -> None:
    assert peak_cell(two_peaks(0.5, 0.9)) == (24, 20)


def test_that_the_second_peak_is_found_beyond_the_first() -> None:
    assert second_peak_ratio(two_peaks(0.8, 0.6), 4) == pytest.approx(0.75)
    assert second_peak_ratio(two_peaks(0.8, 0.0), 4) == 0.0
    assert second_peak_ratio(-two_peaks(0.8, 0.6) - 1, 4) == 0.0


def test_that_apce_of_a_single_peak_is_the_number_of_cells() -> None:
    # one cell of height 1 among n: (1 - 0)^2 / (1 / n) = n
    assert peak_to_correlation_energy(two_peaks(1.0, 0.0)) == pytest.approx(33 * 33)
    assert peak_to_correlation_energy(np.ones((5, 5), np.float32)) == 0.0


def test_that_psr_falls_when_a_distractor_appears() -> None:
    noise = np.random.default_rng(0).normal(0, 0.01, (33, 33)).astype(np.float32)
    clear = peak_to_sidelobe(two_peaks(1.0, 0.0) + noise)
    disturbed = peak_to_sidelobe(two_peaks(1.0, 0.8) + noise)
    assert clear > 2 * disturbed


def test_that_disagreement_is_measured_in_target_sizes() -> None:
    result = score(two_peaks(1.0, 0.0), two_peaks(0.0, 1.0), two_peaks(1.0, 1.0), target_cells=10)
    assert result.disagreement == pytest.approx(np.hypot(16, 12) / 10)


def test_that_divergence_is_zero_for_equal_maps_whatever_their_gain_and_offset() -> None:
    response = np.random.default_rng(0).random((33, 33)).astype(np.float32)
    assert divergence(response, 3 * response - 7) == pytest.approx(0.0, abs=1e-6)
    assert divergence(np.zeros((5, 5), np.float32), np.ones((5, 5), np.float32)) == 0.0


def test_that_divergence_is_symmetric_and_grows_as_peaks_part() -> None:
    rows, columns = np.mgrid[:33, :33]

    def bump(column: int) -> np.ndarray:
        return np.asarray(np.exp(-((rows - 16) ** 2 + (columns - column) ** 2) / 20.0), np.float32)

    apart = [divergence(bump(16), bump(16 + gap)) for gap in (0, 3, 6)]
    assert apart == sorted(apart)
    assert apart[2] > apart[1] > 0.1
    assert divergence(bump(19), bump(16)) == pytest.approx(apart[1])


def test_that_contrast_is_the_step_over_the_spread_of_the_ring() -> None:
    image = np.where(np.indices((60, 60)).sum(0) % 2, 52.0, 48.0).astype(np.float32)  # spread 2 around 50
    image[20:30, 20:40] = 80
    box = Box(20, 20, 20, 10)
    assert contrast(image, box) == pytest.approx((80 - 50) / 2, rel=0.01)
    image[20:30, 20:40] = 20
    assert contrast(image, box) == pytest.approx((50 - 20) / 2, rel=0.01)


def test_that_contrast_reaches_over_the_frames_edge_but_not_beyond_it() -> None:
    image = np.random.default_rng(0).normal(100, 5, (50, 50)).astype(np.float32)
    assert 0 <= contrast(image, Box(-5, -5, 12, 12)) < 3
    assert np.isnan(contrast(image, Box(-40, 10, 12, 12)))
    assert np.isnan(contrast(image, Box(0, 0, 50, 50)))


def test_that_contrast_of_a_large_box_is_taken_from_some_of_its_pixels() -> None:
    rng = np.random.default_rng(1)
    image = rng.normal(100, 10, (480, 640)).astype(np.float32)
    image[100:350, 150:450] += 40
    assert contrast(image, Box(150, 100, 300, 250)) == pytest.approx(4, abs=0.2)
