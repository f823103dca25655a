"""A/B replay: the same boxes as two runs of their own, one reading of each frame, and what is made of both."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.tracking.fakes import ArraySource, StubTracker, evidence
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.errors import AnnotationError, BoxError
from tracker.geometry import Box
from tracker.jobs import Event, Progress, finish
from tracker.media.source import Counts
from tracker.tracking.build import build_tracker
from tracker.tracking.replay import anchors_within, replay, stretches_between
from tracker.tracking.replay_record import (
    Comparison,
    FrameReplayed,
    ReplayRecord,
    Side,
    compare,
    spans_of,
)
from tracker.tracking.replay_store import STALE_S, ReplayStore
from tracker.tracking.run import FrameTracked
from tracker.tracking.through import Anchor, track_through
from tracker.tracking.tracker import Result
from tracker.tracking.variant import Levels, Variant
from tracker.tracking.variant_build import build_variant

FIRST, SECOND = Box(2, 2, 4, 4), Box(8, 8, 4, 4)
LENGTH = 20


class ReadingSource(ArraySource):
    """Remembers what was read, by all readers, and whether it was closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


class DriftingTracker(StubTracker):
    """Goes two pixels a frame where the stub goes one."""

    model_id = "drifting"

    def update(self, frame: Counts) -> Result:
        result = super().update(frame)
        self._box = self._box.moved(1, 0)
        return Result(self._box, result.score, Presence.VISIBLE, evidence(0.5))


def clip(length: int = LENGTH, bad: tuple[int, ...] = ()) -> ReadingSource:
    return ReadingSource(np.zeros((length, 16, 64), np.uint8), Path("clip"), bad)


def track_of(length: int = LENGTH) -> Track:
    return Track(1, "target", "#ff0000", (), Frames.empty(length))


def with_anchors(*frames: int, boxes: Box = FIRST) -> Track:
    track = track_of()
    track.frames.put(np.array(frames), FrameState(boxes, Provenance.MANUAL))
    return track


def run(
    *anchors: Anchor, last: int = LENGTH - 1, truth: Frames | None = None, source: ReadingSource | None = None
) -> tuple[Comparison, list[FrameReplayed], list[Event]]:
    events: list[Event] = []
    trackers = StubTracker(), DriftingTracker()
    job = replay(source or clip(), trackers, anchors, last, truth or Frames.empty(LENGTH))
    comparison = finish(job, events.append)
    return comparison, [event for event in events if isinstance(event, FrameReplayed)], events


def boxes_by_frame(events: list[FrameReplayed], side: Side) -> dict[int, Box]:
    return {event.frame: event.results[side].box for event in events if not event.is_given}


# The job


def test_that_both_sides_give_the_boxes_of_runs_of_their_own(
    moving_square: tuple[ArraySource, np.ndarray],
) -> None:
    source, true = moving_square
    variants = Variant(), Variant(search_factor=3.0, levels=Levels.SEMANTIC)
    anchors = Anchor(0, Box(*true[0])), Anchor(9, Box(*true[9]))
    trackers = tuple(build_variant(each, device="cpu").tracker for each in variants)
    events: list[Event] = []
    finish(replay(source.reopen(), (trackers[0], trackers[1]), anchors, 14, Frames.empty(40)), events.append)
    replayed = [event for event in events if isinstance(event, FrameReplayed)]
    for side, variant in zip(Side, variants, strict=True):
        alone: list[Event] = []
        own = build_variant(variant, device="cpu").tracker
        finish(track_through(source, own, [*anchors, Anchor(15, None)]), alone.append)
        tracked = {e.frame: e.result.box for e in alone if isinstance(e, FrameTracked) and e.frame < 15}
        found = {event.frame: event.results[side].box for event in replayed}
        assert {frame: found[frame] for frame in tracked} == tracked
        assert found.keys() - tracked.keys() == {9}
    assert boxes_by_frame(replayed, Side.A) != boxes_by_frame(replayed, Side.B)


@given(st.dictionaries(st.integers(1, LENGTH - 1), st.booleans(), max_size=6), st.integers(1, LENGTH - 1))
def test_that_wherever_the_anchors_are_the_boxes_between_them_are_those_of_single_runs(
    later: dict[int, bool], last: int
) -> None:
    anchors = [Anchor(0, FIRST)]
    anchors += [Anchor(frame, SECOND.moved(frame, 0) if later[frame] else None) for frame in sorted(later)]
    comparison, _, _ = run(*anchors, last=last)
    decided = {anchor.frame for anchor in anchors}
    for side, tracker in zip(comparison.record.sides, (StubTracker(), DriftingTracker()), strict=True):
        alone: list[Event] = []
        finish(track_through(clip(), tracker, [*anchors]), alone.append)
        expected = {e.frame: e.result.box for e in alone if isinstance(e, FrameTracked) and e.frame <= last}
        found = {frame: box for frame in range(LENGTH) if (box := side.frames.box(frame)) is not None}
        assert found.keys() <= set(range(last + 1))
        assert {frame: found.get(frame) for frame in expected} == expected
        assert found.keys() - expected.keys() <= decided


