"""Starts the window."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QApplication

import resources
from app import __version__
from app.errors import ErrorWatch, start_log
from app.main_window import MainWindow
from app.session import Session
from app.settings import load_settings, log_dir, settings_path
from app.theme import apply_theme
from tracker.geometry import Box


def run(paths: Sequence[Path] = (), *, sample: bool = False, autorun_box: Box | None = None) -> int:
    """Show the window until it is closed.

    Args:
        paths: The first is opened.
        sample: Whether to open the sample clip instead, and to track its target.
        autorun_box: Draw this box on the first frame of what is opened, unless it has tracks, and track it.

    Returns:
        The exit status.
    """
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("Thermark")
    app.setApplicationVersion(__version__)
    watch = ErrorWatch(start_log(log_dir()))
    watch.install()
    settings = load_settings(settings_path())
    apply_theme(app, settings.theme)
    window = MainWindow(Session(settings), settings_path())
    watch.caught.connect(window.messages.show_error)
    if sample and autorun_box is None:
        autorun_box = Box(*resources.sample_first_box())
    if autorun_box is not None:
        _Autorun(window.session, autorun_box, window)
    first = next(iter(paths), None)
    QTimer.singleShot(0, window.commands.open_sample if sample else lambda: window.commands.open_path(first))
    window.show()
    if not (settings.guide_seen or sample or first is not None):
        window.guide.begin()
    status = app.exec()
    watch.uninstall()
    window.deleteLater()
    return status


class _Autorun(QObject):
    """Draws a box on the first frame, unless there are tracks, and tracks it, once the clip is shown."""

    def __init__(self, session: Session, box: Box, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._box = session, box
        session.frameShown.connect(self._start)

    @Slot(object)
    def _start(self) -> None:
        self._session.frameShown.disconnect(self._start)
        self._session.go_to(0)
        if self._session.document is not None and not self._session.document.tracks:
            self._session.draw_box(self._box)
        track = self._session.track
        if track is not None and track.at(0).box is not None:
            self._session.runs.start(1)
