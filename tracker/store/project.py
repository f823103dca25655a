"""A project: a document that is saved as it changes."""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from tracker.annotation.changes import unlocked
from tracker.annotation.document import Document, MediaRecord, Proposal
from tracker.annotation.edits import AddProposal, Edit, RemoveProposal, Sequence_
from tracker.annotation.evidence import Evidence
from tracker.annotation.track import Frames
from tracker.errors import MediaError, ProjectError
from tracker.store import media as media_files
from tracker.store import schema, tables
from tracker.store.connection import close_tidily, connect, explained, transaction
from tracker.store.evidence import EvidenceStore
from tracker.store.lock import ProjectLock
from tracker.store.writer import ProposalWriter

SUFFIX = ".thermark"


class Project:
    """An open project file and the document in it.

    The two never differ: an edit is in both when `apply` returns, and in neither when it raises. Nothing is
    ever "unsaved". A project serves one thread at a time, except for `writer`; only one Thermark has it open.

    Attributes:
        path: The project file.
        document: Its content; changed only through this class.
    """

    def __init__(self, path: Path, lock: ProjectLock, connection: sqlite3.Connection) -> None:
        """Load what `connection` leads to; use `create` or `open` instead."""
        self.path = path
        self._lock, self._connection = lock, connection
        self._evidence = EvidenceStore(path)
        self._is_closed = False
        self.document = _load(connection, path)

    @staticmethod
    def create(path: Path, media: MediaRecord, normalisation: tuple[float, float] | None = None) -> Project:
        """Make a new project about a clip, and open it.

        Args:
            path: Where; nothing may be there yet.
            media: The clip (see `media_record`).
            normalisation: (low, high) counts mapped to 0 and 255 for the network, None while undecided.

        Raises:
            ProjectError: Something is there, or the folder cannot be written.
        """

        def fill(new: Path) -> None:
            connection = connect(new, create=True)
            try:
                schema.make_tables(connection)
                with transaction(connection, new):
                    tables.write_media(connection, media, media_files.relative_path(media.path, path))
                    tables.write_normalisation(connection, normalisation)
            finally:
                connection.close()

        lock = ProjectLock(path)
        try:
            for taken in (path, EvidenceStore(path).path):
                if taken.exists():
                    raise ProjectError(
                        "there is such a file already.", where=taken, todo="Choose another name."
                    )
            _replace_whole((path, fill))
            return Project._open_locked(path, lock)
        except BaseException:
            lock.release()
            raise

    @staticmethod
    def open(path: Path) -> Project:
        """Open a project; proposals of runs that were cut short are in its document.

        Raises:
            ProjectError: It is missing, no project, damaged, of a newer version, open elsewhere, or it cannot
                be written.
        """
        lock = ProjectLock(path)
        try:
            schema.require_project_file(path)
            return Project._open_locked(path, lock)
        except BaseException:
            lock.release()
            raise

    @staticmethod
    def _open_locked(path: Path, lock: ProjectLock) -> Project:
        connection = connect(path)
        try:
            schema.bring_up_to_date(connection, path)
            with explained(path):
                connection.execute("PRAGMA journal_mode = WAL")
            return Project(path, lock, connection)
        except BaseException:
            connection.close()
            raise

    def close(self) -> None:
        """Close the files; the project is then one file, and its evidence another. Close writers before.

        A second time does nothing.
        """
        if self._is_closed:
            return
        self._is_closed = True
        with ExitStack() as last_first:
            last_first.callback(self._lock.release)
            last_first.callback(close_tidily, self._connection, self.path)
            last_first.callback(self._evidence.close)

    def __enter__(self) -> Project:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def apply(self, edit: Edit) -> Edit:
        """Apply an edit to the document and to the file.

        Returns:
            The opposite edit.

        Raises:
            ThermarkError: The edit is impossible or could not be saved; nothing has changed.
        """
        for proposal_id in _removed_proposals(edit) & self.document.proposals.keys():
            self.load_proposal(proposal_id)  # the opposite edit must bring back what its run has written
        opposite = edit.apply(self.document)
        try:
            with transaction(self._connection, self.path):
                tables.save(self._connection, edit, self.document)
        except BaseException:
            opposite.apply(self.document)
            raise
        return opposite

    def begin_proposal(self, track_id: int, start: int, direction: int, model: str) -> Proposal:
        """Add an empty proposal for a tracking run.

        Args:
            track_id: The track it is for.
            start: Frame index the run starts from.
            direction: +1 forward, -1 backward.
            model: Id of the model that runs.

        Returns:
            The proposal in the document.

        Raises:
            AnnotationError: There is no such track or frame, or the track is locked.
            ProjectError: It could not be saved.
        """
        unlocked(self.document, track_id)
        self.know_model(model)
        id_ = self.document.next_proposal_id()
        frames = Frames.empty(self.document.length)
        self.apply(AddProposal(Proposal(id_, track_id, start, direction, model, frames)))
        return self.document.proposals[id_]

    def know_model(self, model: str) -> None:
        """Add a model id to those that frames can refer to, unless it is there or empty.

        Raises:
            ProjectError: It could not be saved.
        """
        models = self.document.models
        if model and model not in models:
            with transaction(self._connection, self.path):
                tables.write_model(self._connection, len(models), model)
            models.append(model)

    def writer(self, proposal_id: int) -> ProposalWriter:
        """A writer for a proposal; call this, write and close in the thread of the run.

        Raises:
            ProjectError: There is no such proposal.
        """
        return ProposalWriter(self.path, proposal_id)

    def load_proposal(self, proposal_id: int) -> Proposal:
        """Bring a proposal in the document up to what a writer has written by now.

        Do this before merging a run.

        Raises:
            AnnotationError: There is no such proposal in the document.
            ProjectError: It cannot be read.
        """
        known = self.document.proposal(proposal_id)
        with explained(self.path):
            known.frames = tables.read_proposal(self._connection, proposal_id, self.document).frames
        return known

    def evidence(self, track_id: int, frame: int) -> Evidence | None:
        """What the latest tracking of a track saw in a frame; None where nothing is kept.

        Raises:
            ProjectError: The evidence file is damaged.
        """
        return self._evidence.read(track_id, frame)

    def set_normalisation(self, low: float, high: float) -> None:
        """Decide which counts become 0 and 255 for the network.

        Raises:
            ProjectError: `high` is not above `low`, or it could not be saved.
        """
        if not low < high:
            raise ProjectError(f"counts from {low:g} to {high:g} are no range.", where=self.path)
        with transaction(self._connection, self.path):
            tables.write_normalisation(self._connection, (low, high))
        self.document.normalisation = (float(low), float(high))

    def setting(self, key: str, default: str = "") -> str:
        """A small thing remembered with the project, such as the last shown frame."""
        with explained(self.path):
            row = self._connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return default if row is None else str(row[0])

    def set_setting(self, key: str, value: str) -> None:
        """Remember a small thing.

        Raises:
            ProjectError: It could not be saved.
        """
        with transaction(self._connection, self.path):
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    def media_path(self) -> Path:
        """Where the clip lies now: where it was, relative to the project, or beside it by name.

        Raises:
            MediaError: At none of these places.
        """
        with explained(self.path):
            (relative,) = self._connection.execute("SELECT relative_path FROM media").fetchone()
        return media_files.find_media(self.document.media.path, relative, self.path)

    def relocate(self, path: Path, source_hash: str, length: int | None = None) -> None:
        """Take note of where the clip lies now.

        Args:
            path: Its new place.
            source_hash: Content hash of what is there.
            length: Number of frames there, if known.

        Raises:
            MediaError: It is another clip.
            ProjectError: It could not be saved.
        """
        record = self.document.media
        if source_hash != record.content_hash or length not in (None, record.length):
            raise MediaError(
                "this is another clip than the one the project is about.",
                where=path,
                todo=f"Find the one that was at {record.path}, or make a new project for this one.",
            )
        absolute = str(path.absolute())
        with transaction(self._connection, self.path):
            tables.move_media(self._connection, absolute, media_files.relative_path(absolute, self.path))
        self.document.media = tables.read_media(self._connection)

    def save_as(self, path: Path) -> None:
        """Write a copy, consistent also while a run writes, with its evidence; this project stays open.

        Args:
            path: Where; a project that is there is replaced once the copy is complete.

        Raises:
            ProjectError: It could not be saved, or `path` is open; what was there is unchanged.
        """

        def fill(new: Path) -> None:
            copy = connect(new, create=True)
            try:
                with explained(path):
                    self._connection.backup(copy)
                relative = media_files.relative_path(self.document.media.path, path)
                with transaction(copy, new):
                    tables.move_media(copy, self.document.media.path, relative)
            finally:
                copy.close()

        lock = ProjectLock(path)
        try:
            _replace_whole((path, fill), (EvidenceStore(path).path, self._evidence.copy_to))
        finally:
            lock.release()


