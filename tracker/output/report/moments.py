"""Which frames of a track are worth a picture, and the pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.annotation.track import Frames, Presence, Provenance, Track
from tracker.geometry import Box
from tracker.output.clip import enlarged
from tracker.output.ink import outline
from tracker.output.marking import BAD_FRAME, colour_of
from tracker.output.painting import FramePainter
from tracker.output.report.content import Shot
from tracker.output.report.series import TrackSeries
from tracker.output.still import png_bytes
from tracker.output.subject import Subject
from tracker.output.words import time_text

AROUND = 4.0
"""A snapshot is so many times as large as the target ..."""

LEAST_PIXELS, WANTED_PIXELS = 64, 360
"""... at least so many pixels of the sensor, and about so many of the picture."""

DOUBTFUL = 0.05
"""Least risk that makes a frame doubtful, as in the review."""


@dataclass(frozen=True)
class Moment:
    """A frame, and why it is of interest."""

    frame: int
    reasons: tuple[str, ...]


def moments(series: TrackSeries, most: int) -> tuple[tuple[Moment, ...], int]:
    """The frames of interest in order, and how many were left out because there are more than `most`.

    First and last frame, the hottest and the most doubtful one come first, then changes of presence, then corrections;
    too many of a kind are thinned evenly.
    """
    frames = series.track.frames
    said = np.flatnonzero(frames.is_said)
    if not said.size or not most:
        return (), 0
    found: dict[int, list[str]] = {}
    ranks: dict[int, int] = {}
    groups = (_outstanding(series, said), _presence_changes(frames), _corrections(frames))
    for rank, group in enumerate(groups):
        for frame, reason in group:
            found.setdefault(frame, []).append(reason)
            ranks.setdefault(frame, rank)
    kept = _kept(ranks, most)
    return tuple(Moment(frame, tuple(found[frame])) for frame in sorted(kept)), len(found) - len(kept)


def _kept(ranks: dict[int, int], most: int) -> list[int]:
    kept: list[int] = []
    for rank in sorted(set(ranks.values())):
        group = sorted(frame for frame, its in ranks.items() if its == rank)
        room = most - len(kept)
        if room <= 0:
            break
        picked = np.linspace(0, len(group) - 1, min(room, len(group))).round().astype(int)
        kept += [group[at] for at in picked.tolist()]
    return kept


def _outstanding(series: TrackSeries, said: np.ndarray) -> list[tuple[int, str]]:
    found = [(int(said[0]), "first frame"), (int(said[-1]), "last frame")]
    if np.isfinite(series.highest).any():
        frame, readings = int(np.nanargmax(series.highest)), series.readings
        word = "hottest" if readings.are_temperatures else "highest counts"
        found.append((frame, f"{word}: {readings.text(float(series.highest[frame]))}"))
    if np.isfinite(series.risk).any():
        frame = int(np.nanargmax(series.risk))
        if series.risk[frame] >= DOUBTFUL:
            found.append((frame, f"most doubtful: {series.risk[frame]:.0%} likely wrong"))
    return found


def _presence_changes(frames: Frames) -> list[tuple[int, str]]:
    said, presence = frames.is_said, frames.presence
    changed = np.flatnonzero(said[1:] & said[:-1] & (presence[1:] != presence[:-1])) + 1
    names = {Presence.VISIBLE: "visible again"}
    return [
        (frame, names.get(Presence(presence[frame]), Presence(presence[frame]).label.lower()))
        for frame in changed.tolist()
    ]


def _corrections(frames: Frames) -> list[tuple[int, str]]:
    """Anchors that follow what a machine has said."""
    made = frames.provenance
    by_machine = np.isin(made, (Provenance.TRACKED, Provenance.INTERPOLATED, Provenance.IMPORTED))
    found = np.flatnonzero((made[1:] == Provenance.MANUAL) & by_machine[:-1]) + 1
    return [(frame, "decided by hand") for frame in found.tolist()]


def snapshot(subject: Subject, painter: FramePainter, track: Track, moment: Moment) -> Shot:
    """A picture of the target and what is around it.

    Raises:
        MediaError: The clip cannot be read any more.
    """
    frame, box = moment.frame, track.frames.box(moment.frame)
    painted = painter.paint(frame, subject.source.frame(frame)).rgb
    width, height = subject.source.size
    region = Box(0, 0, width, height) if box is None else _region(box, (width, height))
    left, top = int(region.x), int(region.y)
    part = painted[top : top + int(region.height), left : left + int(region.width)]
    scale = max(round(WANTED_PIXELS / max(part.shape[1], 1)), 1)
    picture = enlarged(part, scale)
    if box is not None:
        at = ((box.x - left) * scale, (box.y - top) * scale, box.width * scale, box.height * scale)
        outline(picture, at, colour_of(track), 2)
    time = time_text(subject.seconds(frame))
    caption = f"{', '.join(moment.reasons)} – frame {frame}" + (f", {time}" if time else "")
    if frame in subject.source.bad_frames:
        caption += f". {BAD_FRAME}."
    return Shot(png_bytes(picture), (picture.shape[1], picture.shape[0]), caption)


def _region(box: Box, size: tuple[int, int]) -> Box:
    """Whole pixels around a box, in the shape of 4 to 3, within a frame of (width, height)."""
    wide = max(AROUND * max(box.width, box.height), LEAST_PIXELS)
    width, height = min(round(wide), size[0]), min(round(wide * 3 / 4), size[1])
    left = min(max(round(box.centre[0] - width / 2), 0), size[0] - width)
    top = min(max(round(box.centre[1] - height / 2), 0), size[1] - height)
    return Box(left, top, width, height)
