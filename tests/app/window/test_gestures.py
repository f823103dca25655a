from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from tests.app.desk import Desk, close_to
from tests.app.stubs import BOX
from tracker.annotation.track import Presence, Provenance
from tracker.geometry import Box


@pytest.mark.parametrize(
    ("key", "presence"),
    [
        (Qt.Key.Key_Delete, Presence.ABSENT),
        (Qt.Key.Key_O, Presence.OUT_OF_VIEW),
        (Qt.Key.Key_Q, Presence.OCCLUDED),
    ],
)
def test_that_a_key_says_why_the_target_cannot_be_seen(desk: Desk, key: Qt.Key, presence: Presence) -> None:
    desk.draw()
    desk.press(key)
    assert desk.track.at(0).presence is presence
    assert (desk.track.at(0).box is not None) == presence.has_box
    assert presence.label.lower() in desk.window.canvas.badge


def test_that_o_said_twice_takes_it_back(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_O)
    desk.press(Qt.Key.Key_O)
    assert desk.track.at(0).provenance is Provenance.NONE


def test_that_k_makes_an_anchor_and_takes_it_back(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(5)
    desk.press(Qt.Key.Key_K)
    assert desk.track.anchors().tolist() == [0, 5]
    desk.press(Qt.Key.Key_K)
    assert desk.track.anchors().tolist() == [0]


def test_that_brackets_go_from_anchor_to_anchor(desk: Desk) -> None:
    desk.draw()
    session = desk.driver.session
    for frame in (9, 20):
        session.move_box(1, BOX, frame)
    desk.press(Qt.Key.Key_BracketLeft)
    assert session.frame == 9
    desk.press(Qt.Key.Key_BracketLeft)
    desk.press(Qt.Key.Key_BracketLeft)
    assert session.frame == 0
    assert "No anchor" in desk.window.statusBar().currentMessage()
    desk.press(Qt.Key.Key_BracketRight)
    assert session.frame == 9


def test_that_i_interpolates_between_boxes_drawn_by_hand(desk: Desk) -> None:
    desk.draw()
    desk.driver.session.move_box(1, BOX.moved(10, 0), 10)
    desk.press(Qt.Key.Key_I)
    assert close_to(desk.track.at(5).box, BOX.moved(5, 0))
    assert desk.track.at(5).provenance is Provenance.INTERPOLATED


def test_that_backspace_clears_a_frame_and_ctrl_del_the_rest(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(4)
    desk.press(Qt.Key.Key_Backspace)
    assert desk.track.gaps() == [(4, 5)]
    desk.driver.go_to(10)
    desk.press(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert desk.track.span() == (0, 10)


def test_that_shift_n_draws_the_selected_tracks_box(desk: Desk) -> None:
    desk.draw()
    desk.driver.go_to(7)
    desk.press(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    desk.mouse.drag((30, 20), (40, 30))
    assert desk.track.anchors().tolist() == [0, 7]
    assert desk.driver.session.document is not None
    assert len(desk.driver.session.document.tracks) == 1


def test_that_clicking_a_box_selects_its_track(desk: Desk) -> None:
    desk.draw()
    desk.draw(Box(40, 25, 15, 15))
    assert desk.driver.session.selected == 2
    desk.mouse.drag(BOX.centre, BOX.centre)
    assert desk.driver.session.selected == 1
    desk.mouse.drag((60, 5), (60, 5))
    assert desk.driver.session.selected is None
