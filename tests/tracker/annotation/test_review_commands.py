"""Accepting frames: what is marked, what takes the mark away, and what leaves it."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.annotation.documents import (
    corrections_of,
    documents,
    edits_of,
    gestures_of,
    provenances,
    tracked_document,
)
from tracker.annotation import commands, review_commands
from tracker.annotation.track import Presence, Provenance
from tracker.errors import AnnotationError
from tracker.geometry import Box

FAR = Box(100, 100, 30, 30)


def test_that_accepting_marks_what_machines_say_within_the_span() -> None:
    doc = tracked_document("TTIF.MAtT")
    before = copy.deepcopy(doc)
    edit = review_commands.accept(doc, 1, 1, 8)
    assert (edit.name, edit.start, len(edit.frames)) == ("Accept", 1, 3)
    opposite = edit.apply(doc)
    assert provenances(doc) == "Ttif.MAtT"
    assert doc.track(1).frames.is_reviewed.tolist() == [
        False,
        True,
        True,
        True,
        False,
        True,
        True,
        True,
        False,
    ]
    assert doc.track(1).frames.rows.tobytes() == before.track(1).frames.rows.tobytes()
    opposite.apply(doc)
    assert doc == before


def test_that_accepting_up_to_a_frame_includes_it() -> None:
    doc = tracked_document("MTTTT")
    review_commands.accept(doc, 1, 0, 3).apply(doc)
    assert provenances(doc) == "MttTT"


def test_that_acceptance_can_be_taken_back() -> None:
    doc = tracked_document("MtttT")
    edit = review_commands.unaccept(doc, 1, 0, 3)
    edit.apply(doc)
    assert provenances(doc) == "MTTtT"
    assert (edit.start, len(edit.frames)) == (1, 2)


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (1, 3), (4, 5)])
def test_that_there_must_be_something_to_accept(start: int, stop: int) -> None:
    with pytest.raises(AnnotationError, match="left to accept"):
        review_commands.accept(tracked_document("Mti.A"), 1, start, stop)


def test_that_there_must_be_something_to_take_back() -> None:
    with pytest.raises(AnnotationError, match="is accepted"):
        review_commands.unaccept(tracked_document("MT.t"), 1, 0, 3)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (2, 2), (3, 5)])
def test_that_frames_outside_the_clip_are_refused(start: int, stop: int) -> None:
    doc = tracked_document("TttT")
    for command in (review_commands.accept, review_commands.unaccept):
        with pytest.raises(AnnotationError, match="not in the clip"):
            command(doc, 1, start, stop)


def test_that_interpolated_boxes_that_follow_are_to_be_looked_at_again_and_no_others() -> None:
    doc = tracked_document("M.tM.tMtif")
    commands.interpolate(doc, 1).apply(doc)
    review_commands.accept(doc, 1, 0, 6).apply(doc)
    assert provenances(doc) == "MitMitMtif"
    commands.set_anchor(doc, 1, 3, FAR).apply(doc)
    assert provenances(doc) == "MItMItMtif"


def test_that_interpolating_again_leaves_accepted_boxes_accepted() -> None:
    doc = tracked_document("M..M.M")
    commands.interpolate(doc, 1).apply(doc)
    review_commands.accept(doc, 1, 0, 5).apply(doc)
    commands.clear_frames(doc, 1, 4, 5).apply(doc)
    commands.interpolate(doc, 1).apply(doc)
    assert provenances(doc) == "MiiMIM"


def test_that_a_changed_presence_and_a_cleared_frame_are_not_accepted() -> None:
    doc = tracked_document("ttt")
    commands.mark_presence(doc, 1, range(0, 1), Presence.OCCLUDED).apply(doc)
    commands.clear_frames(doc, 1, 2, 3).apply(doc)
    assert provenances(doc) == "Ot."


def test_that_a_spared_anchor_is_to_be_looked_at_again() -> None:
    doc = tracked_document("MMM")
    commands.thin(doc, 1).apply(doc)
    assert provenances(doc) == "MIM"
    assert doc.track(1).frames.is_reviewed.tolist() == [True, False, True]


@settings(max_examples=150)
@given(st.data())
def test_that_a_frame_whose_statement_a_gesture_changes_is_not_an_accepted_one(data: st.DataObject) -> None:
    """Whatever the gesture; and one whose statement stays is accepted as before, unless that was the gesture."""
    doc = data.draw(documents())
    before = copy.deepcopy(doc)
    edit = data.draw(gestures_of(doc) | corrections_of(doc))
    if edit is None:
        return
    edit.apply(doc)
    is_about_acceptance = edit.name in ("Accept", "Take back acceptance")
    for track_id in doc.tracks.keys() & before.tracks.keys():
        old, new = before.tracks[track_id].frames, doc.tracks[track_id].frames
        changed = new.is_changed(old)
        moved = changed & new.reviewed
        assert not moved.any() or edit.name in MOVES
        if not is_about_acceptance:
            lost = ~changed & old.reviewed & ~new.reviewed
            # A merge or a gesture of the hand may say again what was said before.
            assert not (lost & (new.provenance == Provenance.INTERPOLATED)).any()


MOVES = ("Join tracks", "Swap tracks", "Move anchor")
"""Names of the gestures that carry statements, accepted ones too, to other tracks and frames."""


@settings(max_examples=100)
@given(st.data())
def test_that_acceptance_never_changes_what_is_said(data: st.DataObject) -> None:
    doc = data.draw(documents())
    for _ in range(3):
        data.draw(edits_of(doc)).apply(doc)
    for track_id, track in doc.tracks.items():
        track.locked = False
        rows = track.frames.rows.copy()
        frame = data.draw(st.integers(0, doc.length - 1))
        for command in (review_commands.accept, review_commands.unaccept):
            try:
                command(doc, track_id, 0, frame + 1).apply(doc)
            except AnnotationError:
                continue
            assert track.frames.rows.tobytes() == rows.tobytes()
            is_in = np.arange(doc.length) <= frame
            expected = track.frames.is_said & is_in
            is_accepting = command is review_commands.accept
            assert (
                track.frames.is_reviewed[expected] == (is_accepting | track.frames.is_manual[expected])
            ).all()
