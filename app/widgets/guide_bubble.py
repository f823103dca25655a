"""A bubble that points at a part of the window, and a ring around that part; neither stands in the way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from app.theme import colours

WIDTH = 300
ARROW = 10  # length of the tip
MARGIN = 10  # to the edges of the window
RADIUS = 8.0
MOVES = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.LayoutRequest)


class GuideBubble(QFrame):
    """One step of a guide over its window.

    It takes no focus by itself; its buttons are reached by Tab and by Alt+S and Alt+N.

    Args:
        window: What it lies over.
        work: The part of it that is covered last.

    Signals:
        skipRequested: () The user wants to leave this step out.
        endRequested: () The user wants no more steps.
    """

    skipRequested = Signal()
    endRequested = Signal()

    def __init__(self, window: QWidget, work: QWidget) -> None:
        super().__init__(window)
        self._window, self._work = window, work
        self._target: QWidget | None = None
        self._tip: QPoint | None = None  # where the arrow ends, in the bubble
        self._ring = _Ring(window)
        self._part, self._title, self._text = QLabel(), QLabel(), QLabel()
        self._part.setProperty("muted", True)
        self._title.setObjectName("stepHeading")
        self._text.setWordWrap(True)
        self.skip_button, self.end_button = QPushButton("&Skip"), QPushButton("E&nd")
        self.skip_button.setToolTip("Leave this step out")
        self.end_button.setToolTip("The Help menu shows the first steps again")
        self.skip_button.clicked.connect(self.skipRequested)
        self.end_button.clicked.connect(self.endRequested)
        self.setAccessibleName("First steps")
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self.place)
        self._lay_out()
        window.installEventFilter(self)
        self.hide()

    def _lay_out(self) -> None:
        column, head, foot = QVBoxLayout(self), QHBoxLayout(), QHBoxLayout()
        column.setContentsMargins(14 + ARROW, 12 + ARROW, 14 + ARROW, 12 + ARROW)
        column.setSpacing(8)
        head.addWidget(self._title, 1)
        head.addWidget(self._part)
        foot.addStretch(1)
        foot.addWidget(self.end_button)
        foot.addWidget(self.skip_button)
        column.addLayout(head)
        column.addWidget(self._text)
        column.addLayout(foot)
        self.setFixedWidth(WIDTH + 2 * ARROW)

    @property
    def text(self) -> str:
        """What it says; empty while it is not there."""
        return f"{self._title.text()}. {self._text.text()}" if self.isVisibleTo(self._window) else ""

    @property
    def target(self) -> QWidget | None:
        """What it points at; None where that is not to be seen."""
        return self._target if self._target is not None and self._target.isVisible() else None

    def show_step(self, part: str, title: str, text: str, target: QWidget | None) -> None:
        """Show a step.

        Args:
            part: How far along it is; empty at the end.
            title: What to do.
            text: How.
            target: What to point at; None for the window as a whole.
        """
        self._part.setText(part)
        self._title.setText(title)
        self._text.setText(text)
        self.setAccessibleDescription(f"{title}. {text}")
        self.skip_button.setVisible(bool(part))
        self.end_button.setText("E&nd" if part else "&Close")
        if self._target is not None:
            self._target.removeEventFilter(self)
        self._target = target
        if target is not None:
            target.installEventFilter(self)
        self.show()
        self.place()

    @Slot()
    def place(self) -> None:
        """Beside the target, without covering it; without one in a corner."""
        if self.isHidden():
            return
        self.resize(self.width(), self.heightForWidth(self.width()))
        target = self.target
        if target is None:
            place, self._tip = self._corner(), None
        else:
            area = self._area(target)
            place = self._beside(area)
            tip = _nearest(area, place + self.rect().center())
            self._tip = tip - place
        self._ring.show_around(target)
        self.move(place)
        self._ring.raise_()
        self.raise_()
        self.update()

    def _area(self, widget: QWidget) -> QRect:
        return QRect(widget.mapTo(self._window, QPoint(0, 0)), widget.size())

    def _corner(self) -> QPoint:
        room = self._window.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        return QPoint(room.left() + 2 * MARGIN, room.bottom() - self.height() - 4 * MARGIN)

    def _beside(self, area: QRect) -> QPoint:
        """The place next to an area, inside the window, that covers least of it."""
        size, room = self.size(), self._window.rect().adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        middle = area.center() - QRect(QPoint(0, 0), size).center()
        places = (
            QPoint(middle.x(), area.bottom() + 1),
            QPoint(area.left() - size.width(), middle.y()),
            QPoint(middle.x(), area.top() - size.height()),
            QPoint(area.right() + 1, middle.y()),
        )

        def inside(place: QPoint) -> QPoint:
            x = min(max(place.x(), room.left()), room.right() - size.width())
            return QPoint(x, min(max(place.y(), room.top()), room.bottom() - size.height()))

        def covered(place: QPoint) -> tuple[int, int]:
            # Next to something small there is no other place than over the work.
            others = (area, self._area(self._work)) if area.width() > WIDTH else (area,)
            common = [QRect(place, size) & other for other in others]
            return common[0].width() * common[0].height(), sum(c.width() * c.height() for c in common)

        return min(map(inside, places), key=covered)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay beside the target when it or the window moves."""
        if event.type() in MOVES and not self.isHidden():
            self._settle.start()
        return False

    def hideEvent(self, event: QEvent) -> None:
        """The ring goes too."""
        self._ring.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded box with an arrow."""
        c = colours()
        box = QRectF(self.rect()).adjusted(ARROW + 0.5, ARROW + 0.5, -ARROW - 0.5, -ARROW - 0.5)
        outline = QPainterPath()
        outline.addRoundedRect(box, RADIUS, RADIUS)
        if self._tip is not None:
            outline = outline.united(_arrow(box, self._tip))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(c.raised)
        painter.setPen(QPen(c.accent, 1.5))
        painter.drawPath(outline)
        painter.end()


def _nearest(area: QRect, place: QPoint) -> QPoint:
    """The point of an area that is nearest to a place."""
    return QPoint(
        min(max(place.x(), area.left()), area.right()), min(max(place.y(), area.top()), area.bottom())
    )


def _arrow(box: QRectF, tip: QPoint) -> QPainterPath:
    """From the edge of the box that the tip lies beyond towards it; nothing where it lies inside."""
    keep = RADIUS + ARROW
    x = min(max(float(tip.x()), box.left() + keep), box.right() - keep)
    y = min(max(float(tip.y()), box.top() + keep), box.bottom() - keep)
    path = QPainterPath()
    if tip.y() <= box.top() or tip.y() >= box.bottom():
        edge, out = (box.top(), -ARROW) if tip.y() <= box.top() else (box.bottom(), ARROW)
        points = [(x - ARROW, edge), (x, edge + out), (x + ARROW, edge)]
    elif tip.x() <= box.left() or tip.x() >= box.right():
        edge, out = (box.left(), -ARROW) if tip.x() <= box.left() else (box.right(), ARROW)
        points = [(edge, y - ARROW), (edge + out, y), (edge, y + ARROW)]
    else:
        return path
    path.addPolygon(QPolygonF([QPoint(round(a), round(b)) for a, b in points]))
    path.closeSubpath()
    return path


class _Ring(QWidget):
    """A line around a widget; the mouse goes through it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_around(self, target: QWidget | None) -> None:
        """Surround a widget; None for nothing."""
        self.setVisible(target is not None)
        if target is not None:
            place = target.mapTo(self._window, QPoint(0, 0))
            self.setGeometry(QRect(place, target.size()).adjusted(-2, -2, 2, 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colours().accent, 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        painter.end()
