"""Checks of one target's boxes: outside the frame, jumps, sudden changes of size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.datasets.finding import Finding, Kind, Place

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Limits:
    """What is still usual.

    Attributes:
        jump: Way of the centre from one frame to the next, in sizes (root of area) of the target.
        scale: Ratio of the sizes in two neighbouring frames, the greater by the smaller.
        outside: Share of a box's area that may lie outside the frame.
    """

    jump: float = 2.0
    scale: float = 1.5
    outside: float = 0.5


def check_boxes(
    place: Place, boxes: Array, frame_size: tuple[int, int] | None, limits: Limits
) -> Iterator[Finding]:
    """All that is unusual about a target's boxes.

    Args:
        place: Where they stand.
        boxes: (n, 4) x, y, width, height; NaN rows where there is none. Without area: not looked at here.
        frame_size: (width, height) of the frames; None where it is not known.
        limits: What is usual.
    """
    boxes = np.where((boxes[:, 2:] > 0).all(axis=1, keepdims=True), boxes, np.nan)
    if frame_size is not None:
        yield from _outside(place, boxes, frame_size, limits)
    sizes = np.sqrt(boxes[:, 2] * boxes[:, 3])
    centres = boxes[:, :2] + boxes[:, 2:] / 2
    ways = np.hypot(*np.diff(centres, axis=0).T) / sizes[:-1]
    for i in np.flatnonzero(ways > limits.jump):
        text = f"the centre moves by {ways[i]:.3g} sizes of the target from the frame before."
        yield place.finding(Kind.JUMP, text, int(i) + 1)
    ratios = sizes[1:] / sizes[:-1]
    for i in np.flatnonzero(np.maximum(ratios, 1 / ratios) > limits.scale):
        text = f"the size is {ratios[i]:.3g} times that in the frame before."
        yield place.finding(Kind.SCALE, text, int(i) + 1)


def _outside(place: Place, boxes: Array, frame_size: tuple[int, int], limits: Limits) -> Iterator[Finding]:
    low = np.maximum(boxes[:, :2], 0)
    high = np.minimum(boxes[:, :2] + boxes[:, 2:], np.array(frame_size, np.float64))
    shares = 1 - np.maximum(high - low, 0).prod(axis=1) / boxes[:, 2:].prod(axis=1)
    for i in np.flatnonzero(shares > limits.outside):
        text = (
            f"{shares[i]:.0%} of the box lies outside the frame of {frame_size[0]} x {frame_size[1]} pixels."
        )
        yield place.finding(Kind.OUTSIDE, text, int(i))
