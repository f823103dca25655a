"""Curves of a track against time, for screen and paper."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tracker.annotation.track import Presence
from tracker.output.report.series import TrackSeries

Column = NDArray[np.float64]

BLUE, ORANGE, TEAL, PINK = "#2f8fd8", "#e0662b", "#2ca58d", "#c2559d"
"""After Okabe and Ito, in a lightness that can be seen on white and on black."""

HATCHES = {Presence.OCCLUDED: "///", Presence.OUT_OF_VIEW: "", Presence.ABSENT: "xxx"}

PANELS = 3
MOST_POINTS = 3000
"""Of a drawn line; longer ones keep the lowest and the highest value of each of half as many stretches."""

MOST_MARKS = 400
"""Anchors that are marked; more would lie on one another."""


@dataclass(frozen=True)
class Theme:
    """Colours of what is not a curve: text and axes, and grids and bands."""

    ink: str
    faint: str


PAPER = Theme("#1c1f24", "#8b94a3")


def draw_curves(panels: Sequence[Axes], series: TrackSeries, theme: Theme = PAPER) -> None:
    """Draw into three axes that share their abscissa.

    Args:
        panels: For values in the box, size and speed, score and risk.
        series: Of the track.
        theme: Colours.
    """
    values, shape, trust = panels
    _draw_values(values, series, theme)
    _draw_shape(shape, series, theme)
    _draw_trust(trust, series, theme)
    span = series.track.span() or (0, len(series.time))
    first, last = series.time[span[0]], series.time[span[1] - 1]
    room = max((last - first) * 0.02, 0.5 if not series.has_times else 0.02)
    for axes in panels:
        axes.set_xlim(first - room, last + room)
        _shade_absences(axes, series, theme)
        _style(axes, theme)
    trust.set_xlabel("time (s)" if series.has_times else "frame", color=theme.ink, fontsize=8)


def _draw_values(axes: Axes, series: TrackSeries, theme: Theme) -> None:
    readings = series.readings
    _line(axes, series.time, series.highest, ORANGE, "highest in the box")
    _line(axes, series.time, series.mean, BLUE, "mean")
    anchors = series.track.anchors()
    anchors = anchors[:: max(len(anchors) // MOST_MARKS, 1)]
    axes.plot(
        series.time[anchors], np.full(len(anchors), 0.03), linestyle="none", marker="^", markersize=4, clip_on=False,
        color=theme.ink, transform=axes.get_xaxis_transform(), label="decided by hand",
    )  # fmt: skip
    axes.set_ylabel(
        f"{readings.quantity} {f'({readings.sign})' if readings.sign else ''}".strip(), fontsize=8
    )


def _draw_shape(axes: Axes, series: TrackSeries, theme: Theme) -> None:
    _line(axes, series.time, series.size, TEAL, "size, √(width · height) in pixels")
    unit = "pixels per second" if series.has_times else "pixels per frame"
    _line(axes, series.time, series.speed, PINK, f"speed in {unit}")
    axes.set_ylabel("pixels", fontsize=8)
    axes.set_ylim(bottom=0)


def _draw_trust(axes: Axes, series: TrackSeries, theme: Theme) -> None:
    _line(axes, series.time, series.score, BLUE, "score")
    _line(axes, series.time, series.risk, ORANGE, "probability of a wrong box")
    reviewed = series.track.frames.is_reviewed
    bands = [(series.time[a], max(series.time[b - 1] - series.time[a], 1e-6)) for a, b in spans(reviewed)]
    if bands:
        axes.broken_barh(bands, (-0.09, 0.05), color=TEAL, linewidth=1.5, label="reviewed")
    axes.set_ylim(-0.11, 1.04)
    axes.set_ylabel("0 to 1", fontsize=8)


def _shade_absences(axes: Axes, series: TrackSeries, theme: Theme) -> None:
    frames = series.track.frames
    for presence, hatch in HATCHES.items():
        where = frames.is_said & (frames.presence == presence)
        if where.any():
            axes.fill_between(
                series.time, 0, 1, where=where | np.r_[False, where[:-1]], facecolor=theme.faint, alpha=0.22,
                edgecolor=theme.faint, hatch=hatch, linewidth=0, zorder=0, label=presence.label.lower(),
                transform=axes.get_xaxis_transform(),
            )  # fmt: skip


def spans(where: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """(start, stop) of the stretches of true values."""
    edges = np.flatnonzero(np.diff(where.astype(np.int8), prepend=0, append=0))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _line(axes: Axes, x: Column, y: Column, colour: str, label: str) -> None:
    """A line with gaps where nothing is known, and dots where a value stands alone."""
    if not np.isfinite(y).any():
        return
    known = np.isfinite(y)
    alone = known & ~np.r_[False, known[:-1]] & ~np.r_[known[1:], False]
    thin_x, thin_y = thinned(x, y)
    axes.plot(thin_x, thin_y, color=colour, linewidth=1.2, label=label)
    if alone.any() and alone.sum() <= MOST_POINTS:
        axes.plot(x[alone], y[alone], color=colour, linestyle="none", marker=".", markersize=3)


def thinned(x: Column, y: Column, most: int = MOST_POINTS) -> tuple[Column, Column]:
    """The same curve in fewer points: of each stretch its lowest and its highest value, in their order."""
    if len(x) <= most:
        return x, y
    kept = []
    for part in np.array_split(np.arange(len(x)), most // 2):
        known = part[np.isfinite(y[part])]
        if not known.size:
            kept.append(part[0])  # keeps the gap
            continue
        kept += sorted({int(known[np.argmin(y[known])]), int(known[np.argmax(y[known])])})
    return x[kept], y[kept]


def _style(axes: Axes, theme: Theme) -> None:
    axes.set_facecolor("none")
    axes.grid(color=theme.faint, alpha=0.35, linewidth=0.5)
    axes.tick_params(labelsize=7, colors=theme.ink)
    axes.yaxis.label.set_color(theme.ink)
    for edge in axes.spines.values():
        edge.set_color(theme.faint)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles, labels, fontsize=6.5, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=5, frameon=False,
            labelcolor=theme.ink, borderaxespad=0.1, handlelength=1.5, columnspacing=1.2,
        )  # fmt: skip
    else:
        axes.text(0.5, 0.5, "nothing known", transform=axes.transAxes, ha="center", va="center", fontsize=8,
                  color=theme.faint)  # fmt: skip
