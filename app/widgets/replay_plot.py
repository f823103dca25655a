"""Where two variants part along the clip, and the curve of one number of both, with the playhead."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import colours, numeric_font, with_alpha
from app.widgets.course_plot import COURSES, UNIT
from app.widgets.time_plot import TimePlot
from app.widgets.variant_item import variant_colour
from tracker.annotation.evidence import SCORE_NAMES
from tracker.tracking.replay_record import Comparison, Side

LANE_HEIGHT, CURVES_HEIGHT = 52, 92
AXIS_WIDTH = 34  # the same left of both, so that a frame is at the same place in both
DOTTED = 400  # so few values are drawn with dots: single ones would not be seen

COURSES_OF_BOTH: dict[str, tuple[str, str]] = {
    "score": ("Score", "Confidence of the tracker, 0 to 1: comparable between models"),
    "truth": (
        "Fits trusted boxes",
        "IoU with the boxes that were drawn or accepted, at the frames that have one",
    ),
    **{name: COURSES[name] for name in SCORE_NAMES},
}
"""Name of a course: its title and what it means."""

Values = NDArray[np.float64]


class ReplayPlot(QWidget):
    """The lane of differences above, the curves of both below, over the part of the clip that the timeline shows.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        partRequested: (float, float) The user wants to see the clip from here to there, in frames.
    """

    frameRequested = Signal(int)
    partRequested = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparison: Comparison | None = None
        self._frame = 0
        self._caption, self.value, self.values = QLabel("IoU of A and B"), QLabel(), QLabel()
        self._caption.setToolTip(
            "How far the boxes of A and B are the same; red where they have hardly anything in common"
        )
        self.choice = QComboBox()
        self.choice.setAccessibleName("What is drawn of A and B along the clip")
        for name, (title, tip) in COURSES_OF_BOTH.items():
            self.choice.addItem(title, name)
            self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.choice.currentIndexChanged.connect(self._draw_curves)
        self.lane, self.curves = self._plot(LANE_HEIGHT), self._plot(CURVES_HEIGHT)
        self.lane.setAccessibleName("Where A and B part along the clip")
        self.curves.setAccessibleName("Curves of A and B along the clip")
        self.lane.setYRange(0, 1, padding=0.06)
        self.lane.getAxis("left").setTicks([[(0, "0"), (0.5, ""), (1, "1")]])
        self._apart = _line(self.lane, fillLevel=1.0)
        self._overlap = _line(self.lane)
        self._sides = {side: _line(self.curves) for side in Side}
        self._lay_out()
        self._dress()

    def _plot(self, height: int) -> TimePlot:
        plot = TimePlot()
        plot.setFixedHeight(height)
        plot.getAxis("left").setWidth(AXIS_WIDTH)
        plot.frameRequested.connect(self.frameRequested)
        plot.partRequested.connect(self.partRequested)
        return plot

    def _lay_out(self) -> None:
        column, head, second = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for label in (self.value, self.values):
            label.setFont(numeric_font(label.font()))
        self.values.setTextFormat(Qt.TextFormat.RichText)
        head.addWidget(self._caption)
        head.addStretch(1)
        head.addWidget(self.value)
        second.addWidget(self.choice)
        second.addStretch(1)
        second.addWidget(self.values)
        self._between = QVBoxLayout()
        self._between.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.lane)
        column.addLayout(self._between)
        column.addLayout(second)
        column.addWidget(self.curves)

    def put_between(self, *widgets: QWidget) -> None:
        """Put what belongs to the frame under the lane, above the curves."""
        for widget in widgets:
            self._between.addWidget(widget)

    @property
    def course(self) -> str:
        """Name of the number that is drawn of both."""
        return str(self.choice.currentData())

    def show_part(self, start: float, stop: float) -> None:
        """Show the clip from here to there, in frames, as the timeline does."""
        for plot in (self.lane, self.curves):
            plot.show_part(start, stop)

    @Slot(object)
    def set_range(self, frames: range | None) -> None:
        """Show that frames are selected; None for none."""
        for plot in (self.lane, self.curves):
            plot.set_range(frames)

    def show_comparison(self, comparison: Comparison | None) -> None:
        """Draw what has been found, or nothing."""
        self._comparison = comparison
        for plot in (self.lane, self.curves):
            plot.set_length(0 if comparison is None else len(comparison.overlap))
        if comparison is None:
            nothing = np.zeros(0)
            self._overlap.setData(nothing)
            self._apart.setData(nothing)
        else:
            apart = np.ones(len(comparison.overlap))
            for start, stop in comparison.parted:
                apart[start:stop] = np.nan_to_num(comparison.overlap[start:stop], nan=1.0)
            self._overlap.setData(comparison.overlap)
            self._apart.setData(apart)
        self._draw_curves()

    @Slot()
    def _draw_curves(self) -> None:
        for side, line in self._sides.items():
            values = self.values_of(side)
            is_sparse = np.isfinite(values).sum() <= DOTTED and self.course == "truth"
            line.setSymbol("o" if is_sparse else None)
            line.setData(values)
        if self.course in (*UNIT, "truth", "score"):
            self.curves.setYRange(0, 1, padding=0.05)
        else:
            self.curves.enableAutoRange(axis="y")
        self._say_values()

    def values_of(self, side: Side) -> Values:
        """(n,) what is drawn of a side; nothing without a comparison."""
        if self._comparison is None:
            return np.zeros(0)
        if self.course == "truth":
            return self._comparison.truth[side]
        record = self._comparison.record.sides[side]
        if self.course == "score":
            return record.frames.score.astype(np.float64)
        return record.scores[:, SCORE_NAMES.index(self.course)]

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self._frame = frame
        for plot in (self.lane, self.curves):
            plot.set_frame(frame)
        self._say_values()

    def _say_values(self) -> None:
        overlap = np.zeros(0) if self._comparison is None else self._comparison.overlap
        self.value.setText(_text(overlap, self._frame))
        self.values.setText(
            "&nbsp;&nbsp;".join(
                f'<span style="color:{variant_colour(side).name()}">{side.name} '
                f"{_text(self.values_of(side), self._frame)}</span>"
                for side in Side
            )
        )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        c = colours()
        self._overlap.setPen(pg.mkPen(c.muted, width=1.2))
        self._apart.setPen(None)
        self._apart.setBrush(pg.mkBrush(with_alpha(c.error, 0.55)))
        for side, line in self._sides.items():
            style = Qt.PenStyle.SolidLine if side is Side.A else Qt.PenStyle.DashLine
            line.setPen(pg.mkPen(variant_colour(side), width=1.4, style=style))
            line.setSymbolSize(5)
            line.setSymbolBrush(pg.mkBrush(variant_colour(side)))
            line.setSymbolPen(None)
        self._say_values()


def _line(plot: TimePlot, **options: float) -> pg.PlotDataItem:
    line = plot.plot(connect="finite", **options)
    line.setDownsampling(auto=True, method="peak")
    line.setClipToView(True)
    return line


def _text(values: Values, frame: int) -> str:
    return f"{values[frame]:.2f}" if frame < len(values) and np.isfinite(values[frame]) else "–"
