"""Evidence beside the project."""

from __future__ import annotations

import dataclasses
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.tracker.store.fakes import evidence, new_project, tracked
from tracker.annotation.evidence import SCORE_NAMES, Evidence
from tracker.errors import ProjectError
from tracker.store import Project
from tracker.store.evidence import APPLICATION_ID, BATCH, EvidenceStore, decode, encode

MAPS = ("semantic", "structural", "fused", "channel_attention", "spatial_attention")


def same(first: Evidence, second: Evidence) -> bool:
    """Whether all single numbers are the same, and maps are within float16."""
    for field in dataclasses.fields(Evidence):
        a, b = getattr(first, field.name), getattr(second, field.name)
        if field.name in MAPS:
            if b.dtype != np.float32 or not np.array_equal(a.astype(np.float16), b.astype(np.float16)):
                return False
        elif a != b:
            return False
    return True


@settings(max_examples=40)
@given(
    arrays(
        np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.floats(-6e4, 6e4, width=32)
    ),
    st.integers(1, 8),
    st.floats(-1e300, 1e300),
)
def test_that_evidence_comes_back_within_float16_and_its_numbers_exactly(
    cells: np.ndarray[tuple[int, int], np.dtype[np.float32]], channels: int, number: float
) -> None:
    given_ = dataclasses.replace(
        evidence(channels),
        semantic=cells,
        structural=cells * np.float32(0.5),
        fused=-cells,
        channel_attention=np.linspace(0, 1, channels, dtype=np.float32),
        value_range=(number, number),
    )
    assert same(given_, decode(encode(given_)))


def test_that_values_too_large_for_float16_stay_finite() -> None:
    large = dataclasses.replace(evidence(), fused=np.full((9, 11), 1e6, np.float32))
    assert decode(encode(large)).fused.max() == pytest.approx(65504)


@pytest.mark.parametrize("cut", [0, 10, 150, -1])
def test_that_damaged_bytes_are_reported(cut: int) -> None:
    with pytest.raises(ProjectError, match="damaged"):
        decode(encode(evidence())[:cut])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path / "clip.thermark")


def test_that_there_is_no_evidence_before_a_run_and_no_file_is_made_by_asking(project: Project) -> None:
    assert project.evidence(1, 0) is None
    project.close()
    assert not (project.path.parent / "clip.thermark.evidence").exists()


def test_that_the_evidence_of_a_run_is_there_and_a_newer_run_replaces_it(project: Project) -> None:
    for seed in (1, 2):
        proposal = project.begin_proposal(1, 0, 1, "model")
        with project.writer(proposal.id) as writer:
            for frame in range(BATCH + 2):
                writer.write(frame, tracked(frame), evidence(seed * 100 + frame))
        found = project.evidence(1, BATCH + 1)
        assert found is not None
        assert same(evidence(seed * 100 + BATCH + 1), found)
    assert project.evidence(1, BATCH + 2) is None
    assert project.evidence(2, 0) is None
    project.close()
    assert sorted(p.name for p in project.path.parent.iterdir()) == [
        "clip.thermark",
        "clip.thermark.evidence",
    ]


def test_that_evidence_can_be_read_while_it_is_written(project: Project) -> None:
    proposal = project.begin_proposal(1, 0, 1, "model")
    with project.writer(proposal.id) as writer:
        writer.write(0, tracked(0), evidence())
        assert project.evidence(1, 0) is None
        writer.flush()
        assert project.evidence(1, 0) is not None
        writer.write(1, tracked(1), evidence(1))
        writer.flush()
        assert project.evidence(1, 1) is not None
    project.close()


def test_that_evidence_may_be_deleted(project: Project) -> None:
    proposal = project.begin_proposal(1, 0, 1, "model")
    with project.writer(proposal.id) as writer:
        writer.write(0, tracked(0), evidence())
    project.close()
    (project.path.parent / "clip.thermark.evidence").unlink()
    with Project.open(project.path) as project:
        assert project.evidence(1, 0) is None
        assert project.document.proposals[proposal.id].span() == (0, 1)


