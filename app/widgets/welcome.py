"""What is there before anything is open: what to do first, and ways to do it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import icon

STEPS = (
    ("Open a clip", "A video, or a folder of images, 8 or 16 bit. Nothing in it is ever changed."),
    ("Press N and draw a box", "Around the target, on any frame."),
    ("Press T", "The target is followed, and you see why. Drag a box that drifted, press T again."),
)
SHOWN_RECENT = 5
WIDTH = 560


class Welcome(QWidget):
    """The empty state.

    Signals:
        openRequested, folderRequested, sampleRequested: () A button was pressed.
        pathRequested: (Path) A recent file was chosen.
    """

    openRequested = Signal()
    folderRequested = Signal()
    sampleRequested = Signal()
    pathRequested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout()
        column.setSpacing(0)
        for part in (_title(), _steps(), self._make_target(), self._make_recent()):
            column.addWidget(part)
            column.addSpacing(26)
        body = QWidget()
        body.setLayout(column)
        body.setFixedWidth(WIDTH)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(body, alignment=Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)

    def _make_target(self) -> QWidget:
        self._target = QFrame()
        self._target.setObjectName("dropTarget")
        hint = QLabel("Drop a clip or a project here, or")
        hint.setObjectName("muted")
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch()
        for text, name, signal in (
            ("Open a clip…", "open", self.openRequested),
            ("Open image folder…", "", self.folderRequested),
            ("Open the sample clip", "sample", self.sampleRequested),
        ):
            button = QPushButton(text)
            if name:
                button.setIcon(icon(name))
            button.clicked.connect(signal)
            row.addWidget(button)
        self.sample_button = button
        row.addStretch()
        box = QVBoxLayout(self._target)
        box.setContentsMargins(16, 22, 16, 24)
        box.setSpacing(14)
        box.addWidget(hint, alignment=Qt.AlignmentFlag.AlignHCenter)
        box.addLayout(row)
        return self._target

    def _make_recent(self) -> QWidget:
        self._recent = QWidget()
        self._recent_rows = QVBoxLayout(self._recent)
        self._recent_rows.setContentsMargins(0, 0, 0, 0)
        self._recent_rows.setSpacing(2)
        return self._recent

    def set_recent(self, paths: Sequence[Path]) -> None:
        """Show the files opened last."""
        while self._recent_rows.count():
            item = self._recent_rows.takeAt(0)
            widget = None if item is None else item.widget()
            if widget is not None:
                widget.setParent(None)
                widget.deleteLater()  # it may be the button that is being pressed
        if paths:
            heading = QLabel("Recent")
            heading.setObjectName("muted")
            self._recent_rows.addWidget(heading)
        for path in paths[:SHOWN_RECENT]:
            self._recent_rows.addWidget(self._recent_button(path))

    def _recent_button(self, path: Path) -> QWidget:
        button = QToolButton()
        button.setObjectName("recent")
        button.setText(f"{clip_name(path)}    {path.parent}")
        button.setIcon(icon("sample"))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setToolTip(str(path))
        button.clicked.connect(lambda _checked=False: self.pathRequested.emit(path))
        button.setMaximumWidth(WIDTH)
        return button

    def set_dropping(self, is_on: bool) -> None:
        """Show that what is being dragged may be dropped."""
        self._target.setProperty("dropping", is_on)
        self._target.style().unpolish(self._target)
        self._target.style().polish(self._target)

    def sizeHint(self) -> QSize:
        """Room for everything."""
        return QSize(WIDTH + 80, 520)


def _title() -> QWidget:
    part = QWidget()
    name, what = QLabel("Thermark"), QLabel("Follow targets through thermal-infrared video, and see why.")
    name.setObjectName("welcomeTitle")
    what.setObjectName("muted")
    column = QVBoxLayout(part)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    column.addWidget(name)
    column.addWidget(what)
    return part


def _steps() -> QWidget:
    part = QWidget()
    grid = QGridLayout(part)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(1)
    grid.setColumnStretch(1, 1)
    for row, (heading, text) in enumerate(STEPS):
        number, head, body = QLabel(str(row + 1)), QLabel(heading), QLabel(text)
        top = 3 * row  # heading, text, and an empty row for distance
        number.setObjectName("stepNumber")
        number.setAlignment(Qt.AlignmentFlag.AlignCenter)
        number.setFixedSize(30, 30)
        head.setObjectName("stepHeading")
        body.setObjectName("muted")
        body.setWordWrap(True)
        grid.addWidget(number, top, 0, 2, 1)
        grid.addWidget(head, top, 1)
        grid.addWidget(body, top + 1, 1)
        grid.setRowMinimumHeight(top + 2, 14)
    return part


def clip_name(path: Path) -> str:
    """A clip's name for people: folders of images are often all called the same, so with their parent."""
    return path.name if path.suffix else f"{path.parent.name}/{path.name}"
