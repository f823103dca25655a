"""Jobs: progress, the value at the end, and cleaning up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tracker.jobs import Event, Job, Progress, ProgressMeter, finish


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_that_progress_has_rate_and_time_left() -> None:
    clock = Clock()
    meter = ProgressMeter("Scanning", 100, clock)
    clock.now += 5
    assert meter.at(20) == Progress("Scanning", 20, 100, rate=4.0, remaining_s=20.0)


def test_that_time_left_is_not_known_without_a_total_or_a_rate() -> None:
    clock = Clock()
    assert ProgressMeter("Scanning", 10, clock).at(0) == Progress("Scanning", 0, 10, 0.0, None)
    endless = ProgressMeter("Scanning", None, clock)
    clock.now += 2
    assert endless.at(10) == Progress("Scanning", 10, None, 5.0, None)


def test_that_progress_is_due_at_once_and_then_after_a_while() -> None:
    clock = Clock()
    meter = ProgressMeter("Scanning", 10, clock, every_s=0.5)
    assert meter.due()
    meter.at(1)
    clock.now += 0.25
    assert not meter.due()
    clock.now += 0.25
    assert meter.due()


def counting(log: list[str], fails: bool = False) -> Job[int]:
    try:
        yield Progress("Counting", 1, 2, 0.0, None)
        if fails:
            raise ValueError("in the midst")
        yield Progress("Counting", 2, 2, 0.0, None)
        return 42
    finally:
        log.append("cleaned up")


def test_that_finish_returns_the_value_and_passes_the_events_in_order() -> None:
    log: list[str] = []
    events: list[Event] = []
    assert finish(counting(log), events.append) == 42
    assert [event.done for event in events if isinstance(event, Progress)] == [1, 2]
    assert log == ["cleaned up"]
    assert finish(counting(log)) == 42


def test_that_a_job_cleans_up_when_its_listener_fails() -> None:
    log: list[str] = []

    def fail(_: Event) -> None:
        raise KeyError("listener")

    with pytest.raises(KeyError, match="listener"):
        finish(counting(log), fail)
    assert log == ["cleaned up"]


def test_that_an_error_in_a_job_comes_through() -> None:
    log: list[str] = []
    with pytest.raises(ValueError, match="midst"):
        finish(counting(log, fails=True))
    assert log == ["cleaned up"]


def test_that_closing_a_job_cleans_up() -> None:
    log: list[str] = []
    job = counting(log)
    next(job)
    job.close()
    assert log == ["cleaned up"]
    assert isinstance(job, Iterator)
    assert list(job) == []
