"""The bar at the side of the frame that says what its colours mean."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QObject, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from app.theme import numeric_font
from app.widgets.palette_swatch import strip
from tracker.thermal.painter import Scale
from tracker.thermal.palettes import LEVELS, Colours

TICKS = 5
STRIP_PX, GAP_PX, PADDING_PX = 12, 6, 8
MARGIN_PX = 14
SHARE = 0.5
"""Of the view's height."""

LEAST_PX, MOST_PX = 110, 340
GROUND, TEXT, RIM = QColor(12, 13, 14, 190), QColor("#f0f2f4"), QColor(255, 255, 255, 70)
"""The same in both themes: it lies on the frame, which any palette may have made light or dark."""


class ColourBar(QWidget):
    """Lies at the right of a view, and lets the mouse through.

    Args:
        view: What it lies on.
    """

    def __init__(self, view: QWidget) -> None:
        super().__init__(view)
        self._view = view
        self.setObjectName("colourBar")
        self.setAccessibleName("Colour bar")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        font = numeric_font(self.font())
        font.setPixelSize(11)
        self.setFont(font)
        self._image, self._texts, self._unit = QImage(), [""] * TICKS, ""
        self._drawn = QPixmap()
        view.installEventFilter(self)
        self.hide()

    def show_scale(self, colours: Colours, scale: Scale, text: Callable[[float], str], unit: str) -> None:
        """Show the colours of a scale.

        Args:
            colours: Of its levels, isotherms among them.
            scale: The counts of each level.
            text: What to write for counts.
            unit: Of what is written; stands above.
        """
        levels = np.linspace(0, LEVELS - 1, TICKS).round().astype(int)
        self._texts = [text(value) for value in scale.counts[levels].tolist()]
        self._unit = unit if scale.is_exact else f"≈ {unit}"
        self._image = strip(colours, is_upright=True)
        self._place()
        self._drawn = QPixmap()
        self.update()

    @property
    def texts(self) -> list[str]:
        """What stands beside it, from the bottom up."""
        return list(self._texts)

    @property
    def unit(self) -> str:
        """What stands above it."""
        return self._unit

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the side when the view changes its size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        view, metrics = self._view, QFontMetricsF(self.font())
        widest = max(metrics.horizontalAdvance(text) for text in (*self._texts, self._unit))
        width = int(STRIP_PX + GAP_PX + widest + 2 * PADDING_PX + 1)
        height = int(min(max(view.height() * SHARE, LEAST_PX), MOST_PX))
        self.setGeometry(view.width() - width - MARGIN_PX, (view.height() - height) // 2, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it as it was drawn last, where nothing has changed: each frame that is shown asks for it."""
        ratio = self.devicePixelRatioF()
        size = (QSizeF(self.size()) * ratio).toSize()
        if self._drawn.size() != size:
            self._drawn = QPixmap(size)
            self._drawn.setDevicePixelRatio(ratio)
            self._drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._drawn)
            self._draw(painter)
            painter.end()
        QPainter(self).drawPixmap(0, 0, self._drawn)

    def _draw(self, painter: QPainter) -> None:
        """Draw unit, strip and numbers."""
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(GROUND)
        painter.drawRoundedRect(self.rect(), 5, 5)
        line = QFontMetricsF(self.font()).height()
        top, bottom = PADDING_PX + line * 1.6, self.height() - PADDING_PX - line / 2
        bar = QRectF(PADDING_PX, top, STRIP_PX, bottom - top)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(bar, self._image)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(RIM, 1))
        painter.drawRect(bar)
        painter.setPen(TEXT)
        left = bar.right() + GAP_PX
        painter.drawText(QRectF(PADDING_PX, PADDING_PX - 2, self.width(), line), _heading(), self._unit)
        for place, text in zip(np.linspace(bottom, top, TICKS).tolist(), self._texts, strict=True):
            painter.drawText(QRectF(left, place - line / 2, self.width() - left, line), _heading(), text)


def _heading() -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
