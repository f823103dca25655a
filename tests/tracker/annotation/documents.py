"""Documents, frames and edits for tests, fixed ones and hypothesis strategies."""

from __future__ import annotations

import math
from collections.abc import Callable

from hypothesis import strategies as st

from tracker.annotation import commands, review_commands, target_commands
from tracker.annotation.document import Document, MediaRecord, MergeMode, Proposal
from tracker.annotation.edits import (
    AddProposal,
    AddTrack,
    Edit,
    RemoveProposal,
    RemoveTrack,
    Sequence_,
    SetFrames,
    SetTrackInfo,
)
from tracker.annotation.region_edits import (
    AddRegion,
    ChangeRegion,
    RemoveRegion,
    SetCalibration,
    measure_target,
)
from tracker.annotation.regions import Region
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.outline import Shape

LENGTH = 250  # more than two chunks of the store
MEDIA = MediaRecord("/clips/dog.mp4", "video", "abc123", LENGTH, 320, 240, "uint16", 1, 30.0)
MODELS = ["first", "second"]


def document(length: int = LENGTH) -> Document:
    """A document without tracks that knows two models."""
    media = MediaRecord("/clips/dog.mp4", "video", "abc123", length, 320, 240, "uint16", 1, 30.0)
    return Document(media, models=list(MODELS))


def box_at(frame: float) -> Box:
    """A box that moves and grows with the frame index, linearly."""
    return Box(10 + frame, 20 + 0.5 * frame, 12 + 0.25 * frame, 8)


def tracked_document(pattern: str) -> Document:
    """A document with a track 1 that has a frame for each letter.

    "." nothing, "M" manual, "T" tracked, "I" interpolated, "F" from a file, "A" manual absence, "O" manual
    occluded; "t", "i" and "f" the same accepted.
    """
    doc = document(len(pattern))
    frames = Frames.empty(len(pattern))
    for i, letter in enumerate(pattern):
        state = _STATES[letter.upper()](box_at(i))
        frames.put(i, state, 0 if letter in "Tt" else -1)
        frames.reviewed[i] = letter.islower()
    AddTrack(Track(1, "dog", "#102030", ("night",), frames)).apply(doc)
    return doc


_STATES: dict[str, Callable[[Box], FrameState]] = {
    ".": lambda _: FrameState(),
    "M": lambda box: FrameState(box, Provenance.MANUAL),
    "T": lambda box: FrameState(box, Provenance.TRACKED, score=0.75, model="first"),
    "I": lambda box: FrameState(box, Provenance.INTERPOLATED),
    "F": lambda box: FrameState(box, Provenance.IMPORTED),
    "A": lambda _: FrameState(None, Provenance.MANUAL, Presence.ABSENT),
    "O": lambda box: FrameState(box, Provenance.MANUAL, Presence.OCCLUDED),
}


def provenances(doc: Document, track_id: int = 1) -> str:
    """A track as a pattern, as `tracked_document` takes it (all absences and occlusions as "A" and "O")."""
    letters = {0: ".", 1: "M", 2: "T", 3: "I", 4: "F"}
    frames = doc.track(track_id).frames
    pattern = (
        {Presence.VISIBLE: letters[provenance], Presence.OCCLUDED: "O"}.get(Presence(presence), "A")
        for provenance, presence in zip(frames.provenance.tolist(), frames.presence.tolist(), strict=True)
    )
    accepted = frames.reviewed.tolist()
    return "".join(letter.lower() if is_ else letter for letter, is_ in zip(pattern, accepted, strict=True))


coordinates = st.floats(-500, 500, allow_subnormal=False) | st.sampled_from([0.0, -0.0, 0.1, 1 / 3])
sizes = st.floats(1e-6, 500, allow_subnormal=False)
boxes = st.builds(Box, coordinates, coordinates, sizes, sizes)
boxes_in_frame = st.builds(Box, st.floats(0, 300), st.floats(0, 200), st.floats(1, 50), st.floats(1, 50))
scores = st.floats(0, 1, width=32) | st.just(math.nan)


@st.composite
def states(draw: st.DrawFn) -> FrameState:
    """What can be said about a frame."""
    provenance = draw(st.sampled_from(Provenance))
    if provenance is Provenance.NONE:
        return FrameState()
    presence = draw(st.sampled_from(Presence))
    box = draw(boxes) if presence.has_box else None
    return FrameState(box, provenance, presence, draw(scores))


