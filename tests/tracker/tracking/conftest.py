"""Synthetic clips and a stub tracker for the tests of tracking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.fakes import ArraySource
from tracker.tracking.build import build_tracker
from tracker.tracking.online import OnlineTracker


@pytest.fixture
def moving_square() -> tuple[ArraySource, np.ndarray]:
    """40 frames of a warm textured square on a textured background, and its true boxes (40, 4)."""
    rng = np.random.default_rng(3)
    background = rng.normal(90, 12, (120, 160))
    target = rng.normal(190, 20, (14, 18))
    frames, boxes = [], []
    for i in range(40):
        x, y = 30 + 2 * i, 40 + int(10 * np.sin(i / 6))
        frame = background.copy()
        frame[y : y + 14, x : x + 18] = target
        frame += rng.normal(0, 3, frame.shape)
        frames.append(np.clip(frame, 0, 255).astype(np.uint8))
        boxes.append((x, y, 18, 14))
    return ArraySource(np.stack(frames), Path("square")), np.array(boxes, float)


@pytest.fixture(scope="session")
def square_tracker() -> OnlineTracker:
    """The default tracker on the CPU; every test initialises it anew."""
    return build_tracker("default", device="cpu").tracker
