"""Frames as columns, and the view of a single frame."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.annotation.documents import box_at, spans_of_frames, states, tracked_document
from tracker.annotation.track import FRAME_DTYPE, Frames, FrameState, Presence, Provenance, Run
from tracker.errors import AnnotationError
from tracker.geometry import Box


def test_that_the_stored_layout_and_values_never_change() -> None:
    assert FRAME_DTYPE.itemsize == 40
    assert FRAME_DTYPE.names == ("box", "score", "model", "provenance", "presence")
    assert [p.value for p in Provenance] == [0, 1, 2, 3, 4]
    assert [p.name for p in Provenance] == ["NONE", "MANUAL", "TRACKED", "INTERPOLATED", "IMPORTED"]
    assert [p.name for p in Presence] == ["VISIBLE", "OCCLUDED", "OUT_OF_VIEW", "ABSENT"]
    assert [p.value for p in Presence] == [0, 1, 2, 3]


def test_that_empty_frames_say_nothing() -> None:
    frames = Frames.empty(3)
    assert not frames.is_said.any()
    assert not frames.has_box.any()
    state = frames.at(1)
    assert (state.box, state.provenance, state.presence, state.model) == (
        None,
        Provenance.NONE,
        Presence.VISIBLE,
        "",
    )
    assert math.isnan(state.score)


@given(states())
def test_that_a_state_put_into_a_frame_is_read_back(state: FrameState) -> None:
    frames = Frames.empty(3)
    frames.put(1, state, 0)
    back = frames.at(1, ["first"])
    expected_model = "first" if state.provenance else ""
    assert (back.box, back.provenance, back.presence, back.model) == (
        state.box,
        state.provenance,
        state.presence,
        expected_model,
    )
    assert np.array_equal(back.score, state.score, equal_nan=True)
    assert frames[:1] == Frames.empty(1)
    assert frames[2:] == Frames.empty(1)


def test_that_a_box_given_with_an_absence_is_dropped() -> None:
    frames = Frames.of(FrameState(Box(1, 2, 3, 4), Provenance.TRACKED, Presence.OUT_OF_VIEW, 0.1))
    assert frames.box(0) is None
    frames.check(models=0)


def test_that_slices_are_copies() -> None:
    frames = Frames.empty(4)
    part = frames[1:3]
    part.put(0, FrameState(Box(1, 1, 1, 1), Provenance.MANUAL))
    assert not frames.is_said.any()
    frames.paste(1, part)
    assert frames.is_said.tolist() == [False, True, False, False]
    part.put(1, FrameState(Box(1, 1, 1, 1), Provenance.MANUAL))
    assert frames.is_said.tolist() == [False, True, False, False]


@given(spans_of_frames(20), spans_of_frames(20))
def test_that_frames_are_equal_exactly_when_their_bytes_are(first: Frames, second: Frames) -> None:
    assert first == first.copy()
    is_same = first.rows.tobytes() == second.rows.tobytes()
    assert (first == second) == (is_same and first.reviewed.tolist() == second.reviewed.tolist())
    assert first != "frames"


@pytest.mark.parametrize("index", [-1, 3])
def test_that_a_frame_outside_is_an_error_not_the_last_one(index: int) -> None:
    with pytest.raises(IndexError):
        Frames.empty(3).at(index)


@given(spans_of_frames(30))
def test_that_runs_tell_provenance_and_presence_of_each_frame(frames: Frames) -> None:
    told = Frames.empty(len(frames))
    last = None
    for run in frames.runs():
        told.provenance[run.start : run.stop] = run.provenance
        told.presence[run.start : run.stop] = run.presence
        assert last is None or last.stop < run.start or last != Run(last.start, last.stop, *run_kind(run))
        last = run
    assert told.provenance.tolist() == frames.provenance.tolist()
    assert told.presence.tolist() == frames.presence.tolist()


def run_kind(run: Run) -> tuple[Provenance, Presence]:
    return run.provenance, run.presence


def test_that_there_are_no_runs_in_no_frames() -> None:
    assert list(Frames.empty(0).runs()) == []


@given(spans_of_frames(30))
def test_that_frames_made_from_states_pass_the_check(frames: Frames) -> None:
    frames.check(models=2)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("box", (1, 2, 0, 4), "without area"),
        ("box", (1, 2, math.inf, 4), "without area"),
        ("box", (1, 2, math.nan, 4), "without area"),
        ("box", (math.nan, 2, 3, 4), "half a box"),
        ("box", (math.nan,) * 4, "visible target without a box"),
        ("provenance", 5, "provenance"),
        ("provenance", 0, "unknown provenance"),
        ("presence", 4, "presence"),
        ("presence", 3, "not in the frame"),
        ("model", 2, "model"),
        ("model", -2, "model"),
    ],
)
def test_that_contradictions_are_named_with_their_frame(column: str, value: object, message: str) -> None:
    frames = Frames.of(FrameState(Box(1, 2, 3, 4), Provenance.MANUAL), length=3)
    frames.rows[column][1] = value
    with pytest.raises(AnnotationError, match=message) as caught:
        frames.check(models=2, first=40)
    assert caught.value.where == "frame 41"


def test_that_nothing_can_be_accepted_where_nothing_is_said() -> None:
    frames = Frames.empty(3)
    frames.reviewed[2] = True
    with pytest.raises(AnnotationError, match="nothing is said"):
        frames.check(models=0)


def test_that_acceptance_goes_with_slices_copies_and_pastes() -> None:
    frames = tracked_document("TtTm").track(1).frames
    assert frames.reviewed.tolist() == [False, True, False, True]
    part = frames[1:3]
    part.reviewed[1] = True
    assert not frames.reviewed[2]
    frames.paste(0, part)
    assert frames.reviewed.tolist() == [True, True, False, True]
    assert frames.copy() == frames
    changed = frames.copy()
    changed.reviewed[2] = True
    assert changed != frames
    frames.view(1, 3).reviewed[:] = [False, True]
    assert frames.reviewed.tolist() == [True, False, True, True]


@given(states())
def test_that_what_is_put_into_a_frame_is_accepted_by_nobody(state: FrameState) -> None:
    frames = tracked_document("ttt").track(1).frames
    frames.put(1, state, 0)
    assert frames.reviewed.tolist() == [True, False, True]
    assert frames.is_reviewed.tolist() == [True, state.provenance is Provenance.MANUAL, True]


def test_that_a_change_by_a_single_bit_is_seen_and_acceptance_is_none() -> None:
    frames = tracked_document("tTT.").track(1).frames
    other = frames.copy()
    other.boxes[2, 0] = np.nextafter(other.boxes[2, 0], 1e9)
    other.reviewed[1] = True
    assert frames.is_changed(other).tolist() == [False, False, True, False]
    assert frames[:0].is_changed(other[:0]).tolist() == []


def test_that_a_track_knows_its_anchors_gaps_and_span() -> None:
    track = tracked_document("..MT..AI.M..").track(1)
    assert track.anchors().tolist() == [2, 6, 9]
    assert track.gaps() == [(4, 6), (8, 9)]
    assert track.span() == (2, 10)
    empty = tracked_document("....").track(1)
    assert (empty.anchors().tolist(), empty.gaps(), empty.span()) == ([], [], None)


def test_that_a_track_in_a_document_names_the_model_of_a_frame() -> None:
    state = tracked_document("MT").track(1).at(1)
    assert state == FrameState(box_at(1), Provenance.TRACKED, Presence.VISIBLE, 0.75, "first")


def test_that_labels_are_readable() -> None:
    assert Presence.OUT_OF_VIEW.label == "Out of view"
    assert Provenance.INTERPOLATED.label == "Interpolated"


@settings(max_examples=20)
@given(st.integers(0, 5))
def test_that_frames_of_one_state_have_it_everywhere(length: int) -> None:
    frames = Frames.of(FrameState(Box(1, 2, 3, 4), Provenance.IMPORTED), length)
    assert frames.provenance.tolist() == [Provenance.IMPORTED] * length
