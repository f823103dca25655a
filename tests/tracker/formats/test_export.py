"""Exports, read back by other means than the code that wrote them."""

from __future__ import annotations

import configparser
import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.tracker.annotation.documents import MEDIA, box_at, tracked_document
from tests.tracker.formats.fakes import ArraySource, colour8, gray8, gray16
from tracker.annotation import commands
from tracker.annotation.document import Document, Proposal
from tracker.annotation.edits import AddProposal, SetTrackInfo
from tracker.annotation.track import Frames, FrameState, Presence, Provenance
from tracker.errors import ExportError, MediaError
from tracker.formats import FORMATS, ExportOptions, ExportReport, GapRule, ImageRule, export
from tracker.formats.format import Stretch
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media.index_cache import IndexCache
from tracker.media.source import Counts
from tracker.opencv import cv2
from tracker.store import media_record
from tracker.thermal.event_text import SUFFIX, written
from tracker.thermal.events import EventKind, SensorEvent

MakeFrames = Callable[[int], list[Counts]]


def clip(pattern: str, make: MakeFrames = gray16, **source_arguments: Any) -> tuple[Document, ArraySource]:
    """A document with a track 1 of the given pattern (see `tracked_document`), and its clip of 24 x 16."""
    doc = tracked_document(pattern)
    source = ArraySource(make(len(pattern)), **source_arguments)
    doc.media = media_record(source)
    for i in np.flatnonzero(doc.track(1).frames.has_box):
        doc.track(1).frames.boxes[i] = small_box(int(i)).as_tuple()
    return doc, source


def small_box(frame: int) -> Box:
    return Box(2 + frame, 3.25, 5.5, 1 / 3 + frame)


def run(
    doc: Document, source: ArraySource, format_: str, output: Path, **options: Any
) -> tuple[ExportReport, list[Event]]:
    events: list[Event] = []
    return finish(export(doc, source, format_, output, ExportOptions(**options)), events.append), events


def read_rectangles(path: Path) -> list[list[float]]:
    return [[float(value) for value in line.split(",")] for line in path.read_text().splitlines()]


def read_images(folder: Path, names: Sequence[str]) -> list[Counts]:
    """The images of a folder, which must be those of the given names."""
    assert sorted(p.name for p in folder.iterdir() if p.suffix in (".png", ".jpg")) == list(names)
    return [read_image(folder / name) for name in names]


def read_image(path: Path) -> Any:
    """RGB or gray, as stored."""
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert image is not None
    return image[..., ::-1] if image.ndim == 3 else image


def same_images(images: list[Counts], frames: Sequence[Counts]) -> bool:
    return all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in zip(images, frames, strict=True))


@pytest.mark.parametrize("make", [gray8, gray16, colour8])
def test_that_got10k_has_lossless_images_and_labels_of_every_frame(tmp_path: Path, make: MakeFrames) -> None:
    doc, source = clip("..MTAOI.", make)
    report, _ = run(doc, source, "got10k", tmp_path / "out")
    assert (tmp_path / "out" / "list.txt").read_text() == "dog_1_dog\n"
    folder = tmp_path / "out" / "dog_1_dog"
    images = read_images(folder, [f"{i:08d}.png" for i in range(1, 6)])
    assert same_images(images, source.frames[2:7])
    rows = read_rectangles(folder / "groundtruth.txt")
    assert rows[2] == [0, 0, 0, 0]
    for row, frame in zip((0, 1, 3, 4), (2, 3, 5, 6), strict=True):
        assert rows[row] == pytest.approx(small_box(frame).as_tuple(), abs=5e-5)
    assert (folder / "absence.label").read_text() == "0\n0\n1\n0\n0\n"
    assert (folder / "cover.label").read_text() == "8\n8\n0\n4\n8\n"
    assert (report.output, report.images) == (tmp_path / "out", 5)
    assert [(s.name, s.track_id, s.start, s.length) for s in report.sequences] == [("dog_1_dog", 1, 2, 5)]


def test_that_got10k_numbers_have_four_decimals(tmp_path: Path) -> None:
    doc, source = clip("M")
    run(doc, source, "got10k", tmp_path / "out")
    text = (tmp_path / "out" / "dog_1_dog" / "groundtruth.txt").read_text()
    assert text == "2.0000,3.2500,5.5000,0.3333\n"


