"""Plays a clip at its own speed; frames are passed over when the machine is late, never miscounted."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

FALLBACK_FPS = 25.0
"""For clips without time."""

MAX_TICKS_PER_S = 60.0
"""More frames a second than this are not shown one by one."""


class Playback(QObject):
    """A clock that asks for the frame which is due.

    Signals:
        frameRequested: (int) This frame is due.
        playingChanged: (bool) Playing began or ended.
    """

    frameRequested = Signal(int)
    playingChanged = Signal(bool)

    def __init__(self, clock: Callable[[], float] = time.monotonic, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._fps, self._last = FALLBACK_FPS, 0
        self._first, self._begun = 0, 0.0
        self._loop: range | None = None
        self._timer = QTimer(self, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)

    @property
    def is_playing(self) -> bool:
        """Whether the clip is being played."""
        return self._timer.isActive()

    def set_clip(self, length: int, fps: float | None) -> None:
        """Prepare for another clip."""
        self.stop()
        self._last = max(length - 1, 0)
        self._fps = fps if fps is not None and fps > 0 else FALLBACK_FPS

    def play(self, frame: int, loop: range | None = None) -> None:
        """Play from `frame` on; from the beginning where that is the last one.

        Args:
            frame: Where to begin.
            loop: Frames to be played again and again, `frame` among them; None for the clip, once.
        """
        self._loop = loop
        self._first = 0 if frame >= self._last and loop is None else frame
        self._begun = self._clock()
        self._timer.start(round(1000 / min(self._fps, MAX_TICKS_PER_S)))
        self.playingChanged.emit(True)

    def stop(self) -> None:
        """Stay at the frame shown."""
        if self.is_playing:
            self._timer.stop()
            self.playingChanged.emit(False)

    def jumped(self, frame: int) -> None:
        """Go on from another frame, to which somebody else has moved."""
        self._first, self._begun = frame, self._clock()

    @Slot()
    def tick(self) -> None:
        """Ask for the frame that is due now, and stop at the last."""
        frame = self._first + int((self._clock() - self._begun) * self._fps)
        if self._loop is not None and frame >= self._loop.start:
            frame = self._loop[(frame - self._loop.start) % len(self._loop)]
        frame = min(frame, self._last)
        self.frameRequested.emit(frame)
        if frame == self._last and self._loop is None:
            self.stop()
