from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tracker.thermal import agc
from tracker.thermal.agc_local import clahe, detail
from tracker.thermal.display import Counts, Span

FRAMES = hnp.arrays(np.uint16, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)) | hnp.arrays(
    np.uint8, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40)
)
SMOOTH = np.add.outer(np.arange(128) * 8, np.arange(160) * 5).astype(np.uint16) + 7000


@given(FRAMES, st.floats(0, 20))
def test_that_no_more_than_the_tails_lie_outside_the_span(counts: Counts, tails: float) -> None:
    span = agc.span_of(counts, tails)
    assert span.high >= span.low + 1
    most = counts.size * tails / 100
    assert (counts < span.low).sum() <= most + 1e-9
    assert (counts > span.high).sum() <= most + 1e-9


def test_that_without_tails_the_span_is_from_the_least_to_the_most() -> None:
    assert agc.span_of(SMOOTH, 0.0) == Span(float(SMOOTH.min()), float(SMOOTH.max()))


BOXES = st.tuples(st.floats(-80, 120), st.floats(-80, 120), st.floats(0.1, 90), st.floats(0.1, 90))


@given(BOXES, st.floats(0, 20), st.integers(1, 60), st.integers(1, 60))
def test_that_surroundings_are_a_part_of_the_frame_and_hold_what_can_be_seen_of_the_target(
    box: agc.Rectangle, margin: float, height: int, width: int
) -> None:
    rows, columns = agc.surroundings(box, margin, (height, width))
    assert 0 <= rows.start < rows.stop <= height
    assert 0 <= columns.start < columns.stop <= width
    x, y, w, h = box
    middle_x, middle_y = min(max(x + w / 2, 0), width - 1e-6), min(max(y + h / 2, 0), height - 1e-6)
    assert columns.start <= middle_x < columns.stop
    assert rows.start <= middle_y < rows.stop


def test_that_surroundings_reach_the_margin_beyond_each_side() -> None:
    rows, columns = agc.surroundings((100.0, 60.0, 40.0, 20.0), 1.5, (400, 500))
    assert (columns.start, columns.stop) == (40, 200)
    assert (rows.start, rows.stop) == (30, 110)


@given(FRAMES, st.floats(1, 40), st.floats(0, 1))
def test_that_the_curve_of_equalisation_rises_from_black_to_white(
    counts: Counts, contrast: float, linear_share: float
) -> None:
    span = agc.span_of(counts, 0.0)
    curve = agc.plateau(counts, span, contrast, linear_share)
    assert len(curve) == (256 if counts.dtype == np.uint8 else 65536)
    assert (np.diff(curve) >= -1e-3).all()
    assert curve.min() >= 0
    assert curve.max() <= 255 + 1e-3


def test_that_a_plateau_of_one_is_a_straight_line() -> None:
    flat = np.tile(np.arange(1000, 1256, dtype=np.uint16), (8, 1))
    curve = agc.plateau(flat, Span(1000, 1255), 1.0, 0.0)
    assert curve[1000:1256] == pytest.approx(np.arange(256), abs=0.01)


def test_that_equalisation_gives_levels_to_the_counts_that_are_there() -> None:
    counts = np.full((64, 64), 1000, np.uint16)
    counts[:, 32:] = 60000  # a hot half far away; what is between is empty
    counts += np.arange(64, dtype=np.uint16)[:, None]
    curve = agc.plateau(counts, agc.span_of(counts, 0.0), 40.0, 0.0)
    line = agc.linear(agc.span_of(counts, 0.0), 65536)
    assert curve[1063] - curve[1000] > 20 * (line[1063] - line[1000])


def test_that_the_linear_share_holds_noise_down() -> None:
    noise = np.random.default_rng(0).normal(8000, 5, (64, 64)).astype(np.uint16)
    noise[0, 0], noise[0, 1] = 7000, 9000
    span = agc.span_of(noise, 0.0)
    wild, calm = (agc.plateau(noise, span, 40.0, share)[noise].std() for share in (0.0, 0.8))
    assert calm < wild / 3


