"""SQLite connections, transactions, and what their failures mean to a user."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import ProjectError

BUSY_S = 5.0  # how long to wait for another connection's transaction; ours last milliseconds

_CAUSES = {  # how the name of SQLite's error begins: what is wrong, what to do
    "SQLITE_FULL": ("there is no space left to save to.", "Free some space; nothing saved is lost."),
    "SQLITE_READONLY": ("the file cannot be written.", "Copy it to where you may write, and open the copy."),
    "SQLITE_CANTOPEN": ("the file cannot be opened.", "Check that you may write to it and its folder."),
    "SQLITE_BUSY": ("another program is using the file.", "Close that program and try again."),
    "SQLITE_LOCKED": ("another program is using the file.", "Close that program and try again."),
    "SQLITE_NOTADB": ("this is not a Thermark project.", "Choose a .thermark file."),
    "SQLITE_CORRUPT": ("the file is damaged.", "Restore it from a copy."),
    "SQLITE_IOERR": ("the disk reported an error.", "Check the disk; nothing saved before is changed."),
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite says about the file at `path` into a `ProjectError`.

    Misuse of SQLite by this program (`sqlite3.ProgrammingError`, broken SQL) passes as it is.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        name = getattr(error, "sqlite_errorname", "")
        for prefix, (what, todo) in _CAUSES.items():
            if name.startswith(prefix):
                raise ProjectError(what, where=path, todo=todo) from error
        raise


def connect(path: Path, *, create: bool = False, synchronous: str = "FULL") -> sqlite3.Connection:
    """Open a database in which every statement outside `transaction` commits by itself.

    A connection serves one thread at a time; which one it is may change.

    Args:
        path: The file.
        create: Whether it may be made; otherwise it must exist.
        synchronous: "FULL" survives a power cut at any moment; "NORMAL" may then lose the last transactions,
            yet nothing when only the program is killed.

    Raises:
        ProjectError: The file cannot be opened.
    """
    uri = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    with explained(path):
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=BUSY_S, check_same_thread=False
        )
    try:
        with explained(path):
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute(f"PRAGMA synchronous = {synchronous}")
    except BaseException:
        connection.close()
        raise
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """All of the block's changes, or none of them.

    Raises:
        ProjectError: They could not be saved.
    """
    with explained(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # some failures have rolled back already
                connection.execute("ROLLBACK")
            raise


def close_tidily(connection: sqlite3.Connection, path: Path) -> None:
    """Close so that the database is a single file again, where no other connection is open.

    Raises:
        ProjectError: What was saved could not be moved into the main file; it is not lost.
    """
    try:
        with explained(path):
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
