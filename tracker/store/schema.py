"""The project file: its tables, its version, and how older versions become the present one.

A project is an SQLite database. Frames are stored in chunks of `CHUNK` frames, because a row for each frame
takes thirty times as long to load (measured with 50 tracks of 36,000 frames: 4 s against 0.1 s), and one of
these chunks fills a page, so that changing a frame writes one page. Which frames of a chunk are accepted is
kept beside it as bits; none of them where there are no bits, as in every chunk of version 1.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from tracker.errors import ProjectError
from tracker.store.connection import explained, transaction

APPLICATION_ID = 0x54684D6B  # "ThMk"
USER_VERSION = 3
PAGE_SIZE = 4096
CHUNK = 100  # frames of 40 bytes each, and a bit

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE media (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    path TEXT NOT NULL, relative_path TEXT,
    kind TEXT NOT NULL, content_hash TEXT NOT NULL, length INTEGER NOT NULL,
    width INTEGER NOT NULL, height INTEGER NOT NULL, dtype TEXT NOT NULL, channels INTEGER NOT NULL, fps REAL,
    low REAL, high REAL
);
CREATE TABLE models (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE tracks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    label TEXT NOT NULL, colour TEXT NOT NULL, attributes TEXT NOT NULL, locked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE track_frames (
    owner INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    chunk INTEGER NOT NULL, rows BLOB NOT NULL, reviewed BLOB NOT NULL DEFAULT x'', PRIMARY KEY (owner, chunk)
);
CREATE TABLE proposals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    track_id INTEGER NOT NULL REFERENCES tracks ON DELETE CASCADE,
    start INTEGER NOT NULL, direction INTEGER NOT NULL, model TEXT NOT NULL, reviewed INTEGER NOT NULL
);
CREATE INDEX proposals_by_track ON proposals (track_id);
CREATE TABLE proposal_frames (
    owner INTEGER NOT NULL REFERENCES proposals ON DELETE CASCADE,
    chunk INTEGER NOT NULL, rows BLOB NOT NULL, reviewed BLOB NOT NULL DEFAULT x'', PRIMARY KEY (owner, chunk)
);
"""

REGIONS = """
CREATE TABLE regions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, shape TEXT NOT NULL, points TEXT NOT NULL,
    track_id INTEGER REFERENCES tracks ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
)"""
"""Where is measured; `points` is JSON. Deferred, because an edit of several parts saves each as the last leaves it."""

SCHEMA += f"{REGIONS};"

MIGRATIONS: Mapping[int, Sequence[str]] = {
    2: (
        "ALTER TABLE tracks ADD COLUMN locked INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE track_frames ADD COLUMN reviewed BLOB NOT NULL DEFAULT x''",
        "ALTER TABLE proposal_frames ADD COLUMN reviewed BLOB NOT NULL DEFAULT x''",
    ),
    3: (REGIONS,),
}
"""Version: the statements that make it out of the version before. Each new version leaves a file of the old
one in the tests, which must open."""


def make_tables(connection: sqlite3.Connection) -> None:
    """Turn an empty database into an empty project."""
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    connection.executescript(f"BEGIN; {SCHEMA} COMMIT;")
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")


def require_project_file(path: Path) -> None:
    """Look at the file itself, before SQLite does.

    To be called where this process has no connection to it: closing a file ends SQLite's locks on it.

    Raises:
        ProjectError: It is missing, a folder, something else than a database, cut off, or read-only.
    """
    if path.is_dir():
        raise ProjectError("this is a folder, not a project.", where=path, todo="Choose a .thermark file.")
    try:
        with path.open("r+b") as file:  # SQLite would open a read-only file, and fail at the first edit
            head = file.read(100)
            size = file.seek(0, 2)
    except FileNotFoundError:
        raise ProjectError("there is no such project.", where=path, todo="Check the path.") from None
    except OSError as error:
        raise ProjectError(
            f"the file cannot be written ({error.strerror}).",
            where=path,
            todo="A project saves as you work: make the file writable, or open a copy of it.",
        ) from error
    if not head.startswith(b"SQLite format 3\0"):
        raise ProjectError("this is not a Thermark project.", where=path, todo="Choose a .thermark file.")
    # https://sqlite.org/fileformat.html: page size at 16 (1 means 65536), pages at 28.
    page_size = int.from_bytes(head[16:18], "big")
    expected = (65536 if page_size == 1 else page_size) * int.from_bytes(head[28:32], "big")
    if len(head) < 100 or (size < expected and not _has_log(path)):
        raise ProjectError(
            f"the project is cut off: {size} of {expected} bytes are there.",
            where=path,
            todo="Copy it again from where it came from.",
        )


def _has_log(path: Path) -> bool:
    """Whether a killed program left pages in the write-ahead log; opening the file completes it with them."""
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def bring_up_to_date(
    connection: sqlite3.Connection,
    path: Path,
    migrations: Mapping[int, Sequence[str]] = MIGRATIONS,
    target: int = USER_VERSION,
) -> None:
    """Migrate a project to version `target`, all steps in one transaction.

    Raises:
        ProjectError: This is not a project, or one of a later version; or it cannot be written.
    """
    with explained(path):
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if application != APPLICATION_ID or version < 1:
        raise ProjectError("this is not a Thermark project.", where=path, todo="Choose a .thermark file.")
    if version > target:
        raise ProjectError(
            f"the project was made by a newer Thermark (file version {version}; known is {target}).",
            where=path,
            todo="Update Thermark.",
        )
    with transaction(
        connection, path
    ):  # also where nothing is to do: finds out whether the file can be written
        for step in range(version + 1, target + 1):
            for statement in migrations[step]:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {step}")
