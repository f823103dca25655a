"""Writes a tracking run into its proposal, frame by frame, from the run's own thread."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from types import TracebackType

from tracker.annotation.edits import check_proposed
from tracker.annotation.evidence import Evidence
from tracker.annotation.track import NO_MODEL, Frames, FrameState
from tracker.errors import ProjectError
from tracker.store.connection import connect, explained, transaction
from tracker.store.evidence import EvidenceStore
from tracker.store.tables import read_frames, read_models, write_frames


class ProposalWriter:
    """Writes the frames of one proposal over a connection of its own.

    It is made, used and closed in one thread, while the project goes on being edited in another. A frame
    whose `write` has returned survives the death of the program; its evidence follows in small batches.
    """

    def __init__(self, project: Path, proposal_id: int) -> None:
        """Begin.

        Raises:
            ProjectError: The project has no such proposal.
        """
        self._path, self._id = project, proposal_id
        self._evidence = EvidenceStore(project)
        self._models: list[str] = []
        # A disk sync for every frame would slow the run: after a power cut the last ones may be missing.
        self._connection = connect(project, synchronous="NORMAL")
        try:
            with explained(project):
                self._load()
        except BaseException:
            self._connection.close()
            raise

    def _load(self) -> None:
        query = "SELECT track_id, model, length FROM proposals, media WHERE proposals.id = ?"
        row = self._connection.execute(query, (self._id,)).fetchone()
        if row is None:
            raise ProjectError(f"there is no proposal {self._id}.", where=self._path)
        self._track_id, self._model, length = row
        self._frames = read_frames(self._connection, "proposal_frames", self._id, length)
        read_models(self._connection, self._models)

    def write(self, frame: int, state: FrameState, evidence: Evidence | None = None) -> None:
        """Store what the run says about a frame; durable when this returns.

        Args:
            frame: Index in the clip.
            state: What it says; without a model, the proposal's is meant.
            evidence: What that was concluded from.

        Raises:
            ProjectError: The disk is full, the proposal was removed meanwhile, or the model is not the
                project's.
            AnnotationError: The state contradicts itself, or its provenance is not TRACKED.
            IndexError: The clip has no such frame.
        """
        if not 0 <= frame < len(self._frames):
            raise IndexError(f"frame {frame} of {len(self._frames)}")
        row = Frames.of(state, model=self._model_index(state.model or self._model))
        check_proposed(row, len(self._models), frame)
        self._store(frame, row)
        if evidence is not None:
            self._evidence.write(self._track_id, frame, evidence)

    def _store(self, frame: int, row: Frames) -> None:
        before = self._frames[frame : frame + 1]
        self._frames.paste(frame, row)
        try:
            with transaction(self._connection, self._path):
                write_frames(self._connection, "proposal_frames", self._id, self._frames, (frame, frame + 1))
        except sqlite3.IntegrityError as error:  # the foreign key: no proposal any more
            self._frames.paste(frame, before)
            raise ProjectError(
                "the proposal was removed while it was being written.", where=self._path
            ) from error
        except BaseException:
            self._frames.paste(frame, before)
            raise

    def _model_index(self, name: str) -> int:
        if not name:
            return NO_MODEL
        if name not in self._models:
            raise ProjectError(
                f"the project does not know the model {name!r}.",
                where=self._path,
                todo="Begin a proposal with it.",
            )
        return self._models.index(name)

    def flush(self) -> None:
        """Store the evidence that still waits.

        Raises:
            ProjectError: It could not be saved.
        """
        self._evidence.flush()

    def close(self) -> None:
        """Store the evidence that still waits, and close both files."""
        try:
            self._evidence.close()
        finally:
            self._connection.close()

    def __enter__(self) -> ProposalWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
