"""The picture of a proof: boxes before and after beside each other, against the truth, where they differ most."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from tracker.evaluation.pictures import FOUND, TRUE, save_figure, to_rgb
from tracker.geometry import Box, iou
from tracker.training.proof import ClipResult, most_different

COLUMNS = 3
MOST_CLIPS = 6
AROUND = 3.0
"""Side of what is shown, relative to the larger side of the target."""

_PAPER, _INK, _FAINT = "#14171c", "#e6e9ee", "#8b94a3"

Row = NDArray[np.float64]


def draw_proof(pairs: list[tuple[ClipResult, ClipResult]], path: Path) -> None:
    """Draw up to three frames of each of the first clips, before above after.

    Args:
        pairs: Results before and after, at least one.
        path: The PNG file to write.
    """
    pairs = pairs[:MOST_CLIPS]
    figure = Figure(figsize=(2.6 * COLUMNS, 5.6 * len(pairs)), layout="constrained", facecolor=_PAPER)
    FigureCanvasAgg(figure)
    grid = figure.subplots(2 * len(pairs), COLUMNS, squeeze=False)
    for axes in grid.flat:
        axes.set_axis_off()
    for number, (before, after) in enumerate(pairs):
        for column, place in enumerate(most_different(before, after, COLUMNS)):
            for row, (result, when) in enumerate(((before, "before"), (after, "after"))):
                _show(grid[2 * number + row][column], result, place, f"{result.name}, {when}")
    figure.suptitle("tracked (yellow) and true (green)", color=_FAINT, fontsize=9)
    save_figure(figure, path)


def _show(axes: Axes, result: ClipResult, place: tuple[int, int], title: str) -> None:
    """The surroundings of the target in one frame, with both boxes and their overlap."""
    stretch, found = result.stretches[place[0]], result.boxes[place[0]][place[1]]
    true, index = stretch.truth[place[1]], stretch.frames[place[1]]
    gray = stretch.clip.gray(int(index)).astype(np.uint8)
    height, width = gray.shape
    axes.imshow(to_rgb(gray), interpolation="nearest", extent=(0, width, height, 0))
    _outline(axes, true, TRUE)
    _outline(axes, found, FOUND)
    region = _shown(true, found)
    axes.set_xlim(region.x, region.right)
    axes.set_ylim(region.bottom, region.y)
    overlap = float(iou(found, true))
    frame = stretch.clip.times[index]
    axes.set_title(f"{title}\nframe {frame}, overlap {overlap:.2f}", fontsize=8, color=_INK)


def _shown(true: Row, found: Row) -> Box:
    """A square around the target, wide enough for the found box where that is not far away."""
    target = Box(*true.tolist())
    side = AROUND * max(target.width, target.height)
    reach = 2 * np.abs(found[:2] + found[2:] / 2 - np.array(target.centre)) + found[2:]
    side = max(side, min(float(reach.max()) * 1.1, 3 * side))
    return Box.from_centre(*target.centre, side, side)


def _outline(axes: Axes, row: Row, colour: tuple[int, int, int]) -> None:
    x, y, width, height = row.tolist()
    edge = tuple(value / 255 for value in colour)
    axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=edge, linewidth=1.4))
