"""Sources of training data: what is read from each kind, and what is said about those that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.training.fakes import ROOT, SIZE, bright_clip
from tracker.errors import FormatError, MediaError
from tracker.jobs import finish
from tracker.opencv import cv2
from tracker.training.clips import Clip, sampleable
from tracker.training.config import ConfigError, SourceConfig
from tracker.training.frame_stacks import stack_folder
from tracker.training.sources import chosen_frames, read_sources

REAL_STILLS = ROOT.parent / "shared" / "data" / "train" / "stills_hit_uav"


def read(path: Path, kind: str, **options: object) -> list[Clip]:
    config = SourceConfig.model_validate({"kind": kind, "path": path, **options})
    return finish(read_sources((config,)))


def write_sequence(folder: Path, clip: Clip, lines: list[str] | None = None) -> None:
    (folder / "img").mkdir(parents=True)
    for i, frame in enumerate(clip.frames):
        cv2.imwrite(str(folder / "img" / f"{i:04d}.png"), frame)
    rows = lines or [",".join(f"{value:g}" for value in box) for box in clip.targets[0]]
    (folder / "groundtruth.txt").write_text("\n".join(rows) + "\n", encoding="ascii")


def write_stills(folder: Path, count: int = 3) -> None:
    (folder / "images").mkdir(parents=True)
    clip = bright_clip(count=count, targets=2)
    entries = []
    for i, frame in enumerate(clip.frames):
        cv2.imwrite(str(folder / "images" / f"{i}.png"), frame)
        boxes = [[float(value) for value in target[i]] for target in clip.targets]
        entries.append({"file": f"{i}.png", "boxes": [*boxes, [1, 1, 2, 2]], "labels": ["a", "b", "tiny"]})
    (folder / "boxes.json").write_text(json.dumps(entries))


def write_scene(folder: Path, boxes: list[list[float] | None], visible: list[float]) -> None:
    folder.mkdir(parents=True)
    np.save(folder / "frames.npy", bright_clip(count=3).frames)
    target = {"label": "person", "boxes": boxes, "visible": visible}
    (folder / "targets.json").write_text(json.dumps({"group": "g7", "targets": [target]}))


BOX = [20.0, 10.0, 12.0, 14.0]


def test_sequences(tmp_path: Path) -> None:
    first, second = bright_clip(seed=1), bright_clip(seed=2)
    write_sequence(tmp_path / "first", first)
    write_sequence(
        tmp_path / "second", second, ["20,10,12,14", "nan,nan,nan,nan", "NaN NaN NaN NaN", "22 10 12 14"]
    )
    index = [{"name": "first", "scene_group": "street"}, {"name": "second", "scene_group": ""}]
    (tmp_path / "index.json").write_text(json.dumps(index))
    clips = read(tmp_path, "sequences", name="ours")
    assert [(clip.name, clip.source, clip.group) for clip in clips] == [
        ("first", "ours", "street"),
        ("second", "ours", "second"),
    ]
    assert np.array_equal(clips[0].frames, first.frames)
    assert np.array_equal(clips[0].targets[0], first.targets[0])
    assert len(clips[1].frames) == 4  # as many as have a line
    assert clips[1].usable(0).tolist() == [0, 3]


def test_that_frames_are_thinned_and_decoded_once(tmp_path: Path) -> None:
    write_sequence(tmp_path / "only", bright_clip(count=9))
    (clip,) = read(tmp_path, "sequences", every=2, most_frames=3)
    assert clip.times.tolist() == [0, 4, 8]
    (kept,) = stack_folder().iterdir()
    written = kept.stat().st_mtime_ns
    (again,) = read(tmp_path, "sequences", every=2, most_frames=3)
    assert kept.stat().st_mtime_ns == written
    assert np.array_equal(again.frames, clip.frames)


def test_chosen_frames() -> None:
    def chosen(count: int, every: int, most: int) -> list[int]:
        options = {"kind": "stills", "path": "x", "every": every, "most_frames": most}
        return [int(i) for i in chosen_frames(count, SourceConfig.model_validate(options))]

    assert chosen(5, 1, 10) == [0, 1, 2, 3, 4]
    assert chosen(10, 3, 10) == [0, 3, 6, 9]
    assert chosen(100, 1, 3) == [0, 49, 99]
    assert chosen(0, 1, 3) == []


def test_stills(tmp_path: Path) -> None:
    write_stills(tmp_path)
    clips = read(tmp_path, "stills")
    assert [clip.group for clip in clips] == ["0.png", "1.png", "2.png"]
    assert all(len(clip.targets) == 2 and clip.frames.shape == (1, SIZE[1], SIZE[0]) for clip in clips)
    assert len(read(tmp_path, "stills", every=2)) == 2


def test_rendered_scenes(tmp_path: Path) -> None:
    write_scene(tmp_path / "scene_00001", [BOX, None, BOX], [1.0, 0.0, 0.3])
    (clip,) = read(tmp_path, "rendered")
    assert clip.group == "g7"
    assert clip.usable(0).tolist() == [0]
    assert clip.targets[0][0].tolist() == BOX


def test_which_boxes_can_be_learned_from() -> None:
    boxes = np.array(
        [BOX, [20, 10, 3, 14], [-8, 10, 12, 14], [-4, 10, 12, 14], [np.nan, 1, 9, 9], [90, 60, 20, 20]]
    )
    good = np.isfinite(sampleable(boxes, SIZE)).all(1)
    assert good.tolist() == [True, False, False, True, False, False]


def no_media(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip())
    for image in (folder / "only" / "img").iterdir():
        image.unlink()
    (folder / "only" / "img").rmdir()


def bad_line(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip(), ["1,2,3,4", "1,2,3"])


def polygons(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip(), ["1,1,9,1,9,9,1,9"] * 6)


def blank_line(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip(), ["1,2,30,40", "", *["1,2,30,40"] * 5])


def never_there(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip(), ["nan,nan,nan,nan"] * 6)


def binary_boxes(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip())
    (folder / "only" / "groundtruth.txt").write_bytes(b"\xff\xfe\x00")


def bad_index(folder: Path) -> None:
    write_sequence(folder / "only", bright_clip())
    (folder / "index.json").write_text('[{"scene_group": "a"}]')


def cut_json(folder: Path) -> None:
    write_stills(folder)
    text = (folder / "boxes.json").read_text()
    (folder / "boxes.json").write_text(text[:-20])


def nameless_still(folder: Path) -> None:
    write_stills(folder)
    (folder / "boxes.json").write_text('[{"boxes": []}]')


def missing_image(folder: Path) -> None:
    write_stills(folder)
    (folder / "images" / "1.png").unlink()


def cut_frames(folder: Path) -> None:
    write_scene(folder / "scene_00001", [BOX] * 3, [1.0] * 3)
    frames = folder / "scene_00001" / "frames.npy"
    frames.write_bytes(frames.read_bytes()[:-100])


def too_few_boxes(folder: Path) -> None:
    write_scene(folder / "scene_00001", [BOX], [1.0])


def no_groups(folder: Path) -> None:
    write_scene(folder / "scene_00001", [BOX] * 3, [1.0] * 3)
    (folder / "scene_00001" / "targets.json").write_text("[]")


@pytest.mark.parametrize(
    ("kind", "spoil", "complaint"),
    [
        ("sequences", no_media, "neither img/ nor a video"),
        ("sequences", bad_line, "line 2: 3 numbers where x,y,width,height are due"),
        ("sequences", polygons, "line 1: 8 numbers where x,y,width,height are due"),
        ("sequences", blank_line, "line 2: the line is empty"),
        ("sequences", never_there, "nothing to learn from"),
        ("sequences", binary_boxes, "groundtruth.txt, line 1: it is not text"),
        ("sequences", bad_index, "'name' is missing"),
        ("sequences", lambda folder: None, "nothing to learn from"),
        ("stills", lambda folder: None, "boxes.json: it cannot be read"),
        ("stills", cut_json, "boxes.json: it cannot be read"),
        ("stills", nameless_still, "'file' is missing"),
        ("stills", missing_image, "1.png: the image cannot be read"),
        ("rendered", lambda folder: None, "nothing to learn from"),
        ("rendered", cut_frames, "scene_00001: it cannot be read"),
        ("rendered", too_few_boxes, "not as many boxes as frames"),
        ("rendered", no_groups, "scene_00001: it cannot be read"),
    ],
)
def test_that_an_unusable_source_is_explained(
    tmp_path: Path, kind: str, spoil: Callable[[Path], None], complaint: str
) -> None:
    spoil(tmp_path)
    with pytest.raises((ConfigError, FormatError)) as error:
        read(tmp_path, kind)
    assert complaint in error.value.message


@pytest.mark.parametrize("kind", ["sequences", "stills", "rendered", "project"])
def test_that_a_missing_source_is_named(tmp_path: Path, kind: str) -> None:
    with pytest.raises(ConfigError, match="no such source") as error:
        read(tmp_path / "gone", kind)
    assert error.value.where == str(tmp_path / "gone")


def test_that_a_folder_without_images_is_an_error_of_the_media(tmp_path: Path) -> None:
    write_sequence(tmp_path / "only", bright_clip())
    for image in (tmp_path / "only" / "img").iterdir():
        image.unlink()
    with pytest.raises(MediaError):
        read(tmp_path, "sequences")


@pytest.mark.skipif(not REAL_STILLS.is_dir(), reason="the HIT-UAV stills are not here")
def test_real_stills() -> None:
    clips = read(REAL_STILLS, "stills", every=40)
    assert len(clips) > 3
    targets = [(clip, box[0]) for clip in clips for box in clip.targets]
    assert targets
    for clip, (x, y, width, height) in targets:
        _, frame_height, frame_width = clip.frames.shape
        assert -0.5 * width <= x <= frame_width - 0.5 * width
        assert -0.5 * height <= y <= frame_height - 0.5 * height
