"""GOT-10k's measures against numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracker.evaluation.got10k import counted_overlaps, limited, score_got10k


def test_that_the_first_and_covered_frames_do_not_count() -> None:
    truth = [[0.0, 0, 10, 10]] * 4
    found = np.array([[50.0, 50, 1, 1], [0, 0, 10, 10], [50, 50, 1, 1], [0, 0, 5, 10]])
    counted = counted_overlaps(found, truth, [True, True, False, True], (100, 100))
    assert counted.tolist() == [1.0, 0.5]


def test_that_a_missing_box_overlaps_nothing_and_a_missing_truth_does_not_count() -> None:
    truth = np.array([[0.0, 0, 9, 9], [0, 0, 9, 9], [np.nan] * 4])
    counted = counted_overlaps(np.full((3, 4), np.nan), truth, [True] * 3, (50, 50))
    assert counted.tolist() == [0.0]


def test_that_boxes_are_limited_in_the_toolkits_way() -> None:
    # left of the frame the corner is moved and the width kept; right of it the width is cut
    boxes = np.array([[-5.0, 10, 20, 10], [95, 10, 20, 10], [120, 10, 5, 5]])
    assert limited(boxes, (100, 50)).tolist() == [[0, 10, 20, 10], [95, 10, 5, 10], [100, 10, 0, 5]]


def test_that_ao_and_sr_are_worked_out_over_frames() -> None:
    score = score_got10k([0.2, 0.5, 0.6, 0.9])
    assert score.ao == pytest.approx(0.55)
    assert (score.frames, score.sr_50, score.sr_75) == (4, 0.5, 0.25)
    assert score.success.shape == (101,)
    assert score.success[[0, 50, 100]].tolist() == [1, 0.5, 0]


def test_that_lengths_must_agree_and_something_must_count() -> None:
    with pytest.raises(ValueError, match="against"):
        counted_overlaps([[0, 0, 1, 1]], [[0, 0, 1, 1]] * 2, [True] * 2, None)
    with pytest.raises(ValueError, match="no frame"):
        score_got10k([])


@given(arrays(np.float64, st.integers(1, 60), elements=st.floats(0, 1, width=32)))
def test_that_ao_lies_near_the_area_under_its_curve(values: np.ndarray) -> None:
    score = score_got10k(values)
    assert score.ao == pytest.approx(score.success.mean(), abs=0.011)
    assert score.sr_75 <= score.sr_50
