from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.tracker.output.test_still import read
from tracker.annotation import commands
from tracker.annotation.region_edits import add_region
from tracker.cli import cli
from tracker.geometry import Box
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.outline import Shape
from tracker.store import Project
from tracker.store.media import media_record
from tracker.store.thermal import choice_of, set_choice
from tracker.thermal.look import Look
from tracker.thermal.radiometry import LinearCalibration

LENGTH, SIZE = 8, (48, 36)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project about a folder of 16-bit images, with two tracks, a region, a calibration and a look."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for index in range(LENGTH):
        frame = np.full(SIZE[::-1], 3000 + index, np.uint16)
        frame[10:20, 10:20] = 3100
        cv2.imwrite(str(folder / f"{index:04d}.png"), frame)
    source, path = load_source(folder), tmp_path / "clip.thermark"
    with Project.create(path, media_record(source)) as made:
        made.apply(commands.add_track(made.document, 0, Box(10, 10, 10, 10), "fox"))
        made.apply(commands.add_track(made.document, 3, Box(5, 5, 9, 9), "dog"))
        made.apply(add_region(made.document, Shape.SPOT, [(12.0, 12.0)]))
        made.apply(set_choice(choice_of(LinearCalibration(0.1, 0.0))))
        made.set_setting("look", Look(palette="rainbow").to_json())
    source.close()
    return path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_that_a_clip_is_written_while_the_project_is_open(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    with Project.open(project):
        result = run("annotated-clip", project, "--out", out, "--first", 2, "--last", 5, "--scale", 2)
    assert result.exit_code == 0, result.output
    assert "4 frames of 96 x 72" in result.output
    assert "25 frames per second" in result.output
    with av.open(str(out)) as container:
        assert len(list(container.decode(video=0))) == 4


def test_that_stills_are_painted_in_the_look_of_the_project(project: Path, tmp_path: Path) -> None:
    plain, counts = tmp_path / "plain.png", tmp_path / "counts.tif"
    assert run("still", project, "--out", plain, "--kind", "plain", "--scale", 1).exit_code == 0
    assert run("still", project, "--out", counts, "--kind", "counts", "--frame", 3).exit_code == 0
    assert read(counts)[0, 0] == 3003
    hottest = read(plain)[15, 15].astype(int)
    np.testing.assert_array_equal(hottest, Look(palette="rainbow").colour_table()[255].astype(int))


def test_that_what_is_drawn_can_be_chosen(project: Path, tmp_path: Path) -> None:
    for name, options in {"all": (), "none": ("--show", "none"), "one": ("--track", 2)}.items():
        assert run("still", project, "--out", tmp_path / f"{name}.png", *options).exit_code == 0
    run("still", project, "--out", tmp_path / "plain.png", "--kind", "plain")
    pictures = {path.stem: read(path) for path in tmp_path.glob("*.png")}
    np.testing.assert_array_equal(pictures["none"], pictures["plain"])
    assert (pictures["all"] != pictures["plain"]).any()
    assert (pictures["all"] != pictures["one"]).any()


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_that_a_report_is_written(project: Path, tmp_path: Path, name: str) -> None:
    result = run("report", project, "--out", tmp_path / name, "--unit", "K")
    assert result.exit_code == 0, result.output
    if name.endswith("html"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert "310.0 K" in text  # 3100 counts of 0.1 K
        assert "linear: 0.1 K per count" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("annotated-clip", "--out", "a.avi"), "ends with .mp4"),
        (("annotated-clip", "--out", "a.mp4", "--last", 8), "The clip has 0 to 7"),
        (("annotated-clip", "--out", "a.mp4", "--track", 9), "Tracks of this project: 1, 2"),
        (("annotated-clip", "--out", "a.mp4", "--show", "hats"), "'hats' is not known"),
        (("annotated-clip", "--out", "a.mp4", "--scale", 3), "Give 0, 1, 2 or 4"),
        (("annotated-clip", "--out", "a.mp4", "--quality", "super"), "small, good, best"),
        (("annotated-clip", "--out", "a.mp4", "--map", "mental"), "semantic, structural, fused"),
        (("still", "--out", "a.gif"), "ends with .png"),
        (("still", "--out", "a.png", "--kind", "oil"), "annotated, plain, counts"),
        (("report", "--out", "a.doc"), "ends with .html or .pdf"),
        (("report", "--out", "there.html"), "--overwrite"),
    ],
)
def test_that_what_cannot_be_done_is_explained(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[object, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.html").write_text("old", encoding="utf-8")
    name, *rest = arguments
    result = run(name, project, *rest)
    assert result.exit_code == 2
    assert said in result.output
    assert not list(tmp_path.glob("a.*"))


def test_that_a_file_that_cannot_be_written_is_refused_before_the_clip_is_opened(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.output.projects.open_source", None)
    for name, out in (
        ("annotated-clip", "a.avi"),
        ("still", "no/a.png"),
        ("report", "a.doc"),
        ("measure", "a.xls"),
    ):
        assert run(name, project, "--out", tmp_path / out).exit_code == 2


def test_that_a_clip_in_colour_has_no_temperatures_whatever_the_project_says(tmp_path: Path) -> None:
    folder = tmp_path / "colour"
    folder.mkdir()
    cv2.imwrite(str(folder / "0.png"), np.random.default_rng(1).integers(0, 255, (36, 48, 3), np.uint8))
    path = tmp_path / "colour.thermark"
    with Project.create(path, media_record(load_source(folder))) as made:
        made.apply(commands.add_track(made.document, 0, Box(10, 10, 10, 10), "fox"))
        made.apply(set_choice(choice_of(LinearCalibration(0.1, 0.0))))
    assert run("report", path, "--out", tmp_path / "a.html").exit_code == 0
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "unavailable" in text
    assert "0.1 K per count" not in text


def test_that_a_missing_project_or_clip_is_explained(project: Path, tmp_path: Path) -> None:
    assert "no such project" in run("report", tmp_path / "no.thermark", "--out", tmp_path / "a.html").output
    (tmp_path / "clip").rename(tmp_path / "elsewhere")
    result = run("report", project, "--out", tmp_path / "a.html")
    assert result.exit_code == 2
    assert "not where it was" in result.output
