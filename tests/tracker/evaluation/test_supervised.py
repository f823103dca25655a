"""The supervised protocol against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tracker.evaluation.supervised import (
    EaoTable,
    SupervisedRules,
    estimated_interval,
    mean_accuracy,
    mean_failures,
    score_supervised,
)

RIGHT = np.array([0.0, 0.0, 10.0, 10.0])
HALF = np.array([0.0, 0.0, 10.0, 5.0])
START, FAIL, SKIP = np.array([1.0]), np.array([2.0]), np.array([0.0])
FRAME = (50, 50)
SHORT = SupervisedRules(burn_in=2)


def test_that_burn_in_failures_and_skipped_frames_do_not_count_for_accuracy() -> None:
    run = [START, HALF, RIGHT, HALF, FAIL, SKIP, SKIP, START, RIGHT, HALF]
    score = score_supervised([run], [RIGHT] * 10, FRAME, SHORT)
    # frames 2, 3 and 9 are left: 1, 0.5 and 0.5
    assert score.accuracy == pytest.approx(2 / 3)
    assert (score.failures, score.length) == (1, 10)
    first, last = score.stretches
    assert (first.overlaps.tolist(), first.failed) == ([0, 0.5, 1, 0.5], True)
    assert (last.overlaps.tolist(), last.failed) == ([0, 1, 0.5], False)


def test_that_a_run_without_failure_is_one_stretch() -> None:
    score = score_supervised([[START, RIGHT, HALF]], [RIGHT] * 3, FRAME, SHORT)
    assert [stretch.failed for stretch in score.stretches] == [False]
    assert score.accuracy == 0.5


def test_that_nothing_counted_is_an_accuracy_of_zero() -> None:
    assert score_supervised([[START, FAIL]], [RIGHT] * 2, FRAME).accuracy == 0


def test_that_repetitions_are_averaged() -> None:
    runs = [[START, FAIL, SKIP, SKIP], [START, RIGHT, RIGHT, HALF]]
    score = score_supervised(runs, [RIGHT] * 4, FRAME, SHORT)
    assert score.accuracy == pytest.approx((0 + 0.75) / 2)
    assert score.failures == 0.5


def test_that_sets_are_weighted_by_length() -> None:
    long = score_supervised([[START, *[RIGHT] * 29]], [RIGHT] * 30, FRAME)
    short = score_supervised([[START, *[HALF] * 9, FAIL]], [RIGHT] * 11, FRAME, SHORT)
    assert mean_accuracy([long, short]) == pytest.approx((30 * 1 + 11 * 0.5) / 41)
    assert mean_failures([long, short]) == pytest.approx(11 / 41)


def test_that_a_failed_stretch_counts_for_ever_and_a_finished_one_to_its_end() -> None:
    failed = score_supervised([[START, RIGHT, FAIL]], [RIGHT] * 3, FRAME)
    whole = score_supervised([[START, HALF, HALF, HALF]], [RIGHT] * 4, FRAME)
    curve = EaoTable.of([failed, whole]).curve()
    # after 1, 2, 3 frames the failed one has 1, 1/2, 1/3 on average, the other 1/2 throughout
    assert curve.tolist() == pytest.approx([0, 0.75, 0.5, (1 / 3 + 0.5) / 2])
    only_whole = EaoTable.of([failed, whole]).curve([1])
    assert only_whole.tolist() == pytest.approx([0, 0.5, 0.5, 0.5])


def test_that_the_score_is_the_mean_over_the_interval_with_both_ends() -> None:
    table = EaoTable.of([score_supervised([[START, RIGHT, HALF, HALF]], [RIGHT] * 4, FRAME)])
    assert table.score((1, 2)) == pytest.approx((1 + 0.75) / 2)
    assert np.isnan(table.score((10, 20)))


def test_that_order_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    runs = [[START, *(RIGHT if rng.random() < 0.6 else HALF for _ in range(20))] for _ in range(5)]
    scores = [score_supervised([run], [RIGHT] * 21, FRAME) for run in runs]
    forward, backward = EaoTable.of(scores), EaoTable.of(scores[::-1])
    np.testing.assert_allclose(forward.curve(), backward.curve())
    assert mean_accuracy(scores) == pytest.approx(mean_accuracy(scores[::-1]))


def test_that_the_estimated_interval_holds_about_half_of_the_lengths() -> None:
    rng = np.random.default_rng(0)
    lengths = np.clip(rng.normal(300, 60, 400), 50, None).astype(int)
    low, high = estimated_interval(lengths)
    assert low < 300 < high
    assert ((lengths >= low) & (lengths <= high)).mean() == pytest.approx(0.5, abs=0.08)
    assert estimated_interval([40]) == pytest.approx((40, 40), abs=2)


def test_that_a_run_is_needed_and_lengths_must_agree() -> None:
    with pytest.raises(ValueError, match="no run"):
        score_supervised([], [RIGHT], FRAME)
    with pytest.raises(ValueError, match=r"shorter|longer"):
        score_supervised([[START]], [RIGHT] * 2, FRAME)