def test_that_got10k_tells_where_the_frame_cuts_the_target(tmp_path: Path) -> None:
    doc, source = clip("MMMMA")  # the frame is 24 x 16
    for frame, box in enumerate(
        [Box(0, 0, 24, 16), Box(-0.5, 2, 5, 5), Box(20, 2, 4.5, 5), Box(2, 12, 5, 4.25)]
    ):
        doc.track(1).frames.boxes[frame] = box.as_tuple()
    run(doc, source, "got10k", tmp_path / "out")
    assert (tmp_path / "out" / "dog_1_dog" / "cut_by_image.label").read_text() == "0\n1\n1\n1\n0\n"


def test_that_got10k_meta_info_keeps_its_lines_in_order(tmp_path: Path) -> None:
    doc, source = clip("..MT")
    SetTrackInfo(1, "guide dog: brown", "#102030", ()).apply(doc)
    run(doc, source, "got10k", tmp_path / "out")
    (name,) = (tmp_path / "out" / "list.txt").read_text().split()
    text = (tmp_path / "out" / name / "meta_info.ini").read_text()
    lines = text.splitlines()
    assert lines[0] == "[METAINFO]"
    pairs = [line.split(": ") for line in lines[1:]]
    assert [key for key, *_ in pairs] == [
        "url",
        "begin",
        "end",
        "anno_fps",
        "object_class",
        "motion_class",
        "major_class",
        "root_class",
        "motion_adverb",
        "resolution",
    ]
    assert all(len(pair) == 2 and pair[1] for pair in pairs)
    values = dict(pairs)
    assert values["begin"] == "00:00:00.580"  # 0.5 s + 2 frames of 40 ms
    assert values["end"] == "00:00:00.620"
    assert values["anno_fps"] == "25Hz"
    assert values["object_class"] == "guide dog brown"
    assert values["resolution"] == "(24, 16)"
    parser = configparser.ConfigParser()
    parser.read_string(text)
    assert parser["METAINFO"]["url"] == "dog.mp4"


def test_that_a_clip_without_time_says_so(tmp_path: Path) -> None:
    doc, source = clip("M", fps=None)
    run(doc, source, "got10k", tmp_path / "out")
    text = (tmp_path / "out" / "dog_1_dog" / "meta_info.ini").read_text()
    assert "begin: unknown\nend: unknown\nanno_fps: unknown\n" in text


@pytest.mark.parametrize("make", [gray8, gray16, colour8])
def test_that_otb_has_lossless_images_and_one_based_rectangles(tmp_path: Path, make: MakeFrames) -> None:
    doc, source = clip("MTA", make)
    doc.track(1).frames.boxes[0] = (7, 8, 9, 10)
    run(doc, source, "otb", tmp_path / "out")
    folder = tmp_path / "out" / "dog_1_dog"
    assert same_images(read_images(folder / "img", ["0001.png", "0002.png", "0003.png"]), source.frames)
    text = (folder / "groundtruth_rect.txt").read_text()
    assert text == "8,9,9,10\n4,4.25,5.5,1.3333\n0,0,0,0\n"


@pytest.mark.parametrize(
    ("format_", "file"), [("otb", "groundtruth_rect.txt"), ("got10k", "groundtruth.txt")]
)
@pytest.mark.parametrize("zero_based", [True, False])
def test_that_the_index_base_can_be_chosen(tmp_path: Path, format_: str, file: str, zero_based: bool) -> None:
    doc, source = clip("M")
    run(doc, source, format_, tmp_path / "out", zero_based=zero_based)
    (row,) = read_rectangles(tmp_path / "out" / "dog_1_dog" / file)
    assert row[0] == (2 if zero_based else 3)
    told = json.loads((tmp_path / "out" / "dog_1_dog" / "provenance.json").read_text())
    assert told["boxes"]["index_base"] == (0 if zero_based else 1)


def test_that_image_names_of_long_sequences_sort_as_numbers() -> None:
    long, short = stretch(12_000), stretch(9_999)
    names = [FORMATS["otb"].image_path(long, number) for number in (1, 9_999, 10_000, 12_000)]
    assert names == sorted(names) == ["s/img/00001", "s/img/09999", "s/img/10000", "s/img/12000"]
    assert FORMATS["otb"].image_path(short, 7) == "s/img/0007"


def stretch(length: int) -> Stretch:
    return Stretch("s", 0, (), np.zeros(length), MEDIA)


