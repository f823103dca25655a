"""A curve over frames that shows the same part of the clip as the timeline, and scrubs like it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from app.theme import colours, with_alpha

HEIGHT = 84
NOTCH = 120  # Qt's unit of a notch of the wheel
ZOOM_STEP = 1.25  # per notch
PAN_STEP = 0.1  # of what is shown, per notch

Values = NDArray[np.float64]


class TimePlot(pg.PlotWidget):  # type: ignore[misc]  # ships no type information
    """A curve, the playhead and the selected range. Frame i is at x = i, and reaches half a frame to either side.

    What part is shown is not decided here: the wheel asks for another one.

    Signals:
        frameRequested: (int) The user points at this frame, with the left button down, and is not there.
        partRequested: (float, float) The user wants to see the clip from here to there, in frames.
    """

    frameRequested = Signal(int)
    partRequested = Signal(float, float)

    _is_made = False  # Qt reports the first palette before that

    def __init__(self, parent: QWidget | None = None) -> None:
        self._box = _TimeBox()
        super().__init__(parent, viewBox=self._box)
        self._box.placeRequested.connect(self._on_place)
        self._box.partRequested.connect(self.partRequested)
        self._part: tuple[float, float] | None = None
        self._length, self._frame = 0, -1
        self.setFixedHeight(HEIGHT)
        self.setMenuEnabled(False)
        self.hideButtons()
        self._curve = self.plot(connect="finite")
        self._curve.setDownsampling(auto=True, method="peak")
        self._curve.setClipToView(True)
        self._range = pg.LinearRegionItem(movable=False)
        self._range.hide()
        self._line = pg.InfiniteLine(angle=90)
        for item in (self._range, self._line):
            self.addItem(item, ignoreBounds=True)
        self._is_made = True
        self._dress()

    def show_curve(self, values: Values, limits: tuple[float, float] | None) -> None:
        """Draw another curve.

        Args:
            values: (n,) by frame, NaN where nothing is known.
            limits: What the height shows; None for all values.
        """
        self._curve.setData(values)
        self.set_length(len(values))
        known = values[np.isfinite(values)]
        if limits is None:
            limits = (float(known.min()), float(known.max())) if known.size else (0, 1)
        if limits[0] == limits[1]:
            limits = (limits[0] - 0.5, limits[1] + 0.5)
        self.setYRange(*limits, padding=0.05)
        if self._part is None and len(values):
            self.setXRange(-0.5, len(values) - 0.5, padding=0)

    def set_length(self, length: int) -> None:
        """Set how many frames can be pointed at."""
        self._length = length

    def frame_at(self, x: float) -> int | None:
        """The frame at a place, None where there are none."""
        return min(max(round(x), 0), self._length - 1) if self._length else None

    @Slot(float)
    def _on_place(self, x: float) -> None:
        frame = self.frame_at(x)
        if frame is not None and frame != self._frame:
            self.frameRequested.emit(frame)

    def show_part(self, start: float, stop: float) -> None:
        """Show the clip from here to there, in frames."""
        self._part = (start, stop)
        self.setXRange(start - 0.5, stop - 0.5, padding=0)

    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self._frame = frame
        if self.isVisible():
            self._line.setPos(frame)

    def set_range(self, frames: range | None) -> None:
        """Show that frames are selected; None for none."""
        self._range.setVisible(frames is not None)
        if frames is not None:
            self._range.setRegion((frames.start - 0.5, frames.stop - 0.5))

    def showEvent(self, event: QShowEvent) -> None:
        """Put the playhead where it has come to meanwhile."""
        super().showEvent(event)
        self._line.setPos(self._frame)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if self._is_made and event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        c = colours()
        self.setBackground(c.field)
        self._curve.setPen(pg.mkPen(c.warning, width=1.4))
        self._line.setPen(pg.mkPen(c.playhead))
        self._range.setBrush(with_alpha(c.accent, 0.15))
        for edge in self._range.lines:
            edge.setPen(pg.mkPen(c.accent))
        for name in ("left", "bottom"):
            axis = self.getAxis(name)
            axis.setPen(pg.mkPen(c.border))
            axis.setTextPen(pg.mkPen(c.muted))


class _TimeBox(pg.ViewBox):  # type: ignore[misc]  # ships no type information
    """Scrubs with the left button; the wheel asks for a closer or wider part, with Shift for the next one."""

    placeRequested = Signal(float)
    partRequested = Signal(float, float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseEnabled(x=False, y=False)

    def mouseClickEvent(self, event: Any) -> None:
        """Ask for the place."""
        self._ask(event)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Ask for each place."""
        self._ask(event)

    def _ask(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.placeRequested.emit(float(self.mapSceneToView(event.scenePos()).x()))

    def wheelEvent(self, event: Any, axis: int | None = None) -> None:
        """Ask for another part."""
        event.accept()
        (left, right), notches = self.viewRange()[0], event.delta() / NOTCH
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            shift = -notches * PAN_STEP * (right - left)
            left, right = left + shift, right + shift
        else:
            x, factor = float(self.mapSceneToView(event.scenePos()).x()), ZOOM_STEP**-notches
            left, right = x - (x - left) * factor, x + (right - x) * factor
        self.partRequested.emit(left + 0.5, right + 0.5)
