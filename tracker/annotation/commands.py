"""What a user does to tracks, as edits: one function for each gesture.

Nothing here changes the document; each function looks at it and returns the edit to apply. Anchors, the
frames decided by hand, change only by gestures of the hand: `set_anchor`, `mark_presence`, `clear_frames`,
`thin`. Interpolated boxes follow the manual boxes around them. A frame that says something else afterwards is no
longer an accepted one (see `review_commands`). Each raises `AnnotationError` where the track is locked.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.changes import (
    by_hand,
    difference,
    extent,
    on_line,
    renew_interpolated,
    unlocked,
)
from tracker.annotation.document import Document, MergeMode, Proposal
from tracker.annotation.edits import (
    AddTrack,
    Edit,
    RemoveProposal,
    RemoveTrack,
    Sequence_,
    SetFrames,
    check_span,
)
from tracker.annotation.region_edits import RemoveRegion
from tracker.annotation.track import Frames, FrameState, Indices, Mask, Presence, Provenance, Track
from tracker.errors import AnnotationError
from tracker.geometry import Box, require_usable

MERGEABLE = {
    MergeMode.FILL_GAPS: (Provenance.NONE,),
    MergeMode.REPLACE_MACHINE: (Provenance.NONE, Provenance.TRACKED, Provenance.INTERPOLATED),
    MergeMode.REPLACE_ALL_BUT_ANCHORS: tuple(set(Provenance) - {Provenance.MANUAL}),
}
"""Provenance of the frames that a merge may replace, unless they are accepted."""

ALL = slice(None)


def add_track(document: Document, frame: int, box: Box, label: str = "target") -> AddTrack:
    """A new track with its first manual box.

    Raises:
        AnnotationError: The clip has no such frame.
        BoxError: The box has no area or lies outside the frame.
    """
    check_span(frame, frame + 1, document)
    require_usable(box, document.media.size, f"frame {frame}")
    frames = Frames.empty(document.length)
    frames.put(frame, FrameState(box, Provenance.MANUAL))
    return AddTrack(Track(document.next_track_id(), label, document.next_colour(), (), frames))


def delete_track(document: Document, track_id: int) -> Edit:
    """Remove a track, its proposals and the regions that follow it."""
    unlocked(document, track_id)
    proposals = (RemoveProposal(found.id, track_id) for found in document.proposals_of(track_id))
    regions = (RemoveRegion(found.id) for found in document.regions_of(track_id))
    return Sequence_((*proposals, *regions, RemoveTrack(track_id)), "Delete track")


def set_anchor(document: Document, track_id: int, frame: int, box: Box) -> SetFrames:
    """Give a frame a manual box; interpolated boxes up to the next manual box on each side follow.

    A frame marked as occluded stays occluded.

    Raises:
        AnnotationError: There is no such track or frame.
        BoxError: The box has no area or lies outside the frame.
    """
    check_span(frame, frame + 1, document)
    require_usable(box, document.media.size, f"frame {frame}")
    old = document.at(track_id, frame)
    presence = Presence.OCCLUDED if old.presence is Presence.OCCLUDED else Presence.VISIBLE
    state = FrameState(box, Provenance.MANUAL, presence)
    name = "Draw box" if old.box is None else "Move box"
    return by_hand(
        document, track_id, range(frame, frame + 1), lambda frames: frames.put(slice(None), state), name
    )


def mark_presence(document: Document, track_id: int, frames: range, presence: Presence) -> SetFrames:
    """Say by hand whether the target can be seen; every marked frame becomes an anchor.

    OUT_OF_VIEW and ABSENT remove the boxes; OCCLUDED and VISIBLE keep them. VISIBLE on a frame without a box
    takes back what was said about it, since a visible target needs a box.

    Args:
        document: The document.
        track_id: The track.
        frames: Consecutive frames.
        presence: What to say about each.

    Raises:
        AnnotationError: There is no such track, or the frames are not consecutive frames of the clip.
    """
    if frames.step != 1:
        raise AnnotationError("presence is marked on consecutive frames.")

    def mark(marked: Frames) -> None:
        boxes, has_box = marked.boxes.copy(), marked.has_box
        marked.put(ALL, FrameState(None, Provenance.MANUAL, presence))
        if presence.has_box:
            marked.boxes[:] = boxes
        if presence is Presence.VISIBLE:
            marked.put(~has_box, FrameState())

    return by_hand(document, track_id, frames, mark, f"Mark {presence.label.lower()}")


def clear_frames(document: Document, track_id: int, start: int, stop: int) -> SetFrames:
    """Take back everything said about the frames `start <= i < stop`, anchors too.

    Raises:
        AnnotationError: There is no such track, or the frames are not in the clip.
    """
    return by_hand(
        document,
        track_id,
        range(start, stop),
        lambda frames: frames.put(slice(None), FrameState()),
        "Clear frames",
    )


def interpolate(document: Document, track_id: int, within: range | None = None) -> SetFrames:
    """Fill the frames between manual boxes linearly where nothing is said, and renew interpolated ones.

    Corners move in straight lines. A gap next to a manual absence stays empty: where the target went is not
    known. An interpolated box is occluded where both manual boxes are.

    Args:
        document: The document.
        track_id: The track.
        within: Frames that are filled at most; None for all.

    Raises:
        AnnotationError: There is no such track, or nothing between two of its manual boxes is free.
    """
    track = unlocked(document, track_id)
    frames = track.frames.copy()
    free = _between_boxes(track) & ~frames.is_said
    if within is not None:
        free[: within.start], free[within.stop :] = False, False
    filled = renew_interpolated(frames, free)
    if not filled.size:
        raise AnnotationError(
            f"track {track_id} has no gap between two manual boxes{'' if within is None else ' there'}.",
            todo="Draw boxes before and after the gap.",
        )
    return difference(track, 0, frames, range(filled[0], filled[0] + 1), "Interpolate")


def merge(document: Document, proposal_id: int, mode: MergeMode, within: range | None = None) -> Sequence_:
    """Take a proposal's frames into its track where `mode` allows it, and remove the proposal.

    Manual frames, and whatever the track says about the frame the run started from, are never replaced;
    accepted ones only in the mode that replaces all but anchors.

    Args:
        document: The document.
        proposal_id: The proposal.
        mode: What may be replaced.
        within: Frames that are taken over at most; None for all.

    Raises:
        AnnotationError: There is no such proposal, or its track is locked.
    """
    proposal = document.proposal(proposal_id)
    taken = take_over(document, proposal, mode, within)
    name = _run_name(proposal)
    return Sequence_(
        (*([] if taken is None else [taken]), RemoveProposal(proposal_id, proposal.track_id)), name
    )


def take_over(
    document: Document, proposal: Proposal, mode: MergeMode, within: range | None = None
) -> SetFrames | None:
    """The frames of a run that `mode` allows, as an edit; None where it allows none.

    The proposal need not be the document's any more: what one mode has left out, another may take over later.

    Raises:
        AnnotationError: Its track is gone or locked.
    """
    track = unlocked(document, proposal.track_id)
    taken = _mergeable(track, proposal, mode, within)
    if not taken.any():
        return None
    low, high = extent(taken)
    frames = track.frames[low:high]
    where = taken[low:high]
    frames.rows[where] = proposal.frames.rows[low:high][where]
    frames.reviewed[where] = False
    return SetFrames(track.id, low, frames, _run_name(proposal))


def left_out(document: Document, proposal: Proposal) -> int:
    """How many boxes of machines a run would replace if it were allowed to."""
    track = document.track(proposal.track_id)
    wanted = _mergeable(track, proposal, MergeMode.REPLACE_MACHINE, None)
    return int((wanted & track.frames.is_said & track.frames.is_changed(proposal.frames)).sum())


def _mergeable(track: Track, proposal: Proposal, mode: MergeMode, within: range | None) -> Mask:
    taken = proposal.frames.is_said & np.isin(track.frames.provenance, MERGEABLE[mode])
    if mode is not MergeMode.REPLACE_ALL_BUT_ANCHORS:
        taken &= ~track.frames.reviewed
    taken[proposal.start] &= track.frames.provenance[proposal.start] == Provenance.NONE
    if within is not None:
        taken[: within.start], taken[within.stop :] = False, False
    return np.asarray(taken)


def _run_name(proposal: Proposal) -> str:
    return "Track" + (" backward" if proposal.direction < 0 else "")


def discard(document: Document, proposal_id: int) -> RemoveProposal:
    """Throw a proposal away.

    Raises:
        AnnotationError: There is no such proposal.
    """
    return RemoveProposal(proposal_id, document.proposal(proposal_id).track_id, "Discard tracking run")


def thin(document: Document, track_id: int, tolerance: float = 1.0) -> SetFrames:
    """Turn manual boxes that their neighbours imply into interpolated ones.

    For tracks in which every frame was drawn or confirmed by hand: few anchors are easier to correct. Of the
    manual boxes of an unbroken series, those are kept that the Ramer-Douglas-Peucker method needs for every
    edge of every box to stay within `tolerance` of where it was. The others are to be looked at again.

    Args:
        document: The document.
        track_id: The track.
        tolerance: Pixels.

    Raises:
        AnnotationError: There is no such track, or no box can be spared.
    """
    track = unlocked(document, track_id)
    anchors = track.anchors()
    dropped: list[int] = []
    for series in _series(track, anchors):
        dropped += sorted(set(series.tolist()) - _needed(series, track.frames.boxes[series], tolerance))
    if not dropped:
        raise AnnotationError(f"no manual box of track {track_id} can be spared within {tolerance:g} pixels.")
    frames = track.frames.copy()
    frames.provenance[dropped], frames.reviewed[dropped] = Provenance.INTERPOLATED, False
    renew_interpolated(frames)
    return difference(track, 0, frames, range(dropped[0], dropped[0] + 1), "Thin track")


def _between_boxes(track: Track) -> Mask:
    """(n,) frames whose neighbouring anchors on both sides have a box."""
    inside = np.zeros(len(track.frames), np.bool_)
    anchors = track.anchors()
    has_box = track.frames.has_box[anchors]
    for i in np.flatnonzero(has_box[:-1] & has_box[1:]):
        inside[anchors[i] + 1 : anchors[i + 1]] = True
    return inside


def _series(track: Track, anchors: Indices) -> list[Indices]:
    """The anchors with a box, cut where an absence lies between them or the presence changes."""
    if not anchors.size:
        return []
    presence = track.frames.presence[anchors]
    parts = np.split(anchors, np.flatnonzero(np.diff(presence)) + 1)
    return [part for part in parts if track.frames.has_box[part].all()]


def _needed(at: Indices, boxes: NDArray[np.float64], tolerance: float) -> set[int]:
    """The frames among `at` that keep all edges within `tolerance` (Ramer 1972, Douglas and Peucker 1973)."""
    edges = np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])  # (n, 4) left, top, right, bottom
    kept, todo = {0, len(at) - 1}, [(0, len(at) - 1)]
    while todo:
        first, last = todo.pop()
        share = (at[first : last + 1] - at[first]) / max(at[last] - at[first], 1)
        line = on_line(edges[first], edges[last], share)
        error = np.abs(edges[first : last + 1] - line).max(axis=1)
        worst = first + int(np.argmax(error))
        if error[worst - first] > tolerance and not math.isnan(error[worst - first]):
            kept.add(worst)
            todo += [(first, worst), (worst, last)]
    return {int(at[i]) for i in kept}
