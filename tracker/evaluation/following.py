"""A tracker on one sequence of a benchmark, as a job: once through, or by VOT's supervised protocol."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError
from tracker.evaluation.failures import Failures
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.starts import Start
from tracker.evaluation.supervised import SupervisedRules
from tracker.evaluation.vot_regions import FAILED, INITIALISED, UNKNOWN, Region, bounding_box, region_overlap
from tracker.geometry import Box, iou
from tracker.jobs import Event, Job
from tracker.media.source import FrameSource
from tracker.tracking.run import FrameTracked, StopConditions, track
from tracker.tracking.tracker import Tracker

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FrameDone(Event):
    """A frame of a sequence is done; frames that a protocol skips are done too.

    Attributes:
        frame: Its index.
    """

    frame: int


@dataclass(frozen=True)
class Followed:
    """Boxes from the start frame on.

    Attributes:
        boxes: (m, 4).
        seconds: (m,) that the tracker took for each; 0 for the first.
    """

    boxes: Array
    seconds: Array


def require_frames(source: FrameSource, sequence: BenchmarkSequence) -> None:
    """Refuse a clip that is shorter than its annotations.

    Raises:
        EvaluationError: It is.
    """
    if len(source) < len(sequence):
        raise EvaluationError(
            f"{len(source)} frames for {len(sequence)} true boxes.",
            where=source.path,
            todo="Frames are missing.",
        )


def follow_once(
    source: FrameSource, tracker: Tracker, sequence: BenchmarkSequence, start: Start, failures: Failures
) -> Job[Followed]:
    """Start a tracker once and let it run to the end.

    Args:
        source: The frames.
        tracker: Ready to be initialised.
        sequence: Says how far to go, and what is true.
        start: Where to begin.
        failures: Keeps the moments at which the target gets lost.

    Raises:
        BoxError: The tracker cannot start from the box.
        MediaError: The media is gone.
    """
    boxes, seconds = [], []
    job = track(source, tracker, start.frame, start.box, stop=StopConditions(until=len(sequence) - 1))
    try:
        for event in job:
            if isinstance(event, FrameTracked):
                boxes.append(event.result.box.as_tuple())
                seconds.append(event.update_s)
                failures.see(event.frame, event.result, float(iou(boxes[-1], sequence.truth[event.frame])))
                yield FrameDone(event.frame)
    finally:
        job.close()
    return Followed(np.array(boxes, np.float64), np.array(seconds, np.float64))


def follow_supervised(
    source: FrameSource,
    tracker: Tracker,
    sequence: BenchmarkSequence,
    rules: SupervisedRules,
    failures: Failures,
) -> Job[list[Region]]:
    """Start a tracker again whenever it has lost the target; see `tracker.evaluation.supervised`.

    Returns:
        For each frame a rectangle, or a code.

    Raises:
        BoxError: The tracker cannot start from a true region.
        MediaError: The media is gone.
    """
    trajectory: list[Region] = [_code(UNKNOWN)] * len(sequence)
    frame, is_running = 0, False
    while frame < len(sequence):
        step, truth = 1, Box(*bounding_box(sequence.regions[frame]).tolist())
        if is_running:
            result = tracker.update(source.frame(frame))
            region = np.array(result.box.as_tuple())
            overlap = region_overlap(region, sequence.regions[frame], source.size)
            # Where the target is not there it cannot be missed; VOT's own sequences have no such frame.
            is_running = overlap > rules.failure_overlap or not truth.is_valid()
            trajectory[frame] = region if is_running else _code(FAILED)
            failures.see(frame, result, overlap if is_running else 0.0)
            step = 1 if is_running else rules.skip
        elif truth.is_valid():
            tracker.init(source.frame(frame), truth)
            trajectory[frame], is_running = _code(INITIALISED), True
        for done in range(frame, min(frame + step, len(sequence))):
            yield FrameDone(done)
        frame += step
    return trajectory


def _code(code: int) -> Region:
    return np.array([float(code)])
