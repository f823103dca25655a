"""Measures the regions along the clip aside: late, gently, and only while somebody looks."""

from __future__ import annotations

import threading
from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.progress import progress_text
from app.sensor_events import resting
from app.session import Session
from tracker.jobs import Event, Job, Progress
from tracker.media.source import FrameSource
from tracker.tracking.measurements import (
    Begun,
    Course,
    Courses,
    Method,
    Subject,
    measure_clip,
    plan,
    subjects,
)

DELAY_MS = 250  # after the last change: a hand makes many
DRAW_MS = 250  # between two drawings of what fills up
REST = 0.5  # times as long as the work since the last rest


class CourseRunner(QObject):
    """Keeps the courses in step with regions, tracks and method. What was measured stays; only what is new is.

    Signals:
        changed: () There is more to be drawn.
        progressed: (str) How far it has come; empty when all is known, or nothing is asked for.
    """

    changed = Signal()
    progressed = Signal(str)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._method = Method()
        self._known: dict[int, Course] = {}
        self._is_wanted, self._is_stale = False, False
        self._may_go_on = threading.Event()
        self._begin = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._begin.timeout.connect(self._start)
        self._draw = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._draw.timeout.connect(self.changed)
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_done)
        self._runner.cancelled.connect(self._on_stopped)
        self._runner.failed.connect(self._on_failed)
        session.projectClosed.connect(self._on_closed)
        session.runs.stateChanged.connect(self._on_run_state)

    @property
    def known(self) -> Mapping[int, Course]:
        """The courses by the id of their region; parts of them may be unknown still."""
        return self._known

    @property
    def is_busy(self) -> bool:
        """Whether something is being measured, or about to be."""
        return self._runner.is_running or self._begin.isActive()

    def set_wanted(self, is_wanted: bool) -> None:
        """Say whether somebody looks."""
        self._is_wanted = is_wanted
        self._begin_soon()
        if not is_wanted:
            self._runner.cancel()

    def renew(self, method: Method) -> None:
        """Regions, tracks or the method may be others."""
        self._method, self._is_stale = method, True
        self._begin_soon()

    def _begin_soon(self) -> None:
        if self._is_wanted and self._is_stale and self._session.document is not None:
            self._begin.start()

    @Slot()
    def _start(self) -> None:
        document, source = self._session.document, self._session.source
        if document is None or source is None or source.channels != 1 or self._session.is_running:
            return
        if self._runner.is_running:
            self._runner.cancel()  # begins again when it has stopped
            return
        self._is_stale = False
        wanted, method, known = subjects(document), self._method, dict(self._known)
        self._known = {each.region.id: each for each in plan(wanted, method, len(source), known)}
        self.changed.emit()
        if all(course.is_measured.all() for course in self._known.values()):
            self.progressed.emit("")
            return
        self._may_go_on.set()
        known = dict(self._known)
        self._runner.start(lambda: _gently(source, wanted, method, known, self._may_go_on), name="measuring")

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Begun):
            self._take(event.courses)
        elif isinstance(event, Progress):
            self.progressed.emit(progress_text(event))
            if not self._draw.isActive():
                self._draw.start()

    def _take(self, courses: Courses) -> None:
        self._known = {course.region.id: course for course in courses}

    @Slot(object)
    def _on_done(self, courses: Courses) -> None:
        self._take(courses)
        self._on_stopped()
        self.changed.emit()

    @Slot()
    def _on_stopped(self) -> None:
        self.progressed.emit("")
        incomplete = not all(course.is_measured.all() for course in self._known.values())
        self._is_stale |= incomplete
        self._begin_soon()

    @Slot(object)
    def _on_failed(self, error: object) -> None:
        self.progressed.emit("")
        self._session.failed.emit(error)

    @Slot(bool)
    def _on_run_state(self, is_running: bool) -> None:
        if is_running:
            self._runner.cancel()  # the tracker comes first
        else:
            self._begin_soon()

    @Slot()
    def _on_closed(self) -> None:
        self._begin.stop()
        self._draw.stop()
        self._runner.abandon()
        self._known, self._is_stale = {}, False
        self.progressed.emit("")
        self.changed.emit()


def _gently(
    source: FrameSource,
    wanted: tuple[Subject, ...],
    method: Method,
    known: Mapping[int, Course],
    may_go_on: threading.Event,
) -> Job[Courses]:
    """Measure with a reader of its own, a little at a time."""
    reader = source.reopen()
    try:
        return (yield from resting(measure_clip(reader, wanted, method, known), may_go_on, REST))
    finally:
        reader.close()
