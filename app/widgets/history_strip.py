"""Peak and disagreement along the clip: where a look back is worth it, at a glance."""

from __future__ import annotations

import math

import numpy as np
import pyqtgraph as pg  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import colours, numeric_font, with_alpha
from tracker.annotation.evidence import Scores

KEPT = 4096  # frames; the ones seen longest ago are forgotten
LEAST_FRAMES = 40  # across the strip, so that the first few do not fill it
HEIGHT = 58
CAPTION = 16
JOINED = 10  # frames; no line is drawn over a wider hole, about which nothing is known
MOST_DISAGREEMENT = 1.0  # target sizes at the top of the strip

Values = NDArray[np.float64]


class HistoryStrip(QWidget):
    """The curves of the frames whose evidence was seen; each pixel column shows its worst frame."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seen: dict[int, tuple[float, float]] = {}
        self._current: int | None = None
        self._top = 1.0
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFont(numeric_font(self.font()))
        self.setAccessibleName("Peak and disagreement along the clip")
        self.setToolTip(
            "Of the frames seen so far: the peak of the fused map (line), and how far the semantic and the\n"
            f"structural peak lie apart (filled, up to {MOST_DISAGREEMENT:g} target size). A low line or a "
            "high fill marks frames to check."
        )
        self.hide()

    def sizeHint(self) -> QSize:
        """A strip."""
        return QSize(200, HEIGHT)

    def add(self, frame: int, scores: Scores) -> None:
        """Remember a frame's scores, and mark it as the current one."""
        values = (scores.peak, scores.disagreement)
        if frame == self._current and self._seen.get(frame) == values:
            return
        self._seen.pop(frame, None)
        self._seen[frame] = values
        if len(self._seen) > KEPT:
            del self._seen[next(iter(self._seen))]
        self._current = frame
        self.setVisible(len(self._seen) > 1)
        self.update()

    def set_top(self, value: float) -> None:
        """Take the similarity at the top of the strip: the high end of the colour scale."""
        self._top = value if value > 0 else 1.0

    def unmark(self) -> None:
        """Mark no frame: the current one has no evidence."""
        self._current = None
        self.update()

    def clear(self) -> None:
        """Forget everything: the frames are another track's, or another clip's."""
        self._seen.clear()
        self._current = None
        self.hide()

    def columns(self, width: int) -> tuple[Values, Values, Values]:
        """The curves at most `width` points long.

        Returns:
            (k,) x of the points in pixels, ascending; (k,) lowest peak of each; (k,) largest disagreement.
        """
        frames = np.fromiter(self._seen, np.int64, len(self._seen))
        order = np.argsort(frames)
        frames = frames[order]
        values = np.nan_to_num(np.array([*self._seen.values()], np.float64).reshape(-1, 2)[order])
        if not frames.size:
            return np.zeros(0), np.zeros(0), np.zeros(0)
        first, last = self._span()
        places = np.floor((frames - first) * (width - 1) / (last - first))
        starts = np.flatnonzero(np.diff(places, prepend=-1))
        return (
            places[starts],
            np.minimum.reduceat(values[:, 0], starts),
            np.maximum.reduceat(values[:, 1], starts),
        )

    def _span(self) -> tuple[int, int]:
        first, last = min(self._seen), max(self._seen)
        return first, max(last, first + LEAST_FRAMES)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw caption, fill, line and mark."""
        c = colours()
        painter = QPainter(self)
        plot = QRectF(0, CAPTION, self.width(), self.height() - CAPTION)
        self._draw_caption(painter)
        painter.fillRect(plot, c.field)
        if not self._seen:
            return
        first, last = self._span()
        frame_width = (self.width() - 1) / (last - first)
        x, peak, apart = self.columns(self.width())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for part in np.split(np.arange(len(x)), np.flatnonzero(np.diff(x) > JOINED * frame_width + 1) + 1):
            self._draw_part(painter, plot, x[part], peak[part], apart[part])
        if self._current is not None:
            mark = math.floor((self._current - first) * frame_width)
            painter.fillRect(QRectF(mark, plot.top(), 1, plot.height()), c.playhead)

    def _draw_part(self, painter: QPainter, plot: QRectF, x: Values, peak: Values, apart: Values) -> None:
        """Frames that were seen one after the other; a single one is widened to be seen."""
        c = colours()
        if len(x) == 1:
            x, peak, apart = np.array([x[0] - 1, x[0] + 1]), peak.repeat(2), apart.repeat(2)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(with_alpha(c.warning, 0.55))
        painter.drawPolygon(_filled(plot, x, apart / MOST_DISAGREEMENT))
        painter.setPen(QPen(c.text, 1.2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(pg.functions.arrayToQPolygonF(x, _heights(plot, peak / self._top)))

    def _draw_caption(self, painter: QPainter) -> None:
        c = colours()
        head = QRectF(0, 0, self.width(), CAPTION - 3)
        first, last = (min(self._seen), max(self._seen)) if self._seen else (0, 0)
        names = ((c.text, "Peak"), (c.warning, "Disagreement"))
        left = 0
        for colour, name in names:
            painter.fillRect(QRectF(left, head.center().y() - 1, 8, 3), colour)
            painter.setPen(c.muted)
            painter.drawText(head.adjusted(left + 12, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, name)
            left += 12 + painter.fontMetrics().horizontalAdvance(name) + 12
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(head, right, f"{first}–{last}")


def _heights(plot: QRectF, share: Values) -> Values:
    """Ordinates of a curve that is given by shares of the plot's height, cut off at its ends."""
    return np.asarray(plot.bottom() - np.clip(share, 0.0, 1.0) * (plot.height() - 2))


def _filled(plot: QRectF, x: Values, share: Values) -> QPolygonF:
    """The area below such a curve."""
    y = np.concatenate([_heights(plot, share), [plot.bottom(), plot.bottom()]])
    polygon: QPolygonF = pg.functions.arrayToQPolygonF(np.concatenate([x, [x[-1], x[0]]]), y)
    return polygon
