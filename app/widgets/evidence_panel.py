"""The numbers beside the maps: ensemble weights, scores, and the attentions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFormLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.theme import colours, numeric_font
from app.widgets.colour_scale import map_image
from tracker.annotation.evidence import Evidence, Map

NOTHING = "–"
ATTENTION_HEIGHT = 64
CAPTION = 18


@dataclass(frozen=True)
class ScoreRow:
    """One score: its field in `Scores`, its name, its format, and what it means."""

    field: str
    name: str
    digits: int
    tip: str


SCORES = (
    ScoreRow(
        "peak",
        "Peak",
        2,
        "Highest fused similarity; high when the target looks as learned.",
    ),
    ScoreRow(
        "psr",
        "PSR",
        1,
        "Peak-to-sidelobe ratio: how far the peak stands out; low is doubtful.",
    ),
    ScoreRow(
        "apce",
        "APCE",
        0,
        "Average peak-to-correlation energy: high for one sharp peak alone.",
    ),
    ScoreRow(
        "second_peak_ratio",
        "Second peak",
        2,
        "The next best place over the best; near 1 means a look-alike.",
    ),
    ScoreRow(
        "disagreement",
        "Disagreement",
        2,
        "Distance of the semantic from the structural peak, in targets.",
    ),
)


class ShareBar(QWidget):
    """How much each level counts in the fused map, as one bar of two colours."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shares: tuple[float, float] | None = None
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(numeric_font(self.font()))
        self.setAccessibleName("Ensemble weights")
        self.setToolTip("Weights of the relative-entropy ensemble (REN): semantic, then structural.")

    def set_shares(self, shares: tuple[float, float] | None) -> None:
        """Take (semantic, structural), adding up to 1, or nothing."""
        if shares != self._shares:
            self._shares = shares
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw both parts with their percentages."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(self.rect())
        painter.setBrush(colours().field)
        painter.drawRoundedRect(area, 4, 4)
        if self._shares is None:
            return
        left = area.x()
        for share, colour in zip(self._shares, (colours().semantic, colours().structural), strict=True):
            part = QRectF(left, area.y(), area.width() * share, area.height())
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(part.adjusted(0, 0, -1, 0), 4, 4)
            painter.setPen(colours().background)
            painter.drawText(part, Qt.AlignmentFlag.AlignCenter, f"{share:.0%}")
            left += part.width()


class NumbersPanel(QWidget):
    """Ensemble weights and scores of a frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 2, 0, 0)
        layout.setSpacing(6)
        self.shares = ShareBar()
        legend = QLabel("Ensemble weights")
        legend.setProperty("muted", True)
        layout.addWidget(legend)
        layout.addWidget(self.shares)
        form = QFormLayout()
        form.setContentsMargins(0, 2, 0, 0)
        form.setVerticalSpacing(3)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        self.values = {row.field: self._add(form, row) for row in SCORES}
        layout.addLayout(form)
        layout.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)

    def _add(self, form: QFormLayout, row: ScoreRow) -> QLabel:
        name, value = QLabel(row.name), QLabel(NOTHING)
        name.setToolTip(row.tip)
        value.setToolTip(row.tip)
        value.setFont(numeric_font(value.font()))
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        value.setAccessibleName(row.name)
        form.addRow(name, value)
        return value

    def show_evidence(self, evidence: Evidence | None) -> None:
        """Show a frame's numbers, or dashes."""
        self.shares.set_shares(None if evidence is None else evidence.ensemble_weights)
        for row in SCORES:
            text = NOTHING if evidence is None else f"{getattr(evidence.scores, row.field):.{row.digits}f}"
            self.values[row.field].setText(text)


class AttentionView(QWidget):
    """What the template weights: its channels as a strip of bars, its positions as a small map."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channels: Map | None = None
        self._positions: Map | None = None
        self.setFixedHeight(ATTENTION_HEIGHT + CAPTION)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Attention")
        self.setToolTip(
            "Left: weight of each semantic channel. Right: weight of each position of the template."
        )

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(200, ATTENTION_HEIGHT + CAPTION)

    def show_evidence(self, evidence: Evidence | None) -> None:
        """Show a frame's attentions, or nothing."""
        channels, positions = (
            (None, None) if evidence is None else (evidence.channel_attention, evidence.spatial_attention)
        )
        if not (_same(channels, self._channels) and _same(positions, self._positions)):
            self._channels, self._positions = channels, positions
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw captions, bars and map."""
        painter = QPainter(self)
        side = ATTENTION_HEIGHT
        strip = QRectF(0, CAPTION, self.width() - side - 8, side)
        square = QRectF(self.width() - side, CAPTION, side, side)
        painter.fillRect(strip, colours().field)
        painter.fillRect(square, colours().field)
        painter.setPen(colours().muted)
        for area, text in ((strip, self._channels_text()), (square, "Positions")):
            painter.drawText(area.translated(0, -CAPTION), Qt.AlignmentFlag.AlignLeft, text)
        if self._channels is None or self._positions is None:
            return
        self._draw_channels(painter, strip, self._channels)
        painter.drawImage(square, map_image(self._positions, (0.0, 1.0)))

    def _channels_text(self) -> str:
        return "Channels" if self._channels is None else f"{len(self._channels)} channels"

    @staticmethod
    def _draw_channels(painter: QPainter, strip: QRectF, channels: Map) -> None:
        width = strip.width() / len(channels)
        bars = [
            QRectF(index * width, strip.bottom() - height, max(width - 0.5, 0.5), height)
            for index, height in enumerate((np.clip(channels, 0, 1) * (strip.height() - 4)).tolist())
        ]
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours().semantic)
        painter.drawRects(bars)


def _same(one: Map | None, other: Map | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)
