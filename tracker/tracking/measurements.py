"""The regions of a project measured along the clip: a job that reads each frame once, and only where something is new.

What was measured is kept as columns, for an hour of video has a hundred thousand frames. Boxes are those of the tracks
themselves; what a running tracker proposes is not measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import Document
from tracker.annotation.regions import Region
from tracker.errors import ThermalError
from tracker.geometry import Box
from tracker.jobs import Event, Job, ProgressMeter
from tracker.media.source import Counts, FrameSource, whole
from tracker.outline import Outline, Patch, of_box, ring
from tracker.thermal.measuring import NAMES, Statistics, measure
from tracker.thermal.radiometry import Calibration, temperature_table

RING = 0.5
"""Width of the surroundings at each side, relative to the width and height of what they surround."""

Mask = NDArray[np.bool_]
Boxes = NDArray[np.float64]


@dataclass(frozen=True)
class Method:
    """How regions are measured.

    Attributes:
        calibration: What counts mean; None to measure counts.
        threshold: Pixels above it are counted: in kelvin, or in counts without a calibration; None for none.
        ring: Width of the surroundings at each side, relative; 0 to measure none.
    """

    calibration: Calibration | None = None
    threshold: float | None = None
    ring: float = RING


@dataclass(frozen=True, eq=False)
class Subject:
    """A region and where the target that it follows is.

    Attributes:
        region: The region.
        boxes: (n, 4) box of the track by frame, NaN rows where it has none; None for a fixed region.
    """

    region: Region
    boxes: Boxes | None = None

    def box(self, frame: int) -> Box | None:
        """The box that it follows in a frame."""
        if self.boxes is None or np.isnan(self.boxes[frame, 0]):
            return None
        return Box(*self.boxes[frame].tolist())


def subjects(document: Document) -> tuple[Subject, ...]:
    """All regions of a document as they are now; later edits do not change them."""
    return tuple(subject(document, region) for region in document.regions.values())


def subject(document: Document, region: Region) -> Subject:
    """A region with the boxes of its track as they are now."""
    if region.track_id is None:
        return Subject(region)
    return Subject(region, document.track(region.track_id).frames.boxes.copy())


class Gauge:
    """Measures outlines in frames of one clip; knows those of the frame before.

    Args:
        source: The clip; nothing is read from it.
        method: How.

    Raises:
        ThermalError: The clip is in colour.
    """

    def __init__(self, source: FrameSource, method: Method) -> None:
        if source.channels != 1:
            raise ThermalError(
                "a clip in colour has no counts to measure.",
                where=source.path,
                todo="Open the original recording.",
            )
        bits = 8 * source.dtype.itemsize
        self._table = None if method.calibration is None else temperature_table(method.calibration, bits)
        self._method, self._size = method, source.size
        self._known: dict[int, tuple[Outline, Box | None, Patch, Patch | None]] = {}

    def read(self, counts: Counts, region: Region, box: Box | None) -> Statistics | None:
        """Measure a region.

        Args:
            counts: (H, W) of the frame.
            region: The region.
            box: Of the track that it follows.

        Returns:
            What it says; None where it follows a track that has no box there.
        """
        outline = region.outline(box)
        if outline is None:
            return None
        patch, around = self._patches(region.id, outline, box if region.track_id is not None else None)
        return measure(counts, patch, self._table, self._method.threshold, around)

    def read_box(self, counts: Counts, box: Box) -> Statistics:
        """Measure a target's box."""
        return measure(counts, of_box(box).patch(self._size), self._table, self._method.threshold)

    def _patches(self, region_id: int, outline: Outline, target: Box | None) -> tuple[Patch, Patch | None]:
        known = self._known.get(region_id)
        if known is None or known[:2] != (outline, target):
            patch = outline.patch(self._size)
            known = outline, target, patch, self._around(outline, target, patch)
            self._known[region_id] = known
        return known[2], known[3]

    def _around(self, outline: Outline, target: Box | None, patch: Patch) -> Patch | None:
        if self._method.ring <= 0:
            return None
        return ring(target or outline.bounds, self._method.ring, self._size, patch)


