"""A project says on disk what its document says in memory."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tracker.annotation.documents import LENGTH, MEDIA, box_at, sequence
from tests.tracker.store.fakes import evidence, new_project, tracked
from tracker.annotation import commands, review_commands, target_commands
from tracker.annotation.document import Document, MediaRecord, MergeMode
from tracker.annotation.edits import Edit, SetFrames, SetTrackInfo
from tracker.annotation.track import Frames, Presence, Provenance
from tracker.errors import AnnotationError, ProjectError
from tracker.store import Project


def reopened(project: Project) -> Project:
    project.close()
    return Project.open(project.path)


def test_that_a_new_project_knows_its_clip_and_nothing_else(path: Path) -> None:
    with Project.create(path, MEDIA, (7000.0, 9000.5)) as project:
        created = copy.deepcopy(project.document)
    assert created.media == MEDIA
    assert created.normalisation == (7000.0, 9000.5)
    assert (created.tracks, created.proposals, created.models) == ({}, {}, [])
    with Project.open(path) as project:
        assert project.document == created


def test_that_a_clip_without_time_has_no_fps_after_reopening(path: Path) -> None:
    media = MediaRecord("/clips/dog", "images", "abc", 3, 20, 10, "uint8", 3, None)
    with Project.create(path, media):
        pass
    with Project.open(path) as project:
        assert project.document.media == media
        assert project.document.normalisation is None


def test_that_create_never_overwrites(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(ProjectError, match="already"):
        Project.create(path, MEDIA)
    assert path.read_text() == "precious"
    assert [p.name for p in path.parent.iterdir()] == [path.name]


def test_that_a_new_project_does_not_take_over_evidence_of_another(path: Path) -> None:
    path.with_name(path.name + ".evidence").write_text("of a project that is gone")
    with pytest.raises(ProjectError, match="already"):
        Project.create(path, MEDIA)


def test_that_a_new_project_is_not_spoiled_by_the_log_of_a_deleted_one(path: Path) -> None:
    with new_project(path) as project:
        log = path.with_name(path.name + "-wal")
        stale = log.read_bytes()
        project.apply(commands.set_anchor(project.document, 1, 9, box_at(9)))
    path.unlink()
    log.write_bytes(stale)
    with Project.create(path, MEDIA) as project:
        assert project.document.tracks == {}


def test_that_each_kind_of_edit_is_there_after_reopening(project: Project) -> None:
    doc = project.document
    second = commands.add_track(doc, 120, box_at(120), "cat")
    project.apply(second)
    project.apply(commands.set_anchor(doc, 2, 199, box_at(199)))
    project.apply(commands.interpolate(doc, 2))
    project.apply(commands.mark_presence(doc, 1, range(40, 249), Presence.ABSENT))
    project.apply(commands.clear_frames(doc, 1, 100, 200))
    proposal = project.begin_proposal(2, 120, -1, "a model")
    project.apply(commands.discard(doc, project.begin_proposal(1, 0, 1, "another").id))
    project.apply(commands.add_track(doc, 3, box_at(3)))
    project.apply(commands.delete_track(doc, 3))
    expected = copy.deepcopy(doc)
    project = reopened(project)
    assert project.document == expected
    assert project.document.proposals == {proposal.id: proposal}
    assert project.document.models == ["a model", "another"]
    assert project.document.next_track_id() == 4
    assert project.document.next_proposal_id() == 3
    assert project.document.tracks[1].models is project.document.models
    project.close()


def test_that_opposites_undo_on_disk_too(project: Project) -> None:
    before = copy.deepcopy(project.document)
    opposite = project.apply(commands.mark_presence(project.document, 1, range(90, 210), Presence.ABSENT))
    project.apply(opposite)
    project = reopened(project)
    assert project.document == before
    project.close()


def test_that_an_edit_in_one_part_that_fails_changes_neither_memory_nor_disk(project: Project) -> None:
    before = copy.deepcopy(project.document)
    good = commands.set_anchor(project.document, 1, 5, box_at(5))
    with pytest.raises(AnnotationError):
        project.apply(sequence(good, SetFrames(9, 0, Frames.empty(1))))
    assert project.document == before
    project = reopened(project)
    assert project.document == before
    project.close()


def test_that_parts_of_an_edit_may_undo_each_other(project: Project) -> None:
    doc = project.document
    add = commands.add_track(doc, 0, box_at(0))
    both = copy.deepcopy(doc)
    add.apply(both)
    anchor = commands.set_anchor(both, add.track.id, 150, box_at(150))
    remove = commands.delete_track(both, add.track.id)
    project.apply(sequence(add, anchor, remove))
    assert list(doc.tracks) == [1]
    project.apply(sequence(add, anchor))
    expected = copy.deepcopy(doc)
    project = reopened(project)
    assert project.document == expected
    project.close()


def full_disk(project: Project) -> None:
    """Let the project's file grow no further."""
    connection = project._connection
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


def big_edit(project: Project) -> Edit:
    frames = Frames.of(tracked(3), LENGTH)
    frames.provenance[:] = Provenance.IMPORTED
    return SetFrames(1, 0, frames)


def test_that_a_full_disk_is_explained_and_changes_neither_memory_nor_disk(project: Project) -> None:
    before = copy.deepcopy(project.document)
    full_disk(project)
    with pytest.raises(ProjectError, match="no space left"):
        project.apply(big_edit(project))
    assert project.document == before
    project.apply(commands.set_anchor(project.document, 1, 0, box_at(2)))  # in a page that is there
    expected = copy.deepcopy(project.document)
    project = reopened(project)
    assert project.document == expected
    project.apply(big_edit(project))
    project.close()


