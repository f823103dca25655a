"""One live curve over the steps of a training run."""

from __future__ import annotations

import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.theme import colours

HEIGHT = 110


class CurvePlot(QWidget):
    """A caption with the latest value, and the curve under it.

    Args:
        title: What the curve shows.
        colour: Name of its colour among the theme's.
        tip: What it means.
    """

    def __init__(self, title: str, colour: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title, self._colour = title, colour
        self._points: list[tuple[int, float]] = []
        self._caption = QLabel(title)
        self._caption.setProperty("muted", True)
        self._plot = pg.PlotWidget()
        self._plot.setFixedHeight(HEIGHT)
        self._plot.setMouseEnabled(x=False, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._curve = self._plot.plot()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._caption)
        column.addWidget(self._plot)
        self.setToolTip(tip)
        self.setAccessibleName(title)
        self._dress()

    @property
    def points(self) -> list[tuple[int, float]]:
        """(step, value) of all points."""
        return list(self._points)

    def add(self, step: int, value: float) -> None:
        """Add a point."""
        self._points.append((step, value))
        self._draw()

    def clear(self) -> None:
        """Take all points away: another run begins."""
        self._points.clear()
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _draw(self) -> None:
        steps, values = [p[0] for p in self._points], [p[1] for p in self._points]
        self._curve.setData(steps, values)
        self._caption.setText(f"{self._title}  {values[-1]:.3f}" if values else self._title)

    def _dress(self) -> None:
        c = colours()
        self._plot.setBackground(c.field)
        pen = pg.mkPen(getattr(c, self._colour), width=1.6)
        self._curve.setPen(pen)
        self._curve.setSymbol("o")
        self._curve.setSymbolSize(4)
        self._curve.setSymbolPen(pen)
        self._curve.setSymbolBrush(pg.mkBrush(getattr(c, self._colour)))
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(pg.mkPen(c.border))
            axis.setTextPen(pg.mkPen(c.muted))
