"""Documents to tables and back."""

from __future__ import annotations

import json
import sqlite3
from typing import Any, Literal

import numpy as np

from tracker.annotation.document import Document, MediaRecord, Proposal
from tracker.annotation.edits import (
    AddProposal,
    AddTrack,
    Edit,
    RemoveProposal,
    RemoveTrack,
    Sequence_,
    SetFrames,
    SetTrackInfo,
)
from tracker.annotation.region_edits import AddRegion, ChangeRegion, RemoveRegion, SetCalibration
from tracker.annotation.track import FRAME_DTYPE, Frames, Mask, Track
from tracker.errors import AnnotationError, ProjectError
from tracker.store import region_tables
from tracker.store.schema import CHUNK

FramesTable = Literal["track_frames", "proposal_frames"]

RESTORE = "Restore it from a copy."

_MEDIA_COLUMNS = "path, kind, content_hash, length, width, height, dtype, channels, fps"


def write_media(connection: sqlite3.Connection, media: MediaRecord, relative_path: str | None) -> None:
    """Store the record of the clip."""
    connection.execute(
        f"INSERT INTO media (id, relative_path, {_MEDIA_COLUMNS}) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            relative_path,
            media.path,
            media.kind,
            media.content_hash,
            media.length,
            media.width,
            media.height,
            media.dtype,
            media.channels,
            media.fps,
        ),
    )


def move_media(connection: sqlite3.Connection, path: str, relative_path: str | None) -> None:
    """Store where the clip lies now."""
    connection.execute("UPDATE media SET path = ?, relative_path = ?", (path, relative_path))


def read_media(connection: sqlite3.Connection) -> MediaRecord:
    """Load the record of the clip.

    Raises:
        ProjectError: There is none.
    """
    return MediaRecord(*_one(connection, f"SELECT {_MEDIA_COLUMNS} FROM media"))


def write_normalisation(connection: sqlite3.Connection, normalisation: tuple[float, float] | None) -> None:
    """Store which counts become 0 and 255 for the network."""
    connection.execute("UPDATE media SET low = ?, high = ?", normalisation or (None, None))


def read_document(connection: sqlite3.Connection) -> Document:
    """Load everything that edits change.

    Raises:
        ProjectError: The content contradicts itself.
    """
    low, high = _one(connection, "SELECT low, high FROM media")
    document = Document(read_media(connection), normalisation=None if low is None else (low, high))
    read_models(connection, document.models)
    query = "SELECT id, label, colour, attributes, locked FROM tracks ORDER BY id"
    for id_, label, colour, attributes, locked in connection.execute(query):
        frames = _checked(connection, "track_frames", id_, document)
        document.tracks[id_] = Track(
            id_, label, colour, tuple(json.loads(attributes)), frames, document.models, bool(locked)
        )
    for (id_,) in connection.execute("SELECT id FROM proposals ORDER BY id").fetchall():
        document.proposals[id_] = read_proposal(connection, id_, document)
    region_tables.read(connection, document)
    used = dict(connection.execute("SELECT name, seq FROM sqlite_sequence"))
    document.last_track_id, document.last_proposal_id = used.get("tracks", 0), used.get("proposals", 0)
    document.last_region_id = used.get("regions", 0)
    return document


def read_models(connection: sqlite3.Connection, models: list[str]) -> None:
    """Append the model ids that are stored but not in `models` yet."""
    stored = connection.execute(
        "SELECT name FROM models WHERE position >= ? ORDER BY position", (len(models),)
    )
    models.extend(name for (name,) in stored)


def write_model(connection: sqlite3.Connection, position: int, name: str) -> None:
    """Store a new model id at its index."""
    connection.execute("INSERT INTO models (position, name) VALUES (?, ?)", (position, name))


def read_proposal(connection: sqlite3.Connection, proposal_id: int, document: Document) -> Proposal:
    """Load one proposal.

    Raises:
        ProjectError: There is none, or its content contradicts itself.
    """
    query = "SELECT id, track_id, start, direction, model, reviewed FROM proposals WHERE id = ?"
    id_, track_id, start, direction, model, reviewed = _one(connection, query, (proposal_id,))
    frames = _checked(connection, "proposal_frames", id_, document)
    return Proposal(id_, track_id, start, direction, model, frames, bool(reviewed))


def _one(connection: sqlite3.Connection, query: str, values: tuple[object, ...] = ()) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(query, values).fetchone()
    if row is None:
        raise ProjectError("the project is damaged.", where=query, todo=RESTORE)
    return row


def save(connection: sqlite3.Connection, edit: Edit, document: Document) -> None:
    """Store what `edit`, which has just been applied to `document`, has changed there.

    What is written is the state of the document, not the content of the edit: so a part of a `Sequence_` may
    concern something that a later part has removed.
    """
    match edit:
        case Sequence_(edits=edits):
            for part in edits:
                save(connection, part, document)
        case AddTrack(track=track):
            _save_track(connection, track.id, document)
        case RemoveTrack(track_id=track_id):
            _save_track(connection, track_id, document)
        case SetTrackInfo(track_id=track_id):
            _save_info(connection, track_id, document)
        case SetFrames():
            _save_frames(connection, edit, document)
        case AddProposal(proposal=proposal):
            _save_proposal(connection, proposal.id, document)
        case RemoveProposal(proposal_id=proposal_id):
            _save_proposal(connection, proposal_id, document)
        case AddRegion() | ChangeRegion() | RemoveRegion() | SetCalibration():
            region_tables.save(connection, edit, document)
        case _:
            raise NotImplementedError(f"the store cannot save {type(edit).__name__}")


