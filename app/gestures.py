"""What a key does to the selected track on the current frame, as edits."""

from __future__ import annotations

from tracker.annotation import commands
from tracker.annotation.document import Document
from tracker.annotation.edits import Edit
from tracker.annotation.track import Presence, Provenance, Track
from tracker.errors import AnnotationError


def toggle_anchor(document: Document, track: Track, frame: int) -> Edit:
    """Make the box an anchor; where the frame was decided by hand, take that back.

    Raises:
        AnnotationError: There is no box.
    """
    state = track.at(frame)
    if state.provenance is Provenance.MANUAL:
        return commands.clear_frames(document, track.id, frame, frame + 1)
    if state.box is None:
        raise AnnotationError(
            f"track {track.id} has no box on frame {frame}.", todo="Draw one with Shift+N: it is an anchor."
        )
    return commands.set_anchor(document, track.id, frame, state.box)


def toggle_presence(document: Document, track: Track, frame: int, presence: Presence) -> Edit:
    """Say that the target cannot be seen; said again, take it back."""
    wanted = Presence.VISIBLE if track.at(frame).presence is presence else presence
    return commands.mark_presence(document, track.id, range(frame, frame + 1), wanted)


def next_anchor(track: Track, frame: int, direction: int) -> int | None:
    """The nearest frame decided by hand after `frame` (+1) or before it (-1), None where there is none."""
    ahead = [anchor for anchor in track.anchors().tolist() if (anchor - frame) * direction > 0]
    return min(ahead, key=lambda anchor: abs(anchor - frame), default=None)