def test_that_each_frame_is_read_once() -> None:
    source = clip()
    run(Anchor(3, FIRST), Anchor(8, SECOND), Anchor(9, SECOND), source=source)
    assert sorted(source.reads) == list(range(3, 20))
    assert source.closed


def test_that_each_stretch_starts_from_its_own_box_and_comes_to_the_next_anchor_by_itself() -> None:
    _, events, _ = run(Anchor(3, FIRST), Anchor(8, SECOND))
    assert [event.frame for event in events] == list(range(3, 20))
    assert [event.frame for event in events if event.is_given] == [3]
    a = boxes_by_frame(events, Side.A)
    assert a[8] == FIRST.moved(5, 0)
    assert a[9] == SECOND.moved(1, 0)


def test_that_nothing_is_tracked_from_an_absence_to_the_next_box() -> None:
    _, events, _ = run(Anchor(3, FIRST), Anchor(6, None), Anchor(12, SECOND), last=15)
    assert [event.frame for event in events] == [3, 4, 5, 12, 13, 14, 15]
    assert [event.frame for event in events if event.is_given] == [3, 12]


def test_that_a_bad_frame_keeps_both_boxes() -> None:
    _, events, _ = run(Anchor(0, FIRST), last=4, source=clip(bad=(2,)))
    assert boxes_by_frame(events, Side.B)[2] == boxes_by_frame(events, Side.B)[1]


def test_that_progress_grows_to_the_whole() -> None:
    _, _, events = run(Anchor(3, FIRST), Anchor(8, SECOND))
    progress = [event for event in events if isinstance(event, Progress)]
    assert {event.total for event in progress} == {17}
    assert (progress[0].done, progress[-1].done) == (0, 17)


def test_that_closing_the_job_closes_the_clip() -> None:
    source = clip()
    job = replay(source, (StubTracker(), StubTracker()), [Anchor(0, FIRST)], 19, Frames.empty(LENGTH))
    while not isinstance(next(job), FrameReplayed):
        pass
    job.close()
    assert source.closed


def test_that_a_box_outside_the_clip_is_refused_and_the_clip_closed(
    moving_square: tuple[ArraySource, np.ndarray],
) -> None:
    trackers = [build_tracker("default", device="cpu").tracker] * 2
    job = replay(
        moving_square[0], (trackers[0], trackers[1]), [Anchor(0, Box(900, 9, 4, 4))], 4, Frames.empty(40)
    )
    with pytest.raises(BoxError):
        finish(job)


def test_that_a_replay_needs_a_box() -> None:
    with pytest.raises(ValueError, match="starts from a box"):
        run(Anchor(3, None))


# Where it starts


def test_that_it_starts_from_the_first_box_by_hand_and_afresh_at_later_anchors() -> None:
    track = with_anchors(4, 9, 15)
    track.frames.put(7, FrameState(None, Provenance.MANUAL, Presence.ABSENT))
    assert anchors_within(track, 0, 12) == (Anchor(4, FIRST), Anchor(7, None), Anchor(9, FIRST))
    assert anchors_within(track, 0, 12, restarts=False) == (Anchor(4, FIRST),)


def test_that_a_machines_box_on_the_first_frame_is_started_from() -> None:
    track = with_anchors(4)
    track.frames.put(6, FrameState(SECOND, Provenance.TRACKED, score=0.5))
    assert anchors_within(track, 6, 12) == (Anchor(6, SECOND),)


def test_that_a_span_without_boxes_is_explained() -> None:
    with pytest.raises(AnnotationError, match="nothing to start from"):
        anchors_within(with_anchors(4), 5, 12)


def test_that_stretches_end_with_the_last_wanted_frame() -> None:
    stretches = stretches_between([Anchor(1, FIRST), Anchor(5, SECOND), Anchor(18, FIRST)], 10)
    assert [(each.first, each.last) for each in stretches] == [(1, 5), (5, 10)]


# What is made of it