@given(FRAMES, st.floats(1, 40), st.floats(1, 20))
def test_that_local_gain_control_gives_every_frame_levels_of_its_size(
    counts: Counts, contrast: float, gain: float
) -> None:
    span = agc.span_of(counts, 0.5)
    for levels in (clahe(counts, span, contrast), detail(counts, span, contrast, 0.2, gain)):
        assert levels.shape == counts.shape
        assert levels.dtype == np.uint8


def reference_clahe(counts: Counts, span: Span, contrast: float, tiles: int, bins: int) -> np.ndarray:
    """The textbook's way, pixel by pixel."""
    height, width = counts.shape
    at = np.clip((counts.astype(float) - span.low) / (span.high - span.low) * (bins - 1), 0, bins - 1)
    curves = np.empty((tiles, tiles, bins))
    for row in range(tiles):
        for column in range(tiles):
            tile = at[
                height * row // tiles : height * (row + 1) // tiles,
                width * column // tiles : width * (column + 1) // tiles,
            ]
            histogram = np.bincount(tile.astype(int).ravel(), minlength=bins).astype(float)
            cut = np.minimum(histogram, contrast * histogram.mean())
            cut += (histogram.sum() - cut.sum()) / bins
            total = cut.cumsum()
            curves[row, column] = (total - cut / 2) * 255 / total[-1]
    levels = np.empty(counts.shape)
    for y in range(height):
        for x in range(width):
            v = min(max((y + 0.5) * tiles / height - 0.5, 0), tiles - 1)
            u = min(max((x + 0.5) * tiles / width - 0.5, 0), tiles - 1)
            b = at[y, x]
            level = 0.0
            for i in {int(v), min(int(v) + 1, tiles - 1)}:
                for j in {int(u), min(int(u) + 1, tiles - 1)}:
                    for k in {int(b), min(int(b) + 1, bins - 1)}:
                        share = max(1 - abs(v - i), 0) * max(1 - abs(u - j), 0) * max(1 - abs(b - k), 0)
                        level += share * curves[i, j, k]
            levels[y, x] = level
    return levels


def test_that_local_contrast_is_as_the_textbook_has_it() -> None:
    random = np.random.default_rng(1)
    counts = (SMOOTH[:128, :128] + random.normal(0, 30, (128, 128))).astype(np.uint16)
    span = agc.span_of(counts, 0.5)
    expected = reference_clahe(counts, span, 3.0, 4, 256)
    difference = np.abs(clahe(counts, span, 3.0).astype(float) - expected)
    assert difference.max() < 2.5  # OpenCV interpolates in steps of 1/32
    assert difference.mean() < 0.5


def test_that_local_contrast_makes_no_steps_in_16_bit_counts() -> None:
    """All of these counts would be one of three levels if they were cut to 8 bits first."""
    slope = np.tile(np.linspace(30000, 30500, 256).astype(np.uint16), (256, 1))
    levels = clahe(slope, Span(0.0, 65535.0), 40.0)
    assert len(np.unique(levels)) > 12
    assert np.diff(levels[0].astype(int)).max() <= 1


def test_that_detail_is_strengthened_and_the_base_held_back() -> None:
    y, x = np.mgrid[:128, :160]
    texture = 6 * ((x // 2 + y // 2) % 2)
    counts = (5000 + 30 * x + texture).astype(np.uint16)
    span = agc.span_of(counts, 0.0)

    def contrast(levels: np.ndarray) -> float:
        """Between neighbouring cells of the texture, along columns, where the base does not change."""
        return float(np.abs(np.diff(levels[32:96:2, 32:128].astype(float), axis=0)).mean())

    plain = agc.linear(span, 65536)[counts]
    assert contrast(detail(counts, span, 4.0, 1.0, 10.0)) > 5 * contrast(plain)


def test_that_an_edge_gets_next_to_no_halo() -> None:
    counts = np.full((128, 160), 5000, np.uint16)
    counts[:, 80:] = 9000
    levels = detail(counts, Span(4000.0, 10000.0), 4.0, 1.0, 8.0).astype(int)
    for side in (levels[:, :80], levels[:, 80:]):
        assert np.ptp(side) <= 14  # of a base that is a plain blur it would be 59
