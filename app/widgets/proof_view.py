"""What a tuning has brought on the clips kept back: a verdict, a table of before and after, and a picture."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QMouseEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QSizePolicy,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import colours, numeric_font
from tracker.training.proof import ClipProof, Proof

COLUMNS = ("Clip", "AUC", "SR@0.5", "C/1000")
TIPS = (
    "Kept back: not learned from",
    "Area under the success curve of one pass without help; higher is better",
    "Share of frames with an overlap above one half; higher is better",
    "Corrections for each 1,000 frames; lower is better",
)
LEAST_CHANGE = 5e-4


class ProofView(QWidget):
    """Shows one proof."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.verdict, self.table, self.picture = QLabel(), QTableWidget(), _Picture()
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.table.setColumnCount(len(COLUMNS))
        for number, tip in enumerate(TIPS):
            head = QTableWidgetItem(COLUMNS[number])
            head.setToolTip(tip)
            self.table.setHorizontalHeaderItem(number, head)
        self.table.setObjectName("proofTable")
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(40)
        self.table.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.table.verticalHeader().hide()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setWordWrap(False)
        self.table.setFont(numeric_font(self.table.font()))
        self.table.setAccessibleName("Before and after")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for widget in (self.verdict, self.table, self.picture):
            column.addWidget(widget)

    def show_proof(self, proof: Proof) -> None:
        """Show it."""
        self.verdict.setText(proof.verdict())
        rows = [*proof.clips]
        if len(rows) > 1:
            rows.append(ClipProof("Mean", proof.before, proof.after))
        self.table.setRowCount(len(rows))
        for number, clip in enumerate(rows):
            self._show_row(number, clip)
        height = self.table.horizontalHeader().sizeHint().height() + 2
        self.table.setFixedHeight(height + sum(self.table.rowHeight(row) for row in range(len(rows))))
        self.picture.show_file(proof.picture)

    def _show_row(self, row: int, clip: ClipProof) -> None:
        old, new = clip.before, clip.after
        name = QTableWidgetItem(clip.name)
        name.setToolTip(clip.text())
        self.table.setItem(row, 0, name)
        changes = (
            (f"{old.success_auc:.3f} → {new.success_auc:.3f}", new.success_auc - old.success_auc),
            (
                f"{old.success_rate_50:.2f} → {new.success_rate_50:.2f}",
                new.success_rate_50 - old.success_rate_50,
            ),
            (f"{old.corrections:.0f} → {new.corrections:.0f}", old.corrections - new.corrections),
        )
        for column, (text, gain) in enumerate(changes, 1):
            cell = QTableWidgetItem(text)
            colour = _colour(gain)
            if colour is not None:
                cell.setForeground(colour)
            self.table.setItem(row, column, cell)


def _colour(gain: float) -> QColor | None:
    if abs(gain) < LEAST_CHANGE:
        return None
    return colours().live if gain > 0 else colours().error


class _Picture(QLabel):
    """A picture as wide as there is room; a click opens it in full."""

    def __init__(self) -> None:
        super().__init__()
        self._file: Path | None = None
        self._whole = QPixmap()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Boxes before and after")
        self.setToolTip("Boxes before and after where they differ most. Click to see it in full.")
        self.hide()

    def show_file(self, file: Path | None) -> None:
        """Show a file; None for none."""
        self._file, self._whole = file, QPixmap() if file is None else QPixmap(str(file))
        self.setVisible(not self._whole.isNull())
        self._fit()

    def sizeHint(self) -> QSize:
        """As the picture is shaped."""
        return QSize(100, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._fit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open it in full."""
        if self._file is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._file)))

    def _fit(self) -> None:
        if self._whole.isNull():
            return
        width = min(max(self.width(), 1), self._whole.width())
        shown = self._whole.scaledToWidth(width, Qt.TransformationMode.SmoothTransformation)
        self.setPixmap(shown)
        self.setFixedHeight(shown.height())
