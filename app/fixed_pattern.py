"""Dead pixels of the open clip over the frame, and whether the tracker, and the user, see it without its pattern."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from app.frame_loader import Paint, Plan
from app.jobs import JobRunner
from app.session import Session
from app.theme import DARK
from app.widgets.canvas import Canvas
from tracker.jobs import Job
from tracker.media.source import FrameSource
from tracker.thermal.fixed_pattern import Corrector, FixedPattern
from tracker.tracking.pattern_correction import SETTING, Correction, corrector, fixed_pattern

RING = 2.5  # frame pixels from the centre of a dead pixel to its mark
ABOVE_FRAME = 8.0
MOST_MARKED = 5000
NOTHING_CORRECTED = "The tracker sees counts as they are: Track > What the tracker sees has corrections"


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
    """The fixed pattern of the open clip: marked when asked for, and corrected for the tracker as the project says.

    When asked for, frames are also painted as the tracker sees them. That is paint alone: the counts of the shown
    frame, and all that is measured in them, stay as they are.

    Args:
        session: What is open.
        canvas: Where dead pixels are marked.
        plan: How frames are painted otherwise.

    Signals:
        changed: () What is shown or corrected is another.
    """

    changed = Signal()

    def __init__(self, session: Session, canvas: Canvas, plan: Plan, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._plain = session, plan
        self.item = DeadPixelsItem()
        canvas.scene().addItem(self.item)
        self.pattern: FixedPattern | None = None
        self.is_shown = self.is_corrected = False
        self._corrector: Corrector | None = None  # of the paint
        session.loader.set_plan(self._plan)
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
            self._show()

    @property
    def shown(self) -> frozenset[str]:
        """What is asked for: "dead_pixels" marked, frames painted "corrected"."""
        asked = {"dead_pixels": self.is_shown, "corrected": self.is_corrected}
        return frozenset(name for name, is_asked in asked.items() if is_asked)

    def toggle_corrected(self) -> None:
        """Paint frames as the tracker sees them; again, as they are."""
        self.is_corrected = not self.is_corrected
        if self.is_corrected and self._correction is Correction.NONE:
            self._session.statusChanged.emit(NOTHING_CORRECTED)
        self._show()

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
        self.pattern = self._corrector = None
        self.item.show_pattern(None)

    def _show(self) -> None:
        source = self._session.source
        is_needed = self.is_shown or (self.is_corrected and self._correction is not Correction.NONE)
        if is_needed and self.pattern is None and source is not None and not self._runner.is_running:
            self._runner.start(lambda: _estimated(source), name="fixed pattern")
        self._show_pattern()
        self.changed.emit()

    def _show_pattern(self) -> None:
        """Mark it, and paint without it, as far as it is known and asked for."""
        pattern, before = self.pattern, self._corrector
        self.item.show_pattern(pattern if self.is_shown else None)
        self._corrector = corrector(pattern, self._correction) if self.is_corrected else None
        if before is not None or self._corrector is not None:
            self._session.repaint()

    def _plan(self, index: int) -> Paint:
        paint, corrector_ = self._plain(index), self._corrector
        if corrector_ is None:
            return paint
        return lambda source, counts: paint(source, corrector_.apply(counts))

    @Slot(object)
    def _on_estimated(self, pattern: FixedPattern | None) -> None:
        self.pattern = pattern
        self._show_found(pattern)
        self._show_pattern()

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
