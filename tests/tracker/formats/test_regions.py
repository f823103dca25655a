"""Lines of numbers are read in one way, whoever reads them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import FormatError
from tracker.evaluation.tables import read_boxes
from tracker.evaluation.tables import read_regions as regions_of_evaluation
from tracker.evaluation.vot_regions import bounding_box
from tracker.formats.rectangles import read_rectangles, read_regions
from tracker.formats.regions import rectangle_rows, region_rows

coordinate = st.floats(-1000, 1000).map(lambda value: round(value, 4))
side = st.floats(0.01, 1000).map(lambda value: round(value, 4))
rectangle = st.tuples(coordinate, coordinate, side, side)
corner = st.tuples(coordinate, coordinate)
triangle = st.tuples(corner, corner, corner).filter(
    lambda corners: all(max(axis) - min(axis) > 0.01 for axis in zip(*corners, strict=True))
)
region = st.one_of(
    rectangle, triangle.map(lambda corners: tuple(value for point in corners for value in point))
)
separator = st.sampled_from([",", "\t", " ", ", ", ";", " , "])
line_end = st.sampled_from(["\n", "\r\n"])
tail = st.sampled_from(["", "\n", "\n\n", " \r\n"])


def text_of(rows: list[tuple[float, ...]], separator: str, end: str, tail: str) -> str:
    return end.join(separator.join(map(str, row)) for row in rows) + tail


@given(st.lists(rectangle, max_size=6), separator, line_end, tail, st.booleans())
def test_that_import_and_evaluation_read_the_same_boxes(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[float, ...]],
    separator: str,
    end: str,
    tail: str,
    zero_based: bool,
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.txt"
    path.write_bytes(text_of(rows, separator, end, tail).encode())
    np.testing.assert_array_equal(rectangle_rows(path), np.reshape(rows, (-1, 4)))
    imported = [box.as_tuple() for box in read_rectangles(path, zero_based=zero_based) if box is not None]
    judged = read_boxes(path, first_pixel=0 if zero_based else 1)
    np.testing.assert_array_equal(judged, np.reshape(imported, (-1, 4)))


@given(st.lists(region, min_size=1, max_size=6), separator, line_end)
def test_that_import_and_evaluation_read_the_same_regions(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, ...]], separator: str, end: str
) -> None:
    path = tmp_path_factory.mktemp("rows") / "a.txt"
    path.write_bytes(text_of(rows, separator, end, "").encode())
    judged = regions_of_evaluation(path)
    assert [tuple(each.tolist()) for each in judged] == rows
    boxes, polygons = read_regions(path, zero_based=True)
    assert polygons == sum(len(row) == 6 for row in rows)
    imported = [box.as_tuple() for box in boxes if box is not None]
    assert [tuple(bounding_box(each).tolist()) for each in judged] == imported


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3,4\n\n1,2,3,4\n", "line 2: the line is empty"),
        ("\n1,2,3,4\n", "line 1: the line is empty"),
        ("1,2,3,4\n1,2,3\n", "line 2: 3 numbers"),
        ("1,2,3,4\n,,,\n", "line 2: 0 numbers"),
        ("1,2,3,1e7\n", "line 1: a number is too large"),
        ("1,2,3,-inf\n", "line 1: a number is too large"),
        ("1,2,3,four\n", "line 1: 'four' is not a number"),
        ("1,2,3,4\n1,2,\0,4\n", "line 2: it is not text"),
    ],
)
def test_that_a_bad_line_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(text)
    for read in (rectangle_rows, region_rows):
        with pytest.raises(FormatError, match=f"a\\.txt, {message}"):
            read(path)


def test_that_what_is_absent_is_left_to_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("nan,nan,nan,nan\n0,0,0,0\n1,2,nan,4\n-1,2,-3,4\n")
    rows = rectangle_rows(path)
    assert np.isnan(rows[0]).all()
    assert rows[3].tolist() == [-1, 2, -3, 4]
    assert math.isnan(rows[2, 2])
    path.write_text("nan,nan,nan,nan\n0,0,0,0\n")
    assert read_rectangles(path, zero_based=True) == [None, None]
    with pytest.raises(FormatError, match=r"a\.txt, line 1: a number is NaN"):
        read_boxes(path)
