"""The clips a model is tuned on: projects and folders, each to be learned from or to be kept back."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

HEIGHT = 130
NAME, KEEP_BACK = 0, 1
PATH_ROLE = Qt.ItemDataRole.UserRole


class SourceList(QTreeWidget):
    """One row for each path.

    Signals:
        changed: () Other rows, or others are kept back.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sourceList")
        self.setColumnCount(2)
        self.setHeaderLabels(["Clip", "Keep back"])
        self.setRootIsDecorated(False)
        self.setFixedHeight(HEIGHT)
        self.setSelectionMode(QTreeWidget.SelectionMode.ExtendedSelection)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(KEEP_BACK, QHeaderView.ResizeMode.ResizeToContents)
        self.setAccessibleName("Clips to learn from")
        self.setToolTip(
            "Projects with boxes that you have drawn or corrected. What is kept back is not learned from, and shows\n"
            "whether it has helped; without a choice it is a quarter of the clips."
        )
        self.itemChanged.connect(lambda *_: self.changed.emit())

    def add(self, path: Path) -> None:
        """Add a path, unless it is there."""
        path = path.absolute()
        if path in self.paths():
            return
        row = QTreeWidgetItem([path.stem, ""])
        row.setToolTip(NAME, str(path))
        row.setData(NAME, PATH_ROLE, str(path))
        row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        row.setCheckState(KEEP_BACK, Qt.CheckState.Unchecked)
        self.addTopLevelItem(row)
        self.changed.emit()

    def remove_selected(self) -> None:
        """Take the selected rows away."""
        for row in self.selectedItems():
            self.takeTopLevelItem(self.indexOfTopLevelItem(row))
        self.changed.emit()

    def keep_back(self, path: Path, is_kept: bool = True) -> None:
        """Keep a path back, or no longer."""
        state = Qt.CheckState.Checked if is_kept else Qt.CheckState.Unchecked
        for row in self._rows():
            if _path(row) == path.absolute():
                row.setCheckState(KEEP_BACK, state)

    def paths(self) -> tuple[Path, ...]:
        """All paths."""
        return tuple(_path(row) for row in self._rows())

    def kept_back(self) -> tuple[Path, ...]:
        """Those that are kept back."""
        return tuple(_path(row) for row in self._rows() if row.checkState(KEEP_BACK) == Qt.CheckState.Checked)

    def _rows(self) -> list[QTreeWidgetItem]:
        rows = (self.topLevelItem(index) for index in range(self.topLevelItemCount()))
        return [row for row in rows if row is not None]


def _path(row: QTreeWidgetItem) -> Path:
    return Path(row.data(NAME, PATH_ROLE))
