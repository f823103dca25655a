"""What a data set format is: what it can carry, how it is recognised, read and written."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import MediaRecord
from tracker.annotation.track import Presence, Track
from tracker.formats.sensor import NOTHING_KNOWN, SensorRecord
from tracker.jobs import Job

IMAGE_SUFFIXES = (".png", ".jpg", ".JPEG")


class GapRule(StrEnum):
    """What to do where a track says nothing about a frame inside its span."""

    REFUSE = "refuse"  # name the frames and write nothing
    SPLIT = "split"  # one sequence for each stretch without a gap; formats of whole clips leave the gap


class ImageRule(StrEnum):
    """What becomes of the frames."""

    COPY = "copy"  # written as PNG of the counts, without loss
    REFERENCE = "reference"  # left where they are, and named in a list


class Unit(Enum):
    """What one sequence of a format is about."""

    TARGET = "target"  # one target; every frame from the first box on
    CLIP = "clip"  # all targets of a clip; every frame of the clip


class Origins(Enum):
    """What a format says about where boxes come from."""

    NONE = "none"  # nothing: they come back as imported
    KEYFRAMES = "keyframes"  # of tracks drawn by hand throughout: which frames, and which were interpolated
    ALL = "all"


@dataclass(frozen=True)
class Carries:
    """What a format can carry; all else is named in the report of an export.

    Attributes:
        decimals: Decimals of coordinates in pixels; None where nothing is rounded that matters.
        says_absence: Whether a frame without a box is a statement; otherwise nothing is said about it.
        absences: Which reasons for having no box it tells apart; others come back as absent.
        gaps: Whether it tells a frame that nobody has annotated from one without the target.
        ends: Whether absences before the first box and after the last one are kept.
        occlusion: Whether a box can be marked as of an occluded target.
        origins: What it says about where boxes come from.
        scores: Whether it keeps confidence and model of each box.
        review: Whether it keeps which frames have been accepted, and which tracks are locked.
        label: Whether it keeps the class of a target.
        attributes: Words about a target that it has a place for; None for any.
        ids: Whether tracks keep their numbers.
        colours: Whether tracks keep their colours.
    """

    decimals: int | None = 4
    says_absence: bool = True
    absences: frozenset[Presence] = frozenset()
    gaps: bool = False
    ends: bool = True
    occlusion: bool = False
    origins: Origins = Origins.NONE
    scores: bool = False
    review: bool = False
    label: bool = False
    attributes: tuple[str, ...] | None = ()
    ids: bool = False
    colours: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing at all is lost."""
        return self.gaps and self.review and self.origins is Origins.ALL


@dataclass(frozen=True)
class Stretch:
    """Neighbouring frames of a clip with what is said about them, to be written as one sequence.

    Attributes:
        name: Of its folder or file; safe characters only.
        start: Frame index in the clip of its first frame.
        tracks: The targets, their frames those of the stretch; one, where the format's unit is the target.
        pts: (n,) presentation time in seconds, NaN where the media has no time.
        media: The clip.
        models: The document's model ids.
        bad_frames: Frame indices of the clip whose picture is not their own.
        sensor: What is known about the clip's sensor.
    """

    name: str
    start: int
    tracks: tuple[Track, ...]
    pts: NDArray[np.float64]
    media: MediaRecord
    models: tuple[str, ...] = ()
    bad_frames: frozenset[int] = frozenset()
    sensor: SensorRecord = NOTHING_KNOWN

    def __len__(self) -> int:
        """Number of frames."""
        return len(self.pts)

    @property
    def stop(self) -> int:
        """Frame index in the clip after its last frame."""
        return self.start + len(self)

    @property
    def track(self) -> Track:
        """The only target, or the first."""
        return self.tracks[0]


@dataclass(frozen=True)
class WriteOptions:
    """How labels are written.

    Attributes:
        zero_based: Whether the first pixel is 0, otherwise 1.
        image_suffix: Name ending of the images.
        polygons: Whether VOT regions are written as polygons.
    """

    zero_based: bool
    image_suffix: str = ".png"
    polygons: bool = False


@dataclass(frozen=True)
class ReadOptions:
    """How labels are read.

    Attributes:
        zero_based: Whether the first pixel is 0; None for what the format's own data sets do.
        frame_size: (width, height) of the frames, for formats that need it and do not say it.
    """

    zero_based: bool | None = None
    frame_size: tuple[int, int] | None = None


@dataclass(frozen=True)
class MediaHint:
    """What annotation says about the clip that it is about; all may be unknown.

    Attributes:
        path: Where it lies, where that was found.
        size: (width, height) in pixels.
        length: Number of frames.
        fps: Frames per second.
        content_hash: Of a clip that Thermark has annotated.
    """

    path: Path | None = None
    size: tuple[int, int] | None = None
    length: int | None = None
    fps: float | None = None
    content_hash: str | None = None


@dataclass(frozen=True)
class AnnotatedClip:
    """What a reader gives: one clip and its targets.

    Attributes:
        name: Of the clip or the sequence.
        tracks: The targets; their frames begin with the clip's first and are equally many.
        media: The clip.
        where: The file or folder it was read from.
        models: Model ids that the frames refer to.
        notes: What the user should know, a sentence each.
    """

    name: str
    tracks: tuple[Track, ...]
    media: MediaHint
    where: Path
    models: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        """Number of frames that the annotation speaks of."""
        return max((len(track.frames) for track in self.tracks), default=self.media.length or 0)


class Format(Protocol):
    """A data set format. Frames are numbered from 1 within a stretch."""

    @property
    def title(self) -> str:
        """For the user."""

    @property
    def unit(self) -> Unit:
        """What a sequence is about."""

    @property
    def carries(self) -> Carries:
        """What it can carry."""

    @property
    def is_zero_based(self) -> bool:
        """Whether its own data sets count pixels from 0."""

    @property
    def images(self) -> ImageRule:
        """What becomes of frames where the user does not say."""

    def image_path(self, stretch: Stretch, number: int) -> str:
        """Path of an image inside the output folder, without suffix.

        Args:
            stretch: Its stretch.
            number: Of the frame, from 1.
        """

    def home(self, stretch: Stretch) -> str:
        """Folder inside the output where what is about this stretch lies; "." for the output itself."""

    def write(self, folder: Path, stretches: list[Stretch], options: WriteOptions) -> Job[None]:
        """Write all label files into an output folder."""

    def recognise(self, path: Path) -> bool:
        """Whether a file or folder looks like this format; looks at names and beginnings, never raises."""

    def read(self, path: Path, options: ReadOptions) -> Job[list[AnnotatedClip]]:
        """Read all clips of a file or folder.

        Raises:
            FormatError: It is damaged; the message has the file and, where there are lines, the line.
        """
