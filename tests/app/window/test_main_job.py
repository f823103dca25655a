from __future__ import annotations

from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt

from tests.app.desk import Desk, MakeDesk, close_to
from tests.app.stubs import BOX, LENGTH, StubTracker
from tracker.annotation.track import Provenance
from tracker.geometry import Box


def test_that_the_empty_window_says_what_to_do_first(make_desk: MakeDesk) -> None:
    window = make_desk().window
    assert window.pages.currentWidget() is window.welcome
    assert not window.canvas.isVisible()
    assert not any(dock.isVisible() for dock in window.panels.docks)


def test_that_an_open_clip_is_shown_with_all_panels(desk: Desk) -> None:
    assert desk.window.pages.currentWidget() is desk.window.canvas
    assert all(dock.isVisible() for dock in desk.window.panels.docks)
    assert desk.window.windowTitle() == "media/clip – Thermark"
    assert desk.window.canvas.frame_size == (64, 48)
    assert desk.window.canvas.image.pixelColor(5, 0).red() == 10


def test_that_n_and_a_drag_make_a_track_and_t_tracks_it(desk: Desk) -> None:
    desk.draw()
    assert close_to(desk.track.at(0).box, BOX)
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    assert np.count_nonzero(desk.track.frames.is_said) == LENGTH
    assert desk.driver.session.frame == LENGTH - 1
    desk.driver.go_to(LENGTH - 1)  # the picture may lag behind the run
    assert [mark.provenance for mark in desk.window.canvas.marks()] == [Provenance.TRACKED]


def test_that_b_tracks_backward(desk: Desk) -> None:
    desk.driver.go_to(6)
    desk.draw()
    desk.press(Qt.Key.Key_B)
    desk.wait_for_run()
    assert np.flatnonzero(desk.track.frames.is_said).tolist() == list(range(7))


def test_that_dragging_a_tracked_box_makes_an_anchor_and_t_goes_on_from_it(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(10)
    box = desk.track.at(10).box
    assert box is not None
    x, y = box.centre
    desk.mouse.drag((x, y), (x + 4, y + 8))
    assert desk.track.at(10).provenance is Provenance.MANUAL
    assert close_to(desk.track.at(10).box, box.moved(4, 8))
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    assert desk.track.anchors().tolist() == [0, 10]
    assert close_to(desk.track.at(11).box, box.moved(1, 0))  # only gaps are filled, and there are none ...
    assert "19 frames" in desk.window.messages.text
    desk.window.messages.offers[0].click()  # ... but the run's boxes are there for the asking
    assert close_to(desk.track.at(11).box, box.moved(5, 8))
    assert desk.track.anchors().tolist() == [0, 10]


def test_that_a_run_goes_on_from_a_box_dragged_under_it_on_the_frame_it_was_drawn_on(
    make_desk: MakeDesk, clip: Path
) -> None:
    tracker = StubTracker(allowed=5)
    desk = make_desk(tracker)
    desk.driver.open(clip)
    desk.draw()
    desk.press(Qt.Key.Key_T)
    canvas = desk.window.canvas
    desk.driver.until(lambda: desk.driver.reached() == 5 and canvas.marks()[0].box.x == desk_box(desk, 5).x)
    assert canvas.marks()[0].is_proposal
    box = canvas.marks()[0].box
    x, y = box.centre
    desk.mouse.press(x, y)
    desk.mouse.move(x, y + 5)
    tracker.more(4)  # the run goes on below the held box
    desk.driver.until(lambda: desk.driver.reached() >= 8)
    desk.driver.until(lambda: desk.driver.session.frame >= 8)
    desk.mouse.move(x, y + 9)
    desk.mouse.release(x, y + 9)
    tracker.more()
    desk.driver.until(lambda: len(tracker.starts) == 2 and not desk.driver.session.is_running)
    assert desk.track.at(5).provenance is Provenance.MANUAL
    assert close_to(desk.track.at(5).box, box.moved(0, 9))
    assert close_to(desk.track.at(8).box, box.moved(3, 9))  # the run has gone on from there
    assert close_to(desk.track.at(4).box, box.moved(-1, 0))
    assert desk.track.anchors().tolist() == [0, 5]


def desk_box(desk: Desk, frame: int) -> Box:
    proposal = next(iter(desk.driver.session.runs.controller.proposals.values()), None)
    box = None if proposal is None else proposal.frames.box(frame)
    return Box(0, 0, 1, 1) if box is None else box


def test_that_esc_stops_the_smallest_thing_first(make_desk: MakeDesk, clip: Path) -> None:
    tracker = StubTracker(allowed=3)
    desk = make_desk(tracker)
    desk.driver.open(clip)
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.driver.until(lambda: desk.driver.reached() >= 3)
    desk.press(Qt.Key.Key_N)
    assert desk.window.canvas.is_drawing
    desk.press(Qt.Key.Key_Escape)
    assert not desk.window.canvas.is_drawing
    assert desk.driver.session.is_running
    desk.press(Qt.Key.Key_Escape)
    tracker.more(1)
    desk.wait_for_run()
    assert desk.track.frames.has_box[:4].all()


def test_that_closing_the_window_in_the_midst_of_a_run_loses_nothing(make_desk: MakeDesk, clip: Path) -> None:
    tracker = StubTracker(allowed=5)
    desk = make_desk(tracker)
    desk.driver.open(clip)
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.driver.until(lambda: desk.driver.reached() >= 5)
    tracker.more(1)
    desk.window.close()
    assert not desk.driver.session.is_running
    again = make_desk()
    again.driver.open(clip)
    assert again.track.frames.has_box[:6].all()
    assert again.window.messages.text == ""


def test_that_all_can_be_undone_and_redone_by_keys(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.press(Qt.Key.Key_Delete)
    final = desk.track.frames.copy()
    for _ in range(3):
        desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.driver.session.track is None
    for _ in range(3):
        desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert desk.track.frames == final
    assert desk.window.action_set["edit.undo"].text() == "Undo Mark absent"
