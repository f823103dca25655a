"""What two variants have found over the same frames, compared with one another and with trusted boxes.

A box is trusted where a person stands behind it: drawn by hand, or accepted. A box that was accepted as a variant had
made it speaks for that variant: where it matters who is better, draw.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.audit import AGREED
from tracker.annotation.evidence import SCORE_NAMES
from tracker.annotation.track import Frames, Mask
from tracker.geometry import centre_distance, iou
from tracker.jobs import Event
from tracker.tracking.record import frame_state
from tracker.tracking.tracker import Result

Curve = NDArray[np.float64]
Span = tuple[int, int]
"""Frames `start <= i < stop`."""

BRIDGED = 5  # frames; partings that lie nearer to one another are one
MARGIN = 0.1  # IoU with a trusted box by which one variant has to be ahead to be called better


class Side(IntEnum):
    """Which of the two variants."""

    A = 0
    B = 1

    @property
    def other(self) -> Side:
        """The other one."""
        return Side(1 - self)


@dataclass(frozen=True)
class FrameReplayed(Event):
    """Both variants are done with a frame.

    Attributes:
        frame: Its index.
        results: What A and B say.
        seconds: What they took for it, without reading the frame.
        is_given: Whether both were given the box here, and found none themselves.
    """

    frame: int
    results: tuple[Result, Result]
    seconds: tuple[float, float]
    is_given: bool


@dataclass(eq=False)
class SideRecord:
    """What one variant has found.

    Attributes:
        model: Id of its model.
        frames: Clip length; its boxes, tracked, without an index of the model.
        scores: (n, s) in the order of `SCORE_NAMES`, NaN where it has not been.
        updates: Frames it has found a box in by itself ...
        seconds: ... and what it took for them.
    """

    model: str
    frames: Frames
    scores: Curve
    updates: int = 0
    seconds: float = 0.0

    @property
    def fps(self) -> float:
        """Frames per second of the tracker alone; 0 before the first."""
        return self.updates / self.seconds if self.seconds > 0 else 0.0


@dataclass(eq=False)
class ReplayRecord:
    """What both have found so far; grows frame by frame, some 230 bytes each.

    Attributes:
        sides: A's and B's.
        given: (n,) frames in which both were given the box.
    """

    sides: tuple[SideRecord, SideRecord]
    given: Mask = field(repr=False)

    @classmethod
    def empty(cls, length: int, models: tuple[str, str]) -> ReplayRecord:
        """For a clip of `length` frames."""
        a, b = (
            SideRecord(model, Frames.empty(length), np.full((length, len(SCORE_NAMES)), np.nan))
            for model in models
        )
        return cls((a, b), np.zeros(length, np.bool_))

    def __len__(self) -> int:
        return len(self.given)

    def take(self, event: FrameReplayed) -> None:
        """Add a frame."""
        self.given[event.frame] = event.is_given
        for side, result, seconds in zip(self.sides, event.results, event.seconds, strict=True):
            side.frames.put(event.frame, frame_state(result))
            side.scores[event.frame] = astuple(result.evidence.scores)
            if not event.is_given:
                side.updates += 1
                side.seconds += seconds

    def span(self) -> Span | None:
        """From the first to the last frame replayed; None before the first."""
        said = np.flatnonzero(self.sides[Side.A].frames.is_said)
        return (int(said[0]), int(said[-1]) + 1) if said.size else None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two variants side by side; curves are by frame of the clip, NaN where there is nothing to say.

    Attributes:
        record: What was found.
        overlap: (n,) IoU of A's and B's box.
        distance: (n,) pixels between their centres.
        truth: For each, (n,) IoU with the trusted box; not in the frames in which both were given it.
        parted: Where they have hardly anything in common: IoU below 0.5, ascending.
        better: Where A fits the trusted boxes better than B by 0.1 or more, and where B does; single frames count.
    """

    record: ReplayRecord
    overlap: Curve
    distance: Curve
    truth: tuple[Curve, Curve]
    parted: tuple[Span, ...]
    better: tuple[tuple[Span, ...], tuple[Span, ...]]

    @property
    def frames(self) -> int:
        """How many frames both have been in."""
        return int(np.isfinite(self.overlap).sum())

    @property
    def mean_overlap(self) -> float:
        """Mean IoU of A and B where they were not given the box; NaN where that is nowhere."""
        return _mean(np.where(self.record.given, np.nan, self.overlap))

    @property
    def mean_truth(self) -> tuple[float, float]:
        """Mean IoU of each with the trusted boxes; NaN where there are none."""
        return _mean(self.truth[Side.A]), _mean(self.truth[Side.B])

    @property
    def trusted(self) -> int:
        """How many trusted boxes both are compared with."""
        return int(np.isfinite(self.truth[Side.A]).sum())

    def next_parting(self, frame: int, direction: int) -> int | None:
        """First frame of the nearest parting that begins after a frame (+1) or before it (-1); None without one."""
        starts = [start for start, _ in self.parted if (start - frame) * direction > 0]
        return min(starts, key=lambda start: abs(start - frame), default=None)


def compare(record: ReplayRecord, track: Frames) -> Comparison:
    """Compare two variants.

    Args:
        record: What they have found, n frames.
        track: n frames, of the track as it is: its trusted boxes are the truth.
    """
    a, b = (side.frames for side in record.sides)
    both = a.has_box & b.has_box
    overlap = np.where(both, iou(a.boxes, b.boxes), np.nan)
    trusted = track.is_reviewed & track.has_box & both & ~record.given
    truth_a, truth_b = (np.where(trusted, iou(side.boxes, track.boxes), np.nan) for side in (a, b))
    ahead = np.nan_to_num(truth_a - truth_b)
    return Comparison(
        record,
        overlap,
        centre_distance(a.boxes, b.boxes),
        (truth_a, truth_b),
        spans_of(both & (np.nan_to_num(overlap) < AGREED), BRIDGED),
        (spans_of(ahead >= MARGIN), spans_of(ahead <= -MARGIN)),
    )


def spans_of(mask: Mask, bridged: int = 1) -> tuple[Span, ...]:
    """The stretches in which `mask` is true, ascending; those with fewer than `bridged` frames between them as one."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    if not len(edges):
        return ()
    is_apart = edges[1:, 0] - edges[:-1, 1] >= bridged
    starts = edges[np.concatenate([[True], is_apart]), 0]
    stops = edges[np.concatenate([is_apart, [True]]), 1]
    return tuple(zip(starts.tolist(), stops.tolist(), strict=True))


def _mean(values: Curve) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else float("nan")
