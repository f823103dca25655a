"""The list of shortcuts, made from the table of actions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from app.actions import Action

MOUSE = (
    ("Wheel", "Zoom at the cursor"),
    ("Middle button, or Space and drag", "Pan"),
    ("Drag a box or a handle", "Move, resize: the box becomes an anchor"),
    ("Click a box", "Select its track"),
)


class ShortcutsDialog(QDialog):
    """All shortcuts, a column for each two sections.

    Args:
        sections: Title -> actions.
        parent: The window.
    """

    def __init__(self, sections: Mapping[str, Sequence[Action]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Shortcuts")
        texts = {title: _rows(actions) for title, actions in sections.items()}
        texts = {title: rows for title, rows in texts.items() if rows} | {"Mouse": list(MOUSE)}
        columns = QHBoxLayout()
        columns.setSpacing(36)
        for part in _columns(texts, 2):
            columns.addWidget(_column(part), alignment=Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.setSpacing(18)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _rows(actions: Sequence[Action]) -> list[tuple[str, str]]:
    native = QKeySequence.SequenceFormat.NativeText
    return [
        ("   ".join(QKeySequence(keys).toString(native) for keys in action.keys), action.text.rstrip("…"))
        for action in actions
        if action.keys
    ]


def _columns(
    sections: Mapping[str, list[tuple[str, str]]], count: int
) -> list[dict[str, list[tuple[str, str]]]]:
    """The sections in order, in columns of about the same height."""
    total = sum(len(rows) + 2 for rows in sections.values())
    columns: list[dict[str, list[tuple[str, str]]]] = [{} for _ in range(count)]
    done = 0
    for title, rows in sections.items():
        middle = done + (len(rows) + 2) / 2
        columns[min(int(middle / total * count), count - 1)][title] = rows
        done += len(rows) + 2
    return columns


def _column(sections: Mapping[str, list[tuple[str, str]]]) -> QWidget:
    column = QWidget()
    grid = QGridLayout(column)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(18)
    grid.setVerticalSpacing(4)
    for title, rows in sections.items():
        heading = QLabel(title)
        heading.setObjectName("stepHeading")
        row = grid.rowCount()
        grid.setRowMinimumHeight(row, 10)
        grid.addWidget(heading, row + 1, 0, 1, 2)
        for keys, text in rows:
            row = grid.rowCount()
            label = QLabel(keys)
            label.setObjectName("keys")
            grid.addWidget(label, row, 0)
            grid.addWidget(QLabel(text), row, 1)
    return column
