"""The document: a clip and everything that is said about it. Changed by edits alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from tracker.annotation.regions import Region
from tracker.annotation.track import NO_MODEL, Frames, FrameState, Track
from tracker.errors import AnnotationError

PALETTE = (
    "#e69f00",  # Okabe and Ito's colours, distinguishable with colour-blindness, made to stand out on gray
    "#56b4e9",
    "#00b787",
    "#f0e442",
    "#d55e00",
    "#cc79a7",
    "#3f8efc",
    "#a6d854",
    "#ff6f91",
    "#b39ddb",
    "#4dd0e1",
    "#c9a227",
)


@dataclass(frozen=True)
class MediaRecord:
    """What a project knows about its clip.

    Attributes:
        path: Absolute path at the time the clip was added or last found.
        kind: "video" or "images".
        content_hash: Hex digest of the content, the same wherever the media lies.
        length: Number of frames.
        width: In pixels.
        height: In pixels.
        dtype: "uint8" or "uint16".
        channels: 1 or 3.
        fps: Nominal frames per second, None where the media has no time.
    """

    path: str
    kind: str
    content_hash: str
    length: int
    width: int
    height: int
    dtype: str
    channels: int
    fps: float | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self.width, self.height


class MergeMode(Enum):
    """Which frames of a track a proposal may fill. Manual frames are never among them.

    Machine frames that somebody has accepted are replaced by the last mode alone.
    """

    FILL_GAPS = "fill_gaps"  # frames about which nothing is said
    REPLACE_MACHINE = "replace_machine"  # these, and tracked and interpolated ones
    REPLACE_ALL_BUT_ANCHORS = "replace_all_but_anchors"  # these, and imported ones

    @property
    def label(self) -> str:
        """For the interface."""
        return _MERGE_LABELS[self]


_MERGE_LABELS = {
    MergeMode.FILL_GAPS: "Fill gaps only",
    MergeMode.REPLACE_MACHINE: "Replace machine boxes",
    MergeMode.REPLACE_ALL_BUT_ANCHORS: "Replace all but anchors",
}


@dataclass
class Proposal:
    """The result of a tracking run, kept apart from its track until it is merged or discarded.

    Attributes:
        id: Never used for another proposal of the same project.
        track_id: The track it was made for.
        start: Frame index the run started from.
        direction: +1 forward, -1 backward.
        model: Id of the model that ran.
        frames: Clip length; only the proposed frames are said.
        reviewed: Whether somebody has looked it through.
    """

    id: int
    track_id: int
    start: int
    direction: int
    model: str
    frames: Frames
    reviewed: bool = False

    def span(self) -> tuple[int, int] | None:
        """(start, stop) from the first to the last proposed frame; None where nothing is proposed yet."""
        said = np.flatnonzero(self.frames.is_said)
        return (int(said[0]), int(said[-1]) + 1) if said.size else None

    def copy(self) -> Proposal:
        """An independent proposal with the same content."""
        return replace(self, frames=self.frames.copy())


@dataclass
class Document:
    """A clip and everything that is said about it.

    Attributes:
        media: The clip.
        tracks: By id, in ascending order.
        proposals: By id, in ascending order.
        models: Ids of the models that made boxes; frames hold indices into it, so it only ever grows.
        normalisation: (low, high) counts mapped to 0 and 255 for the network, None while undecided.
        regions: Where counts and temperatures are measured, by id, in ascending order.
        calibration: What was chosen about temperatures, as `tracker.store.thermal` writes it; empty where nothing was.
        last_track_id: Highest id ever given out; ids are not used twice, since evidence is kept by track.
        last_proposal_id: The same for proposals.
        last_region_id: The same for regions.
    """

    media: MediaRecord
    tracks: dict[int, Track] = field(default_factory=dict)
    proposals: dict[int, Proposal] = field(default_factory=dict)
    models: list[str] = field(default_factory=list)
    normalisation: tuple[float, float] | None = None
    regions: dict[int, Region] = field(default_factory=dict)
    calibration: str = ""
    last_track_id: int = field(default=0, compare=False)
    last_proposal_id: int = field(default=0, compare=False)
    last_region_id: int = field(default=0, compare=False)

    @property
    def length(self) -> int:
        """Number of frames of the clip."""
        return self.media.length

    def track(self, track_id: int) -> Track:
        """A track by its id.

        Raises:
            AnnotationError: There is none.
        """
        if track_id not in self.tracks:
            raise AnnotationError(f"there is no track {track_id}.")
        return self.tracks[track_id]

    def proposal(self, proposal_id: int) -> Proposal:
        """A proposal by its id.

        Raises:
            AnnotationError: There is none.
        """
        if proposal_id not in self.proposals:
            raise AnnotationError(f"there is no proposal {proposal_id}.")
        return self.proposals[proposal_id]

    def proposals_of(self, track_id: int) -> Iterator[Proposal]:
        """The proposals made for a track."""
        return (proposal for proposal in self.proposals.values() if proposal.track_id == track_id)

    def region(self, region_id: int) -> Region:
        """A region by its id.

        Raises:
            AnnotationError: There is none.
        """
        if region_id not in self.regions:
            raise AnnotationError(f"there is no region {region_id}.")
        return self.regions[region_id]

    def regions_of(self, track_id: int) -> Iterator[Region]:
        """The regions that follow a track."""
        return (region for region in self.regions.values() if region.track_id == track_id)

    def at(self, track_id: int, index: int) -> FrameState:
        """What a track says about a frame."""
        return self.track(track_id).at(index)

    def model_index(self, model: str) -> int:
        """Where a model id stands in `models`; -1 for the empty id.

        Raises:
            AnnotationError: The document does not know the model.
        """
        if not model:
            return NO_MODEL
        try:
            return self.models.index(model)
        except ValueError:
            raise AnnotationError(f"the project does not know the model {model!r}.") from None

    def next_track_id(self) -> int:
        """An id that no track of this document ever had."""
        return max(self.last_track_id, *self.tracks, 0) + 1

    def next_proposal_id(self) -> int:
        """An id that no proposal of this document ever had."""
        return max(self.last_proposal_id, *self.proposals, 0) + 1

    def next_region_id(self) -> int:
        """An id that no region of this document ever had."""
        return max(self.last_region_id, *self.regions, 0) + 1

    def next_colour(self) -> str:
        """The colour of the palette that the fewest tracks have, the first of these."""
        used = [track.colour for track in self.tracks.values()]
        return min(PALETTE, key=used.count)
