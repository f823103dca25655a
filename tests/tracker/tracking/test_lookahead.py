"""A run backwards meets a freeze at its end: it is told how long it is, and goes on as a run forwards does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.tracker.tracking.fakes import ArraySource, StubTracker
from tracker.geometry import Box, iou
from tracker.thermal.events import Change, Step
from tracker.tracking import lookahead
from tracker.tracking.lookahead import Foretold, Lookahead
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.run import Direction, FrameTracked, track
from tracker.tracking.sensor_memory import SensorMemory
from tracker.tracking.team import team_of
from tracker.tracking.together import Target, TargetTracked, track_together
from tracker.training.rendering import Scene, random_scene

Boxes = NDArray[np.float64]


class Listener:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[int] = []

    def foretell(self, repeats: int) -> None:
        self.told.append(repeats)


def source_of(pictures: list[int], bad: tuple[int, ...] = ()) -> ArraySource:
    """A frame for each number; frames with the same number are the same picture."""
    frames = np.array(pictures, np.uint8)[:, None, None] * np.ones((4, 4), np.uint8)
    return ArraySource(frames, Path("clip"), bad)


def told(source: ArraySource, step: int, last: int) -> list[int]:
    listener = Listener()
    ahead, start = Lookahead(source, listener, step), 0 if step > 0 else len(source) - 1
    for frame in range(start, last + step, step):
        ahead.read(frame)
    return listener.told


def test_that_only_a_run_backwards_is_told_of_a_freeze() -> None:
    source = source_of([1, 2, 2, 2, 3, 4])
    assert told(source, 1, 5) == [0] * 6
    assert told(source, -1, 0) == [0, 0, 2, 1, 0, 0]


def test_that_a_freeze_is_as_long_as_it_is_wherever_the_run_ends() -> None:
    assert told(source_of([1, 2, 2, 2, 3]), -1, 2) == [0, 2, 1]


def test_that_a_broken_frame_ends_what_is_known_of_a_freeze() -> None:
    assert told(source_of([1, 2, 2, 2, 2, 3], bad=(2,)), -1, 0) == [0, 1, 0, 0, 0, 0]


def test_that_a_clip_that_stands_still_is_not_read_to_its_beginning_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lookahead, "MOST", 3)
    source = source_of([1] * 9)
    listener = Listener()
    Lookahead(source, listener, -1).read(8)
    assert listener.told == [3]
    assert source.reads == [8, 7, 6, 5]


@given(
    pictures=st.lists(st.integers(0, 2), min_size=1, max_size=12),
    bad=st.frozensets(st.integers(0, 11)),
    step=st.sampled_from([1, -1]),
)
def test_that_each_frame_is_read_once_and_is_the_right_one(
    pictures: list[int], bad: frozenset[int], step: int
) -> None:
    source = source_of(pictures, tuple(sorted(bad)))
    order = list(range(len(pictures)))[::step]
    ahead = Lookahead(source, Listener(), step)
    found = [ahead.read(frame) for frame in order]
    assert [None if each is None else int(each[0, 0]) for each in found] == [
        None if frame in bad else pictures[frame] for frame in order
    ]
    assert len(source.reads) == len(set(source.reads))


def test_that_a_tracker_that_does_not_ask_is_not_told() -> None:
    assert not isinstance(StubTracker(), Foretold)
    run = track(source_of([1, 2, 2, 3]), StubTracker(), 3, Box(0, 0, 2, 2), Direction.BACKWARD)
    assert sum(isinstance(event, FrameTracked) for event in run) == 4


def test_that_a_foretold_freeze_is_missed_once() -> None:
    memory, seen = SensorMemory(), []
    steps = [(Step(), 0), (Step(), 5), *[(Step(Change.FROZEN), n) for n in (4, 3, 2, 1, 0)], (Step(), 0)]
    for step, repeats in steps:
        is_held = memory.take(step, repeats)
        seen.append((is_held, memory.missed, memory.is_to_search and not is_held))
    held = [(True, 5, False)] * 5
    assert seen == [(False, 0, False), (False, 5, True), *held, (False, 0, False)]


def test_that_what_was_foretold_holds_for_one_frame(square_tracker: OnlineTracker) -> None:
    rng = np.random.default_rng(0)
    tracker = OnlineTracker(square_tracker.model)
    scene, other = (rng.integers(0, 255, (64, 64), np.uint8) for _ in range(2))
    for foretold, held in ((9, 0), (0, 1)):
        if foretold:
            tracker.foretell(foretold)
        tracker.init(scene, Box(20, 20, 12, 12))
        tracker.update(scene.copy())
        assert tracker.state()["sensor"].held == held
    tracker.foretell(9)
    tracker.update(other)
    tracker.update(scene)
    assert tracker.state()["sensor"].missed == 0


FPS, LENGTH, FREEZE = 25.0, 66, slice(14, 52)  # 1.5 s
SEEDS = (29, 35)  # targets that go far while the picture stands still


@pytest.fixture(scope="module", params=SEEDS)
def frozen(request: pytest.FixtureRequest) -> tuple[ArraySource, Boxes]:
    """A scene of `benchmarks/sensor_events.py` that freezes for 1.5 s: frames 14 to 51 repeat frame 13."""
    config = random_scene(np.random.default_rng([77, request.param]), (320, 256), 110, FPS)
    scene = Scene(replace(config, length=LENGTH, sensor=replace(config.sensor, jumps=(), shutters=())))
    frames = list(scene)
    counts = np.stack([frame.counts for frame in frames])
    counts[FREEZE] = counts[FREEZE.start - 1]
    truth = np.array([frame.truths[0].box.as_tuple() for frame in frames])  # type: ignore[union-attr]  # all visible
    truth[FREEZE] = truth[FREEZE.start - 1]
    return ArraySource(counts, Path("scene")), truth


def followed(clip: tuple[ArraySource, Boxes], tracker: OnlineTracker, direction: Direction) -> Boxes:
    """(n, 4) boxes of a run through the whole clip."""
    source, truth = clip
    start = 0 if direction is Direction.FORWARD else LENGTH - 1
    run = track(source, tracker, start, Box(*truth[start].tolist()), direction)
    boxes = {event.frame: event.result.box.as_tuple() for event in run if isinstance(event, FrameTracked)}
    return np.array([boxes[frame] for frame in range(LENGTH)])


@pytest.mark.parametrize("direction", Direction)
def test_that_a_run_from_either_side_holds_the_target_of_the_frozen_picture(
    frozen: tuple[ArraySource, Boxes], square_tracker: OnlineTracker, direction: Direction
) -> None:
    tracker = OnlineTracker(square_tracker.model, Normalisation.of(frozen[0]))
    found = followed(frozen, tracker, direction)
    assert iou(found[FREEZE], frozen[1][FREEZE]).min() > 0.5
    assert len(np.unique(found[FREEZE], axis=0)) == 1


def test_that_a_run_backwards_goes_on_to_follow_what_was_before_the_freeze(
    frozen: tuple[ArraySource, Boxes], square_tracker: OnlineTracker
) -> None:
    tracker = OnlineTracker(square_tracker.model, Normalisation.of(frozen[0]))
    found = followed(frozen, tracker, Direction.BACKWARD)
    assert (iou(found, frozen[1]) > 0.5).all()


def test_that_targets_together_are_told_as_one_alone_is(
    frozen: tuple[ArraySource, Boxes], square_tracker: OnlineTracker
) -> None:
    source, truth = frozen
    tracker = OnlineTracker(square_tracker.model, Normalisation.of(source))
    alone = followed(frozen, tracker, Direction.BACKWARD)
    last, late = LENGTH - 1, LENGTH - 10
    targets = [Target(1, last, Box(*truth[last].tolist())), Target(2, late, Box(*truth[late].tolist()))]
    boxes = np.full((3, LENGTH, 4), np.nan)
    for event in track_together(source, team_of(tracker, 2), targets, Direction.BACKWARD):
        if isinstance(event, TargetTracked):
            boxes[event.track_id, event.frame] = event.result.box.as_tuple()
    assert np.allclose(boxes[1], alone, atol=0.05)
    assert (iou(boxes[2, :late], truth[:late]) > 0.5).mean() > 0.9
