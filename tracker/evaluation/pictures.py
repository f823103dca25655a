"""Pictures of a run: boxes drawn on frames, and figures of the evidence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from tracker.annotation.evidence import Evidence
from tracker.geometry import Box
from tracker.media.opencv import cv2
from tracker.media.source import Counts

Rgb = NDArray[np.uint8]
FOUND, TRUE = (244, 183, 64), (92, 203, 138)  # RGB
COLOUR_MAP = "inferno"


def to_rgb(counts: Counts, low: float = 0.0, high: float = 255.0) -> Rgb:
    """White-hot picture (H, W, 3) of counts, `low` black and `high` white."""
    scaled = np.clip((counts.astype(np.float32) - low) * (255.0 / (high - low)), 0, 255).astype(np.uint8)
    return np.stack([scaled] * 3, axis=-1) if scaled.ndim == 2 else scaled


def draw_box(picture: Rgb, box: Box | None, colour: tuple[int, int, int]) -> None:
    """Draw a box into a picture, in place."""
    if box is None:
        return
    corners = [round(value) for value in (box.x, box.y, box.right - 1, box.bottom - 1)]
    cv2.rectangle(picture, (corners[0], corners[1]), (corners[2], corners[3]), colour, 1)


def annotated(counts: Counts, found: Box, true: Box | None, text: str, zoom: int = 2) -> Rgb:
    """A frame enlarged by a whole factor, with the found and the true box and a line of text."""
    picture = np.repeat(np.repeat(to_rgb(counts), zoom, axis=0), zoom, axis=1)
    for box, colour in ((true, TRUE), (found, FOUND)):
        draw_box(picture, None if box is None else Box(*(zoom * v for v in box.as_tuple())), colour)
    font, where = cv2.FONT_HERSHEY_SIMPLEX, (8, picture.shape[0] - 10)
    for colour, width in (((0, 0, 0), 3), (FOUND, 1)):
        cv2.putText(picture, text, where, font, 0.5, colour, width, cv2.LINE_AA)
    return picture


def evidence_figure(rows: list[tuple[int, Counts, Box, Evidence]]) -> Figure:
    """A row for each frame: the frame with its box, the three maps on one scale, and what they say.

    Args:
        rows: (frame index, counts, found box, evidence); at least one.
    """
    figure = Figure(figsize=(12.5, 2.9 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(len(rows), 4, squeeze=False)
    for axes, (index, counts, box, evidence) in zip(grid, rows, strict=True):
        _show_frame(axes[0], index, counts, box, evidence)
        for level, panel in zip(("semantic", "structural", "fused"), axes[1:], strict=True):
            _show_map(panel, level, evidence)
    low, high = rows[0][3].value_range
    bar = figure.colorbar(grid[0][3].images[0], ax=list(grid[:, 3]), shrink=0.85)
    bar.set_label(f"similarity, {low:g} to {high:g} for every frame")
    return figure


def _show_frame(axes: Axes, index: int, counts: Counts, box: Box, evidence: Evidence) -> None:
    axes.imshow(to_rgb(counts), interpolation="nearest", extent=(0, counts.shape[1], counts.shape[0], 0))
    _outline(axes, box, "#f4b740", "-")
    _outline(axes, evidence.search_region, "#36b4c8", ":")
    axes.set_xlim(0, counts.shape[1])
    axes.set_ylim(counts.shape[0], 0)
    semantic, structural = evidence.ensemble_weights
    axes.set_title(f"frame {index}: REN {semantic:.2f} + {structural:.2f}", fontsize=9)
    axes.set_axis_off()


def _show_map(axes: Axes, level: str, evidence: Evidence) -> None:
    region = evidence.map_region
    axes.imshow(
        getattr(evidence, level),
        cmap=COLOUR_MAP,
        vmin=evidence.value_range[0],
        vmax=evidence.value_range[1],
        interpolation="nearest",
        extent=(region.x, region.right, region.bottom, region.y),
    )
    scores = evidence.scores
    text = f"{level}: peak {scores.peak:.2f}, PSR {scores.psr:.1f}" if level == "fused" else level
    axes.set_title(text, fontsize=9)
    axes.tick_params(labelsize=7)


def _outline(axes: Axes, box: Box, colour: str, style: str) -> None:
    axes.add_patch(
        Rectangle(
            (box.x, box.y),
            box.width,
            box.height,
            fill=False,
            edgecolor=colour,
            linestyle=style,
            linewidth=1.4,
        )
    )


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG."""
    figure.savefig(path, dpi=110, format="png")
