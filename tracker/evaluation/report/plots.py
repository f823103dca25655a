"""Figures of a comparison, on white, for screen and paper."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from tracker.evaluation.comparing import Comparison
from tracker.evaluation.outcome import MEASURES, PLOTS, Outcome, Plot, abscissa
from tracker.evaluation.protocols import Kind
from tracker.evaluation.published import Measured, PublishedCurves

Array = NDArray[np.float64]

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7a5195", "#4d4d4d")
"""Of Okabe and Ito, told apart by the colour-blind too, and two more."""
MOST_NAMED = 12
"""Published trackers that a legend names, the best first; the others are thin lines without a name."""
LEAST_ATTRIBUTES = 3
"""A radar with fewer spokes shows nothing."""

_MEASURED = {"success": Measured.SUCCESS, "precision": Measured.PRECISION, "normalised": Measured.NORMALISED}
_STYLES = ("-", "--", "-.", ":")


def figures(comparison: Comparison) -> dict[str, Figure]:
    """All figures by title, in the order of a report."""
    found = {}
    for plot in PLOTS[comparison.protocol.kind]:
        published = [each for each in comparison.published if each.measured is _MEASURED.get(plot.key)]
        if comparison.outcomes or published:
            found[plot.title] = curve_figure(comparison, plot, published)
    names = sorted(set().union(*(outcome.by_attribute for outcome in comparison.outcomes)))
    if len(names) >= LEAST_ATTRIBUTES:
        measure = attribute_measure(comparison)
        found[f"Attributes, {measure}"] = radar_figure(comparison.outcomes, names, measure)
    if comparison.protocol.kind is Kind.SUPERVISED and comparison.outcomes:
        found["Accuracy and robustness"] = accuracy_robustness_figure(comparison)
    return found


def attribute_measure(comparison: Comparison) -> str:
    """What values by attribute are."""
    kind = comparison.protocol.kind
    return "accuracy" if kind is Kind.SUPERVISED else MEASURES[kind][0].title


def curve_figure(comparison: Comparison, plot: Plot, published: list[PublishedCurves]) -> Figure:
    """One line for each tracker, the legend with the value that it is ranked by.

    Args:
        comparison: What to draw.
        plot: Which curves.
        published: Files with curves of the same measure.
    """
    figure, axes = _figure((7.4, 4.6))
    for number, outcome in enumerate(comparison.outcomes):
        values = outcome.curves[plot.key]
        axes.plot(
            abscissa(plot, values, comparison.protocol),
            values,
            label=f"{outcome.values[plot.measure].value:.3f}  {outcome.name}",
            zorder=3,
            **_look(number),
        )
    for each in published:
        _draw_published(axes, each)
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    axes.set_ylim(0, 1)
    axes.margins(x=0)
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_title(f"{plot.title}: {comparison.protocol.title}", fontsize=10)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure


def _draw_published(axes: Axes, published: PublishedCurves) -> None:
    ranked = sorted(published.trackers, key=published.value, reverse=True)
    shades = np.linspace(0.35, 0.8, MOST_NAMED)
    for rank, name in enumerate(ranked):
        curve = published.curve(name)
        upper = 1.0 if published.measured is Measured.SUCCESS else 50.0
        across = np.linspace(0, 0.5 if published.measured is Measured.NORMALISED else upper, len(curve))
        is_named = rank < MOST_NAMED
        label = f"{published.value(name):.3f}  {name} (published)" if is_named else None
        shade = str(shades[rank]) if is_named else "0.88"
        style = _STYLES[rank % len(_STYLES)] if is_named else "-"
        axes.plot(across, curve, color=shade, linewidth=0.9, linestyle=style, label=label, zorder=2)


def radar_figure(outcomes: tuple[Outcome, ...], names: list[str], measure: str) -> Figure:
    """A spoke for each attribute, a ring for each tracker.

    Args:
        outcomes: Trackers that know their values by attribute.
        names: Attributes, at least three.
        measure: What the values are.
    """
    figure = Figure(figsize=(7.4, 5.2), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot(projection="polar")
    angles = np.linspace(0, 2 * np.pi, len(names), endpoint=False)
    for number, outcome in enumerate(outcomes):
        values = [outcome.by_attribute.get(name, np.nan) for name in names]
        closed = [*values, values[0]]
        axes.plot([*angles, angles[0]], closed, label=outcome.name, **_look(number))
    axes.set_xticks(angles, labels=[name.replace(" ", "\n", 1) for name in names], fontsize=7)
    axes.set_ylim(0, None)
    axes.tick_params(axis="x", pad=14)
    axes.tick_params(axis="y", labelsize=6)
    axes.set_title(f"{measure} by attribute", fontsize=10, pad=26)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.2, 0.5), frameon=False)
    return figure


def accuracy_robustness_figure(comparison: Comparison) -> Figure:
    """VOT's AR plot: right is robust, up is accurate."""
    figure, axes = _figure((5.6, 4.2))
    sensitivity = comparison.protocol.supervised.sensitivity
    length = np.mean([len(sequence) for sequence in comparison.sequences])
    for number, outcome in enumerate(comparison.outcomes):
        robust = np.exp(-sensitivity * outcome.values["robustness"].value / length)
        colour = COLOURS[number % len(COLOURS)]
        axes.scatter([robust], [outcome.values["accuracy"].value], color=colour, label=outcome.name, zorder=3)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.set_xlabel(f"robustness: no failure within {sensitivity:g} frames")
    axes.set_ylabel("accuracy")
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)
    return figure


def _figure(size: tuple[float, float]) -> tuple[Figure, Axes]:
    figure = Figure(figsize=size, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    axes.tick_params(labelsize=8)
    return figure, axes


def _look(number: int) -> dict[str, Any]:
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": _STYLES[number // len(COLOURS) % len(_STYLES)],
        "linewidth": 2.0,
    }
