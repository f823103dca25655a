"""Reading the frames of a run in its order, and telling the tracker of freezes that a run backwards meets at their end.

A frozen picture is that of the frame before the freeze. A run forwards has seen it when the freeze begins. A run
backwards comes to it all at once, as far in time from the frame it has seen last as the freeze is long; the frames that
follow repeat it. How many these are only a look ahead can tell.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tracker.media.source import Counts, FrameSource, whole
from tracker.thermal.events import is_same

MOST = 256
"""Frames that are looked ahead: after more, where the target went before says nothing about where it is."""


@runtime_checkable
class Foretold(Protocol):
    """A tracker, or a team, that heeds what comes after the next frame; others need not."""

    def foretell(self, repeats: int) -> None:
        """Say, before the next frame is given, how many frames after it repeat its picture."""


class Lookahead:
    """The frames of one run. Each is read once; where the run goes back, one frame before it is needed.

    Args:
        source: The clip.
        tracker: Told of freezes where it is `Foretold`.
        step: From frame to frame of the run, +1 or -1.
    """

    def __init__(self, source: FrameSource, tracker: object, step: int) -> None:
        self._source, self._step = source, step
        self._tracker = tracker if isinstance(tracker, Foretold) else None
        self._kept: dict[int, Counts | None] = {}

    def first(self, frame: int) -> Counts:
        """The frame that a target is given in; one that is broken is read, too.

        Raises:
            MediaError: It cannot be read.
        """
        counts = self.read(frame)
        return self._source.frame(frame) if counts is None else counts

    def read(self, frame: int) -> Counts | None:
        """The next frame of the run, as the tracker is to be given it; None where it is broken.

        Raises:
            MediaError: The media is gone.
        """
        counts = self._taken(frame)
        if self._tracker is not None:
            self._tracker.foretell(0 if counts is None or self._step > 0 else self._repeats(frame, counts))
        return counts

    def _repeats(self, frame: int, counts: Counts) -> int:
        """How many frames before one, which a run backwards comes to after it, show the same picture."""
        most = min(frame, MOST)
        for number in range(most):
            following = frame - number - 1
            other = self._kept[following] = self._taken(following)
            if other is None or not is_same(counts, other):
                return number
            self._kept[following] = counts  # which is one picture in memory
        return most

    def _taken(self, frame: int) -> Counts | None:
        return self._kept.pop(frame) if frame in self._kept else whole(self._source, frame)
