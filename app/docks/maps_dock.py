"""The similarity maps of the frame: semantic, structural, fused, on one scale and in the same coordinates."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import icon, numeric_font
from app.widgets.colour_scale import ColourBar, overlay_image
from app.widgets.evidence_panel import AttentionView, NumbersPanel
from app.widgets.history_strip import HistoryStrip
from app.widgets.map_grid import MapGrid
from app.widgets.map_view import Cell, MapView, share_of
from tracker.annotation.evidence import Evidence, Map, Scores
from tracker.geometry import Box

LEVELS = {
    "semantic": ("Semantic", "What the target is: similarity of high-level features."),
    "structural": ("Structural", "How the target is built: similarity of low-level features."),
    "fused": ("Fused", "The relative-entropy ensemble of both: the tracker goes where this is highest."),
}
OVERLAY_NAMES = {"none": "No overlay", **{level: name for level, (name, _) in LEVELS.items()}}
PARTS_HINT = "Point at a cell to see what it is made of."
SENSOR_TIP = (
    "Over frozen frames and a closed shutter the tracker keeps its box; maps and scores are those of the last frame "
    "that showed something new. From the frames just after an event it does not learn."
)
DRAW_EVERY_MS = 33
LEAST_WIDTH = 290
MARGIN = 10


class _Area(QScrollArea):
    """Scrolls, and tells when there is another room to fit things into."""

    resized = Signal()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()


class MapsDock(QDockWidget):
    """Shows the evidence it is given; draws at most 30 times a second.

    Signals:
        overlayChanged: () Another map, or another opacity, is wanted over the frame.
    """

    overlayChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Similarity maps", parent)
        self.setObjectName("mapsDock")
        self._evidence: Evidence | None = None
        self._box: Box | None = None
        self._is_drawn = True  # whether what is shown is what was given last
        self._is_live = False
        self._kept: Cell | None = None  # a cell that was clicked, shown in every frame
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAW_EVERY_MS)
        self._timer.timeout.connect(self._on_timeout)
        self._make_parts()
        self._draw()

    def _make_parts(self) -> None:
        self.views = {level: MapView(name, tip) for level, (name, tip) in LEVELS.items()}
        self.numbers, self.attention, self.scale = NumbersPanel(), AttentionView(), ColourBar()
        self._grid = MapGrid(list(self.views.values()), self.numbers)
        for view in self.views.values():
            view.cellHovered.connect(self._on_cell_hovered)
            view.cellClicked.connect(self._on_cell_clicked)
        self.history = HistoryStrip()
        self.state, self.place, self.parts = QLabel(), QLabel(), QLabel()
        self.sensor = QLabel()
        self.sensor.setObjectName("sensorEvent")
        self.sensor.setWordWrap(True)
        self.sensor.setToolTip(SENSOR_TIP)
        self.sensor.hide()
        self.parts.setToolTip("What each level gives to the cell under the cursor; a click keeps the cell")
        for label in (self.state, self.place, self.parts):
            label.setProperty("muted", True)
        self.state.setWordWrap(True)
        self.place.setFont(numeric_font(self.place.font()))
        self._overlay = QComboBox()
        self._overlay.setAccessibleName("Map over the frame")
        for mode, name in OVERLAY_NAMES.items():
            self._overlay.addItem(name, mode)
        self._overlay.setToolTip("Lay a map over the frame (M)")
        self._opacity = QSlider(Qt.Orientation.Horizontal)
        self._opacity.setRange(10, 100)
        self._opacity.setValue(60)
        self._opacity.setAccessibleName("Opacity of the overlay")
        self._opacity.setToolTip("Opacity of the overlay")
        self._overlay.currentIndexChanged.connect(self.overlayChanged)
        self._opacity.valueChanged.connect(self.overlayChanged)
        self._unfold = QToolButton()
        self._unfold.setText("Attention")
        self._unfold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._unfold.setCheckable(True)
        self._unfold.setObjectName("fold")
        self._unfold.setChecked(True)
        self._unfold.toggled.connect(self._on_unfolded)
        self._lay_out()
        self._on_unfolded(True)

    def _lay_out(self) -> None:
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        column.setSpacing(8)
        head, controls = QHBoxLayout(), QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self.place)
        controls.addWidget(self._overlay)
        controls.addWidget(self._opacity, 1)
        column.addLayout(head)
        column.addWidget(self.sensor)
        column.addWidget(self._grid)
        column.addWidget(self.parts)
        column.addWidget(self.scale)
        column.addLayout(controls)
        column.addWidget(self.history)
        column.addWidget(self._unfold)
        column.addWidget(self.attention)
        column.addStretch(1)
        self._scroll = _Area()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setMinimumWidth(LEAST_WIDTH)
        self._scroll.setWidget(self._body)
        self._scroll.resized.connect(self._fit)
        self.setWidget(self._scroll)

    @Slot()
    def _fit(self) -> None:
        """Give the maps the space that the other parts leave, and a scroll bar would."""
        others = self._body.minimumSizeHint().height() - self._grid.height()
        bar = self._scroll.verticalScrollBar().sizeHint().width()
        width = self._scroll.width() - 2 * MARGIN - bar
        self._grid.set_space(width, self._scroll.viewport().height() - others)

    def show_evidence(self, evidence: Evidence | None, *, box: Box | None = None) -> None:
        """Show what a tracking step saw.

        Args:
            evidence: Drawn at once, unless others came less than 33 ms before; then the last of them is.
                None clears at once, so that no map stays on another frame.
            box: The target in the frame, drawn on the maps; None where it is not known.
        """
        self._evidence, self._box, self._is_drawn = evidence, box, False
        if evidence is None or not self._timer.isActive():
            self._draw()
            self._timer.start()

    @Slot()
    def _on_timeout(self) -> None:
        if not self._is_drawn:
            self._draw()
            self._timer.start()

    def add_history(self, frame: int, scores: Scores) -> None:
        """Add a frame to the curves of peak and disagreement, and mark it there."""
        was_hidden = self.history.isHidden()
        self.history.add(frame, scores)
        if was_hidden:
            self._fit()

    def clear_history(self) -> None:
        """Empty the curves: another track or clip is shown."""
        self.history.clear()
        self._fit()

    def show_sensor(self, text: str) -> None:
        """Say what happened to the sensor in the shown frame; empty for nothing."""
        if text != self.sensor.text():
            self.sensor.setText(text)
            self.sensor.setVisible(bool(text))
            self._fit()

    def set_live(self, is_live: bool) -> None:
        """Say whether the evidence comes from a run that is going on."""
        self._is_live = is_live
        self._say_state()

    def overlay_mode(self) -> tuple[str, float]:
        """("none", "semantic", "structural" or "fused", opacity 0..1)."""
        return str(self._overlay.currentData()), self._opacity.value() / 100

    def set_overlay_mode(self, mode: str) -> None:
        """Choose the map over the frame."""
        self._overlay.setCurrentIndex(self._overlay.findData(mode))

    def overlay_image(self) -> tuple[QImage, Box] | None:
        """The chosen map as a translucent image, and the part of the frame it covers."""
        mode, opacity = self.overlay_mode()
        if self._evidence is None or mode == "none":
            return None
        values: Map = getattr(self._evidence, mode)
        return overlay_image(values, self._evidence.value_range, opacity), self._evidence.map_region

    @Slot(object)
    def _on_cell_hovered(self, cell: Cell | None) -> None:
        """Show the cell under the cursor, or else the kept one."""
        self._show_cell(self._kept if cell is None else cell)

    @Slot(object)
    def _on_cell_clicked(self, cell: Cell) -> None:
        """Keep a cell through the frames; the same again lets it go."""
        self._kept = None if cell == self._kept else cell
        self._show_cell(cell)

    def _show_cell(self, cell: Cell | None) -> None:
        """Mark the same cell in all maps, say where in the frame its middle lies, and what it is made of."""
        if cell is not None and (self._evidence is None or not _has(self._evidence, cell)):
            cell = None
        for view in self.views.values():
            view.set_cursor(cell)
        if cell is None or self._evidence is None:
            self.place.clear()
            self.parts.setText(PARTS_HINT)
            return
        region, (rows, columns) = self._evidence.map_region, self._evidence.fused.shape
        x = region.x + (cell[1] + 0.5) * region.width / columns
        y = region.y + (cell[0] + 0.5) * region.height / rows
        self.place.setText(f"x {x:.1f}  y {y:.1f}")
        self.parts.setText(contributions(self._evidence, cell))

    def _on_unfolded(self, is_open: bool) -> None:
        self._unfold.setIcon(icon("expanded" if is_open else "collapsed"))
        self.attention.setVisible(is_open)
        self._fit()

    def _draw(self) -> None:
        evidence, self._is_drawn = self._evidence, True
        if evidence is None:
            for view in self.views.values():
                view.show_map(None)
            self.history.unmark()
        else:
            share = None if self._box is None else share_of(evidence.map_region, self._box)
            for level, view in self.views.items():
                view.show_map(getattr(evidence, level), evidence.value_range, share)
            self.scale.set_range(evidence.value_range)
            self.history.set_top(evidence.value_range[1])
        self._show_cell(self._kept)
        self.numbers.show_evidence(evidence)
        self.attention.show_evidence(evidence)
        self._say_state()

    def _say_state(self) -> None:
        if self._evidence is None:
            self.state.setText("No maps for this frame: track it, or go to a tracked frame.")
        else:
            self.state.setText(
                "Live: as the tracker sees it now" if self._is_live else "Stored with the track"
            )
        is_live = self._is_live and self._evidence is not None
        if self.state.property("live") != is_live:
            self.state.setProperty("live", is_live)
            self.state.style().polish(self.state)  # a property in the style sheet has changed


def contributions(evidence: Evidence, cell: Cell) -> str:
    """What each level gives to a cell of the fused map, in words."""
    values = [float(getattr(evidence, level)[cell]) for level in ("semantic", "structural", "fused")]
    given = [share * value for share, value in zip(evidence.ensemble_weights, values, strict=False)]
    text = f"semantic {values[0]:.2f} · structural {values[1]:.2f} → fused {values[2]:.2f}"
    if min(given) < 0 or sum(given) <= 0:
        return text
    return f"{text}, {given[0] / sum(given):.0%} semantic"


def _has(evidence: Evidence, cell: Cell) -> bool:
    return all(place < count for place, count in zip(cell, evidence.fused.shape, strict=True))
