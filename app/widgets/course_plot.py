"""One number of a track along the clip: risk, agreement of two runs, or a score, with the playhead."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import colours, numeric_font

HEIGHT = 84
COURSES: dict[str, tuple[str, str]] = {
    "risk": (
        "Probably wrong",
        "Probability that the box of a frame is wrong, from all that its run has seen",
    ),
    "agreement": ("Both ways agree", "IoU of the forward and the backward run between two anchors (G)"),
    "peak": ("Peak", "Highest value of the fused map"),
    "psr": ("Peak to sidelobe", "How far the peak stands out of the map, in standard deviations"),
    "apce": ("Peak to energy", "Average peak-to-correlation energy"),
    "second_peak_ratio": ("Second peak", "The highest other peak, as a share of the highest"),
    "disagreement": ("Disagreement", "Distance of the semantic from the structural peak, in target sizes"),
    "divergence": ("Divergence", "How differently the semantic and the structural map are spread"),
    "quality": ("Box quality", "IoU that the box head expects"),
    "likeness": ("Likeness", "How like the first frame the target looks, to the network"),
    "contrast": ("Contrast", "Of the box against its surroundings, in standard deviations of these"),
}
"""Name of a course: its title and what it means; the scores are those of `tracker.annotation.evidence.Scores`."""

UNIT = ("risk", "agreement", "second_peak_ratio", "quality")  # shown from 0 to 1

Values = NDArray[np.float64]


class CoursePlot(QWidget):
    """The curve of the chosen number; a click asks for the frame there.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        courseChanged: (str) Another number is wanted; whoever has it calls `show_course`.
    """

    frameRequested = Signal(int)
    courseChanged = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: Values | None = None
        self._frame = 0
        self.choice = QComboBox()
        self.choice.setAccessibleName("What is drawn along the clip")
        for name, (title, tip) in COURSES.items():
            self.choice.addItem(title, name)
            self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.currentIndexChanged.connect(lambda _: self.courseChanged.emit(self.course))
        self.value = QLabel()
        self.value.setFont(numeric_font(self.value.font()))
        self._plot = pg.PlotWidget()
        self._plot.setFixedHeight(HEIGHT)
        self._plot.setMouseEnabled(x=True, y=False)
        self._plot.setMenuEnabled(False)
        self._plot.hideButtons()
        self._plot.setAccessibleName("Curve along the clip")
        self._curve = self._plot.plot(connect="finite")
        self._curve.setDownsampling(auto=True, method="peak")
        self._curve.setClipToView(True)
        self._line = pg.InfiniteLine(angle=90)
        self._plot.addItem(self._line)
        self._plot.scene().sigMouseClicked.connect(self._on_clicked)
        head, column = QHBoxLayout(), QVBoxLayout(self)
        head.addWidget(self.choice)
        head.addStretch(1)
        head.addWidget(self.value)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._plot)
        self._dress()

    @property
    def course(self) -> str:
        """Name of the number that is wanted."""
        return str(self.choice.currentData())

    def show_course(self, values: Values | None) -> None:
        """Draw another curve.

        Args:
            values: (n,) by frame, NaN where nothing is known; None for nothing.
        """
        self._values = values
        self._curve.setData(np.zeros(0) if values is None else values)
        if values is not None and len(values):
            self._plot.setXRange(0, len(values) - 1, padding=0.01)
        if self.course in UNIT:
            self._plot.setYRange(0, 1, padding=0.05)
        else:
            self._plot.enableAutoRange(axis="y")
        self._say_value()

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self._frame = frame
        self._line.setPos(frame)
        self._say_value()

    def frame_at(self, x: float) -> int | None:
        """The frame at a place of the curve, None without a curve."""
        if self._values is None or not len(self._values):
            return None
        return int(np.clip(round(x), 0, len(self._values) - 1))

    def _say_value(self) -> None:
        values = self._values
        is_known = values is not None and self._frame < len(values) and np.isfinite(values[self._frame])
        self.value.setText(f"{values[self._frame]:.2f}" if is_known and values is not None else "–")

    def _on_clicked(self, event: object) -> None:
        place = self._plot.plotItem.vb.mapSceneToView(event.scenePos())  # type: ignore[attr-defined]
        frame = self.frame_at(place.x())
        if frame is not None:
            self.frameRequested.emit(frame)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        c = colours()
        self._plot.setBackground(c.field)
        self._curve.setPen(pg.mkPen(c.warning, width=1.4))
        self._line.setPen(pg.mkPen(c.playhead))
        for name in ("left", "bottom"):
            axis = self._plot.getAxis(name)
            axis.setPen(pg.mkPen(c.border))
            axis.setTextPen(pg.mkPen(c.muted))
