"""The commands about clips: counts written for sharing, headers of dumps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.tracker.media.test_raw import scene
from tracker.cli import cli
from tracker.media import load_source


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    np.save(tmp_path / "clip.npy", scene(40, 30, 12))
    return tmp_path / "clip.npy"


@pytest.mark.parametrize("name", ["out.mkv", "out.tif"])
def test_that_counts_are_written(name: str, clip: Path, tmp_path: Path) -> None:
    result = call("export-counts", clip, tmp_path / name, "--first", 2, "--last", 6)
    assert result.exit_code == 0, result.output
    assert f"5 frames in {tmp_path / name}" in result.output
    source = load_source(tmp_path / name)
    assert len(source) == 5
    np.testing.assert_array_equal(source.frame(4), scene(40, 30, 12)[6])
    source.close()


def test_that_a_file_is_written_over_only_when_asked(clip: Path, tmp_path: Path) -> None:
    (tmp_path / "out.mkv").write_bytes(b"old")
    result = call("export-counts", clip, tmp_path / "out.mkv")
    assert result.exit_code == 2
    assert "--overwrite" in result.output
    assert (tmp_path / "out.mkv").read_bytes() == b"old"
    assert call("export-counts", clip, tmp_path / "out.mkv", "--overwrite").exit_code == 0


def test_that_frames_that_are_not_there_are_refused(clip: Path, tmp_path: Path) -> None:
    result = call("export-counts", clip, tmp_path / "out.mkv", "--last", 12)
    assert result.exit_code == 2
    assert "the clip has 0 to 11" in result.output


def test_that_a_dump_opens_once_its_header_is_said(tmp_path: Path) -> None:
    path = tmp_path / "clip.dat"
    path.write_bytes(bytes(100) + scene(48, 36, 3).astype(">u2").tobytes())
    assert "thermark raw-header" in call("info", path).output
    sizes = ("--width", 48, "--height", 36, "--bits", 16, "--byte-order", "big")
    result = call("raw-header", path, *sizes, "--header-bytes", 100, "--fps", 9)
    assert result.exit_code == 0, result.output
    assert "3 frames of 48 x 36, 16 bits, big-endian." in result.output
    assert "left over" not in result.output
    info = call("info", path).output
    assert "frames      3" in info
    assert "fps         9.000" in info
    assert "left over" in call("raw-header", path, *sizes).output


def test_that_a_header_that_makes_no_sense_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clip.raw").write_bytes(bytes(1000))
    result = call("raw-header", tmp_path / "clip.raw", "--bits", 14)
    assert result.exit_code == 2
    assert "bits" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["clip.raw"]
