"""A mouse that points at the frame."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.widgets.canvas import Canvas

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NONE = Qt.KeyboardModifier.NoModifier


class Mouse:
    """Presses, moves and releases at points of the frame."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas, self._view = canvas, canvas.viewport()

    def at(self, x: float, y: float) -> QPoint:
        """A point of the frame on the view."""
        return self._canvas.viewportTransform().map(QPointF(x, y)).toPoint()

    def press(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        """Press a button."""
        QTest.mousePress(self._view, button, NONE, self.at(x, y))

    def move(self, x: float, y: float) -> None:
        """Move."""
        QTest.mouseMove(self._view, self.at(x, y))

    def release(self, x: float, y: float, button: Qt.MouseButton = LEFT) -> None:
        """Let go."""
        QTest.mouseRelease(self._view, button, NONE, self.at(x, y))

    def drag(
        self, start: tuple[float, float], end: tuple[float, float], button: Qt.MouseButton = LEFT
    ) -> None:
        """Press, move in two steps, let go."""
        first, last = self.at(*start), self.at(*end)  # taken now: a pan moves the frame under them
        QTest.mouseMove(self._view, first)
        QTest.mousePress(self._view, button, NONE, first)
        QTest.mouseMove(self._view, (first + last) / 2)
        QTest.mouseMove(self._view, last)
        QTest.mouseRelease(self._view, button, NONE, last)
