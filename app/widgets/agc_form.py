"""The few numbers that a gain control can be given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDoubleSpinBox, QFormLayout, QWidget

from app.theme import numeric_font
from tracker.thermal.look import Agc, Look


@dataclass(frozen=True)
class Parameter:
    """A number.

    Attributes:
        name: Of the attribute of `Look`.
        label: For the user.
        tip: What it does.
        low: Least value.
        high: Greatest value.
        step: From one value to the next.
        scale: Shown value / kept value.
        suffix: Unit.
        agcs: The gain controls that have it.
    """

    name: str
    label: str
    tip: str
    low: float
    high: float
    step: float
    scale: float
    suffix: str
    agcs: tuple[Agc, ...]


# fmt: off
PARAMETERS = (
    Parameter("tails", "Cut off", "Share of the counts that may lie below the darkest colour, and above the brightest",
              0.0, 20.0, 0.1, 1.0, " %", (Agc.FRAME, Agc.TARGET, Agc.PLATEAU, Agc.CLAHE, Agc.DETAIL)),
    Parameter("margin", "Surroundings", "How far around the target is looked at, in sizes of its box",
              0.0, 20.0, 0.5, 1.0, " ×", (Agc.TARGET,)),
    Parameter("contrast", "Contrast limit", "How much more room than on average counts may get that occur often",
              1.0, 40.0, 0.5, 1.0, " ×", (Agc.PLATEAU, Agc.CLAHE, Agc.DETAIL)),
    Parameter("linear_share", "Linear share", "Keeps noise down in frames in which nothing stands out",
              0.0, 100.0, 5.0, 100.0, " %", (Agc.PLATEAU, Agc.DETAIL)),
    Parameter("gain", "Detail", "How many times details are strengthened", 1.0, 20.0, 0.5, 1.0, " ×", (Agc.DETAIL,)),
)
# fmt: on


class AgcForm(QWidget):
    """Shows the numbers of the chosen gain control, and no others.

    Signals:
        edited: (str, float) The user has given this attribute of the look another value.
    """

    edited = Signal(str, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        self.boxes: dict[str, QDoubleSpinBox] = {}
        for parameter in PARAMETERS:
            box = QDoubleSpinBox()
            box.setRange(parameter.low, parameter.high)
            box.setSingleStep(parameter.step)
            box.setDecimals(0 if parameter.scale == 100 else 1)
            box.setSuffix(parameter.suffix)
            box.setToolTip(parameter.tip)
            box.setAccessibleName(parameter.label)
            box.setKeyboardTracking(False)
            box.setFont(numeric_font(box.font()))
            box.valueChanged.connect(partial(self._on_value, parameter))
            self.boxes[parameter.name] = box
            self._form.addRow(parameter.label, box)

    def show_look(self, look: Look) -> None:
        """Show the numbers of a look, without telling anybody."""
        for parameter in PARAMETERS:
            box = self.boxes[parameter.name]
            box.blockSignals(True)
            box.setValue(getattr(look, parameter.name) * parameter.scale)
            box.blockSignals(False)
            measures = parameter.name not in ("tails", "margin") or look.span is None
            self._form.setRowVisible(box, look.agc in parameter.agcs and measures)
        self.setVisible(any(look.agc in parameter.agcs for parameter in PARAMETERS))

    def _on_value(self, parameter: Parameter, value: float) -> None:
        self.edited.emit(parameter.name, value / parameter.scale)
