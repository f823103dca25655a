"""Corrections of which target is which, and when: splitting, joining and swapping tracks, shifting anchors.

As in `commands`, each function returns the edit to apply, and raises `AnnotationError` where a track that would
change is locked. Statements are carried as they are, accepted ones too; interpolated boxes follow the manual boxes
that are around them afterwards. A run's proposal is about the target that its track was: where that changes, the
proposals are discarded with the edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from tracker.annotation.changes import by_hand, difference, extent, renew_interpolated, unlocked
from tracker.annotation.document import Document
from tracker.annotation.edits import AddTrack, RemoveProposal, RemoveTrack, Sequence_, SetFrames, check_span
from tracker.annotation.region_edits import ChangeRegion
from tracker.annotation.track import Frames, FrameState, Provenance, Track
from tracker.errors import AnnotationError


def split(document: Document, track_id: int, frame: int) -> Sequence_:
    """Make what a track says from `frame` on a new track with the same label and attributes.

    Raises:
        AnnotationError: There is no such track or frame, the track is locked, or one of both would say nothing.
    """
    track = unlocked(document, track_id)
    check_span(frame, frame + 1, document)
    is_said = track.frames.is_said
    if not (is_said[:frame].any() and is_said[frame:].any()):
        side = "before" if is_said[frame:].any() else "from there on"
        raise AnnotationError(
            f"track {track_id} cannot be split at frame {frame}: nothing is said {side}.",
            todo="Choose a frame after its first and not after its last.",
        )
    later = Frames.empty(document.length)
    later.paste(frame, track.frames[frame:])
    new = Track(document.next_track_id(), track.label, document.next_colour(), track.attributes, later)
    start, stop = extent(later.is_said)
    cleared = SetFrames(track_id, start, Frames.empty(stop - start))
    return Sequence_((*_discarded(document, track_id), cleared, AddTrack(new)), "Split track")


def join(document: Document, track_id: int, other_id: int) -> Sequence_:
    """Let the statements of another track fill the frames about which a track says nothing, and remove the other.

    An anchor of the other takes the place of what a machine says; where both have one, the first track's stays.
    Regions that followed the other follow the joined track.

    Raises:
        AnnotationError: There is no such track, it is the same one, or one of both is locked.
    """
    track, other = _two(document, track_id, other_id, "joined")
    taken = other.frames.is_said & ~track.frames.is_said
    taken |= other.frames.is_manual & ~track.frames.is_manual
    edits: list[SetFrames] = []
    if taken.any():
        frames = track.frames.copy()
        frames.rows[taken], frames.reviewed[taken] = other.frames.rows[taken], other.frames.reviewed[taken]
        renew_interpolated(frames)
        edits.append(difference(track, 0, frames, range(*extent(taken)), "Join tracks"))
    moved = (ChangeRegion(replace(each, track_id=track_id)) for each in document.regions_of(other_id))
    return Sequence_((*edits, *_discarded(document, other_id), *moved, RemoveTrack(other_id)), "Join tracks")


def swap_from(document: Document, track_id: int, other_id: int, frame: int) -> Sequence_:
    """Exchange what two tracks say from `frame` on: they were taken for one another.

    Raises:
        AnnotationError: There is no such track or frame, it is the same track, one of both is locked, or neither
            says anything there.
    """
    track, other = _two(document, track_id, other_id, "swapped")
    check_span(frame, frame + 1, document)
    if not (track.frames.is_said | other.frames.is_said)[frame:].any():
        raise AnnotationError(f"neither track says anything from frame {frame} on.")
    edits = []
    for mine, theirs in ((track, other), (other, track)):
        frames = mine.frames.copy()
        frames.paste(frame, theirs.frames[frame:])
        renew_interpolated(frames)
        edits.append(difference(mine, 0, frames, range(frame, frame + 1), "Swap tracks"))
    discarded = (*_discarded(document, track_id), *_discarded(document, other_id))
    return Sequence_((*discarded, *edits), "Swap tracks")


def shift_anchor(document: Document, track_id: int, frame: int, to: int) -> SetFrames:
    """Move an anchor along time, up to the anchors before and after it.

    The frame it leaves is interpolated where it has an interpolated neighbour and lies between two manual boxes;
    otherwise nothing is said about it any more.

    Args:
        document: The document.
        track_id: The track.
        frame: Where the anchor is.
        to: Where it shall be; what is said there is replaced.

    Raises:
        AnnotationError: There is no such track or frame, the track is locked, `frame` is no anchor, or there is one
            at `to` or on the way.
    """
    track = unlocked(document, track_id)
    low, high = sorted((frame, to))
    check_span(low, high + 1, document)
    if not track.frames.is_manual[frame]:
        raise AnnotationError(f"frame {frame} is no anchor.", todo="Choose a frame decided by hand.")
    on_the_way = track.frames.is_manual[low : high + 1]
    if np.count_nonzero(on_the_way) > 1 or frame == to:
        raise AnnotationError(
            f"there is an anchor between frame {frame} and frame {to}, or at its end.",
            todo="Move it only as far as the next anchor.",
        )
    is_followed = _is_followed(track, frame, to)

    def shift(moved: Frames) -> None:
        anchor = moved[frame - low : frame - low + 1]
        left = FrameState(anchor.box(0), Provenance.INTERPOLATED) if is_followed else FrameState()
        moved.put(frame - low, left)
        moved.paste(to - low, anchor)

    return by_hand(document, track_id, range(low, high + 1), shift, "Move anchor")


def _is_followed(track: Track, frame: int, to: int) -> bool:
    """Whether the frame that an anchor leaves for `to` becomes an interpolated one."""
    anchors = track.anchors()
    around = np.sort(np.append(anchors[anchors != frame], to))
    right = int(np.searchsorted(around, frame))
    if right in (0, len(around)):
        return False
    has_box = track.frames.has_box.copy()
    has_box[to] = has_box[frame]
    beside = track.frames.provenance[frame - 1 : frame + 2]
    return bool(has_box[around[right - 1]] and has_box[around[right]] and Provenance.INTERPOLATED in beside)


def _two(document: Document, track_id: int, other_id: int, what: str) -> tuple[Track, Track]:
    if track_id == other_id:
        raise AnnotationError(f"track {track_id} cannot be {what} with itself.", todo="Choose another track.")
    return unlocked(document, track_id), unlocked(document, other_id)


def _discarded(document: Document, track_id: int) -> Iterator[RemoveProposal]:
    return (RemoveProposal(found.id, track_id) for found in document.proposals_of(track_id))
