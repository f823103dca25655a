"""What to evaluate: a data set, a protocol, models, and other trackers' results."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import resources
from app.dialogs import files
from app.evaluation_job import Wanted
from tracker.tracking.user_models import named_models

SHIPPED = ("default", "mlssnet")
LIST_HEIGHT = 66
FOLDER = Qt.ItemDataRole.UserRole


class EvaluationSetup(QWidget):
    """The fields.

    Signals:
        changed: () Something else is wanted.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.dataset, self.protocol, self.trackers = QLineEdit(), QComboBox(), QListWidget()
        self.dataset.setPlaceholderText("Folder of the benchmark")
        self.dataset.setAccessibleName("Folder of the benchmark")
        self.dataset.textChanged.connect(self.changed)
        self.protocol.addItems(list(resources.protocols()))
        self.protocol.setCurrentText("otb")
        self.protocol.setToolTip("How it is measured, as the benchmark's own toolkit does")
        self.trackers.setFixedHeight(LIST_HEIGHT)
        self.trackers.setAccessibleName("Trackers to compare")
        self.trackers.setToolTip("Models are run where they have no results yet; results of others are read")
        self.browse, self.add_results = QPushButton("Choose…"), QPushButton("Add results…")
        self.browse.clicked.connect(self._on_browse)
        self.add_results.setToolTip("A folder with another tracker's result files")
        self.add_results.clicked.connect(self._on_add_results)
        self._lay_out()
        self.list_models()
        self.trackers.itemChanged.connect(self.changed)

    def _lay_out(self) -> None:
        form, row, column = QFormLayout(), QHBoxLayout(), QVBoxLayout(self)
        row.addWidget(self.dataset, 1)
        row.addWidget(self.browse)
        form.addRow("Data set", row)
        form.addRow("Protocol", self.protocol)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(form)
        column.addWidget(self.trackers)
        column.addWidget(self.add_results)

    def list_models(self) -> None:
        """List the models as they are now; what is ticked stays so."""
        there = {item.text() for item in self._items()}
        for name in (*SHIPPED, *(model.name for model in named_models())):
            if name not in there:
                self._add(name, None, is_on=name == "default")

    def add_folder(self, folder: Path) -> None:
        """Add another tracker's results, called like their folder."""
        taken = {item.text() for item in self._items()}
        name, number = folder.name, 1
        while name in taken:
            number += 1
            name = f"{folder.name} {number}"
        self._add(name, folder, is_on=True)
        self.changed.emit()

    def _add(self, name: str, folder: Path | None, *, is_on: bool) -> None:
        item = QListWidgetItem(name)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
        item.setData(FOLDER, None if folder is None else str(folder))
        item.setToolTip("A model of Thermark" if folder is None else str(folder))
        self.trackers.addItem(item)

    def _items(self) -> list[QListWidgetItem]:
        return [self.trackers.item(row) for row in range(self.trackers.count())]

    def wanted(self, device: str) -> Wanted | None:
        """What the fields say; None where they say too little."""
        chosen = [item for item in self._items() if item.checkState() == Qt.CheckState.Checked]
        text = self.dataset.text().strip()
        if not text or not chosen:
            return None
        own = {model.name: str(model.path) for model in named_models()}
        return Wanted(
            dataset=Path(text).expanduser(),
            protocol=self.protocol.currentText(),
            models=tuple(own.get(i.text(), i.text()) for i in chosen if i.data(FOLDER) is None),
            results={i.text(): Path(i.data(FOLDER)) for i in chosen if i.data(FOLDER) is not None},
            device=device,
        )

    @Slot()
    def _on_browse(self) -> None:
        folder = files.ask_folder(self, "Folder of the benchmark", Path(self.dataset.text() or "."))
        if folder is not None:
            self.dataset.setText(str(folder))

    @Slot()
    def _on_add_results(self) -> None:
        folder = files.ask_folder(self, "Folder with a tracker's result files")
        if folder is not None:
            self.add_folder(folder)
