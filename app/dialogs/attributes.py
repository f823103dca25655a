"""What is special about a target: the challenges of LSOTB-TIR, and the user's own words."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from tracker.formats.attributes import words_of

CHALLENGES = words_of("lsotb-tir")[:12]
"""Of LSOTB-TIR (Liu et al., ACM MM 2020), in its order; its other four words tell how a clip was recorded."""


class AttributesDialog(QDialog):
    """A box for each known attribute, and a line for others.

    Args:
        name: Of the track, for the title.
        attributes: The present ones.
        parent: The window.
    """

    def __init__(self, name: str, attributes: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Attributes of {name}")
        self.boxes = {challenge: QCheckBox(challenge.capitalize()) for challenge in CHALLENGES}
        grid = QGridLayout()
        for number, (challenge, box) in enumerate(self.boxes.items()):
            box.setChecked(challenge in attributes)
            grid.addWidget(box, number % 6, number // 6)
        self.others = QLineEdit(", ".join(word for word in attributes if word not in CHALLENGES))
        self.others.setPlaceholderText("night, rain, …")
        self.others.setAccessibleName("Other attributes, with commas between")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(12)
        layout.addLayout(grid)
        layout.addWidget(QLabel("Others, with commas between"), alignment=Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.others)
        layout.addWidget(buttons)

    @property
    def attributes(self) -> tuple[str, ...]:
        """What is chosen: the known ones in their order, then the others, each once."""
        known = [challenge for challenge, box in self.boxes.items() if box.isChecked()]
        words = [" ".join(word.split()) for word in self.others.text().split(",")]
        return tuple(dict.fromkeys([*known, *(word for word in words if word)]))
