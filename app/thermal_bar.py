"""Keeps the colour bar beside the frame in step with the look."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from app.settings import Settings
from app.thermal_view import Temperatures, ThermalView
from app.widgets.canvas import Canvas
from app.widgets.colour_bar import ColourBar
from app.widgets.palette_swatch import with_bands
from tracker.thermal.look import Look
from tracker.thermal.painter import Scale


class ThermalBar(QObject):
    """Shows the bar where it is wanted and there is something to say.

    Attributes:
        bar: The bar.
    """

    def __init__(
        self, view: ThermalView, canvas: Canvas, settings: Settings, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._view, self._settings = view, settings
        self.bar = ColourBar(canvas.viewport())
        self._says: tuple[Look, Scale, Temperatures | None] | None = None
        for fact in (view.changed, view.painted, view.barToggled):
            fact.connect(self._refresh)

    @Slot()
    def _refresh(self) -> None:
        view, scale = self._view, self._view.scale
        self.bar.setVisible(self._settings.colour_bar and scale is not None)
        if scale is None or not self._settings.colour_bar:
            return
        known = view.temperatures
        says = (view.look, scale, known)
        if self._says is not None and all(a is b for a, b in zip(says, self._says, strict=True)):
            return  # as for most frames: linear scales stay the same object
        self._says = says
        colours = with_bands(view.look, scale, None if known is None else known.counts_of)
        self.bar.show_scale(colours, scale, view.value_text, view.unit)
