from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.playback import FALLBACK_FPS, Playback


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def playback(qtbot: QtBot, clock: Clock) -> Playback:
    return Playback(clock)


def shown(playback: Playback) -> list[int]:
    frames: list[int] = []
    playback.frameRequested.connect(frames.append)
    return frames


def test_that_frames_are_due_at_the_clips_own_speed(playback: Playback, clock: Clock) -> None:
    playback.set_clip(100, 10.0)
    frames = shown(playback)
    playback.play(5)
    for seconds in (0.05, 0.1, 0.35):
        clock.now = 100.0 + seconds + 1e-9
        playback.tick()
    assert frames == [5, 6, 8]


def test_that_a_late_machine_passes_frames_over(playback: Playback, clock: Clock) -> None:
    playback.set_clip(1000, 30.0)
    frames = shown(playback)
    playback.play(0)
    clock.now += 10
    playback.tick()
    assert frames == [300]


def test_that_playing_stops_at_the_last_frame(playback: Playback, clock: Clock) -> None:
    playback.set_clip(20, 10.0)
    frames = shown(playback)
    playback.play(0)
    clock.now += 60
    playback.tick()
    assert frames == [19]
    assert not playback.is_playing


def test_that_playing_at_the_last_frame_begins_anew(playback: Playback) -> None:
    playback.set_clip(20, 10.0)
    frames = shown(playback)
    playback.play(19)
    playback.tick()
    assert frames == [0]


@pytest.mark.parametrize("fps", [None, 0.0, -1.0])
def test_that_a_clip_without_time_plays_at_the_fallback(
    playback: Playback, clock: Clock, fps: float | None
) -> None:
    playback.set_clip(1000, fps)
    frames = shown(playback)
    playback.play(0)
    clock.now += 2 + 1e-9
    playback.tick()
    assert frames == [int(2 * FALLBACK_FPS)]


def test_that_playing_goes_on_from_where_the_user_has_jumped(playback: Playback, clock: Clock) -> None:
    playback.set_clip(1000, 10.0)
    frames = shown(playback)
    playback.play(0)
    clock.now += 3
    playback.jumped(500)
    clock.now += 1 + 1e-9
    playback.tick()
    assert frames == [510]


def test_that_listeners_hear_when_playing_begins_and_ends(playback: Playback) -> None:
    playback.set_clip(20, 10.0)
    states: list[bool] = []
    playback.playingChanged.connect(states.append)
    playback.play(0)
    playback.stop()
    playback.stop()
    assert states == [True, False]
