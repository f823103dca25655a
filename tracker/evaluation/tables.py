"""Lines of numbers: annotations and results as benchmarks keep them. Errors name the file and the line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError

Array = NDArray[np.float64]

_SEPARATORS = re.compile(r"[,;\s]+")
LARGEST = 1e6
"""More pixels than the side of any frame has."""


def read_text(path: Path) -> str:
    """The text of a file.

    Raises:
        EvaluationError: It cannot be read, or is no text.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(f"it cannot be read ({error.strerror}).", where=path) from None
    except UnicodeDecodeError:
        raise EvaluationError("it is not a text file.", where=path) from None


def read_rows(path: Path, *, allow_nan: bool = False) -> list[Array]:
    """The numbers of each line, separated by commas, semicolons, tabs or spaces; empty lines at the end are ignored.

    Args:
        path: The file.
        allow_nan: Whether a number may be NaN ("the target is absent" in annotations).

    Raises:
        EvaluationError: A line is empty or no numbers, or a number is infinite or, unless allowed, NaN.
    """
    lines = read_text(path).rstrip().splitlines()
    return [_row(path, number, line, allow_nan) for number, line in enumerate(lines, 1)]


def _row(path: Path, number: int, line: str, allow_nan: bool) -> Array:
    where = f"{path}, line {number}"
    parts = [part for part in _SEPARATORS.split(line.strip()) if part]
    if not parts:
        raise EvaluationError("the line is empty.", where=where, todo="Write one line for each frame.")
    try:
        row = np.array([float(part) for part in parts])
    except ValueError:
        raise EvaluationError(f"{line.strip()[:60]!r} is not a line of numbers.", where=where) from None
    if np.isnan(row).any() and not allow_nan:
        raise EvaluationError("a number is NaN.", where=where, todo="Write 0,0,0,0 where there is no box.")
    if np.isinf(row).any() or (np.abs(row[np.isfinite(row)]) > LARGEST).any():
        raise EvaluationError("a number is too large.", where=where)
    return row


def read_boxes(path: Path, *, first_pixel: int = 0, allow_nan: bool = False) -> Array:
    """(n, 4) boxes x, y, width, height, 0-based.

    Args:
        path: Four numbers on each line.
        first_pixel: What the file calls the first pixel, 0 or 1.
        allow_nan: As in `read_rows`.

    Raises:
        EvaluationError: As `read_rows`, or a line has another count of numbers.
    """
    rows = read_rows(path, allow_nan=allow_nan)
    for number, row in enumerate(rows, 1):
        if row.size != 4:
            raise EvaluationError(
                f"{row.size} numbers where x,y,width,height are due.", where=f"{path}, line {number}"
            )
    boxes = np.array(rows, np.float64).reshape(-1, 4)
    boxes[:, :2] -= first_pixel
    return boxes


def read_regions(path: Path, *, allow_nan: bool = False) -> list[Array]:
    """VOT regions, one a line: a code, a rectangle or a polygon; see `tracker.evaluation.vot_regions`.

    Raises:
        EvaluationError: As `read_rows`, or a line is none of these.
    """
    rows = read_rows(path, allow_nan=allow_nan)
    for number, row in enumerate(rows, 1):
        if row.size not in (1, 4) and (row.size < 6 or row.size % 2):
            raise EvaluationError(
                f"{row.size} numbers are no region.",
                where=f"{path}, line {number}",
                todo="A code has 1, a rectangle 4, a polygon 6 or more, two for each corner. Masks cannot be read.",
            )
    return rows


def read_numbers(path: Path) -> Array:
    """(n,) all numbers of a file, whatever its lines.

    Raises:
        EvaluationError: As `read_rows`.
    """
    rows = read_rows(path)
    return np.concatenate(rows) if rows else np.empty(0)


def require_length(path: Path, rows: Sequence[object] | Array, length: int, what: str) -> None:
    """Refuse a file with another number of lines than there are frames.

    Raises:
        EvaluationError: It names the first line that is missing, or too many.
    """
    if len(rows) != length:
        line = min(len(rows), length) + 1
        state = "is missing" if len(rows) < length else "is one too many"
        raise EvaluationError(
            f"{len(rows)} lines for the {length} {what}.",
            where=f"{path}, line {line} {state}",
            todo="Give one line for each frame.",
        )