@st.composite
def spans_of_frames(draw: st.DrawFn, most: int) -> Frames:
    """1..most frames, in runs of the same state."""
    length = draw(st.integers(1, most))
    frames = Frames.empty(length)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, length - 1))
        stop = draw(st.integers(start + 1, length))
        frames.put(slice(start, stop), draw(states()), draw(st.integers(-1, len(MODELS) - 1)))
    for _ in range(draw(st.integers(0, 2))):
        start = draw(st.integers(0, length - 1))
        span = slice(start, draw(st.integers(start + 1, length)))
        frames.reviewed[span] = frames.is_said[span]
    return frames


@st.composite
def whole_frames(draw: st.DrawFn, length: int, is_proposal: bool = False) -> Frames:
    """Frames of the length of a clip."""
    frames = Frames.empty(length)
    part = draw(spans_of_frames(length))
    if is_proposal:
        part.provenance[part.is_said] = Provenance.TRACKED
    frames.paste(draw(st.integers(0, length - len(part))), part)
    return frames


@st.composite
def edits_of(draw: st.DrawFn, doc: Document) -> Edit:
    """A primitive edit that `doc` allows."""
    kinds: list[str] = ["add track"]
    if doc.tracks:
        kinds += ["frames", "frames", "info", "add proposal"]
        kinds += ["remove proposal"] if doc.proposals else []
    free = [id_ for id_ in doc.tracks if not any(doc.proposals_of(id_)) and not any(doc.regions_of(id_))]
    kinds += ["remove track"] if free else []
    kinds += ["measuring"]
    match draw(st.sampled_from(kinds)):
        case "measuring":
            return draw(measuring_edits_of(doc))
        case "add track":
            id_ = draw(st.sampled_from([doc.next_track_id(), doc.next_track_id() + 2]))
            return AddTrack(Track(id_, draw(labels), draw(colours), (), draw(whole_frames(doc.length))))
        case "frames":
            frames = draw(spans_of_frames(doc.length))
            start = draw(st.integers(0, doc.length - len(frames)))
            return SetFrames(draw(st.sampled_from(sorted(doc.tracks))), start, frames)
        case "info":
            words = draw(st.lists(labels, max_size=3).map(tuple))
            track_id = draw(st.sampled_from(sorted(doc.tracks)))
            lock = draw(st.sampled_from([None, False, True]))
            return SetTrackInfo(track_id, draw(labels), draw(colours), words, locked=lock)
        case "add proposal":
            return AddProposal(
                Proposal(
                    doc.next_proposal_id(),
                    draw(st.sampled_from(sorted(doc.tracks))),
                    draw(st.integers(0, doc.length - 1)),
                    draw(st.sampled_from([-1, 1])),
                    draw(st.sampled_from(MODELS)),
                    draw(whole_frames(doc.length, is_proposal=True)),
                    draw(st.booleans()),
                )
            )
        case "remove proposal":
            found = doc.proposals[draw(st.sampled_from(sorted(doc.proposals)))]
            return RemoveProposal(found.id, found.track_id)
        case _:
            return RemoveTrack(draw(st.sampled_from(free)))


@st.composite
def measuring_edits_of(draw: st.DrawFn, doc: Document) -> Edit:
    """An edit of the regions or of the calibration."""
    kinds = ["add", "calibration"] + (["change", "remove"] if doc.regions else [])
    kind = draw(st.sampled_from(kinds))
    if kind == "calibration":
        return SetCalibration(draw(st.sampled_from(["", '{"kind":"none"}', "something damaged"])))
    known = sorted(doc.regions)
    if kind == "remove":
        return RemoveRegion(draw(st.sampled_from(known)))
    id_ = doc.next_region_id() if kind == "add" else draw(st.sampled_from(known))
    region = draw(regions(id_, [None, *sorted(doc.tracks)]))
    return AddRegion(region) if kind == "add" else ChangeRegion(region)


