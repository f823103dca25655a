"""One similarity map: its cells, its peak, and the value under the cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import colours, numeric_font
from app.widgets.colour_scale import map_image
from tracker.annotation.evidence import Map

TITLE_HEIGHT = 20
CROSS = 5  # pixels from the peak to the end of each arm


class MapView(QWidget):
    """A square map under its title.

    Args:
        title: Name of the level.
        tip: What it shows, in a sentence.
    """

    def __init__(self, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._map: Map | None = None
        self._image: QImage | None = None
        self._cursor: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setToolTip(tip)
        self.setAccessibleName(f"{title} similarity map")
        self.setMinimumSize(96, 96 + TITLE_HEIGHT)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """Comfortable for 32 x 32 cells."""
        return QSize(148, 148 + TITLE_HEIGHT)

    def heightForWidth(self, width: int) -> int:
        """As high as the map is wide, and the title."""
        return width + TITLE_HEIGHT

    def show_map(self, values: Map | None, value_range: tuple[float, float] = (0.0, 1.0)) -> None:
        """Show a map (h, w), or nothing."""
        self._map = values
        self._image = None if values is None else map_image(values, value_range)
        self.update()

    def cell_at(self, position: QPointF) -> tuple[int, int] | None:
        """(row, column) under a point of the widget."""
        area = self._area()
        if self._map is None or not area.contains(position):
            return None
        rows, columns = self._map.shape
        row = int((position.y() - area.y()) * rows / area.height())
        column = int((position.x() - area.x()) * columns / area.width())
        return min(row, rows - 1), min(column, columns - 1)

    def value_text(self) -> str:
        """The value under the cursor, else the peak's; empty without a map."""
        if self._map is None:
            return ""
        return f"{self._map[self._cursor] if self._cursor is not None else self._map.max():.2f}"

    def _area(self) -> QRectF:
        side = min(self.width(), self.height() - TITLE_HEIGHT)
        return QRectF((self.width() - side) / 2, TITLE_HEIGHT, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, value, cells and peak."""
        painter = QPainter(self)
        area = self._area()
        head = QRectF(area.x(), 0, area.width(), TITLE_HEIGHT - 4)
        painter.setPen(colours().text if self._map is not None else colours().muted)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, self._title)
        painter.setPen(colours().muted)
        painter.setFont(numeric_font(self.font()))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, self.value_text())
        painter.fillRect(area, colours().field)
        if self._map is not None and self._image is not None:
            painter.drawImage(area, self._image)
            self._draw_peak(painter, area, self._map)
        painter.setPen(QPen(colours().border, 1))
        painter.drawRect(area.adjusted(0.5, 0.5, -0.5, -0.5))

    def _draw_peak(self, painter: QPainter, area: QRectF, values: Map) -> None:
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        x = area.x() + (float(column) + 0.5) * area.width() / values.shape[1]
        y = area.y() + (float(row) + 0.5) * area.height() / values.shape[0]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for pen in (QPen(Qt.GlobalColor.black, 3), QPen(Qt.GlobalColor.white, 1.2)):
            painter.setPen(pen)
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                painter.drawLine(
                    QPointF(x + 3 * dx, y + 3 * dy), QPointF(x + (3 + CROSS) * dx, y + (3 + CROSS) * dy)
                )

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show the value under the cursor."""
        self._cursor = self.cell_at(event.position())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show the peak's value again."""
        self._cursor = None
        self.update()
