"""The isotherms of a look: a row for each, to be changed, switched off and taken away."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import icon, numeric_font
from tracker.thermal.isotherms import Band, BandKind, BandUnit
from tracker.thermal.radiometry import Unit

NAMES = {BandKind.ABOVE: "Above", BandKind.BELOW: "Below", BandKind.BETWEEN: "Between"}
LARGEST = 1_000_000.0


class IsothermRow(QWidget):
    """One band.

    Signals:
        edited: (Band) The user has changed it.
        removed: () The user does not want it any more.
    """

    edited = Signal(object)
    removed = Signal()

    def __init__(self, band: Band, unit: Unit | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._band, self._unit = band, unit
        self.check, self.kind, self.colour = QCheckBox(), QComboBox(), QToolButton()
        self.low, self.high = self._make_limit("Lower limit"), self._make_limit("Upper limit")
        remove = QToolButton()
        remove.setIcon(icon("delete"))
        remove.setToolTip("Take this isotherm away")
        remove.setAutoRaise(True)
        self.check.setToolTip("Paint this isotherm")
        self.check.setAccessibleName("Paint this isotherm")
        self.colour.setToolTip("Colour")
        self.colour.setAutoRaise(True)
        for kind in BandKind:
            self.kind.addItem(NAMES[kind], kind)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.check, self.colour, self.kind, self.low, self.high):
            row.addWidget(widget, 1 if widget in (self.low, self.high) else 0)
        row.addStretch(0)
        row.addWidget(remove)
        self.show_band(band)
        self.check.toggled.connect(lambda is_on: self._edit(is_on=is_on))
        self.kind.activated.connect(lambda _: self._edit(kind=self.kind.currentData()))
        self.low.valueChanged.connect(lambda value: self._edit(low=self._kept(value)))
        self.high.valueChanged.connect(lambda value: self._edit(high=self._kept(value)))
        self.colour.clicked.connect(self._ask_colour)
        remove.clicked.connect(self.removed)

    def _make_limit(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setAccessibleName(name)
        box.setRange(-LARGEST, LARGEST)
        box.setKeyboardTracking(False)
        box.setFont(numeric_font(box.font()))
        box.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed
        )  # or the widest number decides
        box.setMinimumWidth(52)
        return box

    def show_band(self, band: Band) -> None:
        """Show a band, without telling anybody."""
        self._band = band
        widgets = (self.check, self.kind, self.low, self.high)
        for widget in widgets:
            widget.blockSignals(True)
        self.check.setChecked(band.is_on)
        self.kind.setCurrentIndex(self.kind.findData(band.kind))
        in_kelvin = band.unit is BandUnit.KELVIN
        for box, value in ((self.low, band.low), (self.high, band.high)):
            box.setDecimals(1 if in_kelvin else 0)
            box.setSuffix(f" {(self._unit or Unit.KELVIN).value}" if in_kelvin else "")
            box.setValue(self._shown(value))
        self.low.setVisible(band.kind is not BandKind.BELOW)
        self.high.setVisible(band.kind is not BandKind.ABOVE)
        patch = QPixmap(QSize(14, 14))
        patch.fill(QColor(band.colour))
        self.colour.setIcon(QIcon(patch))
        for widget in widgets:
            widget.blockSignals(False)

    def _shown(self, value: float) -> float:
        if self._band.unit is BandUnit.COUNTS or self._unit is None:
            return value
        return float(self._unit.of(value))

    def _kept(self, value: float) -> float:
        if self._band.unit is BandUnit.COUNTS or self._unit is None:
            return value
        return float(self._unit.to_kelvin(value))

    def _edit(self, **choices: object) -> None:
        self.show_band(Band.model_validate({**self._band.model_dump(), **choices}))
        self.edited.emit(self._band)

    def _ask_colour(self) -> None:
        colour = QColorDialog.getColor(QColor(self._band.colour), self, "Colour of the isotherm")
        if colour.isValid():
            self._edit(colour=colour.name(QColor.NameFormat.HexRgb))


class IsothermList(QWidget):
    """All bands of a look.

    Signals:
        edited: (tuple of Band) The user has changed them.
    """

    edited = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._bands: list[Band] = []
        self._unit: Unit | None = None
        self.rows: list[IsothermRow] = []

    def show_bands(self, bands: tuple[Band, ...], unit: Unit | None) -> None:
        """Show bands; those that are on the screen already stay the widgets that they are.

        Args:
            bands: In their order.
            unit: Of those in temperatures, as the user reads them; None where temperatures are unavailable.
        """
        if len(bands) != len(self.rows) or unit is not self._unit:
            self._unit = unit
            self._rebuild(bands)
        for row, band, known in zip(self.rows, bands, self._bands, strict=True):
            if band != known:
                row.show_band(band)
        self._bands = list(bands)

    def _rebuild(self, bands: tuple[Band, ...]) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [IsothermRow(band, self._unit, self) for band in bands]
        for index, row in enumerate(self.rows):
            self._column.addWidget(row)
            row.edited.connect(partial(self._on_edited, index))
            row.removed.connect(partial(self._on_removed, index))
        self._bands = list(bands)

    def _on_edited(self, index: int, band: Band) -> None:
        self._bands[index] = band
        self.edited.emit(tuple(self._bands))

    def _on_removed(self, index: int) -> None:
        self.edited.emit(tuple(band for at, band in enumerate(self._bands) if at != index))
