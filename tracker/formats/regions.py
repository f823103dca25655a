"""Lines of numbers of frames as they stand: rectangles, and the regions of VOT.

What every reader of a frame's numbers is made of: import and checks of data sets, training, and evaluation, which
needs polygons and odd boxes as they are. What an absent target is, or from where pixels count, is not decided here.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import FormatError
from tracker.formats.text import MAX_COORDINATE, at_line, frame_lines, numbers_in


def rectangle_rows(path: Path, columns: str = "x,y,width,height") -> NDArray[np.float64]:
    """(n, 4) the numbers of a file with four on each line, which may be NaN; row k is line k + 1.

    Args:
        path: The file; commas, semicolons, tabs or spaces separate.
        columns: What the four are, for messages.

    Raises:
        FormatError: A line is something else, or has a number that is too large.
    """
    rows = [rectangle_in(line, at_line(path, number), columns) for number, line in frame_lines(path)]
    return np.array(rows, np.float64).reshape(-1, 4)


def region_rows(path: Path) -> list[NDArray[np.float64]]:
    """The numbers of a file with one region of VOT on each line, as `region_in` has them; row k is line k + 1.

    Raises:
        FormatError: A line is something else.
    """
    return [np.array(region_in(line, at_line(path, number))) for number, line in frame_lines(path)]


def rectangle_in(line: str, where: str, columns: str = "x,y,width,height") -> list[float]:
    """The four numbers of a line, which may be NaN.

    Raises:
        FormatError: They are not four, or one is too large.
    """
    values = numbers_in(line, where)
    if len(values) != 4:
        todo = "Polygons are read from VOT and RGBT234 alone." if len(values) == 8 else ""
        raise FormatError(f"{len(values)} numbers where {columns} are due.", where=where, todo=todo)
    return _checked(values, where)


def region_in(line: str, where: str) -> list[float]:
    """A region of VOT: 1 number is a code, 4 are a rectangle, 6 or more the corners x, y of a polygon; may be NaN.

    Raises:
        FormatError: The line is none of these, or has a number that is too large.
    """
    if line.startswith("m"):
        raise FormatError("a mask cannot be read as a box.", where=where)
    return checked_region(numbers_in(line, where), where)


def checked_region(values: list[float], where: object) -> list[float]:
    """The numbers of a region.

    Raises:
        FormatError: There are not as many as a region has, or one is too large.
    """
    count = len(values)
    if count not in (1, 4) and (count < 6 or count % 2):
        todo = "A code has 1, a rectangle 4, a polygon 6 or more, two for each corner."
        raise FormatError(f"{count} numbers are no region.", where=where, todo=todo)
    return _checked(values, where)


def _checked(values: list[float], where: object) -> list[float]:
    if any(abs(value) > MAX_COORDINATE for value in values):
        raise FormatError("a number is too large.", where=where)
    return values
