"""What is known about a track on every frame of the clip, as columns."""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import SCORE_NAMES
from tracker.annotation.regions import Region
from tracker.annotation.track import Track
from tracker.jobs import Job, ProgressMeter
from tracker.media import CachedSource
from tracker.media.source import FrameSource, whole
from tracker.outline import of_box
from tracker.output.clip import READ_AHEAD, READ_AHEAD_BYTES
from tracker.output.readings import Readings
from tracker.output.subject import Subject
from tracker.store.evidence import EvidenceStore

Column = NDArray[np.float64]
Columns = NDArray[np.float64]
"""(3, n) highest, mean and lowest values."""


@dataclass(frozen=True)
class TrackSeries:
    """Columns of n frames, those of the clip; NaN where nothing is known.

    Attributes:
        track: Whose.
        readings: What the values in the box are.
        time: Seconds, as the clip has them; frame indices where it has no times.
        has_times: Whether they are seconds.
        highest: Highest value in the box.
        mean: Mean value.
        lowest: Lowest value.
        risk: Probability that the box is wrong, 0..1.
    """

    track: Track
    readings: Readings
    time: Column
    has_times: bool
    highest: Column
    mean: Column
    lowest: Column
    risk: Column

    @property
    def size(self) -> Column:
        """Square root of the box's area, in pixels."""
        boxes = self.track.frames.boxes
        return np.sqrt(boxes[:, 2] * boxes[:, 3])

    @property
    def speed(self) -> Column:
        """Way of the box's centre since the frame before, in pixels per second; per frame without times."""
        boxes = self.track.frames.boxes
        centres = boxes[:, :2] + boxes[:, 2:] / 2
        found = np.full(len(boxes), np.nan)
        lasted = np.diff(self.time)
        with np.errstate(divide="ignore", invalid="ignore"):
            found[1:] = np.hypot(*np.diff(centres, axis=0).T) / lasted
        found[~np.isfinite(found)] = np.nan
        return found

    @property
    def score(self) -> Column:
        """The tracker's confidence, 0..1."""
        return self.track.frames.score.astype(np.float64)


@dataclass(frozen=True)
class RegionSeries:
    """Columns of what a region measures, as in `TrackSeries`."""

    region: Region
    highest: Column
    mean: Column
    lowest: Column


@dataclass(frozen=True)
class Measured:
    """All that was measured.

    Attributes:
        tracks: As in the subject.
        regions: As in the subject; none for clips in colour.
    """

    tracks: tuple[TrackSeries, ...]
    regions: tuple[RegionSeries, ...] = ()


def measure_subject(subject: Subject) -> Job[Measured]:
    """Read every frame on which a track has a box, or a region lies, once, and measure all of them.

    Raises:
        MediaError: The clip cannot be read any more.
        ProjectError: The evidence is damaged.
    """
    times, has_times = _times(subject)
    boxes, regions = (
        [np.full((3, len(subject.source)), np.nan) for _ in each]
        for each in (subject.tracks, subject.regions)
    )
    has_counts = subject.source.channels == 1
    if has_counts:
        yield from _measure(
            subject, boxes, {r.id: at for r, at in zip(subject.regions, regions, strict=True)}
        )
    risks = _risks(subject)
    return Measured(
        tuple(
            TrackSeries(track, subject.readings, times, has_times, highest, mean, lowest, risk)
            for track, (highest, mean, lowest), risk in zip(subject.tracks, boxes, risks, strict=True)
        ),
        tuple(
            RegionSeries(region, highest, mean, lowest)
            for region, (highest, mean, lowest) in zip(subject.regions, regions, strict=True)
            if has_counts
        ),
    )


def _measure(subject: Subject, boxes: list[Columns], regions: dict[int, Columns]) -> Job[None]:
    frames = _frames_to_read(subject)
    meter = ProgressMeter("Measuring", len(frames))
    source: FrameSource = CachedSource(subject.source.reopen(), READ_AHEAD_BYTES, READ_AHEAD)
    readings = subject.readings
    try:
        for done, frame in enumerate(frames):
            if meter.due():
                yield meter.at(done)
            counts = whole(source, frame)
            if counts is None:
                continue
            for track, columns in zip(subject.tracks, boxes, strict=True):
                box = track.frames.box(frame)
                if box is not None:
                    columns[:, frame] = astuple(readings.measured(counts, of_box(box)))
            for region, outline in subject.outlines(frame):
                regions[region.id][:, frame] = astuple(readings.measured(counts, outline))
    finally:
        source.close()
    yield meter.at(len(frames))


def _frames_to_read(subject: Subject) -> list[int]:
    length = len(subject.source)
    if any(region.track_id is None for region in subject.regions):
        return list(range(length))
    wanted = np.zeros(length, np.bool_)
    for track in subject.tracks:
        wanted |= track.frames.has_box
    return np.flatnonzero(wanted).tolist()


def _times(subject: Subject) -> tuple[Column, bool]:
    known = [subject.seconds(frame) for frame in range(len(subject.source))]
    given = np.array([np.nan if time is None else time for time in known])
    if np.isnan(given).any():
        return np.arange(len(given), dtype=np.float64), False
    return given, True


def _risks(subject: Subject) -> list[Column]:
    """Of each track; NaN where there is no evidence."""
    unknown = [np.full(len(subject.source), np.nan) for _ in subject.tracks]
    if subject.project is None:
        return unknown
    from tracker.tracking.drift import DriftModel
    from tracker.tracking.lesson_book import LessonBook
    from tracker.tracking.track_risk import risk_of

    model = DriftModel.load() if subject.lessons is None else LessonBook(subject.lessons).model()
    store = EvidenceStore(subject.project)
    found = []
    try:
        for track, none in zip(subject.tracks, unknown, strict=True):
            scores = np.full((len(none), len(SCORE_NAMES)), np.nan)
            at, values = store.scores(track.id)
            inside = at < len(none)
            scores[at[inside]] = values[inside]
            found.append(risk_of(track.frames, scores, subject.source.size, model) if at.size else none)
    finally:
        store.close()
    return found
