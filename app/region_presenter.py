"""Shows the regions and the hottest pixels on the canvas, and hands what the mouse does to them on."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QObject, Slot

from app.measure_words import Words
from app.measuring import Measuring
from app.session import Session
from app.theme import colours
from app.widgets.canvas import Canvas
from app.widgets.region_items import Peak, PeakItem, RegionMark
from app.widgets.region_tool import RegionTool
from tracker.annotation.regions import WHOLE, Region
from tracker.outline import Shape
from tracker.output.shapes import region_colour
from tracker.thermal.measuring import Statistics

LABEL_PX = 24.0
"""Screen pixels that a label takes below its region."""


class RegionPresenter(QObject):
    """Keeps the canvas in step with `Measuring`.

    Attributes:
        tool: The mouse on regions.
        peaks: The marks of the hottest pixels.
    """

    def __init__(
        self, session: Session, measuring: Measuring, canvas: Canvas, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._measuring, self._canvas = session, measuring, canvas
        self.tool, self.peaks = RegionTool(canvas), PeakItem()
        canvas.scene().addItem(self.peaks)
        canvas.scaleChanged.connect(self._show_peaks)
        self.tool.drawn.connect(measuring.add)
        self.tool.moved.connect(measuring.move)
        self.tool.clicked.connect(measuring.select)
        self.tool.held.connect(self.refresh)
        for fact in (
            measuring.valuesChanged,
            measuring.regionsChanged,
            measuring.selectionChanged,
            measuring.choicesChanged,
        ):
            fact.connect(self.refresh)
        session.projectClosed.connect(self._on_closed)

    def draw(self, name: str) -> None:
        """Let the mouse draw a region of a shape; again, do not."""
        shape = Shape(name)
        self.tool.set_shape(None if self.tool.shape is shape else shape)

    @Slot()
    def refresh(self) -> None:
        """Show the regions as they are now; one that is being pulled stays in the hand."""
        if self.tool.is_busy:
            return
        selected = self._measuring.selected
        self.tool.set_regions(list(self._marks()), None if selected is None else selected.id)
        self._show_peaks()

    def _marks(self) -> Iterator[RegionMark]:
        words = Words(self._measuring)
        hidden, height = self._session.hidden, self._canvas.frame_size[1]
        lowest = height - LABEL_PX / self._canvas.view_scale
        for region in self._measuring.regions:
            outline = self._measuring.outline(region)
            if outline is not None and region.track_id not in hidden:
                value = words.label(self._measuring.values.get(region.id))
                text = f"{region.name}  {value}".rstrip()
                is_low = outline.bounds.bottom > lowest
                yield RegionMark(region.id, outline, text, _is_movable(region), is_low)

    @Slot()
    def _show_peaks(self) -> None:
        self.peaks.show_peaks(tuple(self._peaks()), self._canvas.view_scale)

    def _peaks(self) -> Iterator[Peak]:
        if not self._session.settings.peaks:
            return
        words = Words(self._measuring)
        for region in self._measuring.regions:
            found = self._measuring.values.get(region.id)
            is_hidden = region.track_id in self._session.hidden
            if region.shape is not Shape.SPOT and not is_hidden and _has_peak(found) and found is not None:
                yield Peak(found.peak_x, found.peak_y, region_colour(region.id))
        target, followed = self._measuring.target, {region.track_id for region in self._measuring.regions}
        is_new = self._session.selected not in followed | self._session.hidden
        if is_new and _has_peak(target) and target is not None:
            yield Peak(target.peak_x, target.peak_y, colours().warning.name(), words.value("max", target))

    @Slot()
    def _on_closed(self) -> None:
        self.tool.cancel()
        self.tool.set_regions([], None)
        self.peaks.show_peaks((), self._canvas.view_scale)


def _has_peak(found: Statistics | None) -> bool:
    return found is not None and found.known > 0


def _is_movable(region: Region) -> bool:
    """A region that is a target's whole box is moved with that."""
    return not (region.track_id is not None and region.points == WHOLE)
