"""Keeps the status bar in step with the session and the cursor."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Slot

from app.session import Session
from app.temperature import UNAVAILABLE, TemperatureView
from app.tracker_loading import ReadyTracker
from app.widgets.canvas import Canvas
from app.widgets.status_bar import StatusBar

DEVICE_NAMES = {"auto": "Automatic device", "cpu": "CPU", "cuda": "NVIDIA GPU", "mps": "Apple GPU"}


class Status(QObject):
    """Fills the status bar.

    Attributes:
        bar: The bar.
    """

    def __init__(
        self,
        bar: StatusBar,
        session: Session,
        canvas: Canvas,
        temperature: TemperatureView,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.bar, self._session, self._canvas, self._temperature = bar, session, canvas, temperature
        self._cursor: tuple[float, float] | None = None
        self._phase, self._device = "", ""
        session.statusChanged.connect(bar.flash)
        session.frameChanged.connect(self._show_place)
        session.frameShown.connect(self._show_counts)
        session.projectOpened.connect(self.refresh)
        session.projectClosed.connect(self.refresh)
        session.runs.stateChanged.connect(self._on_run_state)
        session.runs.controller.phaseChanged.connect(self._on_phase)
        session.runs.controller.loader.built.connect(self._on_tracker_built)
        session.runs.controller.advanced.connect(self._show_rate)
        canvas.cursorMoved.connect(self._on_cursor_moved)
        canvas.drawModeChanged.connect(self._show_mode)
        temperature.changed.connect(self._show_counts)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Say everything anew."""
        self.bar.set_field("device", self._device or DEVICE_NAMES[self._session.settings.device])
        self.bar.set_field("fps", "")
        self._show_place()
        self._show_counts()
        self._show_mode()

    @Slot()
    def _show_place(self) -> None:
        session = self._session
        source = session.source
        if source is None:
            self.bar.set_field("frame", "")
            self.bar.set_field("pts", "")
            return
        self.bar.set_field("frame", f"Frame {session.frame} / {session.length - 1}")
        pts = source.pts(session.frame)
        self.bar.set_field("pts", "" if pts is None else f"{pts:.3f} s")

    @Slot(object)
    def _on_cursor_moved(self, position: tuple[float, float] | None) -> None:
        self._cursor = position
        self._show_counts()

    @Slot()
    def _show_counts(self) -> None:
        shown = self._session.shown
        if self._cursor is None or shown is None:
            self.bar.set_field("counts", "")
            self.bar.set_field("temperature", "")
            return
        x, y = (int(value) for value in self._cursor)  # the canvas says nothing outside the frame
        value = "  ".join(str(int(channel)) for channel in np.atleast_1d(shown.counts[y, x]))
        self.bar.set_field("counts", f"x {x}  y {y}   {value}")
        is_gray = shown.counts.ndim == 2
        self.bar.set_field(
            "temperature", self._temperature.text(float(shown.counts[y, x])) if is_gray else UNAVAILABLE
        )

    @Slot(str)
    def _on_phase(self, phase: str) -> None:
        self._phase = phase
        self._show_mode()

    @Slot(bool)
    def _on_run_state(self, is_running: bool) -> None:
        if not is_running:
            self._phase = ""
            self.bar.set_field("fps", "")
        self._show_mode()

    @Slot(object)
    def _on_tracker_built(self, ready: ReadyTracker) -> None:
        self._device = ready.device
        self.bar.set_field("device", ready.device)
        if ready.note:
            self.bar.flash(ready.note)

    @Slot()
    def _show_rate(self) -> None:
        fps = self._session.runs.controller.fps
        self.bar.set_field("fps", f"{fps:.1f} fps" if fps else "")

    @Slot()
    def _show_mode(self) -> None:
        if self._canvas.is_drawing:
            self.bar.set_mode("Draw: drag a box around the target  –  Esc cancels")
        elif self._phase:
            self.bar.set_mode(self._phase)
        else:
            self.bar.set_mode("" if self._session.source is None else "Ready")
