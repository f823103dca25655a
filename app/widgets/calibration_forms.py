"""The fields of a calibration: linear, or FLIR's with what lies between the target and the camera."""

from __future__ import annotations

import math

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QLineEdit, QWidget

from app.theme import numeric_font
from tracker.thermal.radiometry import Conditions, LinearCalibration, PlanckCalibration, Transmission, Unit

PRESETS: dict[str, tuple[float, float]] = {
    "0.01 K per count (Lepton, TLinear high)": (0.01, 0.0),
    "0.04 K per count (FLIR, high gain)": (0.04, 0.0),
    "0.4 K per count (FLIR, low gain)": (0.4, 0.0),
}
OWN = "Own numbers"
FARTHEST = 100_000.0


def number_field(name: str, value: float, tip: str = "") -> QLineEdit:
    """A field for any number."""
    field = QLineEdit(repr(value))
    field.setAccessibleName(name)
    field.setToolTip(tip)
    field.setFont(numeric_font(field.font()))
    return field


def number_in(field: QLineEdit) -> float:
    """The number in a field; a comma counts as a decimal point.

    Raises:
        ValueError: There is none.
    """
    try:
        value = float(field.text().strip().replace(",", "."))
    except ValueError:
        raise ValueError(f"{field.accessibleName()}: {field.text()!r} is no number.") from None
    if not math.isfinite(value):
        raise ValueError(f"{field.accessibleName()} must be finite.")
    return value


class LinearForm(QWidget):
    """Scale and offset.

    Signals:
        edited: () The user has changed something.
    """

    edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset = QComboBox()
        self.preset.setAccessibleName("Usual scales")
        for text, numbers in PRESETS.items():
            self.preset.addItem(text, numbers)
        self.preset.addItem(OWN)
        self.scale = number_field("Scale", 0.01, "Kelvin per count")
        self.offset = number_field("Offset", 0.0, "Kelvin at count 0; 273.15 K is 0 °C")
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.addRow("Usual ones", self.preset)
        form.addRow("Scale, K per count", self.scale)
        form.addRow("Offset, K at count 0", self.offset)
        self.preset.activated.connect(self._take_preset)
        for field in (self.scale, self.offset):
            field.textChanged.connect(self._on_number)
        self._show_preset()

    def show_calibration(self, known: LinearCalibration) -> None:
        """Put a calibration into the fields."""
        self.scale.setText(repr(known.scale))
        self.offset.setText(repr(known.offset))

    def calibration(self) -> LinearCalibration:
        """What the fields say.

        Raises:
            ValueError: They make no temperatures.
        """
        scale, offset = number_in(self.scale), number_in(self.offset)
        if scale == 0:
            raise ValueError("With a scale of 0 all counts would be equally warm.")
        return LinearCalibration(scale, offset)

    @Slot(int)
    def _take_preset(self, row: int) -> None:
        numbers = self.preset.itemData(row)
        if numbers is not None:
            self.show_calibration(LinearCalibration(*numbers))

    @Slot()
    def _on_number(self) -> None:
        self._show_preset()
        self.edited.emit()

    def _show_preset(self) -> None:
        try:
            known = self.calibration()
            found = list(PRESETS.values()).index((known.scale, known.offset))
        except ValueError:
            found = self.preset.count() - 1
        self.preset.setCurrentIndex(found)


