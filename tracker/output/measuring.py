"""Measure a project and write the table, without a window. The project may be open elsewhere: it is only read."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from tracker.annotation.document import Document
from tracker.annotation.region_edits import measure_target
from tracker.errors import AnnotationError, OutputError
from tracker.jobs import Job
from tracker.output.files import require_output
from tracker.output.measurements import SUFFIXES, Setting, followed_tracks, write_measurements
from tracker.output.projects import copied, open_clip, readings_of
from tracker.output.readings import Readings
from tracker.store.measure_choices import MeasureChoices, read_choices
from tracker.thermal.radiometry import Unit
from tracker.tracking.measurements import Method, Subject, measure_clip, subjects


@dataclass(frozen=True)
class MeasureReport:
    """What was written.

    Attributes:
        path: The file.
        regions: How many regions.
        frames: Of the clip.
        unit: Of the values.
    """

    path: Path
    regions: int
    frames: int
    unit: str


def measure_project(
    project: Path,
    out: Path,
    unit: Unit = Unit.CELSIUS,
    threshold: float | None = None,
    ring: float | None = None,
    *,
    with_targets: bool = False,
) -> Job[MeasureReport]:
    """Measure the regions of a project along its clip.

    Args:
        project: The project file.
        out: The table to write.
        unit: Of temperatures.
        threshold: Pixels above it are counted: in `unit`, or in counts without a calibration; None for the project's.
        ring: Width of the surroundings, see `Method`; None for the project's.
        with_targets: Whether the box of every track is measured as well.

    Raises:
        ProjectError: The project cannot be read.
        MediaError: Its clip is gone.
        OutputError: Its clip is another one, there is nothing to measure, or the file cannot be written.
        ThermalError: The clip is in colour.
    """
    require_output(out, SUFFIXES)
    with copied(project) as opened:
        document, media, choices = opened.document, opened.media_path(), read_choices(opened)
    if with_targets:
        _add_targets(document)
    if not document.regions:
        raise OutputError(
            "the project has no regions.", where=project, todo="Draw some in the window, or give --targets."
        )
    source = yield from open_clip(media, document)
    with closing(source):
        readings = readings_of(document, source, unit)
        method = _method(readings, choices, threshold, ring)
        tracks = followed_tracks(list(document.tracks.values()))
        setting = Setting(source, tracks, readings, project.absolute())
        return (yield from _measure(out, subjects(document), method, setting))


def _method(
    readings: Readings, choices: MeasureChoices, threshold: float | None, ring: float | None
) -> Method:
    if threshold is None:
        threshold = choices.threshold(in_kelvin=readings.are_temperatures)
    elif readings.are_temperatures:
        threshold = float(readings.unit.to_kelvin(threshold))
    return Method(readings.calibration, threshold, choices.ring if ring is None else ring)


def _measure(out: Path, wanted: tuple[Subject, ...], method: Method, setting: Setting) -> Job[MeasureReport]:
    courses = yield from measure_clip(setting.clip, wanted, method)
    path = yield from write_measurements(out, courses, setting)
    return MeasureReport(path, len(courses), len(setting.clip), setting.readings.sign or "counts")


def _add_targets(document: Document) -> None:
    for track_id in document.tracks:
        try:
            measure_target(document, track_id).apply(document)
        except AnnotationError:  # there is such a region already
            continue
