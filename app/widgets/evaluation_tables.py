"""Numbers of an evaluation: trackers by measures, and sequences of one tracker."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from app.widgets.evaluation_plot import hue
from tracker.evaluation.comparing import Comparison
from tracker.evaluation.outcome import MEASURES, Outcome

SWATCH_PX = 10
TRACKERS_HEIGHT, SEQUENCES_HEIGHT = 120, 160


class _Number(QTableWidgetItem):
    """A cell that sorts by its value; what is unknown comes last."""

    def __init__(self, value: float, text: str) -> None:
        super().__init__(text if math.isfinite(value) else "–")
        self._value = value if math.isfinite(value) else -math.inf
        self.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def __lt__(self, other: QTableWidgetItem) -> bool:
        return isinstance(other, _Number) and self._value < other._value


class _Table(QTableWidget):
    """Rows to choose one of, not to be edited."""

    nameChosen = Signal(str)

    def __init__(self, title: str, height: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(title)
        self.setFixedHeight(height)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().hide()
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.itemSelectionChanged.connect(self._on_selected)

    @property
    def name(self) -> str:
        """The chosen row's name; empty for none."""
        rows = self.selectionModel().selectedRows()
        item = self.item(rows[0].row(), 0) if rows else None
        return "" if item is None else item.text()

    def choose(self, name: str) -> None:
        """Choose a row by its name."""
        for item in self.findItems(name, Qt.MatchFlag.MatchExactly):
            if item.column() == 0:
                self.selectRow(item.row())

    @Slot()
    def _on_selected(self) -> None:
        if self.name:
            self.nameChosen.emit(self.name)


class TrackerTable(_Table):
    """Trackers, the best first, with 95 % intervals by bootstrap over sequences.

    Signals:
        nameChosen: (str) The user looks at this tracker.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Trackers by measures", TRACKERS_HEIGHT, parent)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Show other numbers, or none."""
        self.clear()
        self.setRowCount(0)
        if comparison is None:
            return
        measures = MEASURES[comparison.protocol.kind]
        self.setColumnCount(1 + len(measures))
        self.setHorizontalHeaderLabels(["tracker", *(measure.title for measure in measures)])
        self.setRowCount(len(comparison.outcomes))
        for row, outcome in enumerate(comparison.outcomes):
            name = QTableWidgetItem(_swatch(hue(row)), outcome.name)
            name.setToolTip(outcome.note)
            self.setItem(row, 0, name)
            for column, measure in enumerate(measures, 1):
                found = outcome.values[measure.key]
                cell = _Number(found.value, f"{found.value:.{measure.digits}f}")
                cell.setToolTip(f"95 % of resampled sequence sets: {found.low:.3f} to {found.high:.3f}")
                self.setItem(row, column, cell)
        self.selectRow(0)


class SequenceTable(_Table):
    """Sequences with a tracker's value, and how far it is from another tracker's; sorted by a click on the head.

    Signals:
        nameChosen: (str) The user looks at this sequence.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Sequences", SEQUENCES_HEIGHT, parent)
        self.setSortingEnabled(True)

    def show_outcome(self, outcome: Outcome | None, other: Outcome | None, measure: str, title: str) -> None:
        """Show a tracker's values.

        Args:
            outcome: The tracker; None for nothing.
            other: Whom it is compared with; None for nobody.
            measure: Key of the measure.
            title: Its name.
        """
        self.setSortingEnabled(False)
        self.clear()
        self.setRowCount(0)
        if outcome is None:
            return
        values = outcome.by_sequence[measure]
        against = {} if other is None else other.by_sequence[measure]
        heads = ["sequence", title] + ([] if other is None else [f"more than {other.name}"])
        self.setColumnCount(len(heads))
        self.setHorizontalHeaderLabels(heads)
        self.setRowCount(len(values))
        for row, (name, value) in enumerate(values.items()):
            self.setItem(row, 0, QTableWidgetItem(name))
            self.setItem(row, 1, _Number(value, f"{value:.3f}"))
            if other is not None:
                more = value - against.get(name, math.nan)
                self.setItem(row, 2, _Number(more, f"{more:+.3f}"))
        self.setSortingEnabled(True)
        self.sortByColumn(1, Qt.SortOrder.AscendingOrder)


def _swatch(colour: str) -> QIcon:
    pixels = QPixmap(SWATCH_PX, SWATCH_PX)
    pixels.fill(QColor(colour))
    return QIcon(pixels)
