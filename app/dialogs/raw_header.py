"""What the frames of a dump of samples are: the user says it once, and sees at once whether it is right."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from tracker.errors import MediaError
from tracker.media.raw_header import COMMON_SIZES, MOST_SIDE, RawHeader, guess_header, write_header_file

PREVIEW = QSize(420, 336)
LARGEST_PLACE = 2**31 - 1  # what a spin box can hold
SAMPLES = {
    ("16", "little"): "16 bits, little-endian",
    ("16", "big"): "16 bits, big-endian",
    ("8", "little"): "8 bits",
}


class RawHeaderDialog(QDialog):
    """Asks for the header of a dump, beginning with a guess; the first frame is shown as it would be read.

    Args:
        path: The dump.
        parent: The window.

    Raises:
        MediaError: The dump cannot be read.
    """

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Frames of {path.name}")
        self._path, self._size = path, path.stat().st_size if path.exists() else 0
        self._make_fields()
        self._lay_out()
        self.show_header(guess_header(path))
        for spin in (self.width_box, self.height_box, self.header_box, self.gap_box, self.fps_box):
            spin.valueChanged.connect(self._refresh)
        self.samples_box.currentIndexChanged.connect(self._refresh)
        self.sizes_box.activated.connect(self._take_size)

    def _make_fields(self) -> None:
        self.sizes_box, self.samples_box = QComboBox(), QComboBox()
        self.sizes_box.addItem("Usual sizes")
        for width, height in COMMON_SIZES:
            self.sizes_box.addItem(f"{width} x {height}", (width, height))
        for key, text in SAMPLES.items():
            self.samples_box.addItem(text, key)
        self.width_box, self.height_box = self._number(1, MOST_SIDE), self._number(1, MOST_SIDE)
        self.header_box, self.gap_box = self._number(0, LARGEST_PLACE), self._number(0, LARGEST_PLACE)
        self.fps_box = QDoubleSpinBox()
        self.fps_box.setRange(0, 100_000)
        self.fps_box.setSpecialValueText("unknown")
        self.preview, self.message = QLabel(), QLabel()
        self.preview.setFixedSize(PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.message.setWordWrap(True)
        self.message.setTextFormat(Qt.TextFormat.PlainText)

    @staticmethod
    def _number(least: int, most: int) -> QSpinBox:
        spin = QSpinBox()
        spin.setRange(least, most)
        spin.setGroupSeparatorShown(True)
        return spin

    def _lay_out(self) -> None:
        size = QHBoxLayout()
        for widget in (self.width_box, QLabel("x"), self.height_box, self.sizes_box):
            size.addWidget(widget)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("Width x height", size)
        form.addRow("Samples", self.samples_box)
        form.addRow("Bytes before the first frame", self.header_box)
        form.addRow("Bytes between frames", self.gap_box)
        form.addRow("Frames per second", self.fps_box)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.open_button = self.buttons.addButton("Open", QDialogButtonBox.ButtonRole.AcceptRole)
        self.guess_button: QPushButton = self.buttons.addButton(
            "Guess", QDialogButtonBox.ButtonRole.ResetRole
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        self.guess_button.clicked.connect(self._guess)
        left = QVBoxLayout()
        left.addLayout(form)
        left.addWidget(self.message)
        left.addStretch()
        row = QHBoxLayout()
        row.addLayout(left, stretch=1)
        row.addWidget(self.preview)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addLayout(row)
        column.addWidget(self.buttons)

    @property
    def header(self) -> RawHeader:
        """What the fields say."""
        bits, order = self.samples_box.currentData()
        return RawHeader.model_validate(
            {
                "width": self.width_box.value(),
                "height": self.height_box.value(),
                "bits": int(bits),
                "byte_order": order,
                "header_bytes": self.header_box.value(),
                "gap_bytes": self.gap_box.value(),
                "fps": self.fps_box.value() or None,
            }
        )

    def show_header(self, header: RawHeader) -> None:
        """Put a header into the fields."""
        self.width_box.setValue(header.width)
        self.height_box.setValue(header.height)
        order = header.byte_order if header.bits == 16 else "little"
        self.samples_box.setCurrentIndex(list(SAMPLES).index((str(header.bits), order)))
        self.header_box.setValue(header.header_bytes)
        self.gap_box.setValue(header.gap_bytes)
        self.fps_box.setValue(header.fps or 0)
        self._refresh()

    @Slot()
    def _guess(self) -> None:
        try:
            self.show_header(guess_header(self._path))
        except MediaError as error:
            self.message.setText(error.message)

    @Slot(int)
    def _take_size(self, row: int) -> None:
        size = self.sizes_box.itemData(row)
        if size is not None:
            self.width_box.setValue(size[0])
            self.height_box.setValue(size[1])

    @Slot()
    def _refresh(self) -> None:
        header = self.header
        count, rest = header.count(self._size), header.left_over(self._size)
        self.open_button.setEnabled(count > 0)
        if not count:
            self.message.setText(f"The file has {self._size:,} bytes: less than one such frame.")
            self.preview.clear()
            return
        end = f"{rest:,} bytes left over: something is not right yet." if rest else "nothing left over."
        self.message.setText(f"{count:,} frame{'' if count == 1 else 's'}, and {end}")
        self._show_first(header)

    def _show_first(self, header: RawHeader) -> None:
        try:
            with self._path.open("rb") as file:
                file.seek(header.place(0))
                data = file.read(header.frame_bytes)
        except OSError as error:
            self.message.setText(f"The file cannot be read ({error.strerror}).")
            return
        if len(data) == header.frame_bytes:
            pixmap = QPixmap.fromImage(_image(header.frame(data)))
            scaled = pixmap.scaled(PREVIEW, Qt.AspectRatioMode.KeepAspectRatio)
            self.preview.setPixmap(scaled)

    def accept(self) -> None:
        """Write the header beside the dump; where that cannot be, say so and stay."""
        try:
            write_header_file(self._path, self.header)
        except MediaError as error:
            self.message.setText(error.message)
            return
        super().accept()


def _image(frame: Any) -> QImage:
    """A frame in gray, its span from the first to the 99th percentile."""
    low, high = np.percentile(frame, (1, 99))
    gray = np.clip((frame.astype(np.float32) - low) * (255 / max(high - low, 1)), 0, 255).astype(np.uint8)
    height, width = gray.shape
    return QImage(
        np.ascontiguousarray(gray).data, width, height, width, QImage.Format.Format_Grayscale8
    ).copy()
