"""Metrics against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tracker.evaluation.metrics import (
    evaluate,
    normalised_distance,
    precision_at,
    success_auc,
    success_curve,
)

NAN_BOX: list[float] = [np.nan] * 4


def test_that_the_success_curve_counts_overlaps_strictly_above_each_threshold() -> None:
    assert success_curve([0.5, 1.0, 0.0], [0.0, 0.5, 0.9, 1.0]).tolist() == pytest.approx(
        [2 / 3, 1 / 3, 1 / 3, 0]
    )


def test_that_perfect_boxes_reach_20_of_21_thresholds() -> None:
    # nothing is above 1, so the best AUC of the OTB toolkit is 20 / 21
    assert success_auc(np.ones(7)) == pytest.approx(20 / 21)


def test_that_precision_counts_the_limit_itself_and_no_missing_distance() -> None:
    assert precision_at([19.9, 20.0, 20.1, np.nan]) == pytest.approx(0.5)


def test_that_the_normalised_distance_is_in_units_of_the_true_box() -> None:
    # the centre is off by (3, 8) for a true box of 10 x 20: (0.3, 0.4)
    assert normalised_distance([[3, 8, 10, 20]], [[0, 0, 10, 20]]) == pytest.approx([0.5])


def test_that_a_sequence_is_evaluated_over_the_frames_that_have_a_true_box() -> None:
    truth: list[list[float]] = [[0, 0, 10, 10], [0, 0, 10, 10], NAN_BOX, [5, 5, 0, 4], [0, 0, 10, 10]]
    boxes: list[list[float]] = [[0, 0, 10, 10], [0, 5, 10, 10], [0, 0, 1, 1], [0, 0, 1, 1], NAN_BOX]
    result = evaluate(boxes, truth)
    assert result.frames == 3
    # IoU 1, 50 / 150, and 0 for the missing box
    assert result.mean_overlap == pytest.approx((1 + 1 / 3) / 3)
    assert result.success_auc == pytest.approx((20 + 7 + 0) / 3 / 21)
    assert result.success_rate_50 == pytest.approx(1 / 3)
    assert result.precision_20 == pytest.approx(2 / 3)
    assert result.normalised_precision == pytest.approx(1 / 3)


def test_that_boxes_and_truth_must_belong_together() -> None:
    with pytest.raises(ValueError, match="2 boxes against 1"):
        evaluate([[0, 0, 1, 1]] * 2, [[0, 0, 1, 1]])
    with pytest.raises(ValueError, match="no frame"):
        evaluate([[0, 0, 1, 1]], [NAN_BOX])


def test_that_a_success_curve_falls_from_any_overlap_to_none() -> None:
    overlaps = np.linspace(0, 1, 11)
    curve = success_curve(overlaps)
    assert curve[0] == pytest.approx(10 / 11)
    assert curve[10] == pytest.approx(5 / 11)
    assert curve[-1] == 0
    assert (np.diff(curve) <= 0).all()
