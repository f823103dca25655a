"""Gaps tracked from both sides."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.annotation.documents import box_at, tracked_document
from tests.tracker.tracking.fakes import ArraySource, StubTracker
from tracker.annotation.track import Frames, Provenance
from tracker.errors import BoxError
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media.source import Counts
from tracker.tracking.between import (
    BetweenSummary,
    Gap,
    GapFrameTracked,
    gaps_between,
    track_between,
)
from tracker.tracking.run import Direction, FrameTracked, StopConditions
from tracker.tracking.tracker import Result

LEFT, RIGHT = Box(2, 2, 4, 4), Box(4, 2, 4, 4)


def clip(length: int = 20, bad: tuple[int, ...] = ()) -> ArraySource:
    return ArraySource(np.zeros((length, 16, 16), np.uint8), Path("clip"), bad)


def run(*gaps: Gap, **options: object) -> tuple[BetweenSummary, list[GapFrameTracked], list[Event]]:
    events: list[Event] = []
    source = options.pop("source", None) or clip()
    tracker = options.pop("tracker", None) or StubTracker()
    summary = finish(track_between(source, tracker, gaps, **options), events.append)  # type: ignore[arg-type]
    return summary, [event for event in events if isinstance(event, GapFrameTracked)], events


def boxes(frames: Frames) -> list[float]:
    """The left edges; NaN where there is no box."""
    return [float(x) for x in frames.boxes[:, 0]]


def test_that_gaps_lie_between_neighbouring_anchors() -> None:
    track = tracked_document("T.MT.MMIIA.O.").track(1)
    assert gaps_between(track) == [
        Gap(3, 5, box_at(2), box_at(5)),
        Gap(7, 9, box_at(6), None),
        Gap(10, 11, None, box_at(11)),
    ]


@pytest.mark.parametrize("pattern", ["....", "TTMTT", "MMM", "A..A", "MA.AM"])
def test_that_there_is_no_gap_without_frames_between_anchors_or_a_box_beside_them(pattern: str) -> None:
    assert gaps_between(tracked_document(pattern).track(1)) == []


def test_that_each_gap_is_tracked_from_both_sides_and_no_anchor_is_reported() -> None:
    _, tracked, events = run(Gap(3, 6, LEFT, RIGHT), Gap(10, 12, LEFT, RIGHT))
    assert [(event.gap, event.direction.value, event.frame) for event in tracked] == [
        *[(0, 1, 3), (0, 1, 4), (0, 1, 5), (0, -1, 5), (0, -1, 4), (0, -1, 3)],
        *[(1, 1, 10), (1, 1, 11), (1, -1, 11), (1, -1, 10)],
    ]
    assert sum(isinstance(event, FrameTracked) for event in events) == len(tracked)


def test_that_the_summary_has_both_runs_and_how_far_they_agree() -> None:
    # The stub moves one pixel to the right with each frame, whichever way it goes.
    summary, _, _ = run(Gap(3, 6, LEFT, RIGHT), model=1)
    (found,) = summary.gaps
    assert boxes(found.forward) == [3, 4, 5]
    assert boxes(found.backward) == [7, 6, 5]
    assert found.agreement.tolist() == pytest.approx([0, 8 / 24, 1])
    for frames in (found.forward, found.backward):
        assert frames.provenance.tolist() == [Provenance.TRACKED] * 3
        assert frames.model.tolist() == [1] * 3
        assert frames.score.tolist() == pytest.approx([0.9] * 3)
        frames.check(models=2)
    assert summary.frames == 6


def test_that_a_gap_beside_an_absence_is_tracked_from_the_other_side_only() -> None:
    summary, tracked, events = run(Gap(3, 5, LEFT, None), Gap(6, 8, None, RIGHT))
    assert [(event.direction, event.frame) for event in tracked] == [
        *[(Direction.FORWARD, 3), (Direction.FORWARD, 4)],
        *[(Direction.BACKWARD, 7), (Direction.BACKWARD, 6)],
    ]
    before, after = summary.gaps
    assert (before.backward, after.forward) == (Frames.empty(2), Frames.empty(2))
    assert before.forward.has_box.all()
    assert after.backward.has_box.all()
    assert all(math.isnan(value) for value in (*before.agreement, *after.agreement))
    assert {event.total for event in events if isinstance(event, Progress)} == {4}


def test_that_every_run_starts_from_scratch_at_its_own_anchor() -> None:
    class Recorder(StubTracker):
        def __init__(self) -> None:
            super().__init__()
            self.starts: list[tuple[int, Box]] = []

        def init(self, frame: Counts, box: Box) -> Result:
            self.starts.append((int(frame[0, 0]), box))
            return super().init(frame, box)

    frames = np.zeros((20, 16, 16), np.uint8) + np.arange(20, dtype=np.uint8)[:, None, None]
    tracker = Recorder()
    run(Gap(3, 6, LEFT, RIGHT), source=ArraySource(frames, Path("clip")), tracker=tracker)
    assert tracker.starts == [(2, LEFT), (6, RIGHT)]


def test_that_a_bad_frame_keeps_the_box_before_it_in_either_direction() -> None:
    tracker = StubTracker()
    summary, _, _ = run(Gap(3, 6, LEFT, RIGHT), source=clip(bad=(4,)), tracker=tracker)
    (found,) = summary.gaps
    assert boxes(found.forward) == [3, 3, 4]
    assert boxes(found.backward) == [6, 5, 5]
    assert found.forward.score.tolist() == pytest.approx([0.9, 0.0, 0.9])
    assert found.forward.presence.tolist() == [0, 1, 0]
    assert tracker.updates == 4


def test_that_a_run_that_is_given_up_says_nothing_about_the_rest() -> None:
    stop = StopConditions(until=0, max_frames=1, anchors=frozenset({4}), score_below=0.3, patience=1)
    summary, tracked, events = run(Gap(3, 7, LEFT, RIGHT), tracker=StubTracker([0.9, 0.1]), stop=stop)
    (found,) = summary.gaps
    assert found.forward.is_said.tolist() == [True, True, False, False]
    assert found.backward.is_said.all()
    assert np.isnan(found.agreement).tolist() == [False, False, True, True]
    assert summary.frames == len(tracked) == 6
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress[-1].done == 8


def test_that_progress_is_that_of_the_whole() -> None:
    _, _, events = run(Gap(3, 6, LEFT, RIGHT), Gap(10, 12, LEFT, None))
    progress = [event for event in events if isinstance(event, Progress)]
    done = [event.done for event in progress]
    assert {event.total for event in progress} == {8}
    assert (done[0], done[-1]) == (0, 8)
    assert done == sorted(done)


def test_that_closing_the_job_stops_reading() -> None:
    source = clip()
    job = track_between(source, StubTracker(), [Gap(3, 6, LEFT, RIGHT), Gap(10, 12, LEFT, RIGHT)])
    while not isinstance(event := next(job), GapFrameTracked) or event.frame < 4:
        pass
    job.close()
    assert source.reads == [2, 3, 4]
    with pytest.raises(StopIteration):
        next(job)


def test_that_without_gaps_there_is_nothing_to_do() -> None:
    summary, tracked, _ = run()
    assert (summary.gaps, summary.frames, tracked) == ((), 0, [])


def test_that_an_unusable_box_is_refused(square_tracker: object) -> None:
    with pytest.raises(BoxError):
        run(Gap(3, 6, Box(300, 1, 5, 5), RIGHT), tracker=square_tracker)