def test_that_a_tiny_box_does_not_become_an_absence(tmp_path: Path) -> None:
    doc, source = clip("M")
    doc.track(1).frames.boxes[0] = (-1e-9, 1, 1e-6, 1e-6)
    run(doc, source, "got10k", tmp_path / "out")
    text = (tmp_path / "out" / "dog_1_dog" / "groundtruth.txt").read_text()
    assert text == "0.0000,1.0000,0.0001,0.0001\n"


@pytest.mark.parametrize("format_", FORMATS)
def test_that_jpg_names_hold_the_same_lossless_images(tmp_path: Path, format_: str) -> None:
    doc, source = clip("MTT", gray16)
    report, _ = run(doc, source, format_, tmp_path / "out", image_suffix=".jpg", images=ImageRule.COPY)
    images = sorted((tmp_path / "out").rglob("*.jpg"))
    assert [path.read_bytes()[:4] for path in images] == [b"\x89PNG"] * 3
    assert same_images([read_image(path) for path in images], source.frames)
    assert any("PNG inside" in note for note in report.notes)


def test_that_the_sidecar_tells_where_everything_comes_from(tmp_path: Path) -> None:
    doc, source = clip(".MTAOF", bad_frames=(0, 2))
    run(doc, source, "got10k", tmp_path / "out")
    told = json.loads((tmp_path / "out" / "dog_1_dog" / "provenance.json").read_text())
    assert told["frames"]["index"] == [1, 2, 3, 4, 5]
    assert told["frames"]["pts_s"] == pytest.approx([0.54, 0.58, 0.62, 0.66, 0.70])
    (track,) = told["tracks"]
    assert track["source"] == ["manual", "tracked", "manual", "manual", "imported"]
    assert track["presence"] == ["visible", "visible", "absent", "occluded", "visible"]
    assert track["model"] == [None, 0, None, None, None]
    assert track["score"] == [None, 0.75, None, None, None]
    assert told["models"] == ["first", "second"]
    assert told["bad_frames"] == [2]
    assert told["media"]["content_hash"] == source.content_hash
    assert told["media"]["name"] == "dog.mp4"
    assert told["media"]["fps"] == 25
    assert (track["id"], track["label"], track["attributes"]) == (1, "dog", ["night"])
    assert track["accepted"] == [True, False, True, True, False]
    assert told["thermark"]


def test_that_each_track_is_a_sequence_and_each_frame_is_read_once(tmp_path: Path) -> None:
    doc, source = clip("MTTM....")
    commands.add_track(doc, 2, Box(1, 1, 3, 3), "cat").apply(doc)
    commands.set_anchor(doc, 2, 6, Box(5, 5, 3, 3)).apply(doc)
    commands.interpolate(doc, 2).apply(doc)
    run(doc, source, "got10k", tmp_path / "out")
    assert (tmp_path / "out" / "list.txt").read_text() == "dog_1_dog\ndog_2_cat\n"
    assert source.read == [0, 1, 2, 3, 4, 5, 6]
    images = read_images(tmp_path / "out" / "dog_2_cat", [f"{i:08d}.png" for i in range(1, 6)])
    assert same_images(images, source.frames[2:7])


def test_that_tracks_can_be_chosen(tmp_path: Path) -> None:
    doc, source = clip("MT.M")
    commands.add_track(doc, 2, Box(1, 1, 3, 3), "cat").apply(doc)
    report, _ = run(doc, source, "otb", tmp_path / "out", track_ids=(2,))
    assert [s.name for s in report.sequences] == ["dog_2_cat"]
    with pytest.raises(ExportError, match="no track 7"):
        run(doc, source, "otb", tmp_path / "out2", track_ids=(7,))


def test_that_progress_tells_all_frames(tmp_path: Path) -> None:
    doc, source = clip("MTTT")
    _, events = run(doc, source, "otb", tmp_path / "out")
    told = [e for e in events if isinstance(e, Progress) and e.stage == "Writing OTB"]
    assert (told[0].done, told[-1].done, told[-1].total) == (0, 4, 4)


def refused(
    doc: Document, source: ArraySource, output: Path, format_: str = "got10k", **options: Any
) -> ExportError:
    before = sorted(output.parent.iterdir())
    with pytest.raises(ExportError) as caught:
        run(doc, source, format_, output, **options)
    assert sorted(output.parent.iterdir()) == before
    return caught.value


