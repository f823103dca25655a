"""The command line: what it writes, and what it says when something is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tracker.cli import cli
from tracker.opencv import cv2


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight frames of a warm square that moves by 2 px a frame from (30, 40)."""
    folder = tmp_path_factory.mktemp("clip")
    rng = np.random.default_rng(0)
    background, target = rng.normal(80, 10, (96, 128)), rng.normal(200, 15, (14, 16))
    for i in range(8):
        frame = background.copy()
        frame[40:54, 30 + 2 * i : 46 + 2 * i] = target
        cv2.imwrite(str(folder / f"{i}.png"), np.clip(frame, 0, 255).astype(np.uint8))
    return folder


def boxes_in(path: Path) -> np.ndarray:
    return np.loadtxt(path, delimiter=",", ndmin=2)


def test_that_track_writes_a_box_per_frame_with_evidence_and_stats(clip: Path, tmp_path: Path) -> None:
    boxes, maps, stats = tmp_path / "boxes.txt", tmp_path / "maps.npz", tmp_path / "stats.json"
    result = call(
        "track",
        clip,
        "--box",
        "30,40,16,14",
        "--output",
        boxes,
        "--evidence",
        maps,
        "--stats",
        stats,
        "--device",
        "cpu",
    )
    assert result.exit_code == 0, result.output
    found = boxes_in(boxes)
    assert found.shape == (8, 4)
    assert found[0] == pytest.approx([30, 40, 16, 14])
    assert found[7, 0] == pytest.approx(44, abs=2)
    report = json.loads(stats.read_text())
    assert report["frames"] == 8
    assert report["model"].startswith("default")
    assert report["fps_update"] >= report["fps_end_to_end"] > 0
    with np.load(maps, allow_pickle=False) as evidence:
        assert evidence["fused"].shape == (8, 32, 32)
        assert evidence["fused"].dtype == np.float16
        assert evidence["frame"].tolist() == list(range(8))
        assert evidence["scores"].shape == (8, len(evidence["score_names"]))


def test_that_backward_tracking_writes_from_the_start_frame_down(clip: Path, tmp_path: Path) -> None:
    boxes = tmp_path / "boxes.txt"
    result = call(
        "track",
        clip,
        "--box",
        "44,40,16,14",
        "--frame",
        7,
        "--direction",
        "backward",
        "--until",
        2,
        "--output",
        boxes,
    )
    assert result.exit_code == 0, result.output
    found = boxes_in(boxes)
    assert len(found) == 6
    assert found[-1, 0] == pytest.approx(34, abs=2)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--box", "30,40,0,14"], "no area"),
        (["--box", "500,40,16,14"], "outside the frame of 128 x 96"),
        (["--box", "30,40,16"], "four numbers"),
        (["--box", "30,40,16,14", "--frame", "8"], "frames are 0 to 7"),
        (["--box", "30,40,16,14", "--direction", "up"], "forward or backward"),
        (["--box", "30,40,16,14", "--device", "tpu"], "auto, cuda, mps, cpu"),
        (["--box", "30,40,16,14", "--threads", "0"], "1 or more"),
        (["--box", "30,40,16,14", "--model", "nowhere.safetensors"], "no such weights"),
    ],
)
def test_that_a_wrong_option_is_explained_and_writes_nothing(
    clip: Path, tmp_path: Path, options: list[str], complaint: str
) -> None:
    output = tmp_path / "boxes.txt"
    result = call("track", clip, "--output", output, *options)
    assert result.exit_code == 2
    assert complaint in " ".join(result.output.split())
    assert not output.exists()


def test_that_an_output_in_a_missing_folder_is_refused_before_tracking(clip: Path, tmp_path: Path) -> None:
    result = call("track", clip, "--box", "30,40,16,14", "--output", tmp_path / "no" / "boxes.txt")
    assert result.exit_code == 2
    assert "cannot be written" in result.output


def test_that_info_says_what_the_clip_is(clip: Path) -> None:
    result = call("info", clip)
    assert result.exit_code == 0
    text = " ".join(result.output.split())
    assert "128 x 96" in text
    assert "frames 8" in text
    assert "uint8, gray" in text


@pytest.mark.parametrize("command", ["info", "track"])
def test_that_a_missing_clip_is_named(command: str, tmp_path: Path) -> None:
    options = ["--box", "1,1,5,5", "--output", tmp_path / "b.txt"] if command == "track" else []
    result = call(command, tmp_path / "gone.mp4", *options)
    assert result.exit_code == 2
    assert "gone.mp4" in result.output.replace("\n", "")
