from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.widgets.timeline_scale import CLOSEST, Scale, tick_step, time_text

lengths, widths = st.integers(1, 200_000), st.integers(1, 2000)


@settings(max_examples=100)
@given(lengths, widths, st.floats(0, 1), st.floats(0.01, 1000), st.floats(-1e6, 1e6))
def test_that_only_the_clip_is_ever_shown(
    length: int, width: int, at: float, factor: float, pan: float
) -> None:
    scale = Scale(length, width).zoomed(at * width, factor).panned(pan)
    assert scale.start >= 0
    assert scale.start + scale.per_pixel * width <= length * (1 + 1e-9)
    first, stop = scale.shown()
    assert 0 <= first < stop <= length


@settings(max_examples=100)
@given(st.integers(500, 200_000), st.floats(0.3, 0.7), st.floats(1, 5))
def test_that_zooming_in_keeps_what_is_under_the_cursor(length: int, at: float, factor: float) -> None:
    scale = Scale(length, 400)
    x = at * 400
    before = scale.start + x * scale.per_pixel
    after = scale.zoomed(x, factor)
    assert after.start + x * after.per_pixel == pytest.approx(before)


@settings(max_examples=100)
@given(st.integers(2, 200_000), st.data())
def test_that_a_frame_is_found_at_its_middle(length: int, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, length - 1))
    scale = Scale(length, 640, per_pixel=0).revealing(frame)
    assert scale.frame_at(scale.x_of(frame + 0.5)) == frame


@settings(max_examples=50)
@given(lengths, widths)
def test_that_zooming_out_far_enough_shows_the_whole_clip(length: int, width: int) -> None:
    scale = Scale(length, width).zoomed(width / 2, 1000).zoomed(0, 1e-9)
    assert scale.is_whole
    assert scale.shown() == (0, length)


def test_that_zooming_in_ends_at_single_frames() -> None:
    assert Scale(200_000, 1000).zoomed(10, 1e9).frame_width == pytest.approx(CLOSEST)


def test_that_a_whole_clip_stays_whole_in_another_width() -> None:
    assert Scale(1000, 300).resized(700).is_whole


def test_that_a_zoom_keeps_its_place_in_another_width() -> None:
    scale = Scale(10_000, 300).zoomed(100, 8)
    assert scale.resized(400).start == scale.start
    assert scale.resized(400).per_pixel == scale.per_pixel


def test_that_outside_the_lane_is_the_nearest_frame_shown() -> None:
    scale = Scale(1000, 100).zoomed(50, 10)
    first, stop = scale.shown()
    assert (scale.frame_at(-50), scale.frame_at(500)) == (first, stop - 1)


def test_that_a_shown_frame_moves_nothing() -> None:
    scale = Scale(1000, 100).zoomed(50, 10)
    assert scale.revealing(scale.shown()[0]) is scale


@pytest.mark.parametrize(("per_pixel", "step"), [(0.03, 5), (0.01, 1), (1, 100), (1.01, 200), (40, 5000)])
def test_that_numbers_stand_at_round_frames(per_pixel: float, step: int) -> None:
    assert tick_step(per_pixel, 100) == step


@pytest.mark.parametrize(
    ("seconds", "resolution", "text"),
    [
        (0, 10, "0:00"),
        (75, 5, "1:15"),
        (3675, 60, "1:01:15"),
        (1.25, 0.2, "0:01.2"),
        (59.999, 0.04, "1:00.00"),
    ],
)
def test_that_times_are_as_fine_as_the_ruler(seconds: float, resolution: float, text: str) -> None:
    assert time_text(seconds, resolution) == text
