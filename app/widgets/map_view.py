"""One similarity map: its cells, its peak, the target's box, and the value under the cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import colours, numeric_font
from app.widgets.colour_scale import map_image
from tracker.annotation.evidence import Map
from tracker.geometry import Box

TITLE_HEIGHT = 20
CROSS = 5  # pixels from the peak to the end of each arm
OUTLINE = ((Qt.GlobalColor.black, 3.0), (Qt.GlobalColor.white, 1.2))  # seen on every colour of the scale

Cell = tuple[int, int]
"""(row, column) of a map."""


def share_of(region: Box, box: Box) -> QRectF:
    """Where `box` lies in `region`, as shares of its width and height."""
    return QRectF(
        (box.x - region.x) / region.width,
        (box.y - region.y) / region.height,
        box.width / region.width,
        box.height / region.height,
    )


class MapView(QWidget):
    """A square map under its title.

    Args:
        title: Name of the level.
        tip: What it shows, in a sentence.

    Signals:
        cellHovered: (object) The cursor is over this cell, (row, column), or over none.
        cellClicked: (object) The user has clicked this one.
    """

    cellHovered = Signal(object)
    cellClicked = Signal(object)

    def __init__(self, title: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = title
        self._map: Map | None = None
        self._image: QImage | None = None
        self._box: QRectF | None = None
        self._cursor: Cell | None = None
        self.setMouseTracking(True)
        self.setToolTip(tip)
        self.setAccessibleName(f"{title} similarity map")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def sizeHint(self) -> QSize:
        """Comfortable for 32 x 32 cells."""
        return QSize(148, 148 + TITLE_HEIGHT)

    def show_map(
        self, values: Map | None, value_range: tuple[float, float] = (0.0, 1.0), box: QRectF | None = None
    ) -> None:
        """Show a map, or nothing.

        Args:
            values: (h, w) map.
            value_range: Ends of the colour scale.
            box: The target, as shares of the map's width and height; None where it is not known.
        """
        self._map, self._box = values, box
        self._image = None if values is None else map_image(values, value_range)
        self.setAccessibleDescription(self.value_text())
        self.update()

    def set_cursor(self, cell: Cell | None) -> None:
        """Mark a cell and tell its value; the peak's where it is None or the map has no such cell."""
        if cell != self._cursor:
            self._cursor = cell
            self.update()

    def cell_at(self, position: QPointF) -> Cell | None:
        """(row, column) under a point of the widget."""
        area = self._area()
        if self._map is None or not area.contains(position):
            return None
        rows, columns = self._map.shape
        row = int((position.y() - area.y()) * rows / area.height())
        column = int((position.x() - area.x()) * columns / area.width())
        return min(row, rows - 1), min(column, columns - 1)

    def value_text(self) -> str:
        """The value at the marked cell, else at the peak; empty without a map."""
        if self._map is None:
            return ""
        cell = self._marked()
        value = float(self._map[cell] if cell is not None else self._map.max())
        return f"{round(value, 2) + 0.0:.2f}"  # + 0.0: no "-0.00"

    def _marked(self) -> Cell | None:
        """The cell under the cursor, if the present map has it."""
        if self._map is None or self._cursor is None:
            return None
        rows, columns = self._map.shape
        return self._cursor if self._cursor[0] < rows and self._cursor[1] < columns else None

    def _area(self) -> QRectF:
        side = max(min(self.width(), self.height() - TITLE_HEIGHT), 1)
        return QRectF((self.width() - side) // 2, TITLE_HEIGHT, side, side)

    def _cell_area(self, area: QRectF, cell: Cell, values: Map) -> QRectF:
        height, width = area.height() / values.shape[0], area.width() / values.shape[1]
        return QRectF(area.x() + cell[1] * width, area.y() + cell[0] * height, width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw title, value, cells, target and peak."""
        painter = QPainter(self)
        area = self._area()
        self._draw_title(painter, area)
        painter.fillRect(area, colours().field)
        if self._map is not None and self._image is not None:
            painter.drawImage(area, self._image)
            self._draw_marks(painter, area, self._map)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(QPen(colours().border, 1))
        painter.drawRect(area.adjusted(0, 0, -1, -1))

    def _draw_title(self, painter: QPainter, area: QRectF) -> None:
        head = QRectF(area.x(), 0, area.width(), TITLE_HEIGHT - 4)
        bottom = Qt.AlignmentFlag.AlignBottom
        painter.setPen(colours().text if self._map is not None else colours().muted)
        painter.drawText(head, Qt.AlignmentFlag.AlignLeft | bottom, self._title)
        painter.setPen(colours().muted if self._marked() is None else colours().accent)
        painter.setFont(numeric_font(self.font()))
        painter.drawText(head, Qt.AlignmentFlag.AlignRight | bottom, self.value_text())

    def _draw_marks(self, painter: QPainter, area: QRectF, values: Map) -> None:
        painter.save()
        painter.setClipRect(area)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        row, column = np.unravel_index(int(values.argmax()), values.shape)
        peak = self._cell_area(area, (int(row), int(column)), values).center()
        marked = self._marked()
        for colour, width in OUTLINE:
            if self._box is not None:
                painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
                painter.setOpacity(0.75)
                painter.drawRect(_in(area, self._box))
            painter.setOpacity(1.0)
            painter.setPen(QPen(colour, width))
            painter.drawLines(_cross(peak))
            if marked is not None:
                painter.drawRect(self._cell_area(area, marked, values))
        painter.restore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell which cell is under the cursor."""
        self.cellHovered.emit(self.cell_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell the cell."""
        cell = self.cell_at(event.position())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self.cellClicked.emit(cell)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that none is."""
        self.cellHovered.emit(None)


def _in(area: QRectF, share: QRectF) -> QRectF:
    """A part of `area` given by shares of its size."""
    return QRectF(
        area.x() + share.x() * area.width(),
        area.y() + share.y() * area.height(),
        share.width() * area.width(),
        share.height() * area.height(),
    )


def _cross(centre: QPointF) -> list[QLineF]:
    """Four arms around a point that stays free."""
    x, y, near, far = centre.x(), centre.y(), 3, 3 + CROSS
    return [
        QLineF(x + near, y, x + far, y),
        QLineF(x - near, y, x - far, y),
        QLineF(x, y + near, x, y + far),
        QLineF(x, y - near, x, y - far),
    ]