def test_that_a_run_that_nobody_has_merged_is_refused_with_its_frames(tmp_path: Path) -> None:
    doc, source = clip("M....")
    frames = Frames.empty(5)
    frames.put(slice(1, 4), FrameState(box_at(1), Provenance.TRACKED))
    opposite = AddProposal(Proposal(1, 1, 0, 1, "first", frames)).apply(doc)
    error = refused(doc, source, tmp_path / "out")
    assert "track 1 (dog)" in error.what
    assert "frames 1 to 3" in error.what
    assert "Merge or discard" in error.todo
    opposite.apply(doc)
    AddProposal(Proposal(1, 1, 0, 1, "first", Frames.empty(5))).apply(doc)  # nothing in it to review
    run(doc, source, "got10k", tmp_path / "out")


def test_that_gaps_are_refused_with_their_frames(tmp_path: Path) -> None:
    error = refused(*clip("M.M..M.M.M"), tmp_path / "out")
    assert "frame 1, frames 3 to 4, frame 6 and 1 more gaps" in error.what
    assert "nterpolate" in error.todo


def test_that_gaps_can_split_a_track(tmp_path: Path) -> None:
    doc, source = clip(".MT..AAM.A.M")
    report, _ = run(doc, source, "otb", tmp_path / "out", gaps=GapRule.SPLIT)
    assert [(s.name, s.start, s.length) for s in report.sequences] == [
        ("dog_1_dog-1", 1, 2),
        ("dog_1_dog-2", 7, 1),  # begins with its first box
        ("dog_1_dog-4", 11, 1),
    ]
    images = read_images(tmp_path / "out" / "dog_1_dog-2" / "img", ["0001.png"])
    assert same_images(images, source.frames[7:8])


@pytest.mark.parametrize("pattern", ["....", "AAA"])
def test_that_a_project_without_boxes_is_refused(tmp_path: Path, pattern: str) -> None:
    doc, source = clip(pattern)
    assert "no box" in refused(doc, source, tmp_path / "out").what
    commands.delete_track(doc, 1).apply(doc)
    assert "no box" in refused(doc, source, tmp_path / "out").what


def test_that_a_track_without_boxes_is_left_out_and_named(tmp_path: Path) -> None:
    doc, source = clip("AAA")
    commands.add_track(doc, 1, Box(1, 1, 3, 3), "cat").apply(doc)
    report, _ = run(doc, source, "otb", tmp_path / "out")
    assert [s.name for s in report.sequences] == ["dog_2_cat"]
    assert any("track 1 (dog)" in note for note in report.notes)


def test_that_another_clip_is_refused(tmp_path: Path) -> None:
    doc, _ = clip("MTT")
    assert "another clip" in refused(doc, ArraySource(gray16(3, seed=5)), tmp_path / "out").what


def test_that_an_unknown_format_or_image_name_is_refused(tmp_path: Path) -> None:
    doc, source = clip("M")
    assert "got10k, otb" in refused(doc, source, tmp_path / "out", format_="lisa").todo
    assert ".png or .jpg" in refused(doc, source, tmp_path / "out", image_suffix=".gif").todo


def test_that_an_output_with_something_in_it_is_refused(tmp_path: Path) -> None:
    doc, source = clip("M")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "precious.txt").write_text("precious")
    assert "not empty" in refused(doc, source, folder).what
    assert "not empty" in refused(doc, source, folder / "precious.txt").what
    assert (folder / "precious.txt").read_text() == "precious"


def test_that_an_empty_or_deep_new_folder_is_an_output(tmp_path: Path) -> None:
    doc, source = clip("M")
    (tmp_path / "empty").mkdir()
    run(doc, source, "otb", tmp_path / "empty")
    run(doc, source, "otb", tmp_path / "a" / "b" / "c")
    assert (tmp_path / "a" / "b" / "c" / "dog_1_dog").is_dir()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "empty"]


def test_that_an_output_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    doc, source = clip("M")
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match="cannot be written") as caught:
        run(doc, source, "otb", tmp_path / "file" / "out")
    assert caught.value.todo
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_that_a_cancelled_export_leaves_nothing(tmp_path: Path) -> None:
    doc, source = clip("MTTT")
    job = export(doc, source, "got10k", tmp_path / "new" / "out")
    assert isinstance(next(job), Progress)
    assert list(tmp_path.iterdir()) != []
    job.close()
    assert list(tmp_path.iterdir()) == []


