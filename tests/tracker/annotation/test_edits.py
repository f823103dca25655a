"""Edits: exact opposites, and nothing changed by an edit that fails."""

from __future__ import annotations

import copy
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.annotation.documents import (
    box_at,
    corrections_of,
    document,
    documents,
    edits_of,
    gestures_of,
    sequence,
    tracked_document,
)
from tracker.annotation.document import Document, Proposal
from tracker.annotation.edits import (
    AddProposal,
    AddTrack,
    Edit,
    RemoveProposal,
    RemoveTrack,
    SetFrames,
    SetTrackInfo,
)
from tracker.annotation.track import Frames, FrameState, Provenance, Track
from tracker.errors import AnnotationError


@settings(max_examples=150)
@given(st.data())
def test_that_an_opposite_brings_the_document_back_byte_for_byte(data: st.DataObject) -> None:
    doc = data.draw(documents())
    before = copy.deepcopy(doc)
    edit = data.draw(edits_of(doc) | gestures_of(doc) | corrections_of(doc))
    if edit is None:
        return
    opposite = edit.apply(doc)
    after = copy.deepcopy(doc)
    again = opposite.apply(doc)
    assert doc == before
    assert list(doc.tracks) == list(before.tracks)
    assert list(doc.proposals) == list(before.proposals)
    again.apply(doc)
    assert doc == after
    assert again.touched() == edit.touched() == opposite.touched()
    assert again.name == edit.name == opposite.name != ""


@settings(max_examples=60)
@given(st.data())
def test_that_an_edit_touches_no_other_track(data: st.DataObject) -> None:
    doc = data.draw(documents())
    before = copy.deepcopy(doc)
    edit = data.draw(gestures_of(doc) | edits_of(doc) | corrections_of(doc))
    if edit is None:
        return
    edit.apply(doc)
    for track_id in (doc.tracks.keys() | before.tracks.keys()) - edit.touched():
        assert doc.tracks[track_id] == before.tracks[track_id]


@settings(max_examples=60)
@given(st.data())
def test_that_an_edit_can_be_applied_again_after_its_undo(data: st.DataObject) -> None:
    """What an edit carries is not changed by later edits of the document."""
    doc = data.draw(documents())
    opposites = []
    states = [copy.deepcopy(doc)]
    for _ in range(data.draw(st.integers(1, 5))):
        opposites.append(data.draw(edits_of(doc)).apply(doc))
        states.append(copy.deepcopy(doc))
    redo: list[Edit] = []
    for opposite, state in zip(reversed(opposites), reversed(states[:-1]), strict=True):
        redo.append(opposite.apply(doc))
        assert doc == state
    for edit, state in zip(reversed(redo), states[1:], strict=True):
        edit.apply(doc)
        assert doc == state


def proposal(doc: Document, **changes: object) -> Proposal:
    made = Proposal(1, 1, 0, 1, "first", Frames.empty(doc.length))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def track(doc: Document, **changes: object) -> Track:
    made = Track(2, "dog", "#102030", (), Frames.empty(doc.length))
    for name, value in changes.items():
        setattr(made, name, value)
    return made


MANUAL = Frames.of(FrameState(box_at(0), Provenance.MANUAL))


def flat() -> Frames:
    frames = MANUAL.copy()
    frames.boxes[0, 2] = 0
    return frames


def unknown_model() -> Frames:
    return Frames.of(FrameState(box_at(0), Provenance.TRACKED), model=7)


DOC = tracked_document("M...M")


@pytest.mark.parametrize(
    "edit",
    [
        SetFrames(9, 0, MANUAL),
        SetFrames(1, 5, MANUAL),
        SetFrames(1, -1, MANUAL),
        SetFrames(1, 0, Frames.empty(6)),
        SetFrames(1, 0, Frames.empty(0)),
        SetFrames(1, 2, flat()),
        SetFrames(1, 2, unknown_model()),
        RemoveTrack(9),
        SetTrackInfo(9, "a", "#000000", ()),
        SetTrackInfo(1, "a", "red", ()),
        SetTrackInfo(1, "a\nb", "#000000", ()),
        SetTrackInfo(1, "a", "#000000", ("\ud800",)),
        AddTrack(track(DOC, id=1)),
        AddTrack(track(DOC, id=0)),
        AddTrack(track(DOC, frames=Frames.empty(4))),
        AddTrack(track(DOC, colour="#12345")),
        AddProposal(proposal(DOC, track_id=9)),
        AddProposal(proposal(DOC, start=5)),
        AddProposal(proposal(DOC, direction=0)),
        AddProposal(proposal(DOC, model="unheard of")),
        AddProposal(proposal(DOC, frames=Frames.empty(6))),
        AddProposal(proposal(DOC, frames=Frames.of(FrameState(box_at(0), Provenance.MANUAL), 5))),
        RemoveProposal(1, 1),
        sequence(SetFrames(1, 1, MANUAL), AddTrack(track(DOC)), SetFrames(9, 0, MANUAL)),
    ],
)
def test_that_an_impossible_edit_raises_and_changes_nothing(edit: Edit) -> None:
    doc = tracked_document("M...M")
    before = copy.deepcopy(doc)
    with pytest.raises(AnnotationError):
        edit.apply(doc)
    assert doc == before


def test_that_a_track_with_a_proposal_is_not_removed_before_it() -> None:
    doc = tracked_document("M...M")
    AddProposal(proposal(doc)).apply(doc)
    with pytest.raises(AnnotationError, match="proposal"):
        RemoveTrack(1).apply(doc)
    with pytest.raises(AnnotationError, match="not of track 2"):
        RemoveProposal(1, 2).apply(doc)
    assert list(doc.tracks) == [1]


def test_that_ids_are_not_given_out_twice() -> None:
    doc = document()
    AddTrack(track(doc, id=5)).apply(doc)
    RemoveTrack(5).apply(doc)
    assert doc.next_track_id() == 6
    AddTrack(track(doc, id=6)).apply(doc)
    AddProposal(proposal(doc, track_id=6, id=3)).apply(doc)
    RemoveProposal(3, 6).apply(doc)
    assert doc.next_proposal_id() == 4


def test_that_tracks_get_distinct_colours_until_the_palette_is_used_up() -> None:
    doc = document()
    for id_ in range(1, 13):
        AddTrack(track(doc, id=id_, colour=doc.next_colour())).apply(doc)
    assert len({found.colour for found in doc.tracks.values()}) == 12
    RemoveTrack(4).apply(doc)
    free = doc.next_colour()
    assert free not in {found.colour for found in doc.tracks.values()}


def test_that_a_track_added_shares_the_models_of_the_document() -> None:
    doc = tracked_document("MT")
    doc.models.append("third")
    assert doc.track(1).models is doc.models
    assert doc.at(1, 1).model == "first"
    assert math.isnan(doc.at(1, 0).score)
