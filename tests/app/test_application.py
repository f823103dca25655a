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
from tracker.folders import data_folder
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


def close_after(tracker: StubTracker, runs: int) -> None:
    """Close the window once its track is complete and the tracker has been started so many times."""
    windows = (each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow))
    window = next((each for each in windows if each.isVisible()), None)
    session = None if window is None else window.session
    track = None if session is None else session.track
    if window is None or session is None or track is None or session.is_running or len(tracker.starts) < runs:
        QTimer.singleShot(5, partial(close_after, tracker, runs))
    else:
        window.close()


def test_that_the_window_opens_a_clip_tracks_a_box_and_ends_with_status_0(
    qtbot: QtBot, clip: Path, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    factory = StubFactory(StubTracker())
    monkeypatch.setattr(application, "Session", partial(Session, tracker_factory=factory))
    close_after(factory.tracker, 1)
    assert application.run([clip], autorun_box=BOX) == 0
    assert load_settings(settings_path()).recent == [str(clip)]
    with Project.open(clip.parent / "clip.thermark") as project:
        assert project.document.tracks[1].frames.has_box.sum() == LENGTH
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setStyleSheet("")


def test_that_the_sample_clip_is_tracked_and_leaves_nothing_beside_it(
    qtbot: QtBot, tmp_path: Path, untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    sample = write_clip(tmp_path / "sample", 4)
    monkeypatch.setattr(resources, "sample_clip", lambda: sample)
    monkeypatch.setattr(resources, "sample_first_box", BOX.as_tuple)
    factory = StubFactory(StubTracker())
    monkeypatch.setattr(application, "Session", partial(Session, tracker_factory=factory))
    for runs in (1, 2):  # the second time its project is there already
        close_after(factory.tracker, runs)
        assert application.run(sample=True) == 0
    assert len(factory.tracker.starts) == 2
    assert [path.name for path in sample.parent.iterdir()] == ["sample"]
    with Project.open(data_folder() / "projects" / "sample.thermark") as project:
        assert project.document.tracks[1].frames.has_box.all()
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")
