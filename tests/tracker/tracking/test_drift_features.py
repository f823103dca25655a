"""What the course of a run says: invariance, causality, what is not known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracker.annotation.evidence import SCORE_NAMES
from tracker.tracking.drift_features import (
    BLOCK,
    FEATURE_NAMES,
    FIRST,
    RECENT,
    FeatureStream,
    features_of,
)

SIZE = (320, 240)
PEAK = SCORE_NAMES.index("peak")


def steady(count: int) -> tuple[np.ndarray, np.ndarray]:
    """Scores (n, s) and boxes (n, 4) of a run that goes well: the target moves on by two pixels a frame."""
    scores = np.tile([0.7, 40.0, 90.0, 0.1, 0.05, 0.2, 0.8, 0.6, 2.0], (count, 1))
    boxes = np.tile([100.0, 80.0, 30.0, 20.0], (count, 1))
    boxes[:, 0] += 2.0 * np.arange(count) * (np.arange(count) < 60)
    return scores, boxes


def column(features: np.ndarray, name: str) -> np.ndarray:
    return np.asarray(features[:, FEATURE_NAMES.index(name)])


def random_run(seed: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    boxes = np.column_stack([rng.uniform(0, 200, (count, 2)), rng.uniform(5, 60, (count, 2))])
    scores = rng.uniform(0, 1, (count, len(SCORE_NAMES)))
    scores[rng.random(scores.shape) < 0.05] = np.nan
    return scores, boxes


lengths = st.integers(1, FIRST + RECENT + BLOCK + 20)
seeds = st.integers(0, 2**32 - 1)


@settings(max_examples=40)
@given(seed=seeds, count=lengths, data=st.data())
def test_that_a_frame_does_not_depend_on_those_after_it(seed: int, count: int, data: st.DataObject) -> None:
    scores, boxes = random_run(seed, count)
    known = data.draw(st.integers(1, count))
    whole = features_of(scores, boxes, SIZE)[:known]
    assert np.allclose(features_of(scores[:known], boxes[:known], SIZE), whole, equal_nan=True)


@settings(max_examples=20)
@given(seed=seeds, count=lengths)
def test_that_it_is_the_same_during_a_run_and_after_it(seed: int, count: int) -> None:
    scores, boxes = random_run(seed, count)
    stream = FeatureStream(SIZE)
    live = np.array([stream.step(*row) for row in zip(scores, boxes, strict=True)])
    assert np.allclose(live, features_of(scores, boxes, SIZE), equal_nan=True)


@settings(max_examples=20)
@given(seed=seeds, count=st.integers(2, 60), factor=st.floats(0.2, 8))
def test_that_the_size_of_the_pixels_does_not_matter(seed: int, count: int, factor: float) -> None:
    scores, boxes = random_run(seed, count)
    larger = features_of(scores, factor * boxes, (round(320 * factor * 100), round(240 * factor * 100)))
    assert np.allclose(larger, features_of(scores, boxes, (32000, 24000)), equal_nan=True, atol=1e-6)


@settings(max_examples=20)
@given(seed=seeds, count=st.integers(2, 60))
def test_that_a_backward_run_is_a_forward_run_through_the_turned_clip(seed: int, count: int) -> None:
    scores, boxes = random_run(seed, count)
    backward = features_of(scores, boxes, SIZE, start=count - 1, direction=-1)
    assert np.array_equal(backward, features_of(scores[::-1], boxes[::-1], SIZE)[::-1], equal_nan=True)


def test_that_frames_the_run_does_not_come_to_are_unknown() -> None:
    features = features_of(*steady(20), SIZE, start=8)
    assert np.isnan(features[:8]).all()
    assert np.isfinite(column(features[8:], "peak")).all()


def test_that_a_steady_run_shows_no_change() -> None:
    features = features_of(*steady(60), SIZE)
    for name in ("peak_first", "contrast_recent", "scale_jump", "growth", "aspect_change"):
        assert column(features, name)[2:] == pytest.approx(0.0, abs=1e-9)
    assert column(features, "motion_recent")[30:] == pytest.approx(0.0, abs=1e-6)


def test_that_a_fall_of_the_peak_is_seen_at_once_and_remembered() -> None:
    scores, boxes = steady(80)
    scores[50:, PEAK] = 0.2
    features = features_of(scores, boxes, SIZE)
    assert column(features, "peak_first")[53] < -0.3
    assert column(features, "peak_first")[-1] == pytest.approx(-0.5, abs=0.01)
    # What has lasted for a while is usual.
    assert column(features, "peak_recent")[-1] == pytest.approx(0.0, abs=0.01)
    assert column(features, "peak_recent_slow")[-1] < -0.01


def test_that_one_bad_frame_moves_little() -> None:
    scores, boxes = steady(60)
    scores[40, PEAK] = 0.0
    features = features_of(scores, boxes, SIZE)
    assert column(features, "peak")[40] > 0.35
    assert column(features, "peak")[46] == pytest.approx(0.7, abs=0.03)


def test_that_a_jump_and_a_new_shape_of_the_box_are_seen() -> None:
    scores, boxes = steady(60)
    boxes[40:, 0] += 60
    boxes[40:, 3] *= 2
    features = features_of(scores, boxes, SIZE)
    for name in ("motion", "motion_recent", "scale_jump", "growth", "aspect_change"):
        assert column(features, name)[40] > column(features, name)[39] + 0.2


def test_that_the_distance_to_the_frames_edge_is_in_target_sizes() -> None:
    scores, boxes = steady(3)
    boxes[:] = [310.0, 100.0, 20.0, 20.0]  # half outside
    assert column(features_of(scores, boxes, SIZE), "edge") == pytest.approx(-0.5)


def test_that_what_a_model_does_not_measure_is_unknown_and_nothing_else_is() -> None:
    scores, boxes = steady(30)
    scores[:, SCORE_NAMES.index("quality")] = np.nan
    features = features_of(scores, boxes, SIZE)
    unknown = {name for name in FEATURE_NAMES if np.isnan(column(features, name)).all()}
    assert {name.split("_")[0] for name in unknown} == {"quality", "forward"}
    known = [k for k, name in enumerate(FEATURE_NAMES) if name not in unknown]
    assert np.isfinite(features[:, known]).all()


def test_that_a_run_that_comes_back_may_be_told() -> None:
    features = features_of(*steady(30), SIZE, forward_backward=np.full(30, 0.75))
    assert column(features, "forward_backward") == pytest.approx(0.75)


@given(arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 8))))
def test_that_arrays_that_do_not_fit_are_refused(scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match="scores"):
        features_of(scores, np.zeros((5, 4)), SIZE)
