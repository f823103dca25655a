"""What happened to the sensor in the open clip: looked for aside, marked on the timeline, walked through."""

from __future__ import annotations

import logging
import threading
import time
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.session import Session
from app.widgets.timeline import Timeline
from tracker.errors import ThermarkError
from tracker.jobs import Event, Job
from tracker.media.source import FrameSource
from tracker.thermal.events import EventKind, SensorEvent
from tracker.tracking.sensor_events import sensor_events

log = logging.getLogger(__name__)

DELAY_MS = 2000  # after a clip was opened: its first frames, and the tracker, come first
WAIT_S = 0.1  # between two looks whether work may go on
SETTLING = 2  # frames after an event about which it is said, too
REST = 2.0  # times as long as the work since the last rest

T = TypeVar("T")


class SensorEvents(QObject):
    """The sensor events of the open clip, and their marks on the timeline.

    Looking for them gives way to everything: it begins late, rests twice as long as it works, and waits while a target
    is tracked.

    Args:
        session: What is open.
        timeline: Where they are marked.

    Signals:
        found: () The events of the clip are known.
        changed: () They are shown, or no longer.
    """

    found = Signal()
    changed = Signal()

    def __init__(self, session: Session, timeline: Timeline, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._timeline = session, timeline
        self.events: tuple[SensorEvent, ...] = ()
        self.is_known = False
        self._may_go_on = threading.Event()
        self._begin = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._begin.timeout.connect(self.look)
        self._watch = QTimer(self, interval=round(1000 * WAIT_S))
        self._watch.timeout.connect(self._give_way)
        self._runner = JobRunner(self)
        self._runner.succeeded.connect(self._on_found)
        self._runner.cancelled.connect(self._watch.stop)
        self._runner.failed.connect(self._on_failed)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)

    @property
    def is_shown(self) -> bool:
        """Whether they are marked on the timeline."""
        return self._session.settings.sensor_events

    def toggle(self) -> None:
        """Mark them on the timeline; again, do not."""
        self._session.settings.sensor_events = not self.is_shown
        self._show()

    def go(self, direction: int) -> None:
        """Go to the next event in a direction, +1 or -1."""
        frame = self._session.frame
        ahead = [each.start for each in self.events if (each.start - frame) * direction > 0]
        if ahead:
            self._session.go_to(min(ahead) if direction > 0 else max(ahead))
        else:
            self._session.statusChanged.emit(
                "No sensor event further on" if self.is_known else "Sensor events are still being looked for"
            )

    def text_at(self, frame: int) -> str:
        """What happened to the sensor in a frame, or just before it, for the user; empty where nothing did."""
        return "\n".join(filter(None, (said_of(event, frame) for event in self.events)))

    @Slot()
    def look(self) -> None:
        """Look for the events of the open clip now."""
        source = self._session.source
        if source is None or self._runner.is_running:
            return
        self._give_way()
        self._watch.start()
        self._runner.start(lambda: _gently(source, self._may_go_on), name="sensor events")

    @Slot()
    def _give_way(self) -> None:
        if self._session.is_running:
            self._may_go_on.clear()
        else:
            self._may_go_on.set()

    @Slot()
    def _on_opened(self) -> None:
        self._begin.start()
        self._show()

    @Slot()
    def _on_closed(self) -> None:
        self._begin.stop()
        self._watch.stop()
        self._runner.abandon()
        self.events, self.is_known = (), False
        self._show()

    @Slot(object)
    def _on_found(self, events: tuple[SensorEvent, ...]) -> None:
        self._watch.stop()
        self.events, self.is_known = events, True
        if self._session.source is not None:  # every frame has been read now
            self._timeline.set_bad_frames(self._session.source.bad_frames)
        self._show()
        self.found.emit()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self._watch.stop()
        log.warning("Sensor events cannot be looked for: %s", error)

    def _show(self) -> None:
        self._timeline.set_events(self.events if self.is_shown else ())
        self.changed.emit()


def said_of(event: SensorEvent, frame: int) -> str:
    """What an event means for a frame, in words; empty where it means nothing."""
    if event.start <= frame < event.stop:
        return f"Sensor event: {event.text}"
    is_settling = event.kind is not EventKind.CALIBRATION and event.stop <= frame < event.stop + SETTLING
    return f"Just after a sensor event: {event.text}" if is_settling else ""


def _gently(source: FrameSource, may_go_on: threading.Event) -> Job[tuple[SensorEvent, ...]]:
    """Look for events with a reader of its own, a little at a time."""
    reader = source.reopen()
    try:
        return (yield from resting(sensor_events(reader), may_go_on))
    finally:
        reader.close()


def resting(job: Job[T], may_go_on: threading.Event, rest: float = REST) -> Job[T]:
    """A job that rests after each of its events, and for as long as it may not go on; it can be stopped meanwhile.

    Args:
        job: Closed when this is.
        may_go_on: Set while it may.
        rest: How long, relative to the work before it.
    """
    try:
        while True:
            begun = time.perf_counter()
            try:
                event: Event = next(job)
            except StopIteration as end:
                value: T = end.value
                return value
            yield event
            time.sleep(min(rest * (time.perf_counter() - begun), 1.0))
            while not may_go_on.wait(WAIT_S):
                yield event
    finally:
        job.close()
