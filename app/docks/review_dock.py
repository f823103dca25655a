"""The review queue: the frames most likely wrong, the worst first, and what is left to do."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDockWidget,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.theme import colours, icon, numeric_font
from app.widgets.course_plot import CoursePlot
from app.widgets.presence_offer import PresenceOffer
from app.widgets.timeline_review import risk_colour
from tracker.annotation.review import Entry, Estimate

FRAME_ROLE = Qt.ItemDataRole.UserRole
ROW_HEIGHT = 24
SHOWN = 500  # rows; nobody goes through more before the queue is made anew
NO_TRACK = "Select a track to see where it is probably wrong."
WAITING = "Looking for doubtful frames…"
NOTHING = "No doubtful frames: all that a tracker has said here is probably right."
NOT_TRACKED = "Nothing tracked yet: press T to follow the target."


class ReviewDock(QDockWidget):
    """Shows a queue, and tells which entry the user wants to see.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        acceptRequested: () The boxes around the present frame are right.
    """

    frameRequested = Signal(int)
    acceptRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Review", parent)
        self.setObjectName("reviewDock")
        self.summary, self.hint = QLabel(NO_TRACK), QLabel()
        self.summary.setWordWrap(True)
        self.hint.setProperty("muted", True)
        self.hint.setWordWrap(True)
        self.plot, self.table = CoursePlot(), QTableWidget(0, 3)
        self.plot.frameRequested.connect(self.frameRequested)
        self._make_table()
        self.accept_button = QPushButton(icon("accept"), "Accept")
        self.accept_button.setToolTip("These boxes are right: on to the next doubtful frame (A)")
        self.accept_button.clicked.connect(self.acceptRequested)
        self.offer = PresenceOffer()
        self.offer.frameRequested.connect(self.frameRequested)
        self.lessons = QLabel()
        self.lessons.setProperty("muted", True)
        self._lay_out()
        self.show_queue([], None, NO_TRACK)

    def _make_table(self) -> None:
        table = self.table
        table.setAccessibleName("Doubtful frames")
        table.setHorizontalHeaderLabels(["Frame", "Stretch", "Risk"])
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setShowGrid(False)
        table.horizontalHeader().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        table.setItemDelegateForColumn(2, _RiskBar(table))
        table.setFont(numeric_font(table.font()))
        table.cellClicked.connect(self._on_chosen)
        table.cellActivated.connect(self._on_chosen)

    def _lay_out(self) -> None:
        body = QWidget()
        column, head = QVBoxLayout(body), QHBoxLayout()
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        head.addWidget(self.summary, 1)
        head.addWidget(self.accept_button)
        column.addLayout(head)
        column.addWidget(self.offer)
        column.addWidget(self.plot)
        column.addWidget(self.hint)
        column.addWidget(self.table, 1)
        column.addWidget(self.lessons)
        column.addStretch(0)
        self.setWidget(body)

    def show_queue(self, entries: list[Entry], estimate: Estimate | None, otherwise: str = "") -> None:
        """Show a queue.

        Args:
            entries: The worst first.
            estimate: Of the track; None where nothing is known yet.
            otherwise: What to say then.
        """
        self.summary.setText(otherwise if estimate is None else estimate.text)
        self.table.setVisible(bool(entries))
        self.accept_button.setEnabled(bool(entries))
        self.hint.setText("" if entries or estimate is None else NOTHING if estimate.frames else NOT_TRACKED)
        self.hint.setVisible(bool(self.hint.text()))
        self.table.setRowCount(min(len(entries), SHOWN))
        for row, entry in enumerate(entries[:SHOWN]):
            self._fill(row, entry)

    def show_lessons(self, count: int) -> None:
        """Say how many frames of reviews the probabilities have been fitted to."""
        frames = "1 frame" if count == 1 else f"{count:,} frames"
        self.lessons.setText(f"Fitted to {frames} that you have corrected or accepted")
        self.lessons.setVisible(count > 0)

    def _fill(self, row: int, entry: Entry) -> None:
        length = entry.stop - entry.start
        stretch = f"{entry.start}–{entry.stop - 1}" if length > 1 else ""
        for column, text in enumerate((str(entry.frame), stretch, f"{entry.risk:.0%}")):
            item = QTableWidgetItem(text)
            item.setData(FRAME_ROLE, entry.risk if column == 2 else entry.frame)
            self.table.setItem(row, column, item)

    @Slot(int)
    def set_frame(self, frame: int) -> None:
        """Mark the entry of the current frame."""
        self.plot.set_frame(frame)
        self.offer.set_frame(frame)
        for row in range(self.table.rowCount()):
            item = self.table.item(row, 0)
            if item is not None and item.data(FRAME_ROLE) == frame:
                self.table.selectRow(row)
                return
        self.table.clearSelection()

    @Slot(int, int)
    def _on_chosen(self, row: int, _column: int) -> None:
        item = self.table.item(row, 0)
        if item is not None:
            self.frameRequested.emit(int(item.data(FRAME_ROLE)))


class _RiskBar(QStyledItemDelegate):
    """A probability as a bar under its number."""

    def __init__(self, table: QTableWidget) -> None:
        super().__init__(table)
        self._table = table

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """What the row has behind it, then the bar, then the number."""
        item = QStyleOptionViewItem(option)
        self.initStyleOption(item, index)
        text, item.text = item.text, ""
        self._table.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, item, painter, self._table)
        risk = float(index.data(FRAME_ROLE) or 0.0)
        area = QRectF(item.rect).adjusted(4, 6, -6, -6)
        painter.fillRect(area, colours().grid)
        painter.fillRect(
            QRectF(area.left(), area.top(), area.width() * risk, area.height()), risk_colour(risk)
        )
        painter.setPen(colours().text)
        painter.drawText(area.adjusted(6, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, text)
