"""How the timeline shows what happened to the sensor: a strip along the ruler's top, and a tint through the lanes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from app.theme import colours, with_alpha
from app.widgets.timeline_scale import Scale
from tracker.thermal.events import EventKind, SensorEvent

STRIP_HEIGHT = 4
MARK_WIDTH, MARK_HEIGHT = 9, 7  # of the triangle of a jump
REACH = 5  # pixels around an event within which the cursor is over it
LEGEND = "Along the top: sensor events; triangle: gain or offset jump; bar: frozen, shutter, calibration"


def colour_of(kind: EventKind) -> QColor:
    """The colour of a kind of event."""
    c = colours()
    return c.semantic if kind is EventKind.CALIBRATION else c.warning


def paint_events(
    painter: QPainter, ruler: QRect, bottom: int, scale: Scale, events: Sequence[SensorEvent]
) -> None:
    """Bars for spans, triangles for jumps; what is frozen is tinted through the lanes.

    Args:
        painter: Not clipped.
        ruler: The ruler, as wide as the scale.
        bottom: End of the lanes.
        scale: The zoom.
        events: By their first frame.
    """
    painter.save()
    painter.setClipRect(ruler.left(), ruler.top(), ruler.width(), bottom - ruler.top())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawn: set[tuple[EventKind, int, int]] = set()  # thousands of events may share a pixel
    for event in events:
        left, right = _pixels(event, scale)
        if right > 0 and left < ruler.width() and (event.kind, left, right) not in drawn:
            drawn.add((event.kind, left, right))
            _paint(painter, ruler, bottom, event.kind, ruler.left() + left, right - left)
    painter.restore()


def _pixels(event: SensorEvent, scale: Scale) -> tuple[int, int]:
    """Where an event begins and ends, from the left of the ruler."""
    left = round(min(max(scale.x_of(event.start), -2), scale.width + 2))
    right = round(min(max(scale.x_of(event.stop), -2), scale.width + 2))
    return left, max(right, left + 2)


def _paint(painter: QPainter, ruler: QRect, bottom: int, kind: EventKind, left: int, width: int) -> None:
    colour = colour_of(kind)
    if kind is EventKind.GAIN:
        middle, top = left + min(width, 2) / 2, float(ruler.top())
        corners = ((-MARK_WIDTH / 2, 0.0), (MARK_WIDTH / 2, 0.0), (0.0, float(MARK_HEIGHT)))
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([QPointF(middle + x, top + y) for x, y in corners]))
        painter.fillRect(left, ruler.bottom() + 1, 1, bottom - ruler.bottom(), with_alpha(colour, 0.55))
        return
    painter.fillRect(left, ruler.top(), width, STRIP_HEIGHT, colour)
    if kind is not EventKind.CALIBRATION:  # which may be long, and whose frames show the scene
        painter.fillRect(left, ruler.bottom() + 1, width, bottom - ruler.bottom(), with_alpha(colour, 0.16))


def events_at(x: float, scale: Scale, events: Sequence[SensorEvent]) -> list[SensorEvent]:
    """The events under a place, from the left of the ruler."""
    reach = REACH * scale.per_pixel
    frame = scale.start + x * scale.per_pixel
    return [event for event in events if event.start - reach <= frame <= event.stop + reach]
