"""Choosing one variant of a replay: its model, and the few settings in which it is to differ."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.dialogs import files
from app.theme import icon, numeric_font
from app.widgets.variant_item import variant_colour
from tracker.tracking.replay_record import Side
from tracker.tracking.user_models import named_models
from tracker.tracking.variant import SETTINGS, Levels, Setting, Variant

OWN = {"default": "Default", "mlssnet": "MLSSNet, as published"}
CHOOSE = "choose"
PUBLISHED_HAS = ("window_influence",)  # the settings that the published network knows


class NumberField(QDoubleSpinBox):
    """A number, or "usual": as the model has it."""

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        least, most = setting.limits
        self.setDecimals(0 if setting.step >= 1 else 1 if setting.step >= 0.5 else 2)
        self.setRange(least - setting.step, most)  # the lowest stands for "usual"
        self.setSingleStep(setting.step)
        self.setSpecialValueText("usual")
        self.setToolTip(f"{setting.tip}. The default model has {setting.usual:g}.")
        self.setAccessibleName(setting.title)
        self.setFont(numeric_font(self.font()))
        self.reset()

    def reset(self) -> None:
        """As the model has it."""
        self.setValue(self.minimum())

    def number(self) -> float | None:
        """What was chosen; None for "usual"."""
        value = round(self.value(), self.decimals())
        return None if value <= round(self.minimum(), self.decimals()) else value

    def stepBy(self, steps: int) -> None:
        """From "usual" to what is next to it for the default model."""
        if self.number() is None and steps:
            self.setValue(self._setting.usual)
        super().stepBy(steps)


class VariantEditor(QWidget):
    """One side: the model in a line, the settings below it when they are unfolded."""

    def __init__(self, side: Side, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side, self._wanted = side, model
        self._letter, self.model, self.summary = QLabel(side.name), QComboBox(), QLabel()
        self.model.setAccessibleName(f"Model of {side.name}")
        self.model.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.model.activated.connect(self._on_model_chosen)
        self.summary.setProperty("muted", True)
        self.summary.setWordWrap(True)
        self.unfold = QToolButton()
        self.unfold.setIcon(icon("settings"))
        self.unfold.setCheckable(True)
        self.unfold.setToolTip(f"Settings of {side.name}")
        self.unfold.toggled.connect(self._refresh)
        self._make_settings()
        self._lay_out()
        self.list_models()
        self._dress()

    def _make_settings(self) -> None:
        self.numbers = {setting.field: NumberField(setting) for setting in SETTINGS}
        self.levels, self.looks_around = QComboBox(), QCheckBox("Look around when lost")
        for levels in Levels:
            self.levels.addItem(levels.value, levels)
        self.levels.setToolTip("Which levels decide where the target is")
        self.levels.setAccessibleName("Levels")
        self.looks_around.setToolTip("Look for a target that is judged to be lost farther around")
        self.looks_around.setChecked(True)
        for number in self.numbers.values():
            number.valueChanged.connect(self._refresh)
        self.levels.currentIndexChanged.connect(self._refresh)
        self.looks_around.toggled.connect(self._refresh)
        self.reset_button = QPushButton("As usual")
        self.reset_button.clicked.connect(self.reset)

    def _lay_out(self) -> None:
        column, head = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head.addWidget(self._letter)
        head.addWidget(self.model, 1)
        head.addWidget(self.unfold)
        column.addLayout(head)
        column.addWidget(self.summary)
        self._settings = QWidget()
        form = QFormLayout(self._settings)
        form.setContentsMargins(18, 2, 0, 4)
        form.setVerticalSpacing(4)
        for setting in SETTINGS:
            form.addRow(setting.title, self.numbers[setting.field])
        form.addRow("Levels", self.levels)
        form.addRow(self.looks_around, self.reset_button)
        column.addWidget(self._settings)

    def list_models(self) -> None:
        """List the models as they are now; the chosen one stays."""
        own = {model.name: model.name for model in named_models()}
        entries = {**OWN, **own}
        entries.setdefault(self._wanted, Variant(self._wanted).name)
        self.model.clear()
        for name, text in entries.items():
            self.model.addItem(text, name)
            self.model.setItemData(self.model.count() - 1, name, Qt.ItemDataRole.ToolTipRole)
        self.model.addItem("Weights file…", CHOOSE)
        self.model.setCurrentIndex(self.model.findData(self._wanted))
        self._refresh()

    def set_model(self, model: str) -> None:
        """Choose a model by its name or path."""
        self._wanted = model
        self.list_models()

    def variant(self) -> Variant:
        """What is chosen; settings that the model does not have are left out."""
        numbers = {
            field: number.number() if number.isEnabled() else None for field, number in self.numbers.items()
        }
        refit = numbers.pop("refit_every")
        levels = self.levels.currentData() if self.levels.isEnabled() else Levels.TRAINED
        return Variant(
            self._wanted,
            **numbers,
            refit_every=None if refit is None else round(refit),
            levels=levels,
            looks_around=self.looks_around.isChecked(),
        )

    @Slot()
    def reset(self) -> None:
        """All settings as the model has them."""
        for number in self.numbers.values():
            number.reset()
        self.levels.setCurrentIndex(0)
        self.looks_around.setChecked(True)

    @Slot(int)
    def _on_model_chosen(self, row: int) -> None:
        name = str(self.model.itemData(row))
        if name == CHOOSE:
            path = files.ask_weights(self)
            name = self._wanted if path is None else str(path)
        self.set_model(name)

    @Slot()
    def _refresh(self) -> None:
        is_published = self._wanted == "mlssnet"
        for field, number in self.numbers.items():
            number.setEnabled(not is_published or field in PUBLISHED_HAS)
        self.levels.setEnabled(not is_published)
        changes = ", ".join(self.variant().changes)
        is_open = self.unfold.isChecked()
        self._settings.setVisible(is_open)
        self.summary.setText(changes)
        self.summary.setVisible(bool(changes) and not is_open)
        self.reset_button.setEnabled(bool(changes))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        self._letter.setStyleSheet(f"color: {variant_colour(self._side).name()}; font-weight: 700;")
