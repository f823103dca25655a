"""Copies of projects, to be read while the projects are open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tracker.annotation.documents import MEDIA, box_at
from tests.tracker.store.fakes import new_project
from tracker.annotation import commands, review_commands
from tracker.errors import ProjectError
from tracker.store import Project
from tracker.store.snapshot import snapshot


def test_that_a_snapshot_has_what_an_open_project_has(tmp_path: Path) -> None:
    copy = tmp_path / "copy.thermark"
    with new_project(tmp_path / "clip.thermark") as project:
        project.apply(commands.set_anchor(project.document, 1, 200, box_at(200)))
        project.apply(commands.interpolate(project.document, 1))
        project.apply(review_commands.accept(project.document, 1, 0, 121))
        snapshot(project.path, copy)
        project.apply(commands.set_anchor(project.document, 1, 201, box_at(201)))
    with Project.open(copy) as read:
        assert read.document.track(1).anchors().tolist() == [0, 200]
        assert read.document.track(1).frames.reviewed.tolist() == [False] + [True] * 120 + [False] * 129


def test_that_a_snapshot_elsewhere_finds_a_clip_that_moved_with_its_project(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "media").mkdir(parents=True)
    with Project.create(home / "clip.thermark", replace(MEDIA, path=str(home / "media"))):
        pass
    moved = home.rename(tmp_path / "moved")
    copy = tmp_path / "elsewhere" / "copy.thermark"
    copy.parent.mkdir()
    snapshot(moved / "clip.thermark", copy)
    with Project.open(copy) as read:
        assert read.media_path() == moved / "media"


def test_that_other_files_are_refused(tmp_path: Path) -> None:
    other = tmp_path / "notes.thermark"
    other.write_text("no project " * 100)
    with pytest.raises(ProjectError):
        snapshot(other, tmp_path / "copy.thermark")


def test_that_a_missing_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="cannot be opened"):
        snapshot(tmp_path / "none.thermark", tmp_path / "copy.thermark")
