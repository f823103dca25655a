"""What an output is made of: a clip, its tracks, and how it is painted and read, as they were when it began."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tracker.annotation.document import Document
from tracker.annotation.regions import WHOLE, Region
from tracker.annotation.track import FrameState, Presence, Track
from tracker.errors import OutputError
from tracker.media.source import FrameSource
from tracker.outline import Outline, Shape
from tracker.output.readings import Readings
from tracker.thermal.display import Span
from tracker.thermal.look import Look


@dataclass(frozen=True)
class Subject:
    """What is put out. Used by one thread.

    Attributes:
        source: The clip; whoever made the subject closes it.
        tracks: Copies of the tracks that are shown.
        regions: Where is measured: fixed regions, and those that follow these tracks.
        look: How frames are painted.
        clip_span: Counts drawn as black and as white, as they were measured over the clip.
        readings: What counts are written as.
        target: Id of the track whose surroundings the gain control follows, and whose similarity map is shown.
        project: The project file, beside which the evidence lies; None for none.
        normalisation: (low, high) counts that become 0 and 255 for the network; None while undecided.
        lessons: Folder of what the user's reviews have taught about wrong boxes; None for none.
    """

    source: FrameSource
    tracks: tuple[Track, ...] = ()
    regions: tuple[Region, ...] = ()
    look: Look = field(default_factory=Look)
    clip_span: Span = field(default_factory=Span)
    readings: Readings = field(default_factory=Readings)
    target: int | None = None
    project: Path | None = None
    normalisation: tuple[float, float] | None = None
    lessons: Path | None = None

    def with_source(self, source: FrameSource) -> Subject:
        """The same, read by another reader."""
        return replace(self, source=source)

    def seconds(self, frame: int) -> float | None:
        """Time of a frame as the media has it; by its rate where it has no times of its own; None without either."""
        stored, fps = self.source.pts(frame), self.source.fps
        return stored if stored is not None or not fps else frame / fps

    def states(self, frame: int) -> Iterator[tuple[Track, FrameState]]:
        """The tracks that say something about a frame, and what."""
        for track in self.tracks:
            if track.frames.provenance[frame]:
                yield track, track.at(frame)

    def outlines(self, frame: int) -> Iterator[tuple[Region, Outline]]:
        """The regions that are in a frame, and where."""
        boxes = {track.id: track.frames.box(frame) for track in self.tracks}
        for region in self.regions:
            outline = region.outline(None if region.track_id is None else boxes.get(region.track_id))
            if outline is not None:
                yield region, outline

    def target_track(self) -> Track | None:
        """The track of the target, where it is shown; the only one where nothing else was said."""
        if self.target is None and len(self.tracks) == 1:
            return self.tracks[0]
        return next((track for track in self.tracks if track.id == self.target), None)


def chosen_tracks(document: Document, ids: Collection[int] | None = None) -> tuple[Track, ...]:
    """Copies of tracks.

    Args:
        document: Where they are from.
        ids: Which; all where None.

    Raises:
        OutputError: There is no such track.
    """
    unknown = sorted(set(ids or ()) - document.tracks.keys())
    if unknown:
        known = ", ".join(map(str, document.tracks)) or "none"
        raise OutputError(f"there is no track {unknown[0]}.", todo=f"Tracks of this project: {known}.")
    return tuple(track.copy() for track in document.tracks.values() if ids is None or track.id in ids)


def regions_with(document: Document, tracks: Collection[Track]) -> tuple[Region, ...]:
    """The fixed regions, and those that follow some tracks; without those that are just the box of one."""
    ids = {None, *(track.id for track in tracks)}
    return tuple(
        region
        for region in document.regions.values()
        if region.track_id in ids
        and not (region.track_id is not None and region.shape is Shape.BOX and region.points == WHOLE)
    )


def require_frames(frames: range, length: int) -> range:
    """Refuse frames that the clip does not have.

    Raises:
        OutputError: There are none, or they lie outside.
    """
    if not frames or frames.step != 1 or frames.start < 0 or frames.stop > length:
        raise OutputError(
            f"there are no frames {frames.start} to {frames.stop - 1}.",
            todo=f"The clip has 0 to {length - 1}.",
        )
    return frames


def is_away(state: FrameState) -> bool:
    """Whether a target is said to be where no box can be."""
    return state.presence in (Presence.OUT_OF_VIEW, Presence.ABSENT) or (
        state.presence is Presence.OCCLUDED and state.box is None
    )


def spread(length: int, count: int) -> list[int]:
    """At most `count` frames, evenly over the clip."""
    return sorted({round(index) for index in np.linspace(0, length - 1, min(count, length)).tolist()})
