"""Which tracker the user has chosen, and building it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
