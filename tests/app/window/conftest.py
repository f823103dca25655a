"""A window on a small clip."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.main_window import MainWindow
from app.settings import Settings
from tests.app.conftest import MakeDriver
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import StubTracker


@pytest.fixture
def make_desk(qtbot: QtBot, make_driver: MakeDriver, tmp_path: Path) -> MakeDesk:
    def make(tracker: StubTracker | None = None, settings: Settings | None = None) -> Desk:
        driver = make_driver(tracker, settings)
        path = tmp_path / "settings.json"
        window = MainWindow(driver.session, path)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.show()
        window.activateWindow()
        return Desk(window, driver, path)

    return make


@pytest.fixture
def desk(make_desk: MakeDesk, clip: Path) -> Desk:
    desk = make_desk()
    desk.driver.open(clip)
    return desk