@st.composite
def regions(draw: st.DrawFn, id_: int, tracks: list[int | None]) -> Region:
    """A region of any shape, fixed or following one of some tracks."""
    shape = draw(st.sampled_from(Shape))
    count = {Shape.SPOT: 1, Shape.POLYGON: draw(st.integers(3, 6))}.get(shape, 2)
    points = draw(st.lists(st.tuples(coordinates, coordinates), min_size=count, max_size=count))
    return Region(id_, draw(labels), shape, tuple(points), draw(st.sampled_from(tracks)))


labels = st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=8)
colours = st.from_regex("#[0-9a-f]{6}", fullmatch=True)


@st.composite
def shifts_of(draw: st.DrawFn, track: Track) -> tuple[int, int]:
    """An anchor, where there is one, and a frame near it to move it to, which may be outside the clip."""
    frame = draw(st.sampled_from(track.anchors().tolist() or [0]))
    return frame, frame + draw(st.integers(-6, 6))


@st.composite
def gestures_of(draw: st.DrawFn, doc: Document) -> Edit | None:
    """What a user could do to `doc`; None where the gesture finds nothing to do."""
    frame = draw(st.integers(0, doc.length - 1))
    stop = draw(st.integers(frame + 1, doc.length))
    if not doc.tracks:
        return commands.add_track(doc, frame, draw(boxes_in_frame), draw(labels))
    track_id = draw(st.sampled_from(sorted(doc.tracks)))
    proposal = draw(st.sampled_from(sorted(doc.proposals))) if doc.proposals else 0
    merges: list[Callable[[], Edit]] = [
        lambda: commands.merge(doc, proposal, draw(st.sampled_from(MergeMode))),
        lambda: commands.discard(doc, proposal),
    ]
    gestures: list[Callable[[], Edit]] = [
        lambda: commands.set_anchor(doc, track_id, frame, draw(boxes_in_frame)),
        lambda: commands.mark_presence(doc, track_id, range(frame, stop), draw(st.sampled_from(Presence))),
        lambda: commands.clear_frames(doc, track_id, frame, stop),
        lambda: commands.delete_track(doc, track_id),
        lambda: commands.add_track(doc, frame, draw(boxes_in_frame)),
        lambda: commands.interpolate(doc, track_id),
        lambda: measure_target(doc, track_id),
        lambda: commands.thin(doc, track_id, draw(st.sampled_from([0.0, 1.0, 50.0]))),
    ]
    is_merge = bool(doc.proposals) and draw(st.booleans())
    try:
        return draw(st.sampled_from(merges if is_merge else gestures))()
    except AnnotationError:
        return None


@st.composite
def corrections_of(draw: st.DrawFn, doc: Document) -> Edit | None:
    """A gesture about acceptance, about which target is which, or a lock; None where it finds nothing to do."""
    if not doc.tracks:
        return None
    track = doc.track(draw(st.sampled_from(sorted(doc.tracks))))
    other = draw(st.sampled_from(sorted(doc.tracks.keys() - {track.id}) or [track.id]))
    if track.locked or draw(st.integers(0, 9)) == 0:
        return SetTrackInfo(track.id, track.label, track.colour, track.attributes, locked=not track.locked)
    first, stop = track.span() or (0, doc.length)
    frame = draw(st.integers(first, stop - 1))  # where there is something to correct
    corrections: list[Callable[[], Edit]] = [
        lambda: review_commands.accept(doc, track.id, frame, stop),
        lambda: review_commands.accept(doc, track.id, 0, frame + 1),
        lambda: review_commands.unaccept(doc, track.id, frame, stop),
        lambda: target_commands.split(doc, track.id, frame),
        lambda: target_commands.join(doc, track.id, other),
        lambda: target_commands.swap_from(doc, track.id, other, frame),
        lambda: target_commands.shift_anchor(doc, track.id, *draw(shifts_of(track))),
    ]
    try:
        return draw(st.sampled_from(corrections))()
    except AnnotationError:
        return None


@st.composite
def documents(draw: st.DrawFn, length: int = 30, most_edits: int = 5) -> Document:
    """A document that edits have made."""
    doc = document(length)
    for _ in range(draw(st.integers(1, most_edits))):
        draw(edits_of(doc)).apply(doc)
    return doc


def sequence(*edits: Edit) -> Sequence_:
    """Several edits as one."""
    return Sequence_(edits, "several")
