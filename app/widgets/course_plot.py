"""One number of a track along the clip: risk, agreement of two runs, or a score; linked with the timeline."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import numeric_font
from app.widgets.time_plot import TimePlot

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
    """The curve of the chosen number; a click or drag asks for the frame there, the wheel for another part.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        courseChanged: (str) Another number is wanted; whoever has it calls `show_course`.
        partRequested: (float, float) The user wants to see the clip from here to there, in frames.
    """

    frameRequested = Signal(int)
    courseChanged = Signal(str)
    partRequested = Signal(float, float)

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
        self.plot = TimePlot()
        self.plot.setAccessibleName("Curve along the clip")
        self.plot.frameRequested.connect(self.frameRequested)
        self.plot.partRequested.connect(self.partRequested)
        head, column = QHBoxLayout(), QVBoxLayout(self)
        head.addWidget(self.choice)
        head.addStretch(1)
        head.addWidget(self.value)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.plot)

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
        self.plot.show_curve(
            np.zeros(0) if values is None else values, (0, 1) if self.course in UNIT else None
        )
        self._say_value()

    def show_part(self, start: float, stop: float) -> None:
        """Show the clip from here to there, in frames, as the timeline does."""
        self.plot.show_part(start, stop)

    @Slot(object)
    def set_range(self, frames: range | None) -> None:
        """Show that frames are selected; None for none."""
        self.plot.set_range(frames)

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self._frame = frame
        self.plot.set_frame(frame)
        self._say_value()

    def _say_value(self) -> None:
        values = self._values
        is_known = values is not None and self._frame < len(values) and np.isfinite(values[self._frame])
        self.value.setText(f"{values[self._frame]:.2f}" if is_known and values is not None else "–")
