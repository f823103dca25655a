"""Boxes and their conventions."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import BoxError
from tracker.geometry import Box, boxes_as_array, centre_distance, iou, parse_box, require_usable

numbers = st.floats(-1e4, 1e4)
sizes = st.floats(1e-2, 1e4)
boxes = st.builds(Box, numbers, numbers, sizes, sizes)


def close(first: Box, second: Box) -> bool:
    return bool(np.allclose(first.as_tuple(), second.as_tuple(), atol=1e-6))


def test_that_edges_and_centre_follow_the_convention() -> None:
    box = Box(10, 20, 4, 6)
    assert (box.right, box.bottom, box.area, box.centre) == (14, 26, 24, (12, 23))


@given(boxes)
def test_that_a_box_is_rebuilt_from_its_centre_and_from_its_corners(box: Box) -> None:
    assert close(Box.from_centre(*box.centre, box.width, box.height), box)
    assert close(Box.from_corners(box.x, box.y, box.right, box.bottom), box)
    assert close(Box.from_corners(box.right, box.bottom, box.x, box.y), box)


@given(boxes)
def test_that_one_based_numbering_is_undone_by_its_inverse(box: Box) -> None:
    assert close(Box.from_one_based(*box.to_one_based()), box)


def test_that_the_first_pixel_is_at_one_in_one_based_numbering() -> None:
    assert Box(0, 0, 1, 1).to_one_based() == (1, 1, 1, 1)
    assert Box.from_one_based(1, 1, 320, 240) == Box(0, 0, 320, 240)


@given(boxes, numbers, numbers)
def test_that_moving_keeps_the_size(box: Box, dx: float, dy: float) -> None:
    moved = box.moved(dx, dy)
    assert (moved.width, moved.height) == (box.width, box.height)
    assert (moved.x, moved.y) == (box.x + dx, box.y + dy)


@given(boxes, st.floats(1, 500), st.floats(1, 500))
def test_that_a_clipped_box_lies_in_the_frame_and_in_the_box(box: Box, width: float, height: float) -> None:
    part = box.clipped(width, height)
    if part is None:
        assert box.x >= width or box.y >= height or box.right <= 0 or box.bottom <= 0
        return
    tiny = 1e-6
    assert part.x >= max(0, box.x)
    assert part.y >= max(0, box.y)
    assert part.right <= min(width, box.right) + tiny
    assert part.bottom <= min(height, box.bottom) + tiny


@pytest.mark.parametrize(
    ("box", "is_valid"),
    [
        (Box(0, 0, 1, 1), True),
        (Box(-5, -5, 0.1, 0.1), True),
        (Box(0, 0, 0, 1), False),
        (Box(0, 0, 1, -1), False),
        (Box(math.nan, 0, 1, 1), False),
        (Box(0, 0, math.inf, 1), False),
    ],
)
def test_that_a_valid_box_is_finite_and_has_area(box: Box, is_valid: bool) -> None:
    assert box.is_valid() == is_valid


@pytest.mark.parametrize(
    ("box", "message"),
    [
        (Box(1, 1, 0, 5), "no area"),
        (Box(math.nan, 1, 5, 5), "not finite"),
        (Box(320, 0, 5, 5), "outside the frame of 320 x 240"),
        (Box(-5, 0, 5, 5), "outside"),
    ],
)
def test_that_an_unusable_box_is_refused_with_its_place(box: Box, message: str) -> None:
    with pytest.raises(BoxError, match=message) as caught:
        require_usable(box, (320, 240), "frame 7")
    assert caught.value.message.startswith("frame 7: ")
    assert caught.value.todo


def test_that_a_box_that_overlaps_the_frame_is_usable() -> None:
    box = Box(-4.5, 239.5, 5, 5)
    assert require_usable(box, (320, 240)) is box


@pytest.mark.parametrize("text", ["1,2.5,3,4", "1 2.5 3 4", "1\t2.5\t3\t4", " 1, 2.5,3 ,4 "])
def test_that_boxes_are_read_with_any_separator(text: str) -> None:
    assert parse_box(text) == Box(1, 2.5, 3, 4)


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d"])
def test_that_text_that_is_not_four_numbers_is_refused(text: str) -> None:
    with pytest.raises(BoxError, match="cannot read the box"):
        parse_box(text)


@given(boxes, boxes)
def test_that_overlap_is_symmetric_and_between_0_and_1(first: Box, second: Box) -> None:
    value = float(iou(first.as_tuple(), second.as_tuple()))
    assert 0 <= value <= 1
    assert value == float(iou(second.as_tuple(), first.as_tuple()))
    assert float(iou(first.as_tuple(), first.as_tuple())) == pytest.approx(1, abs=1e-6)


def test_that_overlap_has_known_values() -> None:
    one = [0, 0, 10, 10]
    others = np.array([[0, 0, 10, 10], [5, 0, 10, 10], [10, 0, 10, 10], [0, 0, 0, 0], [np.nan, 0, 1, 1]])
    assert iou(one, others) == pytest.approx([1, 1 / 3, 0, 0, 0])


def test_that_centre_distance_has_known_values_and_keeps_nan() -> None:
    others = np.array([[3, 4, 10, 10], [np.nan, 0, 2, 2]])
    distances = centre_distance([[0, 0, 10, 10], [0, 0, 2, 2]], others)
    assert distances[0] == pytest.approx(5)
    assert math.isnan(distances[1])


def test_that_missing_boxes_are_rows_of_nan() -> None:
    rows = boxes_as_array([Box(1, 2, 3, 4), None])
    assert rows[0].tolist() == [1, 2, 3, 4]
    assert np.isnan(rows[1]).all()
    assert boxes_as_array([]).shape == (0, 4)
