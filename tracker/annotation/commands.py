"""What a user does to tracks, as edits: one function for each gesture.

Nothing here changes the document; each function looks at it and returns the edit to apply. Anchors, the
frames decided by hand, change only by gestures of the hand: `set_anchor`, `mark_presence`, `clear_frames`,
`thin`. Interpolated boxes follow the manual boxes around them.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import Document, MergeMode
from tracker.annotation.edits import (
    AddTrack,
    Edit,
    RemoveProposal,
    RemoveTrack,
    Sequence_,
    SetFrames,
    check_span,
)
from tracker.annotation.track import Frames, FrameState, Indices, Mask, Presence, Provenance, Track
from tracker.errors import AnnotationError
from tracker.geometry import Box, require_usable

MERGEABLE = {
    MergeMode.FILL_GAPS: (Provenance.NONE,),
    MergeMode.REPLACE_MACHINE: (Provenance.NONE, Provenance.TRACKED, Provenance.INTERPOLATED),
    MergeMode.REPLACE_ALL_BUT_ANCHORS: tuple(set(Provenance) - {Provenance.MANUAL}),
}
"""Provenance of the frames that a merge may replace."""

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
    """Remove a track and its proposals."""
    document.track(track_id)
    proposals = (RemoveProposal(found.id, track_id) for found in document.proposals_of(track_id))
    return Sequence_((*proposals, RemoveTrack(track_id)), "Delete track")


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
    return _by_hand(
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

    return _by_hand(document, track_id, frames, mark, f"Mark {presence.label.lower()}")


def clear_frames(document: Document, track_id: int, start: int, stop: int) -> SetFrames:
    """Take back everything said about the frames `start <= i < stop`, anchors too.

    Raises:
        AnnotationError: There is no such track, or the frames are not in the clip.
    """
    return _by_hand(
        document,
        track_id,
        range(start, stop),
        lambda frames: frames.put(slice(None), FrameState()),
        "Clear frames",
    )


def interpolate(document: Document, track_id: int) -> SetFrames:
    """Fill the frames between manual boxes linearly where nothing is said, and renew interpolated ones.

    Corners move in straight lines. A gap next to a manual absence stays empty: where the target went is not
    known. An interpolated box is occluded where both manual boxes are.

    Raises:
        AnnotationError: There is no such track, or nothing between two of its manual boxes is free.
    """
    track = document.track(track_id)
    frames = track.frames.copy()
    filled = _renew_interpolated(frames, _between_boxes(track) & ~frames.is_said)
    if not filled.size:
        raise AnnotationError(
            f"track {track_id} has no gap between two manual boxes.",
            todo="Draw boxes before and after the gap.",
        )
    return _difference(track, 0, frames, range(filled[0], filled[0] + 1), "Interpolate")


def merge(document: Document, proposal_id: int, mode: MergeMode) -> Sequence_:
    """Take a proposal's frames into its track where `mode` allows it, and remove the proposal.

    Manual frames, and whatever the track says about the frame the run started from, are never replaced.

    Raises:
        AnnotationError: There is no such proposal.
    """
    proposal = document.proposal(proposal_id)
    track = document.track(proposal.track_id)
    taken = proposal.frames.is_said & np.isin(track.frames.provenance, MERGEABLE[mode])
    taken[proposal.start] &= track.frames.provenance[proposal.start] == Provenance.NONE
    edits: list[Edit] = []
    if taken.any():
        low, high = _extent(taken)
        frames = track.frames[low:high]
        frames.rows[taken[low:high]] = proposal.frames.rows[low:high][taken[low:high]]
        edits.append(SetFrames(track.id, low, frames))
    return Sequence_(
        (*edits, RemoveProposal(proposal_id, track.id)),
        "Track" + (" backward" if proposal.direction < 0 else ""),
    )


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
    edge of every box to stay within `tolerance` of where it was.

    Args:
        document: The document.
        track_id: The track.
        tolerance: Pixels.

    Raises:
        AnnotationError: There is no such track, or no box can be spared.
    """
    track = document.track(track_id)
    anchors = track.anchors()
    dropped: list[int] = []
    for series in _series(track, anchors):
        dropped += sorted(set(series.tolist()) - _needed(series, track.frames.boxes[series], tolerance))
    if not dropped:
        raise AnnotationError(f"no manual box of track {track_id} can be spared within {tolerance:g} pixels.")
    frames = track.frames.copy()
    frames.provenance[dropped] = Provenance.INTERPOLATED
    _renew_interpolated(frames)
    return _difference(track, 0, frames, range(dropped[0], dropped[0] + 1), "Thin track")


