"""Which tracker the user has chosen, and building it on a thread: the first time that takes seconds."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal, Slot

from app.jobs import JobRunner
from tracker.errors import ThermarkError
from tracker.jobs import Job, Progress
from tracker.tracking.tracker import Tracker


@dataclass(frozen=True)
class TrackerChoice:
    """Which tracker to build; the same choice gives the same tracker.

    Attributes:
        model: "default", "mlssnet" or the path of a weights file.
        device: "auto", "cpu", "cuda" or "mps".
        normalisation: (low, high) counts that become 0 and 255 for the network.
    """

    model: str
    device: str
    normalisation: tuple[float, float]


@dataclass(frozen=True)
class ReadyTracker:
    """A tracker that is loaded.

    Attributes:
        tracker: The tracker.
        device: Where it computes, for the user.
        note: Why that is not the wanted device; empty where it is.
    """

    tracker: Tracker
    device: str
    note: str = ""


log = logging.getLogger(__name__)

TrackerFactory = Callable[[TrackerChoice], ReadyTracker]


def build(choice: TrackerChoice) -> ReadyTracker:
    """Build a tracker; the first time this imports torch, which takes seconds.

    Raises:
        WeightsError: There are no such weights, or they fit no network.
        DeviceError: The device does not exist or has no room.
    """
    from tracker.tracking.build import build_tracker
    from tracker.tracking.normalisation import Normalisation

    normalisation = Normalisation(*choice.normalisation)
    built = build_tracker(choice.model, device=choice.device, normalisation=normalisation)
    return ReadyTracker(built.tracker, built.device.name, built.device.note)


def load(factory: TrackerFactory, choice: TrackerChoice) -> Job[ReadyTracker]:
    """Build a tracker as a job."""
    yield Progress("Loading the tracker", 0, None, 0.0, None)
    return factory(choice)


class TrackerLoader(QObject):
    """Keeps the tracker that was built last.

    Signals:
        built: (ReadyTracker) A tracker has been built, requested or not.
        loaded: (ReadyTracker) The tracker that was requested is there.
        failed: (ThermarkError) It cannot be built.
    """

    built = Signal(object)
    loaded = Signal(object)
    failed = Signal(object)

    def __init__(self, factory: TrackerFactory, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._factory = factory
        self._ready: tuple[TrackerChoice, ReadyTracker] | None = None
        self._building: TrackerChoice | None = None
        self._wanted: TrackerChoice | None = None
        self._runner = JobRunner(self)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.failed.connect(self._on_failed)

    def prepare(self, choice: TrackerChoice) -> None:
        """Build a tracker that will probably be wanted soon; that this fails is told when it is requested."""
        if not self._runner.is_running and not self._has(choice):
            self._build(choice)

    def request(self, choice: TrackerChoice) -> None:
        """Announce a tracker as soon as it is there, which may be at once."""
        self._wanted = choice
        self._serve()

    def forget_request(self) -> None:
        """Nobody waits any more; what is being built is finished and kept."""
        self._wanted = None

    def abandon(self) -> None:
        """Wait for what is being built; nothing is announced."""
        self._wanted = None
        self._runner.abandon()

    def _has(self, choice: TrackerChoice) -> bool:
        return self._ready is not None and self._ready[0] == choice

    def _build(self, choice: TrackerChoice) -> None:
        self._building = choice
        self._runner.start(lambda: load(self._factory, choice), name="load tracker")

    def _serve(self) -> None:
        if self._wanted is None:
            return
        if self._ready is not None and self._ready[0] == self._wanted:
            self._wanted = None
            self.loaded.emit(self._ready[1])
        elif not self._runner.is_running:
            self._build(self._wanted)

    @Slot(object)
    def _on_succeeded(self, ready: ReadyTracker) -> None:
        if self._building is not None:
            self._ready = self._building, ready
        self.built.emit(ready)
        self._serve()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        if self._wanted == self._building:
            self._wanted = None
            self.failed.emit(error)
        else:
            log.info("a tracker that nobody waits for cannot be built: %s", error)
            self._serve()
