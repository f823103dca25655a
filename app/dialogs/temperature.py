"""What counts mean: nothing, a linear calibration or FLIR's; the user sees at once what becomes of the frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.theme import numeric_font
from app.widgets.calibration_forms import LinearForm, PlanckForm
from tracker.media.facts import SensorFacts
from tracker.output.readings import Readings
from tracker.store.thermal import AS_FILE, NO_TEMPERATURES, Choice, Kind, calibration_of, choice_of
from tracker.thermal.radiometry import Calibration, LinearCalibration, PlanckCalibration, Unit

WIDTH = 520
TEXTS: dict[Kind, str] = {
    "file": "What the file says",
    "none": "No temperatures: counts",
    "linear": "Linear",
    "planck": "FLIR (Planck)",
}
EIGHT_BITS = (
    "The pixels of this clip have 8 bits: gray levels made for looking at, mostly by a gain control that changes from "
    "frame to frame. They stand for fixed temperatures only where the camera was set so. If you know that it was, "
    "choose Linear: the offset is the temperature of black, the scale that of white less that of black, divided by 255."
)
NO_FACTS = "The file says nothing about its camera's calibration."
UNLIKELY = "Scenes are seldom like that: is it the right calibration?"
LIKELY = (200.0, 3000.0)  # kelvin
IN_PLACE = "The file carries the calibration of its camera."


class TemperatureDialog(QDialog):
    """Asks for a calibration.

    Args:
        choice: The present one.
        facts: What the file says.
        bits: Of the counts.
        samples: What is shown of the frame: what it is -> its counts.
        unit: Of temperatures.
        parent: The window.
    """

    def __init__(
        self,
        choice: Choice,
        facts: SensorFacts,
        bits: int,
        samples: Mapping[str, float],
        unit: Unit,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Temperature")
        self.setObjectName("temperatureDialog")
        self.setMinimumWidth(WIDTH)
        self._of_file, self._samples, self._unit = calibration_of(facts), samples, unit
        self._bits = bits
        self._make_parts(facts)
        self._lay_out()
        self.show_choice(choice)
        self.kind.currentIndexChanged.connect(self._on_kind)
        for form in (self.linear, self.planck):
            form.edited.connect(self.refresh)

    def _make_parts(self, facts: SensorFacts) -> None:
        self.kind = QComboBox()
        self.kind.setAccessibleName("How counts become temperatures")
        for kind, text in TEXTS.items():
            if kind != "file" or self._of_file is not None:
                self.kind.addItem(text if kind != "file" else _file_text(self._of_file, facts), kind)
        self.linear, self.planck = LinearForm(), PlanckForm(self._unit)
        self.note, self.message, self.preview = QLabel(), QLabel(), QLabel()
        self.note.setText(EIGHT_BITS if self._bits == 8 else IN_PLACE if self._of_file else NO_FACTS)
        self.note.setProperty("muted", True)
        self.message.setObjectName("problem")
        for label in (self.note, self.message):
            label.setWordWrap(True)
        self.preview.setFont(numeric_font(self.preview.font()))
        self.preview.setAccessibleName("Temperatures of the shown frame")
        self.stack = QStackedWidget()
        self._pages: dict[Kind, QWidget] = {"linear": self.linear, "planck": self.planck}
        self._plain = QWidget()
        for page in (self._plain, self.linear, self.planck):
            self.stack.addWidget(page)

    def _lay_out(self) -> None:
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        self.ok_button = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.addRow("Calibration", self.kind)
        self.kind.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.note)
        column.addLayout(form)
        for widget in (self.stack, self.preview, self.message):
            column.addWidget(widget)
        column.addStretch(1)
        column.addWidget(self.buttons)

    def show_choice(self, choice: Choice) -> None:
        """Put a choice into the fields; forms that are not chosen begin with what the file says."""
        known = choice.calibration(SensorFacts()) or self._of_file
        if isinstance(known, LinearCalibration):
            self.linear.show_calibration(known)
        elif isinstance(known, PlanckCalibration):
            self.planck.show_calibration(known)
        kind = choice.kind if self.kind.findData(choice.kind) >= 0 else "none"
        self.kind.setCurrentIndex(self.kind.findData(kind))
        self._on_kind()

    @property
    def choice(self) -> Choice:
        """What the fields say.

        Raises:
            ValueError: They make no temperatures; the text says why.
        """
        match self.kind.currentData():
            case "linear":
                return choice_of(self.linear.calibration())
            case "planck":
                return choice_of(self.planck.calibration())
            case "none":
                return NO_TEMPERATURES
        return AS_FILE

    @Slot()
    def _on_kind(self) -> None:
        self.stack.setCurrentWidget(self._pages.get(self.kind.currentData(), self._plain))
        for page in (self._plain, self.linear, self.planck):  # the dialog is as high as what it shows
            is_shown = page is self.stack.currentWidget()
            policy = QSizePolicy.Policy.Preferred if is_shown else QSizePolicy.Policy.Ignored
            page.setSizePolicy(QSizePolicy.Policy.Preferred, policy)
        self.refresh()
        self.adjustSize()

    @Slot()
    def refresh(self) -> None:
        """Show what becomes of the frame, or what is wrong."""
        try:
            choice = self.choice
        except ValueError as error:
            self._show_problem(str(error))
            return
        known = self._of_file if choice.kind == "file" else choice.calibration(SensorFacts())
        self.preview.setText("\n".join(self._rows(known)))
        self._show_problem("")

    def _show_problem(self, text: str) -> None:
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self.ok_button.setEnabled(not text)
        if text:
            self.preview.setText("\n".join(f"{name}:  –" for name in self._samples))

    def _rows(self, known: Calibration | None) -> Sequence[str]:
        readings = Readings.of(known, self._unit, self._bits)
        rows = []
        for name, counts in self._samples.items():
            value = float(readings.at(counts))
            if known is None:
                shown = "temperature unavailable"
            else:
                shown = readings.text(value) if np.isfinite(value) else "no temperature gives these counts"
            rows.append(f"{name}:  {counts:.0f} counts  →  {shown}")
        if known is not None and not any(map(_is_likely, known.kelvin(list(self._samples.values())))):
            rows.append(UNLIKELY)
        return rows


def _is_likely(kelvin: float) -> bool:
    return LIKELY[0] <= kelvin <= LIKELY[1]


def _file_text(known: Calibration | None, facts: SensorFacts) -> str:
    camera = f", {facts.camera}" if facts.camera else ""
    match known:
        case LinearCalibration(scale=scale):
            return f"What the file says: {scale:g} K per count{camera}"
        case PlanckCalibration():
            return f"What the file says: Planck{camera}"
    return TEXTS["file"]
