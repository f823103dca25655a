"""Curves of several regions along the clip, linked with the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray

from app.theme import colours
from app.widgets.time_plot import TimePlot

HEIGHT = 130


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve.

    Attributes:
        values: (n,) by frame, NaN where nothing is known.
        colour: "#rrggbb".
        is_bold: Whether it stands out: of the selected region.
    """

    values: NDArray[np.float64]
    colour: str
    is_bold: bool = False


class RegionPlot(TimePlot):
    """A `TimePlot` of any number of curves, and a line for the threshold."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Measured values along the clip")
        self._curves: list[pg.PlotDataItem] = []
        self.curves: tuple[Curve, ...] = ()
        self._threshold = pg.InfiniteLine(angle=0)
        self._threshold.hide()
        self.addItem(self._threshold, ignoreBounds=True)
        self.getAxis("left").setWidth(46)  # or the frames would shift with the digits

    def show_curves(self, curves: Sequence[Curve], length: int, threshold: float | None = None) -> None:
        """Draw other curves.

        Args:
            curves: One for each region that is drawn.
            length: Frames of the clip.
            threshold: In the unit of the curves; None for none.
        """
        self.curves = tuple(curves)
        while len(self._curves) < len(curves):
            item = self.plot(connect="finite")
            item.setDownsampling(auto=True, method="peak")
            item.setClipToView(True)
            self._curves.append(item)
        for item, curve in zip(self._curves, curves, strict=False):
            item.setPen(pg.mkPen(curve.colour, width=2.4 if curve.is_bold else 1.4))
            item.setData(curve.values)
        for item in self._curves[len(curves) :]:
            item.setData(np.zeros(0))
        self.set_length(length)
        self._set_height(threshold)
        if self._part is None and length:
            self.setXRange(-0.5, length - 0.5, padding=0)

    def _set_height(self, threshold: float | None) -> None:
        self._threshold.setVisible(threshold is not None)
        limits = [value for curve in self.curves for value in _limits(curve.values)]
        low, high = (min(limits), max(limits)) if limits else (0.0, 1.0)
        if threshold is not None:
            self._threshold.setPos(threshold)
            self._threshold.setPen(pg.mkPen(colours().error, width=1.0))
            if (
                low - (high - low) <= threshold <= high + (high - low)
            ):  # far away, it would flatten the curves
                low, high = min(low, threshold), max(high, threshold)
        margin = 0.5 if low == high else 0.0
        self.setYRange(low - margin, high + margin, padding=0.06)


def _limits(values: NDArray[np.float64]) -> tuple[float, ...]:
    known = values[np.isfinite(values)]
    return (float(known.min()), float(known.max())) if known.size else ()
