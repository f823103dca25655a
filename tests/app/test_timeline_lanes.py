"""The pixels of the lanes: every mark at its place, at any zoom and on any screen."""

from __future__ import annotations

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.theme import colours
from app.widgets.timeline_anchors import SIDE
from app.widgets.timeline_lanes import Lane, lane_pixels
from app.widgets.timeline_rows import LANE_HEIGHT, Pixels
from app.widgets.timeline_scale import Scale
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.geometry import Box

LENGTH, BOX = 400, Box(1, 1, 4, 4)
RATIOS = [1.0, 1.25, 1.5, 2.0]


def lane(*said: tuple[slice | int, FrameState]) -> Lane:
    frames = Frames.empty(LENGTH)
    for where, state in said:
        frames.put(where, state)
    return Lane(Track(1, "car", "#123456", (), frames))


def at(pixels: Pixels, x: float, y: float, ratio: float, row: int = 0) -> int:
    """The colour in the middle of a logical pixel of a lane."""
    top = round(row * LANE_HEIGHT * ratio)
    return int(pixels[top + int((y + 0.5) * ratio), round(SIDE * ratio) + int((x + 0.5) * ratio)])


MANUAL = FrameState(BOX, Provenance.MANUAL)
TRACKED = FrameState(BOX, Provenance.TRACKED)


@pytest.mark.parametrize("ratio", RATIOS)
def test_that_bars_anchors_and_ticks_are_where_they_belong(qtbot: QtBot, ratio: float) -> None:
    c = colours()
    lanes = [lane((slice(100, 200), TRACKED), (50, MANUAL), (300, MANUAL), (303, MANUAL)), lane()]
    pixels = lane_pixels(lanes, [False, True], Scale(LENGTH, LENGTH), ratio)
    assert pixels.shape == (round(2 * LANE_HEIGHT * ratio), 2 * round(SIDE * ratio) + round(LENGTH * ratio))
    assert at(pixels, 150, 12, ratio) == c.tracked.rgb()
    assert at(pixels, 250, 12, ratio) == c.gap.rgb()
    assert at(pixels, 50, 12, ratio) == c.manual.rgb()  # a diamond
    assert at(pixels, 50, 6.5, ratio) != c.manual.rgb()  # is pointed
    for frame in (300, 303):  # ticks reach beyond the bar
        assert at(pixels, frame, 6.5, ratio) == at(pixels, frame, 18.5, ratio) == c.manual.rgb()
    assert at(pixels, 150, LANE_HEIGHT - 1, ratio) == c.grid.rgb()
    assert at(pixels, 50, 4.5, ratio, row=1) != at(pixels, 70, 4.5, ratio)  # the selected lane stands out
    assert at(pixels, 50, 12, ratio, row=1) == c.gap.rgb()


def test_that_an_anchor_with_an_absence_is_hollow(qtbot: QtBot) -> None:
    c = colours()
    pixels = lane_pixels(
        [lane((50, FrameState(None, Provenance.MANUAL, Presence.ABSENT)))],
        [False],
        Scale(LENGTH, LENGTH),
        1.0,
    )
    assert at(pixels, 50, 12, 1) == c.gap.rgb()
    row = pixels[12, SIDE + 44 : SIDE + 57]
    assert (np.abs((row & 255).astype(int) - c.manual.blue()) < 60).any()


@pytest.mark.parametrize("frame", [0, LENGTH - 1])
def test_that_anchors_at_the_ends_are_cut_and_harm_nothing(qtbot: QtBot, frame: int) -> None:
    lanes = [lane((frame, MANUAL))] * 3
    pixels = lane_pixels(lanes, [False] * 3, Scale(LENGTH, LENGTH), 2.0)
    assert at(pixels, frame, 12, 2.0, row=2) == colours().manual.rgb()


def test_that_single_frames_are_exact(qtbot: QtBot) -> None:
    c = colours()
    lanes = [lane((slice(10, 12), TRACKED), (12, FrameState(BOX, Provenance.IMPORTED)))]
    scale = Scale(LENGTH, 320, start=8, per_pixel=1 / 32)
    pixels = lane_pixels(lanes, [False], scale, 1.0)
    expected = [c.gap, c.gap, c.tracked, c.tracked, c.imported, c.gap, c.gap, c.gap, c.gap, c.gap]
    for number, colour in enumerate(expected):
        for x in (32 * number, 32 * number + 31):
            assert at(pixels, x, 12, 1) == colour.rgb(), (number, x)


def test_that_the_worst_wins_when_many_frames_share_a_column(qtbot: QtBot) -> None:
    tracked = lane((slice(0, LENGTH), TRACKED))
    tracked.track.frames.reviewed[:200] = True
    tracked.track.frames.reviewed[55] = False
    risk = np.full(LENGTH, np.nan, np.float32)
    risk[123] = 1.0
    tracked.set_risk(risk)
    pixels = lane_pixels([tracked], [False], Scale(LENGTH, 40), 1.0)  # ten frames a column
    assert at(pixels, 12, 22, 1) == colours().error.rgb()
    assert at(pixels, 11, 22, 1) == at(pixels, 13, 22, 1) == colours().field.rgb()
    reviewed = [at(pixels, x, 3, 1) == colours().manual.rgb() for x in range(40)]
    assert reviewed == [x < 20 and x != 5 for x in range(40)]
