"""What a format cannot carry: a track as it will come back, and the difference in words."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from tracker.annotation.track import NO_MODEL, Frames, Presence, Provenance, Track
from tracker.formats.format import Carries, Origins


def as_carried(track: Track, carries: Carries) -> Track:
    """A track as a format that carries so much gives it back, but for the rounding of its boxes.

    Args:
        track: Of the frames that are written.
        carries: What the format can carry.
    """
    frames = _presences(track.frames, carries)
    if not carries.ends:
        _cut_ends(frames)
    if carries.origins is not Origins.ALL:
        keeps = carries.origins is Origins.KEYFRAMES and is_drawn(track.frames)
        machine = frames.is_said & (~frames.has_box if keeps else True)
        frames.provenance[machine] = Provenance.IMPORTED
    if not carries.scores:
        frames.score[:], frames.model[:] = math.nan, NO_MODEL
    if not carries.review:
        frames.reviewed[:] = False
    known = carries.attributes
    words = track.attributes if known is None else tuple(w for w in known if w in track.attributes)
    return replace(
        track,
        frames=frames,
        label=track.label if carries.label else "",
        attributes=words,
        locked=track.locked and carries.review,
    )


def is_drawn(frames: Frames) -> bool:
    """Whether all boxes were drawn by hand, or interpolated between such."""
    kinds = frames.provenance[frames.has_box]
    return bool(np.isin(kinds, (Provenance.MANUAL, Provenance.INTERPOLATED)).all()) and kinds.size > 0


def _presences(frames: Frames, carries: Carries) -> Frames:
    """A copy that tells presences apart as far as the format does."""
    kept = frames.copy()
    if not carries.occlusion:
        kept.presence[frames.has_box] = Presence.VISIBLE
    absent = frames.is_said & ~frames.has_box
    nothing = np.zeros(len(frames), np.bool_)
    if carries.says_absence:
        others = [int(p) for p in Presence if p not in carries.absences]
        kept.presence[absent & np.isin(frames.presence, others)] = Presence.ABSENT
        if not carries.gaps:
            kept.presence[~frames.is_said] = Presence.ABSENT
            kept.provenance[~frames.is_said] = Provenance.IMPORTED
    else:
        nothing = absent
    _clear(kept, nothing)
    return kept


def _cut_ends(frames: Frames) -> None:
    with_box = np.flatnonzero(frames.has_box)
    outside = np.ones(len(frames), np.bool_)
    if with_box.size:
        outside[with_box[0] : with_box[-1] + 1] = False
    _clear(frames, outside)


def _clear(frames: Frames, where: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> None:
    empty = Frames.empty(1)
    frames.rows[where] = empty.rows[0]
    frames.reviewed[where] = False


def losses(tracks: tuple[Track, ...], carries: Carries) -> list[str]:
    """What of these tracks the format cannot carry, a phrase each; empty where nothing is lost."""
    pairs = [(track, as_carried(track, carries)) for track in tracks]
    checks = {
        "why a target has no box": any(_absence_differs(a.frames, b.frames) for a, b in pairs),
        "which frames nobody has annotated": any(_gap_differs(a.frames, b.frames) for a, b in pairs),
        "which boxes are of an occluded target": any(
            _occlusion_differs(a.frames, b.frames) for a, b in pairs
        ),
        "where each box comes from": any(_origin_differs(a.frames, b.frames) for a, b in pairs),
        "scores and models": any(
            not np.array_equal(a.frames.score, b.frames.score, equal_nan=True) for a, b in pairs
        ),
        "which frames were accepted": any((a.frames.reviewed != b.frames.reviewed).any() for a, b in pairs),
        "locks": any(a.locked != b.locked for a, b in pairs),
        "labels": any(a.label != b.label for a, b in pairs),
        "attributes " + _words(pairs): any(set(a.attributes) != set(b.attributes) for a, b in pairs),
        "parts of pixels": carries.decimals == 0 and any(_has_parts(a.frames) for a, _ in pairs),
    }
    return [what for what, is_lost in checks.items() if is_lost]


def _absence_differs(a: Frames, b: Frames) -> bool:
    both = a.is_said & ~a.has_box
    return bool(((a.presence != b.presence) | (a.is_said != b.is_said))[both].any())


def _gap_differs(a: Frames, b: Frames) -> bool:
    return bool((~a.is_said & b.is_said).any())


def _occlusion_differs(a: Frames, b: Frames) -> bool:
    return bool((a.presence != b.presence)[a.has_box].any())


def _origin_differs(a: Frames, b: Frames) -> bool:
    return bool((a.provenance != b.provenance)[a.has_box].any())


def _has_parts(frames: Frames) -> bool:
    boxes = frames.boxes[frames.has_box]
    return bool((boxes != np.round(boxes)).any())


def _words(pairs: list[tuple[Track, Track]]) -> str:
    lost = dict.fromkeys(word for a, b in pairs for word in a.attributes if word not in b.attributes)
    return f"({', '.join(lost)})" if lost else ""
