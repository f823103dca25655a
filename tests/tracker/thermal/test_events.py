"""Events are seen in counts, whatever the sensor; what moves in front of it is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracker.thermal.events import (
    Change,
    EventKind,
    EventLog,
    EventStream,
    SensorEvent,
    Step,
    calibrations,
    fit_line,
    sketch,
)

Frame = NDArray[np.uint16]
SIZE = (120, 160)


def scene(seed: int = 0, spread: float = 60.0) -> NDArray[np.float64]:
    """A landscape: large structures, with a warm thing in it."""
    rng = np.random.default_rng(seed)
    coarse = rng.normal(3000, spread, (12, 16))
    field = np.kron(coarse, np.ones((10, 10)))
    field[50:62, 70:90] += 5 * spread
    return np.asarray(field, np.float64)


def seen(field: NDArray[np.float64], seed: int, noise: float = 4.0) -> Frame:
    """A frame of it."""
    level = field + np.random.default_rng([9, seed]).normal(0, noise, field.shape)
    return np.clip(np.rint(level), 0, 65535).astype(np.uint16)


def steps(*frames: Frame) -> list[Step]:
    stream = EventStream()
    return [stream.step(frame) for frame in frames]


def test_that_noise_alone_is_no_event() -> None:
    assert {step.change for step in steps(*(seen(scene(), number) for number in range(20)))} == {Change.NONE}


def test_that_a_repeated_picture_is_frozen() -> None:
    first, other = seen(scene(), 1), seen(scene(), 2)
    found = [step.change for step in steps(first, first.copy(), first.copy(), other)]
    assert found == [Change.NONE, Change.FROZEN, Change.FROZEN, Change.NONE]


def test_that_one_pixel_is_enough_to_be_another_picture() -> None:
    first = seen(scene(), 1)
    other = first.copy()
    other[77, 33] += 1
    assert steps(first, other)[1].change is Change.NONE


@settings(max_examples=40)
@given(gain=st.floats(0.4, 2.5), offset=st.floats(-800, 800), seed=st.integers(0, 50))
def test_that_a_jump_is_measured(gain: float, offset: float, seed: int) -> None:
    field = scene(seed)
    after = (field - 3000) * gain + 3000 + offset
    spread = float(np.ptp(np.quantile(field, (0.05, 0.95))))
    ends = np.quantile(field, (0.05, 0.95))
    shift = float(np.abs((gain - 1) * (ends - 3000) + offset).max()) / spread
    step = steps(seen(field, 1), seen(after, 2))[1]
    if shift > 0.3:
        assert step.change is Change.GAIN
    if step.change is Change.GAIN:
        assert step.gain == pytest.approx(gain, rel=0.05)
        mapped = step.gain * ends + step.offset
        assert mapped == pytest.approx((ends - 3000) * gain + 3000 + offset, abs=0.05 * spread * gain)
    else:
        assert shift < 0.3


@settings(max_examples=40)
@given(right=st.integers(-40, 40), down=st.integers(-30, 30), seed=st.integers(0, 50))
def test_that_a_camera_that_turns_is_no_event(right: int, down: int, seed: int) -> None:
    wide: NDArray[np.float64] = np.kron(
        np.random.default_rng(seed).normal(3000, 60, (24, 32)), np.ones((10, 10))
    ).astype(np.float64)
    before = wide[60:180, 80:240]
    after = wide[60 + down : 180 + down, 80 + right : 240 + right]
    assert steps(seen(before, 1), seen(after, 2))[1].change is Change.NONE


@settings(max_examples=40)
@given(
    x=st.integers(0, 120),
    y=st.integers(0, 90),
    width=st.integers(4, 60),
    height=st.integers(4, 40),
    heat=st.floats(-400, 4000),
)
def test_that_something_that_comes_into_view_is_no_event(
    x: int, y: int, width: int, height: int, heat: float
) -> None:
    field = scene()
    after = field.copy()
    after[y : y + height, x : x + width] += heat
    assert steps(seen(field, 1), seen(after, 2))[1].change is Change.NONE


def test_that_a_jump_is_measured_while_something_moves() -> None:
    field, after = scene(), scene()
    after[20:60, 20:80] += 500
    step = steps(seen(field, 1), seen(after * 1.2 - 400, 2))[1]
    assert step.change is Change.GAIN
    assert step.gain == pytest.approx(1.2, rel=0.03)
    assert step.gain * 3000 + step.offset == pytest.approx(3200, abs=10)


def test_that_a_shutter_is_seen_and_the_scene_after_it_is_compared_with_the_one_before() -> None:
    shutter = np.full(SIZE, 3100.0)
    frames = [seen(scene(), 1), seen(shutter, 2), seen(shutter, 3), seen(scene(), 4), seen(scene() + 200, 5)]
    found = steps(*frames)
    assert [step.change for step in found] == [
        Change.NONE,
        Change.SHUTTER,
        Change.SHUTTER,
        Change.NONE,
        Change.GAIN,
    ]
    assert found[-1].offset + (found[-1].gain - 1) * 3000 == pytest.approx(200, abs=10)


def test_that_dead_pixels_do_not_hide_a_shutter() -> None:
    frames = [seen(scene(), 1), seen(np.full(SIZE, 3100.0), 2), seen(scene(), 3)]
    for frame in frames:
        frame[[10, 50, 90], [20, 100, 140]] = 0, 16000, 12000
    assert [step.change for step in steps(*frames)] == [Change.NONE, Change.SHUTTER, Change.NONE]


def test_that_a_frozen_shutter_is_a_shutter() -> None:
    shutter = seen(np.full(SIZE, 3100.0), 2)
    found = steps(seen(scene(), 1), shutter, shutter.copy(), seen(scene(), 4))
    assert [step.change for step in found[1:]] == [Change.SHUTTER, Change.SHUTTER, Change.NONE]


def test_that_another_scene_is_no_jump() -> None:
    assert steps(seen(scene(1), 1), seen(scene(2), 2))[1].change is Change.NONE


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (480, 2), (31, 33), (64, 64, 3), (512, 640)])
def test_that_frames_of_any_shape_are_compared(shape: tuple[int, ...]) -> None:
    rng = np.random.default_rng(1)
    first, second = (rng.integers(0, 255, shape, dtype=np.uint8) for _ in range(2))
    found = steps(first, first.copy(), second)  # type: ignore[arg-type]
    assert found[1].change is Change.FROZEN
    assert max(sketch(first).shape) <= 32


def test_that_streams_that_began_at_different_frames_agree() -> None:
    frames = [seen(scene() + (150 if number > 3 else 0), number) for number in range(6)]
    late = EventStream()
    late.begin(frames[2])
    assert [late.step(frame) for frame in frames[3:]] == steps(*frames)[3:]


def test_that_a_flat_scene_has_no_gain() -> None:
    line = fit_line(np.full((4, 4), 7.0, np.float32), np.full((4, 4), 9.0, np.float32))
    assert (line.gain, line.offset) == (1.0, 2.0)


def test_that_frames_of_a_freeze_are_one_event_and_jumps_are_not() -> None:
    log = EventLog()
    frozen, jump = Step(Change.FROZEN), Step(Change.GAIN, 1.1, 5.0)
    for frame, step in enumerate([Step(), frozen, frozen, Step(), frozen, jump, jump, Step(Change.SHUTTER)]):
        log.add(frame, step)
    assert log.events == [
        SensorEvent(EventKind.FREEZE, 1, 3),
        SensorEvent(EventKind.FREEZE, 4, 5),
        SensorEvent(EventKind.GAIN, 5, 6, 1.1, 5.0),
        SensorEvent(EventKind.GAIN, 6, 7, 1.1, 5.0),
        SensorEvent(EventKind.SHUTTER, 7, 8),
    ]


def test_that_telemetry_becomes_spans() -> None:
    found = [(event.start, event.stop) for event in calibrations((3, 4, 5, 9, 20, 21))]
    assert found == [(3, 6), (9, 10), (20, 22)]
