from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.theme import colours
from app.widgets.timeline import Timeline
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT
from app.widgets.timeline_rows import LANE_HEIGHT
from tracker.annotation.document import Proposal
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.geometry import Box

LENGTH = 500
BOX = Box(1, 1, 4, 4)
NO_KEYS = Qt.KeyboardModifier.NoModifier


def make_track(track_id: int, length: int = LENGTH) -> Track:
    frames = Frames.empty(length)
    frames.put(slice(100, 200), FrameState(BOX, Provenance.TRACKED))
    frames.put(slice(300, 400), FrameState(BOX, Provenance.TRACKED, Presence.OCCLUDED))
    return Track(track_id, f"car {track_id}", "#123456", (), frames)


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    """A pixel per frame, and more lanes than there is room for."""
    timeline = Timeline()
    timeline.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)  # it would take its width
    qtbot.addWidget(timeline)
    timeline.resize(HEADER_WIDTH + LENGTH, RULER_HEIGHT + 5 * LANE_HEIGHT)
    timeline.show()
    timeline.set_clip(LENGTH, 25.0)
    timeline.set_tracks([make_track(track_id) for track_id in range(1, 13)])
    return timeline


def place(frame: int, row: int | None = None) -> QPoint:
    """In the middle of a lane, None for the ruler."""
    y = RULER_HEIGHT // 2 if row is None else RULER_HEIGHT + row * LANE_HEIGHT + LANE_HEIGHT // 2
    return QPoint(HEADER_WIDTH + frame, y)


def colour(timeline: Timeline, at: QPoint) -> QColor:
    image = timeline.viewport().grab().toImage()
    return QColor(image.pixelColor(at * image.devicePixelRatio()))


def wheel(timeline: Timeline, notches: int, keys: Qt.KeyboardModifier = NO_KEYS, frame: int = 250) -> None:
    at = QPointF(place(frame, 0))
    where = timeline.viewport().mapToGlobal(at)
    delta, none = QPoint(0, 120 * notches), QPoint()
    phase, no_button = Qt.ScrollPhase.NoScrollPhase, Qt.MouseButton.NoButton
    event = QWheelEvent(at, where, none, delta, no_button, keys, phase, False)
    QApplication.sendEvent(timeline.viewport(), event)


def move(timeline: Timeline, frame: int) -> None:
    """With the left button down."""
    at = QPointF(place(frame))
    where, button = timeline.viewport().mapToGlobal(at), Qt.MouseButton.LeftButton
    event = QMouseEvent(QEvent.Type.MouseMove, at, where, Qt.MouseButton.NoButton, button, NO_KEYS)
    QApplication.sendEvent(timeline.viewport(), event)


def press(timeline: Timeline, at: QPoint) -> None:
    QTest.mousePress(timeline.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, at)


def received(timeline: Timeline) -> tuple[list[int], list[object]]:
    frames: list[int] = []
    tracks: list[object] = []
    timeline.frameRequested.connect(frames.append)
    timeline.trackSelected.connect(tracks.append)
    return frames, tracks


def test_that_dragging_on_the_ruler_asks_for_each_frame_once(timeline: Timeline) -> None:
    frames, tracks = received(timeline)
    press(timeline, place(40))
    for frame in (40, 60, 60, 90):
        move(timeline, frame)
    QTest.mouseRelease(timeline.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, place(90))
    assert frames == [40, 60, 90]
    assert tracks == []


def test_that_dragging_beyond_the_end_asks_for_the_last_frame(timeline: Timeline) -> None:
    frames, _ = received(timeline)
    press(timeline, place(10))
    move(timeline, LENGTH + 300)
    assert frames == [10, LENGTH - 1]


def test_that_a_click_on_a_lane_chooses_its_track_and_the_frame(timeline: Timeline) -> None:
    frames, tracks = received(timeline)
    press(timeline, place(120, 2))
    assert (frames, tracks) == ([120], [3])


def test_that_a_click_on_a_header_chooses_only_the_track(timeline: Timeline) -> None:
    frames, tracks = received(timeline)
    press(timeline, place(-60, 1))
    assert (frames, tracks) == ([], [2])


def test_that_the_wheel_scrolls_the_lanes(timeline: Timeline) -> None:
    _, tracks = received(timeline)
    wheel(timeline, -1)
    press(timeline, place(120, 0))
    assert tracks == [3]


def test_that_the_wheel_with_ctrl_zooms_about_the_cursor(timeline: Timeline) -> None:
    before = timeline.scale
    wheel(timeline, 4, Qt.KeyboardModifier.ControlModifier, frame=200)
    after = timeline.scale
    assert before is not None
    assert after is not None
    assert after.per_pixel < before.per_pixel
    assert after.frame_at(200) == 200
    wheel(timeline, -40, Qt.KeyboardModifier.ControlModifier)
    assert timeline.scale is not None
    assert timeline.scale.is_whole


