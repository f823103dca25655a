"""Where the three maps and the numbers stand: as large as the dock's shape allows, all maps of one size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from app.widgets.map_view import TITLE_HEIGHT

GAP = 10
LEAST_SIDE = 130  # pixels of a map below which the dock scrolls rather than shrinking it further
MOST_SIDE = 420  # from here on a map of some 30 x 30 cells only wastes room
NUMBERS_WIDTH = (180, 320)  # least and most, where the numbers stand in a row with the maps


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How the parts are placed.

    Attributes:
        columns: 4: all in a row; 2: two by two; 1: all below each other.
        side: Width and height of each map in pixels.
    """

    columns: int
    side: int


def arrangement(width: int, room: int, numbers_height: int) -> Arrangement:
    """The arrangement with the largest maps.

    Args:
        width: Pixels there are.
        room: Pixels of height there are before something must be scrolled.
        numbers_height: What the numbers need.
    """
    limits = {  # columns: side that the width allows, and the height
        2: ((width - GAP) // 2, (room - GAP) // 2 - TITLE_HEIGHT),
        4: ((width - NUMBERS_WIDTH[0] - 3 * GAP) // 3, room - TITLE_HEIGHT),
        1: (width, (room - numbers_height - 3 * GAP) // 3 - TITLE_HEIGHT),
    }
    columns = max(limits, key=lambda key: (min(limits[key][0], LEAST_SIDE), min(limits[key])))
    by_width, by_room = limits[columns]
    return Arrangement(columns, max(min(by_width, max(by_room, LEAST_SIDE), MOST_SIDE), 1))


class MapGrid(QWidget):
    """Three maps and the numbers, in a widget as high as they need.

    Its height must not depend on its own width: in a scroll area the scroll bar takes from the width, so a
    grid that is lower when narrower would let the bar come and go for ever.

    Args:
        maps: The three views.
        numbers: What stands with them.
    """

    def __init__(self, maps: Sequence[QWidget], numbers: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps, self._numbers = tuple(maps), numbers
        self._space = (0, 0)
        for part in (*self._maps, numbers):
            part.setParent(self)
        self._place()

    def set_space(self, width: int, room: int) -> None:
        """Take the space to fill.

        Args:
            width: Least width the grid will have.
            room: Height there is before something must be scrolled.
        """
        if (width, room) != self._space:
            self._space = width, room
            self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the parts over the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._place()

    def _place(self) -> None:
        needed = self._numbers.minimumSizeHint().height()
        best = arrangement(*self._space, needed)
        row = best.side + TITLE_HEIGHT
        if best.columns == 4:
            height = self._in_row(best.side, max(row, needed))
        elif best.columns == 2:
            height = self._two_by_two(best.side, max(row, needed))
        else:
            height = self._in_column(row, needed)
        self.setFixedHeight(height)

    def _in_row(self, side: int, height: int) -> int:
        left = 0
        for view in self._maps:
            view.setGeometry(left, 0, side, side + TITLE_HEIGHT)
            left += side + GAP
        width = min(max(self.width() - left, 1), NUMBERS_WIDTH[1])
        self._numbers.setGeometry(left, 0, width, height)
        return height

    def _two_by_two(self, side: int, second: int) -> int:
        first = side + TITLE_HEIGHT
        right = max(self.width() - side, side)
        for view, place in zip(self._maps, ((0, 0), (right, 0), (0, first + GAP)), strict=True):
            view.setGeometry(*place, side, first)
        self._numbers.setGeometry(right, first + GAP, side, second)
        return first + GAP + second

    def _in_column(self, row: int, numbers: int) -> int:
        for index, view in enumerate(self._maps):
            view.setGeometry(0, index * (row + GAP), max(self.width(), 1), row)
        top = len(self._maps) * (row + GAP)
        self._numbers.setGeometry(0, top, max(self.width(), 1), numbers)
        return top + numbers
