"""What every clip looks like to the rest of Thermark, whatever it is stored in."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracker.media.facts import SensorFacts

Counts: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
"""A frame as the sensor gave it: (H, W) or (H, W, 3) RGB, uint8 or uint16, never altered."""


class FrameSource(Protocol):
    """A clip: frames by their 0-based index in the order they are shown.

    A source is used from one thread at a time; `reopen` gives another thread a reader of its own.
    """

    @property
    def path(self) -> Path:
        """The file or folder."""

    @property
    def kind(self) -> str:
        """One of "video", "images" and "stack"."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """Type of the counts."""

    @property
    def channels(self) -> int:
        """1 for gray, also where gray is stored as RGB; 3 for colour."""

    @property
    def fps(self) -> float | None:
        """Nominal frames per second, None where the media has no time."""

    @property
    def content_hash(self) -> str:
        """Hex digest of the content: the same wherever the media lies."""

    @property
    def bad_frames(self) -> tuple[int, ...]:
        """Indices of the frames known to be broken, ascending; they keep their place in the clip.

        Some show it only when they are read.
        """

    @property
    def facts(self) -> SensorFacts:
        """What the file says about its camera."""

    def __len__(self) -> int:
        """Number of frames."""

    def frame(self, index: int) -> Counts:
        """The counts of one frame, read-only; the nearest readable earlier frame's where it is bad.

        Raises:
            IndexError: `index` is not in 0..len-1.
            MediaError: The media is gone or cannot be read any more.
        """

    def pts(self, index: int) -> float | None:
        """Presentation time in seconds as stored in the media, None where it has no time."""

    def reopen(self) -> FrameSource:
        """An independent reader of the same media (index shared), for use in another thread."""

    def close(self) -> None:
        """Release files and memory; the source is not used afterwards."""


def stand_in(index: int, count: int, bad: Container[int]) -> int | None:
    """The frame to show for one of `count`: itself, else the nearest good one before it, else the first good one."""
    earlier = (k for k in range(index, -1, -1) if k not in bad)
    later = (k for k in range(index, count) if k not in bad)
    return next(earlier, next(later, None))


def whole(source: FrameSource, index: int) -> Counts | None:
    """The counts of a frame; None where it is broken, which some show only when they are read."""
    if index in source.bad_frames:
        return None
    counts = source.frame(index)
    return None if index in source.bad_frames else counts
