"""What the timeline paints around its lanes: ruler, headers, proposal, bad frames, playhead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

from app.theme import colours, numeric_font, with_alpha
from app.widgets.timeline_rows import LANE_HEIGHT, SELECTED_TINT
from app.widgets.timeline_scale import Scale, tick_step, time_text
from tracker.annotation.track import Track

RULER_HEIGHT = 38
HEADER_WIDTH = 168
LABEL_SHIFT = 4  # from a line of the ruler to its number
LABEL_ROOM = 40  # between the numbers on the ruler
BAD_HEIGHT = 3  # of the mark of a bad frame, at the foot of the ruler
SWATCH = 10
RANGE_HEIGHT = 4  # of the bar of the selected range
CHIP_HEIGHT = 17
CHIP_HALO = 4

Spans = NDArray[np.int64]


def small_font(font: QFont) -> QFont:
    """For the ruler: a little smaller, digits of equal width."""
    result = numeric_font(font)
    result.setPointSizeF(max(font.pointSizeF() - 1, 6.5))
    return result


def ruler_step(metrics: QFontMetrics, scale: Scale) -> int:
    """Frames between the numbers on the ruler."""
    return tick_step(scale.per_pixel, metrics.horizontalAdvance(str(scale.length)) + LABEL_ROOM)


def _ticks(area: QRect, scale: Scale, step: int) -> Iterator[tuple[int, int]]:
    """(frame, x) of each line with a number."""
    first, stop = scale.shown()
    for frame in range(first // step * step, stop, step):
        yield frame, area.left() + round(scale.x_of(frame + 0.5))


def _number_top(ruler: QRect, fps: float | None) -> int:
    """Where the numbers begin: higher where the time stands below them."""
    return ruler.top() + (4 if fps else 11)


def covered_area(chip: QRect, ruler: QRect, metrics: QFontMetrics, scale: Scale, fps: float | None) -> QRect:
    """The chip and the ruler's numbers that it touches: half a number under it could be misread."""
    chip = chip.adjusted(-CHIP_HALO, 0, CHIP_HALO, -3)
    covered, top = QRect(chip), _number_top(ruler, fps)
    for frame, x in _ticks(ruler, scale, ruler_step(metrics, scale)):
        label = QRect(x + LABEL_SHIFT, top, metrics.horizontalAdvance(str(frame)) + 1, metrics.ascent() + 1)
        if label.intersects(chip):
            covered = covered.united(label)
    return covered


def paint_ruler(painter: QPainter, area: QRect, scale: Scale, fps: float | None) -> None:
    """Frame numbers, the time below them where the frame rate is known, and a line at each.

    Args:
        painter: With the font of the numbers.
        area: The ruler, as wide as the scale.
        scale: The zoom.
        fps: Frames per second, None where unknown.
    """
    c = colours()
    metrics = painter.fontMetrics()
    painter.fillRect(area, c.panel)
    step = ruler_step(metrics, scale)
    painter.save()
    painter.setClipRect(area)
    for frame, x in _ticks(area, scale, step):
        painter.setPen(c.border)
        painter.drawLine(x, area.bottom() - 6, x, area.bottom())
        painter.setPen(c.muted)
        top = _number_top(area, fps)
        painter.drawText(x + LABEL_SHIFT, top + metrics.ascent(), str(frame))
        if fps:
            painter.setPen(with_alpha(c.muted, 0.7))
            below = top + metrics.height() + metrics.ascent() - 1
            painter.drawText(x + LABEL_SHIFT, below, time_text(frame / fps, step / fps))
    _paint_minor_ticks(painter, area, scale, step)
    painter.restore()
    painter.setPen(c.border)
    painter.drawLine(area.bottomLeft(), area.bottomRight())