@pytest.mark.parametrize("content", [b"no database at all, only text", None])
def test_that_a_foreign_file_in_its_place_is_refused(project: Project, content: bytes | None) -> None:
    path = project.path.with_name("clip.thermark.evidence")
    if content is None:
        connection = sqlite3.connect(path)
        connection.execute("PRAGMA application_id = 5")
        connection.execute("CREATE TABLE evidence (a)")
        connection.close()
    else:
        path.write_bytes(content)
    with pytest.raises(ProjectError):
        project.evidence(1, 0)
    proposal = project.begin_proposal(1, 0, 1, "model")
    writer = project.writer(proposal.id)
    writer.write(0, tracked(0), evidence())
    with pytest.raises(ProjectError):
        writer.close()
    assert project.load_proposal(proposal.id).span() == (0, 1)
    project.close()


def test_that_evidence_that_finds_no_space_is_an_error_but_costs_no_box(project: Project) -> None:
    proposal = project.begin_proposal(1, 0, 1, "model")
    writer = project.writer(proposal.id)
    writer.write(0, tracked(0), evidence())
    writer.flush()
    connection = writer._evidence._connection
    assert connection is not None
    connection.execute("PRAGMA max_page_count = 2")
    for frame in range(1, BATCH):
        writer.write(frame, tracked(frame), evidence(frame))
    with pytest.raises(ProjectError, match="no space left"):
        writer.write(BATCH, tracked(BATCH), evidence(BATCH))
    connection.execute("PRAGMA max_page_count = 100000")
    writer.close()
    assert project.load_proposal(proposal.id).span() == (0, BATCH + 1)
    assert project.evidence(1, BATCH) is not None
    project.close()


def test_that_a_store_closes_twice(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "p.thermark")
    store.write(1, 1, evidence())
    store.close()
    store.close()
    assert same(evidence(), store.read(1, 1) or evidence(9))
    store.close()


def test_that_the_scores_of_a_track_are_read_at_once_and_in_order(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "p.thermark")
    assert [len(part) for part in store.scores(1)] == [0, 0]
    for frame in (7, 3, 5):
        store.write(1, frame, evidence(frame))
    store.write(2, 4, evidence())
    store.flush()
    frames, scores = store.scores(1)
    assert frames.tolist() == [3, 5, 7]
    assert scores.shape == (3, len(SCORE_NAMES))
    assert tuple(scores[0]) == dataclasses.astuple(evidence().scores)
    store.close()


def version_1(path: Path, frames: int) -> None:
    """Make evidence as the first version wrote it: five scores, and none of them beside the maps."""
    earlier = len(np.array(dataclasses.astuple(evidence().scores)[5:], "<f8").tobytes())
    connection = sqlite3.connect(path)
    connection.execute(
        "CREATE TABLE evidence (track_id INTEGER, frame INTEGER, data BLOB NOT NULL, PRIMARY KEY (track_id, frame))"
    )
    rows = [(1, frame, encode(evidence(frame))[:-earlier]) for frame in range(frames)]
    connection.executemany("INSERT INTO evidence VALUES (?, ?, ?)", rows)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()


def test_that_evidence_of_the_first_version_is_read_and_added_to(tmp_path: Path) -> None:
    version_1(tmp_path / "p.thermark.evidence", 3)
    store = EvidenceStore(tmp_path / "p.thermark")
    old = store.read(1, 1)
    assert old is not None
    assert (old.scores.peak, old.scores.disagreement) == (0.123456789012345, 1.5)
    assert np.isnan(
        [old.scores.divergence, old.scores.quality, old.scores.likeness, old.scores.contrast]
    ).all()
    store.write(1, 3, evidence(3))
    store.close()
    frames, scores = store.scores(1)
    store.close()
    assert frames.tolist() == [0, 1, 2, 3]
    assert np.isnan(scores[:, 5:]).any(axis=1).tolist() == [True, True, True, False]
    assert (scores[:, :5] == dataclasses.astuple(evidence().scores)[:5]).all()
