"""Files of boxes read as they stand, each row with its line: for checks, which name what readers refuse."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from tracker.errors import FormatError
from tracker.formats.regions import region_in
from tracker.formats.text import at_line, numbered_lines
from tracker.geometry import Box

ROW_FORMATS = frozenset({"otb", "lsotb", "ptb", "lasot", "plain", "got10k", "vot", "rgbt234"})
"""Formats with a line of x, y, width, height or a polygon for each frame."""


@dataclass(frozen=True)
class Row:
    """What a line says.

    Attributes:
        line: Its number, from 1.
        box: The box, perhaps of no use; None where the target is absent or the line is none of numbers.
        problem: What is wrong with the line; empty where nothing is.
    """

    line: int
    box: Box | None
    problem: str = ""


def read_rows(path: Path, *, zero_based: bool) -> list[Row]:
    """All lines of a file that are not empty.

    Raises:
        FormatError: It cannot be read or is no text.
    """
    return [_row(path, line, text, zero_based) for line, text in numbered_lines(path)]


def _row(path: Path, line: int, text: str, zero_based: bool) -> Row:
    try:
        values = region_in(text, at_line(path, line))
    except FormatError as error:
        return Row(line, None, error.what)
    if len(values) == 1 or all(map(math.isnan, values)) or not any(values):
        return Row(line, None)  # ways of saying that the target is absent
    if any(map(math.isnan, values)):
        return Row(line, None, "a number is not finite.")
    is_box = len(values) == 4
    box = Box(*values) if is_box else Box.around(list(zip(values[::2], values[1::2], strict=True)))
    return Row(line, box if zero_based else Box.from_one_based(*box.as_tuple()), _flaw(box))


def _flaw(box: Box) -> str:
    if box.width < 0 or box.height < 0:
        return f"the box has a negative size, {box.width:g} x {box.height:g}."
    if box.width * box.height == 0:
        return f"the box has no area, {box.width:g} x {box.height:g}."
    return ""
