"""Tracking the gaps between anchors from both sides, so that two runs with different truths vouch for each other."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tracker.annotation.audit import Curve, agreement
from tracker.annotation.track import NO_MODEL, Frames, Track
from tracker.geometry import Box
from tracker.jobs import Event, Job, Progress, ProgressMeter, changed
from tracker.media.source import FrameSource
from tracker.tracking.record import frame_state
from tracker.tracking.run import Direction, FrameTracked, RunSummary, StopConditions, track
from tracker.tracking.tracker import Tracker


@dataclass(frozen=True)
class Gap:
    """The frames between two neighbouring anchors, `start <= i < stop`: the anchors are `start` - 1 and `stop`.

    Attributes:
        start: First frame.
        stop: The one after its last.
        left: The target at the anchor before; None where the user has said that it is not to be seen.
        right: The same at the anchor after.
    """

    start: int
    stop: int
    left: Box | None
    right: Box | None

    def __len__(self) -> int:
        return self.stop - self.start

    def sides(self) -> Iterator[tuple[Direction, int, Box]]:
        """Direction, first frame and box of each run that the gap allows."""
        if self.left is not None:
            yield Direction.FORWARD, self.start - 1, self.left
        if self.right is not None:
            yield Direction.BACKWARD, self.stop, self.right


@dataclass(frozen=True)
class GapFrameTracked(FrameTracked):
    """One frame of a gap is done, in one direction.

    Attributes:
        gap: Its place among the gaps of the job.
        direction: Of the run.
    """

    gap: int
    direction: Direction


@dataclass(frozen=True, eq=False)
class GapTracked:
    """What two runs say about a gap.

    Attributes:
        gap: Its n frames.
        forward: n frames, of the run from the anchor before; nothing is said where there was no run or it stopped.
        backward: The same from the anchor after.
        agreement: (n,) IoU of both, NaN where either has no box.
    """

    gap: Gap
    forward: Frames
    backward: Frames
    agreement: Curve


@dataclass(frozen=True, eq=False)
class BetweenSummary:
    """How a job went.

    Attributes:
        gaps: What was found, in the order of the gaps.
        frames: Frames tracked, both directions counted.
        update_s: Seconds in the tracker's `update`.
        total_s: Seconds from the beginning to the end, reading and handling included.
    """

    gaps: tuple[GapTracked, ...]
    frames: int
    update_s: float
    total_s: float


def gaps_between(found: Track) -> list[Gap]:
    """The gaps between neighbouring anchors of a track that a run can start into, ascending.

    What machines have said in them is not looked at. Frames before the first and after the last anchor are no gap,
    nor is what lies between two absences.
    """
    anchors = found.anchors().tolist()
    gaps = [
        Gap(before + 1, after, found.frames.box(before), found.frames.box(after))
        for before, after in pairwise(anchors)
    ]
    return [gap for gap in gaps if len(gap) and any(gap.sides())]


def track_between(
    source: FrameSource,
    tracker: Tracker,
    gaps: Sequence[Gap],
    stop: StopConditions | None = None,
    model: int = NO_MODEL,
) -> Job[BetweenSummary]:
    """Follow a target through gaps, forward from the anchor before and backward from the anchor after each.

    Yields `GapFrameTracked` for every frame of a gap and direction, and `Progress` of the whole. The anchors are not
    reported: they are decided. A frame that cannot be read is dealt with as by `tracker.tracking.run.track`.

    Args:
        source: The clip, for this job alone.
        tracker: Serves one run after the other, each from scratch.
        gaps: See `gaps_between`.
        stop: When to give a run up before the end of its gap; its `until`, `max_frames` and `anchors` are not looked
            at.
        model: Index of the tracker's model in the document's models, for the provenance of the boxes.

    Returns:
        What both runs say about each gap; when the job is closed before its end there is no value.

    Raises:
        BoxError: A box has no area or lies outside the frame.
        MediaError: The media is gone.
    """
    stop = replace(stop or StopConditions(), max_frames=None, anchors=frozenset())
    begun, planned, frames, busy = time.perf_counter(), 0, 0, 0.0
    meter = ProgressMeter("Tracking from both sides", sum(len(gap) for gap in gaps for _ in gap.sides()))
    yield meter.at(0)
    found = []
    for number, gap in enumerate(gaps):
        said = {direction: Frames.empty(len(gap)) for direction in Direction}
        for direction, start, box in gap.sides():
            end = gap.stop - 1 if direction is Direction.FORWARD else gap.start
            run = track(source, tracker, start, box, direction, replace(stop, until=end))
            side = _Side(number, gap, direction, said[direction], model)
            summary = yield from _kept(run, side, meter, planned)
            frames, busy = frames + summary.frames - 1, busy + summary.update_s
            planned += len(gap)
        forward, backward = said[Direction.FORWARD], said[Direction.BACKWARD]
        found.append(GapTracked(gap, forward, backward, agreement(forward, backward)))
    yield meter.at(planned)
    return BetweenSummary(tuple(found), frames, busy, time.perf_counter() - begun)


@dataclass(frozen=True)
class _Side:
    """One run of a gap, and what it has said so far."""

    number: int
    gap: Gap
    direction: Direction
    said: Frames
    model: int

    def keep(self, event: FrameTracked) -> GapFrameTracked | None:
        """Take note of a frame; None for the anchor that the run starts from."""
        if not self.gap.start <= event.frame < self.gap.stop:
            return None
        self.said.put(event.frame - self.gap.start, frame_state(event.result), self.model)
        return GapFrameTracked(event.frame, event.result, event.update_s, self.number, self.direction)


def _kept(run: Job[RunSummary], side: _Side, meter: ProgressMeter, done: int) -> Job[RunSummary]:
    """The events of one run, its frames kept, with the progress of the whole after `done` frames of others."""

    def change(event: Event) -> Iterator[Event]:
        nonlocal done
        if isinstance(event, FrameTracked):
            kept = side.keep(event)
            if kept is not None:
                done += 1
                yield kept
            if meter.due():
                yield meter.at(done)
        elif not isinstance(event, Progress):
            yield event

    return changed(run, change)
