"""The Qt binding keeps its references: PySide6 6.12.0 loses one to None or True with every call on Python 3.11."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

CALLS = 2000
LOST = CALLS // 10  # references come and go for other reasons too


class Emitter(QObject):
    told = Signal(object)


def emit() -> None:
    emitter = Emitter()
    emitter.told.connect(lambda _: None)
    for _ in range(CALLS):
        emitter.told.emit(None)


def paint() -> None:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    for _ in range(CALLS):
        painter.drawLine(0, 0, 4, 4)
    painter.end()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None and True are immortal from Python 3.12 on")
@pytest.mark.parametrize("work", [emit, paint])
def test_that_calls_into_qt_lose_no_reference(qtbot: QtBot, work: Callable[[], None]) -> None:
    kept = [(None, True)[i % 2] for i in range(20 * CALLS)]  # so that a loss cannot end the process here
    before = sys.getrefcount(None), sys.getrefcount(True)
    work()
    assert sys.getrefcount(None) > before[0] - LOST
    assert sys.getrefcount(True) > before[1] - LOST
    assert kept
