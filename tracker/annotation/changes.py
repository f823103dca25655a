"""What the commands have in common: the shortest edit, locked tracks, interpolated boxes that follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import Document
from tracker.annotation.edits import SetFrames, check_span
from tracker.annotation.track import Frames, FrameState, Indices, Mask, Provenance, Track
from tracker.errors import AnnotationError


def unlocked(document: Document, track_id: int) -> Track:
    """A track whose frames may be changed.

    Raises:
        AnnotationError: There is none, or it is locked.
    """
    track = document.track(track_id)
    if track.locked:
        raise AnnotationError(f"track {track_id} is locked.", todo="Unlock it in the table of tracks.")
    return track


def by_hand(
    document: Document, track_id: int, span: range, change: Callable[[Frames], None], name: str
) -> SetFrames:
    """Change the frames of `span`, and let the interpolated ones around it follow.

    Raises:
        AnnotationError: There is no such track, it is locked, or the frames are not in the clip.
    """
    track = unlocked(document, track_id)
    check_span(span.start, span.stop, document)
    knots = manual_boxes(track.frames)
    before, after = knots[knots < span.start], knots[knots >= span.stop]
    low = int(before[-1]) if before.size else span.start
    high = int(after[0]) + 1 if after.size else span.stop
    frames = track.frames[low:high]
    change(frames.view(span.start - low, span.stop - low))
    renew_interpolated(frames)
    return difference(track, low, frames, span, name)


def difference(track: Track, low: int, frames: Frames, span: range, name: str) -> SetFrames:
    """The edit that makes the track say `frames` from `low` on, no longer than needed; at least `span`."""
    old = track.frames[low : low + len(frames)]
    changed = frames.is_changed(old) | (frames.reviewed != old.reviewed)
    changed[span.start - low : span.stop - low] = True
    first, stop = extent(changed)
    return SetFrames(track.id, low + first, frames[first:stop], name)


def extent(mask: Mask) -> tuple[int, int]:
    """(start, stop) around all that is true in `mask`, which something is."""
    found = np.flatnonzero(mask)
    return int(found[0]), int(found[-1]) + 1


def manual_boxes(frames: Frames) -> Indices:
    """Frames with a box drawn by hand, ascending."""
    return np.flatnonzero(frames.is_manual & frames.has_box)


def renew_interpolated(frames: Frames, also: Mask | None = None) -> Indices:
    """Compute anew the interpolated frames, and those in `also`, that lie between two manual boxes.

    An interpolated box that has lost the manual box on one side stays as it was: nothing better is known.
    One that comes out as it was is still accepted where it was.

    Returns:
        Their indices, ascending.
    """
    knots = manual_boxes(frames)
    wanted = frames.provenance == Provenance.INTERPOLATED
    if also is not None:
        wanted |= also
    at = np.flatnonzero(wanted)
    at = at[(at > knots[0]) & (at < knots[-1])] if knots.size else at[:0]
    if not at.size:
        return at
    before = frames.copy()
    right = np.searchsorted(knots, at)
    a, b = knots[right - 1], knots[right]
    frames.put(at, FrameState(None, Provenance.INTERPOLATED))
    frames.boxes[at] = on_line(frames.boxes[a], frames.boxes[b], (at - a) / (b - a))
    frames.presence[at] = np.minimum(frames.presence[a], frames.presence[b])  # VISIBLE < OCCLUDED
    frames.reviewed[:] = before.reviewed & ~frames.is_changed(before)
    return at


def on_line(
    first: NDArray[np.float64], last: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Boxes (n, 4) at `share` (n,), 0..1, of the way from `first` to `last`."""
    return first * (1 - share)[:, None] + last * share[:, None]
