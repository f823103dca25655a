"""What the window says and shows about the sensor of the open clip."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.fixed_pattern import NOTHING_CORRECTED
from tests.app.desk import Desk, MakeDesk
from tests.app.test_sensor_events import write_events
from tracker.opencv import cv2
from tracker.tracking.pattern_correction import Correction


@pytest.fixture
def frozen(make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """A window on a clip that freezes on the frames 6 to 9, and jumps at frame 16."""
    desk = make_desk()
    desk.driver.open(write_events(tmp_path / "clip"))
    return desk


def test_that_the_maps_say_what_happened_to_the_sensor_in_the_frame(frozen: Desk) -> None:
    driver, said = frozen.driver, frozen.window.panels.maps.sensor
    driver.go_to(7)
    assert not said.isVisibleTo(frozen.window)
    frozen.window.panels.sensor_events.look()
    driver.until(lambda: said.text() == "Sensor event: Frozen picture, frames 6 to 9")
    assert said.isVisibleTo(frozen.window)
    driver.go_to(17)
    assert said.text().startswith("Just after a sensor event: Jump of gain or offset, frame 16")
    driver.go_to(3)
    assert not said.isVisibleTo(frozen.window)
    driver.go_to(7)
    driver.session.close()
    assert not said.isVisibleTo(frozen.window)


DEAD = 3, 4  # row and column


@pytest.fixture
def spotted(make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """A window on a 16-bit clip with a dead pixel."""
    folder = tmp_path / "spotted"
    folder.mkdir()
    rng = np.random.default_rng(0)
    scene = np.kron(rng.normal(3000, 80, (6, 8)), np.ones((8, 8)))
    for index in range(20):
        counts = scene + rng.normal(0, 4, scene.shape)
        counts[DEAD] = 9000
        cv2.imwrite(str(folder / f"{index:04d}.png"), np.rint(counts).astype(np.uint16))
    desk = make_desk()
    desk.driver.open(folder)
    return desk


def shown_at(desk: Desk, place: tuple[int, int]) -> tuple[int, int]:
    """The counts of the shown frame at a place, and how bright it is painted."""
    shown = desk.driver.session.shown
    assert shown is not None
    return int(shown.counts[place]), int(shown.picture.rgb[place].max())


def test_that_frames_are_painted_as_the_tracker_sees_them_and_their_counts_stay(spotted: Desk) -> None:
    view, driver = spotted.window.fixed_pattern, spotted.driver
    raw = shown_at(spotted, DEAD)
    view.set_correction("DEAD")
    assert shown_at(spotted, DEAD) == raw
    spotted.window.action_set["view.corrected"].trigger()
    driver.until(lambda: shown_at(spotted, DEAD)[1] < raw[1])
    assert shown_at(spotted, DEAD)[0] == raw[0] == 9000
    driver.go_to(5)
    assert shown_at(spotted, DEAD)[1] < raw[1]
    view.set_correction("NONE")
    driver.until(lambda: shown_at(spotted, DEAD)[1] == raw[1])
    view.set_correction("ALL")
    driver.until(lambda: shown_at(spotted, DEAD)[1] < raw[1])
    spotted.window.action_set["view.corrected"].trigger()
    driver.until(lambda: shown_at(spotted, DEAD)[1] == raw[1])


def test_that_it_is_said_where_the_tracker_sees_counts_as_they_are(spotted: Desk) -> None:
    spotted.window.action_set["view.corrected"].trigger()
    assert spotted.driver.notes[-1] == NOTHING_CORRECTED


def test_that_another_clip_is_painted_without_its_own_pattern(spotted: Desk, tmp_path: Path) -> None:
    view, driver = spotted.window.fixed_pattern, spotted.driver
    view.set_correction("DEAD")
    view.toggle_corrected()
    driver.until(lambda: view.pattern is not None)
    first = view.pattern
    driver.open(write_events(tmp_path / "other"))
    assert view.correction is Correction.NONE
    view.set_correction("DEAD")
    driver.until(lambda: view.pattern is not None)
    assert view.pattern is not first
