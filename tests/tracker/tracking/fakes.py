"""A clip held in memory, and a tracker that does what it is told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import Evidence, Scores
from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.media.facts import NO_FACTS
from tracker.media.source import Counts
from tracker.tracking.tracker import Result, TrackerState


class ArraySource:
    """A `FrameSource` over an array (n, H, W)."""

    kind = "images"
    channels = 1
    fps = None
    content_hash = "0" * 64
    facts = NO_FACTS

    def __init__(
        self, frames: NDArray[np.uint8] | NDArray[np.uint16], path: Path, bad: tuple[int, ...] = ()
    ) -> None:
        self.path, self.bad_frames = path, bad
        self._frames = frames
        self.reads: list[int] = []

    @property
    def size(self) -> tuple[int, int]:
        return self._frames.shape[2], self._frames.shape[1]

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        return self._frames.dtype

    def __len__(self) -> int:
        return len(self._frames)

    def frame(self, index: int) -> Counts:
        self.reads.append(index)
        counts: Counts = self._frames[index]
        return counts

    def pts(self, index: int) -> float | None:
        return None

    def reopen(self) -> ArraySource:
        return ArraySource(self._frames, self.path, self.bad_frames)

    def close(self) -> None:
        pass


def evidence(peak: float = 0.9) -> Evidence:
    """Evidence of a plausible step."""
    maps = np.zeros((4, 4), np.float32)
    maps[1, 2] = peak
    region = Box(0, 0, 64, 64)
    attention = np.ones(3, np.float32), np.ones((2, 2), np.float32)
    scores = Scores(peak, 8.0, 20.0, 0.1, 0.0)
    return Evidence(region, region, maps, maps, maps, (0.0, 1.0), *attention, (0.5, 0.5), scores)


class StubTracker:
    """Moves its box by one pixel a frame, with the scores it was given."""

    model_id = "stub"

    def __init__(self, scores: list[float] | None = None) -> None:
        self._scores = list(scores or [])
        self.updates = 0

    def init(self, frame: Counts, box: Box) -> Result:
        self._box = box
        return Result(box, 1.0, Presence.VISIBLE, evidence())

    def update(self, frame: Counts) -> Result:
        score = self._scores[self.updates] if self.updates < len(self._scores) else 0.9
        self.updates += 1
        self._box = self._box.moved(1, 0)
        return Result(self._box, score, Presence.VISIBLE, evidence(score))

    def state(self) -> TrackerState:
        return {"box": self._box, "updates": self.updates}

    def restore(self, state: TrackerState) -> None:
        self._box, self.updates = state["box"], state["updates"]