def _by_hand(
    document: Document, track_id: int, span: range, change: Callable[[Frames], None], name: str
) -> SetFrames:
    """Change the frames of `span`, and let the interpolated ones around it follow."""
    track = document.track(track_id)
    check_span(span.start, span.stop, document)
    knots = _manual_boxes(track.frames)
    before, after = knots[knots < span.start], knots[knots >= span.stop]
    low = int(before[-1]) if before.size else span.start
    high = int(after[0]) + 1 if after.size else span.stop
    frames = track.frames[low:high]
    inner = Frames(frames.rows[span.start - low : span.stop - low])  # a view: the change lands in `frames`
    change(inner)
    _renew_interpolated(frames)
    return _difference(track, low, frames, span, name)


def _difference(track: Track, low: int, frames: Frames, span: range, name: str) -> SetFrames:
    """The edit that makes the track say `frames` from `low` on, no longer than needed; at least `span`."""
    old, new = track.frames.rows[low : low + len(frames)], frames.rows
    changed = (_bytes(old) != _bytes(new)).any(axis=1)
    changed[span.start - low : span.stop - low] = True
    first, stop = _extent(changed)
    return SetFrames(track.id, low + first, frames[first:stop], name)


def _bytes(rows: NDArray[np.void]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), -1)


def _extent(mask: Mask) -> tuple[int, int]:
    """(start, stop) around all that is true in `mask`."""
    found = np.flatnonzero(mask)
    return int(found[0]), int(found[-1]) + 1


def _manual_boxes(frames: Frames) -> Indices:
    return np.flatnonzero((frames.provenance == Provenance.MANUAL) & frames.has_box)


def _renew_interpolated(frames: Frames, also: Mask | None = None) -> Indices:
    """Compute anew the interpolated frames, and those in `also`, that lie between two manual boxes.

    An interpolated box that has lost the manual box on one side stays as it was: nothing better is known.

    Returns:
        Their indices, ascending.
    """
    knots = _manual_boxes(frames)
    wanted = frames.provenance == Provenance.INTERPOLATED
    if also is not None:
        wanted |= also
    at = np.flatnonzero(wanted)
    at = at[(at > knots[0]) & (at < knots[-1])] if knots.size else at[:0]
    if not at.size:
        return at
    right = np.searchsorted(knots, at)
    a, b = knots[right - 1], knots[right]
    frames.put(at, FrameState(None, Provenance.INTERPOLATED))
    frames.boxes[at] = _on_line(frames.boxes[a], frames.boxes[b], (at - a) / (b - a))
    frames.presence[at] = np.minimum(frames.presence[a], frames.presence[b])  # VISIBLE < OCCLUDED
    return at


def _on_line(
    first: NDArray[np.float64], last: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Boxes (n, 4) at `share` (n,), 0..1, of the way from `first` to `last`."""
    return first * (1 - share)[:, None] + last * share[:, None]


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
        line = _on_line(edges[first], edges[last], share)
        error = np.abs(edges[first : last + 1] - line).max(axis=1)
        worst = first + int(np.argmax(error))
        if error[worst - first] > tolerance and not math.isnan(error[worst - first]):
            kept.add(worst)
            todo += [(first, worst), (worst, last)]
    return {int(at[i]) for i in kept}
