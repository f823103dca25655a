"""The contract of every tracker: two methods, and a state that can be saved; and that of several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from tracker.annotation.evidence import Evidence
from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.media.source import Counts

TrackerState: TypeAlias = dict[str, Any]
"""Everything a tracker has learned, as tensors and plain values; opaque to whoever holds it."""


@dataclass(frozen=True)
class Result:
    """What a tracker says about one frame.

    Attributes:
        box: Where the target is.
        score: Confidence, 0..1.
        presence: Whether it can be seen.
        evidence: What this was concluded from.
    """

    box: Box
    score: float
    presence: Presence
    evidence: Evidence


class Tracker(Protocol):
    """Follows one target. No file reading, timing or drawing inside."""

    @property
    def model_id(self) -> str:
        """Name and weights of the model, as kept in a track's provenance."""

    def init(self, frame: Counts, box: Box) -> Result:
        """Learn the target; the result is the given box with the evidence of the first look at it.

        Raises:
            BoxError: The box has no area or lies outside the frame.
        """

    def update(self, frame: Counts) -> Result:
        """Find the target in the next frame, and learn from it."""

    def state(self) -> TrackerState:
        """A copy of everything learned so far."""

    def restore(self, state: TrackerState) -> None:
        """Go back to a state taken from `state()`."""


class Team(Protocol):
    """Follows several targets, by number; what it says of one is what a tracker of its own would say."""

    def init(self, frame: Counts, member: int, box: Box) -> Result:
        """Learn one target; see `Tracker.init`.

        Raises:
            BoxError: The box has no area or lies outside the frame.
        """

    def update(self, frame: Counts, members: Sequence[int]) -> list[Result]:
        """Find these targets in the next frame, and learn from it; the others do not see it."""
