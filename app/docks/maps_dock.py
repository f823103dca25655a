"""The similarity maps of the frame: semantic, structural, fused, on one scale and in the same coordinates."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDockWidget,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from app.theme import icon
from app.widgets.colour_scale import ColourBar, overlay_image
from app.widgets.evidence_panel import AttentionView, NumbersPanel
from app.widgets.map_view import MapView
from tracker.annotation.evidence import Evidence, Map
from tracker.geometry import Box

LEVELS = {
    "semantic": ("Semantic", "What the target is: similarity of high-level features."),
    "structural": ("Structural", "How the target is built: similarity of low-level features."),
    "fused": ("Fused", "The relative-entropy ensemble of both: the tracker goes where this is highest."),
}
OVERLAY_NAMES = {"none": "No overlay", **{level: name for level, (name, _) in LEVELS.items()}}
DRAW_EVERY_MS = 33
WIDE = 560  # pixels from which the parts stand in one row


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
        self._is_live = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DRAW_EVERY_MS)
        self._timer.timeout.connect(self._draw)
        self._make_parts()
        self._arrange(columns=2)
        self._draw()

    def _make_parts(self) -> None:
        self.views = {level: MapView(name, tip) for level, (name, tip) in LEVELS.items()}
        self.numbers, self.attention, self.scale = NumbersPanel(), AttentionView(), ColourBar()
        self.state = QLabel()
        self.state.setProperty("muted", True)
        self.state.setWordWrap(True)
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
        self._on_unfolded(True)
        self._lay_out()

    def _lay_out(self) -> None:
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(10, 8, 10, 10)
        column.setSpacing(8)
        column.addWidget(self.state)
        self._grid = QGridLayout()
        self._grid.setSpacing(10)
        column.addLayout(self._grid)
        column.addWidget(self.scale)
        controls = QHBoxLayout()
        controls.addWidget(self._overlay)
        controls.addWidget(self._opacity, 1)
        column.addLayout(controls)
        column.addWidget(self._unfold)
        column.addWidget(self.attention)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setMinimumWidth(290)
        scroll.setWidget(body)
        self.setWidget(scroll)

    def _arrange(self, columns: int) -> None:
        """Three maps and the numbers in a grid of `columns`."""
        self._columns = columns
        for column in range(4):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        parts: list[QWidget] = [*self.views.values(), self.numbers]
        for index, part in enumerate(parts):
            self._grid.addWidget(part, index // columns, index % columns)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in one row where there is room."""
        super().resizeEvent(event)
        columns = 4 if event.size().width() >= WIDE else 2
        if columns != self._columns:
            self._arrange(columns)

    def show_evidence(self, evidence: Evidence | None) -> None:
        """Show what a tracking step saw; None clears at once, so that no map stays on another frame."""
        self._evidence = evidence
        if evidence is None:
            self._timer.stop()
            self._draw()
        elif not self._timer.isActive():
            self._timer.start()

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

    def _on_unfolded(self, is_open: bool) -> None:
        self._unfold.setIcon(icon("expanded" if is_open else "collapsed"))
        self.attention.setVisible(is_open)

    def _draw(self) -> None:
        evidence = self._evidence
        for level, view in self.views.items():
            if evidence is None:
                view.show_map(None)
            else:
                view.show_map(getattr(evidence, level), evidence.value_range)
        if evidence is not None:
            self.scale.set_range(evidence.value_range)
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
        self.state.setProperty("live", self._is_live and self._evidence is not None)
        self.state.style().polish(self.state)  # a property in the style sheet has changed
