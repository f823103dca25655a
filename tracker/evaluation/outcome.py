"""What trackers have reached on a benchmark, whatever its kind: numbers with confidence, and curves."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracker.evaluation.bootstrap import Interval
from tracker.evaluation.metrics import FINE_SUCCESS_THRESHOLDS, NORMALISED_THRESHOLDS, PRECISION_THRESHOLDS
from tracker.evaluation.protocols import Kind, Protocol

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """A column of the table.

    Attributes:
        key: Short name, for files.
        title: For reports.
        digits: Written after the point.
        is_better_high: Whether more is better.
    """

    key: str
    title: str
    digits: int = 3
    is_better_high: bool = True


@dataclass(frozen=True)
class Plot:
    """A set of axes.

    Attributes:
        key: Which curves of an outcome belong here.
        title: Above it.
        x_label: What the curve is over.
        y_label: What it is.
        measure: Key of the measure that the legend gives and sorts by.
    """

    key: str
    title: str
    x_label: str
    y_label: str
    measure: str


_SUCCESS = Plot("success", "Success", "overlap threshold", "success rate", "success")

_ONE_PASS = (
    Measure("success", "success AUC"),
    Measure("precision", "precision at 20 px"),
    Measure("normalised", "normalised precision at 0.2"),
    Measure("normalised_auc", "normalised precision AUC"),
)
_GOT10K = (Measure("ao", "AO"), Measure("sr_50", "SR at 0.5"), Measure("sr_75", "SR at 0.75"))
_SUPERVISED = (
    Measure("eao", "EAO"),
    Measure("accuracy", "accuracy"),
    Measure("robustness", "robustness (failures)", is_better_high=False),
    Measure("failures", "failures, sum", 1, is_better_high=False),
)

MEASURES: dict[Kind, tuple[Measure, ...]] = {
    Kind.ONE_PASS: _ONE_PASS,
    Kind.GOT10K: _GOT10K,
    Kind.SUPERVISED: _SUPERVISED,
}
"""Columns by kind of protocol; trackers are ranked by the first."""

PLOTS: dict[Kind, tuple[Plot, ...]] = {
    Kind.ONE_PASS: (
        _SUCCESS,
        Plot("precision", "Precision", "centre error, px", "precision", "precision"),
        Plot(
            "normalised",
            "Normalised precision",
            "centre error / target size",
            "normalised precision",
            "normalised",
        ),
    ),
    Kind.GOT10K: (Plot("success", "Success", "overlap threshold", "success rate", "ao"),),
    Kind.SUPERVISED: (
        Plot("eao", "Expected average overlap", "frames after a start", "expected overlap", "eao"),
    ),
}


@dataclass(frozen=True)
class Outcome:
    """One tracker.

    Attributes:
        name: As it is called in the report.
        values: A number for each measure.
        curves: Values by plot.
        by_sequence: For each measure the value of each sequence.
        by_attribute: Value of the first measure for each attribute.
        note: Model id and speed, where they are known.
    """

    name: str
    values: dict[str, Interval]
    curves: dict[str, Array]
    by_sequence: dict[str, dict[str, float]] = field(default_factory=dict)
    by_attribute: dict[str, float] = field(default_factory=dict)
    note: str = ""


def abscissa(plot: Plot, values: Array, protocol: Protocol) -> Array:
    """(t,) where the values of a curve lie along x."""
    if plot.key == "precision":
        return PRECISION_THRESHOLDS[: len(values)]
    if plot.key == "normalised":
        return NORMALISED_THRESHOLDS[: len(values)]
    if plot.key == "eao":
        return np.arange(len(values), dtype=np.float64)
    if protocol.kind is Kind.GOT10K:
        return FINE_SUCCESS_THRESHOLDS
    return np.linspace(0, 1, len(values))
