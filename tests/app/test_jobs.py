from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.jobs import JobRunner
from tracker.errors import MediaError
from tracker.jobs import Job, Progress


def progress(done: int) -> Progress:
    return Progress("Counting", done, None, 0.0, None)


def count(to: int, closed: list[bool] | None = None, gate: threading.Event | None = None) -> Job[int]:
    try:
        for done in range(to):
            if gate is not None:
                gate.wait(20)
            yield progress(done)
        return to
    finally:
        if closed is not None:
            closed.append(True)


class Listener:
    def __init__(self, runner: JobRunner) -> None:
        self.events: list[object] = []
        self.ends: list[object] = []
        self.threads: set[int] = set()
        runner.reported.connect(self.on_event)
        runner.succeeded.connect(lambda value: self.ends.append(value))
        runner.cancelled.connect(lambda: self.ends.append("cancelled"))
        runner.failed.connect(lambda error: self.ends.append(error))

    def on_event(self, event: object) -> None:
        self.events.append(event)
        self.threads.add(threading.get_ident())


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[JobRunner]:
    runner = JobRunner()
    yield runner
    runner.abandon()


def run(qtbot: QtBot, runner: JobRunner, job: Callable[[], Job[int]]) -> Listener:
    listener = Listener(runner)
    runner.start(job)
    qtbot.waitUntil(lambda: not runner.is_running)
    return listener


def test_that_all_events_and_the_value_arrive_in_order_in_the_windows_thread(
    qtbot: QtBot, runner: JobRunner
) -> None:
    listener = run(qtbot, runner, lambda: count(50))
    assert listener.events == [progress(done) for done in range(50)]
    assert listener.ends == [50]
    assert listener.threads == {threading.get_ident()}


def test_that_a_cancelled_job_is_closed_and_says_so_once(qtbot: QtBot, runner: JobRunner) -> None:
    gate, closed = threading.Event(), list[bool]()
    listener = Listener(runner)
    runner.start(lambda: count(1000, closed, gate))
    runner.cancel()
    gate.set()
    qtbot.waitUntil(lambda: not runner.is_running)
    assert closed == [True]
    assert listener.ends == ["cancelled"]


def test_that_a_users_error_arrives_as_it_is(qtbot: QtBot, runner: JobRunner) -> None:
    error = MediaError("the clip is gone.")

    def job() -> Job[int]:
        yield progress(0)
        raise error

    listener = run(qtbot, runner, job)
    assert listener.ends == [error]


def test_that_an_abandoned_job_is_over_when_the_call_returns_and_is_never_heard_of_again(
    qtbot: QtBot, runner: JobRunner
) -> None:
    closed = list[bool]()
    listener = Listener(runner)
    runner.start(lambda: count(1_000_000, closed))
    runner.abandon()
    assert closed == [True]
    assert not runner.is_running
    second = run(qtbot, runner, lambda: count(3))
    assert second.ends == [3]
    assert listener.ends == [3]
    assert listener.events == [progress(done) for done in range(3)]


def test_that_a_second_job_is_refused_while_one_runs(qtbot: QtBot, runner: JobRunner) -> None:
    gate = threading.Event()
    runner.start(lambda: count(2, gate=gate))
    with pytest.raises(RuntimeError, match="running already"):
        runner.start(lambda: count(1))
    gate.set()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_that_an_error_nobody_foresaw_ends_the_job_and_reaches_the_thread_hook(
    qtbot: QtBot, runner: JobRunner
) -> None:
    def job() -> Job[int]:
        yield progress(0)
        raise ZeroDivisionError

    listener = run(qtbot, runner, job)
    assert "did not expect" in str(listener.ends[0])
