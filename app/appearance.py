"""What is shown of a track on a frame: what it says itself, or what a run proposes for it."""

from __future__ import annotations

from app.session import Session
from tracker.annotation.track import FrameState, Provenance, Track


def state_shown(session: Session, track: Track, frame: int) -> tuple[FrameState, bool]:
    """An anchor, or else what a run proposes, or else whatever is there.

    Returns:
        The state, and whether it is a proposal's.
    """
    own, proposal = track.at(frame), session.runs.proposal_of(track.id)
    proposed = FrameState() if proposal is None else proposal.frames.at(frame)
    if own.provenance is Provenance.MANUAL or proposed.provenance is Provenance.NONE:
        return own, False
    return proposed, True
