"""Evidence beside the project, so that scrubbing needs no second run.

A second SQLite file, `<project>.evidence`, which may be deleted at any time: nothing depends on it. Maps and
attentions are kept as float16 (the two bytes of the numbers in separate planes, which compress better),
all single numbers as float64. The scores lie in a table of their own as well, so that those of a whole track can be
read without its maps.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from dataclasses import astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import SCORE_NAMES, Evidence, Map, Scores
from tracker.errors import ProjectError
from tracker.geometry import Box
from tracker.store.connection import close_tidily, connect, explained, transaction

APPLICATION_ID = 0x54684576  # "ThEv"
USER_VERSION = 2
BATCH = 16  # frames written together: half a second of a run

_HEAD = struct.Struct(
    "<17d 5H"
)  # regions, value range, weights, scores; map h and w, channels, attention h and w
_EARLIER_SCORES = 5  # that the head has room for, after twelve other numbers; the others follow the maps
_SCORES = np.dtype(("<f8", len(SCORE_NAMES)))
_LARGEST = float(np.finfo(np.float16).max)


def encode(evidence: Evidence) -> bytes:
    """Evidence as the bytes that are stored."""
    maps = (evidence.semantic, evidence.structural, evidence.fused)
    scores = astuple(evidence.scores)
    numbers = (
        *evidence.search_region.as_tuple(),
        *evidence.map_region.as_tuple(),
        *evidence.value_range,
        *evidence.ensemble_weights,
        *scores[:_EARLIER_SCORES],
    )
    shapes = (*evidence.fused.shape, *evidence.channel_attention.shape, *evidence.spatial_attention.shape)
    arrays = (*maps, evidence.channel_attention, evidence.spatial_attention)
    values = np.concatenate([array.ravel() for array in arrays]).clip(-_LARGEST, _LARGEST).astype("<f2")
    planes = values.view(np.uint8).reshape(-1, 2).T.tobytes()
    later = np.array(scores[_EARLIER_SCORES:], "<f8").tobytes()
    return _HEAD.pack(*numbers, *shapes) + zlib.compress(planes, level=1) + later


def decode(data: bytes) -> Evidence:
    """The evidence that `encode` made bytes of, the maps rounded to float16.

    Bytes of the first version end with the maps; the scores that it did not know are NaN.

    Raises:
        ProjectError: The bytes are damaged.
    """
    try:
        *numbers, height, width, channels, rows, columns = _HEAD.unpack_from(data)
        inflater = zlib.decompressobj()
        planes = np.frombuffer(inflater.decompress(data[_HEAD.size :]), np.uint8).reshape(2, -1)
        if not inflater.eof:
            raise ValueError("the maps end too soon")
        later = np.frombuffer(inflater.unused_data, "<f8").tolist()
        values = np.ascontiguousarray(planes.T).view("<f2").ravel().astype(np.float32)
        cells = height * width
        parts: list[Map] = np.split(values, np.cumsum([cells, cells, cells, channels]))
        semantic, structural, fused = (part.reshape(height, width) for part in parts[:3])
        spatial = parts[4].reshape(rows, columns)
    except (struct.error, zlib.error, ValueError) as error:
        raise ProjectError(
            "the evidence is damaged.", todo="Delete the .evidence file and track again."
        ) from error
    return Evidence(
        search_region=Box(*numbers[0:4]),
        map_region=Box(*numbers[4:8]),
        semantic=semantic,
        structural=structural,
        fused=fused,
        value_range=(numbers[8], numbers[9]),
        channel_attention=parts[3],
        spatial_attention=spatial,
        ensemble_weights=(numbers[10], numbers[11]),
        scores=Scores(*numbers[12 : 12 + _EARLIER_SCORES], *later),
    )


class EvidenceStore:
    """The evidence of a project's tracks, by track and frame; a newer run's replaces an older one's."""

    def __init__(self, project: Path) -> None:
        self.path = project.with_name(project.name + ".evidence")
        self._connection: sqlite3.Connection | None = None
        self._waiting: list[tuple[int, int, bytes, bytes]] = []

    def read(self, track_id: int, frame: int) -> Evidence | None:
        """What is stored about a frame; None where nothing is.

        Raises:
            ProjectError: The file is damaged or not of this version.
        """
        if self._connection is None and not self.path.exists():
            return None
        query = "SELECT data FROM evidence WHERE track_id = ? AND frame = ?"
        with explained(self.path):
            row = self._open().execute(query, (track_id, frame)).fetchone()
        return None if row is None else decode(row[0])

    def scores(self, track_id: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The scores of all frames of a track, without their maps.

        Returns:
            (n,) frame indices, ascending, and (n, s) scores in the order of `SCORE_NAMES`; NaN where they are not
            known.

        Raises:
            ProjectError: The file is damaged or not of this version.
        """
        rows: list[tuple[int, bytes]] = []
        if self._connection is not None or self.path.exists():
            query = "SELECT frame, data FROM scores WHERE track_id = ? ORDER BY frame"
            with explained(self.path):
                rows = self._open().execute(query, (track_id,)).fetchall()
        frames = np.array([frame for frame, _ in rows], np.int64)
        values = np.frombuffer(b"".join(data for _, data in rows), _SCORES.base)
        return frames, values.reshape(-1, len(SCORE_NAMES)).astype(np.float64)

    def write(self, track_id: int, frame: int, evidence: Evidence) -> None:
        """Store evidence, at the latest with the next `flush` or `close`.

        Raises:
            ProjectError: It could not be saved.
        """
        scores = np.array(astuple(evidence.scores), "<f8").tobytes()
        self._waiting.append((track_id, frame, encode(evidence), scores))
        if len(self._waiting) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Store what still waits.

        Raises:
            ProjectError: It could not be saved.
        """
        if not self._waiting:
            return
        connection = self._open()
        with transaction(connection, self.path):
            connection.executemany(
                "INSERT OR REPLACE INTO evidence VALUES (?, ?, ?)", [row[:3] for row in self._waiting]
            )
            connection.executemany(
                "INSERT OR REPLACE INTO scores VALUES (?, ?, ?)",
                [(track_id, frame, scores) for track_id, frame, _, scores in self._waiting],
            )
        self._waiting.clear()

    def copy_to(self, path: Path) -> None:
        """Write a copy; nothing where there is no evidence.

        Raises:
            ProjectError: It could not be saved.
        """
        if self._connection is None and not self.path.exists():
            return
        copy = connect(path, create=True)
        try:
            with explained(self.path):
                self._open().backup(copy)
        finally:
            copy.close()

    def close(self) -> None:
        """Store what still waits, and close the file."""
        try:
            self.flush()
        finally:
            if self._connection is not None:
                connection, self._connection = self._connection, None
                close_tidily(connection, self.path)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            connection = connect(self.path, create=True, synchronous="NORMAL")
            try:
                self._prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the tables where the file is new; refuse what is not ours."""
        with explained(self.path):
            connection.execute("PRAGMA journal_mode = WAL")
        with transaction(connection, self.path):
            (application,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if (application, version) == (0, 0):
                connection.execute(
                    "CREATE TABLE evidence (track_id INTEGER, frame INTEGER, data BLOB NOT NULL,"
                    " PRIMARY KEY (track_id, frame))"
                )
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                _add_scores(connection)
            elif (application, version) == (APPLICATION_ID, 1):
                _add_scores(connection)
            elif (application, version) != (APPLICATION_ID, USER_VERSION):
                raise ProjectError(
                    "this is not evidence that this version of Thermark can read.",
                    where=self.path,
                    todo="Move the file away; tracking again makes a new one.",
                )


def _add_scores(connection: sqlite3.Connection) -> None:
    """The table of scores, with those of evidence written before there was one: what version 2 added."""
    connection.execute(
        "CREATE TABLE scores (track_id INTEGER, frame INTEGER, data BLOB NOT NULL,"
        " PRIMARY KEY (track_id, frame)) WITHOUT ROWID"
    )
    first, size = 12 * 8 + 1, _EARLIER_SCORES * 8  # SQL counts bytes from 1
    earlier = connection.execute(
        "SELECT track_id, frame, substr(data, ?, ?) FROM evidence WHERE length(data) >= ?",
        (first, size, first + size - 1),
    )
    unknown = np.full(len(SCORE_NAMES) - _EARLIER_SCORES, np.nan, "<f8").tobytes()
    connection.executemany(
        "INSERT INTO scores VALUES (?, ?, ?)",
        ((track_id, frame, data + unknown) for track_id, frame, data in earlier),
    )
    connection.execute(f"PRAGMA user_version = {USER_VERSION}")
