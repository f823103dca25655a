"""Several targets in one pass: as each alone, each with its own end, every shown frame kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.tracking.fakes import ArraySource, StubTracker, evidence
from tracker.annotation.commands import add_track
from tracker.annotation.document import MediaRecord
from tracker.annotation.evidence import Scores
from tracker.errors import BoxError
from tracker.geometry import Box
from tracker.jobs import Event, Job, Progress, finish
from tracker.media.source import Counts
from tracker.store.project import Project
from tracker.tracking.build import build_tracker
from tracker.tracking.online import OnlineTracker
from tracker.tracking.record import record_together
from tracker.tracking.run import Direction, FrameTracked, StopConditions, StopReason, track
from tracker.tracking.team import OnlineTeam, team_of
from tracker.tracking.together import (
    Target,
    TargetEnded,
    TargetTracked,
    TogetherSummary,
    track_together,
)
from tracker.tracking.tracker import Result, Tracker

FIRST, SECOND = Box(2, 2, 4, 4), Box(3, 9, 5, 4)


def clip(length: int = 20, bad: tuple[int, ...] = ()) -> ArraySource:
    return ArraySource(np.zeros((length, 32, 64), np.uint8), Path("clip"), bad)


def together(
    source: ArraySource, tracker: Tracker, targets: list[Target], direction: Direction = Direction.FORWARD
) -> Job[TogetherSummary]:
    return track_together(source, team_of(tracker, len(targets)), targets, direction)


def events_of(job: Job[TogetherSummary]) -> tuple[TogetherSummary, list[Event]]:
    events: list[Event] = []
    return finish(job, events.append), events


def tracked(events: list[Event], track_id: int) -> dict[int, Result]:
    return {
        event.frame: event.result
        for event in events
        if isinstance(event, TargetTracked) and event.track_id == track_id
    }


def alone(source: ArraySource, tracker: Tracker, target: Target, direction: Direction) -> dict[int, Result]:
    found: dict[int, Result] = {}

    def take(event: Event) -> None:
        if isinstance(event, FrameTracked):
            found[event.frame] = event.result

    finish(track(source, tracker, target.start, target.box, direction, target.stop), take)
    return found


@pytest.fixture(scope="module")
def two_squares() -> tuple[ArraySource, np.ndarray]:
    """48 frames of three textured squares that go different ways, and their true boxes (3, 48, 4)."""
    rng = np.random.default_rng(7)
    background = rng.normal(90, 12, (160, 200))
    targets = [rng.normal(190, 20, (14, 18)), rng.normal(170, 25, (18, 14)), rng.normal(30, 10, (12, 12))]
    frames, boxes = [], np.zeros((3, 48, 4))
    for i in range(48):
        frame = background.copy()
        corners = (
            (20 + 2 * i, 20 + i // 4),
            (150 - 2 * i, 70 + int(8 * np.sin(i / 5))),
            (40 + i, 130 - i // 3),
        )
        for number, ((x, y), target) in enumerate(zip(corners, targets, strict=True)):
            height, width = target.shape
            frame[y : y + height, x : x + width] = target
            boxes[number, i] = x, y, width, height
        frames.append(np.clip(frame + rng.normal(0, 3, frame.shape), 0, 255).astype(np.uint8))
    return ArraySource(np.stack(frames), Path("squares")), boxes


@pytest.mark.parametrize("direction", Direction)
def test_that_targets_together_are_found_where_each_alone_is(
    square_tracker: OnlineTracker, two_squares: tuple[ArraySource, np.ndarray], direction: Direction
) -> None:
    source, truth = two_squares
    start = 0 if direction is Direction.FORWARD else 47
    targets = [Target(number, start, Box(*truth[number, start])) for number in range(3)]
    _, events = events_of(together(source, square_tracker, targets, direction))
    for target in targets:
        expected = alone(source, square_tracker, target, direction)
        found = tracked(events, target.track_id)
        assert list(found) == list(expected)
        assert len(found) == 48
        for frame, result in expected.items():
            assert found[frame].box.as_tuple() == pytest.approx(result.box.as_tuple(), abs=0.05)
            assert found[frame].score == pytest.approx(result.score, abs=0.01)
            assert found[frame].evidence.fused == pytest.approx(result.evidence.fused, abs=0.02)


def test_that_the_published_network_follows_several_as_well(
    two_squares: tuple[ArraySource, np.ndarray],
) -> None:
    source, truth = two_squares
    tracker = build_tracker("mlssnet", device="cpu").tracker
    stop = StopConditions(max_frames=4)
    targets = [Target(number, 0, Box(*truth[number, 0]), stop) for number in range(2)]
    _, events = events_of(together(source, tracker, targets))
    for target in targets:
        found = tracked(events, target.track_id)
        for frame, result in alone(source, tracker, target, Direction.FORWARD).items():
            assert found[frame].box.as_tuple() == pytest.approx(result.box.as_tuple(), abs=0.05)


def test_that_siblings_share_the_network_and_nothing_they_learn(
    square_tracker: OnlineTracker, two_squares: tuple[ArraySource, np.ndarray]
) -> None:
    source, truth = two_squares
    square_tracker.init(source.frame(0), Box(*truth[0, 0]))
    before = square_tracker.state()
    sibling = square_tracker.sibling()
    assert sibling.model_id == square_tracker.model_id
    with pytest.raises(RuntimeError, match="before init"):
        sibling.update(source.frame(1))
    sibling.init(source.frame(0), Box(*truth[1, 0]))
    sibling.update(source.frame(1))
    after = square_tracker.state()
    assert after["box"] == before["box"]
    for old, new in zip(before["model"]["filters"], after["model"]["filters"], strict=True):
        assert (old["free"] == new["free"]).all()
        assert (old["spectra"] == new["spectra"]).all()


def test_that_each_frame_is_read_once_for_all() -> None:
    source = clip()
    targets = [Target(number, 4, FIRST) for number in range(5)]
    events_of(together(source, StubTracker(), targets))
    assert source.reads == list(range(4, 20))


def test_that_any_tracker_can_take_turns() -> None:
    tracker = StubTracker()
    _, events = events_of(together(clip(), tracker, [Target(1, 0, FIRST), Target(2, 0, SECOND)]))
    assert tracked(events, 1)[19].box == FIRST.moved(19, 0)
    assert tracked(events, 2)[19].box == SECOND.moved(19, 0)
    assert not isinstance(team_of(tracker, 2), OnlineTeam)


def test_that_each_target_stops_on_its_own_and_the_others_go_on() -> None:
    targets = [
        Target(1, 2, FIRST, StopConditions(anchors=frozenset({0, 7}))),
        Target(2, 2, SECOND, StopConditions(until=11)),
        Target(3, 2, SECOND),
    ]
    summary, events = events_of(together(clip(), StubTracker(), targets))
    assert list(tracked(events, 1)) == list(range(2, 7))
    assert list(tracked(events, 2)) == list(range(2, 12))
    assert list(tracked(events, 3)) == list(range(2, 20))
    reasons = {track_id: run.reason for track_id, run in summary.runs.items()}
    assert reasons == {1: StopReason.ANCHOR, 2: StopReason.LIMIT, 3: StopReason.END}
    assert summary.frames == 18
    ends = [event for event in events if isinstance(event, TargetEnded)]
    assert [(event.track_id, event.summary.last, event.summary.frames) for event in ends] == [
        (1, 6, 5),
        (2, 11, 10),
        (3, 19, 18),
    ]


class Losing(StubTracker):
    """The target that begins higher up stays where it is, and its evidence collapses after 30 frames."""

    def update(self, frame: Counts) -> Result:
        result = super().update(frame)
        if result.box.y > 5:
            return replace(result, evidence=replace(evidence(), scores=Scores(0.7, 40.0, 90.0, 0.1, 0.05)))
        steps = result.box.x - FIRST.x
        poor, good = Scores(0.05, 4.0, 5.0, 0.9, 1.5), Scores(0.7, 40.0, 90.0, 0.1, 0.05)
        return replace(
            result, box=FIRST, evidence=replace(result.evidence, scores=good if steps < 30 else poor)
        )


def test_that_a_lost_target_ends_alone_and_tells_since_when_it_is_lost() -> None:
    stop = StopConditions(lost_for=5)
    targets = [Target(1, 0, FIRST, stop), Target(2, 0, SECOND, stop)]
    source = ArraySource(np.zeros((90, 32, 200), np.uint8), Path("clip"))
    summary, _ = events_of(together(source, Losing(), targets))
    lost = summary.runs[1]
    assert lost.reason is StopReason.LOST
    assert lost.lost_from == lost.last - 4
    assert summary.runs[2].reason is StopReason.END
    assert summary.runs[2].lost_from is None
    expected = finish(track(source, Losing(), 0, FIRST, stop=stop))
    assert (expected.last, expected.lost_from) == (lost.last, lost.lost_from)


def test_that_a_frame_that_cannot_be_read_keeps_every_box_and_teaches_nothing() -> None:
    source, tracker = clip(6, bad=(3,)), StubTracker()
    _, events = events_of(together(source, tracker, [Target(1, 0, FIRST), Target(2, 0, SECOND)]))
    for track_id in (1, 2):
        results = tracked(events, track_id)
        assert results[3].box == results[2].box
        assert results[3].score == 0.0
        assert results[4].box == results[2].box.moved(1, 0)
    assert 3 not in source.reads


def test_that_a_target_joins_where_its_box_is() -> None:
    summary, events = events_of(
        together(clip(), StubTracker(), [Target(1, 15, FIRST), Target(2, 9, SECOND)], Direction.BACKWARD)
    )
    assert list(tracked(events, 1)) == list(range(15, -1, -1))
    assert list(tracked(events, 2)) == list(range(9, -1, -1))
    assert tracked(events, 2)[9].box == SECOND
    assert summary.runs[2].frames == 10


def test_that_progress_counts_the_frames_of_the_clip_and_ends_complete() -> None:
    _, events = events_of(together(clip(), StubTracker(), [Target(1, 0, FIRST), Target(2, 0, SECOND)]))
    last = [event for event in events if isinstance(event, Progress)][-1]
    assert (last.done, last.total) == (20, 20)


def test_that_targets_are_wanted_and_none_twice() -> None:
    for targets in ([], [Target(1, 0, FIRST), Target(1, 0, SECOND)]):
        with pytest.raises(ValueError, match="once"):
            finish(together(clip(), StubTracker(), targets))


def test_that_an_unusable_box_is_refused(square_tracker: OnlineTracker) -> None:
    targets = [Target(1, 0, FIRST), Target(2, 0, Box(300, 1, 5, 5))]
    with pytest.raises(BoxError):
        finish(together(clip(), square_tracker, targets))


TARGETS = st.lists(
    st.tuples(st.integers(0, 19), st.none() | st.integers(0, 19), st.frozensets(st.integers(0, 19))),
    min_size=1,
    max_size=4,
)


@given(wanted=TARGETS, direction=st.sampled_from(Direction), bad=st.frozensets(st.integers(0, 19)))
def test_that_together_and_alone_end_alike(
    wanted: list[tuple[int, int | None, frozenset[int]]], direction: Direction, bad: frozenset[int]
) -> None:
    source = clip(20, tuple(sorted(bad)))
    targets = [
        Target(number, start, FIRST, StopConditions(until=until, anchors=anchors))
        for number, (start, until, anchors) in enumerate(wanted)
    ]
    summary, events = events_of(together(source, StubTracker(), targets, direction))
    for target in targets:
        single = finish(track(source, StubTracker(), target.start, target.box, direction, target.stop))
        run = summary.runs[target.track_id]
        assert (run.start, run.last, run.frames, run.reason) == (
            single.start,
            single.last,
            single.frames,
            single.reason,
        )
        expected = alone(source, StubTracker(), target, direction)
        found = tracked(events, target.track_id)
        assert {frame: result.box for frame, result in found.items()} == {
            frame: result.box for frame, result in expected.items()
        }


@pytest.fixture
def project(tmp_path: Path) -> Project:
    record = MediaRecord("/clips/a", "images", "ab" * 32, 20, 64, 32, "uint8", 1)
    project = Project.create(tmp_path / "a.thermark", record)
    for box in (FIRST, SECOND):
        project.apply(add_track(project.document, 2, box))
    return project


def test_that_every_reported_frame_of_every_target_is_kept_whatever_happens(project: Project) -> None:
    proposals = {track_id: project.begin_proposal(track_id, 2, 1, "stub").id for track_id in (1, 2)}
    targets = [Target(1, 2, FIRST), Target(2, 2, SECOND)]
    job = record_together(project, proposals, together(clip(), StubTracker(), targets))
    reported: dict[int, list[int]] = {1: [], 2: []}
    for _ in range(11):
        event = next(job)
        if isinstance(event, TargetTracked):
            reported[event.track_id].append(event.frame)
            with Project.open(copied(project, f"{len(reported[1])}-{len(reported[2])}")) as killed:
                for track_id, proposal in proposals.items():
                    said = killed.document.proposals[proposal].frames.is_said
                    assert np.flatnonzero(said).tolist() == reported[track_id]
    job.close()
    assert min(len(frames) for frames in reported.values()) >= 4
    assert project.load_proposal(proposals[2]).frames.box(5) == SECOND.moved(3, 0)
    assert project.evidence(2, 4) is not None
    project.close()


def copied(project: Project, name: str) -> Path:
    """The project as it lies on the disk now: what a killed program leaves."""
    path = project.path.with_name(f"{name}.thermark")
    project.save_as(path)
    return path
