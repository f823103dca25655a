"""Selecting a range of frames on the timeline, and zooming by other means than the wheel."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.theme import colours
from app.widgets.timeline import Timeline
from app.widgets.timeline_painting import HEADER_WIDTH, RULER_HEIGHT
from app.widgets.timeline_rows import LANE_HEIGHT
from app.widgets.timeline_scale import Scale
from tracker.annotation.track import Frames, Track

LENGTH = 500
SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    """A pixel per frame."""
    timeline = Timeline()
    qtbot.addWidget(timeline)
    timeline.resize(HEADER_WIDTH + LENGTH, RULER_HEIGHT + 4 * LANE_HEIGHT)
    timeline.show()
    timeline.set_clip(LENGTH, 25.0)
    timeline.set_tracks([Track(1, "car", "#123456", (), Frames.empty(LENGTH))])
    return timeline


def place(x: int, y: int = RULER_HEIGHT // 2) -> QPoint:
    return QPoint(HEADER_WIDTH + x, y)


def move(timeline: Timeline, x: int) -> None:
    at = QPointF(place(x))
    event = QMouseEvent(QEvent.Type.MouseMove, at, timeline.viewport().mapToGlobal(at), LEFT, LEFT, SHIFT)
    QApplication.sendEvent(timeline.viewport(), event)


def drag(timeline: Timeline, start: int, end: int, y: int = RULER_HEIGHT // 2) -> None:
    QTest.mousePress(timeline.viewport(), LEFT, SHIFT, place(start, y))
    move(timeline, (start + end) // 2)
    move(timeline, end)
    QTest.mouseRelease(timeline.viewport(), LEFT, SHIFT, place(end, y))


def heard(timeline: Timeline) -> tuple[list[range], list[int]]:
    ranges: list[range] = []
    frames: list[int] = []
    timeline.rangeSelected.connect(ranges.append)
    timeline.frameRequested.connect(frames.append)
    return ranges, frames


def colour(timeline: Timeline, at: QPoint) -> QColor:
    image = timeline.viewport().grab().toImage()
    return QColor(image.pixelColor(at * image.devicePixelRatio()))


@pytest.mark.parametrize(("start", "end"), [(100, 160), (160, 100)])
@pytest.mark.parametrize("y", [RULER_HEIGHT // 2, RULER_HEIGHT + 5])
def test_that_a_drag_with_shift_selects_a_range_and_leaves_the_playhead(
    timeline: Timeline, start: int, end: int, y: int
) -> None:
    ranges, frames = heard(timeline)
    drag(timeline, start, end, y)
    assert ranges[-1] == timeline.selected_range == range(100, 161)
    assert frames == []


def test_that_a_click_with_shift_selects_from_the_playhead_to_there(timeline: Timeline) -> None:
    timeline.set_frame(40)
    QTest.mouseClick(timeline.viewport(), LEFT, SHIFT, place(25))
    assert timeline.selected_range == range(25, 41)


def test_that_an_end_of_the_range_can_be_pulled(timeline: Timeline) -> None:
    drag(timeline, 100, 160)
    drag(timeline, 161, 220)
    assert timeline.selected_range == range(100, 221)
    drag(timeline, 101, 50)
    assert timeline.selected_range == range(50, 221)


def test_that_a_range_beyond_the_end_stops_there(timeline: Timeline) -> None:
    drag(timeline, 450, LENGTH + 200)
    assert timeline.selected_range == range(450, LENGTH)


def test_that_the_range_is_seen_and_stays_when_the_zoom_changes(timeline: Timeline) -> None:
    below, foot = place(150, RULER_HEIGHT + 3 * LANE_HEIGHT), place(150, RULER_HEIGHT - 2)
    plain = colour(timeline, below)
    timeline.set_range(range(100, 200))
    assert colour(timeline, below) != plain
    assert colour(timeline, foot) == colours().accent
    assert colour(timeline, place(300, RULER_HEIGHT + 3 * LANE_HEIGHT)) == plain
    timeline.show_part(140, 160)
    assert timeline.selected_range == range(100, 200)
    assert colour(timeline, place(400, RULER_HEIGHT + 3 * LANE_HEIGHT)) != plain
    timeline.show_part(300, 400)
    assert colour(timeline, below) == plain
    timeline.set_range(None)
    timeline.show_whole_clip()
    assert colour(timeline, below) == plain


def test_that_another_clip_has_no_range(timeline: Timeline) -> None:
    timeline.set_range(range(3, 9))
    timeline.set_clip(20, None)
    assert timeline.selected_range is None
    assert (
        colour(timeline, place(50, RULER_HEIGHT + 13)) == colours().field
    )  # nor anything of the old one's track


def test_that_a_screen_reader_is_told_the_range(timeline: Timeline) -> None:
    timeline.set_range(range(3, 9))
    assert timeline.accessibleDescription() == "Frame 0, frames 3 to 8 selected"


def test_that_zooming_keeps_the_playhead_where_it_is(timeline: Timeline) -> None:
    timeline.set_frame(400)
    seen: list[Scale] = []
    timeline.scaleChanged.connect(seen.append)
    timeline.zoom_by(1.5)
    assert seen[-1].per_pixel == pytest.approx(1 / 1.5)
    assert seen[-1].x_of(400.5) == pytest.approx(400.5)
    timeline.zoom_by(1 / 1.5)
    assert seen[-1].is_whole


def test_that_single_frames_are_shown_around_the_playhead(timeline: Timeline) -> None:
    timeline.set_frame(250)
    timeline.show_single_frames()
    assert timeline.scale is not None
    assert timeline.scale.per_pixel == timeline.scale.closest
    first, stop = timeline.scale.shown()
    assert first <= 250 < stop


def test_that_a_part_is_shown_as_far_as_the_clip_allows(timeline: Timeline) -> None:
    timeline.show_part(100, 150)
    assert timeline.scale is not None
    assert timeline.scale.shown() == (100, 150)
    timeline.show_part(-50, 600)
    assert timeline.scale.is_whole
    timeline.show_part(200, 201)
    assert timeline.scale.per_pixel == timeline.scale.closest
    first, stop = timeline.scale.shown()
    assert first <= 200 < stop