def test_that_the_wheel_with_shift_and_the_bar_pan(timeline: Timeline) -> None:
    wheel(timeline, 10, Qt.KeyboardModifier.ControlModifier)
    assert timeline.scale is not None
    start = timeline.scale.start
    wheel(timeline, -1, Qt.KeyboardModifier.ShiftModifier)
    assert timeline.scale.start > start
    timeline.horizontalScrollBar().setValue(0)
    assert timeline.scale.start == 0


def test_that_a_double_click_on_the_ruler_shows_the_whole_clip(timeline: Timeline) -> None:
    wheel(timeline, 10, Qt.KeyboardModifier.ControlModifier)
    QTest.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, place(10))
    assert timeline.scale is not None
    assert timeline.scale.is_whole


def test_that_a_hidden_frame_is_revealed(timeline: Timeline) -> None:
    wheel(timeline, 10, Qt.KeyboardModifier.ControlModifier, frame=0)
    timeline.set_frame(LENGTH - 1)
    assert timeline.scale is not None
    assert timeline.scale.shown()[1] == LENGTH


def test_that_tracked_frames_are_solid_and_missing_ones_are_not(timeline: Timeline) -> None:
    assert colour(timeline, place(150, 0)) == colours().tracked
    assert colour(timeline, place(250, 0)) == colours().gap


def test_that_a_changed_track_is_painted_anew(timeline: Timeline) -> None:
    assert colour(timeline, place(250, 1)) == colours().gap
    track = make_track(2)
    track.frames.put(slice(200, 300), FrameState(BOX, Provenance.IMPORTED))
    timeline.update_track(track)
    assert colour(timeline, place(250, 1)) == colours().imported


def test_that_an_anchor_stands_out(timeline: Timeline) -> None:
    track = make_track(1)
    track.frames.put(150, FrameState(BOX, Provenance.MANUAL))
    timeline.update_track(track)
    assert colour(timeline, place(150, 0)) == colours().manual


def test_that_the_playhead_is_at_the_frame(timeline: Timeline) -> None:
    timeline.set_frame(333)
    assert colour(timeline, place(333, 4)) == colours().playhead
    assert colour(timeline, place(330, 4)) != colours().playhead


def test_that_scrubbing_keeps_the_picture(timeline: Timeline) -> None:
    timeline.viewport().grab()
    picture = timeline._picture
    timeline.set_frame(20)
    timeline.viewport().grab()
    assert timeline._picture is picture


def test_that_a_changed_track_leaves_the_other_lanes_alone(timeline: Timeline) -> None:
    timeline.viewport().grab()
    lanes = list(timeline._scene.lanes.values())
    timeline.update_track(make_track(2))
    assert timeline._stale.boundingRect() == timeline._scene.lane_area(2)
    timeline.viewport().grab()
    timeline.set_tracks([make_track(1), make_track(2)], changed={2})
    after = list(timeline._scene.lanes.values())
    assert after[0] is lanes[0]
    assert after[1] is not lanes[1]


def test_that_what_is_painted_in_parts_looks_as_if_painted_at_once(timeline: Timeline) -> None:
    wheel(timeline, 3, Qt.KeyboardModifier.ControlModifier)
    timeline.set_bad_frames((180,))
    timeline.viewport().grab()
    track = make_track(2)
    track.frames.put(slice(120, 330), FrameState(BOX, Provenance.IMPORTED))
    track.frames.put(210, FrameState(BOX, Provenance.MANUAL))
    timeline.update_track(track)
    timeline.set_selected(3)
    timeline.viewport().grab()
    timeline.set_selected(2)
    wheel(timeline, 2, Qt.KeyboardModifier.ControlModifier)
    in_parts = timeline.viewport().grab().toImage()
    timeline._drop_all()
    assert timeline.viewport().grab().toImage() == in_parts


def test_that_lanes_out_of_sight_cost_nothing(timeline: Timeline) -> None:
    timeline.viewport().grab()
    assert timeline._scene.lanes[12].codes is None
    timeline.set_selected(12)
    timeline.viewport().grab()
    assert timeline._scene.lanes[12].codes is not None


def test_that_proposals_tint_the_lanes_of_their_tracks(timeline: Timeline) -> None:
    before = [colour(timeline, place(250, row)) for row in (0, 1)]
    proposal = Proposal(1, 1, 240, 1, "stub", Frames.empty(LENGTH))
    proposal.frames.put(slice(240, 260), FrameState(BOX, Provenance.TRACKED))
    timeline.set_proposals([proposal])
    assert colour(timeline, place(250, 0)) != before[0]
    assert colour(timeline, place(250, 1)) == before[1]
    other = Proposal(2, 2, 240, 1, "stub", proposal.frames.copy())
    timeline.set_proposals([proposal, other])
    assert colour(timeline, place(250, 0)) != before[0]
    assert colour(timeline, place(250, 1)) != before[1]
    timeline.set_proposals([])
    assert colour(timeline, place(250, 0)) == before[0]
    assert colour(timeline, place(250, 1)) == before[1]


