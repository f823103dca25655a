"""Projects of every earlier version open, and become projects of the present one."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.store.fakes import new_project
from tracker.annotation import review_commands
from tracker.annotation.region_edits import RemoveRegion, SetCalibration, measure_target
from tracker.annotation.regions import WHOLE, Region
from tracker.annotation.track import Presence, Provenance
from tracker.errors import ProjectError
from tracker.geometry import Box
from tracker.outline import Shape
from tracker.store import Project, schema

HERE = Path(__file__).parent


def stored(version: int, folder: Path) -> Path:
    """A project as a version wrote it."""
    path = folder / f"version-{version}.thermark"
    connection = sqlite3.connect(path)
    connection.executescript((HERE / f"version_{version}.sql").read_text())
    connection.close()
    return path


@pytest.fixture
def version_1(tmp_path: Path) -> Path:
    return stored(1, tmp_path)


@pytest.fixture
def version_2(tmp_path: Path) -> Path:
    return stored(2, tmp_path)


def test_that_a_stored_project_of_version_1_opens(version_1: Path) -> None:
    with Project.open(version_1) as project:
        doc = project.document
    assert doc.media.content_hash == "0f343b0931126a20"
    assert doc.media.length == 120
    assert doc.normalisation == (6900.0, 9100.0)
    track = doc.track(1)
    assert (track.label, track.colour, track.attributes) == ("dog", "#e69f00", ("night",))
    assert track.at(0).box == Box(10.5, 20, 30.25, 40)
    assert track.at(0).provenance is Provenance.MANUAL
    assert (track.at(1).provenance, track.at(1).model, track.at(1).score) == (Provenance.TRACKED, "net", 0.5)
    assert track.at(119).presence is Presence.OUT_OF_VIEW
    assert doc.proposals[1].span() == (2, 3)
    assert doc.next_track_id() == 3
    assert not track.locked
    assert np.flatnonzero(track.frames.is_reviewed).tolist() == track.anchors().tolist()


def test_that_frames_of_a_migrated_project_can_be_accepted_for_good(version_1: Path) -> None:
    with Project.open(version_1) as project:
        opposite = project.apply(review_commands.accept(project.document, 1, 0, 120))
        before = project.document.track(1).copy()
    with Project.open(version_1) as project:
        assert project.document.track(1) == before
        assert project.document.track(1).frames.reviewed[1]
        project.apply(opposite)
    with Project.open(version_1) as project:
        assert not project.document.track(1).frames.reviewed.any()


def test_that_a_stored_project_of_version_2_opens(version_2: Path) -> None:
    with Project.open(version_2) as project:
        doc = project.document
        assert project.setting("frame") == "12"
    assert (doc.media.content_hash, doc.media.kind, doc.media.fps) == ("5c1e9a77aa210043", "stack", 9.0)
    assert doc.normalisation == (26900.0, 31100.0)
    track = doc.track(1)
    assert (track.label, track.attributes, track.locked) == ("fox", ("night",), True)
    assert track.at(0).box == Box(10.5, 20, 30.25, 40)
    assert np.flatnonzero(track.frames.reviewed).tolist() == [1]
    assert track.at(119).presence is Presence.OUT_OF_VIEW
    assert doc.proposals[1].span() == (2, 3)
    assert doc.next_track_id() == 3
    assert (doc.regions, doc.calibration, doc.next_region_id()) == ({}, "", 1)


def test_that_regions_of_a_migrated_project_stay(version_2: Path) -> None:
    with Project.open(version_2) as project:
        project.apply(measure_target(project.document, 1))
        project.apply(RemoveRegion(1))
        project.apply(measure_target(project.document, 1))
        project.apply(SetCalibration('{"kind":"none"}'))
        before = project.document
    with Project.open(version_2) as project:
        assert project.document == before
        assert project.document.regions[2] == Region(2, "fox 1", Shape.BOX, WHOLE, 1)
        project.apply(RemoveRegion(2))
        project.apply(SetCalibration(""))
    with Project.open(version_2) as project:
        assert (project.document.regions, project.document.calibration) == ({}, "")
        assert project.document.next_region_id() == 3


def test_that_a_region_that_contradicts_itself_is_found(version_2: Path) -> None:
    Project.open(version_2).close()
    connection = sqlite3.connect(version_2)
    connection.execute("INSERT INTO regions (name, shape, points) VALUES ('a', 'box', '[[1, 2]]')")
    connection.commit()
    connection.close()
    with pytest.raises(ProjectError, match="1 points make no box"):
        Project.open(version_2)


def test_that_migrations_run_in_order_and_once(version_1: Path) -> None:
    steps = {2: ["ALTER TABLE tracks ADD COLUMN note TEXT"], 3: ["UPDATE tracks SET note = 'from 2'"]}
    connection = sqlite3.connect(version_1, isolation_level=None)
    schema.bring_up_to_date(connection, version_1, steps, target=3)
    schema.bring_up_to_date(connection, version_1, steps, target=3)
    assert connection.execute("SELECT note FROM tracks").fetchall() == [("from 2",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (3,)
    connection.close()


def test_that_a_migration_that_fails_leaves_the_old_version(version_1: Path) -> None:
    steps = {2: ["ALTER TABLE tracks ADD COLUMN note TEXT"], 3: ["UPDATE nothing SET note = 1"]}
    connection = sqlite3.connect(version_1, isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        schema.bring_up_to_date(connection, version_1, steps, target=3)
    connection.close()
    with Project.open(version_1) as project:
        assert list(project.document.tracks) == [1]


def test_that_there_is_a_migration_to_every_version() -> None:
    assert set(schema.MIGRATIONS) == set(range(2, schema.USER_VERSION + 1))


@pytest.mark.parametrize("version", range(1, schema.USER_VERSION))
def test_that_new_and_migrated_projects_have_the_same_tables(version: int, tmp_path: Path) -> None:
    old = stored(version, tmp_path)
    Project.open(old).close()
    new_project(tmp_path / "new.thermark").close()
    tables = []
    for path in (old, tmp_path / "new.thermark"):
        connection = sqlite3.connect(path)
        rows = connection.execute("SELECT type, name, sql FROM sqlite_master ORDER BY name").fetchall()
        tables.append([(kind, name, "".join((sql or "").split())) for kind, name, sql in rows])
        connection.close()
    assert tables[0] == tables[1]


def test_that_a_project_of_version_0_is_none(tmp_path: Path) -> None:
    path = tmp_path / "zero.thermark"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE a (b)")
    connection.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    connection.close()
    with pytest.raises(ProjectError, match="not a Thermark project"):
        Project.open(path)
