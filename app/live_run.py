"""What a tracking run has given so far, for drawing: the project has it too."""

from __future__ import annotations

import time
from collections import OrderedDict, defaultdict, deque

from tracker.annotation.document import Proposal
from tracker.annotation.evidence import Evidence, Scores
from tracker.tracking.record import frame_state
from tracker.tracking.run import FrameTracked, RunSummary
from tracker.tracking.together import TargetTracked

KEPT_EVIDENCE = 256
"""Steps of a target whose evidence is held in memory while the file catches up."""

RATE_FRAMES = 30


class LiveRun:
    """The targets of a run, as far as it has come.

    Attributes:
        proposals: Copies of its proposals, by track.
        reached: The last frame tracked, by track.
        latest: The last frame of all.
        evidence: Of the latest frames, by track and frame.
        fresh: Scores of what was not announced yet, by track and frame.
        runs: How it went for the targets that are not followed any more, by track.
    """

    def __init__(self) -> None:
        self.proposals: dict[int, Proposal] = {}
        self.reached: dict[int, int] = {}
        self.latest = -1
        self.evidence: OrderedDict[tuple[int, int], Evidence] = OrderedDict()
        self.fresh: defaultdict[int, dict[int, Scores]] = defaultdict(dict)
        self.runs: dict[int, RunSummary] = {}
        self._times: deque[float] = deque(maxlen=RATE_FRAMES)  # seconds when the latest frames arrived

    def add(self, proposal: Proposal) -> None:
        """Another target."""
        self.proposals[proposal.track_id] = proposal

    def ids(self) -> dict[int, int]:
        """The proposals' ids, by track."""
        return {track_id: proposal.id for track_id, proposal in self.proposals.items()}

    def take(self, event: FrameTracked) -> None:
        """Add a frame of a target."""
        track_id = event.track_id if isinstance(event, TargetTracked) else next(iter(self.proposals))
        self.proposals[track_id].frames.put(event.frame, frame_state(event.result))
        self.evidence[track_id, event.frame] = event.result.evidence
        while len(self.evidence) > KEPT_EVIDENCE * len(self.proposals):
            self.evidence.popitem(last=False)
        self.reached[track_id] = event.frame
        self.fresh[track_id][event.frame] = event.result.evidence.scores
        if event.frame != self.latest:
            self.latest = event.frame
            self._times.append(time.monotonic())

    def fps(self) -> float:
        """Frames of the clip per second lately, reading and storing included."""
        span = self._times[-1] - self._times[0] if len(self._times) > 1 else 0.0
        return (len(self._times) - 1) / span if span > 0 else 0.0
