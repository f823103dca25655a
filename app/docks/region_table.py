"""The table of regions: what each says in the shown frame, and whether its curve is drawn."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from app.docks.tracks_table import RowDelegate
from app.measure_words import NOTHING, STATISTICS, Words
from app.measuring import Measuring
from app.theme import icon, numeric_font
from tracker.annotation.regions import Region
from tracker.output.shapes import region_colour

ROW_HEIGHT = 26
NAME_WIDTH = 118
VALUE_WIDTH = 56
COLUMNS = ("min", "mean", "max", "difference", "above", "median", "p5", "p95", "std", "pixels")
SHORT = {
    "min": "Lowest",
    "mean": "Mean",
    "max": "Highest",
    "difference": "Δ ring",
    "above": "Hot px",
    "median": "Median",
    "p5": "5 %",
    "p95": "95 %",
    "std": "SD",
    "pixels": "Pixels",
}
ID_ROLE = Qt.ItemDataRole.UserRole
FOLLOWS_ROLE = ID_ROLE + 1


class RegionTable(QTableWidget):
    """One row for each region.

    Signals:
        regionSelected: (int or None) The user has chosen this row.
        renamed: (int, str) The user wants this region to have this name.
        drawnChanged: (int, bool) The user wants the curve of this region drawn, or not.
        deleteRequested: () The user wants the selected region gone.
        attachRequested: () The user wants it to follow the selected target, or to stay where it is.
    """

    regionSelected = Signal(object)
    renamed = Signal(int, str)
    drawnChanged = Signal(int, bool)
    deleteRequested = Signal()
    attachRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(0, 1 + len(COLUMNS), parent)
        self._is_following = False
        self.setAccessibleName("Regions")
        self.setHorizontalHeaderItem(0, QTableWidgetItem("Region"))
        for column, name in enumerate(COLUMNS, 1):
            title = QTableWidgetItem(SHORT[name])
            title.setToolTip(STATISTICS[name][1])
            self.setHorizontalHeaderItem(column, title)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.horizontalHeader().setDefaultSectionSize(VALUE_WIDTH)
        self.horizontalHeader().resizeSection(0, NAME_WIDTH)
        self.horizontalHeader().setHighlightSections(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setItemDelegate(RowDelegate(self))
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setFont(numeric_font(self.font()))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.itemSelectionChanged.connect(self._on_selected)
        self.itemChanged.connect(self._on_item_changed)
        self.customContextMenuRequested.connect(self._on_menu)

    def show_regions(self, measuring: Measuring) -> None:
        """Show the regions, the selection and the values as they are now."""
        self._is_following = True
        regions = measuring.regions
        self.setRowCount(len(regions))
        for row, region in enumerate(regions):
            self._fill(row, region, measuring)
        self._show_selection(measuring.selected)
        self._is_following = False

    def _fill(self, row: int, region: Region, measuring: Measuring) -> None:
        name = self._item(row, 0)
        name.setData(ID_ROLE, region.id)
        name.setData(FOLLOWS_ROLE, region.track_id is not None)
        name.setText(region.name)
        name.setIcon(_swatch(region_colour(region.id)))
        is_drawn = region.id not in measuring.choices.undrawn
        name.setCheckState(Qt.CheckState.Checked if is_drawn else Qt.CheckState.Unchecked)
        follows = "fixed in the frame" if region.track_id is None else f"follows track {region.track_id}"
        name.setToolTip(f"{region.shape.label}, {follows}. The tick draws its curve; F2 renames it.")
        self.show_values(row, region, measuring, Words(measuring))

    def show_values(self, row: int, region: Region, measuring: Measuring, words: Words) -> None:
        """Show what a region says in the shown frame."""
        found = measuring.values.get(region.id)
        for column, name in enumerate(COLUMNS, 1):
            text = NOTHING if found is None else words.number(name, getattr(found, name))
            item = self._item(row, column)
            if item.text() != text:
                item.setText(text)

    def refresh_values(self, measuring: Measuring) -> None:
        """Show the values of another frame; the rows are the same."""
        self._is_following, words = True, Words(measuring)
        for row, region in enumerate(measuring.regions):
            self.show_values(row, region, measuring, words)
        self._is_following = False

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
            if column == 0:
                flags |= Qt.ItemFlag.ItemIsEditable | Qt.ItemFlag.ItemIsUserCheckable
            else:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setFlags(flags)
            self.setItem(row, column, item)
        return item

    def _show_selection(self, region: Region | None) -> None:
        if region is None:
            self.clearSelection()
            return
        for row in range(self.rowCount()):
            if self._item(row, 0).data(ID_ROLE) == region.id and not self._item(row, 0).isSelected():
                self.selectRow(row)

    def set_selected(self, region: Region | None) -> None:
        """Select a row, without telling anybody."""
        self._is_following = True
        self._show_selection(region)
        self._is_following = False

    @Slot()
    def _on_selected(self) -> None:
        rows = self.selectionModel().selectedRows()
        if not self._is_following:
            self.regionSelected.emit(rows[0].data(ID_ROLE) if rows else None)

    @Slot(QTableWidgetItem)
    def _on_item_changed(self, item: QTableWidgetItem) -> None:
        if not self._is_following and item.column() == 0:
            region_id = item.data(ID_ROLE)
            self.drawnChanged.emit(region_id, item.checkState() is Qt.CheckState.Checked)
            self.renamed.emit(region_id, item.text())

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        item = self.itemAt(place)
        if item is None:
            return
        menu = self.make_menu(item.row())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.viewport().mapToGlobal(place))

    def make_menu(self, row: int) -> QMenu:
        """What can be done with the region of a row."""
        self.selectRow(row)
        menu = QMenu(self)
        menu.addAction(icon("rename"), "Rename…", lambda: self.editItem(self._item(row, 0)))
        follows = bool(self._item(row, 0).data(FOLLOWS_ROLE))
        text = "Fix where it is in this frame" if follows else "Follow the selected target"
        menu.addAction(icon("attach"), text, self.attachRequested.emit)
        menu.addSeparator()
        menu.addAction(icon("delete"), "Delete region", self.deleteRequested.emit)
        return menu

    def event(self, event: QEvent) -> bool:
        """The delete key is for the region while the table has the focus, not for the track's frame."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete and self._has_choice():
            if event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if event.type() == QEvent.Type.KeyPress:
                self.deleteRequested.emit()
                return True
        return super().event(event)

    def _has_choice(self) -> bool:
        is_editing = self.state() == QAbstractItemView.State.EditingState
        return not is_editing and bool(self.selectionModel().selectedRows())


def _swatch(colour: str) -> QIcon:
    patch = QPixmap(QSize(10, 10))
    patch.fill(QColor(colour))
    return QIcon(patch)
