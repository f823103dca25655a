"""Outlines of regions as lines that can be drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tracker.outline import Outline, Shape

Points = NDArray[np.float64]

COLOURS = ("#66ccee", "#ee6677", "#ccbb44", "#7bc96f", "#ff9f6b", "#d78bd0", "#bbbbbb", "#4f9cf9")
"""Of regions, on the canvas, in tables, plots and outputs alike. Told apart with colour-blindness for the most part
(after Tol's bright scheme), made to stand out on gray."""

CORNERS = 64
"""Of the polygon that is drawn for an ellipse."""

ARM = 2.5
"""Pixels of the frame from the middle of a spot to the ends of its cross."""


def region_colour(region_id: int) -> str:
    """The colour of a region, "#rrggbb"."""
    return COLOURS[(region_id - 1) % len(COLOURS)]


def lines_of(outline: Outline) -> Iterator[tuple[Points, bool]]:
    """Lines through points (n, 2) in the frame, and whether each ends where it begins."""
    box = outline.bounds
    match outline.shape:
        case Shape.SPOT:
            x, y = box.centre
            yield np.array([(x - ARM, y), (x + ARM, y)]), False
            yield np.array([(x, y - ARM), (x, y + ARM)]), False
        case Shape.BOX:
            yield np.array(box.polygon()).reshape(4, 2), True
        case Shape.ELLIPSE:
            angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
            x, y = box.centre
            yield (
                np.column_stack([x + box.width / 2 * np.cos(angles), y + box.height / 2 * np.sin(angles)]),
                True,
            )
        case Shape.POLYGON:
            yield np.array(outline.points, np.float64), True
