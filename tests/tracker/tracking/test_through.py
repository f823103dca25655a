"""Runs through anchors: where they start afresh, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.fakes import ArraySource, StubTracker
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.tracking.run import Direction, FrameTracked, RunSummary, StopConditions, StopReason
from tracker.tracking.through import Anchor, track_through

FIRST, SECOND = Box(2, 2, 4, 4), Box(8, 8, 4, 4)


def run(*anchors: Anchor, **options: object) -> tuple[RunSummary, list[FrameTracked], list[Event]]:
    source = ArraySource(np.zeros((20, 16, 16), np.uint8), Path("clip"), ())
    events: list[Event] = []
    tracker = options.pop("tracker", None) or StubTracker()
    summary = finish(track_through(source, tracker, anchors, **options), events.append)  # type: ignore[arg-type]
    return summary, [event for event in events if isinstance(event, FrameTracked)], events


def test_that_every_frame_but_the_later_anchors_is_tracked_once() -> None:
    summary, tracked, _ = run(Anchor(3, FIRST), Anchor(8, SECOND), Anchor(9, SECOND))
    assert [event.frame for event in tracked] == [3, 4, 5, 6, 7, *range(10, 20)]
    assert (summary.start, summary.last, summary.reason) == (3, 19, StopReason.END)


def test_that_each_stretch_starts_from_its_own_box() -> None:
    _, tracked, _ = run(Anchor(3, FIRST), Anchor(8, SECOND))
    boxes = {event.frame: event.result.box for event in tracked}
    assert abs(boxes[7].x - FIRST.x) < 6
    assert boxes[9].x > SECOND.x - 1


def test_that_nothing_is_tracked_from_an_absence_to_the_next_box() -> None:
    _, tracked, _ = run(Anchor(3, FIRST), Anchor(6, None), Anchor(12, SECOND))
    assert [event.frame for event in tracked] == [3, 4, 5, *range(13, 20)]


def test_that_it_goes_backward_too() -> None:
    _, tracked, _ = run(Anchor(10, FIRST), Anchor(5, SECOND), direction=Direction.BACKWARD)
    assert [event.frame for event in tracked] == [10, 9, 8, 7, 6, 4, 3, 2, 1, 0]


def test_that_the_last_wanted_frame_is_kept_to() -> None:
    summary, tracked, _ = run(Anchor(3, FIRST), Anchor(8, SECOND), stop=StopConditions(until=5))
    assert [event.frame for event in tracked] == [3, 4, 5]
    assert summary.reason is StopReason.LIMIT


def test_that_progress_is_that_of_the_whole_and_ends_at_its_end() -> None:
    _, _, events = run(Anchor(3, FIRST), Anchor(8, SECOND))
    progress = [event for event in events if isinstance(event, Progress)]
    assert {event.total for event in progress} == {17}
    assert progress[-1].done == 17
    done = [event.done for event in progress]
    assert done == sorted(done)


def test_that_a_run_needs_a_box_to_start_from() -> None:
    with pytest.raises(ValueError, match="starts from a box"):
        run(Anchor(3, None))
