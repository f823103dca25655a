"""The review queue: where a track is most likely wrong, and how much of it is still unsure.

Built from one number for each frame, the probability that its box is wrong (`tracker.tracking.drift`). A queue entry
is a stretch of doubtful frames, led by the worst of them: an error rarely comes alone, and whoever looks at one frame
sees at once what the frames around it are like.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames, Mask

Risk = NDArray[np.float64]

SPAN_SHARE = 0.5
"""A stretch goes on while the risk is at least this share of its highest ..."""

LEAST_RISK = 0.05
"""... and a frame below this one leads no entry of its own."""


@dataclass(frozen=True)
class Entry:
    """Frames to look at, `start <= i < stop`.

    Attributes:
        frame: The one most likely wrong.
        start: First frame of the stretch.
        stop: The one after its last.
        risk: Probability that the box of `frame` is wrong.
    """

    frame: int
    start: int
    stop: int
    risk: float


@dataclass(frozen=True)
class Estimate:
    """How far a track has been reviewed, and what is left in it.

    Attributes:
        frames: About which the track says something.
        reviewed: Of them, those decided or accepted by hand.
        expected_wrong: Of them, those with a wrong box, as the risks of the others add up to.
    """

    frames: int
    reviewed: int
    expected_wrong: float

    @property
    def share_wrong(self) -> float:
        """Expected share of wrong boxes, 0..1."""
        return self.expected_wrong / self.frames if self.frames else 0.0

    @property
    def text(self) -> str:
        """For the window: "12 of 1,400 frames reviewed, expected wrong: 3 %"."""
        return f"{self.reviewed:,} of {self.frames:,} frames reviewed, expected wrong: {self.share_wrong:.0%}"


def open_frames(frames: Frames) -> Mask:
    """(n,) frames that a machine has spoken about and nobody has looked at."""
    return frames.is_said & ~frames.is_reviewed


def queue(risk: Risk, is_open: Mask, least: float = LEAST_RISK) -> list[Entry]:
    """The stretches to look at, the worst first; no frame is in two of them.

    Args:
        risk: (n,) probability that a frame's box is wrong; NaN where it is not known.
        is_open: (n,) frames still to be looked at.
        least: Risk below which no stretch begins.
    """
    free = is_open & (np.nan_to_num(risk, nan=-1.0) >= 0)
    entries = []
    for frame in _worst_first(risk, free, least):
        if free[frame]:
            start, stop = _stretch(risk, free, frame)
            free[start:stop] = False
            entries.append(Entry(frame, start, stop, float(risk[frame])))
    return entries


def estimate(risk: Risk, frames: Frames) -> Estimate:
    """What is known about a track.

    Args:
        risk: (n,) probability that a frame's box is wrong; NaN counts as 0.
        frames: Of the track.
    """
    said, reviewed = frames.is_said, frames.is_reviewed
    wrong = float(np.nan_to_num(risk[said & ~reviewed]).sum())
    return Estimate(int(said.sum()), int((said & reviewed).sum()), wrong)


def next_entry(entries: list[Entry], frame: int, direction: int) -> Entry | None:
    """The entry to look at after the one at a frame: down the list (+1) or up (-1); None where there is none.

    At a frame that leads no entry, the worst one comes next.
    """
    at = next((row for row, entry in enumerate(entries) if entry.frame == frame), None)
    if at is None:
        return entries[0] if entries else None
    row = at + direction
    return entries[row] if 0 <= row < len(entries) else None


def _worst_first(risk: Risk, free: Mask, least: float) -> Iterator[int]:
    frames = np.flatnonzero(free & (np.nan_to_num(risk, nan=-1.0) >= least))
    # Of equal ones the earlier comes first: errors grow along a run.
    yield from frames[np.argsort(-risk[frames], kind="stable")].tolist()


def _stretch(risk: Risk, free: Mask, frame: int) -> tuple[int, int]:
    """(start, stop) of the frames around one that are free and nearly as doubtful."""
    least = SPAN_SHARE * risk[frame]
    start, stop = frame, frame + 1
    while start > 0 and free[start - 1] and risk[start - 1] >= least:
        start -= 1
    while stop < len(risk) and free[stop] and risk[stop] >= least:
        stop += 1
    return start, stop
