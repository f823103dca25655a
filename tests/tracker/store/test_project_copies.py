"""Copies of a project, and where its clip is found again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.annotation.documents import box_at
from tests.tracker.formats.fakes import ArraySource, gray16
from tests.tracker.store.fakes import evidence, new_project, tracked
from tracker.annotation import commands, review_commands
from tracker.annotation.document import MediaRecord
from tracker.errors import MediaError, ProjectError
from tracker.store import Project, media_record


def test_that_a_copy_has_everything_and_leaves_the_original_open(project: Project, tmp_path: Path) -> None:
    project.apply(commands.set_anchor(project.document, 1, 5, box_at(5)))
    project.apply(commands.interpolate(project.document, 1))
    project.apply(review_commands.accept(project.document, 1, 2, 4))
    proposal = project.begin_proposal(1, 0, 1, "model")
    other = tmp_path / "elsewhere" / "copy.thermark"
    other.parent.mkdir()
    with project.writer(proposal.id) as writer:
        writer.write(1, tracked(1), evidence(5))
        writer.flush()
        project.save_as(other)
        writer.write(2, tracked(2))
    assert sorted(p.name for p in other.parent.iterdir()) == ["copy.thermark", "copy.thermark.evidence"]
    project.apply(commands.delete_track(project.document, 1))
    with Project.open(other) as copied:
        assert copied.document.proposals[proposal.id].span() == (1, 2)
        assert np.flatnonzero(copied.document.track(1).frames.reviewed).tolist() == [2, 3]
        assert copied.evidence(1, 1) is not None


def test_that_a_copy_replaces_another_project_with_its_evidence(project: Project, tmp_path: Path) -> None:
    other = tmp_path / "other.thermark"
    with new_project(other) as replaced, replaced.writer(replaced.begin_proposal(1, 0, 1, "m").id) as writer:
        writer.write(1, tracked(1), evidence())
    project.save_as(other)
    with Project.open(other) as copied:
        assert copied.document.tracks == project.document.tracks
        assert copied.document.proposals == {}
        assert copied.evidence(1, 1) is None


def test_that_a_copy_does_not_replace_an_open_project(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="already open"):
        project.save_as(project.path)
    with new_project(tmp_path / "other.thermark") as other:
        with pytest.raises(ProjectError, match="already open"):
            project.save_as(other.path)
        assert list(other.document.tracks) == [1]


def test_that_a_copy_that_fails_leaves_what_was_there(project: Project, tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="does not exist"):
        project.save_as(tmp_path / "nowhere" / "copy.thermark")
    taken = tmp_path / "folder.thermark"
    (taken / "inside").mkdir(parents=True)
    with pytest.raises(ProjectError):
        project.save_as(taken)
    assert sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("clip")) == ["folder.thermark"]


def make_media(folder: Path) -> MediaRecord:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dog.mp4").write_bytes(b"dog")
    return MediaRecord(str(folder / "dog.mp4"), "video", "abc", 5, 20, 10, "uint8", 1, 25.0)


def test_that_the_clip_is_found_where_it_was_then_relative_then_beside(tmp_path: Path) -> None:
    home = tmp_path / "home"
    media = make_media(home / "clips")
    with Project.create(home / "p.thermark", media) as project:
        assert project.media_path() == home / "clips" / "dog.mp4"
    moved = tmp_path / "moved"
    home.rename(moved)
    with Project.open(moved / "p.thermark") as project:
        assert project.media_path() == moved / "clips" / "dog.mp4"
        (moved / "clips" / "dog.mp4").rename(moved / "dog.mp4")
        assert project.media_path() == moved / "dog.mp4"
        (moved / "dog.mp4").unlink()
        with pytest.raises(MediaError, match="not where it was") as caught:
            project.media_path()
        assert caught.value.where == media.path
        assert caught.value.todo


def test_that_only_the_same_clip_is_accepted_at_a_new_place(tmp_path: Path) -> None:
    media = make_media(tmp_path / "a")
    path = tmp_path / "p.thermark"
    with Project.create(path, media) as project:
        for wrong in (("xyz", 5), ("abc", 6)):
            with pytest.raises(MediaError, match="another clip"):
                project.relocate(tmp_path / "b" / "cat.mp4", *wrong)
        assert project.document.media == media
        new = (tmp_path / "a").rename(tmp_path / "b") / "dog.mp4"
        project.relocate(new, "abc", 5)
        assert project.media_path() == new
    with Project.open(path) as project:
        assert project.document.media.path == str(new)
        assert project.media_path() == new


def test_that_a_copy_elsewhere_finds_the_clip_by_the_relative_way(tmp_path: Path) -> None:
    media = make_media(tmp_path / "home")
    (tmp_path / "home" / "copies").mkdir()
    with Project.create(tmp_path / "home" / "p.thermark", media) as project:
        project.save_as(tmp_path / "home" / "copies" / "q.thermark")
    (tmp_path / "home").rename(tmp_path / "moved")
    with Project.open(tmp_path / "moved" / "copies" / "q.thermark") as copied:
        assert copied.media_path() == tmp_path / "moved" / "dog.mp4"


def test_that_a_record_is_taken_from_a_source(tmp_path: Path) -> None:
    source = ArraySource(gray16(4), path=tmp_path / "clip.tiff")
    record = media_record(source)
    assert record == MediaRecord(
        str(tmp_path / "clip.tiff"), "video", source.content_hash, 4, 24, 16, "uint16", 1, 25.0
    )
