"""Several targets in the same frames: trackers that share what they can."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch

from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.tracking.online import Look, OnlineTracker
from tracker.tracking.similarity_model import Seen
from tracker.tracking.tracker import Result, Team, Tracker, TrackerState

AT_ONCE_ON_CPU = 2
"""Crops in one batch on a CPU: the activations of more do not stay in its caches."""


def team_of(tracker: Tracker, count: int) -> Team:
    """A team for `count` targets.

    Args:
        tracker: Ready to be initialised; not used otherwise as long as the team is.
        count: Number of targets.
    """
    return OnlineTeam(tracker, count) if isinstance(tracker, OnlineTracker) else Turns(tracker)


class OnlineTeam:
    """A tracker and its siblings: their crops go through the network together."""

    def __init__(self, tracker: OnlineTracker, count: int) -> None:
        self._trackers = [tracker, *(tracker.sibling() for _ in range(count - 1))]

    def foretell(self, repeats: int) -> None:
        """See `tracker.tracking.lookahead.Foretold`."""
        for tracker in self._trackers:
            tracker.foretell(repeats)

    def init(self, frame: Counts, member: int, box: Box) -> Result:
        """See `Team`."""
        return self._trackers[member].init(frame, box)

    def update(self, frame: Counts, members: Sequence[int]) -> list[Result]:
        """See `Team`."""
        return update_together([self._trackers[member] for member in members], frame) if members else []


class Turns:
    """One tracker of any kind for all targets: it is given each target's state in turn."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._states: dict[int, TrackerState] = {}

    def init(self, frame: Counts, member: int, box: Box) -> Result:
        """See `Team`."""
        result = self._tracker.init(frame, box)
        self._states[member] = self._tracker.state()
        return result

    def update(self, frame: Counts, members: Sequence[int]) -> list[Result]:
        """See `Team`."""
        return [self._update(frame, member) for member in members]

    def _update(self, frame: Counts, member: int) -> Result:
        self._tracker.restore(self._states[member])
        result = self._tracker.update(frame)
        self._states[member] = self._tracker.state()
        return result


@torch.inference_mode()
def update_together(trackers: Sequence[OnlineTracker], frame: Counts) -> list[Result]:
    """Find the targets of sibling trackers in the next frame: as the `update` of each, in fewer batches.

    What is looked at besides, for a target that is lost or has moved far, each tracker looks at by itself.

    Args:
        trackers: One, or siblings of one another; each initialised.
        frame: The next frame of all.

    Returns:
        The results, in the order of the trackers.
    """
    step = trackers[0].notice(frame)
    held = [result for tracker in trackers if (result := tracker.held(step)) is not None]
    if held:  # what a frame is does not depend on the target
        return held
    views = {tracker.correction: tracker for tracker in trackers}
    seen_as = {correction: tracker.view(frame) for correction, tracker in views.items()}
    looks = [tracker.look(seen_as[tracker.correction]) for tracker in trackers]
    shares = _seen_together(trackers[0], looks)
    return [tracker.conclude(look, seen) for tracker, look, seen in zip(trackers, looks, shares, strict=True)]


def _seen_together(tracker: OnlineTracker, looks: Sequence[Look]) -> Iterator[Seen]:
    """What the network sees where each tracker looks, a batch at a time."""
    is_cpu = looks[0].crops.device.type == "cpu"
    most = max(AT_ONCE_ON_CPU // len(looks[0].crops), 1) if is_cpu else len(looks)
    for first in range(0, len(looks), most):
        crops = [look.crops for look in looks[first : first + most]]
        seen = tracker.see(torch.cat(crops))
        sizes = [len(each) for each in crops]
        yield from zip(*(torch.split(level, sizes) for level in seen), strict=True)
