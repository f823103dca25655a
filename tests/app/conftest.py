"""A session on a small clip, to be driven as a user would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.session import Session
from app.settings import Settings
from tests.app.patient_bot import PatientBot
from tests.app.stubs import BOX, StubFactory, StubTracker, write_clip
from tracker.annotation.track import Track
from tracker.errors import ThermarkError
from tracker.geometry import Box


class Driver:
    """A session, and what a user does with it; waits until things have happened."""

    def __init__(self, qtbot: QtBot, session: Session, factory: StubFactory) -> None:
        self.qtbot, self.session, self.factory, self.tracker = qtbot, session, factory, factory.tracker
        self.errors: list[ThermarkError] = []
        self.notes: list[str] = []
        session.failed.connect(self.errors.append)
        session.statusChanged.connect(self.notes.append)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        self.qtbot.waitUntil(condition)

    def open(self, path: Path, project: Path | None = None) -> None:
        """Open something and wait for its first frame."""
        with self.qtbot.waitSignal(self.session.frameShown):
            self.session.open_path(path, project)

    def go_to(self, frame: int) -> None:
        """Go to a frame and wait until it is shown."""
        self.session.go_to(frame)
        self.until(lambda: self.session.shown is not None and self.session.shown.index == frame)

    def painted(self) -> None:
        """Wait until the frame is on the screen as it was asked for last."""
        self.until(lambda: self.session.loader.is_idle)

    def draw(self, box: Box = BOX) -> Track:
        """Draw a box around a new target."""
        self.session.draw_box(box)
        assert self.session.track is not None
        return self.session.track

    def run(self, direction: int = 1, until: int | None = None, *, through: bool = False) -> None:
        """Track, and wait for the end."""
        with self.qtbot.waitSignal(self.session.runs.controller.ended):
            self.session.runs.start(direction, through, until)

    def start(self, reach: int) -> None:
        """Begin to track, and wait until a frame was reached."""
        self.session.runs.start(1)
        self.until(lambda: self.reached() >= reach)

    def reached(self) -> int:
        """The last frame of the running proposal, -1 before the first."""
        proposal = next(iter(self.session.runs.controller.proposals.values()), None)
        span = None if proposal is None else proposal.span()
        return -1 if span is None else span[1] - 1

    def stop(self) -> None:
        """Stop the run, and wait for its end; the tracker may finish the frame it is at."""
        with self.qtbot.waitSignal(self.session.runs.controller.ended):
            self.session.runs.stop()
            self.tracker.more(len(self.session.runs.controller.tracks))


MakeDriver = Callable[..., Driver]


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """A robot that waits as long as a busy machine may take."""
    return PatientBot(request)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """A clip of 30 frames."""
    return write_clip(tmp_path / "media" / "clip")


@pytest.fixture
def make_driver(qtbot: QtBot) -> Iterator[MakeDriver]:
    """Makes sessions; what is open at the end is closed."""
    made: list[Driver] = []

    def make(tracker: StubTracker | None = None, settings: Settings | None = None) -> Driver:
        factory = StubFactory(tracker or StubTracker())
        driver = Driver(qtbot, Session(settings or Settings(), factory), factory)
        made.append(driver)
        return driver

    yield make
    for driver in made:
        driver.tracker.more()
        driver.session.shut_down()


@pytest.fixture
def driver(make_driver: MakeDriver, clip: Path) -> Driver:
    """A session with the clip open."""
    driver = make_driver()
    driver.open(clip)
    return driver
