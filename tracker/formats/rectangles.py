"""Boxes as the lines of numbers that tracking data sets are made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames

DECIMALS = 4
_LEAST = 10.0**-DECIMALS


def rectangles(frames: Frames, *, zero_based: bool) -> NDArray[np.float64]:
    """Boxes to be written: (n, 4) x, y, width, height, rounded.

    Frames without a box are 0,0,0,0: loaders take a rectangle without area for "not there" (the GOT-10k
    loader of PyTracking, the OTB evaluation of PySOT), while many do not read "nan".

    Args:
        frames: The frames.
        zero_based: Whether the first pixel is 0; otherwise 1, as in MATLAB.
    """
    rows = np.zeros((len(frames), 4))
    for i in np.flatnonzero(frames.has_box):
        box = frames.box(int(i))
        if box is not None:
            rows[i] = box.as_tuple() if zero_based else box.to_one_based()
    rows = np.round(rows, DECIMALS) + 0.0  # no "-0"
    has_box = frames.has_box
    rows[has_box, 2:] = np.maximum(rows[has_box, 2:], _LEAST)  # a box stays one
    return rows


def as_lines(rows: NDArray[np.float64], number: str) -> str:
    """Rows of numbers as text, separated by commas.

    Args:
        rows: (n, k).
        number: How each number is written: "%.4f".
    """
    line = ",".join([number] * rows.shape[1])
    return "".join(f"{line % tuple(row)}\n" for row in rows.tolist())
