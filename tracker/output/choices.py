"""What the user can choose about outputs; remembered by the window."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Scale = Literal[0, 1, 2, 4]
"""Pixels of the output for one of the sensor, in each direction; 0 for as many as suit its size."""

SCALES: tuple[Scale, ...] = (0, 1, 2, 4)

LEGIBLE = 640
"""Pixels that the longer side should at least have for marks to be read with ease."""


class MapInset(StrEnum):
    """Which similarity map is shown in a corner."""

    NONE = "none"
    SEMANTIC = "semantic"
    STRUCTURAL = "structural"
    FUSED = "fused"


class Quality(StrEnum):
    """How much of the picture a clip keeps."""

    SMALL = "small"
    GOOD = "good"
    BEST = "best"

    @property
    def rate_factor(self) -> int:
        """Constant rate factor of x264: 0 is lossless, 51 the worst."""
        return {Quality.SMALL: 27, Quality.GOOD: 20, Quality.BEST: 14}[self]


class Marks(BaseModel):
    """What is drawn over the frame.

    Attributes:
        boxes: Boxes in the colours of their tracks.
        labels: Id and label beside each box.
        scores: The tracker's confidence beside it.
        presence: Words for targets that are hidden, out of view or absent.
        values: The highest temperature in each box, and what the regions measure; counts without a calibration.
        time: Time and frame index.
        colour_bar: What the colours mean.
        similarity: A similarity map of the target in a corner, where a run has stored one.
    """

    model_config = ConfigDict(frozen=True)

    boxes: bool = True
    labels: bool = True
    scores: bool = True
    presence: bool = True
    values: bool = True
    time: bool = True
    colour_bar: bool = False
    similarity: MapInset = MapInset.NONE


NO_MARKS = Marks(
    boxes=False, labels=False, scores=False, presence=False, values=False, time=False, colour_bar=False
)


class ClipChoices(BaseModel):
    """How an annotated clip is made.

    Attributes:
        marks: What is drawn.
        scale: See `Scale`.
        quality: How much is kept of the picture.
    """

    model_config = ConfigDict(frozen=True)

    marks: Marks = Marks()
    scale: Scale = 0
    quality: Quality = Quality.GOOD


class StillKind(StrEnum):
    """What a still is."""

    ANNOTATED = "annotated"
    PLAIN = "plain"
    COUNTS = "counts"


DEFAULT_FPS = 25.0
"""Of clips without times."""

CLIP_SUFFIXES = (".mp4",)
REPORT_SUFFIXES = (".html", ".pdf")
STILL_SUFFIXES = {
    StillKind.ANNOTATED: (".png",),
    StillKind.PLAIN: (".png",),
    StillKind.COUNTS: (".png", ".tif", ".tiff"),
}
"""What files may be named."""


class StillChoices(BaseModel):
    """How a still is made.

    Attributes:
        kind: A painted picture with marks or without, or the counts as the sensor gave them.
        marks: What is drawn.
        scale: See `Scale`; counts are never scaled.
    """

    model_config = ConfigDict(frozen=True)

    kind: StillKind = StillKind.ANNOTATED
    marks: Marks = Marks(colour_bar=True)
    scale: Scale = 0


class ReportChoices(BaseModel):
    """How a report is made.

    Attributes:
        snapshots: At most so many pictures of each track.
        rows: At most so many rows of each table.
    """

    model_config = ConfigDict(frozen=True)

    snapshots: int = Field(default=16, ge=0, le=200)
    rows: int = Field(default=60, ge=1, le=5000)


def scale_for(scale: Scale, size: tuple[int, int]) -> int:
    """The scale that a choice comes to for frames of (width, height) pixels."""
    if scale:
        return scale
    return next((each for each in (1, 2) if each * max(size) >= LEGIBLE), 4)
