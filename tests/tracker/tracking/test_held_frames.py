"""Frames that repeat the one before, box and scores: no second look, neither for the risk nor for giving up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.tracking.fakes import evidence
from tests.tracker.tracking.test_drift import losing
from tests.tracker.tracking.test_drift_features import SIZE, random_run
from tracker.annotation.evidence import Scores
from tracker.annotation.track import Frames, Presence, Provenance
from tracker.geometry import Box
from tracker.tracking.drift import DriftModel
from tracker.tracking.run import GivingUp, StopConditions, StopReason
from tracker.tracking.track_risk import Array, judged
from tracker.tracking.tracker import Result

MODEL = DriftModel.load()


def frames_of(boxes: Array, anchor: int) -> Frames:
    """A track whose boxes a tracker has put, but for the one at the anchor."""
    frames = Frames.empty(len(boxes))
    frames.boxes[:] = boxes
    frames.presence[:] = Presence.VISIBLE
    frames.provenance[:] = Provenance.TRACKED
    frames.provenance[anchor] = Provenance.MANUAL
    return frames


@settings(max_examples=30)
@given(
    seed=st.integers(0, 999),
    count=st.integers(3, 40),
    repeats=st.lists(st.integers(1, 30), min_size=40, max_size=40),
    is_backward=st.booleans(),
)
def test_that_a_held_frame_is_as_doubtful_as_the_one_it_repeats(
    seed: int, count: int, repeats: list[int], is_backward: bool
) -> None:
    scores, boxes = random_run(seed, count)
    anchor = count - 1 if is_backward else 0
    times = np.array(repeats[:count])
    times[anchor] = 1
    plain, _ = judged(frames_of(boxes, anchor), scores, SIZE, MODEL)
    held = np.repeat(scores, times, axis=0), np.repeat(boxes, times, axis=0)
    found, _ = judged(frames_of(held[1], times.sum() - 1 if is_backward else 0), held[0], SIZE, MODEL)
    assert np.allclose(found, np.repeat(plain, times), equal_nan=True)


@pytest.mark.parametrize("direction", [1, -1])
def test_that_a_span_without_the_target_is_as_long_as_its_frames(direction: int) -> None:
    scores, boxes = losing(90, 50)
    times = np.ones(90, int)
    times[60] = 25
    plain, whole = (np.repeat(each, times, axis=0) for each in (scores, boxes)), 114
    (span,) = judged(frames_of(boxes, 0), scores, SIZE, MODEL)[1]
    long_scores, long_boxes = (each[::direction] for each in plain)
    frames = frames_of(long_boxes, 0 if direction > 0 else whole - 1)
    (longer,) = judged(frames, long_scores, SIZE, MODEL)[1]
    expected = (span.start, span.stop + 24)
    if direction < 0:
        expected = (whole - expected[1], whole - expected[0])
    assert (longer.start, longer.stop) == expected


def test_that_a_run_is_not_given_up_for_frames_that_show_nothing_new() -> None:
    giving_up = GivingUp(StopConditions(score_below=0.5, patience=3), SIZE)
    low = Result(Box(0, 0, 4, 4), 0.2, Presence.VISIBLE, evidence())
    assert [giving_up.step(low) for _ in range(9)] == [None] * 9
    others = [Result(Box(0, 0, 4, 4), 0.2, Presence.VISIBLE, evidence()) for _ in range(2)]
    assert [giving_up.step(each) for each in others] == [None, StopReason.SCORE]


def test_that_held_frames_lie_between_the_first_lost_one_and_the_last() -> None:
    scores, boxes = losing(90, 50)
    giving_up = GivingUp(StopConditions(lost_for=12), SIZE)
    plain = GivingUp(StopConditions(lost_for=12), SIZE)
    steps = [
        Result(Box(*box), 0.5, Presence.VISIBLE, replace(evidence(), scores=Scores(*row)))
        for row, box in zip(scores.tolist(), boxes.tolist(), strict=True)
    ]
    ended = next(row for row, each in enumerate(steps) if plain.step(each) is StopReason.LOST)
    held = [each for row, each in enumerate(steps) for _ in range(21 if row == ended - 1 else 1)]
    assert next(row for row, each in enumerate(held) if giving_up.step(each) is StopReason.LOST) == ended + 20
    assert giving_up.lost == plain.lost + 20
