"""A window, to be used as a user would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.main_window import MainWindow
from tests.app.conftest import Driver
from tests.app.mouse import Mouse
from tests.app.stubs import BOX
from tracker.annotation.track import Track
from tracker.geometry import Box


@dataclass
class Desk:
    """A window, and the session in it."""

    window: MainWindow
    driver: Driver
    settings_file: Path

    @property
    def track(self) -> Track:
        track = self.driver.session.track
        assert track is not None
        return track

    @property
    def mouse(self) -> Mouse:
        return Mouse(self.window.canvas)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifiers)

    def trigger(self, id_: str) -> None:
        action = self.window.action_set[id_]
        assert action.isEnabled(), id_
        action.trigger()

    def wait_for_run(self) -> None:
        self.driver.until(lambda: not self.driver.session.is_running)

    def draw(self, box: Box = BOX) -> None:
        """Draw with N and the mouse."""
        self.press(Qt.Key.Key_N)
        self.mouse.drag((box.x, box.y), (box.right, box.bottom))


MakeDesk = Callable[..., Desk]


def close_to(box: Box | None, expected: Box) -> bool:
    """Whether a box is where one is expected, within half a pixel: the mouse knows whole ones."""
    return box is not None and bool(np.allclose(box.as_tuple(), expected.as_tuple(), atol=0.5))
