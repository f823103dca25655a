"""The status bar: what the window is doing, and where in the clip one is."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from app.theme import numeric_font

FLASH_MS = 10_000
FIELDS = {
    "counts": "Counts under the cursor",
    "temperature": "Temperature under the cursor, where counts are calibrated (Measure, Temperature…)",
    "pts": "Presentation time, as stored in the clip",
    "frame": "Frame index, from 0, and the last one",
    "fps": "Frames tracked in a second, reading and saving included",
    "device": "Where the tracker computes",
}
"""Name -> explanation, from left to right."""


class StatusBar(QStatusBar):
    """A line for the mode, and a field each for what is measured."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._mode = QLabel(objectName="statusMode")  # type: ignore[call-overload]  # properties by keyword
        self.addWidget(self._mode, 1)
        self._fields = {name: self._add_field(name, tip) for name, tip in FIELDS.items()}

    def _add_field(self, name: str, tip: str) -> QLabel:
        label = QLabel()
        label.setObjectName(f"status.{name}")
        label.setFont(numeric_font(self.font()))
        label.setToolTip(tip)
        label.hide()
        self.addPermanentWidget(label)
        return label

    def set_mode(self, text: str) -> None:
        """Say what the window is doing."""
        self._mode.setText(text)

    @property
    def mode(self) -> str:
        """What it says the window is doing."""
        return str(self._mode.text())

    def set_field(self, name: str, text: str) -> None:
        """Fill a field; empty hides it."""
        self._fields[name].setText(text)
        self._fields[name].setVisible(bool(text))

    def field(self, name: str) -> str:
        """What a field says."""
        return str(self._fields[name].text())

    def flash(self, text: str) -> None:
        """Say something for a while."""
        self.showMessage(text, FLASH_MS)
