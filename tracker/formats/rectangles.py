"""Boxes as the lines of numbers that tracking data sets are made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames
from tracker.errors import FormatError
from tracker.formats.text import at_line, box_or_absence, checked_box, numbered_lines, numbers_in
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
    boxes: list[Box | None] = []
    for number, line in numbered_lines(path):
        where = at_line(path, number)
        values = numbers_in(line, where)
        if len(values) != 4:
            todo = "Polygons are read from VOT and RGBT234 alone." if len(values) == 8 else ""
            what = f"{len(values)} numbers where x,y,width,height are due."
            raise FormatError(what, where=where, todo=todo)
        boxes.append(box_or_absence((values[0], values[1], values[2], values[3]), where, zero_based))
    return boxes


def read_regions(path: Path, *, zero_based: bool) -> tuple[list[Box | None], int]:
    """Rectangles, polygons and the special codes of VOT, one on each line.

    Returns:
        The boxes, of polygons the one around them; and how many were polygons.

    Raises:
        FormatError: A line is something else.
    """
    boxes: list[Box | None] = []
    polygons = 0
    for number, line in numbered_lines(path):
        where = at_line(path, number)
        if line.startswith("m"):
            raise FormatError("a mask cannot be read as a box.", where=where)
        values = numbers_in(line, where)
        if len(values) == 1:  # "0" and other codes: nothing is known about the frame
            boxes.append(None)
        elif len(values) == 4:
            boxes.append(box_or_absence((values[0], values[1], values[2], values[3]), where, zero_based))
        elif len(values) >= 6 and len(values) % 2 == 0:
            polygons += not _is_upright(values)
            boxes.append(_around(values, where, zero_based))
        else:
            what = f"{len(values)} numbers where 4 of a rectangle or 6 and more of a polygon are due."
            raise FormatError(what, where=where)
    return boxes, polygons


def _is_upright(values: list[float]) -> bool:
    return len(values) == 8 and len(set(values[::2])) == 2 and len(set(values[1::2])) == 2


def _around(values: list[float], where: str, zero_based: bool) -> Box | None:
    points = np.reshape(values, (-1, 2))
    if np.isnan(points).all():
        return None
    box = Box.around(points)
    return checked_box(box if zero_based else Box.from_one_based(*box.as_tuple()), where)


def read_corners(path: Path, *, zero_based: bool) -> list[Box | None]:
    """Boxes given by two corners x1, y1, x2, y2 (GTOT), one on each line.

    Raises:
        FormatError: A line is something else, or the second corner lies above or left of the first.
    """
    boxes: list[Box | None] = []
    for number, line in numbered_lines(path):
        where = at_line(path, number)
        values = numbers_in(line, where)
        if len(values) != 4:
            raise FormatError(f"{len(values)} numbers where x1,y1,x2,y2 are due.", where=where)
        x1, y1, x2, y2 = values
        boxes.append(box_or_absence((x1, y1, x2 - x1, y2 - y1), where, zero_based))
    return boxes
