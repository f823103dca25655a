"""The tables of a report, as rows of text."""

from __future__ import annotations

from tracker.evaluation.comparing import Comparison
from tracker.evaluation.outcome import MEASURES
from tracker.evaluation.published import Measured
from tracker.evaluation.report.plots import attribute_measure

Table = list[list[str]]
"""Rows, the first one the head."""

_MEASURED = {"success": Measured.SUCCESS, "precision": Measured.PRECISION}


def overall(comparison: Comparison) -> Table:
    """A tracker on each row, a measure in each column, with 95 % confidence intervals."""
    measures = MEASURES[comparison.protocol.kind]
    rows = [["tracker", *(measure.title for measure in measures), "model"]]
    for outcome in comparison.outcomes:
        values = [outcome.values[measure.key].text(measure.digits) for measure in measures]
        rows.append([outcome.name, *values, outcome.note])
    return rows


def published(comparison: Comparison) -> Table:
    """What the benchmark's own result files say, the best first; empty where there are none."""
    if not comparison.published:
        return []
    files = {each.measured: each for each in comparison.published}
    order = [measured for measured in Measured if measured in files]
    first = files[order[0]]
    titles = {
        Measured.SUCCESS: "success AUC",
        Measured.PRECISION: "precision at 20 px",
        Measured.NORMALISED: "normalised precision AUC",
    }
    rows = [["published", *(titles[measured] for measured in order)]]
    for name in sorted(first.trackers, key=first.value, reverse=True):
        known = [files[m].value(name) if name in files[m].trackers else None for m in order]
        rows.append([name, *("" if value is None else f"{value:.3f}" for value in known)])
    return rows


def by_attribute(comparison: Comparison) -> Table:
    """An attribute on each row, a tracker in each column; empty where there are none."""
    names = sorted(set().union(*(outcome.by_attribute for outcome in comparison.outcomes)))
    if not names:
        return []
    rows = [[attribute_measure(comparison), "sequences", *(outcome.name for outcome in comparison.outcomes)]]
    for name in names:
        count = sum(name in sequence.attributes for sequence in comparison.sequences)
        values = [outcome.by_attribute.get(name) for outcome in comparison.outcomes]
        rows.append([name, str(count), *("" if value is None else f"{value:.3f}" for value in values)])
    return rows


def by_sequence(comparison: Comparison) -> Table:
    """A sequence on each row, a tracker in each column; the measure that is kept for each sequence."""
    if not comparison.outcomes:
        return []
    kept = comparison.outcomes[0].by_sequence
    measure = next(each for each in MEASURES[comparison.protocol.kind] if each.key in kept)
    rows = [[measure.title, "frames", *(outcome.name for outcome in comparison.outcomes)]]
    for sequence in comparison.sequences:
        values = [outcome.by_sequence[measure.key][sequence.name] for outcome in comparison.outcomes]
        rows.append([sequence.name, str(len(sequence)), *(f"{value:.3f}" for value in values)])
    return rows


def all_tables(comparison: Comparison) -> dict[str, Table]:
    """Those with rows, by title."""
    found = {
        "Overall, with 95 % confidence intervals by bootstrap over sequences": overall(comparison)
        if comparison.outcomes
        else [],
        "Published by the benchmark": published(comparison),
        "By attribute": by_attribute(comparison),
        "By sequence": by_sequence(comparison),
    }
    return {title: table for title, table in found.items() if len(table) > 1}
