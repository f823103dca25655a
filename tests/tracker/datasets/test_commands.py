"""`thermark dataset`, from the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import main
from tests.tracker.datasets.folders import moving, write_sequence
from tracker.cli import cli
from tracker.cli.dataset_work import number_text


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two sequences, one with a jump in line 4."""
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path / "cache"))
    write_sequence(tmp_path / "set" / "dog1", moving(5), seed=1)
    write_sequence(tmp_path / "set" / "cat1", [*moving(3), *moving(2, 40)], seed=2)
    return tmp_path / "set"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["dataset", *map(str, arguments)])


def test_that_statistics_are_printed_saved_and_drawn(data: Path, tmp_path: Path) -> None:
    plots = tmp_path / "plots.pdf"
    result = call("stats", data, "--plots", plots)
    assert result.exit_code == 0, result.output
    assert "2 sequences, 10 frames" in result.output
    assert plots.is_file()
    assert json.loads(call("stats", data, "--json").stdout)["boxes"] == 10


def test_that_a_check_ends_with_status_1_where_something_is_found(data: Path) -> None:
    result = call("check", data)
    assert result.exit_code == 1
    assert "cat1/groundtruth.txt, line 4: jump" in result.output.replace("\n", "")
    found = json.loads(call("check", data, "--json").stdout)
    assert [(one["kind"], one["line"], one["frame"]) for one in found] == [("jump", 4, 3)]
    assert call("check", data, "--jump", "9").exit_code == 0
    assert call("check", data / "nothing").exit_code == 2


def test_that_a_finding_in_a_file_of_many_clips_names_sequence_and_frame(data: Path, tmp_path: Path) -> None:
    assert call("merge", data, data / "dog1", "-o", tmp_path / "all", "--to", "mot").exit_code == 0
    found = " ".join(call("check", tmp_path / "all", "--no-frames").output.split())
    assert "cat1, frame 3: jump" in found
    assert "with frames: 1 findings" in found


def test_that_a_split_writes_lists(data: Path, tmp_path: Path) -> None:
    result = call("split", data, "-o", tmp_path / "lists", "--shares", "50,50,0", "--seed", 3)
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "lists").iterdir()) == [
        "split.json",
        "train.txt",
        "val.txt",
    ]
    assert call("split", data, "-o", tmp_path / "other", "--shares", "many").exit_code == 2
    assert not (tmp_path / "other").exists()


def test_that_data_sets_are_merged_and_cut(data: Path, tmp_path: Path) -> None:
    other = write_sequence(tmp_path / "other" / "fox", moving(3), seed=3).parent
    result = call("merge", data, other, "-o", tmp_path / "all", "--to", "otb", "--images", "copy")
    assert result.exit_code == 0, result.output
    assert json.loads(call("stats", tmp_path / "all", "--json").stdout)["sequences"] == 3
    result = call("curate", tmp_path / "all", "-o", tmp_path / "crops", "--every", 2)
    assert result.exit_code == 0, result.output
    assert "8 crops of 3 targets" in result.output
    assert call("merge", data, "-o", tmp_path / "one", "--to", "otb").exit_code == 2


def test_that_thermark_knows_the_commands(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["thermark", "dataset", "stats", str(data), "--json"])
    with pytest.raises(SystemExit) as end:
        main.main()
    assert not end.value.code
    assert json.loads(capsys.readouterr().out)["sequences"] == 2


@pytest.mark.parametrize(
    ("number", "text"), [(0.0, "0"), (0.012345, "0.0123"), (1.0, "1.00"), (99.99, "100.0"), (2110.4, "2110")]
)
def test_that_numbers_have_three_digits(number: float, text: str) -> None:
    assert number_text(number) == text
