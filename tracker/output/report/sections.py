"""What is written about a clip and its tracks."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import numpy as np

from tracker.annotation.review import estimate
from tracker.annotation.track import Presence, Track
from tracker.formats.provenance import thermark_version
from tracker.jobs import Job, ProgressMeter
from tracker.output.choices import ReportChoices
from tracker.output.painting import FramePainter
from tracker.output.readings import Readings
from tracker.output.report.content import Block, Content, Curves, Facts, Pictures, Section, Shot, Table
from tracker.output.report.facts import clip_facts, settings_facts
from tracker.output.report.moments import moments, snapshot
from tracker.output.report.path_picture import path_picture
from tracker.output.report.series import Measured, RegionSeries, TrackSeries
from tracker.output.report.tables import anchors_table, provenance_table, regions_table, runs_table
from tracker.output.subject import Subject
from tracker.output.words import share_text, time_text


def content_of(subject: Subject, measured: Measured, choices: ReportChoices) -> Job[Content]:
    """The whole report.

    Raises:
        MediaError: The clip cannot be read any more.
    """
    painter, sections = FramePainter(subject), tuple[Section, ...]()
    for each in measured.tracks:
        sections += ((yield from _section(subject, painter, each, measured.regions, choices)),)
    clip = subject.source.path.name
    titles = ", ".join(_name(track) for track in subject.tracks[:3])
    more = f" and {len(subject.tracks) - 3} more" if len(subject.tracks) > 3 else ""
    title = f"{clip}: {titles}{more}" if titles else clip
    fixed = regions_table(subject, [each for each in measured.regions if each.region.track_id is None])
    head = tuple(
        block for block in (clip_facts(subject), settings_facts(subject), fixed) if not _is_empty(block)
    )
    made = datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z")
    return Content(title, head, sections, f"Made with Thermark {thermark_version()} on {made}.")


def _section(
    subject: Subject,
    painter: FramePainter,
    series: TrackSeries,
    regions: tuple[RegionSeries, ...],
    choices: ReportChoices,
) -> Job[Section]:
    track = series.track
    summary = _summary(series)
    if not track.frames.is_said.any():
        return Section(_name(track), summary, ())
    path = path_picture(subject, painter, track)
    shots = yield from _snapshots(subject, painter, series, choices.snapshots)
    blocks: list[Block] = [track_facts(series)]
    if path is not None:
        blocks.append(Pictures("Path", (path,)))
    note = "" if subject.source.channels == 1 else "The clip is in colour: it has no counts to measure."
    blocks.append(Curves("Course", series, note))
    if shots.shots:
        blocks.append(shots)
    blocks.append(regions_table(subject, [each for each in regions if each.region.track_id == track.id]))
    blocks += [provenance_table(track), runs_table(subject, track, choices.rows)]
    blocks.append(anchors_table(subject, track, choices.rows))
    return Section(_name(track), summary, tuple(block for block in blocks if not _is_empty(block)))


def _is_empty(block: Block) -> bool:
    return isinstance(block, Table) and not block.rows


def _name(track: Track) -> str:
    return f"{track.id} {track.label}".rstrip()


def _summary(series: TrackSeries) -> str:
    span = series.track.span()
    if span is None:
        return "Nothing is said about it yet."
    count = int(series.track.frames.has_box.sum())
    return f"{count:,} boxes from frame {span[0]} to {span[1] - 1}"


def _snapshots(subject: Subject, painter: FramePainter, series: TrackSeries, most: int) -> Job[Pictures]:
    chosen, left_out = moments(series, most)
    meter = ProgressMeter(f"Pictures of {_name(series.track)}", len(chosen))
    shots: list[Shot] = []
    for done, moment in enumerate(chosen):
        yield meter.at(done)
        shots.append(snapshot(subject, painter, series.track, moment))
    note = f"{left_out:,} more frames of interest are not shown." if left_out else ""
    return Pictures("Snapshots", tuple(shots), note)


def track_facts(series: TrackSeries) -> Facts:
    """A track in a few numbers."""
    track, readings = series.track, series.readings
    frames = track.frames
    span = track.span() or (0, 0)
    first, last = (series.time[at] for at in (span[0], span[1] - 1))
    speed, size, boxes = series.speed, series.size, int(frames.has_box.sum())
    per = "second" if series.has_times else "frame"
    rows = [
        ("Label", track.label or "none"),
        ("Attributes", ", ".join(track.attributes) or "none"),
        ("Frames", f"{span[0]} to {span[1] - 1}; {share_text(boxes, span[1] - span[0])} with a box"),
        ("Time", f"{time_text(first)} to {time_text(last)}" if series.has_times else "not known"),
        (f"Highest {readings.quantity} in the box", _range(series.highest, readings)),
        (f"Mean {readings.quantity} in the box", _range(series.mean, readings)),
        ("Size", _numbers(size, "pixels")),
        ("Speed", _numbers(speed, f"pixels per {per}")),
        ("Presence", _presences(track)),
        ("Review", estimate(np.nan_to_num(series.risk), frames).text),
    ]
    return Facts(tuple(row for row in rows if row[1]))


def _range(values: np.ndarray, readings: Readings) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    low, high = readings.number(float(known.min())), readings.text(float(known.max()))
    return f"{low} to {high}, on average {readings.text(float(known.mean()))}"


def _numbers(values: np.ndarray, unit: str) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    return f"{known.min():.1f} to {known.max():.1f} {unit}, half of them up to {np.median(known):.1f}"


def _presences(track: Track) -> str:
    said = track.frames.is_said
    counts = Counter(track.frames.presence[said].tolist())
    return ", ".join(f"{Presence(value).label.lower()} {count:,}" for value, count in sorted(counts.items()))
