"""The check of a data set, as a job."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tracker.datasets.box_checks import Array, Limits, check_boxes
from tracker.datasets.duplicates import Pictures
from tracker.datasets.finding import Finding, Kind, Place
from tracker.datasets.frame_checks import SeenFrames, look_at_frames
from tracker.datasets.reading import DataSet, Entry, media_in_sequence
from tracker.datasets.rows import ROW_FORMATS, read_rows
from tracker.errors import FormatError
from tracker.jobs import Job, ProgressMeter


@dataclass(frozen=True)
class _Labels:
    """The labels of a clip, as far as they can be read.

    Attributes:
        place: Of the clip.
        targets: Place and boxes (n, 4) of each target, NaN rows where there is none.
        length: Frames annotated.
        media: Where the frames lie; None where they are not at hand.
        size: (width, height) of the frames, where the labels say it.
        findings: What cannot be read.
    """

    place: Place
    targets: tuple[tuple[Place, Array], ...]
    length: int
    media: Path | None
    size: tuple[int, int] | None
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    Attributes:
        findings: In the order of the data set, duplicates last.
        sequences: How many were looked at.
        with_frames: Of how many the frames were at hand and have been decoded.
    """

    findings: tuple[Finding, ...]
    sequences: int
    with_frames: int


def check(data: DataSet, limits: Limits | None = None, *, with_frames: bool = True) -> Job[CheckReport]:
    """Look for mistakes in a data set. What cannot be read is a finding, not an error.

    Args:
        data: The data set.
        limits: What is usual for boxes.
        with_frames: Whether frames are decoded: for boxes outside of them, their number, and duplicates.

    Returns:
        The job; it raises no error for what is in the data set.
    """
    limits, findings, pictures = limits or Limits(), list[Finding](), Pictures()
    meter = ProgressMeter("Checking", len(data.entries))
    for done, entry in enumerate(data.entries):
        if meter.due():
            yield meter.at(done)
        labels = _labels(data, entry)
        seen = SeenFrames(labels.size, [], [], [])
        if with_frames and labels.media is not None:
            seen = yield from look_at_frames(labels.place, labels.media, labels.length)
            pictures.take(labels.place, seen.hashes, seen.frames)
        findings += [*labels.findings, *seen.findings]
        for place, boxes in labels.targets:
            findings += check_boxes(place, boxes, seen.size or labels.size, limits)
    findings += pictures.findings()
    yield meter.at(len(data.entries))
    looked_at = sum(hashes.size > 0 for hashes in pictures.hashes)
    return CheckReport(tuple(findings), len(data.entries), looked_at)


def _labels(data: DataSet, entry: Entry) -> _Labels:
    try:
        return _of_rows(data, entry) if data.format_ in ROW_FORMATS else _of_clip(data, entry)
    except FormatError as error:
        place = Place(entry.name, entry.where)
        return _Labels(place, (), 0, None, None, (_damage(place, error),))


def _damage(place: Place, error: FormatError) -> Finding:
    """An error as a finding, at the file and line that it names."""
    named = re.fullmatch(r"(.*), line (\d+)", error.where)
    file = Path(named[1] if named else error.where or place.file)
    return place.whole(Kind.DAMAGED, error.what, file=file, line=int(named[2]) if named else None)


def _of_rows(data: DataSet, entry: Entry) -> _Labels:
    rows = read_rows(entry.where, zero_based=data.is_zero_based)
    place = Place(entry.name, entry.where, tuple(row.line for row in rows))
    if not rows:
        return _Labels(place, (), 0, None, None, (place.whole(Kind.DAMAGED, "it is empty.", line=1),))
    absent = (math.nan,) * 4
    boxes = np.array([row.box.as_tuple() if row.box else absent for row in rows], np.float64)
    findings = [
        place.finding(Kind.NO_AREA if row.box else Kind.DAMAGED, row.problem, frame)
        for frame, row in enumerate(rows)
        if row.problem
    ]
    findings += _beside_the_boxes(entry, place, any(row.problem for row in rows))
    return _Labels(place, ((place, boxes),), len(rows), media_in_sequence(data, entry), None, tuple(findings))


def _beside_the_boxes(entry: Entry, place: Place, is_damaged: bool) -> Iterator[Finding]:
    """What the format's own reader says, of the other files of a sequence too; not again what is known."""
    if is_damaged:
        return
    try:
        entry.read()
    except FormatError as error:
        yield _damage(place, error)


def _of_clip(data: DataSet, entry: Entry) -> _Labels:
    clip = entry.read()
    several = len(clip.tracks) > 1
    targets = tuple(
        (Place(entry.name, clip.where, (), track.id if several else None), track.frames.boxes)
        for track in clip.tracks
    )
    place = Place(entry.name, clip.where)
    media = clip.media.path if entry.found is None else media_in_sequence(data, entry)
    return _Labels(place, targets, len(clip), media, clip.media.size)
