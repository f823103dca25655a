"""Boxes and regions of annotations and results, as benchmarks keep them; `tracker.formats.regions` reads the lines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import FormatError
from tracker.formats.regions import rectangle_rows, region_rows
from tracker.formats.text import at_line

Array = NDArray[np.float64]


def read_boxes(path: Path, *, first_pixel: int = 0, allow_nan: bool = False) -> Array:
    """(n, 4) boxes x, y, width, height, 0-based.

    Args:
        path: Four numbers on each line.
        first_pixel: What the file calls the first pixel, 0 or 1.
        allow_nan: Whether a number may be NaN ("the target is absent" in annotations).

    Raises:
        FormatError: A line is something else, or has a number that is too large or, unless allowed, NaN.
    """
    boxes = rectangle_rows(path)
    _require_numbers(path, boxes, allow_nan)
    boxes[:, :2] -= first_pixel
    return boxes


def read_regions(path: Path, *, allow_nan: bool = False) -> list[Array]:
    """VOT regions, one a line: a code, a rectangle or a polygon; see `tracker.evaluation.vot_regions`.

    Raises:
        FormatError: As for `read_boxes`.
    """
    regions = region_rows(path)
    _require_numbers(path, regions, allow_nan)
    return regions


def _require_numbers(path: Path, rows: Sequence[Array] | Array, allow_nan: bool) -> None:
    if allow_nan:
        return
    for line, row in enumerate(rows, 1):
        if np.isnan(row).any():
            where, todo = at_line(path, line), "Write 0,0,0,0 where there is no box."
            raise FormatError("a number is NaN.", where=where, todo=todo)
