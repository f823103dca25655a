"""Runs written into a project: what was reported is there, whatever happens."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.fakes import ArraySource, StubTracker
from tracker.annotation.commands import add_track
from tracker.annotation.document import MediaRecord
from tracker.annotation.track import Provenance
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.store.project import Project
from tracker.tracking.record import record
from tracker.tracking.run import FrameTracked, track


@pytest.fixture
def source() -> ArraySource:
    return ArraySource(np.zeros((12, 16, 16), np.uint8), Path("clip"))


@pytest.fixture
def project(tmp_path: Path, source: ArraySource) -> Project:
    record = MediaRecord("/clips/a", "images", "ab" * 32, len(source), 16, 16, "uint8", 1)
    project = Project.create(tmp_path / "a.thermark", record)
    project.apply(add_track(project.document, 2, Box(2, 2, 4, 4)))
    return project


def test_that_a_finished_run_lies_in_its_proposal_with_its_evidence(
    project: Project, source: ArraySource
) -> None:
    proposal = project.begin_proposal(1, 2, 1, "stub")
    summary = finish(record(project, proposal.id, track(source, StubTracker(), 2, Box(2, 2, 4, 4))))
    loaded = project.load_proposal(proposal.id)
    assert summary.last == 11
    assert loaded.span() == (2, 12)
    assert set(loaded.frames.provenance[2:].tolist()) == {Provenance.TRACKED}
    assert loaded.frames.box(7) == Box(7, 2, 4, 4)
    assert project.document.tracks[1].frames.box(7) is None
    found = project.evidence(1, 7)
    assert found is not None
    assert found.fused[1, 2] == pytest.approx(0.9, abs=1e-3)
    project.close()


def test_that_every_reported_frame_of_a_cancelled_run_is_kept(project: Project, source: ArraySource) -> None:
    proposal = project.begin_proposal(1, 2, 1, "stub")
    job = record(project, proposal.id, track(source, StubTracker(), 2, Box(2, 2, 4, 4)))
    reported = [event.frame for event in (next(job) for _ in range(6)) if isinstance(event, FrameTracked)]
    job.close()
    project.close()
    with Project.open(project.path) as again:
        kept = again.document.proposals[proposal.id]
        assert set(np.flatnonzero(kept.frames.is_said)) == set(reported)
        assert again.evidence(1, reported[-1]) is not None
