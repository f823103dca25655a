"""Accepting what a machine says about frames, and taking that back, as edits.

Anchors need no accepting: a hand has decided them. What is accepted stays so until the frame says something else.
"""

from __future__ import annotations

from tracker.annotation.changes import extent, unlocked
from tracker.annotation.document import Document
from tracker.annotation.edits import SetFrames, check_span
from tracker.annotation.track import Mask, Track
from tracker.errors import AnnotationError


def accept(document: Document, track_id: int, start: int, stop: int) -> SetFrames:
    """Mark what is said about the frames `start <= i < stop` as looked at and right.

    Raises:
        AnnotationError: There is no such track, it is locked, the frames are not in the clip, or nothing is said
            about them that is not accepted yet.
    """
    track = unlocked(document, track_id)
    is_open = _within(document, track, start, stop, track.frames.is_said & ~track.frames.is_reviewed)
    if not is_open.any():
        raise AnnotationError(
            f"nothing in the frames {start} to {stop - 1} is left to accept.",
            todo="Choose frames that have been tracked, interpolated or imported.",
        )
    return _marked(track, is_open, True, "Accept")


def unaccept(document: Document, track_id: int, start: int, stop: int) -> SetFrames:
    """Take back that the frames `start <= i < stop` are right; anchors stay anchors.

    Raises:
        AnnotationError: There is no such track, it is locked, the frames are not in the clip, or none of them is
            accepted.
    """
    track = unlocked(document, track_id)
    is_accepted = _within(document, track, start, stop, track.frames.reviewed)
    if not is_accepted.any():
        raise AnnotationError(f"none of the frames {start} to {stop - 1} is accepted.")
    return _marked(track, is_accepted, False, "Take back acceptance")


def _within(document: Document, track: Track, start: int, stop: int, mask: Mask) -> Mask:
    """The part of a mask over the whole track that lies in `start <= i < stop`."""
    check_span(start, stop, document)
    inside = mask.copy()
    inside[:start], inside[stop:] = False, False
    return inside


def _marked(track: Track, where: Mask, is_accepted: bool, name: str) -> SetFrames:
    low, high = extent(where)
    frames = track.frames[low:high]
    frames.reviewed[where[low:high]] = is_accepted
    return SetFrames(track.id, low, frames, name)