@pytest.mark.parametrize("point", ["DELETE FROM track_frames", "COMMIT"])
def test_that_a_failure_at_any_point_changes_neither_memory_nor_disk(project: Project, point: str) -> None:
    before = copy.deepcopy(project.document)

    class Failing:
        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

        def execute(self, statement: str, values: Any = ()) -> object:
            if statement.startswith(point):
                raise sqlite3.OperationalError("disk I/O error")
            return real.execute(statement, values)

        def executemany(self, statement: str, values: Any) -> object:
            if statement.startswith(point):
                raise sqlite3.OperationalError("disk I/O error")
            return real.executemany(statement, values)

    real = project._connection
    project._connection = Failing()  # type: ignore[assignment]  # stands in for a broken disk
    with pytest.raises(sqlite3.OperationalError):
        project.apply(commands.set_anchor(project.document, 1, 130, box_at(130)))
    project._connection = real
    assert project.document == before
    project = reopened(project)
    assert project.document == before
    project.close()


def test_that_a_small_edit_writes_a_small_part_of_the_file(project: Project) -> None:
    project.apply(big_edit(project))
    changes = project._connection.total_changes
    project.apply(commands.set_anchor(project.document, 1, 150, box_at(2)))
    assert project._connection.total_changes - changes == 1


def test_that_a_discarded_run_comes_back_with_all_it_had_written(project: Project) -> None:
    """Also where the document had not been told of the written frames."""
    proposal = project.begin_proposal(1, 0, 1, "model")
    with project.writer(proposal.id) as writer:
        writer.write(1, tracked(1))
        writer.write(2, tracked(2))
    opposite = project.apply(commands.discard(project.document, proposal.id))
    project.apply(opposite)
    assert project.document.proposals[proposal.id].span() == (1, 3)
    project = reopened(project)
    assert project.document.proposals[proposal.id].span() == (1, 3)
    project.close()


def test_that_a_merged_run_can_be_undone_and_keeps_its_evidence(project: Project) -> None:
    proposal = project.begin_proposal(1, 0, 1, "model")
    with project.writer(proposal.id) as writer:
        for frame in range(3):
            writer.write(frame, tracked(frame), evidence(frame))
    project.load_proposal(proposal.id)
    before = copy.deepcopy(project.document)
    opposite = project.apply(commands.merge(project.document, proposal.id, MergeMode.FILL_GAPS))
    assert project.document.at(1, 0).provenance is Provenance.MANUAL
    assert project.document.at(1, 2).model == "model"
    project.apply(opposite)
    assert project.document == before
    assert project.evidence(1, 2) is not None
    project.close()


def test_that_a_proposal_cannot_be_begun_for_nothing(project: Project) -> None:
    with pytest.raises(AnnotationError):
        project.begin_proposal(9, 0, 1, "model")
    with pytest.raises(AnnotationError):
        project.begin_proposal(1, LENGTH, 1, "model")
    with pytest.raises(AnnotationError):
        project.load_proposal(1)


def test_that_settings_and_normalisation_are_remembered(project: Project) -> None:
    assert project.setting("frame", "0") == "0"
    project.set_setting("frame", "12")
    project.set_setting("frame", "13")
    project.set_normalisation(100, 300)
    with pytest.raises(ProjectError, match="range"):
        project.set_normalisation(300, 300)
    project = reopened(project)
    assert project.setting("frame") == "13"
    assert project.document.normalisation == (100.0, 300.0)
    project.close()


def test_that_a_closed_project_is_one_file(project: Project) -> None:
    project.apply(commands.set_anchor(project.document, 1, 5, box_at(5)))
    project.close()
    assert [p.name for p in project.path.parent.iterdir()] == ["clip.thermark"]


CORRECTIONS: list[Callable[[Document], Edit]] = [
    lambda doc: review_commands.accept(doc, 1, 90, 130),
    lambda doc: review_commands.unaccept(doc, 1, 10, 11),
    lambda doc: target_commands.split(doc, 1, 120),
    lambda doc: target_commands.join(doc, 1, 2),
    lambda doc: target_commands.join(doc, 2, 1),
    lambda doc: target_commands.swap_from(doc, 1, 2, 120),
    lambda doc: target_commands.shift_anchor(doc, 1, 150, 149),
    lambda doc: SetTrackInfo(1, "dog", doc.track(1).colour, (), locked=True),
]


@pytest.mark.parametrize("command", CORRECTIONS)
def test_that_corrections_and_their_undoing_are_in_the_file(
    path: Path, command: Callable[[Document], Edit]
) -> None:
    with new_project(path) as project:
        project.apply(commands.set_anchor(project.document, 1, 150, box_at(150)))
        project.apply(commands.interpolate(project.document, 1))
        project.apply(review_commands.accept(project.document, 1, 5, 60))
        project.apply(commands.add_track(project.document, 200, box_at(200)))
        project.begin_proposal(1, 0, 1, "model")
        before = copy.deepcopy(project.document)
        opposite = project.apply(command(project.document))
        after = copy.deepcopy(project.document)
        assert after != before
    with Project.open(path) as project:
        assert project.document == after
        project.apply(opposite)
    with Project.open(path) as project:
        assert project.document == before


def test_that_no_run_begins_for_a_locked_track(project: Project) -> None:
    project.apply(SetTrackInfo(1, "dog", "#102030", (), locked=True))
    with pytest.raises(AnnotationError, match="locked"):
        project.begin_proposal(1, 0, 1, "model")
    assert project.document.models == []
