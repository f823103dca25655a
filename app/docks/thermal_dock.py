"""The look of the clip: palette, gain control, level and span, isotherms."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import icon, numeric_font
from app.thermal_view import ThermalView
from app.widgets.agc_form import AgcForm
from app.widgets.histogram import Histogram
from app.widgets.isotherm_list import IsothermList
from app.widgets.palette_chooser import PaletteChooser
from tracker.thermal.display import Span
from tracker.thermal.isotherms import Band, BandUnit
from tracker.thermal.look import Agc

IN_COLOUR = (
    "This clip is in colour: its palette is in its pixels already. "
    "Palettes, gain control and isotherms need counts."
)
NO_CLIP = "Open a clip to choose how it looks."
BAND_COLOURS = ("#ff3b30", "#34c759", "#0a84ff", "#ffd60a", "#bf5af2", "#ff9f0a")
LARGEST = 1_000_000.0
LEAST_WIDTH = 280


class ThermalDock(QDockWidget):
    """Shows the look, and hands what the user wants to `ThermalView`.

    Signals:
        paletteFileRequested: () The user wants a palette from a file.
    """

    paletteFileRequested = Signal()

    def __init__(self, view: ThermalView, parent: QWidget | None = None) -> None:
        super().__init__("Thermal", parent)
        self.setObjectName("thermalDock")
        self._view = view
        self.notice = QLabel(NO_CLIP)
        self.notice.setWordWrap(True)
        self.notice.setProperty("muted", True)
        self._make_palette()
        self._make_span()
        self._make_isotherms()
        self._lay_out()
        view.changed.connect(self.refresh)
        view.painted.connect(self._show_frame)
        self.refresh()

    def _make_palette(self) -> None:
        view = self._view
        self.palette_box = PaletteChooser()
        self.palette_box.paletteChosen.connect(view.set_palette)
        self.palette_box.fileRequested.connect(self.paletteFileRequested)
        self.invert_button = QToolButton()
        self.invert_button.setIcon(icon("theme"))
        self.invert_button.setToolTip("Turn the palette round: white hot, black hot (U)")
        self.invert_button.setAccessibleName("Turn the palette round")
        self.invert_button.clicked.connect(view.invert)
        self.agc_box = QComboBox()
        self.agc_box.setToolTip("How counts become gray levels (Shift+C: the next one)")
        self.agc_box.setAccessibleName("Gain control")
        self.agc_box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        for agc in Agc:
            self.agc_box.addItem(agc.label, agc)
        self.agc_box.activated.connect(lambda row: view.change(agc=self.agc_box.itemData(row)))
        self.agc_form = AgcForm()
        self.agc_form.edited.connect(lambda name, value: view.change(**{name: value}))

    def _make_span(self) -> None:
        view = self._view
        self.histogram = Histogram()
        self.histogram.spanDragged.connect(view.set_span)
        self.histogram.resetRequested.connect(view.reset)
        self.level, self.width_ = self._make_number("Level"), self._make_number("Span")
        self.level.setToolTip("The counts in the middle of the palette")
        self.width_.setToolTip("How many counts the palette spans")
        self.width_.setMinimum(1)
        for box in (self.level, self.width_):
            box.valueChanged.connect(self._on_numbers)
        self.lock_button = QToolButton()
        self.lock_button.setIcon(icon("lock"))
        self.lock_button.setCheckable(True)
        self.lock_button.setToolTip("Keep this span for all frames (Shift+L)")
        self.lock_button.setAccessibleName("Lock level and span")
        self.lock_button.clicked.connect(view.toggle_lock)
        self.reset_button = QPushButton("Reset")
        self.reset_button.setToolTip("Let the span be measured again (Ctrl+R)")
        self.reset_button.clicked.connect(view.reset)
        self.ends = QLabel()
        self.ends.setProperty("muted", True)
        self.ends.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.ends.setFont(numeric_font(self.ends.font()))

    def _make_number(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setRange(-LARGEST, LARGEST)
        box.setDecimals(0)
        box.setKeyboardTracking(False)
        box.setAccessibleName(name)
        box.setSizePolicy(
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed
        )  # or the widest number decides
        box.setMinimumWidth(64)
        box.setFont(numeric_font(box.font()))
        return box

    def _make_isotherms(self) -> None:
        self.isotherms = IsothermList()
        self.isotherms.edited.connect(lambda bands: self._view.change(bands=bands))
        self.add_button = QToolButton()
        self.add_button.setIcon(icon("add"))
        self.add_button.setToolTip("Paint what is above, below or between limits in a colour of its own")
        self.add_button.setAccessibleName("Add an isotherm")
        self.add_button.setAutoRaise(True)
        self.add_button.clicked.connect(self.add_band)

    def _lay_out(self) -> None:
        self._controls = QWidget()
        column = QVBoxLayout(self._controls)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow("Palette", _row(self.palette_box, self.invert_button))
        form.addRow("Gain", self.agc_box)
        form.addRow(self.histogram)
        form.addRow("Level", _row(self.level, QLabel("Span"), self.width_))
        form.addRow(_row(self.ends, self.lock_button, self.reset_button))
        column.addLayout(form)
        column.addWidget(self.agc_form)
        heading = QLabel("Isotherms")
        column.addWidget(_row(heading, self.add_button, is_left=True))
        column.addWidget(self.isotherms)
        column.addStretch(1)
        body = QWidget()
        whole = QVBoxLayout(body)
        whole.setContentsMargins(10, 8, 10, 10)
        whole.addWidget(self.notice)
        whole.addWidget(self._controls)
        whole.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setMinimumWidth(LEAST_WIDTH)
        area.setWidget(body)
        self.setWidget(area)

    # What is shown

    @Slot()
    def refresh(self) -> None:
        """Show the look as it is now."""
        view = self._view
        self._controls.setVisible(view.has_counts)
        self.notice.setVisible(not view.has_counts)
        self.notice.setText(NO_CLIP if view.shown is None else IN_COLOUR)
        look = view.look
        self.palette_box.show_palette(look, view.own_palettes)
        self.agc_box.setCurrentIndex(self.agc_box.findData(look.agc))
        self.agc_form.show_look(look)
        known = view.temperatures
        self.isotherms.show_bands(look.bands, None if known is None else known.unit)
        self.lock_button.setChecked(view.is_locked)
        self.reset_button.setEnabled(view.is_locked)
        self._show_frame()

    @Slot()
    def _show_frame(self) -> None:
        """Show histogram and span of the shown frame; nobody looks at those of a hidden dock."""
        view, scale = self._view, self._view.scale
        self.notice.setText(NO_CLIP if view.shown is None else IN_COLOUR)
        if not self.isVisible():
            return
        if scale is None or view.shown is None:
            self.histogram.clear()
            return
        span = view.look.locked or scale.span
        self.histogram.show_frame(view.shown.counts, span, view.clip_span, view.look.colour_table())
        for box, value in ((self.level, (span.low + span.high) / 2), (self.width_, span.high - span.low)):
            box.blockSignals(True)
            box.setValue(value)
            box.blockSignals(False)
        self.ends.setText(f"{view.value_text(span.low)} … {view.value_text(span.high)} {view.unit}")

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened unseen."""
        super().showEvent(event)
        self._show_frame()

    # What the user does

    @Slot()
    def _on_numbers(self) -> None:
        half = self.width_.value() / 2
        self._view.set_span(Span(self.level.value() - half, self.level.value() + half))

    @Slot()
    def add_band(self) -> None:
        """Add an isotherm: of the hottest tenth of what is shown."""
        view, bands = self._view, self._view.look.bands
        scale = view.scale
        if scale is None:
            return
        low, high = float(scale.counts[230]), float(scale.counts[-1])
        used = {band.colour for band in bands}
        colour = next((each for each in BAND_COLOURS if each not in used), BAND_COLOURS[0])
        unit, known = BandUnit.COUNTS, view.temperatures
        if known is not None:
            unit, low, high = BandUnit.KELVIN, known.kelvin_of(low), known.kelvin_of(high)
        view.change(bands=(*bands, Band(low=low, high=high, unit=unit, colour=colour)))


def _row(*widgets: QWidget, is_left: bool = False) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    for widget in widgets:
        row.addWidget(widget, 1 if isinstance(widget, QComboBox | QDoubleSpinBox) else 0)
    if is_left:
        row.addStretch(1)
    return holder
