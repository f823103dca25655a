"""A clip, and a tracker that always does the same."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np

from app.tracker_loading import ReadyTracker, TrackerChoice
from tests.patience import PATIENCE_S
from tracker.annotation.evidence import Evidence, Scores
from tracker.annotation.track import Presence
from tracker.errors import DeviceError
from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.opencv import cv2
from tracker.tracking.tracker import Result, TrackerState

WIDTH, HEIGHT, LENGTH = 64, 48, 30
BOX = Box(10, 8, 12, 16)


def write_clip(folder: Path, length: int = LENGTH, depth: type[np.generic] = np.uint8) -> Path:
    """A folder of images: frame i has the counts i everywhere, and x * 2 in its first row."""
    folder.mkdir(parents=True)
    for index in range(length):
        frame = np.full((HEIGHT, WIDTH), index, depth)
        frame[0] = np.arange(WIDTH) * 2
        cv2.imwrite(str(folder / f"{index:04d}.png"), frame)
    return folder


def evidence_of(box: Box) -> Evidence:
    """Evidence that can be told apart by its box."""
    values = np.full((5, 5), box.x / 100, np.float32)
    region = Box.from_centre(*box.centre, 40, 40)
    scores = Scores(0.8, 9.0, 30.0, 0.2, 0.1)
    none = np.zeros(1, np.float32)
    return Evidence(region, region, values, values, values, (0.0, 1.0), none, none[None], (0.6, 0.4), scores)


class StubTracker:
    """Moves the box by one pixel to the right in each frame.

    Args:
        allowed: How many updates may happen before the tracker waits for `more`; None for no limit.
        fails_after: Updates after which it breaks; None for never.
    """

    model_id = "stub-1"

    def __init__(self, allowed: int | None = None, fails_after: int | None = None) -> None:
        self._gate = None if allowed is None else threading.Semaphore(allowed)
        self._fails_after = fails_after
        self._box = BOX
        self.updates = 0
        self.starts: list[Box] = []

    def more(self, updates: int = 1_000_000) -> None:
        """Let it go on."""
        if self._gate is not None:
            self._gate.release(updates)

    def init(self, frame: Counts, box: Box) -> Result:
        self.starts.append(box)
        self._box = box
        return self._result()

    def update(self, frame: Counts) -> Result:
        if self._gate is not None and not self._gate.acquire(timeout=PATIENCE_S):
            raise DeviceError("nobody let the stub go on.")
        self.updates += 1
        if self._fails_after is not None and self.updates > self._fails_after:
            raise DeviceError("not enough memory for the tracker.", todo="Choose the device cpu.")
        self._box = self._box.moved(1, 0)
        return self._result()

    def _result(self) -> Result:
        return Result(self._box, 0.9, Presence.VISIBLE, evidence_of(self._box))

    def state(self) -> TrackerState:
        return {"box": self._box}

    def restore(self, state: TrackerState) -> None:
        self._box = state["box"]


class StubFactory:
    """Builds the tracker it was given, and remembers what was asked for."""

    def __init__(self, tracker: StubTracker) -> None:
        self.tracker = tracker
        self.choices: list[TrackerChoice] = []

    def __call__(self, choice: TrackerChoice) -> ReadyTracker:
        self.choices.append(choice)
        return ReadyTracker(self.tracker, "Stub device")
