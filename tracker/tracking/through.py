"""A run that goes through anchors: it starts afresh from each box drawn by hand that it comes to."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tracker.geometry import Box
from tracker.jobs import Event, Job, Progress, ProgressMeter, changed
from tracker.media.source import FrameSource
from tracker.tracking.run import (
    Direction,
    FrameTracked,
    RunSummary,
    StopConditions,
    StopReason,
    last_frame,
    track,
)
from tracker.tracking.tracker import Tracker


@dataclass(frozen=True)
class Anchor:
    """A frame decided by hand.

    Attributes:
        frame: Its index.
        box: The target there; None where the user has said that it is not to be seen.
    """

    frame: int
    box: Box | None


def track_through(
    source: FrameSource,
    tracker: Tracker,
    anchors: Sequence[Anchor],
    direction: Direction = Direction.FORWARD,
    stop: StopConditions | None = None,
) -> Job[RunSummary]:
    """Follow a target from the first anchor on, and on from each further one, as `tracker.tracking.run.track` does.

    Frames decided by hand are not tracked, but for the first. After one that says that the target is not to be seen,
    nothing is tracked until the next one with a box. A stretch that ends before the next anchor, because its score was
    too low, is followed by that of the next anchor.

    Args:
        source: The clip, for this job alone.
        tracker: Ready to be initialised.
        anchors: In the order in which the run comes to them; the first with a box is where it starts.
        direction: Forward or backward.
        stop: When to stop before the end of the clip; its `anchors` and `max_frames` are not looked at.

    Returns:
        How the run went as a whole; its reason is that of the last stretch.

    Raises:
        ValueError: The first anchor has no box.
        BoxError: A box has no area or lies outside the frame.
        MediaError: The media is gone.
    """
    if not anchors or anchors[0].box is None:
        raise ValueError("a run starts from a box")
    stop = replace(stop or StopConditions(), anchors=frozenset(), max_frames=None)
    start, step = anchors[0].frame, direction.value
    final, _ = last_frame(len(source), start, direction, stop)
    meter = ProgressMeter("Tracking", abs(final - start) + 1)
    begun = time.perf_counter()
    parts: list[RunSummary] = []
    for anchor, following in zip(anchors, [*anchors[1:], None], strict=True):
        if (final - anchor.frame) * step < 0:
            break
        if anchor.box is not None:
            limit = final if following is None else following.frame - step
            end = min(limit, final, key=lambda frame: (frame - start) * step)
            part = track(source, tracker, anchor.frame, anchor.box, direction, replace(stop, until=end))
            parts.append((yield from _relayed(part, meter, start, anchor.frame if parts else None)))
    yield meter.at(abs(final - start) + 1)
    return _together(start, parts, time.perf_counter() - begun)


def _relayed(part: Job[RunSummary], meter: ProgressMeter, start: int, silent: int | None) -> Job[RunSummary]:
    """The events of a stretch, with the progress of the whole; the anchor it starts from was decided already."""

    def change(event: Event) -> Iterator[Event]:
        if isinstance(event, FrameTracked):
            if event.frame != silent:
                yield event
            if meter.due():
                yield meter.at(abs(event.frame - start) + 1)
        elif not isinstance(event, Progress):
            yield event

    return changed(part, change)


def _together(start: int, parts: Sequence[RunSummary], total_s: float) -> RunSummary:
    last = parts[-1]
    reason = StopReason.END if last.reason is StopReason.ANCHOR else last.reason
    frames = sum(part.frames for part in parts)
    busy = sum(part.update_s for part in parts)
    return RunSummary(start, last.last, frames, reason, busy, total_s, last.lost_from)
