"""Overlaps in pixels: worked by hand, and a few that vot-toolkit 0.9 gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.evaluation.vot_regions import bounding_box, is_code, region_overlap, region_overlaps

FRAME = (100, 80)


def region(*values: float) -> np.ndarray:
    return np.array(values, np.float64)


rectangles = st.tuples(
    *(st.floats(0, 40, width=32) for _ in range(2)), *(st.floats(2, 30, width=32) for _ in range(2))
)


def test_that_rectangles_are_rounded_to_pixels_first() -> None:
    # 10.4 and 10.6 become columns 10..13 and 11..14: 3 of 5 columns
    assert region_overlap(region(10.4, 5, 4, 4), region(10.6, 5, 4, 4), FRAME) == pytest.approx(3 / 5)


def test_that_halves_are_rounded_to_even() -> None:
    assert region_overlap(region(10.5, 5, 4, 4), region(10, 5, 4, 4), FRAME) == 1.0
    assert region_overlap(region(11.5, 5, 4, 4), region(12, 5, 4, 4), FRAME) == 1.0


def test_that_pixels_outside_the_frame_do_not_count() -> None:
    # inside are 2 of 10 columns of the first, and the same 2 of the second
    assert region_overlap(region(-8, 0, 10, 10), region(-2, 0, 4, 10), FRAME) == 1.0
    assert region_overlap(region(98, 0, 10, 10), region(98, 0, 2, 5), FRAME) == pytest.approx(0.5)


def test_that_regions_apart_or_outside_do_not_overlap() -> None:
    assert region_overlap(region(0, 0, 5, 5), region(50, 50, 5, 5), FRAME) == 0.0
    assert region_overlap(region(200, 0, 5, 5), region(210, 50, 5, 5), FRAME) == 0.0


def test_that_codes_cover_nothing() -> None:
    assert region_overlap(region(1), region(10, 10, 5, 5), FRAME) == 0.0
    assert is_code(region(2))
    assert is_code(region(2), 2)
    assert not is_code(region(2), 1)
    assert not is_code(region(1, 2, 3, 4))


def test_that_a_polygon_along_the_axes_covers_its_border() -> None:
    # corners 10 and 14 are both covered: 5 x 5 pixels; a rectangle of width 4 covers 4 x 4
    polygon = region(10, 10, 14, 10, 14, 14, 10, 14)
    assert region_overlap(polygon, region(10, 10, 4, 4), FRAME) == pytest.approx(16 / 25)
    assert region_overlap(polygon, region(10, 10, 5, 5), FRAME) == 1.0


def test_that_a_diamond_has_its_pixels() -> None:
    # rows 10, 11, 12, 13, 14 are 1, 3, 5, 3, 1 wide
    diamond = region(12, 10, 14, 12, 12, 14, 10, 12)
    assert region_overlap(diamond, region(10, 10, 5, 5), FRAME) == pytest.approx(13 / 25)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (
            (
                5.46413211,
                -8.58966224,
                15.10910904,
                16.61780498,
                -9.23380446,
                25.93198307,
                -18.87878138,
                0.72451585,
            ),
            (
                3.62068136,
                -9.50511389,
                13.26565828,
                15.70235333,
                -11.07725521,
                25.01653142,
                -20.72223214,
                -0.1909358,
            ),
            0.8146718146718147,
        ),
        (
            (
                24.05905876,
                33.82099993,
                -1.89886319,
                57.30453416,
                -14.75012367,
                43.09917591,
                11.20779828,
                19.61564168,
            ),
            (
                24.04463604,
                32.6986037,
                -1.91328591,
                56.18213794,
                -14.76454639,
                41.97677969,
                11.19337556,
                18.49324546,
            ),
            0.87109375,
        ),
    ],
)
def test_that_rotated_rectangles_at_the_edge_overlap_as_in_vot_toolkit(
    first: tuple[float, ...], second: tuple[float, ...], expected: float
) -> None:
    assert region_overlap(region(*first), region(*second), FRAME) == pytest.approx(expected, abs=1e-12)


@given(rectangles, rectangles)
def test_that_overlap_is_symmetric_and_whole_with_itself(
    first: tuple[float, ...], second: tuple[float, ...]
) -> None:
    a, b = region(*first), region(*second)
    assert region_overlap(a, b, FRAME) == region_overlap(b, a, FRAME)
    assert region_overlap(a, a, FRAME) == 1.0
    assert 0 <= region_overlap(a, b, FRAME) <= 1


def test_that_the_box_around_a_polygon_is_its_extent() -> None:
    assert bounding_box(region(1, 2, 5, 3, 4, 8, 0, 6)).tolist() == [0, 2, 5, 6]
    assert bounding_box(region(1, 2, 3, 4)).tolist() == [1, 2, 3, 4]
    assert np.isnan(bounding_box(region(1))).all()


def test_that_lists_must_be_of_one_length() -> None:
    with pytest.raises(ValueError, match=r"shorter|longer"):
        region_overlaps([region(1)], [], FRAME)
