from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.tracker_loading import ReadyTracker, TrackerChoice, TrackerLoader
from tests.app.conftest import Driver
from tests.app.stubs import StubTracker
from tests.patience import PATIENCE_S
from tracker.errors import DeviceError, ThermarkError

CPU = TrackerChoice("default", "cpu", (0.0, 255.0))
GPU = TrackerChoice("default", "cuda", (0.0, 255.0))


class SlowFactory:
    """Builds when it is allowed to; has no GPU."""

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.built: list[TrackerChoice] = []

    def __call__(self, choice: TrackerChoice) -> ReadyTracker:
        assert self.gate.acquire(timeout=PATIENCE_S)
        self.built.append(choice)
        if choice == GPU:
            raise DeviceError("there is no GPU.")
        return ReadyTracker(StubTracker(), choice.device)


@pytest.fixture
def factory() -> SlowFactory:
    return SlowFactory()


@pytest.fixture
def loader(qtbot: QtBot, factory: SlowFactory) -> Iterator[TrackerLoader]:
    loader = TrackerLoader(factory)
    yield loader
    factory.gate.release(10)
    loader.abandon()


def test_that_a_prepared_tracker_is_there_when_requested(
    qtbot: QtBot, loader: TrackerLoader, factory: SlowFactory
) -> None:
    loader.prepare(CPU)
    factory.gate.release()
    with qtbot.waitSignal(loader.loaded):
        loader.request(CPU)
    with qtbot.waitSignal(loader.loaded):
        loader.request(CPU)
    assert factory.built == [CPU]


def test_that_another_choice_is_built_after_the_one_that_is_being_built(
    qtbot: QtBot, loader: TrackerLoader, factory: SlowFactory
) -> None:
    other = TrackerChoice("mlssnet", "cpu", (0.0, 255.0))
    loader.prepare(CPU)
    with qtbot.waitSignal(loader.loaded):
        loader.request(other)
        factory.gate.release(2)
    assert factory.built == [CPU, other]


def test_that_a_failure_is_told_to_who_requested_it_and_not_before(
    qtbot: QtBot, loader: TrackerLoader, factory: SlowFactory
) -> None:
    errors: list[ThermarkError] = []
    loader.failed.connect(errors.append)
    loader.prepare(GPU)
    factory.gate.release()
    qtbot.waitUntil(lambda: not loader._runner.is_running)
    assert errors == []
    with qtbot.waitSignal(loader.failed):
        loader.request(GPU)
        factory.gate.release()
    assert errors[0].what == "there is no GPU."


def test_that_nothing_is_announced_once_nobody_waits(
    qtbot: QtBot, loader: TrackerLoader, factory: SlowFactory
) -> None:
    loader.request(CPU)
    loader.forget_request()
    with qtbot.assertNotEmitted(loader.loaded):
        factory.gate.release()
        qtbot.waitUntil(lambda: not loader._runner.is_running)


def test_that_a_run_stopped_while_the_tracker_loads_ends_at_once(driver: Driver) -> None:
    gate = threading.Event()

    def slow(choice: TrackerChoice) -> ReadyTracker:
        gate.wait(20)
        return ReadyTracker(driver.tracker, "slow")

    driver.session.runs.controller.loader._factory = slow
    driver.session.settings.device = "cpu"
    driver.draw()
    driver.session.runs.start(1)
    assert driver.session.is_running
    driver.session.runs.stop()
    assert not driver.session.is_running
    gate.set()
    driver.run()
    assert driver.session.track is not None
    assert driver.session.track.frames.has_box.all()
