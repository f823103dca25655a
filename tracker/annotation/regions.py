"""Regions in which counts and temperatures are measured: fixed in the frame, or following a target."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.outline import Outline, Point, Shape

MOST_POINTS = 200
"""Corners of a polygon."""

WHOLE: tuple[Point, ...] = ((0.0, 0.0), (1.0, 1.0))
"""The corners of a track's box, relative to itself."""


@dataclass(frozen=True)
class Region:
    """Where is measured.

    Attributes:
        id: Never used for another region of the same project.
        name: For the user.
        shape: What the points mean (`Outline`).
        points: In the frame; of a region that follows a track relative to the track's box, whose top-left corner is
            (0, 0) and whose bottom-right corner is (1, 1).
        track_id: The track it follows; None where it is fixed.
    """

    id: int
    name: str
    shape: Shape
    points: tuple[Point, ...]
    track_id: int | None = None

    def check(self) -> None:
        """Make sure that it can be measured.

        Raises:
            AnnotationError: It has too few or too many points for its shape, they are not finite, or its name cannot be
                shown.
        """
        if not (self.shape.accepts(len(self.points)) and len(self.points) <= MOST_POINTS):
            raise AnnotationError(f"{len(self.points)} points make no {self.shape.value}.")
        if not all(math.isfinite(value) for point in self.points for value in point):
            raise AnnotationError("the region is not finite.")
        if not self.name.isprintable():
            raise AnnotationError(f"{self.name!r} has characters that cannot be shown.")

    def outline(self, box: Box | None) -> Outline | None:
        """Where it is in a frame.

        Args:
            box: The box there of the track that it follows; not looked at where it is fixed.

        Returns:
            Its outline; None where it follows a track that has no box there.
        """
        if self.track_id is None:
            return Outline(self.shape, self.points)
        if box is None:
            return None
        return Outline(
            self.shape, tuple((box.x + x * box.width, box.y + y * box.height) for x, y in self.points)
        )

    def placed(self, points: Iterable[Point], box: Box | None) -> Region:
        """The same region at other points of the frame.

        Args:
            points: In the frame.
            box: Of the track that it follows, in that frame.

        Raises:
            AnnotationError: The track has no box there.
        """
        return replace(self, points=relative(points, box) if self.track_id is not None else tuple(points))

    def following(self, track_id: int | None, before: Box | None, after: Box | None) -> Region:
        """The same region following another track, or none; in the present frame it stays where it is.

        Args:
            track_id: The track, None for a fixed region.
            before: The box here of the track that it follows now.
            after: The box of the other track here.

        Raises:
            AnnotationError: One of the tracks has no box here.
        """
        here = self.outline(before)
        if here is None:
            raise AnnotationError("the target has no box here.", todo="Go to a frame where it has one.")
        return replace(self, track_id=track_id).placed(here.points, after)


def relative(points: Iterable[Point], box: Box | None) -> tuple[Point, ...]:
    """Points of the frame relative to a box.

    Raises:
        AnnotationError: There is no box.
    """
    if box is None:
        raise AnnotationError("the target has no box here.", todo="Go to a frame where it has one.")
    return tuple(((x - box.x) / box.width, (y - box.y) / box.height) for x, y in points)