def test_that_curves_say_how_far_both_are_from_one_another_and_from_the_truth() -> None:
    track = with_anchors(0)
    track.frames.put(4, FrameState(FIRST.moved(4, 0), Provenance.MANUAL))
    track.frames.put(6, FrameState(FIRST.moved(6, 0), Provenance.TRACKED))  # nobody stands behind it
    comparison, _, _ = run(Anchor(0, FIRST), last=9, truth=track.frames)
    assert comparison.overlap[:3].tolist() == pytest.approx([1.0, 3 / 5, 2 / 6])
    assert np.isnan(comparison.overlap[10:]).all()
    assert comparison.distance[3] == pytest.approx(3.0)
    assert np.flatnonzero(np.isfinite(comparison.truth[Side.A])).tolist() == [4]
    assert comparison.mean_truth == pytest.approx((1.0, 0.0))
    assert comparison.trusted == 1
    assert comparison.better == (((4, 5),), ())
    assert comparison.parted == ((2, 10),)
    assert comparison.frames == 10
    assert comparison.mean_overlap == pytest.approx(np.mean([3 / 5, 2 / 6, 1 / 7, 0, 0, 0, 0, 0, 0]))


def test_that_the_next_parting_is_found_both_ways() -> None:
    wide = Box(2, 2, 20, 4)
    comparison, _, _ = run(Anchor(0, wide), Anchor(10, wide))
    assert [start for start, _ in comparison.parted] == [7, 17]
    assert comparison.next_parting(0, 1) == 7
    assert comparison.next_parting(7, 1) == 17
    assert comparison.next_parting(17, 1) is None
    assert comparison.next_parting(17, -1) == 7


def test_that_speed_counts_what_was_tracked_only() -> None:
    record = ReplayRecord.empty(5, ("a", "b"))
    result = Result(FIRST, 1.0, Presence.VISIBLE, evidence())
    record.take(FrameReplayed(0, (result, result), (9.0, 9.0), True))
    record.take(FrameReplayed(1, (result, result), (0.5, 0.25), False))
    assert [side.fps for side in record.sides] == [2.0, 4.0]
    assert record.span() == (0, 2)
    assert np.isnan(compare(record, Frames.empty(5)).mean_truth).all()


@given(st.lists(st.booleans(), max_size=40), st.integers(1, 6))
def test_that_spans_hold_all_that_is_true_and_bridge_short_holes_only(
    values: list[bool], bridged: int
) -> None:
    mask = np.array(values, np.bool_)
    spans = spans_of(mask, bridged)
    inside = np.zeros(len(mask), np.bool_)
    for start, stop in spans:
        assert mask[start]
        assert mask[stop - 1]
        inside[start:stop] = True
    assert (inside >= mask).all()
    assert all(after[0] - before[1] >= bridged for before, after in pairwise(spans))
    assert all(stop - start < bridged for start, stop in spans_of(inside & ~mask))


# What is kept of it


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ReplayStore]:
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path / "cache"))
    store = ReplayStore()
    yield store
    store.close()


def kept_run(store: ReplayStore) -> None:
    trackers = StubTracker(), DriftingTracker()
    finish(store.record(replay(clip(), trackers, [Anchor(0, FIRST)], 19, Frames.empty(LENGTH))))


def test_that_the_evidence_of_both_sides_is_kept_until_closed(store: ReplayStore) -> None:
    assert store.evidence(Side.A, 3) is None
    kept_run(store)
    found = [store.evidence(side, 3) for side in Side]
    assert [each.scores.peak for each in found if each is not None] == [0.9, 0.5]
    store.close()
    assert not store.folder.exists()


def test_that_a_cancelled_replay_leaves_nothing_behind(store: ReplayStore) -> None:
    source = clip()
    job = store.record(
        replay(source, (StubTracker(), StubTracker()), [Anchor(0, FIRST)], 19, Frames.empty(LENGTH))
    )
    while not isinstance(next(job), FrameReplayed):
        pass
    job.close()
    assert source.closed
    store.close()
    assert list(store.folder.parent.iterdir()) == []


def test_that_the_evidence_of_chosen_frames_is_handed_over_to_a_project(
    store: ReplayStore, tmp_path: Path
) -> None:
    from tracker.store.evidence import EvidenceStore

    kept_run(store)
    chosen = np.zeros(LENGTH, np.bool_)
    chosen[4:7] = True
    finish(store.hand_over(Side.B, chosen, tmp_path / "a.thermark", 7))
    other = EvidenceStore(tmp_path / "a.thermark")
    assert other.scores(7)[0].tolist() == [4, 5, 6]
    other.close()


def test_that_folders_of_killed_programs_are_swept_and_fresh_ones_left(store: ReplayStore) -> None:
    old = store.folder.with_name("replay-old")
    old.mkdir()
    past = store.folder.stat().st_mtime - 2 * STALE_S
    os.utime(old, (past, past))
    other = ReplayStore()
    assert not old.exists()
    assert store.folder.exists()
    other.close()
