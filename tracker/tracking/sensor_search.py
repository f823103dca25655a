"""Looking for a target after the sensor showed nothing new for a while: where to look, and which find to take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.geometry import Box
from tracker.tracking.crop import square_around

Place = tuple[float, float]


@dataclass(frozen=True)
class WideSearch:
    """Where to look and what to take.

    Attributes:
        spacing: Distance of neighbouring windows, relative to the side of the search region.
        first: Windows that are looked at in any case, the nearest ...
        most: ... and the most, which are looked at while ...
        convincing: ... no peak is at least so high.
        reach: Distance from the way between the last and the expected place at which a find is worth half of one on
            it, in target sizes.
        sure: The same distance from the expected place itself ...
        unsure: ... and what is added to it for each size of the way.
        elsewhere: What a find on the way, but away from the expected place, is worth against one there.
    """

    spacing: float = 0.5
    first: int = 16
    most: int = 64
    convincing: float = 0.25
    reach: float = 6.0
    sure: float = 1.0
    unsure: float = 0.3
    elsewhere: float = 0.6

    def windows(self, last: Box, expected: Place, side: float, frame_size: tuple[int, int]) -> list[Box]:
        """Square regions to look at, all over the frame, those nearest to where the target may have gone first.

        Args:
            last: The target where it was seen last.
            expected: Where it should be by now.
            side: Of the search region.
            frame_size: (width, height).
        """
        step, (x, y), (width, height) = self.spacing * side, last.centre, frame_size
        grid = [(right, down) for right in _line(x, step, width) for down in _line(y, step, height)]
        ring = [(expected[0] + i * step, expected[1] + j * step) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        inside = [place for place in ring if 0 <= place[0] <= width and 0 <= place[1] <= height]
        # Twice the distance from the way itself: a fast target goes straight on rather than aside.
        nearest = sorted(
            [*grid, *inside],
            key=lambda place: (
                min(math.dist(place, last.centre), math.dist(place, expected))
                + distance_to_way(place, last.centre, expected)
            ),
        )
        places = _apart(nearest, 0.4 * step, self.most)
        return [square_around(place, side) for place in places]

    def worth(self, found: Box, peak: float, likeness: float, last: Box, expected: Place) -> float:
        """How much a find is to be believed, against others: the peak, the likeness with the template, and the way.

        Args:
            found: Where.
            peak: Of the response.
            likeness: Mean cosine with the first template; NaN where the model does not tell.
            last: Where the target was last.
            expected: Where it should be by now.
        """
        size = math.sqrt(max(last.area, 1.0))
        way = math.dist(last.centre, expected) / size
        off = math.dist(found.centre, expected) / size
        aside = distance_to_way(found.centre, last.centre, expected) / size
        there = math.exp(-((off / (self.sure + self.unsure * way)) ** 2))
        alike = 1.0 if math.isnan(likeness) else max(likeness, 0.0)
        return max(peak, 0.0) * alike * max(there, self.elsewhere / (1 + (aside / self.reach) ** 2))


def distance_to_way(place: Place, start: Place, end: Place) -> float:
    """Distance of a place from the straight way between two others."""
    a, b, p = (np.array(each) for each in (start, end, place))
    length = float(np.square(b - a).sum())
    share = 0.0 if length == 0 else min(max(float(np.dot(p - a, b - a)) / length, 0.0), 1.0)
    return float(np.linalg.norm(p - a - share * (b - a)))


def _line(start: float, step: float, end: int) -> list[float]:
    """Places in steps of which `start` is one, as far as half a step beyond 0 and `end`."""
    first = start - round(start / step) * step
    return [first + number * step for number in range(round(max(end - first, 0.0) / step) + 1)]


def _apart(places: Sequence[Place], least: float, count: int) -> list[Place]:
    """The first places that are not too near to one before them."""
    kept: list[Place] = []
    for place in places:
        if all(math.dist(place, other) >= least for other in kept):
            kept.append(place)
        if len(kept) == count:
            break
    return kept
