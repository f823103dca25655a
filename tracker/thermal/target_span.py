"""Gain control that goes with a target: the span of its surroundings, changing gently with time.

Spans are measured on every 16th frame, the knots, and a straight line in between gives the span of any other. So the
span of a frame depends on the clip and on the track's boxes alone: not on which frames were looked at before, in what
order or how fast. Playing, scrubbing and exporting show the same, and a frame that is come back to looks as it did.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from tracker.thermal.agc import Rectangle, span_of, surroundings
from tracker.thermal.display import Counts, Span

KNOT = 16
"""Frames from one measured span to the next: half a second at common rates, in which AGC may not be seen to act."""

REACH = 3 * KNOT
"""A knot without a box takes the nearest within so many frames; farther away, the target says nothing about it."""

KEPT = 512

BoxNear = Callable[[int, int], Rectangle | None]
"""(frame, reach) -> the target's box nearest in time, the earlier of two; None where there is none within reach."""


@dataclass(frozen=True)
class Knot:
    """A frame whose span is measured.

    Attributes:
        frame: Its index.
        box: Where the target is, or was last, or will be next; None for the span of the clip.
        weight: Its share in the span that is wanted; the shares of all knots make 1.
    """

    frame: int
    box: Rectangle | None
    weight: float


def knots(frame: int, length: int, box_near: BoxNear) -> tuple[Knot, ...]:
    """What the span of a frame is made of.

    Args:
        frame: 0-based index.
        length: Frames in the clip.
        box_near: Where the target is.
    """
    first = frame - frame % KNOT
    last = min(first + KNOT, length - 1)
    share = 0.0 if last == first else (frame - first) / (last - first)
    weights = {first: 1.0 - share, last: share} if share else {first: 1.0}
    return tuple(Knot(at, box_near(at, REACH), weight) for at, weight in weights.items() if weight)


class TargetSpans:
    """Measures knots, and remembers them.

    Args:
        clip_span: For knots without a target.
        tails: Percent of the counts that may lie below a span, and above it.
        margin: How far the surroundings reach, in sizes of the target.
    """

    def __init__(self, clip_span: Span, tails: float, margin: float) -> None:
        self._clip_span, self._tails, self._margin = clip_span, tails, margin
        self._known: OrderedDict[tuple[int, Rectangle], Span] = OrderedDict()

    def span(self, parts: tuple[Knot, ...], read: Callable[[int], Counts]) -> Span:
        """The span that knots make together.

        Args:
            parts: As `knots` gives them; one or more.
            read: Counts (H, W) of a frame; its errors are passed on.
        """
        spans = [(self._at(part, read), part.weight) for part in parts]
        low = sum(span.low * weight for span, weight in spans)
        high = sum(span.high * weight for span, weight in spans)
        return Span(low, max(high, low + 1.0))

    def _at(self, part: Knot, read: Callable[[int], Counts]) -> Span:
        if part.box is None:
            return self._clip_span
        key = (part.frame, part.box)
        if key not in self._known:
            counts = read(part.frame)
            around = surroundings(part.box, self._margin, (counts.shape[0], counts.shape[1]))
            self._known[key] = span_of(counts[around], self._tails)
        self._known.move_to_end(key)
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        return self._known[key]
