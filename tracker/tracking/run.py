"""A tracking run: a job that follows a target through a clip until something stops it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from enum import Enum

from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.jobs import Event, Job, ProgressMeter
from tracker.media.source import Counts, FrameSource
from tracker.tracking.lookahead import Lookahead
from tracker.tracking.presence import Watch
from tracker.tracking.tracker import Result, Tracker


class Direction(Enum):
    """Which way a run goes; the value is the step from frame to frame."""

    FORWARD = 1
    BACKWARD = -1


class StopReason(Enum):
    """Why a run ended; the value is for the user."""

    END = "end of the clip"
    LIMIT = "last wanted frame"
    ANCHOR = "next anchor"
    SCORE = "score too low"
    LOST = "target lost"
    CANCELLED = "stopped"


@dataclass(frozen=True)
class StopConditions:
    """When a run ends, besides the end of the clip.

    Attributes:
        until: Last frame index to track, inclusive.
        max_frames: Most frames to track after the first.
        anchors: Frames decided by hand: the run stops before the next one.
        score_below: Stop once the score stays below this ...
        patience: ... for so many frames in a row.
        lost_for: Stop once the target has been judged lost (`tracker.tracking.presence`) for so many frames in a row;
            None to go on.
    """

    until: int | None = None
    max_frames: int | None = None
    anchors: frozenset[int] = frozenset()
    score_below: float | None = None
    patience: int = 5
    lost_for: int | None = None


class GivingUp:
    """Counts the frames in a row that speak for stopping."""

    def __init__(self, stop: StopConditions, frame_size: tuple[int, int]) -> None:
        self._stop = stop
        self._watch = Watch(frame_size) if stop.lost_for is not None else None
        self._low = self._lost = self._held = 0
        self._last: Result | None = None

    @property
    def lost(self) -> int:
        """Frames in a row, up to the last one, in which the target has been judged lost; held ones among them."""
        return self._lost + self._held

    def step(self, result: Result) -> StopReason | None:
        """Why to stop after this frame; None to go on, as after one that was held: nothing new was seen in it."""
        if result is self._last:
            self._held += self._lost > 0
            return None
        stop, self._last = self._stop, result
        if self._watch is not None and stop.lost_for is not None:
            is_lost = self._watch.step(result.evidence.scores, result.box).is_lost
            self._lost, self._held = (self._lost + 1, self._held) if is_lost else (0, 0)
            if self._lost >= stop.lost_for:
                return StopReason.LOST
        is_low = stop.score_below is not None and result.score < stop.score_below
        self._low = self._low + 1 if is_low else 0
        return StopReason.SCORE if self._low >= stop.patience else None


@dataclass(frozen=True)
class FrameTracked(Event):
    """One frame is done.

    Attributes:
        frame: Its index.
        result: What the tracker says.
        update_s: Seconds the tracker took, without reading the frame.
    """

    frame: int
    result: Result
    update_s: float


@dataclass(frozen=True)
class RunSummary:
    """How a run went.

    Attributes:
        start: First frame index.
        last: Last frame index tracked.
        frames: Number of frames, the first included.
        reason: Why it ended.
        update_s: Seconds in the tracker's `update`, all frames but the first.
        total_s: Seconds from the first frame's result to the end, reading and handling included.
        lost_from: First of the frames in a row judged lost that ended it; None where something else did.
    """

    start: int
    last: int
    frames: int
    reason: StopReason
    update_s: float
    total_s: float
    lost_from: int | None = None

    @property
    def fps_update(self) -> float:
        """Frames per second of the tracker alone; 0 where nothing was tracked."""
        return (self.frames - 1) / self.update_s if self.update_s > 0 else 0.0

    @property
    def fps_end_to_end(self) -> float:
        """Frames per second with reading and everything done to each frame."""
        return (self.frames - 1) / self.total_s if self.frames > 1 else 0.0


def last_frame(length: int, start: int, direction: Direction, stop: StopConditions) -> tuple[int, StopReason]:
    """The frame a run ends at unless the score ends it before, and why there.

    Args:
        length: Number of frames of the clip.
        start: First frame of the run.
        direction: Of the run.
        stop: Its conditions.
    """
    step = direction.value
    ends = [(length - 1 if step > 0 else 0, StopReason.END)]
    if stop.until is not None:
        ends.append((stop.until, StopReason.LIMIT))
    if stop.max_frames is not None:
        ends.append((start + step * stop.max_frames, StopReason.LIMIT))
    ahead = [frame for frame in stop.anchors if (frame - start) * step > 0]
    if ahead:
        ends.append((min(ahead, key=lambda frame: abs(frame - start)) - step, StopReason.ANCHOR))
    frame, reason = min(ends, key=lambda end: (end[0] - start) * step)
    return (frame, reason) if (frame - start) * step > 0 else (start, reason)


def track(
    source: FrameSource,
    tracker: Tracker,
    start: int,
    box: Box,
    direction: Direction = Direction.FORWARD,
    stop: StopConditions | None = None,
) -> Job[RunSummary]:
    """Follow a target.

    Yields `FrameTracked` for the start frame and every frame after it, each followed by a `Progress` when
    one is due. A frame that cannot be read keeps the box of the frame before, with score 0, and teaches
    the tracker nothing.

    Args:
        source: The clip, for this job alone.
        tracker: Ready to be initialised.
        start: Frame index of the box.
        box: The target there.
        direction: Forward or backward.
        stop: When to stop before the end of the clip.

    Returns:
        How the run went; when the job is closed before its end there is no value.

    Raises:
        BoxError: The box has no area or lies outside the frame.
        MediaError: The media is gone.
    """
    stop = stop or StopConditions()
    last, reason = last_frame(len(source), start, direction, stop)
    meter = ProgressMeter("Tracking", abs(last - start) + 1)
    giving_up = GivingUp(stop, source.size)
    ahead = Lookahead(source, tracker, direction.value)
    result = tracker.init(ahead.first(start), box)
    giving_up.step(result)
    yield FrameTracked(start, result, 0.0)
    yield meter.at(1)
    begun, busy, frame = time.perf_counter(), 0.0, start
    while frame != last:
        frame += direction.value
        counts = ahead.read(frame)
        if counts is None:
            result, seconds = unseen(result), 0.0
        else:
            result, seconds = _step(tracker, counts)
        busy += seconds
        yield FrameTracked(frame, result, seconds)
        if meter.due() or frame == last:
            yield meter.at(abs(frame - start) + 1)
        given_up = giving_up.step(result)
        if given_up is not None:
            reason = given_up
            break
    total_s = time.perf_counter() - begun
    lost_from = first_lost(frame, direction, giving_up) if reason is StopReason.LOST else None
    return RunSummary(start, frame, abs(frame - start) + 1, reason, busy, total_s, lost_from)


def first_lost(last: int, direction: Direction, giving_up: GivingUp) -> int:
    """The first of the frames judged lost with which a run has ended at `last`."""
    return last - direction.value * (giving_up.lost - 1)


def unseen(before: Result) -> Result:
    """What is said about a frame that cannot be read, after what was said about the one before."""
    return replace(before, score=0.0, presence=Presence.OCCLUDED)


def _step(tracker: Tracker, counts: Counts) -> tuple[Result, float]:
    """The result of one frame and the seconds the tracker took for it."""
    begun = time.perf_counter()
    result = tracker.update(counts)
    return result, time.perf_counter() - begun
