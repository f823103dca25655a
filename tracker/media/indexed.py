"""What clips have in common whose frames can each be read by themselves: image folders and stacks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.media.facts import NO_FACTS, SensorFacts
from tracker.media.source import Counts, stand_in


@dataclass(frozen=True)
class FrameIndex:
    """What the scan of a clip found out.

    Attributes:
        content_hash: SHA-256 of the content.
        count: Number of frames.
        width: Pixels, the same for all.
        height: Pixels.
        bits: 8 or 16.
        channels: 1 for gray, 3 for colour.
        bad: Frames that are broken or cannot be read, ascending.
    """

    content_hash: str
    count: int
    width: int
    height: int
    bits: int
    channels: int
    bad: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a frame."""
        return (self.height, self.width, 3)[: 2 if self.channels == 1 else 3]

    @property
    def is_sound(self) -> bool:
        """Whether its numbers can be those of a clip."""
        return len(self.bad) < self.count and self.bits in (8, 16) and self.channels in (1, 3)


Reader = TypeVar("Reader", bound="IndexedSource")


class IndexedSource(ABC):
    """The greater part of a `FrameSource`: what remains is to decode a frame, to reopen and to close."""

    kind: str

    def __init__(self, path: Path, index: FrameIndex) -> None:
        self._path, self._found = path, index
        self._bad = set(index.bad)

    @abstractmethod
    def decode(self, index: int) -> NDArray[Any] | None:
        """The counts of one frame, owned by the caller; None where it is broken.

        Raises:
            MediaError: The media is gone.
        """

    @property
    def path(self) -> Path:
        """The file or folder."""
        return self._path

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._found.width, self._found.height

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """Type of the counts."""
        return np.dtype(np.uint8) if self._found.bits == 8 else np.dtype(np.uint16)

    @property
    def channels(self) -> int:
        """1 for gray, also where gray is stored as RGB; 3 for colour."""
        return self._found.channels

    @property
    def fps(self) -> float | None:
        """Without more knowledge, there is no time."""
        return None

    @property
    def content_hash(self) -> str:
        """SHA-256 of the content."""
        return self._found.content_hash

    @property
    def bad_frames(self) -> tuple[int, ...]:
        """Frames found broken so far: some show it only when they are decoded."""
        return tuple(sorted(frozenset(self._bad)))  # another thread may add to it

    @property
    def facts(self) -> SensorFacts:
        """Without more knowledge, nothing is known about the camera."""
        return NO_FACTS

    def __len__(self) -> int:
        return self._found.count

    def frame(self, index: int) -> Counts:
        """The counts of one frame; see `FrameSource.frame`."""
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        while (shown := stand_in(index, len(self), self._bad)) is not None:
            counts = self.decode(shown)
            if counts is not None and counts.shape == self._found.shape and counts.dtype == self.dtype:
                counts.setflags(write=False)
                return counts
            self._bad.add(shown)
        raise MediaError("none of its frames can be decoded any more.", where=self._path)

    def pts(self, index: int) -> float | None:
        """Without more knowledge, there is no time."""
        range(len(self))[index]
        return None

    def _telling(self, reader: Reader) -> Reader:
        """Another reader of the same media: what one finds broken, both know."""
        reader._bad = self._bad  # noqa: SLF001  # of its own kind
        return reader
