"""How regions are measured: the threshold of the hot area, and the surroundings they are compared with."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QDoubleSpinBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from app.theme import numeric_font
from tracker.output.readings import Readings
from tracker.store.measure_choices import MeasureChoices

LARGEST = 1_000_000.0


class MethodForm(QWidget):
    """Shows choices, and tells what the user changes.

    Signals:
        edited: (str, object) This field of `MeasureChoices` is to have this value.
    """

    edited = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._readings = Readings()
        self.check, self.threshold, self.ring = QCheckBox("Threshold"), QDoubleSpinBox(), QSpinBox()
        self.check.setToolTip("Count the pixels that are hotter than this")
        self.threshold.setAccessibleName("Threshold")
        self.threshold.setRange(-LARGEST, LARGEST)
        self.threshold.setKeyboardTracking(False)
        self.ring.setAccessibleName("Width of the surroundings")
        self.ring.setToolTip(
            "How wide the ring is that a region is compared with, at each side: relative to the region, or to the "
            "target that it follows; the target is left out"
        )
        self.ring.setRange(0, 500)
        self.ring.setSingleStep(10)
        self.ring.setSuffix(" %")
        self.ring.setSpecialValueText("none")
        self.ring.setKeyboardTracking(False)
        for box in (self.threshold, self.ring):
            box.setFont(numeric_font(box.font()))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in (self.check, self.threshold, QLabel("Ring"), self.ring):
            row.addWidget(widget, 1 if widget is self.threshold else 0)
        self.check.toggled.connect(self._on_threshold)
        self.threshold.valueChanged.connect(self._on_threshold)
        self.ring.valueChanged.connect(lambda value: self.edited.emit("ring", value / 100))

    def show_method(
        self, choices: MeasureChoices, readings: Readings, suggestion: float | None = None
    ) -> None:
        """Show choices, without telling anybody.

        Args:
            choices: They.
            readings: How counts are read.
            suggestion: A threshold to begin with, in the unit that is read.
        """
        self._readings = readings
        widgets = (self.check, self.threshold, self.ring)
        for widget in widgets:
            widget.blockSignals(True)
        kept = choices.threshold(in_kelvin=readings.are_temperatures)
        self.check.setChecked(kept is not None)
        self.threshold.setEnabled(kept is not None)
        self.threshold.setDecimals(1 if readings.are_temperatures else 0)
        self.threshold.setSuffix(f" {readings.sign or 'counts'}")
        if kept is not None:
            self.threshold.setValue(float(readings.unit.of(kept)) if readings.are_temperatures else kept)
        elif suggestion is not None:
            self.threshold.setValue(suggestion)
        self.ring.setValue(round(100 * choices.ring))
        for widget in widgets:
            widget.blockSignals(False)

    @Slot()
    def _on_threshold(self) -> None:
        in_kelvin = self._readings.are_temperatures
        shown = self.threshold.value()
        value = float(self._readings.unit.to_kelvin(shown)) if in_kelvin else shown
        name = "threshold_kelvin" if in_kelvin else "threshold_counts"
        self.edited.emit(name, value if self.check.isChecked() else None)
