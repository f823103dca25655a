"""Where a tracker is started: once from the true box, from shifted and scaled ones, or at many times.

OPE, SRE and TRE of OTB (Wu, Lim, Yang, TPAMI 2015), in the conventions of its MATLAB toolkit. Boxes that its
toolkit rounds to whole pixels are rounded here too, half up, as pixel numbers are positive there.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.geometry import Box

SHIFT = 0.1
"""Of the target's size."""
SCALES = (0.8, 0.9, 1.1, 1.2)
SEGMENTS = 20
"""Starts of TRE."""
LEAST_FRAMES = 20
"""A start of TRE has at least so many frames to track, the start included."""


class StartProtocol(Enum):
    """Which starts; the value is for the user."""

    OPE = "ope"
    SRE = "sre"
    TRE = "tre"


@dataclass(frozen=True)
class Start:
    """One start.

    Attributes:
        name: Tells it from the others of its sequence; empty for OPE.
        frame: Frame index.
        box: Given to the tracker.
    """

    name: str
    frame: int
    box: Box


def starts(
    protocol: StartProtocol, truth: ArrayLike, usable: ArrayLike, frame_size: tuple[float, float]
) -> list[Start]:
    """The starts of a sequence.

    Args:
        protocol: Which ones.
        truth: (n, 4) true boxes.
        usable: (n,) which of them are boxes.
        frame_size: (width, height).

    Raises:
        ValueError: No true box is usable.
    """
    boxes, frames = np.asarray(truth, np.float64), np.flatnonzero(np.asarray(usable, bool))
    if not frames.size:
        raise ValueError("no frame has a true box")
    first = int(frames[0])
    if protocol is StartProtocol.SRE:
        moved = spatial_starts(Box(*boxes[first].tolist()), frame_size)
        return [Start(name, first, box) for name, box in moved.items()]
    if protocol is StartProtocol.TRE:
        chosen = temporal_starts(frames, len(boxes))
        return [Start(f"{i + 1:02d}", frame, Box(*boxes[frame].tolist())) for i, frame in enumerate(chosen)]
    return [Start("", first, Box(*boxes[first].tolist()))]


def spatial_starts(box: Box, frame_size: tuple[float, float]) -> dict[str, Box]:
    """The 12 boxes of SRE by name: 8 shifted or stretched by a tenth of the target's size, 4 scaled."""
    dx, dy = SHIFT * box.width, SHIFT * box.height
    over_x, over_y = float(np.ceil(dx)), float(np.ceil(dy))
    left, top = _rounded(box.x - dx), _rounded(box.y - dy)
    right, bottom = _rounded(box.right + dx), _rounded(box.bottom + dy)
    found = {
        "left": box.moved(-over_x, 0),
        "right": box.moved(over_x, 0),
        "up": box.moved(0, -over_y),
        "down": box.moved(0, over_y),
        "top-left": Box.from_corners(left, top, box.right, box.bottom),
        "top-right": Box.from_corners(box.x, top, right, box.bottom),
        "bottom-left": Box.from_corners(left, box.y, box.right, bottom),
        "bottom-right": Box.from_corners(box.x, box.y, right, bottom),
    }
    cx, cy = box.centre
    for scale in SCALES:
        width, height = scale * box.width, scale * box.height
        corner = _rounded(cx - width / 2), _rounded(cy - height / 2)
        found[f"scale-{scale:g}"] = Box(*corner, _rounded(width), _rounded(height))
    return {name: _inside(each, frame_size) for name, each in found.items()}


def temporal_starts(frames: NDArray[np.int64], length: int) -> list[int]:
    """Up to 20 start frames of TRE, spread over those with a true box, from the first to the last possible one.

    Args:
        frames: (m,) indices of the frames with a true box, ascending.
        length: Frames of the sequence.
    """
    count = int((frames <= length - LEAST_FRAMES).sum())
    if count <= 1:
        return [int(frames[0])]
    steps = np.floor(1 + np.arange(SEGMENTS - 1) * count / (SEGMENTS - 1)).astype(int)
    chosen = [*steps[steps <= count].tolist(), count]
    return [int(frames[i - 1]) for i in dict.fromkeys(chosen)]


def _rounded(value: float) -> float:
    return float(np.floor(value + 0.5))


def _inside(box: Box, frame_size: tuple[float, float]) -> Box:
    """The box as the toolkit keeps it inside the frame: corner first, then what is too long is cut."""
    x, y = max(box.x, 0.0), max(box.y, 0.0)
    return Box(x, y, min(box.width, frame_size[0] - x), min(box.height, frame_size[1] - y))
