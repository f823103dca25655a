"""Which pixels belong to an outline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.geometry import Box
from tracker.outline import Outline, Patch, Shape, of_box, ring

SIZE = (20, 16)


def drawn(patch: Patch, size: tuple[int, int] = SIZE) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
    """The patch as a mask of the whole frame."""
    frame = np.zeros((size[1], size[0]), np.bool_)
    frame[patch.window] = patch.mask
    return frame


def test_that_a_box_on_pixel_edges_has_the_pixels_between_them() -> None:
    mask = drawn(of_box(Box(3, 2, 4, 5)).patch(SIZE))
    expected = np.zeros((16, 20), np.bool_)
    expected[2:7, 3:7] = True
    assert (mask == expected).all()


def test_that_a_pixel_belongs_to_the_box_that_has_its_centre() -> None:
    assert drawn(of_box(Box(3.5, 2.51, 1, 1)).patch(SIZE)).nonzero() == (np.array([3]), np.array([3]))


@given(
    st.floats(-5, 25), st.floats(0.1, 12), st.floats(0.1, 12), st.floats(-5, 20), st.floats(1, 10)
)  # two boxes that share an edge
def test_that_boxes_side_by_side_share_no_pixel_and_leave_none_out(
    x: float, first: float, second: float, y: float, height: float
) -> None:
    left, right = Box(x, y, max(first, 1), height), Box(x + max(first, 1), y, max(second, 1), height)
    both = Box(x, y, left.width + right.width, height)
    one, other, whole = (drawn(of_box(box).patch(SIZE)) for box in (left, right, both))
    if abs(left.right - right.x) < 1e-9 and abs(both.right - right.right) < 1e-9:
        edge_is_exact = left.right == right.x and both.right == right.right
        if edge_is_exact and one.any() and other.any():
            assert not (one & other).any()
            assert ((one | other) == whole).all()


def test_that_a_spot_is_the_pixel_it_lies_in() -> None:
    assert np.argwhere(drawn(Outline(Shape.SPOT, ((4.99, 7.0),)).patch(SIZE))).tolist() == [[7, 4]]


def test_that_an_outline_smaller_than_a_pixel_has_the_pixel_under_its_middle() -> None:
    for shape in (Shape.BOX, Shape.ELLIPSE):
        tiny = Outline(shape, ((4.1, 7.1), (4.3, 7.2)))
        assert np.argwhere(drawn(tiny.patch(SIZE))).tolist() == [[7, 4]]


def test_that_a_polygon_measures_no_pixel_that_it_does_not_touch() -> None:
    thin_u = ((2, 2), (2.2, 2), (2.2, 9.8), (9.8, 9.8), (9.8, 2), (10, 2), (10, 10), (2, 10))
    assert np.argwhere(drawn(Outline(Shape.POLYGON, thin_u).patch(SIZE))).tolist() == [[2, 2]]
    around = ((-50, -50), (50, -50), (50, -49), (-49, -49), (-49, 49), (50, 49), (50, 50), (-50, 50))
    assert Outline(Shape.POLYGON, around).patch(SIZE).pixels == 0


@pytest.mark.parametrize("box", [Box(-30, 2, 5, 5), Box(25, 2, 5, 5), Box(2, -9, 5, 5), Box(2, 16, 5, 5)])
def test_that_an_outline_outside_the_frame_has_no_pixels(box: Box) -> None:
    assert of_box(box).patch(SIZE).pixels == 0
    assert Outline(Shape.ELLIPSE, ((box.x, box.y), (box.right, box.bottom))).patch(SIZE).pixels == 0


def test_that_only_the_part_in_the_frame_counts() -> None:
    assert of_box(Box(-3, -2, 5, 5)).patch(SIZE).pixels == 2 * 3
    assert of_box(Box(18, 14, 5, 5)).patch(SIZE).pixels == 2 * 2


@given(st.floats(1, 18), st.floats(1, 14), st.floats(0.2, 9), st.floats(0.2, 9))
def test_that_an_ellipse_has_the_pixels_whose_centres_are_in_it(
    cx: float, cy: float, a: float, b: float
) -> None:
    patch = Outline(Shape.ELLIPSE, ((cx - a, cy - b), (cx + a, cy + b))).patch(SIZE)
    y, x = np.mgrid[: SIZE[1], : SIZE[0]] + 0.5
    distance = ((x - cx) / a) ** 2 + ((y - cy) / b) ** 2
    clear = np.abs(distance - 1) > 1e-6
    if (distance < 1 - 1e-6).any():
        assert (drawn(patch)[clear] == (distance <= 1)[clear]).all()


@given(st.integers(0, 15), st.integers(0, 12), st.integers(1, 8), st.integers(1, 8))
def test_that_a_rectangle_as_a_polygon_has_the_pixels_of_the_box(x: int, y: int, w: int, h: int) -> None:
    box = Box(x, y, w, h)
    corners = ((x, y), (x + w, y), (x + w, y + h), (x, y + h))
    assert (drawn(Outline(Shape.POLYGON, corners).patch(SIZE)) == drawn(of_box(box).patch(SIZE))).all()


def test_that_what_a_polygon_goes_around_twice_is_outside() -> None:
    ring_shaped = Outline(
        Shape.POLYGON, ((0, 0), (9, 0), (9, 9), (0, 9), (0, 0), (3, 3), (6, 3), (6, 6), (3, 6), (3, 3))
    )
    mask = drawn(ring_shaped.patch(SIZE))
    assert not mask[3:6, 3:6].any()
    assert mask.sum() == 81 - 9


def test_that_a_ring_goes_around_a_box_and_leaves_targets_out() -> None:
    other = of_box(Box(12, 4, 4, 4)).patch(SIZE)
    mask = drawn(ring(Box(6, 4, 4, 4), 0.5, SIZE, other))
    assert not mask[4:8, 6:10].any()
    assert mask.sum() == 8 * 8 - 4 * 4
    touched = drawn(ring(Box(8, 4, 4, 4), 0.5, SIZE, other))
    assert touched.sum() == 8 * 8 - 4 * 4 - 2 * 4
    assert not touched[4:8, 12:16].any()


def test_that_the_ring_of_a_pixel_is_its_eight_neighbours() -> None:
    mask = drawn(ring(Outline(Shape.SPOT, ((4.2, 7.3),)).bounds, 0.5, SIZE))
    assert mask.sum() == 8
    assert not mask[7, 4]


@given(
    st.floats(-30, 40), st.floats(-30, 40), st.floats(0.01, 50), st.floats(0.01, 50), st.sampled_from(Shape)
)
def test_that_every_patch_lies_in_the_frame(x: float, y: float, w: float, h: float, shape: Shape) -> None:
    points = {
        Shape.SPOT: ((x, y),),
        Shape.POLYGON: ((x, y), (x + w, y), (x + w / 2, y + h)),
    }.get(shape, ((x, y), (x + w, y + h)))
    patch = Outline(shape, points).patch(SIZE)
    rows, columns = patch.window
    assert 0 <= rows.start <= rows.stop <= SIZE[1]
    assert 0 <= columns.start <= columns.stop <= SIZE[0]
