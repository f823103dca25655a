"""What a tracker does when its sensor freezes, closes its shutter, or answers with another gain and offset."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracker.tracking.fakes import ArraySource
from tracker.annotation.track import Presence
from tracker.geometry import Box, iou
from tracker.media.source import Counts
from tracker.thermal.events import Change, Step
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.sensor_memory import SensorConfig, SensorMemory
from tracker.tracking.team import OnlineTeam

Boxes = NDArray[np.float64]
Clip = tuple[ArraySource, NDArray[np.float64]]


def heeding(tracker: OnlineTracker, normalisation: Normalisation | None = None) -> OnlineTracker:
    return OnlineTracker(tracker.model, normalisation)


def heedless(tracker: OnlineTracker, normalisation: Normalisation | None = None) -> OnlineTracker:
    return OnlineTracker(tracker.model, normalisation, minds_sensor=False)


def follow(tracker: OnlineTracker, frames: list[Counts], box: Box) -> Boxes:
    found = [tracker.init(frames[0], box).box]
    found += [tracker.update(frame).box for frame in frames[1:]]
    return np.array([each.as_tuple() for each in found])


def frames_of(source: ArraySource) -> list[Counts]:
    return [source.frame(index) for index in range(len(source))]


def first_box(truth: Boxes) -> Box:
    return Box(*truth[0].tolist())


def test_that_boxes_of_clips_without_events_are_the_same_to_the_last_digit(
    moving_square: Clip, square_tracker: OnlineTracker
) -> None:
    source, truth = moving_square
    frames = frames_of(source)
    with_, without = (follow(make(square_tracker), frames, first_box(truth)) for make in (heeding, heedless))
    assert np.array_equal(with_, without)


def frozen_clip(source: ArraySource, start: int, stop: int) -> list[Counts]:
    """The frames `start` to `stop` - 1 repeat the one before."""
    frames = frames_of(source)
    frames[start:stop] = [frames[start - 1].copy() for _ in range(stop - start)]
    return frames


def test_that_the_box_stays_while_the_picture_is_frozen(
    moving_square: Clip, square_tracker: OnlineTracker
) -> None:
    source, truth = moving_square
    found = follow(heeding(square_tracker), frozen_clip(source, 10, 24), first_box(truth))
    assert np.array_equal(found[9:24], np.broadcast_to(found[9], (15, 4)))


def test_that_a_target_that_went_far_during_a_freeze_is_found_again(
    moving_square: Clip, square_tracker: OnlineTracker
) -> None:
    source, truth = moving_square
    frames = frames_of(source)
    frames[10:26] = [frames[9].copy() for _ in range(16)]
    found = follow(heeding(square_tracker), frames, first_box(truth))
    assert iou(found[28:], truth[28:]).min() > 0.6


def test_that_a_closed_shutter_hides_the_target(moving_square: Clip, square_tracker: OnlineTracker) -> None:
    source, truth = moving_square
    rng = np.random.default_rng(0)
    tracker, frames = heeding(square_tracker), frames_of(source)
    tracker.init(frames[0], first_box(truth))
    before = tracker.update(frames[1])
    closed = tracker.update(np.clip(rng.normal(100, 1, frames[0].shape), 0, 255).astype(np.uint8))
    after = tracker.update(frames[2])
    assert (closed.box, closed.score, closed.presence) == (before.box, before.score, Presence.OCCLUDED)
    assert after.presence is Presence.VISIBLE
    assert iou(after.box.as_tuple(), truth[2]) > 0.6


@pytest.mark.parametrize(("gain", "offset"), [(1.5, -1000), (0.6, 2000), (1.0, 9000)])
def test_that_a_jump_of_the_gain_changes_boxes_little(
    moving_square: Clip, square_tracker: OnlineTracker, gain: float, offset: float
) -> None:
    source, truth = moving_square
    calm: list[Counts] = [
        (frame.astype(np.uint16) * 16 + np.uint16(4000)).astype(np.uint16) for frame in frames_of(source)
    ]
    jumped = [
        np.rint(frame * gain + offset).astype(np.uint16) if index >= 15 else frame
        for index, frame in enumerate(calm)
    ]
    span = Normalisation(4000, 4000 + 255 * 16)
    expected = follow(heedless(square_tracker, span), calm, first_box(truth))
    found = follow(heeding(square_tracker, span), jumped, first_box(truth))
    assert iou(found, expected).min() > 0.85


def test_that_a_target_among_others_is_followed_across_events_as_alone(
    moving_square: Clip, square_tracker: OnlineTracker
) -> None:
    source, truth = moving_square
    frames = frames_of(source)
    frames[8:14] = [frames[7].copy() for _ in range(6)]
    frames[20:] = [np.clip(frame * 0.7 + 40, 0, 255).astype(np.uint8) for frame in frames[20:]]
    late = Box(60, 70, 20, 16)
    alone = [
        follow(heeding(square_tracker), frames, first_box(truth)),
        follow(heeding(square_tracker), frames[17:], late),
    ]
    team, found = OnlineTeam(heeding(square_tracker), 2), ([], [])  # type: ignore[var-annotated]
    found[0].append(team.init(frames[0], 0, first_box(truth)).box)
    for index, frame in enumerate(frames[1:], start=1):
        members = [0, 1] if index > 17 else [0]
        for member, result in zip(members, team.update(frame, members), strict=True):
            found[member].append(result.box)
        if index == 17:
            found[1].append(team.init(frame, 1, late).box)
    for boxes, expected in zip(found, alone, strict=True):
        assert np.allclose([box.as_tuple() for box in boxes], expected, atol=1e-3)


def test_that_a_state_taken_during_a_freeze_goes_on_the_same(
    moving_square: Clip, square_tracker: OnlineTracker
) -> None:
    source, truth = moving_square
    frames = frames_of(source)
    frames[10:20] = [frames[9].copy() for _ in range(10)]
    tracker = heeding(square_tracker)
    follow(tracker, frames[:15], first_box(truth))
    state = tracker.state()
    once = [tracker.update(frame).box for frame in frames[15:25]]
    tracker.restore(state)
    assert [tracker.update(frame).box for frame in frames[15:25]] == once


def test_that_an_update_needs_a_target(square_tracker: OnlineTracker) -> None:
    tracker, frame = heeding(square_tracker), np.zeros((20, 20), np.uint8)
    tracker.notice(frame)
    with pytest.raises(RuntimeError, match="before init"):
        tracker.held(Step(Change.FROZEN))


def test_that_corrections_add_up() -> None:
    memory = SensorMemory()
    memory.take(Step(Change.GAIN, 2.0, 100.0))
    memory.take(Step(Change.GAIN, 0.5, 10.0))
    # 40 became 2 x 40 + 100 = 180, then 180 / 2 + 10 = 100
    assert memory.gain * 100 + memory.offset == pytest.approx(40)


def test_that_nothing_is_learned_for_a_while_after_an_event() -> None:
    memory = SensorMemory(SensorConfig(settle=2, freeze=3))
    for _ in range(3):
        assert memory.take(Step(Change.FROZEN))
    learns = []
    for _ in range(4):
        assert not memory.take(Step())
        learns.append((memory.may_learn, memory.is_to_search))
        memory.done(Box(0, 0, 4, 4))
    assert learns == [(False, True), (False, False), (True, False), (True, False)]


def test_that_a_target_is_expected_where_it_was_going() -> None:
    memory = SensorMemory()
    for x in range(0, 50, 5):
        memory.take(Step())
        memory.done(Box(x, 0, 10, 10))
    for _ in range(9):
        memory.take(Step(Change.FROZEN))
    memory.take(Step())
    assert memory.expected(Box(45, 0, 10, 10)) == (50 + 10 * 5, 5)
