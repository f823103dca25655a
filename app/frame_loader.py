"""Reads frames on a thread of its own: the window never decodes, and never waits for a seek."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal, Slot

from tracker.errors import MediaError
from tracker.media.source import Counts, FrameSource


@dataclass(frozen=True)
class LoadedFrame:
    """A frame that is ready to be shown.

    Attributes:
        index: 0-based frame index.
        counts: (H, W) or (H, W, 3).
        is_bad: Whether the media is broken here, and `counts` are another frame's.
    """

    index: int
    counts: Counts
    is_bad: bool


class FrameLoader(QObject):
    """Loads the frame asked for last; frames asked for while it was busy are passed over.

    Signals:
        loaded: (LoadedFrame) In the thread that made the loader.
        failed: (MediaError) The media is gone or unreadable.
    """

    loaded = Signal(object)
    failed = Signal(object)

    _arrived = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._source: FrameSource | None = None
        self._wanted: int | None = None
        self._retired: list[FrameSource] = []
        self._generation = 0
        self._is_stopping = False
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work, name="frames", daemon=True)
        self._thread.start()

    def set_source(self, source: FrameSource | None) -> None:
        """Read from another clip; the loader owns it, and closes the one before when it is free."""
        with self._changed:
            if self._source is not None:
                self._retired.append(self._source)
            self._source, self._wanted = source, None
            self._generation += 1
            self._changed.notify()

    def request(self, index: int) -> None:
        """Load this frame next."""
        with self._changed:
            self._wanted = index
            self._changed.notify()

    def stop(self) -> None:
        """Close the clip and end the thread."""
        self.set_source(None)
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._has_work)
                retired, self._retired = self._retired, []
                source, index, generation = self._source, self._wanted, self._generation
                self._wanted = None
                is_stopping = self._is_stopping
            for old in retired:
                old.close()
            if is_stopping:
                return
            if source is not None and index is not None:
                self._arrived.emit(generation, _read(source, index))

    def _has_work(self) -> bool:
        return self._wanted is not None or bool(self._retired) or self._is_stopping

    @Slot(int, object)
    def _deliver(self, generation: int, answer: LoadedFrame | MediaError) -> None:
        if generation != self._generation:
            return
        if isinstance(answer, LoadedFrame):
            self.loaded.emit(answer)
        else:
            self.failed.emit(answer)


def _read(source: FrameSource, index: int) -> LoadedFrame | MediaError:
    try:
        counts = source.frame(index)
    except MediaError as error:
        return error
    return LoadedFrame(index, counts, index in source.bad_frames)