class PlanckForm(QWidget):
    """FLIR's constants, and the conditions.

    Args:
        unit: Of the two temperatures.
        parent: The dialog.

    Signals:
        edited: () The user has changed something.
    """

    edited = Signal()

    def __init__(self, unit: Unit, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._unit, self._air = unit, Transmission()
        self._exact: dict[
            QDoubleSpinBox, tuple[float, float]
        ] = {}  # what a field shows, and what it stands for
        self.r1 = number_field("R1", 21106.77)
        self.r2 = number_field("R2", 0.012545258)
        self.b = number_field("B", 1501.0, "In kelvin")
        self.f = number_field("F", 1.0)
        self.o = number_field("O", -7340.0, "In counts")
        usual = Conditions()
        self.emissivity = self._spin("Emissivity", 0.01, 1.0, usual.emissivity, 3, "")
        self.emissivity.setToolTip("Of the target: skin 0.98, paint 0.95, bare metal far less")
        self.distance = self._spin("Distance", 0.0, FARTHEST, usual.distance, 2, " m")
        lowest = float(unit.of(1.0))
        self.reflected = self._spin(
            "Reflected", lowest, 10_000.0, float(unit.of(usual.reflected)), 2, f" {unit.value}"
        )
        self.reflected.setToolTip("Apparent temperature of what the target mirrors")
        self.atmosphere = self._spin(
            "Atmosphere", lowest, 10_000.0, float(unit.of(usual.atmosphere)), 2, f" {unit.value}"
        )
        self.humidity = self._spin("Humidity", 0.0, 100.0, 100 * usual.humidity, 1, " %")
        self._lay_out()

    def _spin(
        self, name: str, low: float, high: float, value: float, decimals: int, suffix: str
    ) -> QDoubleSpinBox:
        spin = QDoubleSpinBox()
        spin.setAccessibleName(name)
        spin.setDecimals(decimals)
        spin.setRange(low, high)
        spin.setSuffix(suffix)
        spin.setValue(value)
        spin.setSingleStep(0.01 if high == 1.0 else 1.0)
        spin.setFont(numeric_font(spin.font()))
        spin.valueChanged.connect(self.edited)
        return spin

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        for field in (self.r1, self.r2, self.b, self.f, self.o):
            form.addRow(field.accessibleName(), field)
            field.textChanged.connect(self.edited)
        for spin in (self.emissivity, self.distance, self.reflected, self.atmosphere, self.humidity):
            form.addRow(spin.accessibleName(), spin)

    def show_calibration(self, known: PlanckCalibration) -> None:
        """Put a calibration into the fields; the parameters of the air are kept as they are."""
        self._air, around = known.transmission, known.conditions
        for field, value in zip(
            (self.r1, self.r2, self.b, self.f, self.o),
            (known.r1, known.r2, known.b, known.f, known.o),
            strict=True,
        ):
            field.setText(repr(value))
        self._put(self.emissivity, around.emissivity, around.emissivity)
        self._put(self.distance, around.distance, around.distance)
        for spin, kelvin in ((self.reflected, around.reflected), (self.atmosphere, around.atmosphere)):
            self._put(spin, float(self._unit.of(kelvin)), kelvin)
        self._put(self.humidity, 100 * around.humidity, around.humidity)

    def _put(self, spin: QDoubleSpinBox, shown: float, exact: float) -> None:
        """Show a number with the digits that the field has; it stays exact as long as the user leaves it."""
        spin.setValue(shown)
        self._exact[spin] = spin.value(), exact

    def _number(self, spin: QDoubleSpinBox, entered: float) -> float:
        """What a field stands for, where the user has entered so much in it."""
        shown, exact = self._exact.get(spin, (math.nan, math.nan))
        return exact if spin.value() == shown else entered

    def calibration(self) -> PlanckCalibration:
        """What the fields say.

        Raises:
            ValueError: They make no temperatures.
        """
        numbers = [number_in(field) for field in (self.r1, self.r2, self.b, self.f, self.o)]
        for field, value in zip((self.r1, self.r2, self.b), numbers, strict=False):
            if value <= 0:
                raise ValueError(f"{field.accessibleName()} must be above 0.")
        around = Conditions(
            self._number(self.emissivity, self.emissivity.value()),
            self._number(self.distance, self.distance.value()),
            self._number(self.reflected, float(self._unit.to_kelvin(self.reflected.value()))),
            self._number(self.atmosphere, float(self._unit.to_kelvin(self.atmosphere.value()))),
            self._number(self.humidity, self.humidity.value() / 100),
        )
        r1, r2, b, f, o = numbers
        known = PlanckCalibration(r1, r2, b, f, o, around, self._air)
        if not self._air.through(around) > 0:
            raise ValueError("Nothing comes through so much air: the distance is too large.")
        return known
