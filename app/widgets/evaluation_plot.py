"""The curves of trackers on a benchmark; a click on one asks for the frames behind that point."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtWidgets import QWidget

from app.theme import colours
from tracker.evaluation.comparing import Comparison
from tracker.evaluation.outcome import Plot, abscissa

HEIGHT = 220
HUES = ("#e69f00", "#56b4e9", "#009e73", "#d55e00", "#cc79a7", "#0072b2", "#f0e442")
"""Okabe and Ito's palette, told apart by all; from the eighth tracker on again, dashed."""

Array = NDArray[np.float64]


class EvaluationPlot(pg.PlotWidget):  # type: ignore[misc]  # ships no type information
    """One kind of curve of all trackers.

    Signals:
        pointChosen: (str, float) The curve of this tracker was clicked at this x.
    """

    pointChosen = Signal(str, float)

    _is_made = False  # Qt reports the first palette before that

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(HEIGHT)
        self.setMenuEnabled(False)
        self.setMouseEnabled(x=False, y=False)
        self.hideButtons()
        self.setAccessibleName("Curves of the trackers")
        self._curves: dict[str, tuple[Array, Array]] = {}
        self._lines: dict[str, Any] = {}
        self._chosen = ""
        self._point = pg.ScatterPlotItem(size=9)
        self.scene().sigMouseClicked.connect(self._on_clicked)
        self._is_made = True
        self._dress()

    def show_comparison(self, comparison: Comparison | None, plot: Plot | None) -> None:
        """Draw other curves, or none."""
        self.clear()
        self._curves, self._lines = {}, {}
        self._point.clear()
        self.addItem(self._point)
        if comparison is None or plot is None:
            return
        for outcome in comparison.outcomes:
            values = np.asarray(outcome.curves[plot.key], np.float64)
            at = abscissa(plot, values, comparison.protocol)
            self._curves[outcome.name] = at, values
            self._lines[outcome.name] = self.plot(at, values)
        self.setLabel("bottom", plot.x_label)
        self.setLabel("left", plot.y_label)
        self.setYRange(0, 1, padding=0.02)
        self._dress()

    def choose(self, name: str) -> None:
        """Draw a tracker's curve thicker than the others."""
        self._chosen = name
        self._dress()

    def point_at(self, x: float, y: float) -> tuple[str, float] | None:
        """The tracker whose curve is nearest at a place of the plot, and the x of its nearest point."""
        nearest: list[tuple[float, str, float]] = []
        for name, (at, values) in self._curves.items():
            known = np.flatnonzero(np.isfinite(values))
            if known.size:
                index = known[np.argmin(np.abs(at[known] - x))]
                nearest.append((abs(float(values[index]) - y), name, float(at[index])))
        return None if not nearest else min(nearest)[1:]

    def _on_clicked(self, event: Any) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place: QPointF = self.getViewBox().mapSceneToView(event.scenePos())
        found = self.point_at(place.x(), place.y())
        if found is not None:
            name, x = found
            at, values = self._curves[name]
            self._point.setData([x], [float(values[int(np.argmin(np.abs(at - x)))])])
            self.pointChosen.emit(name, x)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if self._is_made and event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        c = colours()
        self.setBackground(c.field)
        self._point.setBrush(pg.mkBrush(c.text))
        for number, (name, line) in enumerate(self._lines.items()):
            style = Qt.PenStyle.SolidLine if number < len(HUES) else Qt.PenStyle.DashLine
            line.setPen(pg.mkPen(hue(number), width=2.6 if name == self._chosen else 1.4, style=style))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(c.border))
            axis.setTextPen(pg.mkPen(c.muted))


def hue(number: int) -> str:
    """The colour of the n-th tracker."""
    return HUES[number % len(HUES)]
