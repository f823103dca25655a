"""Taking over what two runs say about gaps, as one edit."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from tracker.annotation.audit import accepted_spans, agreement, blended
from tracker.annotation.changes import unlocked
from tracker.annotation.document import Document
from tracker.annotation.edits import Sequence_, SetFrames, check_span
from tracker.annotation.track import Frames, Mask, Provenance, Track
from tracker.errors import AnnotationError

ACCEPTED = 0.7
"""IoU of both runs from which on their box counts as looked at: two witnesses that do not know one another."""

LEAST_FRAMES = 3  # of an agreement; a shorter one may be two runs that cross

MACHINE = (Provenance.NONE, Provenance.TRACKED, Provenance.INTERPOLATED)


def audit(
    document: Document,
    track_id: int,
    gaps: Iterable[tuple[int, Frames, Frames]],
    accept_from: float = ACCEPTED,
) -> Sequence_:
    """Fill gaps with what two runs say, and accept the stretches in which they agree.

    Boxes that machines had put there before are replaced, those decided or accepted by hand are not.

    Args:
        document: The document.
        track_id: The track.
        gaps: For each gap its first frame, and what the forward and the backward run say about its frames.
        accept_from: IoU from which on a stretch is accepted.

    Raises:
        AnnotationError: There is no such track, it is locked, a gap is not in the clip, or no run has said anything.
    """
    track = unlocked(document, track_id)
    edits = []
    for start, forward, backward in gaps:
        check_span(start, start + len(forward), document)
        edit = _filled(track, start, forward, backward, accept_from)
        edits += [] if edit is None else [edit]
    if not edits:
        raise AnnotationError(f"nothing was found in the gaps of track {track_id}.")
    return Sequence_(tuple(edits), "Track between anchors")


def _filled(
    track: Track, start: int, forward: Frames, backward: Frames, accept_from: float
) -> SetFrames | None:
    found = blended(forward, backward)
    frames = track.frames[start : start + len(found)]
    taken: Mask = found.is_said & np.isin(frames.provenance, MACHINE) & ~frames.reviewed
    if not taken.any():
        return None
    frames.rows[taken], frames.reviewed[taken] = found.rows[taken], False
    for first, stop in accepted_spans(agreement(forward, backward), accept_from, LEAST_FRAMES).accepted:
        frames.reviewed[first:stop] |= taken[first:stop]
    return SetFrames(track.id, start, frames)
