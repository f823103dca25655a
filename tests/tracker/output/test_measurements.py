"""Tables of measurements: what is in them, and that they are whole or not there."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from tests.tracker.annotation.documents import tracked_document
from tests.tracker.tracking.fakes import ArraySource
from tracker.annotation.commands import add_track
from tracker.annotation.edits import SetTrackInfo
from tracker.annotation.region_edits import add_region, measure_target
from tracker.cli import cli
from tracker.errors import OutputError
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.outline import Shape
from tracker.output.measurements import COLUMNS, Setting, followed_tracks, write_measurements
from tracker.output.readings import Readings
from tracker.store import Project
from tracker.store.measure_choices import MeasureChoices, read_choices, write_choices
from tracker.store.media import media_record
from tracker.store.thermal import choice_of, set_choice
from tracker.thermal.radiometry import Calibration, LinearCalibration, Unit
from tracker.tracking.measurements import Courses, Method, measure_clip, subjects

LENGTH = 4


def clip() -> ArraySource:
    frames = np.full((LENGTH, 40, 60), 29000, np.uint16)
    frames[:, 25, 15] = 31000 + np.arange(LENGTH)
    return ArraySource(frames, Path("clip"), (3,))


def measured(method: Method, unit: Unit) -> tuple[Courses, Setting]:
    doc = tracked_document("MT.M")
    SetTrackInfo(1, "dog, wet", "#102030", ()).apply(doc)
    measure_target(doc, 1).apply(doc)
    add_region(doc, Shape.SPOT, [(15.2, 25.9)]).apply(doc)
    courses = finish(measure_clip(clip(), subjects(doc), method))
    readings = Readings.of(method.calibration, unit)
    return courses, Setting(clip(), followed_tracks(list(doc.tracks.values())), readings, Path("a.thermark"))


def written(
    out: Path, calibration: Calibration | None, unit: Unit = Unit.CELSIUS
) -> tuple[str, list[dict[str, str]]]:
    courses, setting = measured(Method(calibration, threshold=300.0 if calibration else 30000.0), unit)
    assert finish(write_measurements(out, courses, setting)) == out
    text = out.read_text("utf-8")
    lines = text.splitlines()
    comments = [line for line in lines if line.startswith("#")]
    assert lines[: len(comments)] == comments
    return "\n".join(comments), list(csv.DictReader(lines[len(comments) :]))


def test_that_there_is_a_row_for_each_frame_and_region(tmp_path: Path) -> None:
    _, rows = written(tmp_path / "m.csv", LinearCalibration())
    assert [(row["frame"], row["region"]) for row in rows] == [
        (str(frame), region) for frame in range(LENGTH) for region in "12"
    ]
    assert tuple(rows[0]) == COLUMNS
    assert {row["unit"] for row in rows} == {"°C"}
    assert [row["box"] for row in rows if row["region"] == "1"] == ["manual", "tracked", "", "manual"]
    assert {row["track"] for row in rows if row["region"] == "2"} == {""}


def test_that_values_are_in_the_unit_and_what_is_unknown_is_empty(tmp_path: Path) -> None:
    _, rows = written(tmp_path / "m.csv", LinearCalibration())
    target, spot = (rows[0], rows[1])
    assert (spot["max"], spot["pixels"], spot["std"]) == ("36.8500", "1", "0.0000")
    assert (spot["peak_x"], spot["peak_y"]) == ("15.5", "25.5")
    assert float(target["min"]) == pytest.approx(16.85, abs=1e-3)
    assert (target["above"], target["share"]) == ("1", f"{1 / (12 * 8):.6f}")
    assert float(spot["difference"]) == pytest.approx(20.0, abs=1e-3)
    nowhere, broken = rows[4], rows[7]
    assert nowhere["mean"] == broken["mean"] == broken["time_s"] == ""


def test_that_differences_in_fahrenheit_have_no_zero(tmp_path: Path) -> None:
    _, rows = written(tmp_path / "m.csv", LinearCalibration(), Unit.FAHRENHEIT)
    assert float(rows[1]["difference"]) == pytest.approx(36.0, abs=1e-2)
    assert float(rows[1]["max"]) == pytest.approx(36.85 * 1.8 + 32, abs=1e-2)
    assert rows[1]["unit"] == "°F"


def test_that_counts_are_counts_where_temperatures_are_unavailable(tmp_path: Path) -> None:
    comments, rows = written(tmp_path / "m.csv", None)
    assert rows[1]["unit"] == "counts"
    assert rows[1]["max"] == "31000.0000"
    assert "# unit: counts" in comments
    assert "unavailable" in comments


def test_that_the_head_says_how_the_numbers_came_about(tmp_path: Path) -> None:
    comments, _ = written(tmp_path / "m.csv", LinearCalibration(0.04, 10))
    for part in (
        "0.04 K per count, 10 K at count 0",
        "threshold: 26.85 °C (300 K)",
        "a ring of 0.5",
        "region 1 'dog, wet 1': box, follows track 1 'dog, wet'",
        "region 2 'Spot 2': spot, fixed at (15.2, 25.9)",
        "boxes 2 manual, 1 tracked; 2 reviewed; models first",
        "project: a.thermark",
        "0" * 64,
    ):
        assert part in comments


@pytest.mark.parametrize(("unit", "said"), [(Unit.KELVIN, "300 K"), (Unit.FAHRENHEIT, "80.33 °F (300 K)")])
def test_that_the_threshold_is_in_the_unit_of_the_table(tmp_path: Path, unit: Unit, said: str) -> None:
    comments, _ = written(tmp_path / "m.csv", LinearCalibration(), unit)
    assert f"# threshold: {said}\n" in comments


def test_that_a_table_that_breaks_off_leaves_the_old_one(tmp_path: Path) -> None:
    out = tmp_path / "m.csv"
    out.write_text("old")
    courses, setting = measured(Method(), Unit.CELSIUS)
    job = write_measurements(out, courses, setting)
    next(job)
    job.close()
    assert out.read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


def test_that_only_csv_is_written(tmp_path: Path) -> None:
    courses, setting = measured(Method(), Unit.CELSIUS)
    with pytest.raises(OutputError, match=r"\.csv"):
        finish(write_measurements(tmp_path / "m.xlsx", courses, setting))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project about a folder of images, with a track, a region and a calibration."""
    folder = tmp_path / "clip"
    folder.mkdir()
    for index in range(3):
        image = np.full((40, 60), 29000 + index, np.uint16)
        cv2.imwrite(str(folder / f"{index}.png"), image)
    path = tmp_path / "p.thermark"
    with Project.create(path, media_record(load_source(folder))) as opened:
        opened.apply(set_choice(choice_of(LinearCalibration())))
        opened.apply(add_track(opened.document, 0, Box(5, 5, 10, 10), "fox"))
    return path


