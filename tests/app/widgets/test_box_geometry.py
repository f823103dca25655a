from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.widgets.box_geometry import (
    HANDLES,
    INSIDE,
    MIN_GRIP,
    MIN_SIZE,
    Handle,
    grip,
    handle_at,
    handle_position,
    pulled,
)
from tracker.geometry import Box

FRAME = (640, 512)
boxes = st.builds(Box, st.floats(-20, 600), st.floats(-20, 480), st.floats(1, 300), st.floats(1, 300))
pulls = st.floats(-900, 900)


@pytest.mark.parametrize("handle", HANDLES)
@pytest.mark.parametrize("scale", [0.5, 1.0, 8.0])
def test_that_every_handle_is_found_where_it_is_drawn(handle: Handle, scale: float) -> None:
    box = Box(100, 100, 200, 120)
    assert handle_at(box, *handle_position(box, handle, scale), scale) == handle


def test_that_the_inside_of_a_tiny_target_can_still_be_grabbed() -> None:
    box, scale = Box(50, 50, 6, 7), 1.6
    assert handle_at(box, *box.centre, scale) == INSIDE
    assert grip(box, scale).width * scale == pytest.approx(MIN_GRIP)
    corner = handle_position(box, Handle(-1, -1), scale)
    assert handle_at(box, *corner, scale) == Handle(-1, -1)


def test_that_far_away_there_is_no_handle() -> None:
    assert handle_at(Box(10, 10, 20, 20), 300, 300, 1.0) is None


def test_that_a_corner_moves_its_two_sides_alone() -> None:
    assert pulled(Box(10, 20, 30, 40), Handle(1, -1), 5, -7, FRAME) == Box(10, 13, 35, 47)


def test_that_a_side_moves_itself_alone() -> None:
    assert pulled(Box(10, 20, 30, 40), Handle(-1, 0), 4, 99, FRAME) == Box(14, 20, 26, 40)


def test_that_the_inside_moves_all() -> None:
    assert pulled(Box(10, 20, 30, 40), INSIDE, 4, 5, FRAME) == Box(14, 25, 30, 40)


@settings(max_examples=100)
@given(boxes, st.sampled_from(HANDLES), pulls, pulls)
def test_that_no_pull_turns_a_box_inside_out(box: Box, handle: Handle, dx: float, dy: float) -> None:
    result = pulled(box, handle, dx, dy, FRAME)
    assert result.width >= MIN_SIZE - 1e-9
    assert result.height >= MIN_SIZE - 1e-9


@settings(max_examples=100)
@given(boxes, st.sampled_from([INSIDE, *HANDLES]), pulls, pulls)
def test_that_a_pixel_of_the_box_stays_in_the_frame(box: Box, handle: Handle, dx: float, dy: float) -> None:
    inside = pulled(box, handle, dx, dy, FRAME).clipped(*FRAME)
    assert inside is not None
    assert min(inside.width, inside.height) >= MIN_SIZE - 1e-6
