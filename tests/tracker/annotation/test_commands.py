"""What a user's gestures do to a track."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.annotation.documents import (
    box_at,
    boxes_in_frame,
    document,
    documents,
    edits_of,
    provenances,
    tracked_document,
)
from tracker.annotation import commands
from tracker.annotation.document import Document, MergeMode, Proposal
from tracker.annotation.edits import AddProposal, Edit
from tracker.annotation.track import Frames, FrameState, Presence, Provenance
from tracker.errors import AnnotationError, BoxError
from tracker.geometry import Box

FAR = Box(100, 100, 30, 30)


def manual(doc: Document, track_id: int = 1) -> dict[int, bytes]:
    """The anchors of a track, by frame, as bytes."""
    frames = doc.track(track_id).frames
    return {int(i): frames.rows[i].tobytes() for i in doc.track(track_id).anchors()}


def unlocked(doc: Document) -> Document:
    """The same document, in which every track may be changed."""
    for track in doc.tracks.values():
        track.locked = False
    return doc


def test_that_a_new_track_has_one_anchor() -> None:
    doc = document(5)
    commands.add_track(doc, 2, FAR, "dog").apply(doc)
    assert provenances(doc) == "..M.."
    assert doc.track(1).label == "dog"
    assert doc.track(1).frames.box(2) == FAR


@pytest.mark.parametrize("box", [Box(1, 1, 0, 5), Box(400, 1, 5, 5), Box(float("nan"), 1, 5, 5)])
def test_that_a_box_without_area_or_outside_is_refused(box: Box) -> None:
    doc = tracked_document("M...M")
    with pytest.raises(BoxError):
        commands.add_track(doc, 0, box)
    with pytest.raises(BoxError):
        commands.set_anchor(doc, 1, 0, box)


@pytest.mark.parametrize("frame", [-1, 5])
def test_that_a_frame_outside_the_clip_is_refused(frame: int) -> None:
    doc = tracked_document("M...M")
    for make in (
        lambda: commands.set_anchor(doc, 1, frame, FAR),
        lambda: commands.mark_presence(doc, 1, range(frame, frame + 1), Presence.ABSENT),
        lambda: commands.clear_frames(doc, 1, frame, frame + 1),
        lambda: commands.add_track(doc, frame, FAR),
    ):
        with pytest.raises(AnnotationError, match="not in the clip"):
            make()


def test_that_moving_an_anchor_moves_the_interpolated_boxes_on_both_sides_and_no_others() -> None:
    doc = tracked_document("MIIMTIM.IM")
    before = doc.track(1).frames.copy()
    edit = commands.set_anchor(doc, 1, 3, Box(40, 50, 20, 10))
    assert edit.name == "Move box"
    edit.apply(doc)
    after = doc.track(1).frames
    assert provenances(doc) == "MIIMTIM.IM"
    first, moved, last = np.array(box_at(0).as_tuple()), np.array([40, 50, 20, 10]), box_at(6).as_tuple()
    assert np.allclose(after.boxes[1], first + (moved - first) / 3)
    assert np.allclose(after.boxes[5], moved + (np.array(last) - moved) * 2 / 3)
    for untouched in (0, 4, 6, 7, 8, 9):
        assert after[untouched : untouched + 1] == before[untouched : untouched + 1]


def test_that_an_anchor_drawn_without_interpolation_around_changes_one_frame() -> None:
    doc = tracked_document("M.T.M")
    edit = commands.set_anchor(doc, 1, 2, FAR)
    assert (edit.start, len(edit.frames)) == (2, 1)
    edit.apply(doc)
    assert doc.track(1).frames.box(2) == FAR
    assert provenances(doc) == "M.M.M"
    assert doc.at(1, 2).model == ""


def test_that_an_interpolated_box_without_manual_boxes_on_both_sides_stays() -> None:
    doc = tracked_document("IIM.I")
    before = doc.track(1).frames.copy()
    commands.set_anchor(doc, 1, 2, FAR).apply(doc)
    assert doc.track(1).frames[:2] == before[:2]
    assert doc.track(1).frames[3:] == before[3:]


def test_that_an_occluded_frame_stays_occluded_when_its_box_is_moved() -> None:
    doc = tracked_document("MOA")
    commands.set_anchor(doc, 1, 1, FAR).apply(doc)
    commands.set_anchor(doc, 1, 2, FAR).apply(doc)
    assert doc.at(1, 1).presence is Presence.OCCLUDED
    assert doc.at(1, 2).presence is Presence.VISIBLE


def test_that_absence_removes_boxes_and_makes_anchors() -> None:
    doc = tracked_document("MTTI.M")
    commands.mark_presence(doc, 1, range(1, 5), Presence.OUT_OF_VIEW).apply(doc)
    assert provenances(doc) == "MAAAAM"
    assert doc.track(1).anchors().tolist() == [0, 1, 2, 3, 4, 5]
    assert doc.at(1, 1).presence is Presence.OUT_OF_VIEW
    assert doc.at(1, 1).box is None


def test_that_occlusion_keeps_the_boxes() -> None:
    doc = tracked_document("MTT.M")
    commands.mark_presence(doc, 1, range(1, 4), Presence.OCCLUDED).apply(doc)
    assert provenances(doc) == "MOOOM"
    assert [doc.track(1).frames.box(i) for i in (1, 2, 3)] == [box_at(1), box_at(2), None]
    assert doc.track(1).anchors().tolist() == [0, 1, 2, 3, 4]


def test_that_visible_keeps_boxes_and_takes_back_absences() -> None:
    doc = tracked_document("MOAT.")
    commands.mark_presence(doc, 1, range(5), Presence.VISIBLE).apply(doc)
    assert provenances(doc) == "MM.M."


def test_that_marking_one_interpolated_frame_absent_leaves_the_others() -> None:
    doc = tracked_document("MIIIM")
    before = doc.track(1).frames.copy()
    commands.mark_presence(doc, 1, range(2, 3), Presence.ABSENT).apply(doc)
    assert provenances(doc) == "MIAIM"
    assert doc.track(1).frames[1:2] == before[1:2]


def test_that_presence_is_marked_on_consecutive_frames() -> None:
    with pytest.raises(AnnotationError):
        commands.mark_presence(tracked_document("MMMM"), 1, range(0, 4, 2), Presence.ABSENT)


def test_that_clearing_an_anchor_lets_the_interpolation_run_past_it() -> None:
    doc = tracked_document("MIMIM")
    commands.set_anchor(doc, 1, 2, FAR).apply(doc)
    commands.clear_frames(doc, 1, 2, 3).apply(doc)
    assert provenances(doc) == "MI.IM"
    assert np.allclose(doc.track(1).frames.boxes[[1, 3]], [box_at(1).as_tuple(), box_at(3).as_tuple()])


def test_that_interpolation_is_linear_and_fills_only_what_is_free() -> None:
    doc = tracked_document(".M..T.F.M.")
    commands.interpolate(doc, 1).apply(doc)
    assert provenances(doc) == ".MIITIFIM."
    for i in (2, 3, 5, 7):
        assert np.allclose(doc.track(1).frames.boxes[i], box_at(i).as_tuple())


def test_that_interpolation_does_not_cross_an_absence() -> None:
    doc = tracked_document("M..A..M.M")
    commands.interpolate(doc, 1).apply(doc)
    assert provenances(doc) == "M..A..MIM"


def test_that_interpolation_between_occluded_boxes_is_occluded() -> None:
    doc = tracked_document("O.O.M")
    commands.interpolate(doc, 1).apply(doc)
    presence = doc.track(1).frames.presence
    assert presence.tolist() == [1, 1, 1, 0, 0]
    assert doc.at(1, 1).provenance is Provenance.INTERPOLATED


@pytest.mark.parametrize("pattern", ["M...", "....", "MTTM", "MM", "M.A"])
def test_that_interpolation_without_a_gap_between_boxes_says_so(pattern: str) -> None:
    with pytest.raises(AnnotationError, match="no gap"):
        commands.interpolate(tracked_document(pattern), 1)


def with_proposal(pattern: str, proposed: str, start: int = 0) -> Document:
    doc = tracked_document(pattern)
    frames = Frames.empty(len(pattern))
    for i, letter in enumerate(proposed):
        if letter == "P":
            frames.put(i, FrameState(FAR, Provenance.TRACKED, score=0.5), 1)
    AddProposal(Proposal(1, 1, start, 1, "second", frames)).apply(doc)
    return doc


@pytest.mark.parametrize(
    ("mode", "merged"),
    [
        (MergeMode.FILL_GAPS, "M.2TIFMA2tif"),
        (MergeMode.REPLACE_MACHINE, "M.222FMA2tif"),
        (MergeMode.REPLACE_ALL_BUT_ANCHORS, "M.2222MA2222"),
    ],
)
def test_that_a_merge_replaces_what_its_mode_allows(mode: MergeMode, merged: str) -> None:
    doc = with_proposal("M..TIFMA.tif", "P.PPPPPPPPPP")
    anchors = manual(doc)
    before = copy.deepcopy(doc)
    opposite = commands.merge(doc, 1, mode).apply(doc)
    models = doc.track(1).frames.model.tolist()
    letters = provenances(doc)
    assert "".join("2" if m == 1 else a for m, a in zip(models, letters, strict=True)) == merged
    assert not doc.track(1).frames.reviewed[doc.track(1).frames.model == 1].any()
    assert manual(doc) == anchors
    assert doc.proposals == {}
    opposite.apply(doc)
    assert doc == before


@pytest.mark.parametrize("mode", MergeMode)
def test_that_a_merge_never_changes_the_frame_the_run_started_from(mode: MergeMode) -> None:
    doc = with_proposal("TTT", "PPP")
    commands.merge(doc, 1, mode).apply(doc)
    assert doc.at(1, 0).model == "first"
    doc = with_proposal("...", "PPP")
    commands.merge(doc, 1, mode).apply(doc)
    assert provenances(doc) == "TTT"


def test_that_a_proposal_that_adds_nothing_is_still_used_up() -> None:
    doc = with_proposal("MMM", "PPP")
    edit = commands.merge(doc, 1, MergeMode.REPLACE_ALL_BUT_ANCHORS)
    edit.apply(doc)
    assert provenances(doc) == "MMM"
    assert not doc.proposals


def test_that_discarding_leaves_the_track_and_can_be_undone() -> None:
    doc = with_proposal("M..", ".PP")
    before = copy.deepcopy(doc)
    opposite = commands.discard(doc, 1).apply(doc)
    assert not doc.proposals
    assert doc.tracks == before.tracks
    opposite.apply(doc)
    assert doc == before


def test_that_deleting_a_track_takes_its_proposals_and_can_be_undone() -> None:
    doc = with_proposal("M..", ".PP")
    before = copy.deepcopy(doc)
    opposite = commands.delete_track(doc, 1).apply(doc)
    assert (doc.tracks, doc.proposals) == ({}, {})
    opposite.apply(doc)
    assert doc == before


def test_that_gestures_on_what_is_not_there_are_refused() -> None:
    doc = tracked_document("M.M")
    makes: list[object] = [
        lambda: commands.set_anchor(doc, 7, 0, FAR),
        lambda: commands.delete_track(doc, 7),
        lambda: commands.interpolate(doc, 7),
        lambda: commands.thin(doc, 7),
        lambda: commands.merge(doc, 7, MergeMode.FILL_GAPS),
        lambda: commands.discard(doc, 7),
    ]
    for make in makes:
        assert callable(make)
        with pytest.raises(AnnotationError, match=r"no (track|proposal) 7"):
            make()


def test_that_thinning_keeps_the_ends_of_a_straight_track() -> None:
    doc = tracked_document("MMMMM.T")
    commands.thin(doc, 1, tolerance=0.01).apply(doc)
    assert provenances(doc) == "MIIIM.T"


def test_that_thinning_keeps_bends_absences_and_changes_of_presence() -> None:
    doc = tracked_document("MMMMMMAMMMOOO")
    commands.set_anchor(doc, 1, 2, FAR).apply(doc)
    commands.thin(doc, 1, tolerance=0.5).apply(doc)
    assert provenances(doc) == "MMMMIMAMIMOOO"
    assert doc.track(1).frames.provenance[10:].tolist() == [1, 3, 1]


def test_that_thinning_says_when_no_box_can_be_spared() -> None:
    with pytest.raises(AnnotationError, match="spared"):
        commands.thin(tracked_document("M.M"), 1)


@settings(max_examples=100)
@given(st.data())
def test_that_thinning_stays_within_its_tolerance(data: st.DataObject) -> None:
    doc = tracked_document("M" * 12)
    for frame in range(12):
        commands.set_anchor(doc, 1, frame, data.draw(boxes_in_frame)).apply(doc)
    before = doc.track(1).frames.boxes.copy()
    tolerance = data.draw(st.sampled_from([0.0, 5.0, 40.0]))
    try:
        commands.thin(doc, 1, tolerance).apply(doc)
    except AnnotationError:
        return
    after = doc.track(1).frames.boxes
    assert np.abs(after[:, :2] - before[:, :2]).max() <= tolerance + 1e-9
    right = np.abs((after[:, :2] + after[:, 2:]) - (before[:, :2] + before[:, 2:]))
    assert right.max() <= tolerance + 1e-9


@settings(max_examples=100)
@given(st.data())
def test_that_merging_and_interpolating_change_no_anchor(data: st.DataObject) -> None:
    doc = unlocked(data.draw(documents()))
    edits: list[Edit] = [
        commands.merge(doc, found.id, data.draw(st.sampled_from(MergeMode)))
        for found in list(doc.proposals.values())[:1]
    ]
    for track_id in doc.tracks:
        try:
            edits.append(commands.interpolate(doc, track_id))
        except AnnotationError:
            continue
    for edit in edits:
        anchors = {track_id: manual(doc, track_id) for track_id in doc.tracks}
        edit.apply(doc)
        assert {track_id: manual(doc, track_id) for track_id in doc.tracks} == anchors


@settings(max_examples=100)
@given(st.data())
def test_that_anchors_away_from_a_gesture_stay(data: st.DataObject) -> None:
    doc = unlocked(data.draw(documents()))
    if not doc.tracks:
        data.draw(edits_of(doc)).apply(doc)
        return
    track_id = data.draw(st.sampled_from(sorted(doc.tracks)))
    frame = data.draw(st.integers(0, doc.length - 1))
    anchors = manual(doc, track_id)
    commands.set_anchor(doc, track_id, frame, data.draw(boxes_in_frame)).apply(doc)
    after = manual(doc, track_id)
    assert after.keys() == anchors.keys() | {frame}
    assert all(after[i] == anchors[i] for i in anchors.keys() - {frame})
