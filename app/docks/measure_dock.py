"""Measurements: the regions, what they say in the shown frame, and their curves along the clip."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.docks.region_table import RegionTable
from app.measure_words import STATISTICS, Words
from app.measuring import Measuring
from app.theme import numeric_font
from app.widgets.method_form import MethodForm
from app.widgets.region_plot import Curve, RegionPlot
from tracker.output.shapes import region_colour
from tracker.tracking.measurements import Course

NO_CLIP = "Open a clip to measure in it."
IN_COLOUR = "This clip is in colour: its pixels hold colours of a palette, no counts to measure."
NO_REGIONS = "No regions yet. Measure the selected target, or draw a spot, a box, an ellipse or a polygon on the frame."
TOOLS = (
    "measure.target", "measure.spot", "measure.box", "measure.ellipse", "measure.polygon", "",
    "measure.follow", "measure.attach", "measure.delete", "",
    "measure.temperature", "measure.export",
)  # fmt: skip
ICON = QSize(18, 18)


class MeasureDock(QDockWidget):
    """Shows what `Measuring` knows, and hands what the user wants to it.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        partRequested: (float, float) The user wants to see the clip from here to there, in frames.
    """

    frameRequested = Signal(int)
    partRequested = Signal(float, float)

    def __init__(self, measuring: Measuring, parent: QWidget | None = None) -> None:
        super().__init__("Measurements", parent)
        self.setObjectName("measureDock")
        self._measuring = measuring
        self._frame, self._length = 0, 0
        self._make_parts()
        self._lay_out()
        self._connect()
        self.refresh()

    def _make_parts(self) -> None:
        self.tools = QHBoxLayout()
        self.tools.setSpacing(2)
        self.notice = QLabel(NO_CLIP)
        self.notice.setWordWrap(True)
        self.notice.setProperty("muted", True)
        self.table, self.plot, self.form = RegionTable(), RegionPlot(), MethodForm()
        self.choice = QComboBox()
        self.choice.setAccessibleName("What is drawn along the clip")
        self.choice.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for name, (title, tip) in STATISTICS.items():
            self.choice.addItem(title, name)
            self.choice.setItemData(self.choice.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.value, self.progress = QLabel(), QLabel()
        self.value.setFont(numeric_font(self.value.font()))
        self.progress.setProperty("muted", True)

    def _lay_out(self) -> None:
        body = QWidget()
        column, head = QVBoxLayout(body), QHBoxLayout()
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        head.addWidget(self.choice, 1)
        head.addWidget(self.value)
        column.addLayout(self.tools)
        column.addWidget(self.notice)
        column.addWidget(self.table, 1)
        column.addLayout(head)
        column.addWidget(self.plot)
        column.addWidget(self.progress)
        column.addWidget(self.form)
        column.addStretch(0)
        self.setWidget(body)

    def _connect(self) -> None:
        measuring, table = self._measuring, self.table
        measuring.regionsChanged.connect(self.refresh)
        measuring.choicesChanged.connect(self.refresh)
        measuring.selectionChanged.connect(self._on_selection)
        measuring.valuesChanged.connect(self._show_values)
        measuring.courses.changed.connect(self.draw)
        measuring.courses.progressed.connect(self._show_progress)
        table.regionSelected.connect(measuring.select)
        table.renamed.connect(self._on_renamed)
        table.drawnChanged.connect(self._on_drawn)
        table.deleteRequested.connect(measuring.delete)
        table.attachRequested.connect(measuring.attach)
        self.choice.activated.connect(lambda row: measuring.choose(statistic=self.choice.itemData(row)))
        self.form.edited.connect(lambda name, value: measuring.choose(**{name: value}))
        self.plot.frameRequested.connect(self.frameRequested)
        self.plot.partRequested.connect(self.partRequested)

    def add_tools(self, actions: dict[str, QAction]) -> None:
        """Put the actions on regions above the table."""
        for id_ in TOOLS:
            if id_:
                button = QToolButton()
                button.setDefaultAction(actions[id_])
                button.setIconSize(ICON)
                button.setAutoRaise(True)
                self.tools.addWidget(button)
            else:
                self.tools.addSpacing(8)
        self.tools.addStretch(1)

    # What is shown

    def set_clip(self, length: int) -> None:
        """Say how long the clip is; 0 for none."""
        self._length = length
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show all of it as it is now."""
        measuring = self._measuring
        has_regions, can_measure = bool(measuring.regions), measuring.can_measure
        self.notice.setText(NO_REGIONS if can_measure else IN_COLOUR if self._length else NO_CLIP)
        self.notice.setVisible(not has_regions or not can_measure)
        for widget in (self.table, self.choice, self.value, self.plot, self.form):
            widget.setVisible(has_regions and can_measure)
        if not self.isVisible():
            return
        self.choice.setCurrentIndex(max(self.choice.findData(measuring.choices.statistic), 0))
        self.form.show_method(measuring.choices, measuring.readings, self._suggestion())
        self.table.show_regions(measuring)
        self.draw()

    def _suggestion(self) -> float | None:
        """A threshold to begin with: what the hottest twentieth of the first region is above."""
        found = next(iter(self._measuring.values.values()), None)
        if found is None or not found.known:
            return None
        return Words(self._measuring).convert("p95", found.p95)

    @Slot()
    def _show_values(self) -> None:
        if self.isVisible() and self.table.rowCount() == len(self._measuring.regions):
            self.table.refresh_values(self._measuring)
            self._say_value()

    @Slot()
    def draw(self) -> None:
        """Draw the curves as far as they are known; nobody sees those of a hidden dock."""
        if self.isVisible():
            self.plot.show_curves(self._curves(), self._length, self._threshold())
            self._say_value()

    def _curves(self) -> list[Curve]:
        measuring, words = self._measuring, Words(self._measuring)
        name, selected = measuring.choices.statistic, measuring.selected
        curves = []
        for region in measuring.regions:
            course = measuring.course(region.id)
            if course is not None and region.id not in measuring.choices.undrawn:
                values = words.convert_all(name, _shown(course, name))
                curves.append(Curve(values, region_colour(region.id), region == selected))
        return curves

    def _threshold(self) -> float | None:
        threshold, name = self._measuring.method.threshold, self._measuring.choices.statistic
        is_drawn = threshold is not None and name in ("min", "mean", "max", "median", "p5", "p95")
        return Words(self._measuring).convert(name, threshold) if is_drawn and threshold is not None else None

    def _say_value(self) -> None:
        measuring = self._measuring
        region = measuring.selected or (measuring.regions[0] if measuring.regions else None)
        found = None if region is None else measuring.values.get(region.id)
        words, name = Words(measuring), measuring.choices.statistic
        text = words.value(name, found) or words.unit(name)
        self.value.setText(text if region is None else f"{region.name}:  {text}")

    @Slot(str)
    def _show_progress(self, text: str) -> None:
        self.progress.setText(f"Measuring the clip:  {text}" if text else "")
        self.progress.setVisible(bool(text))

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Put the playhead on a frame."""
        self._frame = frame
        self.plot.set_frame(frame)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened unseen, and measure the clip."""
        super().showEvent(event)
        self._measuring.courses.set_wanted(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: do not measure the clip for it."""
        super().hideEvent(event)
        self._measuring.courses.set_wanted(False)

    # What the user does

    @Slot()
    def _on_selection(self) -> None:
        self.table.set_selected(self._measuring.selected)
        self.draw()

    @Slot(int, str)
    def _on_renamed(self, region_id: int, name: str) -> None:
        region = next((each for each in self._measuring.regions if each.id == region_id), None)
        if region is not None and region.name != name.strip():
            self._measuring.rename(region_id, name)
        self.table.show_regions(
            self._measuring
        )  # a name that is none, or is refused, does not stay in the table

    @Slot(int, bool)
    def _on_drawn(self, region_id: int, is_drawn: bool) -> None:
        undrawn = set(self._measuring.choices.undrawn)
        if is_drawn == (region_id in undrawn):
            self._measuring.choose(undrawn=tuple(sorted(undrawn ^ {region_id})))


def _shown(course: Course, name: str) -> NDArray[np.float64]:
    """(n,) a statistic by frame; NaN where it has not been measured."""
    values = course.column(name)
    values[np.isnan(course.column("max"))] = np.nan
    return values
