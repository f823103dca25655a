"""Everything about measuring in the window: made, connected, and what its actions do that takes a dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDialog

from app.dialogs.measurements import MeasurementsDialog
from app.dialogs.temperature import TemperatureDialog
from app.docks.measure_dock import TOOLS
from app.measure_situation import MeasureSituation
from app.region_presenter import RegionPresenter
from app.widgets.timeline_scale import Scale
from tracker.media.source import Counts
from tracker.output.measurements import Setting, followed_tracks
from tracker.tracking.measurements import subjects

if TYPE_CHECKING:
    from app.main_window import MainWindow


ROOM_PX = 560  # high enough for a few regions and the curves


class MeasureView(QObject):
    """Connects regions, canvas, dock and timeline.

    Attributes:
        presenter: The regions on the canvas.

    Args:
        window: Its panels, its actions and its canvas are there already.

    Signals:
        changed: () Other actions on regions make sense now.
    """

    changed = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window, self._session = window, window.session
        self._measuring, canvas = window.measuring, window.canvas
        self._temperature = self._measuring.temperature
        self.presenter = RegionPresenter(self._session, self._measuring, canvas, self)
        self._at: tuple[float, float] | None = None
        self._gave_room = False
        self._dock = window.panels.measure
        session, timeline = self._session, window.panels.timeline
        canvas.cursorMoved.connect(self._on_cursor)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.frameChanged.connect(self._dock.set_frame)
        self._dock.frameRequested.connect(window.panels.frameRequested)
        self._dock.partRequested.connect(timeline.show_part)
        timeline.scaleChanged.connect(self._show_part)
        timeline.rangeChanged.connect(self._dock.plot.set_range)
        self._dock.add_tools({id_: window.action_set[id_] for id_ in TOOLS if id_})
        measuring = self._measuring
        for fact in (
            measuring.regionsChanged,
            measuring.selectionChanged,
            measuring.choicesChanged,
            self.presenter.tool.toolChanged,
        ):
            fact.connect(self.changed)

    def situation(self) -> MeasureSituation:
        """What decides which actions make sense."""
        measuring, settings, region = self._measuring, self._session.settings, self._measuring.selected
        has_track = self._session.track is not None
        return MeasureSituation(
            has_regions=bool(measuring.regions) and measuring.can_measure,
            has_region=region is not None,
            has_target=has_track and measuring.can_measure,
            can_attach=region is not None and (has_track or region.track_id is not None),
            is_attached=region is not None and region.track_id is not None,
            follow=settings.regions_follow,
            peaks=settings.peaks,
            shape=self.presenter.tool.shape,
            unit=self._temperature.unit,
        )

    def show(self) -> None:
        """Bring the measurements to the front."""
        self._dock.show()
        self._dock.raise_()
        if not (self._gave_room or self._dock.isFloating()) and self._dock.height() < ROOM_PX:
            self._window.resizeDocks([self._dock], [ROOM_PX], Qt.Orientation.Vertical)
        self._gave_room = True  # from now on the user decides

    def draw(self, shape: str) -> None:
        """Let the mouse draw a region of a shape; again, do not."""
        self.presenter.draw(shape)

    def measure_target(self) -> None:
        """Measure the selected target's box, and show what it says."""
        self._measuring.measure_selected()
        self.show()

    def choose_temperature(self) -> None:
        """Ask what counts mean."""
        source, shown = self._session.source, self._session.shown
        if source is None:
            return
        temperature = self._temperature
        samples = {} if shown is None else self._samples(shown.counts)
        bits = 8 * source.dtype.itemsize
        dialog = TemperatureDialog(
            temperature.choice, source.facts, bits, samples, temperature.unit, self._window
        )
        if dialog.exec() == QDialog.DialogCode.Accepted:
            temperature.choose(dialog.choice)

    def _samples(self, counts: Counts) -> dict[str, float]:
        """What the dialog shows of the frame."""
        samples = {"Coldest pixel": float(np.min(counts)), "Hottest pixel": float(np.max(counts))}
        if self._at is not None:
            x, y = (int(value) for value in self._at)
            if y < counts.shape[0] and x < counts.shape[1]:
                samples[f"Under the cursor, x {x} y {y}"] = float(counts[y, x])
        return samples

    def export(self) -> None:
        """Write the measurements as a table."""
        document, source, measuring = self._session.document, self._session.source, self._measuring
        if document is None or source is None:
            return
        tracks = followed_tracks(list(document.tracks.values()))
        project = self._session.require_project().path.absolute()
        setting = Setting(source, tracks, measuring.readings, project)
        known = dict(measuring.courses.known)
        wanted = subjects(document)
        dialog = MeasurementsDialog(setting, wanted, measuring.method, known, project.parent, self._window)
        if dialog.exec() == QDialog.DialogCode.Accepted and dialog.is_written:
            self._window.outputs.say_written(dialog.output, f"Measurements saved in {dialog.output.name}.")

    @Slot(object)
    def _on_cursor(self, position: tuple[float, float] | None) -> None:
        """The last place over the frame: a dialog covers the one that is meant."""
        self._at = position or self._at

    @Slot()
    def _on_opened(self) -> None:
        self._at = None
        self._dock.set_clip(self._session.length)

    @Slot()
    def _on_closed(self) -> None:
        self._dock.set_clip(0)

    @Slot(object)
    def _show_part(self, scale: Scale | None) -> None:
        if scale is not None:
            self._dock.plot.show_part(scale.start, scale.start + scale.per_pixel * scale.width)
