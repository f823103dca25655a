"""Runs a job on a thread and tells the window about it in the window's own thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from tracker.errors import ThermarkError
from tracker.jobs import Job

UNEXPECTED = "Something went wrong that Thermark did not expect."


@dataclass(frozen=True)
class _End:
    """How a job ended: broken, complete with a value, or else cancelled."""

    value: object = None
    error: ThermarkError | None = None
    is_complete: bool = False


class JobRunner(QObject):
    """One job at a time. All signals arrive in the thread that made the runner.

    Exactly one of `succeeded`, `cancelled` and `failed` closes each job; nothing of it arrives afterwards.

    Signals:
        reported: (Event) The job yielded an event.
        succeeded: (value) It ran to its end and made this.
        cancelled: () It was stopped on request.
        failed: (ThermarkError) It broke.
    """

    reported = Signal(object)
    succeeded = Signal(object)
    cancelled = Signal()
    failed = Signal(object)

    _event_arrived = Signal(int, object)
    _end_arrived = Signal(int, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._generation = 0
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._event_arrived.connect(self._on_event, Qt.ConnectionType.QueuedConnection)
        self._end_arrived.connect(self._on_end, Qt.ConnectionType.QueuedConnection)

    @property
    def is_running(self) -> bool:
        """Whether a job is not closed yet."""
        return self._thread is not None

    def start(self, make_job: Callable[[], Job[Any]], name: str = "job") -> None:
        """Run a job on a thread of its own.

        Args:
            make_job: Called on that thread, so that slow imports and set-up do not hold up the window.
            name: Of the thread, for logs.

        Raises:
            RuntimeError: Another job is running.
        """
        if self.is_running:
            raise RuntimeError("a job is running already")
        self._generation += 1
        self._stop = threading.Event()
        arguments = (self._generation, make_job, self._stop)
        self._thread = threading.Thread(target=self._work, args=arguments, name=name, daemon=True)
        self._thread.start()

    def cancel(self) -> None:
        """Ask the job to stop after the event it is working on."""
        self._stop.set()

    def abandon(self) -> None:
        """Stop the job and wait until it has cleaned up; it closes with no signal at all."""
        self._generation += 1
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _work(self, generation: int, make_job: Callable[[], Job[Any]], stop: threading.Event) -> None:
        end = _End(error=ThermarkError(UNEXPECTED, todo="The log has the details."))
        try:
            end = self._drain(generation, make_job(), stop)
        except ThermarkError as error:
            end = _End(error=error)
        finally:  # an error nobody foresaw goes on to threading.excepthook, which logs it
            self._end_arrived.emit(generation, end)

    def _drain(self, generation: int, job: Job[Any], stop: threading.Event) -> _End:
        try:
            while not stop.is_set():
                self._event_arrived.emit(generation, next(job))
        except StopIteration as finish:
            return _End(finish.value, is_complete=True)
        finally:
            job.close()
        return _End()

    @Slot(int, object)
    def _on_event(self, generation: int, event: object) -> None:
        if generation == self._generation:
            self.reported.emit(event)

    @Slot(int, object)
    def _on_end(self, generation: int, end: _End) -> None:
        if generation != self._generation:
            return
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if end.error is not None:
            self.failed.emit(end.error)
        elif end.is_complete:
            self.succeeded.emit(end.value)
        else:
            self.cancelled.emit()