def test_that_the_command_line_measures_a_project(project: Path, tmp_path: Path) -> None:
    with Project.open(project) as opened:
        opened.apply(add_region(opened.document, Shape.BOX, [(1, 1), (4, 4)]))
    out = tmp_path / "m.csv"
    result = CliRunner().invoke(cli, ["measure", str(project), "--out", str(out), "--targets", "--unit", "K"])
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(line for line in out.read_text("utf-8").splitlines() if line[0] != "#"))
    assert [(row["region"], row["mean"]) for row in rows][:3] == [
        ("1", "290.0000"),
        ("2", "290.0000"),
        ("1", "290.0100"),
    ]
    assert rows[3]["mean"] == ""
    assert not math.isnan(float(rows[0]["p5"]))
    again = CliRunner().invoke(cli, ["measure", str(project), "--out", str(out)])
    assert again.exit_code == 2
    assert "there already" in again.output


def test_that_threshold_and_ring_are_the_projects_where_none_are_given(project: Path, tmp_path: Path) -> None:
    with Project.open(project) as opened:
        opened.apply(add_region(opened.document, Shape.BOX, [(1, 1), (4, 4)]))
        write_choices(opened, MeasureChoices(threshold_kelvin=280.0, ring=0))
    out = tmp_path / "m.csv"
    for given, above, difference in (([], "9", ""), (["--threshold", "16.9", "--ring", "1"], "0", "0.0000")):
        arguments = ["measure", str(project), "--out", str(out), "--overwrite", *given]
        assert CliRunner().invoke(cli, arguments).exit_code == 0
        lines = [line for line in out.read_text("utf-8").splitlines() if line[0] != "#"]
        row = next(csv.DictReader(lines))
        assert (row["above"], row["difference"]) == (above, difference)


def test_that_damaged_choices_are_the_defaults_and_a_line_in_the_log(
    project: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Project.open(project) as opened:
        opened.set_setting("measuring", '{"ring": -1}')
        assert read_choices(opened) == MeasureChoices()
    assert "damaged" in caplog.text


def test_that_a_project_without_regions_says_what_to_do(project: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["measure", str(project), "--out", str(tmp_path / "m.csv")])
    assert result.exit_code == 2
    assert "--targets" in result.output
