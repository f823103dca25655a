"""Boxes as the lines of numbers that tracking data sets are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames
from tracker.formats.regions import rectangle_rows, region_rows
from tracker.formats.text import at_line, box_or_absence, checked_box
from tracker.geometry import Box

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


def read_rectangles(path: Path, *, zero_based: bool) -> list[Box | None]:
    """Boxes x, y, width, height of a file, one on each line; None where the target is absent.

    Raises:
        FormatError: A line is something else, or has a negative size.
    """
    return _boxes(path, rectangle_rows(path), zero_based)


def read_corners(path: Path, *, zero_based: bool) -> list[Box | None]:
    """Boxes given by two corners x1, y1, x2, y2 (GTOT), one on each line.

    Raises:
        FormatError: A line is something else, or the second corner lies above or left of the first.
    """
    corners = rectangle_rows(path, "x1,y1,x2,y2")
    return _boxes(path, np.hstack([corners[:, :2], corners[:, 2:] - corners[:, :2]]), zero_based)


def _boxes(path: Path, rows: NDArray[np.float64], zero_based: bool) -> list[Box | None]:
    return [
        box_or_absence((x, y, width, height), at_line(path, line), zero_based)
        for line, (x, y, width, height) in enumerate(rows.tolist(), 1)
    ]


def read_regions(path: Path, *, zero_based: bool) -> tuple[list[Box | None], int]:
    """Rectangles, polygons and the special codes of VOT, one on each line.

    Returns:
        The boxes, of polygons the one around them; and how many were polygons.

    Raises:
        FormatError: A line is something else.
    """
    boxes: list[Box | None] = []
    polygons = 0
    for line, row in enumerate(region_rows(path), 1):
        where = at_line(path, line)
        if row.size == 1:  # "0" and other codes: nothing is known about the frame
            boxes.append(None)
        elif row.size == 4:
            x, y, width, height = row.tolist()
            boxes.append(box_or_absence((x, y, width, height), where, zero_based))
        else:
            polygons += not _is_upright(row)
            boxes.append(_around(row, where, zero_based))
    return boxes, polygons


def _is_upright(polygon: NDArray[np.float64]) -> bool:
    return polygon.size == 8 and all(len(set(sides)) == 2 for sides in polygon.reshape(-1, 2).T.tolist())


def _around(polygon: NDArray[np.float64], where: str, zero_based: bool) -> Box | None:
    if np.isnan(polygon).all():
        return None
    box = Box.around(polygon.reshape(-1, 2))
    return checked_box(box if zero_based else Box.from_one_based(*box.as_tuple()), where)
