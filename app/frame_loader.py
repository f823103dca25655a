"""Reads and paints frames on a thread of its own: the window never decodes, and never waits for a seek."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QImage

from tracker.errors import MediaError
from tracker.media.source import Counts, FrameSource
from tracker.thermal.display import Display, Span
from tracker.thermal.look import Look
from tracker.thermal.painter import Painter, Picture

Paint = Callable[[FrameSource, Counts], Picture]
"""Paints the counts of a frame of the source; called on the loader's thread."""

Plan = Callable[[int], Paint]
"""Decides how a frame is painted; called where the frame is asked for."""


@dataclass(frozen=True)
class LoadedFrame:
    """A frame that is ready to be shown.

    Attributes:
        index: 0-based frame index.
        counts: (H, W) or (H, W, 3).
        is_bad: Whether the media is broken here, and `counts` are another frame's.
        picture: The counts as they are painted; nothing else is made of it.
        image: The picture as the canvas takes it.
    """

    index: int
    counts: Counts
    is_bad: bool
    picture: Picture
    image: QImage


def plain(_index: int) -> Paint:
    """Paint 8-bit frames as they are."""
    painter = Painter(Look(), Span())
    return lambda _source, counts: painter.render(counts)


class FrameLoader(QObject):
    """Loads the frame asked for last; frames asked for while it was busy are passed over.

    Signals:
        loaded: (LoadedFrame) In the thread that made the loader.
        failed: (MediaError) The media is gone or unreadable.
    """

    loaded = Signal(object)
    failed = Signal(object)

    _arrived = Signal(int, int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._changed = threading.Condition()
        self._source: FrameSource | None = None
        self._wanted: tuple[int, int, Paint] | None = None
        self._asked, self._answered = 0, 0
        self._plan: Plan = plain
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
            self._answered = self._asked
            self._changed.notify()

    def set_plan(self, plan: Plan) -> None:
        """Paint the frames that are asked for from now on in another way."""
        self._plan = plan

    def request(self, index: int) -> None:
        """Load this frame next."""
        paint = self._plan(index)
        with self._changed:
            self._asked += 1
            self._wanted = self._asked, index, paint
            self._changed.notify()

    @property
    def is_idle(self) -> bool:
        """Whether the frame asked for last is there, or has failed."""
        return self._answered == self._asked

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
                source, wanted, generation = self._source, self._wanted, self._generation
                self._wanted = None
                is_stopping = self._is_stopping
            for old in retired:
                old.close()
            if is_stopping:
                return
            if source is not None and wanted is not None:
                number, index, paint = wanted
                self._arrived.emit(generation, number, _read(source, index, paint))

    def _has_work(self) -> bool:
        return self._wanted is not None or bool(self._retired) or self._is_stopping

    @Slot(int, int, object)
    def _deliver(self, generation: int, number: int, answer: LoadedFrame | MediaError) -> None:
        if generation != self._generation:
            return
        self._answered = number
        if isinstance(answer, LoadedFrame):
            self.loaded.emit(answer)
        else:
            self.failed.emit(answer)


def _read(source: FrameSource, index: int, paint: Paint) -> LoadedFrame | MediaError:
    try:
        counts = source.frame(index)
        picture = paint(source, counts)
        return LoadedFrame(index, counts, index in source.bad_frames, picture, to_image(picture.rgb))
    except MediaError as error:
        return error


def to_image(rgb: Display) -> QImage:
    """RGB (H, W, 3) as an image with its own memory."""
    pixels = np.ascontiguousarray(rgb)
    height, width = pixels.shape[:2]
    borrowed = QImage(pixels.data, width, height, pixels.strides[0], QImage.Format.Format_RGB888)
    return borrowed.convertToFormat(QImage.Format.Format_RGB32)