def test_that_a_clip_that_breaks_off_leaves_nothing(tmp_path: Path) -> None:
    doc, source = clip("MTTT")

    def frame(index: int) -> Counts:
        if index == 2:
            raise MediaError("the clip is gone.")
        return source.frames[index]

    source.frame = frame  # type: ignore[method-assign]  # a clip that vanishes while it is read
    with pytest.raises(MediaError):
        run(doc, source, "got10k", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_that_edits_during_the_export_are_not_in_it(tmp_path: Path) -> None:
    doc, source = clip("MTT")
    job = export(doc, source, "otb", tmp_path / "out")
    commands.delete_track(doc, 1).apply(doc)
    assert finish(job).images == 3


@pytest.mark.parametrize(
    ("label", "folder"),
    [
        ("../../evil", "dog_1_evil"),
        ("a/b\\c:d*e", "dog_1_a-b-c-d-e"),
        ("...", "dog_1"),
        ("", "dog_1"),
        ("Hund, läufig", "dog_1_Hund-läufig"),
        ("x" * 300, "dog_1_" + "x" * 40),
    ],
)
def test_that_no_label_leads_out_of_the_output(tmp_path: Path, label: str, folder: str) -> None:
    doc, source = clip("M")
    SetTrackInfo(1, label, "#102030", ()).apply(doc)
    run(doc, source, "got10k", tmp_path / "out")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [folder, "list.txt"]
    assert (tmp_path / "out" / "list.txt").read_text(encoding="utf-8") == f"{folder}\n"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/clips/airplane/img", "airplane"), ("/clips/seq.01", "seq-01"), ("/clips/Images", "clips")],
)
def test_that_a_folder_of_images_gives_its_name_or_that_of_the_folder_around(
    tmp_path: Path, path: str, name: str
) -> None:
    doc, source = clip("M", path=Path(path))
    source.kind = "images"
    doc.media = media_record(source)
    report, _ = run(doc, source, "otb", tmp_path / "out")
    assert report.sequences[0].name == f"{name}_1_dog"


def test_that_bad_frames_are_counted_in_a_note(tmp_path: Path) -> None:
    doc, source = clip("MTT", bad_frames=(1,))
    report, _ = run(doc, source, "otb", tmp_path / "out")
    assert any(note.startswith("1 images stand for broken frames") for note in report.notes)
    assert any("16 bits" in note for note in report.notes)


def test_that_an_occluded_frame_without_a_box_is_exported_as_absent(tmp_path: Path) -> None:
    doc, source = clip("M.")
    commands.mark_presence(doc, 1, range(1, 2), Presence.OCCLUDED).apply(doc)
    run(doc, source, "got10k", tmp_path / "out")
    folder = tmp_path / "out" / "dog_1_dog"
    assert (folder / "absence.label").read_text() == "0\n1\n"
    assert (folder / "cover.label").read_text() == "8\n0\n"


def test_that_the_document_is_not_changed_by_an_export(tmp_path: Path) -> None:
    doc, source = clip("MTAO")
    before = copy.deepcopy(doc)
    run(doc, source, "otb", tmp_path / "out")
    assert doc == before


def test_that_the_sidecar_has_the_sensor_events_that_are_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path / "cache"))
    doc, source = clip(".MTAO.")
    run(doc, source, "got10k", tmp_path / "unknown")
    assert sidecar(tmp_path / "unknown")["sensor"] == {"searched": False, "events": []}
    events = (
        SensorEvent(EventKind.FREEZE, 0, 2),
        SensorEvent(EventKind.GAIN, 4, 5, 1.25, -30.0),
        SensorEvent(EventKind.SHUTTER, 5, 6),  # which the track does not come to
    )
    IndexCache().save(doc.media.content_hash, SUFFIX, written(events))
    source.facts = replace(source.facts, calibrating=(2, 3))
    run(doc, source, "got10k", tmp_path / "known")
    told = sidecar(tmp_path / "known")["sensor"]
    assert told["searched"]
    assert [tuple(event.values()) for event in told["events"]] == [
        ("freeze", 0, 2, 1.0, 0.0),
        ("calibration", 2, 4, 1.0, 0.0),
        ("gain", 4, 5, 1.25, -30.0),
    ]


def sidecar(output: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((output / "dog_1_dog" / "provenance.json").read_text())
    return told
