"""A run writes its proposal from another thread; what it has written survives anything."""

from __future__ import annotations

import copy
import math
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.annotation.documents import LENGTH, box_at
from tests.tracker.store.fakes import evidence, new_project, python, tracked
from tracker.annotation import commands
from tracker.annotation.document import Proposal
from tracker.annotation.track import FrameState, Presence, Provenance
from tracker.errors import AnnotationError, ProjectError
from tracker.store import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "clip.thermark")


@pytest.fixture
def proposal(project: Project) -> Proposal:
    return project.begin_proposal(1, 0, 1, "model")


def test_that_written_frames_are_loaded_into_the_document(project: Project, proposal: Proposal) -> None:
    with project.writer(proposal.id) as writer:
        for frame in (0, 99, 100, 249):
            writer.write(frame, tracked(frame))
        writer.write(100, FrameState(box_at(3), Provenance.TRACKED, Presence.ABSENT, 0.25))
        loaded = project.load_proposal(proposal.id)
    assert loaded is project.document.proposals[proposal.id]
    assert np.flatnonzero(loaded.frames.is_said).tolist() == [0, 99, 100, 249]
    state = loaded.frames.at(100, project.document.models)
    assert (state.box, state.presence, state.score, state.model) == (None, Presence.ABSENT, 0.25, "model")
    project.close()


def test_that_a_later_writer_continues(project: Project, proposal: Proposal) -> None:
    for frame in (5, 6):
        with project.writer(proposal.id) as writer:
            writer.write(frame, tracked(frame))
    with project.writer(proposal.id) as writer:
        writer.write(5, FrameState())
    assert project.load_proposal(proposal.id).span() == (6, 7)
    project.close()


def test_that_a_run_and_edits_go_on_at_the_same_time(project: Project, proposal: Proposal) -> None:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            with project.writer(proposal.id) as writer:
                for frame in range(LENGTH):
                    writer.write(frame, tracked(frame), evidence(frame) if frame % 10 == 0 else None)
        except ProjectError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    edits = 0
    while thread.is_alive() or edits < 20:
        project.apply(commands.set_anchor(project.document, 1, edits % LENGTH, box_at(edits % 50)))
        project.load_proposal(proposal.id)
        edits += 1
    thread.join()
    assert errors == []
    assert project.load_proposal(proposal.id).frames.is_said.all()
    expected = copy.deepcopy(project.document)
    assert project.evidence(1, 240) is not None
    project.close()
    with Project.open(project.path) as project:
        assert project.document == expected


RUN = """
import os, signal, sys
from pathlib import Path
from tests.tracker.store.fakes import evidence, tracked
from tracker.store import Project
project = Project.open(Path(sys.argv[1]))
writer = project.writer(1)
for frame in range(250):
    writer.write(frame, tracked(frame), evidence(frame))
    print(frame, flush=True)
    if frame == 133:
        os.kill(os.getpid(), signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
"""


def test_that_every_frame_written_before_a_kill_is_there_after_reopening(
    project: Project, proposal: Proposal
) -> None:
    project.close()
    run = python(RUN, str(project.path))
    output, _ = run.communicate()
    assert run.returncode != 0
    assert output.split()[-1] == "133"
    with Project.open(project.path) as project:
        found = project.document.proposals[proposal.id]
        assert found.span() == (0, 134)
        assert found.frames.is_said[:134].all()
        assert all(found.frames.box(i) == box_at(i) for i in range(134))
        assert project.evidence(1, 100) is not None


def test_that_the_state_must_be_a_tracked_one_of_a_known_model(project: Project, proposal: Proposal) -> None:
    with project.writer(proposal.id) as writer:
        with pytest.raises(AnnotationError, match="tracked"):
            writer.write(1, FrameState(box_at(1), Provenance.MANUAL))
        with pytest.raises(AnnotationError, match="frame 1: a visible target without a box"):
            writer.write(1, FrameState(None, Provenance.TRACKED))
        with pytest.raises(ProjectError, match="does not know the model 'other'"):
            writer.write(1, FrameState(box_at(1), Provenance.TRACKED, model="other"))
        for frame in (-1, LENGTH):
            with pytest.raises(IndexError):
                writer.write(frame, tracked(1))
    assert project.load_proposal(proposal.id).span() is None
    project.close()


def test_that_a_proposal_without_a_model_has_frames_without_one(project: Project) -> None:
    proposal = project.begin_proposal(1, 0, 1, "")
    with project.writer(proposal.id) as writer:
        writer.write(1, tracked(1, math.nan))
    assert project.load_proposal(proposal.id).frames.at(1, ["x"]).model == ""
    project.close()


def test_that_writing_to_a_proposal_that_is_gone_is_an_error(project: Project, proposal: Proposal) -> None:
    with pytest.raises(ProjectError, match="no proposal 7"):
        project.writer(7)
    with project.writer(proposal.id) as writer:
        writer.write(1, tracked(1))
        project.apply(commands.discard(project.document, proposal.id))
        with pytest.raises(ProjectError, match="removed"):
            writer.write(2, tracked(2))
        with pytest.raises(ProjectError, match="removed"):
            writer.write(150, tracked(150))
    project.close()


def test_that_a_full_disk_stops_the_run_with_an_explanation(project: Project, proposal: Proposal) -> None:
    with project.writer(proposal.id) as writer:
        writer.write(0, tracked(0))
        (pages,) = writer._connection.execute("PRAGMA page_count").fetchone()
        writer._connection.execute(f"PRAGMA max_page_count = {pages}")
        writer.write(1, tracked(1))  # in a page that is there
        with pytest.raises(ProjectError, match="no space left"):
            writer.write(200, tracked(200))
        writer._connection.execute("PRAGMA max_page_count = 100000")
        writer.write(2, tracked(2))
    assert project.load_proposal(proposal.id).span() == (0, 3)
    project.close()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be replaced there")
def test_that_a_project_closes_while_a_writer_is_still_open(project: Project, proposal: Proposal) -> None:
    writer = project.writer(proposal.id)
    writer.write(1, tracked(1))
    project.close()
    writer.write(2, tracked(2))
    writer.close()
    with Project.open(project.path) as project:
        assert project.document.proposals[proposal.id].span() == (1, 3)