def _save_track(connection: sqlite3.Connection, track_id: int, document: Document) -> None:
    connection.execute("DELETE FROM tracks WHERE id = ?", (track_id,))
    track = document.tracks.get(track_id)
    if track is None:
        return
    connection.execute(
        "INSERT INTO tracks (id, label, colour, attributes, locked) VALUES (?, ?, ?, ?, ?)",
        (track.id, track.label, track.colour, json.dumps(track.attributes), track.locked),
    )
    write_frames(connection, "track_frames", track.id, track.frames)


def _save_info(connection: sqlite3.Connection, track_id: int, document: Document) -> None:
    track = document.tracks.get(track_id)
    if track is not None:
        connection.execute(
            "UPDATE tracks SET label = ?, colour = ?, attributes = ?, locked = ? WHERE id = ?",
            (track.label, track.colour, json.dumps(track.attributes), track.locked, track.id),
        )


def _save_frames(connection: sqlite3.Connection, edit: SetFrames, document: Document) -> None:
    if edit.track_id in document.tracks:
        changed, stop = document.tracks[edit.track_id].frames, edit.start + len(edit.frames)
        write_frames(connection, "track_frames", edit.track_id, changed, (edit.start, stop))


def _save_proposal(connection: sqlite3.Connection, proposal_id: int, document: Document) -> None:
    connection.execute("DELETE FROM proposals WHERE id = ?", (proposal_id,))
    found = document.proposals.get(proposal_id)
    if found is None:
        return
    connection.execute(
        "INSERT INTO proposals (id, track_id, start, direction, model, reviewed) VALUES (?, ?, ?, ?, ?, ?)",
        (found.id, found.track_id, found.start, found.direction, found.model, found.reviewed),
    )
    write_frames(connection, "proposal_frames", found.id, found.frames)


def write_frames(
    connection: sqlite3.Connection,
    table: FramesTable,
    owner: int,
    frames: Frames,
    span: tuple[int, int] | None = None,
) -> None:
    """Store the chunks of a clip's `frames` that overlap `span`; chunks that say nothing are left out."""
    start, stop = span if span is not None else (0, len(frames))
    filled, empty = [], []
    for chunk in range(start // CHUNK, (stop - 1) // CHUNK + 1):
        part = frames.view(chunk * CHUNK, (chunk + 1) * CHUNK)
        if part.is_said.any():
            filled.append((owner, chunk, part.rows.tobytes(), _bits(part.reviewed)))
        else:
            empty.append((owner, chunk))
    connection.executemany(
        f"INSERT INTO {table} (owner, chunk, rows, reviewed) VALUES (?, ?, ?, ?) "
        "ON CONFLICT DO UPDATE SET rows = excluded.rows, reviewed = excluded.reviewed",
        filled,
    )
    connection.executemany(f"DELETE FROM {table} WHERE owner = ? AND chunk = ?", empty)


def read_frames(connection: sqlite3.Connection, table: FramesTable, owner: int, length: int) -> Frames:
    """Load a clip's worth of frames.

    Raises:
        ProjectError: A chunk is not where or as long as it should be.
    """
    frames = Frames.empty(length)
    query = f"SELECT chunk, rows, reviewed FROM {table} WHERE owner = ?"
    for chunk, blob, bits in connection.execute(query, (owner,)):
        target = frames.view(chunk * CHUNK, (chunk + 1) * CHUNK) if chunk >= 0 else frames.view(0, 0)
        is_fitting = len(blob) == target.rows.nbytes and len(bits) in (0, (len(target) + 7) // 8)
        if not len(target) or not is_fitting:
            where = f"{table} {owner}, chunk {chunk}"
            raise ProjectError("the project is damaged.", where=where, todo=RESTORE)
        target.rows[:] = np.frombuffer(blob, FRAME_DTYPE)
        if bits:
            target.reviewed[:] = np.unpackbits(np.frombuffer(bits, np.uint8), count=len(target))
    return frames


def _bits(mask: Mask) -> bytes:
    """A mask as bits, the first frame's the highest of the first byte; nothing where none is set."""
    return np.packbits(mask).tobytes() if mask.any() else b""


def _checked(connection: sqlite3.Connection, table: FramesTable, owner: int, document: Document) -> Frames:
    frames = read_frames(connection, table, owner, document.length)
    try:
        frames.check(len(document.models))
    except AnnotationError as error:
        raise ProjectError(
            f"the project is damaged: {error.message}",
            where=f"{table} {owner}",
            todo=RESTORE,
        ) from error
    return frames
