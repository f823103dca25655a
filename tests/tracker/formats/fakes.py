"""Clips held in memory, for tests that need a FrameSource."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tracker.media.facts import NO_FACTS
from tracker.media.source import Counts


class ArraySource:
    """A clip over numpy arrays; remembers which frames were read."""

    def __init__(
        self,
        frames: Sequence[Counts],
        path: Path = Path("/clips/dog.mp4"),
        fps: float | None = 25.0,
        bad_frames: tuple[int, ...] = (),
    ) -> None:
        self.frames, self.path, self.fps, self.bad_frames = frames, path, fps, bad_frames
        self.kind = "video"
        self.facts = NO_FACTS
        self.read: list[int] = []

    @property
    def size(self) -> tuple[int, int]:
        height, width = self.frames[0].shape[:2]
        return width, height

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        return self.frames[0].dtype

    @property
    def channels(self) -> int:
        return 3 if self.frames[0].ndim == 3 else 1

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(b"".join(frame.tobytes() for frame in self.frames)).hexdigest()

    def __len__(self) -> int:
        return len(self.frames)

    def frame(self, index: int) -> Counts:
        self.read.append(index)
        return self.frames[index]

    def pts(self, index: int) -> float | None:
        return None if self.fps is None else 0.5 + index / self.fps

    def reopen(self) -> ArraySource:
        return self

    def close(self) -> None:
        pass


def gray16(length: int, seed: int = 0) -> list[Counts]:
    """Frames of 24 x 16 pixels over the whole range of 16 bits."""
    return list(np.random.default_rng(seed).integers(0, 2**16, (length, 16, 24), np.uint16))


def gray8(length: int, seed: int = 0) -> list[Counts]:
    """Frames of 24 x 16 pixels."""
    return list(np.random.default_rng(seed).integers(0, 256, (length, 16, 24), np.uint8))


def colour8(length: int, seed: int = 0) -> list[Counts]:
    """RGB frames of 24 x 16 pixels."""
    return list(np.random.default_rng(seed).integers(0, 256, (length, 16, 24, 3), np.uint8))
