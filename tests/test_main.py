"""What `thermark` starts: a command, or the window with the clips named."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import app.application
import main
from tracker.annotation.commands import add_track, set_anchor
from tracker.geometry import Box
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.store import Project, media_record


@pytest.fixture
def window_calls(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[Path], bool]]:
    calls: list[tuple[list[Path], bool]] = []

    def run(paths: list[Path], *, sample: bool = False) -> int:
        calls.append((paths, sample))
        return 0

    monkeypatch.setattr(app.application, "run", run)
    return calls


def start(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr(sys, "argv", ["thermark", *map(str, arguments)])
    try:
        return main.main()
    except SystemExit as end:
        return int(end.code or 0)


def test_that_a_path_opens_the_window(
    monkeypatch: pytest.MonkeyPatch, window_calls: list[tuple[list[Path], bool]]
) -> None:
    assert start(monkeypatch, "clip.mp4") == 0
    assert start(monkeypatch) == 0
    assert window_calls == [([Path("clip.mp4")], False), ([], False)]


def test_that_demo_opens_the_sample_clip(
    monkeypatch: pytest.MonkeyPatch, window_calls: list[tuple[list[Path], bool]]
) -> None:
    assert start(monkeypatch, "demo") == 0
    assert window_calls == [([], True)]


def test_that_a_headless_demo_asks_for_an_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(monkeypatch, "demo", "--headless") == 2
    assert "--output" in capsys.readouterr().err


def test_that_a_command_is_run_without_the_window(
    monkeypatch: pytest.MonkeyPatch, window_calls: list[tuple[list[Path], bool]], tmp_path: Path
) -> None:
    assert start(monkeypatch, "info", tmp_path / "gone.mp4") == 2
    assert window_calls == []


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one track over the three frames of its clip."""
    clip = tmp_path / "clip"
    clip.mkdir()
    for i in range(3):
        cv2.imwrite(str(clip / f"{i}.png"), np.full((20, 30), 40 * i, np.uint8))
    source = load_source(clip)
    with Project.create(tmp_path / "clip.thermark", media_record(source)) as opened:
        opened.apply(add_track(opened.document, 0, Box(4, 5, 6, 7), "dog"))
        for i in (1, 2):
            opened.apply(set_anchor(opened.document, 1, i, Box(4 + i, 5, 6, 7)))
    source.close()
    return tmp_path / "clip.thermark"


def test_that_export_writes_an_otb_sequence(
    monkeypatch: pytest.MonkeyPatch, project: Path, tmp_path: Path
) -> None:
    assert start(monkeypatch, "export", project, "--format", "otb", "--output", tmp_path / "out") == 0
    (boxes,) = (tmp_path / "out").rglob("groundtruth_rect.txt")
    assert np.loadtxt(boxes, delimiter=",")[:, 0].tolist() == [5, 6, 7]  # 1-based
    assert len(list(boxes.parent.glob("img/*.png"))) == 3


@pytest.mark.parametrize(
    ("options", "complaint"),
    [(["--format", "lisa"], "yolo"), (["--format", "otb", "--gaps", "jump"], "jump")],
)
def test_that_an_unknown_format_or_rule_is_named(
    monkeypatch: pytest.MonkeyPatch,
    project: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    complaint: str,
) -> None:
    assert start(monkeypatch, "export", project, "--output", tmp_path / "out", *options) == 2
    assert complaint in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
