"""Statistics of a data set as a page of plots."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from tracker.datasets.distribution import Distribution
from tracker.datasets.files import write_whole
from tracker.datasets.statistics import Statistics
from tracker.errors import ExportError

SUFFIXES = (".pdf", ".png")
_PER_BAR = 4  # bins of a distribution that are drawn as one bar, 16 a decade
_MOST_BARS = 16
_COLOUR, _FAINT = "#3b6fb6", "#d7dbe0"

_PANELS = (
    ("length", "frames a sequence", "sequences"),
    ("size", "size of the target, √(w·h) [pixels]", "boxes"),
    ("aspect", "width by height", "boxes"),
    ("motion", "way to the next frame [target sizes]", "boxes"),
    ("scale_change", "change of size to the next frame [share]", "boxes"),
)


def require_plot_suffix(path: Path) -> None:
    """Refuse another kind of file.

    Raises:
        ExportError: It is neither PDF nor PNG.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError("plots are written as PDF or PNG.", where=path, todo="Name a .pdf or .png file.")


def save_plots(found: Statistics, path: Path, title: str) -> None:
    """Write a page with a plot of each distribution, and the classes or attributes.

    Raises:
        ExportError: The file cannot be written, or is neither PDF nor PNG.
    """
    require_plot_suffix(path)
    figure = draw(found, title)
    # Without the date, the same data give the same file.
    extra = {"metadata": {"CreationDate": None}} if path.suffix.lower() == ".pdf" else {"dpi": 150}
    write_whole(path, lambda part: figure.savefig(part, **extra))


def draw(found: Statistics, title: str) -> Figure:
    """The page as a figure."""
    figure = Figure(figsize=(11.7, 8.3), layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle(
        f"{title}: {found.sequences} sequences, {found.tracks} targets, {found.frames} frames, {found.boxes} boxes"
    )
    panels = figure.subplots(2, 3).ravel()
    for axes, (name, label, unit) in zip(panels, _PANELS, strict=False):
        _histogram(axes, found.distributions[name], label, unit)
    words = found.tracks_by_attribute or found.tracks_by_class
    _bars(panels[-1], words, "attributes" if found.tracks_by_attribute else "classes")
    return figure


def _histogram(axes: Axes, values: Distribution, label: str, unit: str) -> None:
    inner = values.bins[1:-1].reshape(-1, _PER_BAR).sum(axis=1)
    edges = values.edges[::_PER_BAR]
    axes.set_xscale("log")
    axes.bar(edges[:-1], inner, np.diff(edges), align="edge", color=_COLOUR)
    filled = np.flatnonzero(inner)
    if filled.size:
        axes.set_xlim(edges[max(filled[0] - 1, 0)], edges[min(filled[-1] + 2, len(edges) - 1)])
        axes.axvline(values.quantile(0.5), color="black", linewidth=1)
        below = f", {values.bins[0] / values.count:.0%} below the axis" if values.bins[0] else ""
        axes.set_title(f"median {values.quantile(0.5):.3g}, mean {values.mean:.3g}{below}", fontsize=9)
    else:
        axes.set_title("nothing to show", fontsize=9)
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if _decades(values) < 3 else (1,)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel(label)
    axes.set_ylabel(unit)
    axes.grid(axis="y", color=_FAINT)
    axes.set_axisbelow(True)


def _decades(values: Distribution) -> float:
    """How many powers of ten the values span."""
    if not values.count or values.greatest <= 0:
        return 0.0
    return float(np.log10(values.greatest / max(values.least, 10.0**values.low)))


def _bars(axes: Axes, words: Counter[str], label: str) -> None:
    common = words.most_common(_MOST_BARS)[::-1]
    axes.barh([_shown(word) for word, _ in common], [count for _, count in common], color=_COLOUR)
    axes.tick_params(axis="y", labelsize=8)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("targets")
    more = len(words) - len(common)
    axes.set_title(f"{label}, {more} rarer left out" if more else label, fontsize=9)


def _shown(word: str) -> str:
    """A word as matplotlib draws it: dollar signs are no formula."""
    return (word[:30] or "(none given)").replace("$", r"\$")
