"""A project under any series of edits, undos, runs and reopenings equals a plain document in memory."""

from __future__ import annotations

import copy
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.tracker.annotation.documents import (
    LENGTH,
    MEDIA,
    MODELS,
    corrections_of,
    edits_of,
    gestures_of,
    states,
    whole_frames,
)
from tracker.annotation.document import Document
from tracker.annotation.edits import AddTrack, Edit
from tracker.annotation.track import Frames, FrameState, Provenance, Track
from tracker.store import Project


class StoredDocument(RuleBasedStateMachine):
    """The project on one side; on the other a document, and snapshots of it for undo and redo."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.project = Project.create(self.folder / "p.thermark", MEDIA)
        self.undo: list[tuple[Edit, Document]] = []
        self.redo: list[tuple[Edit, Document]] = []

    @initialize(first=whole_frames(LENGTH), second=whole_frames(LENGTH), are_there=st.booleans())
    def begin(self, first: Frames, second: Frames, are_there: bool) -> None:
        for model in MODELS:
            self.project.know_model(model)
        self.model = Document(MEDIA, models=list(MODELS))
        for id_, frames in enumerate((first, second) if are_there else (), 1):
            self._apply(AddTrack(Track(id_, "target", "#102030", (), frames)))

    @rule(data=st.data())
    def edit(self, data: st.DataObject) -> None:
        self._apply(data.draw(edits_of(self.model) | gestures_of(self.model)))

    @precondition(lambda self: self.model.tracks)
    @rule(data=st.data())
    def correct(self, data: st.DataObject) -> None:
        """Accept, split, join, swap, shift an anchor, lock."""
        self._apply(data.draw(corrections_of(self.model)))

    def _apply(self, edit: Edit | None) -> None:
        if edit is None:
            return
        before = copy.deepcopy(self.model)
        edit.apply(self.model)
        self.undo.append((self.project.apply(edit), before))
        self.redo.clear()

    @precondition(lambda self: self.undo)
    @rule()
    def undo_one(self) -> None:
        edit, before = self.undo.pop()
        self.redo.append((self.project.apply(edit), self.model))
        self._go_to(before)

    @precondition(lambda self: self.redo)
    @rule()
    def redo_one(self) -> None:
        edit, after = self.redo.pop()
        self.undo.append((self.project.apply(edit), self.model))
        self._go_to(after)

    def _go_to(self, state: Document) -> None:
        """Ids once given out stay so when their track is undone."""
        state.last_track_id = max(state.last_track_id, self.model.last_track_id)
        state.last_proposal_id = max(state.last_proposal_id, self.model.last_proposal_id)
        state.last_region_id = max(state.last_region_id, self.model.last_region_id)
        self.model = state

    @precondition(lambda self: self.model.proposals)
    @rule(data=st.data(), state=states(), start=st.integers(0, LENGTH - 1), step=st.sampled_from([-1, 1, 37]))
    def run(self, data: st.DataObject, state: FrameState, start: int, step: int) -> None:
        """A run writes a few frames; it cannot be undone by itself, only merged or discarded."""
        found = self.model.proposals[data.draw(st.sampled_from(sorted(self.model.proposals)))]
        state = FrameState(
            state.box,
            Provenance.TRACKED if state.provenance else Provenance.NONE,
            state.presence,
            state.score,
        )
        with self.project.writer(found.id) as writer:
            for frame in range(start, start + 4 * step, step):
                if 0 <= frame < LENGTH:
                    writer.write(frame, state)
                    found.frames.put(frame, state, self.model.model_index(found.model))
        self.project.load_proposal(found.id)
        self.undo.clear()
        self.redo.clear()

    @rule()
    def reopen(self) -> None:
        self.project.close()
        self.project = Project.open(self.project.path)
        assert list(self.project.document.tracks) == list(self.model.tracks)
        assert list(self.project.document.proposals) == list(self.model.proposals)
        assert list(self.project.document.regions) == list(self.model.regions)
        assert self.project.document.last_region_id == self.model.last_region_id
        assert self.project.document.last_track_id == self.model.last_track_id

    @invariant()
    def document_equals_memory(self) -> None:
        assert self.project.document == self.model

    def teardown(self) -> None:
        self.project.close()
        with Project.open(self.project.path) as project:
            assert project.document == self.model
        shutil.rmtree(self.folder)


TestStoredDocument = StoredDocument.TestCase
TestStoredDocument.settings = settings(
    max_examples=25, stateful_step_count=15, suppress_health_check=list(HealthCheck)
)
