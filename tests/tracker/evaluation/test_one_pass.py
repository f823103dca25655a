"""One-pass scores against numbers worked by hand, and what must hold for any results."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracker.evaluation.metrics import success_auc
from tracker.evaluation.one_pass import OnePassRules, Unusable, score_one_pass

NAN_BOX: list[float] = [np.nan] * 4
TRUE = [10.0, 10.0, 10.0, 20.0]
MATLAB = OnePassRules(first_pixel=1, unusable=Unusable.AS_OTB_TOOLKIT, repeats_missing=True)

overlaps = arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1, width=32))


def boxes_of(count: int) -> st.SearchStrategy[np.ndarray]:
    return arrays(np.float64, (count, 4), elements=st.floats(1, 80, width=32))


def test_that_the_first_result_is_the_given_box() -> None:
    score = score_one_pass([[500.0, 500, 1, 1], TRUE], [TRUE, TRUE])
    assert score.success_auc == pytest.approx(20 / 21)
    assert score.precision[0] == 1


def test_that_curves_have_the_values_worked_by_hand() -> None:
    # second frame: shifted by half the width: overlap 5 / 15, centre error 5 px, normalised 0.5
    score = score_one_pass([TRUE, [15.0, 10, 10, 20]], [TRUE, TRUE])
    assert score.success_auc == pytest.approx((20 + 7) / 2 / 21)
    assert score.precision[[0, 4, 5]].tolist() == [0.5, 0.5, 1]
    assert score.normalised[[49, 50]].tolist() == [0.5, 1]
    assert score.normalised_20 == 0.5
    assert score.normalised_auc == pytest.approx((50 * 0.5 + 1) / 51)


def test_that_101_thresholds_can_be_asked_for() -> None:
    score = score_one_pass([TRUE, [15.0, 10, 10, 20]], [TRUE, TRUE], OnePassRules(thresholds=101))
    assert score.success.shape == (101,)
    assert score.success_auc == pytest.approx((100 + 34) / 2 / 101)


def test_that_frames_without_truth_are_left_out() -> None:
    score = score_one_pass([TRUE, [0.0, 0, 1, 1], [0.0, 0, 1, 1]], [TRUE, NAN_BOX, [5.0, 5, 0, 4]])
    assert score.frames == 1
    assert score.success_auc == pytest.approx(20 / 21)


def test_that_the_matlab_toolkit_counts_them_as_a_miss_and_as_a_hit() -> None:
    # x is 0 in the file, which counts pixels from 1: -1 here
    edge = [-1.0, 10.0, 10.0, 20.0]
    score = score_one_pass([TRUE, edge], [TRUE, edge], MATLAB)
    assert score.frames == 2
    assert score.success[0] == 0.5
    assert score.precision[0] == 1
    assert score.normalised[0] == 1
    assert score_one_pass([TRUE, edge], [TRUE, edge]).success[0] == 1


def test_that_a_missing_box_is_repeated_or_misses_as_the_rules_say() -> None:
    found = [TRUE, [0.0, 0.0, 0.0, 0.0], NAN_BOX]
    truth = [TRUE] * 3
    assert score_one_pass(found, truth, MATLAB).success_auc == pytest.approx(20 / 21)
    assert score_one_pass(found, truth).success_auc == pytest.approx(20 / 21 / 3)
    assert score_one_pass(found, truth).precision[-1] == pytest.approx(1 / 3)


def test_that_lengths_must_agree_and_something_must_count() -> None:
    with pytest.raises(ValueError, match="against"):
        score_one_pass([TRUE], [TRUE, TRUE])
    with pytest.raises(ValueError, match="no frame"):
        score_one_pass([TRUE], [NAN_BOX])


@given(overlaps, st.floats(0, 1))
def test_that_auc_never_falls_when_overlaps_rise(values: np.ndarray, gain: float) -> None:
    assert success_auc(values + gain * (1 - values)) >= success_auc(values)


@given(st.integers(2, 12).flatmap(lambda n: st.tuples(boxes_of(n), boxes_of(n))), st.randoms())
def test_that_curves_are_monotone_and_ignore_the_order_of_later_frames(
    pair: tuple[np.ndarray, np.ndarray], random: object
) -> None:
    found, true = pair
    score = score_one_pass(found, true)
    assert (np.diff(score.success) <= 0).all()
    assert (np.diff(score.precision) >= 0).all()
    assert (np.diff(score.normalised) >= 0).all()
    order = np.r_[0, 1 + np.random.default_rng(len(found)).permutation(len(found) - 1)]
    again = score_one_pass(found[order], true[order])
    np.testing.assert_allclose(again.success, score.success)
    np.testing.assert_allclose(again.precision, score.precision)


@given(st.integers(2, 12).flatmap(boxes_of))
def test_that_perfect_boxes_are_perfect(true: np.ndarray) -> None:
    score = score_one_pass(true, true)
    assert score.success_auc == pytest.approx(20 / 21)
    assert (score.precision == 1).all()
    assert (score.normalised == 1).all()
