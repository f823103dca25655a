"""A benchmark of small folders, and trackers that can be made in any process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.tracker.tracking.fakes import StubTracker
from tracker.geometry import Box
from tracker.media.source import Counts, FrameSource
from tracker.opencv import cv2
from tracker.tracking.tracker import Result, Tracker

LENGTHS = {"one": 30, "two": 24, "three": 27}
SIZE = (64, 48)  # width, height


def truth_of(length: int) -> np.ndarray:
    """(n, 4) a target that moves by a pixel a frame, as `StubTracker` does."""
    boxes = np.tile([4.0, 10, 12, 10], (length, 1))
    boxes[:, 0] += np.arange(length)
    return boxes


def write_benchmark(folder: Path, *, layout: str = "otb", first_pixel: int = 0) -> Path:
    """Sequences "one", "two" and "three" of gray noise."""
    rng = np.random.default_rng(0)
    for name, length in LENGTHS.items():
        images = folder / name / ("img" if layout == "otb" else "color" if layout == "vot" else ".")
        images.mkdir(parents=True)
        for number in range(1, length + 1):
            picture = rng.integers(0, 255, SIZE[::-1], dtype=np.uint8)
            cv2.imwrite(str(images / f"{number:08d}.jpg"), picture)
        boxes = truth_of(length)
        boxes[:, :2] += first_pixel
        text = "".join(",".join(f"{value:g}" for value in box) + "\n" for box in boxes)
        name_of_truth = "groundtruth_rect.txt" if layout == "otb" else "groundtruth.txt"
        (folder / name / name_of_truth).write_text(text, encoding="ascii")
        if layout == "got10k":
            (folder / name / "meta_info.ini").write_text(
                f"[METAINFO]\nresolution: ({SIZE[0]}, {SIZE[1]})\n", encoding="ascii"
            )
            cover = "".join(f"{8 if k % 5 else 0}\n" for k in range(length))
            (folder / name / "cover.label").write_text(cover, encoding="ascii")
    return folder


class LosingTracker(StubTracker):
    """Follows until some frames after its start, then stays in a corner for good."""

    model_id = "losing-1"

    def __init__(self, lose_after: int, pause_s: float) -> None:
        super().__init__()
        self._lose_after, self._pause_s, self._since = lose_after, pause_s, 0

    def init(self, frame: Counts, box: Box) -> Result:
        self._since = 0
        return super().init(frame, box)

    def update(self, frame: Counts) -> Result:
        time.sleep(self._pause_s)
        result = super().update(frame)
        self._since += 1
        if self._since < self._lose_after:
            return result
        return Result(Box(50, 38, 4, 4), 0.1, result.presence, result.evidence)


@dataclass(frozen=True)
class LosingFactory:
    """Makes `LosingTracker`s; can be pickled."""

    lose_after: int = 1000
    pause_s: float = 0.0
    name: str = "losing-1"

    def model_id(self) -> str:
        return self.name

    @contextmanager
    def open(self, source: FrameSource) -> Iterator[Tracker]:
        yield LosingTracker(self.lose_after, self.pause_s)
