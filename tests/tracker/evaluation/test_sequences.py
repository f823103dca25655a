"""Benchmarks are recognised by what lies in their folders."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.evaluation.fakes import LENGTHS, SIZE, truth_of, write_benchmark
from tracker.errors import EvaluationError, FormatError
from tracker.evaluation.protocols import Protocol, load_protocol
from tracker.evaluation.sequences import read_benchmark

SHARED = Path(__file__).parents[3].parent / "shared" / "benchmarks"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/benchmarks is not there")

OTB, PTB, LSOTB, VOT, GOT = (
    load_protocol(name) for name in ("otb", "ptb-tir", "lsotb-tir", "vot-tir2016", "got-10k")
)


@pytest.mark.parametrize(
    ("layout", "known"), [("otb", OTB), ("otb", PTB), ("vot", VOT), ("got10k", GOT), ("plain", OTB)]
)
def test_that_layouts_are_recognised(tmp_path: Path, layout: str, known: Protocol) -> None:
    write_benchmark(tmp_path, layout=layout, first_pixel=known.first_pixel)
    sequences = read_benchmark(tmp_path, known)
    assert [each.name for each in sequences] == sorted(LENGTHS)
    for each in sequences:
        np.testing.assert_array_equal(each.truth, truth_of(LENGTHS[each.name]))
        assert each.frames is not None
        assert list(each.frames.glob("*.jpg"))
    if layout == "got10k":
        assert sequences[0].frame_size == SIZE
        assert sequences[0].visible.tolist() == [k % 5 != 0 for k in range(30)]


def test_that_a_list_gives_the_order(tmp_path: Path) -> None:
    write_benchmark(tmp_path, layout="got10k")
    (tmp_path / "list.txt").write_text("two\none\n", encoding="ascii")
    assert [each.name for each in read_benchmark(tmp_path, GOT)] == ["two", "one"]
    (tmp_path / "list.txt").write_text("../elsewhere\n", encoding="ascii")
    with pytest.raises(FormatError, match=r"list\.txt, line 1"):
        read_benchmark(tmp_path, GOT)


def test_that_attributes_are_named_by_the_protocol(tmp_path: Path) -> None:
    (tmp_path / "anno" / "att").mkdir(parents=True)
    (tmp_path / "anno" / "a.txt").write_text("1,1,5,5\n2,1,5,5\n", encoding="ascii")
    flags = tmp_path / "anno" / "att" / "a.txt"
    flags.write_text("1,0,1,0,0,0,0,0,0,0\n", encoding="ascii")
    (only,) = read_benchmark(tmp_path, PTB)
    assert only.attributes == {"deformation", "scale variation"}
    assert only.frames is None
    assert only.truth[0].tolist() == [0, 0, 5, 5]
    flags.write_text("1,0,1\n", encoding="ascii")
    with pytest.raises(FormatError, match=r"att/a\.txt, line 1: 3 flags for the 10 attributes of PTB-TIR"):
        read_benchmark(tmp_path, PTB)


def test_that_polygons_and_absent_targets_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "a"
    folder.mkdir()
    (folder / "groundtruth.txt").write_text("0,0,4,1,5,5,1,4\nnan,nan,nan,nan\n", encoding="ascii")
    (only,) = read_benchmark(tmp_path, VOT)
    assert only.truth[0].tolist() == [0, 0, 5, 5]
    assert np.isnan(only.truth[1]).all()
    assert [region.size for region in only.regions] == [8, 4]


@pytest.mark.parametrize("name", ["clip.MKV", "clip.webm", "0001.tiff", "0001.JPEG"])
def test_that_any_video_or_image_is_the_clip(tmp_path: Path, name: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "groundtruth.txt").write_text("1,2,3,4\n", encoding="ascii")
    (tmp_path / "a" / name).touch()
    (only,) = read_benchmark(tmp_path, OTB)
    assert only.frames == (tmp_path / "a" if name.startswith("0") else tmp_path / "a" / name)


def test_that_frames_elsewhere_are_not_taken_for_those_of_the_boxes(tmp_path: Path) -> None:
    write_benchmark(tmp_path / "clips")
    (tmp_path / "set" / "a").mkdir(parents=True)
    (tmp_path / "set" / "a" / "groundtruth.txt").write_text("1,2,3,4\n", encoding="ascii")
    image = tmp_path / "clips" / "one" / "img" / "00000009.jpg"
    (tmp_path / "set" / "a" / "images.txt").write_text(f"{image}\n", encoding="ascii")
    assert image.is_file()
    (only,) = read_benchmark(tmp_path / "set", OTB)
    assert only.frames is None


def test_that_only_first_frames_can_be_asked_for(tmp_path: Path) -> None:
    write_benchmark(tmp_path)
    assert {len(each) for each in read_benchmark(tmp_path, OTB, 5)} == {5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2,3,4\n1,2\n", r"groundtruth\.txt, line 2: 2 numbers"),
        ("x\n", r"groundtruth\.txt, line 1: 'x'"),
        ("1,2,3,4\n\n1,2,3,4\n", r"groundtruth\.txt, line 2: the line is empty"),
        ("1,2,3,4\n1,2,3,1e7\n", r"groundtruth\.txt, line 2: a number is too large"),
        ("m0,0,2,2,0,4\n", r"groundtruth\.txt, line 1: a mask"),
        ("", r"groundtruth\.txt, line 1: it is empty"),
    ],
)
def test_that_damaged_annotations_are_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "groundtruth.txt").write_text(text, encoding="ascii")
    with pytest.raises(FormatError, match=message):
        read_benchmark(tmp_path, OTB)


def test_that_labels_must_fit_and_something_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no sequence"):
        read_benchmark(tmp_path, OTB)
    with pytest.raises(EvaluationError, match="no such"):
        read_benchmark(tmp_path / "none", OTB)
    write_benchmark(tmp_path, layout="got10k")
    (tmp_path / "one" / "cover.label").write_text("8\n8\n", encoding="ascii")
    with pytest.raises(FormatError, match=r"cover\.label, line 3: it has 2 flags for 30 frames"):
        read_benchmark(tmp_path, GOT)


def test_that_pysot_json_is_read(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps({"a": {"gt_rect": [[1, 2, 3, 4]], "attr": ["occlusion"]}}), encoding="ascii")
    (only,) = read_benchmark(path, PTB)
    assert only.truth.tolist() == [[0, 1, 3, 4]]
    assert only.attributes == {"occlusion"}
    assert np.stack(only.regions).tolist() == only.truth.tolist()


def test_that_polygons_in_pysot_json_are_polygons(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps({"a": {"gt_rect": [[1, 1, 5, 2, 6, 6, 2, 5]]}}), encoding="ascii")
    (only,) = read_benchmark(path, PTB)
    assert only.truth.tolist() == [[0, 0, 5, 5]]
    assert only.regions[0].tolist() == [0, 0, 4, 1, 5, 5, 1, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a":\n{"gt_rect": "no"}}', r"set\.json, line 2 \(a\.gt_rect\): a list"),
        ('{"a": {"gt_rect": [[1, 2, 3, 4],\n[1, 2]]}}', r"set\.json, line 2 \(a\.gt_rect\[1\]\): 2 numbers"),
        ('{"a": {"gt_rect": [[1, 2, 3, "x"]]}}', r"set\.json, line 1 .*: 'x' is not a number"),
        ('{"a": {"gt_rect": []}}', r"set\.json, line 1 .*: gt_rect is empty"),
        ('{"a": {}}', r"set\.json, line 1 \(a\): 'gt_rect' is missing"),
        ("[\n{}]", r"set\.json, line 1: an object"),
        ("{", r"set\.json, line 1: it is cut off or no JSON"),
    ],
)
def test_that_damaged_json_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(text, encoding="ascii")
    with pytest.raises(FormatError, match=message):
        read_benchmark(path, PTB)


@needs_shared
def test_that_all_annotations_of_lsotb_tir_are_read() -> None:
    sequences = read_benchmark(SHARED / "lsotb_tir", LSOTB)
    assert (len(sequences), sum(map(len, sequences))) == (LSOTB.sequences, 82133)
    assert all(each.attributes for each in sequences)
    # the last letter but one of a name says where the camera was
    for letter, attribute in (("_D_", "drone-mounted"), ("_V_", "vehicle-mounted"), ("_S_", "surveillance")):
        named = [each for each in sequences if letter in each.name]
        assert named
        assert all(attribute in each.attributes for each in named), attribute


@needs_shared
def test_that_both_forms_of_ptb_tir_say_the_same() -> None:
    texts = {each.name: each for each in read_benchmark(SHARED / "ptb_tir", PTB)}
    entries = {each.name: each for each in read_benchmark(SHARED / "ptb_tir" / "PTB-TIR.json", PTB)}
    assert len(texts) == len(entries) == PTB.sequences
    assert sum(map(len, texts.values())) == 30029
    for name, each in texts.items():
        np.testing.assert_array_equal(each.truth, entries[name].truth)
        assert {a.replace("-", " ") for a in entries[name].attributes} == each.attributes, name
