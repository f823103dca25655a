from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import resources
from app import application
from app.main_window import MainWindow
from app.session import Session
from app.settings import load_settings, settings_path
from app.theme import apply_theme
from tests.app.stubs import BOX, LENGTH, StubFactory, StubTracker, write_clip
from tracker.store.project import Project


@pytest.fixture
def untouched() -> Iterator[None]:
    """Hooks and log handlers as they were."""
    root, hooks = logging.getLogger(), (sys.excepthook, threading.excepthook)
    handlers, level = list(root.handlers), root.level
    yield
    sys.excepthook, threading.excepthook = hooks
    for handler in [each for each in root.handlers if each not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def close_when_done() -> None:
    """Close the window once its track is complete, or at once where nothing is to be tracked."""
    windows = (each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
    window = next(each for each in windows if each.isVisible())
    track = window.session.track
    if track is not None and track.frames.is_said.all() and not window.session.is_running:
        window.close()
    else:
        QTimer.singleShot(5, close_when_done)


def test_that_the_window_opens_a_clip_tracks_a_box_and_ends_with_status_0(
    qtbot: QtBot, clip: Path, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = StubFactory(StubTracker())
    monkeypatch.setattr(application, "Session", partial(Session, tracker_factory=factory))
    QTimer.singleShot(50, close_when_done)
    QTimer.singleShot(20_000, QApplication.quit)  # whatever happens
    assert application.run([clip], autorun_box=BOX) == 0
    assert load_settings(settings_path()).recent == [str(clip)]
    with Project.open(clip.parent / "clip.thermark") as project:
        assert project.document.tracks[1].frames.has_box.sum() == LENGTH
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyleSheet("")


def test_that_the_sample_clip_can_be_asked_for(
    qtbot: QtBot, tmp_path: Path, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = write_clip(tmp_path / "sample", 4)
    monkeypatch.setattr(resources, "sample_clip", lambda: sample)
    factory = StubFactory(StubTracker())
    monkeypatch.setattr(application, "Session", partial(Session, tracker_factory=factory))
    QTimer.singleShot(50, close_when_done)
    QTimer.singleShot(20_000, QApplication.quit)  # whatever happens
    assert application.run(sample=True, autorun_box=BOX) == 0
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
