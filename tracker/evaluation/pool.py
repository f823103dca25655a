"""Tasks spread over processes: each is a job that yields once for each frame, in whichever process it runs."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event as Flag
from typing import Protocol as Interface
from typing import TypeVar

from tracker.errors import EvaluationError
from tracker.jobs import Job, ProgressMeter
from tracker.opencv import cv2

_LOOK_S = 0.2
"""How often progress is looked at while processes work."""


class Task(Interface):
    """Something to do that can travel to another process."""

    @property
    def name(self) -> str:
        """For messages."""

    def __len__(self) -> int:
        """How often its job yields."""

    def job(self) -> Job[float]:
        """The work."""


T = TypeVar("T", bound=Task)


class _Shared:
    """What a worker process has of the one that started it."""

    done: Synchronized[int]
    stop: Flag


class _Stopped(Exception):
    """The job was given up."""


def follow_all(
    tasks: Sequence[T], workers: int, meter: ProgressMeter, finished: Callable[[T, float], None]
) -> Job[None]:
    """Do all tasks; closing the job gives up those in work after their present frame.

    Args:
        tasks: Longest first is best for many processes.
        workers: Processes; with 1 the tasks are done in this one.
        meter: Of all yields of all tasks.
        finished: Called in this process with each task that is done, and its value.

    Raises:
        EvaluationError: A process died.
        ThermarkError: Whatever a task raised; tasks that were finished stay so.
    """
    if workers <= 1 or len(tasks) <= 1:
        yield from _one_after_another(tasks, meter, finished)
    else:
        yield from _in_processes(tasks, workers, meter, finished)


def _one_after_another(
    tasks: Sequence[T], meter: ProgressMeter, finished: Callable[[T, float], None]
) -> Job[None]:
    done = 0
    for task in tasks:
        job = task.job()
        try:
            while True:
                try:
                    next(job)
                except StopIteration as end:
                    finished(task, end.value)
                    break
                done += 1
                if meter.due():
                    yield meter.at(done)
        finally:
            job.close()
        yield meter.at(done)


def _in_processes(
    tasks: Sequence[T], workers: int, meter: ProgressMeter, finished: Callable[[T, float], None]
) -> Job[None]:
    # Spawned, not forked: a fork copies locks that other threads hold, torch's and OpenCV's among them.
    context = multiprocessing.get_context("spawn")
    done, stop = context.Value("q", 0), context.Event()
    pool = ProcessPoolExecutor(
        min(workers, len(tasks)), mp_context=context, initializer=_prepare, initargs=(done, stop)
    )
    try:
        longest_first = sorted(tasks, key=len, reverse=True)
        futures: dict[Future[float], T] = {pool.submit(_work, task): task for task in longest_first}
        left = set(futures)
        while left:
            over, left = wait(left, timeout=_LOOK_S, return_when=FIRST_COMPLETED)
            for future in over:
                finished(futures[future], _value(future, futures[future].name))
            yield meter.at(done.value)
    finally:
        stop.set()
        pool.shutdown(wait=True, cancel_futures=True)


def _value(future: Future[float], name: str) -> float:
    try:
        return future.result()
    except BrokenProcessPool:
        raise EvaluationError(
            "a process died; its memory may not have been enough.",
            where=name,
            todo="The same command goes on where it stopped; give fewer --workers.",
        ) from None


def _prepare(done: Synchronized[int], stop: Flag) -> None:
    """One thread for OpenCV; who interrupts the job stops it in the parent, and who kills that ends this too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    _Shared.done, _Shared.stop = done, stop
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """A worker without a parent would wait for its next task for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task) -> float:
    job, noted, unnoted = task.job(), time.monotonic(), 0
    try:
        while True:
            try:
                next(job)
            except StopIteration as end:
                value: float = end.value
                return value
            if _Shared.stop.is_set():
                raise _Stopped
            unnoted += 1
            if time.monotonic() - noted > _LOOK_S:
                noted, unnoted = time.monotonic(), _note(unnoted)
    finally:
        _note(unnoted)
        job.close()


def _note(frames: int) -> int:
    """Add to the count of all processes; returns what is left to note, nothing."""
    with _Shared.done.get_lock():
        _Shared.done.value += frames
    return 0
