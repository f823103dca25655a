"""What regions measured along the clip, as a table for other programs: CSV with a head that says how it came about."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.regions import Region
from tracker.annotation.track import Provenance, Track
from tracker.formats.provenance import thermark_version
from tracker.jobs import Job, ProgressMeter
from tracker.media.source import FrameSource
from tracker.output.files import replaced_whole, require_output
from tracker.output.readings import Readings
from tracker.thermal.measuring import DIFFERENCES, NAMES, VALUES
from tracker.thermal.radiometry import LinearCalibration, PlanckCalibration, Unit
from tracker.tracking.measurements import Course, Courses, Method

SUFFIXES = (".csv",)

COLUMNS = ("frame", "time_s", "region", "name", "shape", "track", "box", "unit", *NAMES)
"""Column -> what it is in `docs/measuring.md`."""

DIGITS = {"share": 6, "pixels": 0, "known": 0, "above": 0, "peak_x": 1, "peak_y": 1}
VALUE_DIGITS = 4
CHUNK = 500  # frames between two looks at the clock


@dataclass(frozen=True)
class Setting:
    """Where measurements come from, for the head of the file.

    Attributes:
        clip: The clip, for times and its name.
        tracks: Those that regions follow, by id, as they were when they were measured.
        readings: Calibration and unit.
        project: The project file; None for none.
    """

    clip: FrameSource
    tracks: dict[int, Track]
    readings: Readings
    project: Path | None = None


def write_measurements(out: Path, courses: Courses, setting: Setting) -> Job[Path]:
    """Write one row for each frame and region; the file is the old one, or the whole new one, at any moment.

    Numbers have a decimal point whatever the system's language is; what is unknown is empty.

    Args:
        out: The file, .csv.
        courses: What was measured; frames that were not are left out.
        setting: Where it comes from.

    Returns:
        The file.

    Raises:
        OutputError: It cannot be written.
    """
    require_output(out, SUFFIXES, setting.clip.path)
    length = len(setting.clip)
    meter = ProgressMeter(f"Writing {out.name}", length)
    with replaced_whole(out) as part, part.open("w", encoding="utf-8", newline="") as file:
        file.writelines(f"# {line}\n" for line in head(courses, setting))
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        rows = [_rows_of(course, setting) for course in courses]
        for frame in range(length):
            table.writerows(row for row in (of(frame) for of in rows) if row is not None)
            if frame % CHUNK == 0 and meter.due():
                yield meter.at(frame)
    yield meter.at(length)
    return out


def _rows_of(course: Course, setting: Setting) -> Callable[[int], list[str] | None]:
    """What makes the row of a frame of a region; None where the frame was not measured."""
    region, clip = course.region, setting.clip
    readings = setting.readings
    track = None if region.track_id is None else setting.tracks[region.track_id]
    fixed = [str(region.id), region.name, region.shape.value, "" if track is None else str(track.id)]
    unit = readings.sign or "counts"
    numbers = in_unit(course, readings)
    formats = [f".{DIGITS.get(name, VALUE_DIGITS)}f" for name in NAMES]

    def row(frame: int) -> list[str] | None:
        if not course.is_measured[frame]:
            return None
        pts = clip.pts(frame)
        box = "" if track is None else _box_of(track, frame)
        values = [
            "" if number != number else format(number, form)  # NaN is not itself
            for number, form in zip(numbers[frame].tolist(), formats, strict=True)
        ]
        return [str(frame), "" if pts is None else f"{pts:.6f}", *fixed, box, unit, *values]

    return row


def _box_of(track: Track, frame: int) -> str:
    provenance = Provenance(track.frames.provenance[frame])
    return provenance.name.lower() if track.frames.has_box[frame] else ""


def in_unit(course: Course, readings: Readings) -> NDArray[np.float64]:
    """(n, len(NAMES)) the statistics of a course, temperatures in the unit that is read."""
    numbers = course.rows.astype(np.float64)
    if readings.are_temperatures:
        for column, name in enumerate(NAMES):
            if name in VALUES:
                numbers[:, column] = readings.unit.of(numbers[:, column])
            elif name in DIFFERENCES:
                numbers[:, column] = readings.unit.of_difference(numbers[:, column])
    return numbers


def head(courses: Courses, setting: Setting) -> Iterator[str]:
    """The lines that say how the numbers came about; none has a line break."""
    clip, readings = setting.clip, setting.readings
    yield f"Thermark {thermark_version()}, {datetime.now().astimezone().isoformat(timespec='seconds')}"
    yield f"clip: {_line(clip.path)}"
    yield f"clip content: {clip.content_hash}"
    yield f"clip size: {clip.size[0]} x {clip.size[1]} pixels, {len(clip)} frames, {clip.dtype}"
    if setting.project is not None:
        yield f"project: {_line(setting.project)}"
    yield f"unit: {readings.sign or 'counts'}"
    yield f"calibration: {calibration_line(readings)}"
    if courses:
        yield from _method_lines(courses[0].method, readings)
    for course in courses:
        yield _region_line(course.region, setting.tracks)
    followed = {course.region.track_id for course in courses}
    for track in setting.tracks.values():
        if track.id in followed:
            yield _track_line(track)
    yield "frames from 0; coordinates in pixels, the edges of the first pixel at 0 and 1; empty: unknown"


def calibration_line(readings: Readings) -> str:
    """A calibration in words and numbers."""
    match readings.calibration:
        case LinearCalibration(scale=scale, offset=offset):
            return f"linear, {scale:g} K per count, {offset:g} K at count 0"
        case PlanckCalibration() as known:
            return f"FLIR Planck, {json.dumps(asdict(known))}"
    return "none: temperatures are unavailable"


def _method_lines(method: Method, readings: Readings) -> Iterator[str]:
    if method.threshold is None:
        yield "threshold: none"
    elif readings.are_temperatures:
        in_kelvin = "" if readings.unit is Unit.KELVIN else f" ({method.threshold:.6g} K)"
        yield f"threshold: {float(readings.unit.of(method.threshold)):.6g} {readings.sign}{in_kelvin}"
    else:
        yield f"threshold: {method.threshold:g} counts"
    yield (
        f"background: a ring of {method.ring:g} times width and height at each side, around the target's box where a "
        "region follows one, otherwise around the region"
    )


def _region_line(region: Region, tracks: dict[int, Track]) -> str:
    points = " ".join(f"({x:.4g}, {y:.4g})" for x, y in region.points)
    if region.track_id is None:
        return _line(f"region {region.id} {region.name!r}: {region.shape.value}, fixed at {points}")
    label = tracks[region.track_id].label
    follows = f"follows track {region.track_id} {label!r}, relative to its box {points}"
    return _line(f"region {region.id} {region.name!r}: {region.shape.value}, {follows}")


def _track_line(track: Track) -> str:
    frames = track.frames
    boxes = {kind: int((frames.has_box & (frames.provenance == kind)).sum()) for kind in Provenance if kind}
    counts = ", ".join(f"{count} {kind.name.lower()}" for kind, count in boxes.items() if count)
    used = sorted(
        {track.models[index] for index in np.unique(frames.model).tolist() if 0 <= index < len(track.models)}
    )
    models = f"; models {', '.join(used)}" if used else ""
    reviewed = int((frames.has_box & frames.is_reviewed).sum())
    return _line(f"track {track.id} {track.label!r}: boxes {counts or 'none'}; {reviewed} reviewed{models}")


def _line(text: object) -> str:
    return " ".join(str(text).splitlines())


def followed_tracks(tracks: Sequence[Track]) -> dict[int, Track]:
    """Copies of tracks by id, for a `Setting` that edits do not change."""
    return {track.id: track.copy() for track in tracks}
