"""From a point of a curve to the frames behind it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import EvaluationError
from tracker.evaluation.courses import APART, Course, moments, read_course
from tracker.evaluation.protocols import load_protocol
from tracker.evaluation.scoring import Submission
from tracker.evaluation.sequences import BenchmarkSequence, read_benchmark

OVERLAPS = st.floats(0, 1) | st.just(float("nan"))


def course(overlaps: list[float], name: str = "dog") -> Course:
    truth = np.tile([10.0, 10.0, 20.0, 20.0], (len(overlaps), 1))
    sequence = BenchmarkSequence(name, None, truth, tuple(truth), np.ones(len(truth), bool))
    return Course("ours", sequence, truth.copy(), {"success": np.array(overlaps)})


def test_that_a_course_is_measured_frame_by_frame(tmp_path: Path) -> None:
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "groundtruth.txt").write_text(
        "10,10,20,20\n10,10,20,20\nnan,nan,nan,nan\n30,10,20,20\n"
    )
    (tmp_path / "ours").mkdir()
    (tmp_path / "ours" / "dog.txt").write_text("10,10,20,20\n20,10,20,20\n20,10,20,20\n0,0,0,0\n")
    protocol = load_protocol("otb")
    (sequence,) = read_benchmark(tmp_path, protocol)
    found = read_course(Submission("ours", tmp_path / "ours"), sequence, protocol)
    np.testing.assert_allclose(found.values["success"], [1, 1 / 3, np.nan, 0])
    np.testing.assert_allclose(found.values["precision"][:3], [0, 10, np.nan])
    np.testing.assert_allclose(found.values["normalised"][:3], [0, 0.5, np.nan])
    assert (found.true_box(2), found.box(3), found.box(99)) == (None, None, None)
    assert found.box(1) == found.box(2)
    with pytest.raises(EvaluationError, match="no result for dog"):
        read_course(Submission("theirs", tmp_path), sequence, protocol)


@settings(max_examples=40)
@given(
    overlaps=st.lists(
        st.lists(st.floats(0, 1) | st.just(float("nan")), min_size=1, max_size=80), min_size=1, max_size=3
    ),
    threshold=st.floats(0, 1),
    most=st.integers(1, 12),
)
def test_that_the_nearest_frames_come_first_and_no_two_show_the_same(
    overlaps: list[list[float]], threshold: float, most: int
) -> None:
    courses = [course(values, str(n)) for n, values in enumerate(overlaps)]
    found = moments(courses, "success", threshold, most)
    far = [abs(moment.value - threshold) for moment in found]
    assert far == sorted(far)
    assert len(found) <= most
    known = [abs(value - threshold) for values in overlaps for value in values if np.isfinite(value)]
    assert (not found) == (not known)
    if known:
        assert far[0] == min(known)
    for each in found:
        assert each.value == each.course.values["success"][each.frame]
        frames = [other.frame for other in found if other.course is each.course and other is not each]
        assert all(abs(frame - each.frame) >= APART for frame in frames)


def test_that_curves_that_are_not_of_frames_say_so() -> None:
    with pytest.raises(EvaluationError, match="no single frames"):
        moments([course([0.5])], "eao", 0.3)
