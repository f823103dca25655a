"""A/B replay: two trackers follow the same target from the same boxes, frame by frame, side by side.

Nothing of it is written into a project. Each stretch starts afresh from each box drawn by hand, as in
`tracker.tracking.through`, but goes on to the next such frame itself: what a tracker would have said there is what
tells it from another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass

import numpy as np

from tracker.annotation.track import Frames, Provenance, Track
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter
from tracker.media.cached import CachedSource
from tracker.media.source import FrameSource
from tracker.tracking.replay_record import Comparison, FrameReplayed, ReplayRecord, compare
from tracker.tracking.run import Direction, FrameTracked, RunSummary, StopConditions, track
from tracker.tracking.through import Anchor
from tracker.tracking.tracker import Tracker

KEPT_FRAMES, AHEAD = 8, 2  # frames in memory, and those read while the trackers compute

Trackers = tuple[Tracker, Tracker]


@dataclass(frozen=True)
class Stretch:
    """Frames that are followed from one box.

    Attributes:
        first: Frame of the box.
        box: The target there.
        last: Last frame, inclusive.
    """

    first: int
    box: Box
    last: int


def anchors_within(found: Track, first: int, last: int, *, restarts: bool = True) -> tuple[Anchor, ...]:
    """From where a replay over the frames `first` to `last`, inclusive, starts, and starts afresh.

    It starts from the track's box on the first frame, whoever has put it; where there is none, from the first box drawn
    by hand, or else from any first box.

    Args:
        found: The track.
        first: First frame.
        last: Last frame.
        restarts: Whether it starts afresh at later frames decided by hand; if not, they are only compared with.

    Raises:
        AnnotationError: The track has no box there to start from.
    """
    frames, rows = found.frames, slice(first, last + 1)
    boxes = np.flatnonzero(frames.has_box[rows]) + first
    by_hand = boxes[frames.provenance[boxes] == Provenance.MANUAL]
    if not boxes.size:
        raise AnnotationError(
            f"track {found.id} has no box on the frames {first} to {last}, so there is nothing to start from.",
            todo="Draw a box there, or choose another span.",
        )
    begin = int(by_hand[0] if by_hand.size and boxes[0] != first else boxes[0])
    later = [each for each in found.anchors().tolist() if begin < each <= last] if restarts else []
    return tuple(Anchor(each, frames.box(each)) for each in (begin, *later))


def stretches_between(anchors: Sequence[Anchor], last: int) -> list[Stretch]:
    """What is followed from each box: up to the next anchor, which is still part of it where it has a box."""
    stretches = []
    for anchor, following in zip(anchors, [*anchors[1:], None], strict=True):
        end = last if following is None else following.frame - (following.box is None)
        if anchor.box is not None and anchor.frame <= last:
            stretches.append(Stretch(anchor.frame, anchor.box, min(end, last)))
    return stretches


def replay(
    source: FrameSource, trackers: Trackers, anchors: Sequence[Anchor], last: int, truth: Frames
) -> Job[Comparison]:
    """Follow a target with two trackers, reading each frame once.

    Yields `FrameReplayed` for every frame from the first anchor on, but for those between an absence and the next
    box, and `Progress` of the whole.

    Args:
        source: The clip; belongs to the job, which closes it.
        trackers: A and B, ready to be initialised.
        anchors: Ascending; the first with a box is where it starts. See `anchors_within`.
        last: Last frame, inclusive.
        truth: What the track says about all frames of the clip, for the comparison.

    Returns:
        Both side by side; when the job is closed before its end there is no value.

    Raises:
        ValueError: No anchor has a box.
        BoxError: A box has no area or lies outside the frame.
        MediaError: The media is gone.
    """
    stretches = stretches_between(anchors, last)
    if not stretches:
        source.close()
        raise ValueError("a replay starts from a box")
    width, height = source.size
    frame_bytes = width * height * source.channels * source.dtype.itemsize
    begin, reached = stretches[0].first, stretches[0].first - 1
    a, b = (each.model_id for each in trackers)
    record = ReplayRecord.empty(len(source), (a, b))
    with closing(CachedSource(source, KEPT_FRAMES * frame_bytes, AHEAD)) as shared:
        meter = ProgressMeter("Replaying", stretches[-1].last - begin + 1)
        yield meter.at(0)
        for stretch in stretches:
            for event in _side_by_side(shared, trackers, stretch):
                if event.frame <= reached:  # the anchor: both have come to it in the stretch before
                    continue
                reached = event.frame
                record.take(event)
                yield event
                if meter.due():
                    yield meter.at(reached - begin + 1)
    yield meter.at(stretches[-1].last - begin + 1)
    return compare(record, truth)


def _side_by_side(source: FrameSource, trackers: Trackers, stretch: Stretch) -> Iterator[FrameReplayed]:
    """Both runs in step."""
    stop = StopConditions(until=stretch.last)
    with ExitStack() as runs:
        a, b = (
            runs.enter_context(
                closing(track(source, tracker, stretch.first, stretch.box, Direction.FORWARD, stop))
            )
            for tracker in trackers
        )
        for one, other in zip(_frames(a), _frames(b), strict=True):
            results, seconds = (one.result, other.result), (one.update_s, other.update_s)
            yield FrameReplayed(one.frame, results, seconds, one.frame == stretch.first)


def _frames(run: Job[RunSummary]) -> Iterator[FrameTracked]:
    return (event for event in run if isinstance(event, FrameTracked))
