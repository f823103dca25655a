"""Edits of where is measured, and of what counts mean; each can undo itself (see `tracker.annotation.edits`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from tracker.annotation.document import Document
from tracker.annotation.edits import insert
from tracker.annotation.regions import WHOLE, Region, relative
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.outline import Point, Shape


@dataclass(frozen=True)
class AddRegion:
    """Add a region."""

    region: Region
    name: str = "Add region"

    def apply(self, document: Document) -> RemoveRegion:
        """Add it."""
        new = self.region
        if new.id in document.regions or new.id < 1:
            raise AnnotationError(f"region id {new.id} is taken or not above 0.")
        _check(new, document)
        insert(document.regions, new.id, new)
        document.last_region_id = max(document.last_region_id, new.id)
        return RemoveRegion(new.id, self.name)

    def touched(self) -> frozenset[int]:
        """No track looks different."""
        return frozenset()


@dataclass(frozen=True)
class RemoveRegion:
    """Remove a region."""

    region_id: int
    name: str = "Delete region"

    def apply(self, document: Document) -> AddRegion:
        """Take it out."""
        document.region(self.region_id)
        return AddRegion(document.regions.pop(self.region_id), self.name)

    def touched(self) -> frozenset[int]:
        """No track looks different."""
        return frozenset()


@dataclass(frozen=True)
class ChangeRegion:
    """Replace what is known about a region by something else, of the same id."""

    region: Region
    name: str = "Change region"

    def apply(self, document: Document) -> ChangeRegion:
        """Replace it."""
        old = document.region(self.region.id)
        _check(self.region, document)
        document.regions[old.id] = self.region
        return ChangeRegion(old, self.name)

    def touched(self) -> frozenset[int]:
        """No track looks different."""
        return frozenset()


@dataclass(frozen=True)
class SetCalibration:
    """Choose what counts mean: a text of `tracker.store.thermal`, empty for what the file says."""

    text: str
    name: str = "Change calibration"

    def apply(self, document: Document) -> SetCalibration:
        """Write it."""
        before, document.calibration = document.calibration, self.text
        return SetCalibration(before, self.name)

    def touched(self) -> frozenset[int]:
        """No track looks different."""
        return frozenset()


def _check(region: Region, document: Document) -> None:
    region.check()
    if region.track_id is not None:
        document.track(region.track_id)


# What a user does to regions, as edits; nothing here changes the document.


def add_region(
    document: Document,
    shape: Shape,
    points: Iterable[Point],
    track_id: int | None = None,
    box: Box | None = None,
) -> AddRegion:
    """A new region.

    Args:
        document: The document.
        shape: What it looks like.
        points: Where it is drawn, in the frame.
        track_id: The track that it follows; None for a fixed one.
        box: Of that track, in the frame that it is drawn in.

    Raises:
        AnnotationError: The track has no box there.
    """
    id_ = document.next_region_id()
    placed = tuple(points) if track_id is None else relative(points, box)
    return AddRegion(Region(id_, f"{shape.label} {id_}", shape, placed, track_id))


def measure_target(document: Document, track_id: int) -> AddRegion:
    """A region that is a track's box, whatever that does.

    Raises:
        AnnotationError: There is no such track, or there is such a region.
    """
    track = document.track(track_id)
    for region in document.regions_of(track_id):
        if region.shape is Shape.BOX and region.points == WHOLE:
            raise AnnotationError(f"{region.name} measures this target already.")
    id_ = document.next_region_id()
    return AddRegion(Region(id_, f"{track.label} {track_id}", Shape.BOX, WHOLE, track_id), "Measure target")


def move_region(
    document: Document, region_id: int, points: Iterable[Point], box: Box | None = None
) -> ChangeRegion:
    """A region at other points of the frame.

    Args:
        document: The document.
        region_id: The region.
        points: In the frame.
        box: Of the track that it follows, in that frame.

    Raises:
        AnnotationError: There is no such region, or its track has no box there.
    """
    return ChangeRegion(document.region(region_id).placed(points, box), "Move region")


def rename_region(document: Document, region_id: int, name: str) -> ChangeRegion:
    """A region of another name.

    Raises:
        AnnotationError: There is no such region.
    """
    return ChangeRegion(replace(document.region(region_id), name=name.strip()), "Rename region")
