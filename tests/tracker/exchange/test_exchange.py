"""Import and conversion with real clips: what projects say afterwards, and that all or nothing is made."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from tests.tracker.formats.data_sets import LENGTH, example, require_same, write, write_images
from tracker.annotation.document import Document
from tracker.annotation.track import Presence, Provenance
from tracker.errors import FormatError, MediaError, ProjectError, ThermarkError
from tracker.exchange import ConvertRequest, ImportReport, ReadRequest, convert, import_data
from tracker.formats import FORMATS, ExportOptions, GapRule, ImageRule, ReadOptions, Unit, export
from tracker.formats.losses import as_carried
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.store import Project, media_record

EACH = pytest.mark.parametrize("format_", FORMATS)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_images(tmp_path / "dog")


def about(clip: Path) -> Document:
    """The example, about a real clip."""
    doc = example()
    doc.media = media_record(load_source(clip))
    return doc


def export_to(output: Path, format_: str, clip: Path, images: ImageRule = ImageRule.COPY) -> Document:
    doc = about(clip)
    options = ExportOptions(GapRule.SPLIT, images=images)
    finish(export(doc, load_source(clip), format_, output, options))
    return doc


def import_from(
    path: Path, output: Path, media: Path | None = None, format_: str | None = None
) -> ImportReport:
    return finish(import_data(ReadRequest(path, format_, media), output))


@EACH
@pytest.mark.parametrize("images", ImageRule)
def test_that_an_export_can_be_imported_again_with_its_own_frames(
    format_: str, images: ImageRule, clip: Path, tmp_path: Path
) -> None:
    doc = export_to(tmp_path / "data", format_, clip, images)
    report = import_from(tmp_path / "data", tmp_path / "new")
    assert report.format_ == format_
    is_one = FORMATS[format_].unit is Unit.CLIP
    assert len(report.projects) == (1 if is_one else 2)
    for made, number in zip(report.projects, (1, 2), strict=False):
        with Project.open(made.path) as project:
            tracks = project.document.tracks
            source = load_source(project.media_path())
            assert (len(source), source.size) == (LENGTH, (320, 240))
            np.testing.assert_array_equal(source.frame(3), load_source(clip).frame(3))
            for track in tracks.values():
                due = doc.track(track.id if is_one else number)
                require_same(format_, track, as_carried(due, FORMATS[format_].carries))
    assert not list(tmp_path.rglob("*.part*"))


@pytest.mark.parametrize("format_", [name for name in FORMATS if FORMATS[name].unit is Unit.TARGET])
@pytest.mark.parametrize("kind", ["images", "video"])
def test_that_boxes_come_back_to_their_frames_where_an_export_left_those_of_a_whole_clip(
    format_: str, kind: str, clip: Path, tmp_path: Path
) -> None:
    if kind == "video":
        clip = as_video(clip, tmp_path / "dog.avi")
    doc = about(clip)
    doc.track(1).frames.rows[:5] = doc.track(1).frames.empty(5).rows  # the sequence begins later
    due = doc.track(1).frames
    options = ExportOptions(GapRule.SPLIT, images=ImageRule.REFERENCE)
    finish(export(doc, load_source(clip), format_, tmp_path / "data", options))
    made = import_from(tmp_path / "data", tmp_path / "new", format_=format_).projects[0]
    with Project.open(made.path) as project:
        (track,) = project.document.tracks.values()
    assert len(track.frames) == LENGTH
    assert np.flatnonzero(due.has_box)[0] > 0
    np.testing.assert_array_equal(track.frames.has_box, due.has_box)
    np.testing.assert_allclose(track.frames.boxes[due.has_box], due.boxes[due.has_box], atol=1e-3)


def as_video(images: Path, path: Path) -> Path:
    """The same frames, coded."""
    pictures = [cv2.imread(str(image)) for image in sorted(images.iterdir())]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    for picture in pictures:
        assert picture is not None
        writer.write(picture)
    writer.release()
    return path


def test_that_thermark_json_brings_back_everything(clip: Path, tmp_path: Path) -> None:
    doc = export_to(tmp_path / "data", "thermark", clip, ImageRule.REFERENCE)
    import_from(tmp_path / "data", tmp_path / "new.thermark")
    with Project.open(tmp_path / "new.thermark") as project:
        assert project.document.tracks == doc.tracks
        assert project.document.models == doc.models
        assert project.document.track(1).at(1).model == "second"
        assert project.document.media.content_hash == doc.media.content_hash


def test_that_boxes_are_imported_ones_and_only_drawn_keyframes_anchors(clip: Path, tmp_path: Path) -> None:
    export_to(tmp_path / "data", "cvat", clip)
    report = import_from(tmp_path / "data", tmp_path / "new.thermark")
    assert (report.projects[0].tracks, report.projects[0].anchors) == (2, 2)
    with Project.open(tmp_path / "new.thermark") as project:
        tracked, drawn = project.document.tracks.values()
        assert set(tracked.frames.provenance.tolist()) == {Provenance.IMPORTED}
        assert drawn.anchors().tolist() == [0, LENGTH - 1]
        assert drawn.frames.provenance[5] == Provenance.INTERPOLATED


def test_that_a_cvat_track_that_ends_is_closed_where_cvat_would_go_on(tmp_path: Path) -> None:
    doc = example()
    doc.track(2).frames.rows[6:] = doc.track(2).frames.empty(6).rows
    write(doc, "cvat", tmp_path / "data")
    boxes = list(ElementTree.parse(tmp_path / "data" / "dog" / "annotations.xml").getroot()[3])
    assert [box.get("frame") for box in boxes] == [str(i) for i in range(7)]
    assert [box.get("outside") for box in boxes] == ["0"] * 6 + ["1"]
    assert boxes[6].get("keyframe") == "1"


def test_that_cvat_keyframes_alone_are_enough(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "annotations.xml").write_text(
        '<annotations><track id="0" label="dog" source="manual">'
        '<box frame="2" outside="0" occluded="1" keyframe="1" xtl="10" ytl="20" xbr="30" ybr="40"/>'
        '<box frame="6" outside="1" occluded="0" keyframe="1" xtl="18" ytl="20" xbr="38" ybr="40"/>'
        '<box frame="9" outside="0" occluded="0" keyframe="1" xtl="18" ytl="20" xbr="38" ybr="40"/>'
        '<box frame="10" outside="1" occluded="0" keyframe="1" xtl="18" ytl="20" xbr="38" ybr="40"/>'
        "</track></annotations>"
    )
    import_from(tmp_path / "annotations.xml", tmp_path / "new.thermark", clip)
    with Project.open(tmp_path / "new.thermark") as project:
        (track,) = project.document.tracks.values()
        assert track.span() == (2, 10)
        assert track.frames.box(4) == Box(14, 20, 20, 20)
        assert track.frames.presence[2:10].tolist() == [1, 1, 1, 1, 3, 3, 3, 0]
        assert track.anchors().tolist() == [2, 9]


def test_that_label_studio_keyframes_are_interpolated_until_disabled(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "tasks.json").write_text(
        '[{"id": 1, "data": {"video": "x.mp4"}, "annotations": [{"result": [{"id": "a", "type": "videorectangle",'
        '"value": {"framesCount": 12, "labels": ["dog"], "sequence": ['
        '{"frame": 1, "x": 10, "y": 10, "width": 10, "height": 10, "rotation": 0, "enabled": true},'
        '{"frame": 5, "x": 20, "y": 10, "width": 10, "height": 10, "rotation": 0, "enabled": false},'
        '{"frame": 8, "x": 0, "y": 0, "width": 10, "height": 10, "rotation": 90, "enabled": true}]}}]}]}]'
    )
    import_from(tmp_path / "tasks.json", tmp_path / "new.thermark", clip)
    with Project.open(tmp_path / "new.thermark") as project:
        (track,) = project.document.tracks.values()
        assert np.flatnonzero(track.frames.has_box).tolist() == [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]
        assert track.frames.box(2) == Box(48, 24, 32, 24)
        assert track.frames.boxes[7] == pytest.approx([-24, 0, 24, 32])


def test_that_mot_results_and_ignored_boxes_are_understood(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "dog.txt").write_text("1,7,11,21,5,6,0.9,-1,-1,-1\n3,7,12,22,5,6,0.8,-1,-1,-1\n")
    import_from(tmp_path / "dog.txt", tmp_path / "a.thermark", clip)
    with Project.open(tmp_path / "a.thermark") as project:
        track = project.document.track(7)
        assert track.frames.box(0) == Box(10, 20, 5, 6)
        assert track.gaps() == [(1, 2)]
    folder = tmp_path / "set" / "gt"
    folder.mkdir(parents=True)
    (folder / "gt.txt").write_text("1,7,11,21,5,6,1,1,0.4\n1,8,11,21,5,6,0,1,1\n")
    report = import_from(tmp_path / "set", tmp_path / "b.thermark", clip)
    assert report.notes[0] == "1 boxes that are marked as not to be considered were left out."
    with Project.open(tmp_path / "b.thermark") as project:
        assert project.document.track(7).frames.presence[0] == Presence.OCCLUDED


def test_that_a_longer_clip_is_taken_with_a_note_and_a_shorter_one_refused(
    clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "boxes.txt").write_text("1,2,3,4\nnan,nan,nan,nan\n")
    report = import_from(tmp_path / "boxes.txt", tmp_path / "new.thermark", clip)
    assert "end with frame 1 of 12 frames" in report.notes[0]
    (tmp_path / "boxes.txt").write_text("1,2,3,4\n" * 13)
    with pytest.raises(FormatError, match="13 frames, and the clip has 12"):
        import_from(tmp_path / "boxes.txt", tmp_path / "other.thermark", clip)


def test_that_frames_of_another_size_are_refused(clip: Path, tmp_path: Path) -> None:
    export_to(tmp_path / "data", "coco", clip, ImageRule.REFERENCE)
    small = tmp_path / "small"
    small.mkdir()
    for i in range(LENGTH):
        cv2.imwrite(str(small / f"{i}.png"), np.full((10, 10), i, np.uint8))
    with pytest.raises(FormatError, match="frames of 320 x 240 pixels, and the clip has 10 x 10"):
        import_from(tmp_path / "data", tmp_path / "new.thermark", small)


def test_that_an_image_that_is_too_large_is_refused_unread(tmp_path: Path, clip: Path) -> None:
    export_to(tmp_path / "data", "yolo", clip)
    image = next((tmp_path / "data" / "images").rglob("*_000001.png"))
    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")]
    data = b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks
    )
    image.write_bytes(b"\x89PNG\r\n\x1a\n" + data)
    with pytest.raises(FormatError, match="too large") as caught:
        import_from(tmp_path / "data", tmp_path / "new.thermark")
    assert caught.value.where == str(image)
    assert not (tmp_path / "new.thermark").exists()


def test_that_what_is_there_is_not_replaced(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "boxes.txt").write_text("1,2,3,4\n")
    (tmp_path / "new.thermark").write_text("mine")
    with pytest.raises(ProjectError, match="such a file already"):
        import_from(tmp_path / "boxes.txt", tmp_path / "new.thermark", clip)
    assert (tmp_path / "new.thermark").read_text() == "mine"


@pytest.mark.parametrize("break_at", ["second clip", "cancel"])
def test_that_all_projects_are_made_or_none(break_at: str, clip: Path, tmp_path: Path) -> None:
    export_to(tmp_path / "data", "otb", clip)
    output = tmp_path / "deep" / "folder"
    before = sorted(tmp_path.rglob("*"))
    if break_at == "second clip":
        second = sorted((tmp_path / "data").iterdir())[1] / "img"
        for path in second.iterdir():
            path.write_bytes(b"no image")
        with pytest.raises(MediaError):
            import_from(tmp_path / "data", output)
    else:
        job = import_data(ReadRequest(tmp_path / "data"), output)
        stages = set()
        for event in job:
            stages.add(event.stage if isinstance(event, Progress) else "")
            if output.exists():  # the first project is being written
                break
        assert output.exists()
        job.close()
    assert sorted(tmp_path.rglob("*")) == before


@EACH
def test_that_labels_are_converted_with_their_frames(format_: str, clip: Path, tmp_path: Path) -> None:
    export_to(tmp_path / "data", "got10k", clip)
    events: list[Event] = []
    options = ExportOptions(GapRule.SPLIT, images=ImageRule.COPY)
    request = ConvertRequest(ReadRequest(tmp_path / "data"), tmp_path / "out", format_, options)
    report = finish(convert(request), events.append)
    assert report.images == 2 * LENGTH
    assert any(isinstance(event, Progress) for event in events)
    clips = finish(FORMATS[format_].read(tmp_path / "out", ReadOptions(frame_size=(320, 240))))
    assert [len(clip.tracks) for clip in clips] == [1, 1]
    assert clips[0].tracks[0].frames.boxes[3] == pytest.approx([13, 20.5, 30, 25], abs=1)


@pytest.mark.parametrize("to", ["got10k", "vot", "mot", "thermark"])
def test_that_labels_alone_can_be_converted(to: str, tmp_path: Path) -> None:
    write(example(), "cvat", tmp_path / "data")
    report = finish(convert(ConvertRequest(ReadRequest(tmp_path / "data"), tmp_path / "out", to)))
    assert report.images == 0
    assert any("Only labels" in note for note in report.notes)


def test_that_a_conversion_that_fails_leaves_nothing(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "boxes.txt").write_text("nan,nan,nan,nan\n")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ThermarkError, match="no box"):
        finish(
            convert(ConvertRequest(ReadRequest(tmp_path / "boxes.txt", None, clip), tmp_path / "out", "otb"))
        )
    assert sorted(tmp_path.rglob("*")) == before


def test_that_what_is_in_no_format_is_said(tmp_path: Path) -> None:
    (tmp_path / "letter.doc").write_text("dear all")
    with pytest.raises(FormatError, match="no format that is known"):
        import_from(tmp_path / "letter.doc", tmp_path / "new.thermark")
    with pytest.raises(FormatError, match="no such file"):
        import_from(tmp_path / "gone", tmp_path / "new.thermark")
    with pytest.raises(FormatError, match="no format 'lisa'"):
        import_from(tmp_path, tmp_path / "new.thermark", format_="lisa")
