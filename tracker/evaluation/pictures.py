"""Pictures of a run: boxes drawn on frames, and a figure of what the tracker saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from tracker.annotation.evidence import Evidence, Map
from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.opencv import cv2

Rgb = NDArray[np.uint8]
Colour = tuple[int, int, int]

FOUND, TRUE = (244, 183, 64), (92, 203, 138)  # RGB
MAP_COLOURS = "inferno"
_PAPER, _INK, _FAINT = "#14171c", "#e6e9ee", "#8b94a3"
_SEMANTIC, _STRUCTURAL, _SEARCH = "#5b9cf5", "#f2724e", "#36b4c8"
_LEVELS = ("semantic", "structural", "fused")


def to_rgb(counts: Counts, low: float = 0.0, high: float = 255.0) -> Rgb:
    """White-hot picture (H, W, 3) of counts, `low` black and `high` white."""
    scaled = np.clip((counts.astype(np.float32) - low) * (255.0 / (high - low)), 0, 255).astype(np.uint8)
    return np.stack([scaled] * 3, axis=-1) if scaled.ndim == 2 else scaled


def draw_box(picture: Rgb, box: Box, colour: Colour, width: int = 1) -> None:
    """Draw the outline of a box into a picture (H, W, 3), in place, around the pixels just inside its edges."""
    left, top, right, bottom = (round(edge) for edge in (box.x, box.y, box.right - 1, box.bottom - 1))
    cv2.rectangle(picture, (left, top), (right, bottom), colour, width)


def annotated(counts: Counts, found: Box | None, true: Box | None, text: str, zoom: int = 2) -> Rgb:
    """A frame made larger, with the found and the true box and a line of text.

    Args:
        counts: (H, W) or (H, W, 3), 0..255.
        found: Where the tracker says the target is, None where it says nothing.
        true: Where it is, None where it cannot be seen.
        text: For the lower left corner.
        zoom: Whole factor.

    Returns:
        (H * zoom, W * zoom, 3).
    """
    picture = np.repeat(np.repeat(to_rgb(counts), zoom, axis=0), zoom, axis=1)
    for box, colour in ((true, TRUE), (found, FOUND)):
        if box is not None:
            draw_box(picture, Box(*(zoom * value for value in box.as_tuple())), colour, zoom)
    _write(picture, text, (8, picture.shape[0] - 10), (255, 255, 255))
    for row, (label, colour) in enumerate((("tracked", FOUND), ("true", TRUE)), start=1):
        _write(picture, label, (8, 18 * row + 2), colour)
    return picture


def _write(picture: Rgb, text: str, where: tuple[int, int], colour: Colour) -> None:
    """Text with a dark rim, readable on any ground."""
    x, y = where
    # The rim is the same text shifted: in OpenCV 5 bolder letters are also wider.
    for dx, dy, ink in (*((dx, dy, (0, 0, 0)) for dx in (-1, 0, 1) for dy in (-1, 0, 1)), (0, 0, colour)):
        cv2.putText(picture, text, (x + dx, y + dy), cv2.FONT_HERSHEY_SIMPLEX, 0.48, ink, 1, cv2.LINE_AA)


@dataclass(frozen=True)
class Moment:
    """One row of an evidence figure.

    Attributes:
        frame: Frame index.
        title: What happens there; may be empty.
        counts: The frame, 0..255.
        found: Where the tracker says the target is.
        true: Where it is; None where that is not known.
        evidence: What the tracker saw.
    """

    frame: int
    title: str
    counts: Counts
    found: Box
    true: Box | None
    evidence: Evidence


def evidence_figure(moments: Sequence[Moment]) -> Figure:
    """A row for each moment: the search region, the three maps on one colour scale, attentions and scores.

    Args:
        moments: At least one; their evidence is of one model.
    """
    figure = Figure(figsize=(15.5, 2.9 * len(moments) + 0.3), layout="constrained", facecolor=_PAPER)
    FigureCanvasAgg(figure)
    grid = figure.subplots(
        len(moments), 6, squeeze=False, gridspec_kw={"width_ratios": (1, 1, 1, 1, 0.75, 1.15)}
    )
    for axes, moment in zip(grid, moments, strict=True):
        _show_region(axes[0], moment)
        for panel, level in zip(axes[1:4], _LEVELS, strict=True):
            _show_map(panel, level, moment)
        _show_attention(axes[4], moment.evidence.spatial_attention)
        _show_numbers(axes[5], moment.evidence)
    low, high = moments[0].evidence.value_range
    bar = figure.colorbar(grid[0][3].images[0], ax=list(grid[:, 3]), shrink=0.85, pad=0.03)
    bar.set_label(f"similarity, {low:g} to {high:g} in every map", color=_FAINT, fontsize=8)
    bar.ax.tick_params(colors=_FAINT, labelsize=7)
    return figure


def _show_region(axes: Axes, moment: Moment) -> None:
    """The frame around the search region, with the boxes."""
    height, width = moment.counts.shape[:2]
    axes.imshow(to_rgb(moment.counts), interpolation="nearest", extent=(0, width, height, 0))
    _look_at(axes, moment.evidence.search_region)
    if moment.true is not None:
        _outline(axes, moment.true, _hex(TRUE), "-")
    _outline(axes, moment.found, _hex(FOUND), "-")
    _outline(axes, moment.evidence.map_region, _SEARCH, ":")
    _title(axes, f"frame {moment.frame}" + (f": {moment.title}" if moment.title else ""), _INK)


def _show_map(axes: Axes, level: str, moment: Moment) -> None:
    """One similarity map where it lies in the frame, with the found box."""
    evidence, region = moment.evidence, moment.evidence.map_region
    low, high = evidence.value_range
    axes.set_facecolor("black")
    axes.imshow(
        getattr(evidence, level),
        cmap=MAP_COLOURS,
        vmin=low,
        vmax=high,
        interpolation="nearest",
        extent=(region.x, region.right, region.bottom, region.y),
    )
    _look_at(axes, evidence.search_region)
    _outline(axes, moment.found, _hex(FOUND), "-")
    _title(axes, level, {"semantic": _SEMANTIC, "structural": _STRUCTURAL}.get(level, _INK))


def _show_attention(axes: Axes, attention: Map) -> None:
    axes.imshow(attention, cmap="viridis", vmin=0, vmax=1, interpolation="nearest")
    _title(axes, "spatial attention, 0 to 1", _INK)


def _show_numbers(axes: Axes, evidence: Evidence) -> None:
    """Channel attention as a curve, the ensemble's shares as a bar, and the scores."""
    values = np.sort(evidence.channel_attention)[::-1]
    across = np.linspace(0, 1, len(values))
    axes.fill_between(across, 0.62, 0.62 + 0.34 * values, color=_SEMANTIC, alpha=0.35, linewidth=0)
    axes.plot(across, 0.62 + 0.34 * values, color=_SEMANTIC, linewidth=1.2)
    _note(axes, 0.99, f"channel attention, {len(values)} sorted")
    semantic, structural = evidence.ensemble_weights
    axes.add_patch(Rectangle((0, 0.40), semantic, 0.09, color=_SEMANTIC))
    axes.add_patch(Rectangle((semantic, 0.40), structural, 0.09, color=_STRUCTURAL))
    _note(axes, 0.57, f"ensemble: {semantic:.2f} semantic, {structural:.2f} structural")
    scores = evidence.scores
    _note(axes, 0.30, f"peak {scores.peak:.2f}   PSR {scores.psr:.1f}   APCE {scores.apce:.0f}", _INK)
    _note(axes, 0.18, f"second peak {scores.second_peak_ratio:.2f} of the first", _INK)
    _note(axes, 0.06, f"levels disagree by {scores.disagreement:.2f} target sizes", _INK)
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_axis_off()


def _note(axes: Axes, height: float, text: str, colour: str = _FAINT) -> None:
    axes.text(0.0, height, text, color=colour, fontsize=8, va="top")


def _title(axes: Axes, text: str, colour: str) -> None:
    axes.set_title(text, fontsize=9, color=colour)
    axes.set_xticks([])
    axes.set_yticks([])
    for edge in axes.spines.values():
        edge.set_color(_FAINT)


def _look_at(axes: Axes, region: Box) -> None:
    axes.set_xlim(region.x, region.right)
    axes.set_ylim(region.bottom, region.y)


def _outline(axes: Axes, box: Box, colour: str, style: str) -> None:
    look: dict[str, Any] = {"fill": False, "edgecolor": colour, "linestyle": style, "linewidth": 1.4}
    axes.add_patch(Rectangle((box.x, box.y), box.width, box.height, **look))


def _hex(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG; at any moment `path` is either what it was before or the whole new file."""
    part = path.with_name(f".part-{path.name}")
    figure.savefig(part, dpi=110, format="png", facecolor=figure.get_facecolor())
    part.replace(path)
