"""What to replay: both variants, the frames, and whether to start afresh at anchors."""

from __future__ import annotations

from enum import Enum

from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from app.widgets.variant_editor import VariantEditor
from tracker.tracking.replay_record import Side
from tracker.tracking.variant import Variant


class Reach(Enum):
    """Which frames are replayed; the value is for the user."""

    WHOLE = "Whole track"
    FROM_HERE = "From here"
    VISIBLE = "Visible part"
    SELECTED = "Selected range"


class ReplaySetup(QWidget):
    """The choice, in a few lines."""

    def __init__(self, model: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editors = {
            Side.A: VariantEditor(Side.A, model),
            Side.B: VariantEditor(Side.B, "mlssnet" if model != "mlssnet" else "default"),
        }
        self.frames, self.restarts = QComboBox(), QCheckBox("Afresh at each anchor")
        self.frames.setAccessibleName("Frames to replay")
        for reach in (Reach.WHOLE, Reach.FROM_HERE, Reach.VISIBLE):
            self.frames.addItem(reach.value, reach)
        self.restarts.setChecked(True)
        self.restarts.setToolTip(
            "Start afresh from each box drawn by hand, as a run does. Otherwise only the first one is started\n"
            "from; the others, too, tell who is right."
        )
        column, row = QVBoxLayout(self), QHBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for editor in self.editors.values():
            column.addWidget(editor)
        row.addWidget(self.frames, 1)
        row.addWidget(self.restarts, 1)
        column.addLayout(row)

    def variants(self) -> tuple[Variant, Variant]:
        """A and B."""
        return self.editors[Side.A].variant(), self.editors[Side.B].variant()

    @property
    def reach(self) -> Reach:
        """Which frames."""
        return Reach(self.frames.currentData())

    def choose(self, reach: Reach) -> None:
        """Choose which frames."""
        self.frames.setCurrentIndex(self.frames.findData(reach))

    def offer_range(self, is_there: bool) -> None:
        """Say whether a range is selected; without one, another choice takes its place."""
        row = self.frames.findData(Reach.SELECTED)
        if is_there and row < 0:
            self.frames.addItem(Reach.SELECTED.value, Reach.SELECTED)
        elif not is_there and row >= 0:
            self.frames.removeItem(row)

    def list_models(self) -> None:
        """List the models as they are now."""
        for editor in self.editors.values():
            editor.list_models()
