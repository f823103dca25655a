from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.frame_loader import FrameLoader, LoadedFrame
from tests.patience import PATIENCE_S
from tracker.errors import MediaError
from tracker.media.source import Counts, FrameSource


class SlowSource:
    """Reads a frame when it is allowed to; frame 3 is gone, frame 4 is bad."""

    bad_frames = (4,)

    def __init__(self) -> None:
        self.gate = threading.Semaphore(0)
        self.entered = threading.Semaphore(0)
        self.read: list[int] = []
        self.closed_in: str | None = None

    def frame(self, index: int) -> Counts:
        self.entered.release()
        assert self.gate.acquire(timeout=PATIENCE_S)
        self.read.append(index)
        if index == 3:
            raise MediaError("the clip is gone.")
        return np.full((2, 2), index, np.uint8)

    def close(self) -> None:
        self.closed_in = threading.current_thread().name


@pytest.fixture
def loader(qtbot: QtBot) -> Iterator[FrameLoader]:
    loader = FrameLoader()
    yield loader
    loader.stop()


def use(loader: FrameLoader) -> SlowSource:
    source = SlowSource()
    loader.set_source(source)  # type: ignore[arg-type]  # as much of a FrameSource as the loader needs
    return source


def test_that_the_frame_asked_for_last_wins(qtbot: QtBot, loader: FrameLoader) -> None:
    source, shown = use(loader), list[int]()
    loader.loaded.connect(lambda frame: shown.append(frame.index))
    loader.request(0)
    assert source.entered.acquire(timeout=PATIENCE_S)
    for index in (1, 2, 5):
        loader.request(index)
    source.gate.release(10)
    qtbot.waitUntil(lambda: shown == [0, 5])
    assert source.read == [0, 5]


def test_that_a_bad_frame_is_told_from_a_good_one(qtbot: QtBot, loader: FrameLoader) -> None:
    source = use(loader)
    source.gate.release(10)
    for index, is_bad in ((2, False), (4, True)):
        with qtbot.waitSignal(loader.loaded) as signal:
            loader.request(index)
        frame = (signal.args or [None])[0]
        assert isinstance(frame, LoadedFrame)
        assert (frame.index, frame.is_bad) == (index, is_bad)


def test_that_media_that_is_gone_is_reported_and_the_loader_goes_on(
    qtbot: QtBot, loader: FrameLoader
) -> None:
    source = use(loader)
    source.gate.release(10)
    with qtbot.waitSignal(loader.failed):
        loader.request(3)
    with qtbot.waitSignal(loader.loaded):
        loader.request(0)


def test_that_frames_of_the_clip_before_never_arrive(qtbot: QtBot, loader: FrameLoader) -> None:
    old, shown = use(loader), list[int]()
    loader.loaded.connect(lambda frame: shown.append(frame.index))
    loader.request(0)
    assert old.entered.acquire(timeout=PATIENCE_S)
    new = use(loader)
    loader.request(7)
    old.gate.release(10)
    new.gate.release(10)
    qtbot.waitUntil(lambda: shown == [7])
    assert old.closed_in == "frames"


def test_that_stopping_closes_the_clip(qtbot: QtBot, tmp_path: Path) -> None:
    loader = FrameLoader()
    source = use(loader)
    loader.stop()
    assert source.closed_in == "frames"


def test_that_the_stub_has_what_a_source_has() -> None:
    assert {"frame", "close", "bad_frames"} <= set(dir(FrameSource))