def test_that_bad_frames_are_marked_on_the_ruler(timeline: Timeline) -> None:
    timeline.set_bad_frames((77,))
    assert colour(timeline, QPoint(HEADER_WIDTH + 77, RULER_HEIGHT - 2)) == colours().error


def test_that_up_and_down_choose_the_neighbouring_track(timeline: Timeline) -> None:
    _, tracks = received(timeline)
    timeline.set_selected(2)
    QTest.keyClick(timeline, Qt.Key.Key_Down)
    QTest.keyClick(timeline, Qt.Key.Key_Up)
    assert tracks == [3, 1]


def test_that_the_tip_says_what_is_under_the_cursor(timeline: Timeline) -> None:
    assert timeline.tip_at(place(350, 0)) == "Track 1, car 1\nFrame 350 (0:14.00): tracked, occluded"
    assert timeline.tip_at(place(10, 0)) == "Track 1, car 1\nFrame 10 (0:00.40): nothing"


def test_that_a_screen_reader_is_told_the_frame_and_the_track(timeline: Timeline) -> None:
    timeline.set_frame(12)
    timeline.set_selected(4)
    assert timeline.accessibleDescription() == "Frame 12, track 4 selected"


@pytest.mark.parametrize("length", [0, 1])
def test_that_a_timeline_without_anything_asks_for_no_impossible_frame(
    timeline: Timeline, length: int
) -> None:
    timeline.set_tracks([])
    timeline.set_clip(length, None)
    frames, tracks = received(timeline)
    press(timeline, place(250, 0))
    wheel(timeline, 3, Qt.KeyboardModifier.ControlModifier)
    timeline.viewport().grab()
    assert frames == list(range(length))
    assert tracks == []


@pytest.mark.parametrize("fps", [25.0, None], ids=["time", "no time"])
def test_that_a_number_of_the_ruler_is_shown_whole_or_not_at_all(
    timeline: Timeline, fps: float | None
) -> None:
    timeline.set_clip(LENGTH, fps)
    timeline.set_frame(200)
    covered, chip = timeline._covered(), timeline._chip()
    assert covered.width() > chip.width() + 8  # the ruler's own 200 stands beside its line
    beside = covered.adjusted(chip.width() + 9, 0, 0, 0)
    image = timeline.viewport().grab(beside).toImage()
    inks = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert inks == {colours().panel.name()}


def anchored(timeline: Timeline) -> list[tuple[int, int, int]]:
    track = make_track(1)
    for frame in (150, 320):
        track.frames.put(frame, FrameState(BOX, Provenance.MANUAL))
    timeline.set_tracks([track, make_track(2)])
    timeline.set_selected(1)
    moves: list[tuple[int, int, int]] = []
    timeline.anchorMoved.connect(lambda *move: moves.append(move))
    return moves


def test_that_an_anchor_of_the_selected_track_can_be_dragged_along_time(timeline: Timeline) -> None:
    moves = anchored(timeline)
    press(timeline, place(152, 0))
    move(timeline, 175)
    QTest.mouseRelease(timeline.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, place(175, 0))
    assert moves == [(1, 150, 175)]


def test_that_a_click_on_an_anchor_and_a_drag_beside_one_move_nothing(timeline: Timeline) -> None:
    moves = anchored(timeline)
    QTest.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, place(150, 0))
    press(timeline, place(170, 0))
    move(timeline, 200)
    QTest.mouseRelease(timeline.viewport(), Qt.MouseButton.LeftButton, NO_KEYS, place(200, 0))
    timeline.set_selected(2)
    press(timeline, place(150, 0))
    assert moves == []
    assert timeline.anchor_at(place(150, 1)) is None


def test_that_risk_and_review_are_painted_above_and_below_the_bar(timeline: Timeline) -> None:
    track = make_track(1)
    track.frames.reviewed[100:120] = True
    timeline.set_tracks([track])
    top = RULER_HEIGHT
    calm = colour(timeline, QPoint(HEADER_WIDTH + 150, top + 22))
    risk = np.full(LENGTH, np.nan, np.float32)
    risk[150:160] = 0.95
    risk[170:180] = 0.02
    timeline.set_risk(1, risk)
    assert colour(timeline, QPoint(HEADER_WIDTH + 155, top + 22)).red() > calm.red() + 60
    assert colour(timeline, QPoint(HEADER_WIDTH + 175, top + 22)) == calm
    seen = colour(timeline, QPoint(HEADER_WIDTH + 110, top + 3))
    assert seen == colours().manual
    assert colour(timeline, QPoint(HEADER_WIDTH + 130, top + 3)) != seen
    timeline.update_track(track)  # the risk stays with the lane
    assert colour(timeline, QPoint(HEADER_WIDTH + 155, top + 22)).red() > calm.red() + 60
