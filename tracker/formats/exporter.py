"""What a data set format is to the export: names of files, and labels in its own words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import MediaRecord
from tracker.annotation.track import Frames


class GapRule(StrEnum):
    """What to do where a track says nothing about a frame inside its span."""

    REFUSE = "refuse"  # name the frames and write nothing
    SPLIT = "split"  # one sequence for each stretch without a gap


IMAGE_SUFFIXES = (".png", ".jpg")


@dataclass(frozen=True)
class ExportOptions:
    """Choices of an export.

    Attributes:
        gaps: What to do about frames in the midst of a track that nobody has annotated.
        zero_based: Whether the first pixel is 0; None for what the format's own data sets do.
        image_suffix: ".png", or ".jpg" for loaders that look for no other name. The content is PNG in either
            case, which image readers recognise whatever the name.
        track_ids: The tracks to export; None for all.
    """

    gaps: GapRule = GapRule.REFUSE
    zero_based: bool | None = None
    image_suffix: str = ".png"
    track_ids: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Sequence:
    """A stretch of a track, to be written as one sequence: its first frame has a box, and none says nothing.

    Attributes:
        name: Of its folder.
        track_id: The track in the project.
        label: Class of the target.
        attributes: Free words about the target.
        start: Frame index in the clip of its first frame.
        frames: What the track says.
        pts: (n,) presentation time in seconds, NaN where the media has no time.
        media: The clip.
    """

    name: str
    track_id: int
    label: str
    attributes: tuple[str, ...]
    start: int
    frames: Frames
    pts: NDArray[np.float64]
    media: MediaRecord

    @property
    def stop(self) -> int:
        """Frame index after its last frame."""
        return self.start + len(self.frames)


class Exporter(Protocol):
    """A format. Frame numbers count from 1 within a sequence."""

    @property
    def title(self) -> str:
        """For the user."""

    @property
    def is_zero_based(self) -> bool:
        """Whether the format's own data sets count pixels from 0."""

    def image_name(self, number: int, length: int) -> str:
        """Path of an image inside the sequence's folder, without suffix.

        Args:
            number: Of the frame.
            length: Number of frames of the sequence.
        """

    def write_labels(self, folder: Path, sequence: Sequence, *, zero_based: bool) -> None:
        """Write the label files of a sequence into its folder."""

    def write_index(self, folder: Path, sequences: list[Sequence]) -> None:
        """Write what the format wants beside the sequences."""