class Course:
    """What a region said along the clip.

    Attributes:
        subject: The region, and the boxes it was measured at.
        method: How it was measured.
        rows: (n, len(NAMES)) statistics by frame, temperatures in kelvin; NaN where nothing is known.
        is_measured: (n,) which frames are done. Written by the job while others read.
    """

    def __init__(self, subject: Subject, method: Method, length: int) -> None:
        self.subject, self.method = subject, method
        self.rows: NDArray[np.float32] = np.full((length, len(NAMES)), np.nan, np.float32)
        self.is_measured: Mask = np.zeros(length, np.bool_)

    @property
    def region(self) -> Region:
        """The region."""
        return self.subject.region

    def column(self, name: str) -> NDArray[np.float64]:
        """(n,) one of the statistics (`tracker.thermal.measuring.NAMES`) by frame."""
        return self.rows[:, NAMES.index(name)].astype(np.float64)

    def take_over(self, known: Course) -> None:
        """Take over from an earlier course what was measured in the same place and in the same way."""
        mine, theirs = self.region, known.region
        is_same_place = (mine.shape, mine.points) == (theirs.shape, theirs.points)
        is_same_target = (mine.track_id is None) == (theirs.track_id is None)
        if not (is_same_place and is_same_target and self.method == known.method):
            return
        is_same = known.is_measured.copy()
        if self.subject.boxes is not None and known.subject.boxes is not None:
            is_same &= _equal_rows(self.subject.boxes, known.subject.boxes)
        self.rows[is_same] = known.rows[is_same]
        self.is_measured |= is_same


@dataclass(frozen=True)
class Begun(Event):
    """Regions are being measured.

    Attributes:
        courses: Of all of them; they fill up as the job goes on, and keep what they have when it is stopped.
    """

    courses: tuple[Course, ...]


Courses = tuple[Course, ...]


def plan(
    wanted: Iterable[Subject], method: Method, length: int, known: Mapping[int, Course] | None = None
) -> Courses:
    """Courses for regions, with what is known of them already.

    Args:
        wanted: The regions.
        method: How they are measured.
        length: Frames of the clip.
        known: Earlier courses by the id of their region.
    """
    courses = tuple(Course(each, method, length) for each in wanted)
    for course in courses:
        before = (known or {}).get(course.region.id)
        if before is not None:
            course.take_over(before)
    return courses


def measure_clip(
    source: FrameSource,
    wanted: Sequence[Subject],
    method: Method,
    known: Mapping[int, Course] | None = None,
) -> Job[Courses]:
    """Measure regions in all frames; broken frames stay unknown.

    Args:
        source: For this job alone; it is not closed.
        wanted: The regions.
        method: How they are measured.
        known: Earlier courses by the id of their region: only what has changed since is measured.

    Returns:
        A course for each region, in order.

    Raises:
        MediaError: The media is gone.
        ThermalError: The clip is in colour.
    """
    gauge = Gauge(source, method)
    courses = plan(wanted, method, len(source), known)
    yield Begun(courses)
    _skip_unknowable(courses, source.bad_frames)
    todo = ~np.all([course.is_measured for course in courses], axis=0) if courses else np.zeros(0, np.bool_)
    frames = np.flatnonzero(todo).tolist()
    meter = ProgressMeter("Measuring", len(frames))
    for done, frame in enumerate(frames, 1):
        counts = whole(source, frame)
        for course in courses:
            if not course.is_measured[frame]:
                _measure(gauge, course, frame, counts)
        if meter.due():
            yield meter.at(done)
    yield meter.at(len(frames))
    return courses


def _skip_unknowable(courses: Courses, bad_frames: Sequence[int]) -> None:
    """Frames that cannot be read, and those without the target, are done."""
    for course in courses:
        course.is_measured[list(bad_frames)] = True
        if course.subject.boxes is not None:
            course.is_measured |= np.isnan(course.subject.boxes[:, 0])


def _measure(gauge: Gauge, course: Course, frame: int, counts: Counts | None) -> None:
    """Measure a region in a frame; without counts the frame has proved broken, and stays unknown."""
    found = None if counts is None else gauge.read(counts, course.region, course.subject.box(frame))
    if found is not None:
        course.rows[frame] = found.as_row()
    course.is_measured[frame] = True


def _equal_rows(first: Boxes, second: Boxes) -> Mask:
    """(n,) which boxes are the same, bit by bit."""
    return np.asarray((first.view(np.int64) == second.view(np.int64)).all(axis=1))
