"""How a box is taken hold of with the mouse: pure geometry, in frame coordinates."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.geometry import Box

MIN_SIZE = 1.0
"""Pixels of the frame; a box is never made smaller."""

MIN_GRIP = 30.0
"""Screen pixels: the handles of a small box keep this distance, so that its inside can still be grabbed."""

REACH = 7.0
"""Screen pixels around a handle that still count as the handle."""


@dataclass(frozen=True)
class Handle:
    """A place to pull a box: -1, 0 or 1 for left, none or right, and for top, none or bottom."""

    x: int
    y: int


INSIDE = Handle(0, 0)
HANDLES = tuple(Handle(x, y) for y in (-1, 0, 1) for x in (-1, 0, 1) if (x, y) != (0, 0))


def grip(box: Box, scale: float) -> Box:
    """The rectangle that carries the handles: the box, or more where the box is small on the screen.

    Args:
        box: The box.
        scale: Screen pixels per frame pixel.
    """
    least = MIN_GRIP / scale
    return Box.from_centre(*box.centre, max(box.width, least), max(box.height, least))


def handle_position(box: Box, handle: Handle, scale: float) -> tuple[float, float]:
    """(x, y) of the middle of a handle."""
    area, (cx, cy) = grip(box, scale), box.centre
    return cx + handle.x * area.width / 2, cy + handle.y * area.height / 2


def handle_at(box: Box, x: float, y: float, scale: float) -> Handle | None:
    """The handle at a point; `INSIDE` within the grip; None outside."""
    reach = REACH / scale
    for handle in sorted(HANDLES, key=lambda each: -abs(each.x * each.y)):  # corners win over sides
        hx, hy = handle_position(box, handle, scale)
        if abs(x - hx) <= reach and abs(y - hy) <= reach:
            return handle
    area = grip(box, scale)
    inside = area.x <= x <= area.right and area.y <= y <= area.bottom
    return INSIDE if inside else None


def pulled(box: Box, handle: Handle, dx: float, dy: float, frame_size: tuple[int, int]) -> Box:
    """The box after a handle was pulled by (dx, dy), or after it was moved by its inside.

    A side stops `MIN_SIZE` before the opposite one. At least one pixel of the box stays in the frame.
    """
    if handle == INSIDE:
        return kept_in_frame(box.moved(dx, dy), frame_size)
    x1, x2 = _span(box.x, box.right, handle.x, dx)
    y1, y2 = _span(box.y, box.bottom, handle.y, dy)
    return kept_in_frame(Box(x1, y1, x2 - x1, y2 - y1), frame_size)


def _span(low: float, high: float, side: int, by: float) -> tuple[float, float]:
    if side < 0:
        return min(low + by, high - MIN_SIZE), high
    if side > 0:
        return low, max(high + by, low + MIN_SIZE)
    return low, high


def kept_in_frame(box: Box, frame_size: tuple[int, int]) -> Box:
    """The box shifted so that at least a pixel of it lies in the frame."""
    width, height = frame_size
    x = min(max(box.x, MIN_SIZE - box.width), width - MIN_SIZE)
    y = min(max(box.y, MIN_SIZE - box.height), height - MIN_SIZE)
    return Box(x, y, box.width, box.height)