def _load(connection: sqlite3.Connection, path: Path) -> Document:
    try:
        with explained(path):
            return tables.read_document(connection)
    except (sqlite3.DatabaseError, ValueError, TypeError) as error:
        raise ProjectError("the project is damaged.", where=path, todo="Restore it from a copy.") from error


def _removed_proposals(edit: Edit) -> set[int]:
    match edit:
        case RemoveProposal(proposal_id=proposal_id):
            return {proposal_id}
        case Sequence_(edits=edits):
            return set().union(*map(_removed_proposals, edits))
    return set()


def _replace_whole(*files: tuple[Path, Callable[[Path], None]]) -> None:
    """Write new databases, and put them in their places once all of them are complete.

    Args:
        files: The place of each, and what writes it; where that writes nothing, nothing will be there.
    """
    new = {path: path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.new") for path, _ in files}
    try:
        for path, fill in files:
            fill(new[path])
        for path, written in new.items():
            # SQLite would replay what a killed program left in the log of the old file into the new one.
            _remove_side_files(path)
            if written.exists():
                written.replace(path)
            else:
                path.unlink(missing_ok=True)
    except OSError as error:
        raise ProjectError(f"the file cannot be written ({error.strerror}).", where=files[0][0]) from error
    finally:
        for written in new.values():
            written.unlink(missing_ok=True)
            _remove_side_files(written)


def _remove_side_files(path: Path) -> None:
    for end in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + end).unlink(missing_ok=True)
