"""Two runs over a gap compared and made into one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.tracker.annotation.documents import whole_frames
from tracker.annotation.audit import Spans, accepted_spans, agreement, blended
from tracker.annotation.track import Frames, FrameState, Presence, Provenance
from tracker.geometry import Box

FIRST, SHIFTED, FAR = Box(0, 0, 10, 10), Box(5, 0, 10, 10), Box(200, 100, 10, 10)
OUT = FrameState(None, Provenance.TRACKED, Presence.OUT_OF_VIEW, 0.2)
HIDDEN = FrameState(None, Provenance.TRACKED, Presence.OCCLUDED, 0.3)


def frames_of(*said: Box | FrameState | None, score: float = 0.9, model: int = 0) -> Frames:
    """One frame for each: a tracked box, any state, or nothing."""
    frames = Frames.empty(len(said))
    for index, each in enumerate(said):
        state = FrameState(each, Provenance.TRACKED, score=score) if isinstance(each, Box) else each
        frames.put(index, state or FrameState(), model)
    return frames


def test_that_agreement_is_the_overlap_and_unknown_without_both_boxes() -> None:
    forward = frames_of(FIRST, FIRST, FIRST, FIRST, OUT)
    backward = frames_of(FIRST, SHIFTED, FAR, None, FIRST)
    assert agreement(forward, backward).tolist() == pytest.approx(
        [1, 1 / 3, 0, math.nan, math.nan], nan_ok=True
    )


def test_that_agreeing_boxes_go_over_from_one_run_to_the_other() -> None:
    small, large = Box.from_centre(50, 40, 10, 8), Box.from_centre(54, 40, 20, 8)
    mixed = blended(frames_of(*[small] * 3), frames_of(*[large] * 3), threshold=0.3)
    centres = mixed.boxes[:, :2] + mixed.boxes[:, 2:] / 2
    assert np.allclose(centres, [[51, 40], [52, 40], [53, 40]])
    assert np.allclose(mixed.boxes[:, 2], [10 * 2**0.25, 10 * 2**0.5, 10 * 2**0.75])
    assert np.allclose(mixed.boxes[:, 3], 8)


def test_that_disagreeing_runs_are_each_believed_near_their_anchor() -> None:
    mixed = blended(frames_of(*[FIRST] * 5, model=0), frames_of(*[FAR] * 5, model=1))
    assert [mixed.box(i) for i in range(5)] == [FIRST, FIRST, FIRST, FAR, FAR]
    assert mixed.model.tolist() == [0, 0, 0, 1, 1]


def test_that_the_threshold_divides_blending_from_choosing() -> None:
    forward, backward = frames_of(FIRST), frames_of(SHIFTED)
    assert blended(forward, backward, threshold=0.34).box(0) == FIRST
    assert blended(forward, backward, threshold=0.33).boxes[0].tolist() == pytest.approx([2.5, 0, 10, 10])


def test_that_presence_is_the_worse_and_score_the_lower_of_both() -> None:
    occluded = FrameState(FIRST, Provenance.TRACKED, Presence.OCCLUDED, 0.4)
    mixed = blended(
        frames_of(FIRST, FIRST, OUT, FIRST), frames_of(FIRST, occluded, FIRST, FIRST, score=math.nan)
    )
    assert mixed.presence.tolist() == [0, 1, 2, 0]
    assert mixed.score.tolist() == pytest.approx([0.9, 0.4, 0.2, 0.9])
    assert mixed.has_box.tolist() == [True, True, False, True]
    assert np.allclose(mixed.boxes[1], FIRST.as_tuple())


def test_that_the_run_that_knows_where_an_occluded_target_is_says_so() -> None:
    mixed = blended(frames_of(HIDDEN, FIRST), frames_of(FIRST, HIDDEN))
    assert [mixed.box(0), mixed.box(1)] == [FIRST, FIRST]
    assert mixed.presence.tolist() == [1, 1]


def test_that_what_one_run_alone_says_holds() -> None:
    forward, backward = frames_of(FIRST, None, None, OUT), frames_of(None, FAR, None, None)
    mixed = blended(forward, backward)
    assert mixed == frames_of(FIRST, FAR, None, OUT)


@given(whole_frames(12, is_proposal=True), whole_frames(12, is_proposal=True), st.floats(0, 1))
def test_that_blended_frames_are_those_of_a_proposal(first: Frames, second: Frames, threshold: float) -> None:
    before = first.copy(), second.copy()
    mixed = blended(first, second, threshold)
    mixed.check(models=2)
    assert (mixed.is_said == (first.is_said | second.is_said)).all()
    assert (mixed.provenance[mixed.is_said] == Provenance.TRACKED).all()
    assert not mixed.reviewed.any()
    assert (first, second) == before


def test_that_a_curve_is_cut_where_runs_begin_and_stop_to_agree() -> None:
    curve = np.array([0.9, 0.5, 0.4, math.nan, 0.8, 0.1, 0.7, 0.7])
    assert accepted_spans(curve, 0.5) == Spans([(0, 2), (4, 5), (6, 8)], [(2, 4), (5, 6)])
    assert accepted_spans(curve, 0.5, least_length=2) == Spans([(0, 2), (6, 8)], [(2, 6)])
    assert accepted_spans(curve, 0.95) == Spans([], [(0, 8)])
    assert accepted_spans(curve[:0], 0.5) == Spans([], [])


CURVES = arrays(np.float64, st.integers(0, 40), elements=st.floats(0, 1) | st.just(math.nan))


@given(CURVES, st.floats(0, 1), st.integers(1, 5))
def test_that_both_kinds_of_spans_are_all_frames_and_no_frame_twice(
    curve: np.ndarray, threshold: float, least: int
) -> None:
    spans = accepted_spans(curve, threshold, least)
    covered = sorted(i for start, stop in (*spans.accepted, *spans.valleys) for i in range(start, stop))
    assert covered == list(range(len(curve)))
    for start, stop in spans.accepted:
        assert stop - start >= least
        assert (curve[start:stop] >= threshold).all()
    for start, stop in spans.valleys:
        assert least > 1 or not (curve[start:stop] >= threshold).any()
        assert all(stop != other for other, _ in spans.valleys)
