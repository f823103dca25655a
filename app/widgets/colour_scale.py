"""The one colour scale of all similarity maps, and images made with it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import colours, numeric_font
from tracker.annotation.evidence import Map

LEVELS = 256
COLOUR_MAP = "inferno"
"""Perceptually uniform, and as dark as a thermal frame where nothing is similar."""


@lru_cache(maxsize=1)
def lookup_table() -> NDArray[np.uint8]:
    """(256, 3) RGB from least to most similar."""
    return np.asarray(pg.colormap.get(COLOUR_MAP).getLookupTable(0.0, 1.0, LEVELS), np.uint8)[:, :3]


def to_levels(values: Map, value_range: tuple[float, float]) -> NDArray[np.uint8]:
    """(h, w) positions on the scale; what lies beyond the range takes its end."""
    low, high = value_range
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0) * (LEVELS - 1), np.uint8)


def map_image(values: Map, value_range: tuple[float, float]) -> QImage:
    """A map as an image, one pixel for each cell."""
    rgb = np.ascontiguousarray(lookup_table()[to_levels(values, value_range)])
    height, width = values.shape
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def overlay_image(values: Map, value_range: tuple[float, float], opacity: float) -> QImage:
    """A map to lie over the frame: the more similar, the less transparent.

    Args:
        values: (h, w) map.
        value_range: Ends of the scale.
        opacity: Of the most similar cells, 0..1.
    """
    levels = to_levels(values, value_range)
    bgra = np.empty((*levels.shape, 4), np.uint8)
    bgra[..., :3] = lookup_table()[levels][..., ::-1]
    bgra[..., 3] = np.sqrt(levels / (LEVELS - 1)) * 255 * opacity
    height, width = levels.shape
    return QImage(bgra.data, width, height, 4 * width, QImage.Format.Format_ARGB32).copy()


class ColourBar(QWidget):
    """The scale with its ends as numbers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._range = (0.0, 1.0)
        self.setFont(numeric_font(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(14)
        self.setToolTip("Colour scale of the three maps; it depends on the model alone, never on the frame.")

    def set_range(self, value_range: tuple[float, float]) -> None:
        """Take the ends of the scale."""
        if value_range != self._range:
            self._range = value_range
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw low number, gradient, high number."""
        painter = QPainter(self)
        low, high = (f"{value:g}" for value in self._range)
        room = max(painter.fontMetrics().horizontalAdvance(text) for text in (low, high)) + 6
        painter.setPen(colours().muted)
        left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        painter.drawText(self.rect(), left | Qt.AlignmentFlag.AlignVCenter, low)
        painter.drawText(self.rect(), right | Qt.AlignmentFlag.AlignVCenter, high)
        strip = QRect(room, 3, self.width() - 2 * room, self.height() - 6)
        gradient = np.linspace(0, 1, LEVELS, dtype=np.float32)[None]
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(strip, map_image(gradient, (0.0, 1.0)))
