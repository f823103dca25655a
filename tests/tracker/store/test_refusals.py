"""Files that cannot be opened as projects: each with a message that says why and what to do."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.tracker.annotation.documents import MEDIA, box_at
from tests.tracker.store.fakes import new_project, python, tracked
from tracker.annotation import commands
from tracker.errors import ProjectError
from tracker.store import Project, schema


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A closed project."""
    with new_project(tmp_path / "clip.thermark") as project:
        project.apply(commands.set_anchor(project.document, 1, 200, box_at(200)))
    return project.path


def refusal(path: Path) -> ProjectError:
    with pytest.raises(ProjectError) as caught:
        Project.open(path)
    assert caught.value.todo
    assert not path.with_name(path.name + ".lock").exists()
    return caught.value


def test_that_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    assert "no such project" in refusal(tmp_path / "none.thermark").what
    assert list(tmp_path.iterdir()) == []


def test_that_a_folder_is_said_to_be_a_folder(tmp_path: Path) -> None:
    assert "folder" in refusal(tmp_path).what


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 5000, b"SQLite format 3\0"])
def test_that_other_files_are_said_to_be_no_project(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.thermark"
    path.write_bytes(content)
    error = refusal(path)
    assert "not a Thermark project" in error.what or "cut off" in error.what
    assert path.read_bytes() == content


def test_that_another_programs_database_is_said_to_be_no_project(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE tracks (id)")
    connection.close()
    assert "not a Thermark project" in refusal(path).what


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_that_a_file_that_was_cut_off_is_said_to_be(path: Path, share: float) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    assert "cut off" in refusal(path).what


@pytest.mark.parametrize("seed", range(12))
def test_that_damage_is_reported_or_harmless(path: Path, seed: int) -> None:
    content = bytearray(path.read_bytes())
    place = random.Random(seed).randrange(100, len(content) - 64)
    content[place : place + 64] = random.Random(seed).randbytes(64)
    path.write_bytes(content)
    with suppress(ProjectError):  # and no other error
        Project.open(path).close()


def test_that_missing_tables_are_reported_as_damage(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE proposal_frames")
    connection.execute("DROP TABLE proposals")
    connection.commit()
    connection.close()
    assert "damaged" in refusal(path).what


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE track_frames SET rows = x'00'",
        "UPDATE track_frames SET chunk = 99 WHERE chunk = 0",
        "UPDATE track_frames SET chunk = -1 WHERE chunk = 0",
        "UPDATE track_frames SET rows = zeroblob(4000) WHERE chunk = 0",
        "UPDATE track_frames SET reviewed = x'00' WHERE chunk = 0",
        "UPDATE track_frames SET reviewed = x'0fffffffffffffffffffffffff' WHERE chunk = 0",
        "UPDATE tracks SET attributes = '{'",
        "DELETE FROM media",
        "INSERT INTO regions VALUES (1, 'R', 'box', '[[0, 0], [1, 1]]', 99)",
        "INSERT INTO regions VALUES (1, 'R', 'star', '[[0, 0], [1, 1]]', NULL)",
        "INSERT INTO regions VALUES (1, 'R', 'box', '[[0, 0], [1, NaN]]', NULL)",
        "INSERT INTO regions VALUES (1, 'R', 'box', '[[0, 0]]', NULL)",
        "INSERT INTO regions VALUES (1, 'R', 'box', '{', NULL)",
    ],
)
def test_that_contradictions_inside_are_reported(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()
    assert "damaged" in refusal(path).what


def test_that_a_project_of_a_newer_version_is_left_alone(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema.USER_VERSION + 1}")
    connection.close()
    content = path.read_bytes()
    error = refusal(path)
    assert "newer Thermark" in error.what
    assert "Update" in error.todo
    assert path.read_bytes() == content


HOLDER = """
import sys
from pathlib import Path
from tracker.store import Project
project = Project.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_that_a_project_open_in_another_process_is_refused_and_free_after_its_death(path: Path) -> None:
    holder = python(HOLDER, str(path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    try:
        with pytest.raises(ProjectError, match=f"already open in Thermark .process {holder.pid} on"):
            Project.open(path)
    finally:
        holder.kill()
        holder.communicate()
    with Project.open(path) as project:
        assert list(project.document.tracks) == [1]


def test_that_a_project_open_in_this_process_is_refused(path: Path) -> None:
    with Project.open(path), pytest.raises(ProjectError, match="already open"):
        Project.open(path)
    Project.open(path).close()


def test_that_a_project_locked_by_another_program_is_explained(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.store.connection.BUSY_S", 0.05)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    try:
        assert "another program" in refusal(path).what
    finally:
        other.close()


@pytest.fixture
def unwritable() -> Iterator[Path]:
    """A folder with a project that this process may read but not write, root or not."""
    if sys.platform == "win32":
        pytest.skip("folder permissions are of another kind on Windows")
    folder = Path(tempfile.mkdtemp())
    with new_project(folder / "clip.thermark"):
        pass
    (folder / "clip.thermark").chmod(0o444)
    folder.chmod(0o555)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    yield folder
    os.seteuid(user)
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_that_a_read_only_folder_is_explained(unwritable: Path) -> None:
    error = refusal(unwritable / "clip.thermark")
    assert "cannot be written" in error.what
    assert error.where == str(unwritable)
    with pytest.raises(ProjectError, match="cannot be written"):
        Project.create(unwritable / "new.thermark", MEDIA)


@pytest.mark.skipif(sys.platform == "win32", reason="file permissions are of another kind on Windows")
def test_that_a_read_only_file_is_explained() -> None:
    folder = Path(tempfile.mkdtemp())
    with new_project(folder / "clip.thermark"):
        pass
    (folder / "clip.thermark").chmod(0o444)
    folder.chmod(0o777)
    user = os.geteuid()
    try:
        if user == 0:
            os.seteuid(65534)
        assert "cannot be written" in refusal(folder / "clip.thermark").what
    finally:
        os.seteuid(user)
        shutil.rmtree(folder)


def test_that_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="folder does not exist") as caught:
        Project.create(tmp_path / "none" / "clip.thermark", MEDIA)
    assert caught.value.where == str(tmp_path / "none")


def test_that_a_log_left_by_a_killed_process_completes_the_file(path: Path) -> None:
    """The main file alone may be too short, since pages in the log are as good as in the file."""
    code = HOLDER.replace(
        "print(",
        "from tests.tracker.store.fakes import tracked\n"
        "proposal = project.begin_proposal(1, 0, 1, 'm')\n"
        "writer = project.writer(proposal.id)\n"
        "for i in range(249): writer.write(i, tracked(i))\n"
        "print(",
    )
    holder = python(code, str(path))
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    os.kill(holder.pid, signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    holder.communicate()
    assert path.with_name(path.name + "-wal").stat().st_size > 0
    with Project.open(path) as project:
        frames = project.document.proposals[1].frames
        assert frames.is_said.sum() == 249
        assert frames.box(248) == tracked(248).box
    assert not path.with_name(path.name + "-wal").exists()
