"""Sensor events in the window: looked for beside the work, marked on the timeline, walked through."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.sensor_events import SensorEvents, resting, said_of
from app.settings import Settings
from app.theme import colours
from app.widgets.timeline import Timeline
from tests.app.conftest import MakeDriver
from tests.app.test_timeline import LENGTH, colour, make_track, place
from tracker.jobs import Event, Job, finish
from tracker.opencv import cv2
from tracker.thermal.events import EventKind, SensorEvent

FREEZE = SensorEvent(EventKind.FREEZE, 100, 140)
JUMP = SensorEvent(EventKind.GAIN, 300, 301, 1.2, -30.0)


def write_events(folder: Path) -> Path:
    """24 frames of a noisy scene that freezes on the frames 6 to 9 and answers brighter from frame 16 on."""
    folder.mkdir(parents=True)
    rng = np.random.default_rng(5)
    scene = rng.normal(90, 25, (48, 64))
    for index in range(24):
        noise = np.random.default_rng(5 if 5 <= index < 10 else index).normal(0, 2, scene.shape)
        gain, offset = (1.3, 20) if index >= 16 else (1.0, 0)
        frame = np.clip((scene + noise) * gain + offset, 0, 255).astype(np.uint8)
        cv2.imwrite(str(folder / f"{index:04d}.png"), frame)
    return folder


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(168 + LENGTH, 140)
    timeline.show()
    timeline.set_clip(LENGTH, 25.0)
    timeline.set_tracks([make_track(1)])
    return timeline


def test_that_events_are_marked_along_the_ruler(timeline: Timeline) -> None:
    top = place(120)
    top.setY(1)
    before = colour(timeline, top)
    timeline.set_events([FREEZE, JUMP])
    assert before != colours().warning
    assert colour(timeline, top) == colours().warning
    timeline.set_events([])
    assert colour(timeline, top) == before


def test_that_a_tool_tip_says_what_happened(timeline: Timeline) -> None:
    timeline.set_events([FREEZE, JUMP])
    assert timeline.tip_at(place(120)) == "Frozen picture, frames 100 to 139"
    assert timeline.tip_at(place(300)) == "Jump of gain or offset, frame 300: counts x 1.20 -30"
    assert timeline.tip_at(place(220)) == ""


def test_that_many_events_in_one_place_do_not_fill_the_screen(timeline: Timeline) -> None:
    timeline.set_events(
        [SensorEvent(EventKind.GAIN, frame, frame + 1, 1.1, 0.0) for frame in range(200, 206)]
    )
    lines = timeline.tip_at(place(203)).splitlines()
    assert len(lines) == 5
    assert lines[-1] == "and 2 more"


def test_that_events_of_a_clip_are_found_shown_and_walked_through(
    make_driver: MakeDriver, timeline: Timeline, tmp_path: Path
) -> None:
    driver = make_driver()
    sensor = SensorEvents(driver.session, timeline)
    driver.open(write_events(tmp_path / "clip"))
    sensor.look()
    driver.until(lambda: sensor.is_known)
    kinds = [(event.kind, event.start, event.stop) for event in sensor.events]
    assert kinds == [(EventKind.FREEZE, 6, 10), (EventKind.GAIN, 16, 17)]
    assert sensor.events[1].gain == pytest.approx(1.3, abs=0.05)
    sensor.go(1)
    assert driver.session.frame == 6
    sensor.go(1)
    assert driver.session.frame == 16
    sensor.go(1)
    assert driver.session.frame == 16
    assert driver.notes[-1] == "No sensor event further on"
    sensor.go(-1)
    assert driver.session.frame == 6


def test_that_broken_frames_met_on_the_way_are_marked_and_are_no_event(
    make_driver: MakeDriver, timeline: Timeline, tmp_path: Path
) -> None:
    driver = make_driver()
    sensor = SensorEvents(driver.session, timeline)
    folder = write_events(tmp_path / "clip")
    driver.open(folder)
    (folder / "0020.png").write_bytes(b"broken")  # not fetched ahead yet
    sensor.look()
    driver.until(lambda: sensor.is_known)
    assert timeline.bad_frames == (20,)
    assert [event.start for event in sensor.events] == [6, 16]


def test_that_they_can_be_hidden_and_are_forgotten_with_the_clip(
    make_driver: MakeDriver, timeline: Timeline, tmp_path: Path
) -> None:
    driver = make_driver(settings=Settings(sensor_events=False))
    sensor = SensorEvents(driver.session, timeline)
    driver.open(write_events(tmp_path / "clip"))
    timeline.set_clip(LENGTH, 25.0)
    sensor.look()
    driver.until(lambda: sensor.is_known)
    assert timeline.tip_at(place(8)) == ""
    sensor.toggle()
    assert "Frozen" in timeline.tip_at(place(8))
    driver.session.close()
    assert sensor.events == ()
    assert timeline.tip_at(place(8)) == ""


def test_that_looking_for_them_waits_while_a_target_is_tracked() -> None:
    done: list[int] = []

    def job() -> Job[str]:
        for number in range(3):
            done.append(number)
            yield Event()
        return "found"

    may_go_on = threading.Event()
    waiting = resting(job(), may_go_on, rest=0.0)
    for _ in range(4):
        next(waiting)
    assert done == [0]
    may_go_on.set()
    assert finish(waiting) == "found"
    assert done == [0, 1, 2]


def test_that_a_waiting_search_can_be_stopped() -> None:
    closed: list[bool] = []

    def job() -> Job[None]:
        try:
            while True:
                yield Event()
        finally:
            closed.append(True)

    waiting = resting(job(), threading.Event(), rest=0.0)
    next(waiting)
    next(waiting)
    waiting.close()
    assert closed == [True]


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (99, ""),
        (100, "Sensor event: Frozen picture, frames 100 to 139"),
        (139, "Sensor event: Frozen picture, frames 100 to 139"),
        (141, "Just after a sensor event: Frozen picture, frames 100 to 139"),
        (142, ""),
    ],
)
def test_that_a_frame_knows_of_its_event_and_of_one_just_before_it(frame: int, said: str) -> None:
    assert said_of(FREEZE, frame) == said


def test_that_a_long_calibration_is_not_said_of_the_frames_after_it() -> None:
    assert said_of(SensorEvent(EventKind.CALIBRATION, 3, 9), 9) == ""


def test_that_a_lane_says_what_happened_to_the_sensor(timeline: Timeline) -> None:
    timeline.set_events([FREEZE])
    at = place(120)
    at.setY(60)
    assert timeline.tip_at(at).splitlines()[-1] == "Frozen picture, frames 100 to 139"
    at = place(99)
    at.setY(60)
    assert "Frozen" not in timeline.tip_at(at)
