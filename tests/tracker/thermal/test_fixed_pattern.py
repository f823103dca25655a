"""The fixed pattern is what stays, whatever the camera sees; taking it away leaves all else as it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracker.thermal.fixed_pattern import Corrector, Counts, FixedPattern, estimate

Frames = list[NDArray[np.uint16]]
HEIGHT, WIDTH = 60, 80


def blurred(field: NDArray[np.float64]) -> NDArray[np.float64]:
    """As optics would draw it: a point over its neighbours."""
    wide = np.pad(field, 1, mode="edge")
    rows = 0.25 * wide[:-2] + 0.5 * wide[1:-1] + 0.25 * wide[2:]
    return np.asarray(0.25 * rows[:, :-2] + 0.5 * rows[:, 1:-1] + 0.25 * rows[:, 2:])


def clip(seed: int = 0, count: int = 24, *, moves: bool = True) -> NDArray[np.float64]:
    """(n, H, W) of a camera that turns over a landscape with small hot things, or of one that does not."""
    rng = np.random.default_rng(seed)
    wide = np.kron(rng.normal(3000, 40, (6, 18)), np.ones((20, 20)))
    wide[rng.integers(0, 120, 30), rng.integers(0, 360, 30)] += 600
    wide = blurred(np.asarray(wide, np.float64))
    starts = [4 * index if moves else 40 for index in range(count)]
    noise = rng.normal(0, 3, (count, HEIGHT, WIDTH))
    return np.stack([wide[20 : 20 + HEIGHT, start : start + WIDTH] for start in starts]) + noise


def counts(level: NDArray[np.float64]) -> Frames:
    return list(np.clip(np.rint(level), 0, 65535).astype(np.uint16))


@pytest.mark.parametrize("moves", [True, False])
def test_that_a_sound_sensor_has_no_dead_pixels(moves: bool) -> None:
    for seed in range(4):
        assert estimate(counts(clip(seed, moves=moves))).dead_pixels == 0


@pytest.mark.parametrize("moves", [True, False])
def test_that_stuck_dark_and_bright_pixels_are_found(moves: bool) -> None:
    level = clip(1, moves=moves)
    level[:, 10, 20] = 3007
    level[:, 30, 0] = 12000
    level[:, 40, 50] = 5
    level[:, 50, 79] += 900
    dead = estimate(counts(level)).dead
    assert sorted(zip(*np.nonzero(dead), strict=True)) == [(10, 20), (30, 0), (40, 50), (50, 79)]


def test_that_stripes_are_measured_while_the_scene_moves() -> None:
    rng = np.random.default_rng(3)
    columns, rows = rng.normal(0, 8, WIDTH), rng.normal(0, 5, HEIGHT)
    found = estimate(counts(clip(2) + columns + rows[:, None]))
    assert np.corrcoef(found.columns, columns)[0, 1] > 0.9
    assert np.corrcoef(found.rows, rows)[0, 1] > 0.85
    assert found.stripes == pytest.approx(float(np.hypot(8, 5)), rel=0.25)


def test_that_correcting_takes_most_of_it_away() -> None:
    rng = np.random.default_rng(4)
    clean = clip(5)
    level = clean + rng.normal(0, 8, WIDTH)
    level[:, 33, 44] = 9000
    frames = counts(level)
    corrector = Corrector(estimate(frames))
    before = np.abs(frames[7] - clean[7])
    after = np.abs(corrector.apply(frames[7]) - clean[7])
    assert after.mean() < 0.5 * before.mean()
    assert after[33, 44] < 100


@settings(max_examples=50)
@given(
    data=st.data(),
    height=st.integers(1, 12),
    width=st.integers(1, 12),
    dtype=st.sampled_from([np.uint8, np.uint16]),
)
def test_that_sound_pixels_keep_their_counts(
    data: st.DataObject, height: int, width: int, dtype: type[np.uint8] | type[np.uint16]
) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    frame: Counts = rng.integers(0, np.iinfo(dtype).max, (height, width), dtype, endpoint=True)
    dead = rng.random((height, width)) < data.draw(st.floats(0, 1))
    none = FixedPattern(dead, np.zeros(width, np.float32), np.zeros(height, np.float32))
    before = frame.copy()
    after = Corrector(none).apply(frame)
    assert np.array_equal(frame, before)
    assert after.dtype == dtype
    assert np.array_equal(after[~dead], frame[~dead])


@settings(max_examples=30)
@given(
    height=st.integers(1, 20), width=st.integers(1, 20), count=st.integers(1, 5), value=st.integers(0, 255)
)
def test_that_any_clip_can_be_estimated(height: int, width: int, count: int, value: int) -> None:
    found = estimate([np.full((height, width), value, np.uint8)] * count)
    assert found.dead.shape == (height, width)
    assert not found.dead.any()
    assert np.isfinite(found.stripes)


def test_that_colour_is_left_as_it_is() -> None:
    frame = np.zeros((4, 5, 3), np.uint8)
    pattern = FixedPattern(np.ones((4, 5), np.bool_), np.ones(5, np.float32), np.ones(4, np.float32))
    assert Corrector(pattern).apply(frame) is frame
    with pytest.raises(ValueError, match="gray"):
        estimate([frame])


def test_that_stripes_can_be_left_out() -> None:
    pattern = FixedPattern(np.zeros((4, 5), np.bool_), np.full(5, 3, np.float32), np.zeros(4, np.float32))
    frame = np.full((4, 5), 100, np.uint8)
    assert Corrector(pattern).apply(frame).tolist() == np.full((4, 5), 97).tolist()
    assert Corrector(pattern.without_stripes()).apply(frame).tolist() == frame.tolist()
