"""Splitting, joining and swapping tracks, shifting anchors, and tracks that are locked."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.annotation.documents import box_at, document, documents, provenances, tracked_document
from tracker.annotation import commands, review_commands, target_commands
from tracker.annotation.document import Document, MergeMode, Proposal
from tracker.annotation.edits import AddProposal, AddTrack, Edit, SetTrackInfo
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.errors import AnnotationError
from tracker.geometry import Box

FAR = Box(100, 100, 30, 30)


def two_tracks(first: str, second: str) -> Document:
    """A document with the tracks 1 and 2 as `tracked_document` makes them, the second 50 pixels to the right."""
    doc, other = tracked_document(first), tracked_document(second).track(1)
    other.frames.boxes[:, 0] += 50
    AddTrack(Track(2, "cat", "#405060", (), other.frames)).apply(doc)
    return doc


def propose(doc: Document, track_id: int) -> int:
    """An empty proposal for a track."""
    id_ = doc.next_proposal_id()
    AddProposal(Proposal(id_, track_id, 0, 1, "first", Frames.empty(doc.length))).apply(doc)
    return id_


def applied_and_undone(doc: Document, edit: Edit) -> None:
    """Apply an edit, making sure that its opposite brings everything back."""
    trial = copy.deepcopy(doc)
    edit.apply(trial).apply(trial)
    assert trial == doc
    edit.apply(doc)


def test_that_a_split_gives_the_later_part_to_a_new_track() -> None:
    doc = tracked_document("MItT.FM")
    before = doc.track(1).frames.copy()
    propose(doc, 1)
    applied_and_undone(doc, target_commands.split(doc, 1, 2))
    assert (provenances(doc, 1), provenances(doc, 2)) == ("MI.....", "..tT.FM")
    assert doc.track(1).frames[:2] == before[:2]
    assert doc.track(2).frames[2:] == before[2:]
    assert (doc.track(2).label, doc.track(2).attributes) == ("dog", ("night",))
    assert doc.track(2).colour != doc.track(1).colour
    assert doc.track(2).models is doc.models
    assert not doc.proposals


@pytest.mark.parametrize(
    ("frame", "side"), [(0, "before"), (1, "before"), (4, "from there"), (5, "from there")]
)
def test_that_both_parts_of_a_split_say_something(frame: int, side: str) -> None:
    with pytest.raises(AnnotationError, match=side):
        target_commands.split(tracked_document(".MTM.."), 1, frame)


@pytest.mark.parametrize("frame", [-1, 3])
def test_that_a_track_is_split_and_swapped_within_the_clip(frame: int) -> None:
    doc = two_tracks("MTM", "MTM")
    with pytest.raises(AnnotationError, match="not in the clip"):
        target_commands.split(doc, 1, frame)
    with pytest.raises(AnnotationError, match="not in the clip"):
        target_commands.swap_from(doc, 1, 2, frame)


def test_that_joining_fills_what_is_free_and_keeps_the_anchors_of_both() -> None:
    doc = two_tracks("M.TM.tA.", "TtMMtTMT")
    first, second = doc.track(1).frames.copy(), doc.track(2).frames.copy()
    kept, dropped = propose(doc, 1), propose(doc, 2)
    applied_and_undone(doc, target_commands.join(doc, 1, 2))
    assert provenances(doc) == "MtMMttAT"
    frames = doc.track(1).frames
    for frame, said in enumerate([first, second, second, first, second, first, first, second]):
        assert frames[frame : frame + 1] == said[frame : frame + 1]
    assert list(doc.tracks) == [1]
    assert list(doc.proposals) == [kept]
    assert dropped not in doc.proposals


def test_that_interpolated_boxes_follow_the_anchors_that_a_join_brings() -> None:
    doc = two_tracks("MIIIMi", "..M..m")
    applied_and_undone(doc, target_commands.join(doc, 1, 2))
    frames = doc.track(1).frames
    assert provenances(doc)[:5] == "MIMIM"
    assert np.allclose(frames.boxes[1], (frames.boxes[0] + frames.boxes[2]) / 2)


def test_that_a_join_brings_together_what_a_split_took_apart() -> None:
    doc = tracked_document("M..tM..A.F")
    commands.interpolate(doc, 1).apply(doc)
    review_commands.accept(doc, 1, 2, 3).apply(doc)
    before = copy.deepcopy(doc)
    target_commands.split(doc, 1, 2).apply(doc)
    assert doc != before
    target_commands.join(doc, 1, 2).apply(doc)
    assert doc == before


def test_that_joining_a_track_that_says_nothing_new_still_removes_it() -> None:
    doc = two_tracks("MTM", ".T.")
    before = doc.track(1).copy()
    target_commands.join(doc, 1, 2).apply(doc)
    assert doc.tracks == {1: before}


def test_that_swapping_exchanges_everything_from_the_frame_on() -> None:
    doc = two_tracks("MtT.", "AFM.")
    first, second = doc.track(1).frames.copy(), doc.track(2).frames.copy()
    propose(doc, 1)
    propose(doc, 2)
    applied_and_undone(doc, target_commands.swap_from(doc, 1, 2, 1))
    assert (provenances(doc, 1), provenances(doc, 2)) == ("MFM.", "AtT.")
    assert doc.track(1).frames[1:] == second[1:]
    assert doc.track(2).frames[1:] == first[1:]
    assert (doc.track(1).label, doc.track(2).label) == ("dog", "cat")
    assert not doc.proposals
    target_commands.swap_from(doc, 2, 1, 1).apply(doc)
    assert (doc.track(1).frames, doc.track(2).frames) == (first, second)


def test_that_acceptance_is_swapped_where_both_tracks_say_the_same() -> None:
    doc = two_tracks("MTTT", "MTtT")
    doc.track(2).frames.boxes[:, 0] -= 50
    applied_and_undone(doc, target_commands.swap_from(doc, 1, 2, 1))
    assert (provenances(doc, 1), provenances(doc, 2)) == ("MTtT", "MTTT")


def test_that_interpolated_boxes_between_swapped_anchors_are_computed_anew() -> None:
    doc = two_tracks("MIIIM", "M...M")
    target_commands.swap_from(doc, 1, 2, 2).apply(doc)
    frames = doc.track(1).frames
    assert (provenances(doc, 1), provenances(doc, 2)) == ("MI..M", "M.IIM")
    assert np.allclose(frames.boxes[1], frames.boxes[0] * 0.75 + frames.boxes[4] * 0.25)


def test_that_there_must_be_something_to_swap() -> None:
    with pytest.raises(AnnotationError, match="neither track"):
        target_commands.swap_from(two_tracks("MT..", "TM.."), 1, 2, 2)


def test_that_a_track_is_not_joined_or_swapped_with_itself() -> None:
    doc = tracked_document("MTM")
    with pytest.raises(AnnotationError, match="itself"):
        target_commands.join(doc, 1, 1)
    with pytest.raises(AnnotationError, match="itself"):
        target_commands.swap_from(doc, 1, 1, 1)


@pytest.mark.parametrize(
    ("pattern", "frame", "to", "moved"),
    [
        ("MIMIIM", 2, 4, "MIIIMM"),
        ("MIMIIM", 2, 1, "MMIIIM"),
        ("MTMTTM", 2, 4, "MT.TMM"),
        ("..M.F.", 2, 4, "....M."),
        ("IIMtt.", 2, 4, "II.tM."),  # no manual box before
        ("MIAIIM", 2, 3, "MI.AIM"),  # the way of a target that is not there is not known
        ("AIMIIM", 2, 3, "AI.MIM"),
        ("MM.M", 1, 2, "M.MM"),
        ("M...", 0, 3, "...M"),
        ("OIOIM", 2, 3, "OOOOM"),
    ],
)
def test_that_an_anchor_moves_and_the_interpolated_boxes_follow(
    pattern: str, frame: int, to: int, moved: str
) -> None:
    doc = tracked_document(pattern)
    row = doc.track(1).frames[frame : frame + 1]
    applied_and_undone(doc, target_commands.shift_anchor(doc, 1, frame, to))
    assert provenances(doc) == moved
    assert doc.track(1).frames[to : to + 1] == row


def test_that_boxes_on_both_sides_of_a_shifted_anchor_lie_on_lines_to_it() -> None:
    doc = tracked_document("MiiMiiM")
    target_commands.shift_anchor(doc, 1, 3, 4).apply(doc)
    boxes = doc.track(1).frames.boxes
    for frame in (1, 2, 3):
        assert np.allclose(boxes[frame], boxes[0] + (boxes[4] - boxes[0]) * frame / 4)
    assert np.allclose(boxes[5], (boxes[4] + boxes[6]) / 2)
    assert not doc.track(1).frames.reviewed.any()


@pytest.mark.parametrize(
    ("frame", "to", "message"),
    [(0, 3, "an anchor between"), (0, 2, "an anchor between"), (2, 2, "an anchor between"), (1, 3, "no anchor"),
     (2, 4, "not in the clip"), (2, -1, "not in the clip")],
)  # fmt: skip
def test_that_an_anchor_is_not_moved_over_another(frame: int, to: int, message: str) -> None:
    with pytest.raises(AnnotationError, match=message):
        target_commands.shift_anchor(tracked_document("MTMT"), 1, frame, to)


@settings(max_examples=100)
@given(st.data())
def test_that_no_anchor_is_lost_or_made_by_corrections_of_targets(data: st.DataObject) -> None:
    doc = data.draw(documents())
    for track in doc.tracks.values():
        track.locked = False
    if not doc.tracks:
        return
    ids, frame = st.sampled_from(sorted(doc.tracks)), data.draw(st.integers(0, doc.length - 1))
    before = anchors(doc)
    gestures: list[Callable[[], Edit]] = [
        lambda: target_commands.split(doc, data.draw(ids), frame),
        lambda: target_commands.swap_from(doc, data.draw(ids), data.draw(ids), frame),
    ]
    try:
        data.draw(st.sampled_from(gestures))().apply(doc)
    except AnnotationError:
        return
    assert anchors(doc) == before


def anchors(doc: Document) -> list[tuple[int, bytes]]:
    """All anchors of all tracks, with their frames."""
    found = (
        (int(i), track.frames.rows[i].tobytes()) for track in doc.tracks.values() for i in track.anchors()
    )
    return sorted(found)


# Locked tracks

LOCKED: list[Callable[[Document], Edit]] = [
    lambda doc: commands.delete_track(doc, 1),
    lambda doc: commands.set_anchor(doc, 1, 0, FAR),
    lambda doc: commands.mark_presence(doc, 1, range(0, 1), Presence.ABSENT),
    lambda doc: commands.clear_frames(doc, 1, 0, 1),
    lambda doc: commands.interpolate(doc, 1),
    lambda doc: commands.thin(doc, 1),
    *(lambda doc, mode=mode: commands.merge(doc, 1, mode) for mode in MergeMode),
    lambda doc: review_commands.accept(doc, 1, 0, 2),
    lambda doc: review_commands.accept(doc, 1, 0, 3),
    lambda doc: review_commands.unaccept(doc, 1, 0, 5),
    lambda doc: target_commands.split(doc, 1, 2),
    lambda doc: target_commands.join(doc, 1, 2),
    lambda doc: target_commands.join(doc, 2, 1),
    lambda doc: target_commands.swap_from(doc, 1, 2, 2),
    lambda doc: target_commands.swap_from(doc, 2, 1, 2),
    lambda doc: target_commands.shift_anchor(doc, 1, 4, 3),
]


@pytest.mark.parametrize("command", LOCKED)
def test_that_no_command_changes_the_frames_of_a_locked_track(command: Callable[[Document], Edit]) -> None:
    doc = two_tracks("MTtTMMMM.M", "MTTTMM.M..")
    frames = Frames.empty(doc.length)
    frames.put(1, FrameState(FAR, Provenance.TRACKED))
    AddProposal(Proposal(1, 1, 0, 1, "first", frames)).apply(doc)
    command(doc)  # works while the track is not locked
    track = doc.track(1)
    opposite = SetTrackInfo(1, track.label, track.colour, track.attributes, locked=True).apply(doc)
    with pytest.raises(AnnotationError, match=r"track 1 is locked\.") as caught:
        command(doc)
    assert caught.value.todo == "Unlock it in the table of tracks."
    opposite.apply(doc)
    command(doc)


def test_that_a_locked_track_can_be_renamed_and_a_run_for_it_discarded() -> None:
    doc = tracked_document("MTM")
    propose(doc, 1)
    before = copy.deepcopy(doc)
    lock = SetTrackInfo(1, "dog", "#102030", ("night",), locked=True).apply(doc)
    rename = SetTrackInfo(1, "cat", "#102030", ()).apply(doc)
    assert doc.track(1).locked
    discarded = commands.discard(doc, 1).apply(doc)
    assert not doc.proposals
    for opposite in (discarded, rename, lock):
        opposite.apply(doc)
    assert doc == before
    assert not doc.track(1).locked


def test_that_a_lock_is_part_of_what_a_track_is() -> None:
    doc = document(3)
    commands.add_track(doc, 0, box_at(0)).apply(doc)
    before = doc.track(1).copy()
    SetTrackInfo(1, before.label, before.colour, (), locked=True).apply(doc)
    assert doc.track(1) != before
    assert doc.track(1).copy().locked