def _paint_minor_ticks(painter: QPainter, area: QRect, scale: Scale, step: int) -> None:
    minor = max(step // 5, 1)
    first, stop = scale.shown()
    painter.setPen(colours().border)
    for frame in range(first // minor * minor, stop, minor):
        x = area.left() + round(scale.x_of(frame + 0.5))
        painter.drawLine(x, area.bottom() - 3, x, area.bottom())


def paint_header(painter: QPainter, area: QRect, track: Track, selected: bool) -> None:
    """Colour, id and label of a track."""
    c = colours()
    painter.fillRect(area, c.panel)
    if selected:
        painter.fillRect(area, selection())
        painter.fillRect(QRect(area.left(), area.top(), 3, area.height()), c.accent)
    paint_swatch(
        painter, QRectF(12, area.center().y() - SWATCH / 2 + 1, SWATCH, SWATCH), QColor(track.colour)
    )
    metrics = painter.fontMetrics()
    number = area.adjusted(30, 0, 0, 0)
    painter.setPen(c.muted)
    painter.drawText(number, Qt.AlignmentFlag.AlignVCenter, str(track.id))
    label = number.adjusted(max(metrics.horizontalAdvance(str(track.id)), 14) + 8, 0, -8, 0)
    painter.setPen(c.text if track.label else c.disabled)
    text = metrics.elidedText(track.label or "no label", Qt.TextElideMode.ElideRight, label.width())
    painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, text)


def selection() -> QColor:
    """A tint over what lies behind the selected track."""
    return with_alpha(colours().accent, SELECTED_TINT)


def paint_swatch(painter: QPainter, area: QRectF, colour: QColor) -> None:
    """A track's colour."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(area, 2.5, 2.5)
    painter.restore()


def paint_proposal(painter: QPainter, area: QRect, scale: Scale, spans: Spans) -> None:
    """The frames a run has proposed: tinted, with a dashed outline.

    Args:
        painter: Clipped to the lanes.
        area: The lane.
        scale: The zoom.
        spans: (k, 2) start and stop of the proposed frames.
    """
    c = colours()
    painter.setBrush(with_alpha(c.proposal, 0.28))
    painter.setPen(QPen(c.proposal, 1, Qt.PenStyle.DashLine))
    first, stop = scale.shown()
    for start, end in spans[(spans[:, 0] < stop) & (spans[:, 1] > first)].tolist():
        left, right = scale.x_of(max(start, first - 1)), scale.x_of(min(end, stop + 1))
        box = QRectF(area.left() + left, area.top() + 4, max(right - left, 1.0), LANE_HEIGHT - 8)
        painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))


def paint_bad_frames(painter: QPainter, ruler: QRect, bottom: int, scale: Scale, bad: Sequence[int]) -> None:
    """A mark at the foot of the ruler for each frame that could not be decoded, and a tint through the lanes."""
    c = colours()
    first, stop = scale.shown()
    frames = np.asarray(bad, np.int64)
    places = scale.x_of(0) + frames[(frames >= first) & (frames < stop)] * scale.frame_width
    width = max(round(scale.frame_width), 2)
    for x in np.unique(np.floor(places)).astype(int).tolist():
        left = ruler.left() + x
        painter.fillRect(left, ruler.bottom() - BAD_HEIGHT, width, BAD_HEIGHT + 1, c.error)
        painter.fillRect(left, ruler.bottom() + 1, width, bottom - ruler.bottom(), with_alpha(c.error, 0.16))


def paint_range(painter: QPainter, ruler: QRect, bottom: int, scale: Scale, frames: range) -> None:
    """The selected range: a bar at the foot of the ruler, a tint below it, and a line at each end.

    Args:
        painter: With the font of the ruler.
        ruler: The ruler.
        bottom: End of the lanes.
        scale: The zoom.
        frames: The range.
    """
    c = colours()
    left = ruler.left() + max(round(scale.x_of(frames.start)), -1)
    right = ruler.left() + min(
        max(round(scale.x_of(frames.stop)), left - ruler.left() + 1), ruler.width() + 1
    )
    if right <= ruler.left() or left > ruler.right():
        return
    painter.save()
    painter.setClipRect(ruler.left(), 0, ruler.width(), bottom)
    painter.fillRect(left, ruler.bottom() + 1, right - left, bottom, with_alpha(c.accent, 0.13))
    painter.fillRect(left, ruler.bottom() - RANGE_HEIGHT + 1, right - left, RANGE_HEIGHT, c.accent)
    for edge in (left, right - 1):
        painter.fillRect(edge, ruler.bottom() - 2 * RANGE_HEIGHT, 1, bottom, c.accent)
    painter.restore()


def chip_rect(metrics: QFontMetrics, text: str, x: int, ruler: QRect) -> QRect:
    """Where the playhead's number stands: over x, inside the ruler."""
    width = metrics.horizontalAdvance(text) + 12
    left = min(max(x - width // 2, ruler.left()), max(ruler.right() - width + 1, ruler.left()))
    return QRect(left, ruler.top() + 2, width, CHIP_HEIGHT)


def paint_playhead(painter: QPainter, x: int, chip: QRect, covered: QRect, bottom: int, text: str) -> None:
    """A line through all lanes under the number of the frame.

    Args:
        painter: With the font of the ruler.
        x: Where the frame is.
        chip: Where its number stands.
        covered: What of the ruler gives way to it.
        bottom: End of the line.
        text: The number.
    """
    c = colours()
    painter.fillRect(covered, c.panel)
    painter.fillRect(x, chip.bottom(), 1, bottom - chip.bottom(), c.playhead)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(c.playhead)
    painter.drawRoundedRect(chip, 4, 4)
    painter.setPen(c.panel)
    painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
