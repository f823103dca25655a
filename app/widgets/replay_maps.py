"""What both sides of a replay saw in a frame: their maps side by side, and their scores with the difference."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import QEvent, Qt, Slot
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QWidget

from app.theme import numeric_font
from app.widgets.colour_scale import ColourBar
from app.widgets.evidence_panel import NOTHING, SCORES, ScoreRow
from app.widgets.map_view import TITLE_HEIGHT, Cell, MapView, share_of
from app.widgets.variant_item import variant_colour
from tracker.annotation.evidence import Evidence
from tracker.geometry import Box
from tracker.tracking.replay_record import Side

GAP = 10
SIDES = (90, 260)  # least and most pixels of a map
ALL = "all"
LEVELS = {"semantic": "Semantic", "structural": "Structural", "fused": "Fused"}
ROWS = (
    *SCORES,
    ScoreRow("quality", "Box quality", 2, "IoU that the box head expects."),
    ScoreRow("likeness", "Likeness", 2, "How like the first frame the target looks, to the network."),
)


class ReplayMaps(QWidget):
    """The maps of A above those of B, or one map of both side by side; each on the colour scale of its model."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._width = 0
        self.names = {side: QLabel(side.name) for side in Side}
        self.views = {side: {level: self._view(side, level) for level in LEVELS} for side in Side}
        self.scales = {side: ColourBar() for side in Side}
        self.choice = QComboBox()
        self.choice.setAccessibleName("Maps of A and B")
        for level, text in {ALL: "All maps", **{key: f"{name} map" for key, name in LEVELS.items()}}.items():
            self.choice.addItem(text, level)
        self.choice.currentIndexChanged.connect(self._place)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(4)
        for side in Side:
            self.names[side].setWordWrap(True)
        self._dress()
        self._place()

    def _view(self, side: Side, level: str) -> MapView:
        view = MapView(LEVELS[level], f"{LEVELS[level]} similarity as {side.name} sees it.")
        view.setAccessibleName(f"{LEVELS[level]} similarity map of {side.name}")
        view.cellHovered.connect(partial(self._on_cell_hovered, side))
        return view

    def set_width(self, width: int) -> None:
        """Give the maps the room there is across."""
        if width != self._width:
            self._width = width
            self._place()

    @Slot()
    def _place(self) -> None:
        """All maps: a row for each side. One map: a column for each."""
        shown = self.choice.currentData()
        levels = list(LEVELS) if shown == ALL else [shown]
        across = 3 if shown == ALL else 2
        least, most = SIDES
        width = min(max((self._width - (across - 1) * GAP) // across, least), most)
        while self._grid.count():
            self._grid.takeAt(0)
        self._grid.addWidget(self.choice, 0, 0, 1, across)
        for side in Side:
            row, column, span = (1 + 3 * side, 0, across) if shown == ALL else (1, int(side), 1)
            self._grid.addWidget(self.names[side], row, column, 1, span)
            for place, view in enumerate(self.views[side].values()):
                view.setFixedSize(width, width + TITLE_HEIGHT)
                view.setVisible(list(LEVELS)[place] in levels)
            for place, level in enumerate(levels):
                self._grid.addWidget(self.views[side][level], row + 1, column + place)
            self._grid.addWidget(self.scales[side], row + 2, column, 1, span)

    def set_names(self, names: tuple[str, str]) -> None:
        """Say what A and B are."""
        for side, name in zip(Side, names, strict=True):
            self.names[side].setText(f"{side.name}  {name}")

    def show_evidence(self, side: Side, evidence: Evidence | None, box: Box | None) -> None:
        """Show what a side saw, or nothing.

        Args:
            side: Which.
            evidence: Of the frame.
            box: Where it found the target.
        """
        for level, view in self.views[side].items():
            if evidence is None:
                view.show_map(None)
                continue
            share = None if box is None else share_of(evidence.map_region, box)
            view.show_map(getattr(evidence, level), evidence.value_range, share)
        if evidence is not None:
            self.scales[side].set_range(evidence.value_range)

    def _on_cell_hovered(self, side: Side, cell: Cell | None) -> None:
        for view in self.views[side].values():
            view.set_cursor(cell)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()

    def _dress(self) -> None:
        for side, label in self.names.items():
            label.setStyleSheet(f"color: {variant_colour(side).name()}; font-weight: 600;")


class ScoresTable(QWidget):
    """The scores of both sides in a frame, and by how much B's are above A's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for column, text in enumerate(("", "A", "B", "B − A")):
            grid.addWidget(_number(text), 0, column)
        self.values = {row.field: self._add(grid, place + 1, row) for place, row in enumerate(ROWS)}

    def _add(self, grid: QGridLayout, place: int, row: ScoreRow) -> tuple[QLabel, QLabel, QLabel]:
        name = QLabel(row.name)
        name.setToolTip(row.tip)
        grid.addWidget(name, place, 0)
        a, b, difference = (_number(NOTHING) for _ in range(3))
        for column, label in enumerate((a, b, difference)):
            label.setToolTip(row.tip)
            grid.addWidget(label, place, column + 1)
        return a, b, difference

    def show_evidence(self, a: Evidence | None, b: Evidence | None) -> None:
        """Show a frame's scores, or dashes."""
        for row in ROWS:
            first, second = (
                math.nan if each is None else float(getattr(each.scores, row.field)) for each in (a, b)
            )
            texts = (
                _text(first, row.digits),
                _text(second, row.digits),
                _text(second - first, row.digits, "+"),
            )
            for label, text in zip(self.values[row.field], texts, strict=True):
                label.setText(text)


def _number(text: str) -> QLabel:
    label = QLabel(text)
    label.setFont(numeric_font(label.font()))
    label.setAlignment(Qt.AlignmentFlag.AlignRight)
    label.setMinimumWidth(48)
    return label


def _text(value: float, digits: int, sign: str = "") -> str:
    return NOTHING if math.isnan(value) else f"{value:{sign}.{digits}f}"
