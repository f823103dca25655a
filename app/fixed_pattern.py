"""Dead pixels of the open clip over the frame, and whether the tracker sees frames without the fixed pattern."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.jobs import JobRunner
from app.session import Session
from app.theme import DARK
from app.widgets.canvas import Canvas
from tracker.jobs import Job
from tracker.media.source import FrameSource
from tracker.thermal.fixed_pattern import FixedPattern
from tracker.tracking.pattern_correction import SETTING, Correction, fixed_pattern

RING = 2.5  # frame pixels from the centre of a dead pixel to its mark
ABOVE_FRAME = 8.0
MOST_MARKED = 5000


class DeadPixelsItem(QGraphicsItem):
    """A ring around each dead pixel; it takes no clicks."""

    def __init__(self) -> None:
        super().__init__()
        self._places: list[tuple[int, int]] = []
        self._bounds = QRectF()
        self.setZValue(ABOVE_FRAME)
        self.setAcceptedMouseButtons(Qt.MouseButton.NoButton)

    def show_pattern(self, pattern: FixedPattern | None) -> None:
        """Mark the dead pixels of a pattern; None for nothing."""
        self.prepareGeometryChange()
        if pattern is None:
            self._places, self._bounds = [], QRectF()
            return
        rows, columns = pattern.dead.nonzero()
        self._places = list(zip(columns.tolist(), rows.tolist(), strict=True))[:MOST_MARKED]
        height, width = pattern.dead.shape
        self._bounds = QRectF(-RING, -RING, width + 2 * RING, height + 2 * RING)

    @property
    def count(self) -> int:
        """How many are marked."""
        return len(self._places)

    def boundingRect(self) -> QRectF:
        """The frame, where anything is marked."""
        return self._bounds

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        """Paint the rings."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = painter.pen()
        pen.setColor(DARK.error)  # a frame is as dark in the light theme
        pen.setWidthF(1.5)
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for x, y in self._places:
            painter.drawEllipse(QRectF(x + 0.5 - RING, y + 0.5 - RING, 2 * RING, 2 * RING))


class FixedPatternView(QObject):
    """The fixed pattern of the open clip: shown when asked for, and corrected for the tracker as the project says.

    Signals:
        changed: () What is shown or corrected is another.
    """

    changed = Signal()

    def __init__(self, session: Session, canvas: Canvas, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.item = DeadPixelsItem()
        canvas.scene().addItem(self.item)
        self.pattern: FixedPattern | None = None
        self.is_shown = False
        self._correction = Correction.NONE  # kept, for it is asked for with every frame
        self._runner = JobRunner(self)
        self._runner.succeeded.connect(self._on_estimated)
        self._runner.failed.connect(session.failed)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)

    @property
    def correction(self) -> Correction:
        """What the tracker's frames are without."""
        return self._correction

    def set_correction(self, name: str) -> None:
        """Choose it for this project, from the next run on."""
        project = self._session.project
        if project is not None:
            project.set_setting(SETTING, name)
            self._correction = Correction.named(name)
            self.changed.emit()

    def toggle(self) -> None:
        """Mark dead pixels over the frame; again, do not."""
        self.is_shown = not self.is_shown
        self._show()

    @Slot()
    def _on_opened(self) -> None:
        project = self._session.project
        self._correction = Correction.NONE if project is None else Correction.named(project.setting(SETTING))
        self._show()

    @Slot()
    def _on_closed(self) -> None:
        self._runner.abandon()
        self.pattern = None
        self.item.show_pattern(None)

    def _show(self) -> None:
        source = self._session.source
        if self.is_shown and self.pattern is None and source is not None and not self._runner.is_running:
            self._runner.start(lambda: _estimated(source), name="fixed pattern")
        self.item.show_pattern(self.pattern if self.is_shown else None)
        self.changed.emit()

    @Slot(object)
    def _on_estimated(self, pattern: FixedPattern | None) -> None:
        self.pattern = pattern
        self._show_found(pattern)
        self.item.show_pattern(pattern if self.is_shown else None)

    def _show_found(self, pattern: FixedPattern | None) -> None:
        if pattern is None:
            text = "Dead pixels are looked for in gray clips only"
        else:
            count = pattern.dead_pixels
            text = f"{count:,} dead pixel{'' if count == 1 else 's'}, stripes of {pattern.stripes:.1f} counts"
        self._session.statusChanged.emit(text)


def _estimated(source: FrameSource) -> Job[FixedPattern | None]:
    """Estimate with a reader of its own."""
    reader = source.reopen()
    try:
        return (yield from fixed_pattern(reader))
    finally:
        reader.close()
