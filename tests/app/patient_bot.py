"""pytest-qt's robot, with the patience of a busy machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from tests.patience import PATIENCE_S

PATIENCE_MS = 1000 * PATIENCE_S


class PatientBot(QtBot):
    """Waits for `PATIENCE_S` instead of five seconds where a test does not say otherwise."""

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **more: Any) -> SignalBlocker:
        """As `QtBot` does."""
        return super().waitSignal(signal, timeout=timeout, **more)

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        """As `QtBot` does."""
        super().waitUntil(callback, timeout=timeout)
