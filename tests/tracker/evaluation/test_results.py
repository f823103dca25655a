"""Result and annotation files: layouts, and messages with file and line where they are malformed."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.errors import EvaluationError, FormatError
from tracker.evaluation.protocols import load_protocol
from tracker.evaluation.results import (
    as_text,
    read_box_results,
    read_region_results,
    regions_as_text,
    result_path,
)
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.tables import read_boxes, read_regions
from tracker.evaluation.vot_binary import read_binary

OTB, PTB, VOT, GOT = (load_protocol(name) for name in ("otb", "ptb-tir", "vot-tir2016", "got-10k"))
BOXES = np.array([[0.0, 1, 2, 3], [4.5, 5, 6, 7], [8, 9, 10, 11]])


def sequence(name: str = "clip") -> BenchmarkSequence:
    return BenchmarkSequence(name, None, BOXES, tuple(BOXES), np.ones(3, bool))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("separator", [",", "\t", " ", ", ", ";"])
def test_that_commas_tabs_and_spaces_separate(tmp_path: Path, separator: str) -> None:
    text = "".join(separator.join(f"{value:g}" for value in box) + "\r\n" for box in BOXES)
    np.testing.assert_array_equal(read_boxes(write(tmp_path / "a.txt", text)), BOXES)


@pytest.mark.parametrize("name", ["clip.txt", "clip/clip_001.txt", "baseline/clip/clip_001.txt"])
def test_that_every_layout_is_found(tmp_path: Path, name: str) -> None:
    write(tmp_path / name, as_text(BOXES, OTB))
    np.testing.assert_array_equal(read_box_results(tmp_path, sequence(), OTB)[0], BOXES)


def test_that_repetitions_are_all_read_and_names_are_taken_literally(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        write(tmp_path / f"a[1]/a[1]_{number:03d}.txt", as_text(BOXES + number, GOT))
    write(tmp_path / "a[1]/a[1]_time.txt", "1\n2\n3\n")
    assert len(read_box_results(tmp_path, sequence("a[1]"), GOT)) == 3


def test_that_boxes_are_counted_from_the_benchmarks_first_pixel(tmp_path: Path) -> None:
    write(tmp_path / "clip.txt", "1,2,2,3\n5.5,6,6,7\n9,10,10,11\n")
    np.testing.assert_array_equal(read_box_results(tmp_path, sequence(), PTB)[0], BOXES)
    assert as_text(BOXES, PTB).splitlines()[0] == "1.0000,2.0000,2.0000,3.0000"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3,4\n1,2,3\n1,2,3,4\n", r"clip\.txt, line 2: 3 numbers"),
        ("1,2,3,4\n1,2,nan,4\n1,2,3,4\n", r"clip\.txt, line 2: a number is NaN"),
        ("1,2,3,4\n1,2,3,4\n1,2,inf,4\n", r"clip\.txt, line 3: a number is too large"),
        ("1,2,3,4\nhello\n1,2,3,4\n", r"clip\.txt, line 2: 'hello' is not"),
        ("1,2,3,4\n\n1,2,3,4\n", r"clip\.txt, line 2: the line is empty"),
        ("1,2,3,4\n1,2,3,4\n", r"clip\.txt, line 3: it has 2 lines for 3 frames of clip"),
        ("1,2,3,4\n" * 5, r"clip\.txt, line 4: it has 5 lines for 3 frames"),
        ("", r"clip\.txt, line 1: it has 0 lines"),
        ("1,2,3,4,5,6,7,8\n" * 3, r"clip\.txt, line 1: 8 numbers where x,y,width,height are due"),
    ],
)
def test_that_malformed_results_are_named_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path / "clip.txt", text)
    with pytest.raises(FormatError, match=message):
        read_box_results(tmp_path, sequence(), OTB)


def test_that_binary_rubbish_and_missing_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "clip.txt").write_bytes(b"\xff\xfe\x00\x81")
    with pytest.raises(FormatError, match=r"clip\.txt, line 1: it is not text"):
        read_box_results(tmp_path, sequence(), OTB)
    with pytest.raises(EvaluationError, match="there is no result for clip"):
        read_box_results(tmp_path / "none", sequence(), OTB)


def test_that_regions_are_codes_rectangles_or_polygons(tmp_path: Path) -> None:
    path = write(tmp_path / "clip" / "clip_001.txt", "1\n1,2,3,4\n1,2,3,4,5,6,7,8\n")
    (run,) = read_region_results(tmp_path, sequence())
    assert [region.size for region in run] == [1, 4, 8]
    write(path, "1\n1,2,3,4,5\n1\n")
    with pytest.raises(FormatError, match=r"clip_001\.txt, line 2: 5 numbers are no region"):
        read_region_results(tmp_path, sequence())
    write(path, "1,2,3,4\n" * 3)
    with pytest.raises(FormatError, match=r"line 1: a run begins with 1"):
        read_region_results(tmp_path, sequence())


def test_that_vot_toolkits_binary_trajectories_are_read(tmp_path: Path) -> None:
    data = struct.pack("<hI", 1, 3) + struct.pack("<BI", 0, 1) + struct.pack("<B4f", 1, 1, 2, 3, 4.5)
    data += struct.pack("<BH6f", 2, 3, 0, 0, 4, 0, 4, 4)
    path = tmp_path / "baseline" / "clip" / "clip_001.bin"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    (run,) = read_region_results(tmp_path, sequence())
    assert [region.tolist() for region in run] == [[1], [1, 2, 3, 4.5], [0, 0, 4, 0, 4, 4]]
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with pytest.raises(FormatError, match=r"clip_001\.bin"):
            read_binary(path)
    path.write_bytes(struct.pack("<hI", 1, 1) + struct.pack("<B", 3) + b"\0" * 20)
    with pytest.raises(FormatError, match="frame 0: masks"):
        read_binary(path)


numbers = st.floats(-1000, 1000).map(lambda value: round(value, 4))


@given(st.lists(st.tuples(*[numbers] * 4), min_size=1, max_size=8))
def test_that_boxes_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[float, ...]]
) -> None:
    path = tmp_path_factory.mktemp("results") / "a.txt"
    for protocol in (OTB, PTB):
        write(path, as_text(np.array(rows), protocol))
        found = read_boxes(path, first_pixel=protocol.first_pixel)
        np.testing.assert_allclose(found, np.array(rows), atol=1e-4)
    write(path, regions_as_text([np.array(row) for row in rows]))
    np.testing.assert_allclose(np.array(read_regions(path)), np.array(rows), atol=1e-4)


def test_that_a_missing_box_is_written_as_zeros() -> None:
    assert as_text(np.full((1, 4), np.nan), PTB) == "0.0000,0.0000,0.0000,0.0000\n"


def test_that_results_lie_where_each_toolkit_looks() -> None:
    assert result_path(Path("m"), "a", OTB) == Path("m/a.txt")
    assert result_path(Path("m"), "a", OTB, "left") == Path("m/left/a.txt")
    assert result_path(Path("m"), "a", GOT) == Path("m/a/a_001.txt")
    assert result_path(Path("m"), "a", VOT) == Path("m/baseline/a/a_001.txt")
