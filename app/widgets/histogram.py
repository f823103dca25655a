"""How often each count occurs in the shown frame, with the span to be dragged."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import colours, with_alpha
from app.widgets.palette_swatch import strip
from tracker.opencv import cv2
from tracker.thermal.display import Counts, Span
from tracker.thermal.palettes import Colours

BINS = 256
GRIP_PX = 6.0
STRIP_PX = 8
OUTER = 0.08
"""Of the widest span, free at both ends of the axis."""

RARE = 0.001
"""Share of the counts at each end that need not be on the axis: dead pixels."""


class Part(Enum):
    """What of the span is held."""

    LOW = "low"
    HIGH = "high"
    BOTH = "both"


@dataclass(frozen=True)
class _Hold:
    """A drag: what is held, where it was pressed, in counts, and the span then."""

    part: Part
    at: float
    span: Span


class Histogram(QWidget):
    """Shows counts and a span; says where the user wants the span.

    Signals:
        spanDragged: (Span) The user has pulled the span here.
        resetRequested: () The span is to be measured again: a double click.
    """

    spanDragged = Signal(object)
    resetRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("histogram")
        self.setAccessibleName("Histogram of the shown frame, with level and span")
        self.setToolTip(
            "How often each count occurs in this frame. Drag an edge, or the whole span; "
            "a double click lets it be measured again."
        )
        self.setMouseTracking(True)
        self.setMinimumHeight(96)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._axis, self._span = Span(0.0, 255.0), Span()
        self._bins: NDArray[np.float64] = np.zeros(BINS)
        self._strip = QImage()
        self._hold: _Hold | None = None

    def sizeHint(self) -> QSize:
        """Wide rather than high."""
        return QSize(260, 120)

    @property
    def axis(self) -> Span:
        """The counts at its left and at its right end."""
        return self._axis

    @property
    def span(self) -> Span:
        """The span that is shown."""
        return self._span

    def show_frame(self, counts: Counts, span: Span, clip: Span, palette: Colours) -> None:
        """Show a frame.

        Args:
            counts: (H, W).
            span: The counts of the lowest and the highest level.
            clip: The span of the clip, which is always on the axis.
            palette: The colours of the levels.
        """
        self._span, self._strip = span, strip(palette)
        if self._hold is None:  # under the mouse, nothing moves
            self._fit(counts, clip)
        low, high = self._axis.low, self._axis.high
        frame: NDArray[np.integer] = np.ascontiguousarray(counts)
        bins = min(BINS, max(int(high - low), 2))  # narrower than a count, every other one would be empty
        histogram = cv2.calcHist([frame], [0], None, [bins], [low, high])
        self._bins = np.log1p(np.asarray(histogram, np.float64).ravel())
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._bins = np.zeros(BINS)
        self._hold = None
        self.update()

    def _fit(self, counts: Counts, clip: Span) -> None:
        """Have all of it on the axis; which stays as it is while it fits, so that frames can be compared."""
        sample = np.sort(counts[::4, ::4], axis=None)
        rare = int(len(sample) * RARE)
        low = min(float(sample[rare]), clip.low, self._span.low)
        high = max(float(sample[-1 - rare]), clip.high, self._span.high)
        axis, room = self._axis, OUTER * (high - low)
        if low < axis.low or high > axis.high or high - low < (axis.high - axis.low) / 2:
            self._axis = Span(low - room, high + room)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of an edge or of the whole span."""
        part = self._part_at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and part is not None:
            self._hold = _Hold(part, self._counts_at(event.position().x()), self._span)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Pull what is held."""
        if self._hold is None:
            shapes = {None: Qt.CursorShape.ArrowCursor, Part.BOTH: Qt.CursorShape.SizeAllCursor}
            part = self._part_at(event.position().x())
            self.setCursor(shapes.get(part, Qt.CursorShape.SplitHCursor))
            return
        span = _pulled(self._hold, self._counts_at(event.position().x()))
        if span != self._span:
            self._span = span
            self.update()
            self.spanDragged.emit(span)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._hold = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Let the span be measured again."""
        self._hold = None
        self.resetRequested.emit()

    def _part_at(self, x: float) -> Part | None:
        low, high = self._x(self._span.low), self._x(self._span.high)
        nearest, part = min((abs(x - low), Part.LOW), (abs(x - high), Part.HIGH), key=lambda pair: pair[0])
        if nearest <= GRIP_PX:
            return part
        return Part.BOTH if low < x < high else None

    # Painting

    def _x(self, counts: float) -> float:
        return (counts - self._axis.low) / (self._axis.high - self._axis.low) * self.width()

    def _counts_at(self, x: float) -> float:
        return self._axis.low + x / max(self.width(), 1) * (self._axis.high - self._axis.low)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self.update()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the histogram, the span over it and the palette below."""
        painter, scheme = QPainter(self), colours()
        painter.fillRect(self.rect(), scheme.field)
        area = QRectF(0, 0, self.width(), self.height() - STRIP_PX - 2)
        low, high = self._x(self._span.low), self._x(self._span.high)
        painter.fillRect(QRectF(low, 0, high - low, area.height()), with_alpha(scheme.accent, 0.16))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(scheme.muted)
        painter.drawPolygon(self._outline(area))
        painter.setPen(QPen(scheme.accent, 2))
        for x in (low, high):
            painter.drawLine(QPointF(x, 0), QPointF(x, area.height()))
        self._paint_strip(painter, low, high)
        painter.setPen(QPen(scheme.border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def _paint_strip(self, painter: QPainter, low: float, high: float) -> None:
        top = self.height() - STRIP_PX
        if self._strip.isNull():
            return
        ends = (self._strip.pixelColor(0, 0), self._strip.pixelColor(self._strip.width() - 1, 0))
        painter.fillRect(QRectF(0, top, low, STRIP_PX), ends[0])
        painter.fillRect(QRectF(high, top, self.width() - high, STRIP_PX), ends[1])
        painter.drawImage(QRectF(low, top, max(high - low, 1.0), STRIP_PX), self._strip)

    def _outline(self, area: QRectF) -> QPolygonF:
        most = max(float(self._bins.max()), 1e-9)
        heights = area.height() - 4
        xs = np.linspace(0, area.width(), len(self._bins)).tolist()
        ys = (area.bottom() - self._bins / most * heights).tolist()
        points = [QPointF(x, y) for x, y in zip(xs, ys, strict=True)]
        return QPolygonF([QPointF(0, area.bottom()), *points, QPointF(area.width(), area.bottom())])


def _pulled(hold: _Hold, to: float) -> Span:
    """The span after what is held has been pulled; at least a count wide."""
    by = to - hold.at
    match hold.part:
        case Part.LOW:
            return Span(min(hold.span.low + by, hold.span.high - 1.0), hold.span.high)
        case Part.HIGH:
            return Span(hold.span.low, max(hold.span.high + by, hold.span.low + 1.0))
        case Part.BOTH:
            return Span(hold.span.low + by, hold.span.high + by)
