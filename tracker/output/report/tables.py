"""The tables of a report: what regions measured, and who made what."""

from __future__ import annotations

from collections import Counter

import numpy as np

from tracker.annotation.track import Provenance, Track
from tracker.output.report.content import Table
from tracker.output.report.series import RegionSeries
from tracker.output.subject import Subject
from tracker.output.words import time_text


def regions_table(subject: Subject, regions: list[RegionSeries]) -> Table:
    """What regions measured over the clip; empty for none."""
    readings, rows = subject.readings, []
    for each in regions:
        frames = np.flatnonzero(np.isfinite(each.highest))
        if not frames.size:
            rows.append((each.region.name, each.region.shape.label, "0", "", "", "", ""))
            continue
        peak = int(np.nanargmax(each.highest))
        rows.append(
            (
                each.region.name,
                each.region.shape.label,
                f"{frames.size:,}",
                readings.text(float(np.nanmin(each.lowest))),
                readings.text(float(np.nanmean(each.mean))),
                readings.text(float(each.highest[peak])),
                f"{peak}, {time_text(subject.seconds(peak))}".rstrip(", "),
            )
        )
    head = ("region", "shape", "frames", "lowest", "mean", "highest", "highest on frame")
    return Table(f"Regions, {readings.quantity}", head, tuple(rows))


def provenance_table(track: Track) -> Table:
    """Who made what, in shares."""
    frames, said = track.frames, track.frames.is_said
    total = int(said.sum())
    made = Counter(zip(frames.provenance[said].tolist(), frames.model[said].tolist(), strict=True))
    rows = [
        (Provenance(provenance).label, _model(track, model), f"{count:,}", f"{100 * count / total:.1f} %")
        for (provenance, model), count in sorted(made.items())
    ]
    accepted = int((frames.reviewed & said).sum())
    rows.append(("Accepted by a person", "", f"{accepted:,}", f"{100 * accepted / total:.1f} %"))
    return Table("Provenance", ("made", "model", "frames", "share"), tuple(rows))


def _model(track: Track, model: int) -> str:
    return track.models[model] if 0 <= model < len(track.models) else ""


def runs_table(subject: Subject, track: Track, most: int) -> Table:
    """Who made what, from when to when."""
    frames = track.frames
    runs = list(frames.runs())
    rows = []
    for run in runs[:most]:
        models = {
            _model(track, model) for model in np.unique(frames.model[run.start : run.stop]).tolist()
        } - {""}
        rows.append(
            (
                _frames(run.start, run.stop),
                time_text(subject.seconds(run.start)),
                run.provenance.label,
                ", ".join(sorted(models)),
                run.presence.label.lower(),
                f"{run.stop - run.start:,}",
            )
        )
    head = ("frames", "from", "made", "model", "target", "count")
    return Table("Who made what", head, tuple(rows), _left_out(len(runs) - most))


def _frames(start: int, stop: int) -> str:
    return f"{start}" if stop - start == 1 else f"{start} – {stop - 1}"


def anchors_table(subject: Subject, track: Track, most: int) -> Table:
    """What was decided by hand."""
    anchors = track.anchors().tolist()
    rows = []
    for frame in anchors[:most]:
        state = track.at(frame)
        box = (
            ("", "", "", "") if state.box is None else tuple(f"{value:.1f}" for value in state.box.as_tuple())
        )
        rows.append((str(frame), time_text(subject.seconds(frame)), *box, state.presence.label.lower()))
    head = ("frame", "time", "x", "y", "width", "height", "target")
    return Table("Anchors", head, tuple(rows), _left_out(len(anchors) - most))


def _left_out(count: int) -> str:
    return f"{count:,} more are not listed." if count > 0 else ""
