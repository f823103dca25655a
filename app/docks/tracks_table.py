"""The table of the tracks dock: how its cells are painted, and which columns there is room for."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
)

from app.models.tracks_model import COLOUR_ROLE, Column, TracksModel
from app.theme import colours, numeric_font, with_alpha

ROW_HEIGHT = 28
SWATCH = 12
CORNER = 3
SELECTED = 0.14  # opacity of the accent behind a selected row
BAR_WIDTH = 3  # of the accent at the left of a selected row
CELL_PADDING = 18
LABEL_ROOM = 84  # below this, columns give way
WIDEST = {
    Column.ID: "50",
    Column.FRAMES: "200000",
    Column.ANCHORS: "Anchors",
    Column.COVERAGE: "100 %-",
    Column.STATE: "Interpolated-",
}
"""Texts that must fit. Widths do not follow the content, which changes with every frame that is tracked."""
GIVE_WAY = (Column.FRAMES, Column.ANCHORS, Column.COVERAGE)
"""Columns that are hidden in a narrow dock, the first one first."""

Index = QModelIndex | QPersistentModelIndex


class RowDelegate(QStyledItemDelegate):
    """Paints a selected row on a tint, its texts in their own colours."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leave out the style's selection, which would repaint the texts."""
        super().initStyleOption(option, index)
        if option.state & QStyle.StateFlag.State_Selected:
            option.state &= ~QStyle.StateFlag.State_Selected

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, with_alpha(colours().accent, SELECTED))
        super().paint(painter, option, index)


class SwatchDelegate(RowDelegate):
    """Paints a track's colour as a rounded square."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Paint one cell."""
        super().paint(painter, option, index)
        area, swatch = QRectF(option.rect), QRectF(0, 0, SWATCH, SWATCH)
        swatch.moveCenter(area.center())
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            area.setWidth(BAR_WIDTH)
            painter.fillRect(area, colours().accent)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(index.data(COLOUR_ROLE)))
        painter.drawRoundedRect(swatch, CORNER, CORNER)
        painter.restore()


class TracksTable(QTableView):
    """A row per track; the label gets what room the other columns leave, and the least important give way."""

    def __init__(self, model: TracksModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName("Tracks")
        self.setFont(numeric_font(self.font()))
        self.setItemDelegate(RowDelegate(self))
        self.setItemDelegateForColumn(Column.COLOUR, SwatchDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self._set_widths()

    def _set_widths(self) -> None:
        header, metrics = self.horizontalHeader(), QFontMetrics(self.font())
        header.setHighlightSections(False)
        header.setMinimumSectionSize(SWATCH)
        header.setSectionResizeMode(Column.LABEL, QHeaderView.ResizeMode.Stretch)
        self._widths = {Column.COLOUR: SWATCH + CELL_PADDING}
        for column, text in WIDEST.items():
            self._widths[column] = metrics.horizontalAdvance(text) + CELL_PADDING
        for column, width in self._widths.items():
            header.resizeSection(column, width)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide what there is no room for."""
        super().resizeEvent(event)
        excess = sum(self._widths.values()) + LABEL_ROOM - self.viewport().width()
        for column in GIVE_WAY:
            self.setColumnHidden(column, excess > 0)
            excess -= self._widths[column]
