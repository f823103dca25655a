"""Jobs: long work as a generator of frozen events, and what the events have in common.

A job is a generator. Whoever runs it iterates: the command line in a loop, the window on a thread.
Cancelling is to stop iterating and `close()` it; the job cleans up in its `finally`. What it made is
its return value.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Event:
    """Something a job reports."""


@dataclass(frozen=True)
class Progress(Event):
    """How far a job has come.

    Attributes:
        stage: What is being done, for the user ("Scanning clip.mp4").
        done: Units finished.
        total: Units in all, or None where that is not known.
        rate: Units per second since the stage began; 0 before the first unit.
        remaining_s: Estimated seconds left, or None where `total` or the rate is not known.
    """

    stage: str
    done: int
    total: int | None
    rate: float
    remaining_s: float | None


Job: TypeAlias = Generator[Event, None, T]


class ProgressMeter:
    """Makes the `Progress` events of one stage, with rate and time left."""

    def __init__(
        self, stage: str, total: int | None, clock: Callable[[], float] = time.monotonic, every_s: float = 0.1
    ) -> None:
        self._stage, self._total, self._clock, self._every_s = stage, total, clock, every_s
        self._begun = clock()
        self._reported = float("-inf")

    def at(self, done: int) -> Progress:
        """The progress after `done` units."""
        now = self._clock()
        self._reported = now
        elapsed = now - self._begun
        rate = done / elapsed if elapsed > 0 else 0.0
        left = (self._total - done) / rate if self._total is not None and rate > 0 else None
        return Progress(self._stage, done, self._total, rate, left)

    def due(self) -> bool:
        """Whether the last report is long enough ago that another is worth its price."""
        return self._clock() - self._reported >= self._every_s


def changed(job: Job[T], change: Callable[[Event], Iterable[Event]]) -> Job[T]:
    """A job whose events are what `change` makes of those of another; that one is closed when this is."""
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                value: T = end.value
                return value
            yield from change(event)
    finally:
        job.close()


def finish(job: Job[T], on_event: Callable[[Event], None] | None = None) -> T:
    """Run a job to its end and return what it made.

    Args:
        job: The job; closed whatever happens.
        on_event: Called with each event, in order.
    """
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                value: T = end.value
                return value
            if on_event is not None:
                on_event(event)
    finally:
        job.close()
