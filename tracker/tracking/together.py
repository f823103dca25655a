"""Several targets followed in one pass over a clip: each frame is read once, for all of them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.geometry import Box
from tracker.jobs import Event, Job, ProgressMeter
from tracker.media.source import Counts, FrameSource
from tracker.tracking.lookahead import Lookahead
from tracker.tracking.run import (
    Direction,
    FrameTracked,
    GivingUp,
    RunSummary,
    StopConditions,
    StopReason,
    first_lost,
    last_frame,
    unseen,
)
from tracker.tracking.tracker import Result, Team


@dataclass(frozen=True)
class Target:
    """One of several targets.

    Attributes:
        track_id: What it is called in the events.
        start: Frame index of the box.
        box: The target there.
        stop: When to give it up; the others go on.
    """

    track_id: int
    start: int
    box: Box
    stop: StopConditions = field(default_factory=StopConditions)


@dataclass(frozen=True)
class TargetTracked(FrameTracked):
    """One frame of one target is done.

    Attributes:
        track_id: The target. Its `update_s` is its even share of the time that all took.
    """

    track_id: int


@dataclass(frozen=True)
class TargetEnded(Event):
    """One target is not followed any further; it comes after its last frame.

    Attributes:
        track_id: The target.
        summary: How its run went.
    """

    track_id: int
    summary: RunSummary


@dataclass(frozen=True)
class TogetherSummary:
    """How a job went.

    Attributes:
        runs: How that of each target went, by track.
        frames: Frames of the clip that were passed.
        update_s: Seconds in the trackers' `update`.
        total_s: Seconds from the beginning to the end, reading and handling included.
    """

    runs: Mapping[int, RunSummary]
    frames: int
    update_s: float
    total_s: float

    @property
    def fps_end_to_end(self) -> float:
        """Frames of the clip per second, with reading and everything done to each frame."""
        return self.frames / self.total_s if self.total_s > 0 else 0.0


class _Following:
    """One target while it is followed; `number` is its place in the team."""

    def __init__(self, number: int, target: Target, direction: Direction, source: FrameSource) -> None:
        self.number, self.target, self._direction = number, target, direction
        self.last, self._reason = last_frame(len(source), target.start, direction, target.stop)
        self._giving_up = GivingUp(target.stop, source.size)
        self._given_up: StopReason | None = None
        self._frames, self._busy_s, self._begun = 0, 0.0, 0.0
        self._result: Result | None = None

    def begin(self, result: Result) -> TargetTracked:
        """What is said about its first frame."""
        self._begun = time.perf_counter()
        event = self.take(self.target.start, result, 0.0)
        self._given_up = None
        return event

    def take(self, frame: int, result: Result, busy_s: float) -> TargetTracked:
        """What has been found in a frame."""
        self._result, self._given_up = result, self._giving_up.step(result)
        self._frames += 1
        self._busy_s += busy_s
        return TargetTracked(frame, result, busy_s, self.target.track_id)

    def unseen(self) -> Result:
        """What is said about a frame that cannot be read."""
        assert self._result is not None
        return unseen(self._result)

    def summary(self, frame: int) -> RunSummary | None:
        """How it went, where this frame was its last; None where it goes on."""
        if self._given_up is None and frame != self.last:
            return None
        reason = self._given_up or self._reason
        lost_from = first_lost(frame, self._direction, self._giving_up) if reason is StopReason.LOST else None
        total_s = time.perf_counter() - self._begun
        return RunSummary(self.target.start, frame, self._frames, reason, self._busy_s, total_s, lost_from)


class _Pass:
    """One pass over a clip, frame by frame."""

    def __init__(
        self, source: FrameSource, team: Team, targets: Sequence[Target], direction: Direction
    ) -> None:
        self._source, self._team = source, team
        self._waiting = [_Following(i, target, direction, source) for i, target in enumerate(targets)]
        self._active: list[_Following] = []
        ends = [each.last for each in self._waiting]
        self.last = max(ends) if direction is Direction.FORWARD else min(ends)
        self._ahead = Lookahead(source, team, direction.value)
        self.runs: dict[int, RunSummary] = {}
        self.update_s = 0.0

    def at(self, frame: int) -> Iterator[Event]:
        """Do one frame, for all targets that it concerns."""
        joining = [each for each in self._waiting if each.target.start == frame]
        counts = self._ahead.read(frame) if joining or self._active else None
        yield from self._tracked(frame, counts)
        if joining:
            begun_on = self._source.frame(frame) if counts is None else counts
            for each in joining:
                yield each.begin(self._team.init(begun_on, each.number, each.target.box))
        self._waiting = [each for each in self._waiting if each not in joining]
        self._active += joining
        yield from self._ended(frame)

    def _tracked(self, frame: int, counts: Counts | None) -> Iterator[Event]:
        begun = time.perf_counter()
        if counts is None:
            results = [each.unseen() for each in self._active]
        else:
            results = self._team.update(counts, [each.number for each in self._active])
        spent_s = 0.0 if counts is None else time.perf_counter() - begun
        self.update_s += spent_s
        for each, result in zip(self._active, results, strict=True):
            yield each.take(frame, result, spent_s / len(self._active))

    def _ended(self, frame: int) -> Iterator[Event]:
        for each in tuple(self._active):
            summary = each.summary(frame)
            if summary is not None:
                self._active.remove(each)
                self.runs[each.target.track_id] = summary
                yield TargetEnded(each.target.track_id, summary)

    def is_over(self) -> bool:
        """Whether no target is followed or waited for."""
        return not (self._active or self._waiting)


def track_together(
    source: FrameSource,
    team: Team,
    targets: Sequence[Target],
    direction: Direction = Direction.FORWARD,
) -> Job[TogetherSummary]:
    """Follow several targets, each as `tracker.tracking.run.track` would.

    Yields `TargetTracked` for every frame of every target, frame by frame, `TargetEnded` after the last of each, and
    `Progress` of the whole when it is due. A target whose box is farther on joins when the pass comes to it. A frame
    that cannot be read is dealt with as by `track`.

    Args:
        source: The clip, for this job alone.
        team: For as many targets; see `tracker.tracking.team.team_of`.
        targets: At least one, each of another track.
        direction: Forward or backward.

    Returns:
        How the runs went; when the job is closed before its end there is no value.

    Raises:
        ValueError: There is no target, or a track has two.
        BoxError: A box has no area or lies outside the frame.
        MediaError: The media is gone.
    """
    if not targets or len({target.track_id for target in targets}) < len(targets):
        raise ValueError("each of one or more tracks is followed once")
    step = direction.value
    first = min((target.start for target in targets), key=lambda start: start * step)
    passing = _Pass(source, team, targets, direction)
    length = abs(passing.last - first) + 1
    meter = ProgressMeter("Tracking", length)
    begun, done = time.perf_counter(), 0
    while not passing.is_over():
        yield from passing.at(first + done * step)
        done += 1
        if passing.is_over() or meter.due():
            yield meter.at(length if passing.is_over() else done)
    return TogetherSummary(passing.runs, done, passing.update_s, time.perf_counter() - begun)
