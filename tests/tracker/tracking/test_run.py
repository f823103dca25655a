"""Tracking runs: where they start and stop, what they report, how they are cancelled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.tracking.fakes import ArraySource, StubTracker
from tracker.annotation.evidence import Scores
from tracker.annotation.track import Presence
from tracker.errors import BoxError
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media.source import Counts
from tracker.tracking.online import OnlineTracker
from tracker.tracking.presence import Judgement
from tracker.tracking.run import (
    Direction,
    FrameTracked,
    RunSummary,
    StopConditions,
    StopReason,
    last_frame,
    track,
)
from tracker.tracking.tracker import Result

BOX = Box(2, 2, 4, 4)


def clip(length: int = 20, bad: tuple[int, ...] = ()) -> ArraySource:
    return ArraySource(np.zeros((length, 16, 16), np.uint8), Path("clip"), bad)


def run(
    source: ArraySource, start: int = 0, **options: object
) -> tuple[RunSummary, list[FrameTracked], list[Event]]:
    events: list[Event] = []
    tracker = options.pop("tracker", None) or StubTracker()
    summary = finish(track(source, tracker, start, BOX, **options), events.append)  # type: ignore[arg-type]
    return summary, [event for event in events if isinstance(event, FrameTracked)], events


def test_that_a_run_reports_every_frame_from_the_start_to_the_end_once() -> None:
    source = clip(20)
    summary, tracked, _ = run(source, 5)
    assert [event.frame for event in tracked] == list(range(5, 20))
    assert source.reads == list(range(5, 20))
    assert (summary.frames, summary.last, summary.reason) == (15, 19, StopReason.END)


def test_that_the_first_box_is_the_given_one() -> None:
    _, tracked, _ = run(clip())
    assert tracked[0].result.box == BOX


def test_that_a_backward_run_goes_down_to_frame_zero() -> None:
    summary, tracked, _ = run(clip(), 4, direction=Direction.BACKWARD)
    assert [event.frame for event in tracked] == [4, 3, 2, 1, 0]
    assert summary.last == 0


def test_that_a_run_stops_before_the_next_anchor_in_its_direction() -> None:
    stop = StopConditions(anchors=frozenset({2, 10, 12}))
    forward, _, _ = run(clip(), 5, stop=stop)
    backward, _, _ = run(clip(), 5, direction=Direction.BACKWARD, stop=stop)
    assert (forward.last, forward.reason) == (9, StopReason.ANCHOR)
    assert (backward.last, backward.reason) == (3, StopReason.ANCHOR)


def test_that_a_run_stops_when_the_score_stays_low() -> None:
    scores = [0.9, 0.1, 0.9, 0.1, 0.1, 0.1, 0.9]
    stop = StopConditions(score_below=0.3, patience=3)
    summary, _, _ = run(clip(), tracker=StubTracker(scores), stop=stop)
    assert (summary.last, summary.reason) == (6, StopReason.SCORE)


def test_that_a_run_stops_when_the_target_stays_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    said = [Presence.VISIBLE] * 4 + [Presence.ABSENT] * 2 + [Presence.OCCLUDED] + [Presence.OUT_OF_VIEW] * 9
    judgements = iter(said)

    class Prophet:
        def __init__(self, frame_size: tuple[int, int]) -> None:
            assert frame_size == (16, 16)

        def step(self, scores: Scores, box: Box) -> Judgement:
            return Judgement(0.5, next(judgements))

    monkeypatch.setattr("tracker.tracking.run.Watch", Prophet)
    summary, _, _ = run(clip(), stop=StopConditions(lost_for=3))
    assert (summary.last, summary.reason) == (9, StopReason.LOST)


def test_that_a_run_stops_when_its_evidence_collapses() -> None:
    class Losing(StubTracker):
        def update(self, frame: Counts) -> Result:
            result = super().update(frame)
            scores = (
                Scores(0.7, 40.0, 90.0, 0.1, 0.05) if self.updates < 30 else Scores(0.05, 4.0, 5.0, 0.9, 1.5)
            )
            return replace(result, box=BOX, evidence=replace(result.evidence, scores=scores))

    waits, _, _ = run(clip(90), tracker=Losing())
    stops, _, _ = run(clip(90), tracker=Losing(), stop=StopConditions(lost_for=5))
    assert waits.reason is StopReason.END
    assert stops.reason is StopReason.LOST
    assert 35 < stops.last < 80


def test_that_a_bad_frame_keeps_the_box_and_teaches_nothing() -> None:
    tracker = StubTracker()
    _, tracked, _ = run(clip(6, bad=(3,)), tracker=tracker)
    assert tracked[3].result.box == tracked[2].result.box
    assert tracked[3].result.score == 0.0
    assert tracker.updates == 4


def test_that_a_frame_that_proves_broken_when_it_is_read_is_no_different() -> None:
    class Broken(ArraySource):
        def frame(self, index: int) -> Counts:
            if index == 3:
                self.bad_frames = (3,)
            return super().frame(index)

    tracker = StubTracker()
    _, tracked, _ = run(Broken(np.zeros((6, 16, 16), np.uint8), Path("clip")), tracker=tracker)
    assert tracked[3].result.box == tracked[2].result.box
    assert tracked[3].result.score == 0.0
    assert tracker.updates == 4


def test_that_progress_ends_complete() -> None:
    _, _, events = run(clip(7))
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (7, 7)


def test_that_closing_a_run_stops_reading() -> None:
    source = clip()
    job = track(source, StubTracker(), 0, BOX)
    for _ in range(6):
        next(job)
    job.close()
    assert max(source.reads) < 6


@given(
    start=st.integers(0, 99),
    until=st.none() | st.integers(0, 99),
    most=st.none() | st.integers(0, 50),
    anchors=st.frozensets(st.integers(0, 99)),
    direction=st.sampled_from(Direction),
)
def test_that_the_last_frame_never_passes_a_limit(
    start: int, until: int | None, most: int | None, anchors: frozenset[int], direction: Direction
) -> None:
    last, _ = last_frame(100, start, direction, StopConditions(until, most, anchors))
    step = direction.value
    passed = range(start + step, last + step, step)
    assert 0 <= last < 100
    assert not anchors & set(passed)
    assert most is None or len(passed) <= most
    assert until is None or all((until - frame) * step >= 0 for frame in passed)


@pytest.mark.parametrize(
    "box", [Box(1, 1, 0, 5), Box(float("nan"), 1, 5, 5), Box(300, 1, 5, 5), Box(-9, 1, 5, 5)]
)
def test_that_an_unusable_first_box_is_refused(box: Box, square_tracker: OnlineTracker) -> None:
    with pytest.raises(BoxError, match=r"box|area|outside"):
        finish(track(clip(), square_tracker, 0, box))
