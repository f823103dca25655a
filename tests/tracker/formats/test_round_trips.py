"""What goes out in a format comes back, within the format's own precision; what does not is named."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings

from tests.tracker.formats.data_sets import documents, example, expected, read, require_same, write
from tracker.annotation.document import Document
from tracker.errors import ExportError
from tracker.formats import FORMATS, ExportOptions, GapRule, ReadOptions, recognise
from tracker.formats.losses import as_carried, losses
from tracker.geometry import Box

EACH = pytest.mark.parametrize("format_", FORMATS)


@EACH
@settings(max_examples=40)
@given(doc=documents())
def test_that_what_goes_out_comes_back_but_for_what_the_format_cannot_carry(
    format_: str, doc: Document
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "out"
        write(doc, format_, output)
        clips = read(format_, output)
        due = expected(doc, format_)
        assert len(clips) == len(due)
        for clip, tracks in zip(clips, due, strict=True):
            assert len(clip.tracks) == len(tracks)
            for came, track in zip(clip.tracks, tracks, strict=True):
                require_same(format_, came, track)


@EACH
@settings(max_examples=30)
@given(doc=documents())
def test_that_exactly_what_changes_is_named_as_lost(format_: str, doc: Document) -> None:
    carries = FORMATS[format_].carries
    tracks = tuple(doc.tracks.values())
    told = " ".join(losses(tracks, carries))
    for track in tracks:
        back = as_carried(track, carries)
        kept = track.frames.has_box
        assert ("labels" in told) or back.label == track.label
        assert ("locks" in told) or back.locked == track.locked
        assert ("where each box comes from" in told) or (
            back.frames.provenance[kept] == track.frames.provenance[kept]
        ).all()
        assert ("scores" in told) or np.array_equal(back.frames.score, track.frames.score, equal_nan=True)
        assert ("accepted" in told) or (back.frames.reviewed == track.frames.reviewed).all()
        assert ("attributes" in told) or set(back.attributes) == set(track.attributes)
    if carries.everything:
        assert not told


@EACH
def test_that_an_export_says_what_it_cannot_carry(format_: str, tmp_path: Path) -> None:
    report = write(example(), format_, tmp_path / "out")
    everything = format_ == "thermark"
    assert bool(report.lost) != everything
    assert any("cannot carry" in note for note in report.notes) != everything
    if not everything:
        assert "which frames were accepted" in report.lost
    if format_ == "ptb":
        assert "attributes (night)" in report.lost


@EACH
def test_that_its_own_export_is_recognised(format_: str, tmp_path: Path) -> None:
    write(example(), format_, tmp_path / "out")
    assert recognise(tmp_path / "out") == format_


@EACH
@pytest.mark.parametrize("zero_based", [True, False])
def test_that_the_index_base_can_be_chosen_both_ways(format_: str, tmp_path: Path, zero_based: bool) -> None:
    write(example(), format_, tmp_path / "out", ExportOptions(GapRule.SPLIT, zero_based))
    clip = read(format_, tmp_path / "out", ReadOptions(zero_based, (320, 240)))[0]
    assert clip.tracks[0].frames.boxes[0] == pytest.approx([10, 20.5, 30, 25], abs=1)
    other = read(format_, tmp_path / "out", ReadOptions(not zero_based, (320, 240)))[0]
    shift = other.tracks[0].frames.boxes[0, 0] - clip.tracks[0].frames.boxes[0, 0]
    knows_no_base = format_ in ("yolo", "labelstudio", "thermark")
    assert shift == (0 if knows_no_base else -1 if zero_based else 1)


@settings(max_examples=30)
@given(doc=documents())
def test_that_vot_polygons_come_back_as_the_same_boxes(doc: Document) -> None:
    options = ExportOptions(GapRule.SPLIT, polygons=True)
    with tempfile.TemporaryDirectory() as folder:
        write(doc, "vot", Path(folder) / "out", options)
        for clip, (track,) in zip(read("vot", Path(folder) / "out"), expected(doc, "vot"), strict=True):
            np.testing.assert_allclose(clip.tracks[0].frames.boxes, track.frames.boxes, atol=1.01e-4)
            assert not clip.notes  # an upright polygon loses nothing


def test_that_a_leaning_polygon_becomes_the_box_around_it_and_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "seq"
    folder.mkdir()
    (folder / "groundtruth.txt").write_text("10,0,20,10,10,20,0,10\n1,2,3,4\nnan,nan,nan,nan\n0\n")
    (folder / "occlusion.tag").write_text("0\n1\n")
    (clip,) = read("vot", folder)
    frames = clip.tracks[0].frames
    assert frames.box(0) == Box(0, 0, 20, 20)
    assert frames.has_box.tolist() == [True, True, False, False]
    assert frames.presence.tolist() == [0, 1, 3, 3]  # the tail of a tag that is missing is 0
    assert clip.notes == ("seq: 1 polygons were read as the boxes around them.",)


@pytest.mark.parametrize("format_", ["cvat", "labelstudio", "yolo", "coco", "ilsvrc"])
def test_that_labels_alone_need_the_frame_size_where_the_format_does(format_: str, tmp_path: Path) -> None:
    doc = example()
    doc.media = doc.media.__class__(**{**vars(doc.media), "width": 0, "height": 0})
    with pytest.raises(ExportError, match="size of the frames"):
        write(doc, format_, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []
