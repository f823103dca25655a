"""Checks of a sequence's frames: are they all there, whole, and numbered without gaps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tracker.datasets.duplicates import picture_hash
from tracker.datasets.finding import Finding, Kind, Place
from tracker.errors import MediaError
from tracker.jobs import Job, ProgressMeter
from tracker.media import FrameSource, open_source
from tracker.media.images import ImageFolder


@dataclass(frozen=True)
class SeenFrames:
    """What the frames of a sequence are.

    Attributes:
        size: (width, height); None where they cannot be opened.
        hashes: Of the frames that are whole.
        frames: Their frame indices.
        findings: What is wrong with them.
    """

    size: tuple[int, int] | None
    hashes: list[int]
    frames: list[int]
    findings: list[Finding]


def look_at_frames(place: Place, media: Path, due: int) -> Job[SeenFrames]:
    """Decode all frames of a sequence once.

    Args:
        place: Where its labels stand.
        media: A video or a folder of images.
        due: How many frames are annotated.
    """
    try:
        source = yield from open_source(media)
    except MediaError as error:
        text = f"the frames cannot be opened: {error.what}"
        return SeenFrames(None, [], [], [place.whole(Kind.DAMAGED, text, file=media)])
    try:
        findings = [*_count(place, source, due), *_numbering(place, source)]
        findings += [
            place.finding(Kind.BROKEN, f"frame {frame} of {media.name} cannot be decoded.", frame)
            for frame in source.bad_frames
        ]
        broken = set(source.bad_frames)
        frames = [frame for frame in range(len(source)) if frame not in broken]
        hashes = yield from _hashes(place, source, frames)
    except MediaError as error:
        text = f"the frames cannot be read: {error.what}"
        return SeenFrames(None, [], [], [place.whole(Kind.DAMAGED, text, file=media)])
    finally:
        source.close()
    return SeenFrames(source.size, hashes, frames, findings)


def _hashes(place: Place, source: FrameSource, frames: list[int]) -> Job[list[int]]:
    meter = ProgressMeter(f"Looking at {place.sequence}", len(frames))
    hashes = []
    for done, frame in enumerate(frames):
        if meter.due():
            yield meter.at(done)
        hashes.append(picture_hash(source.frame(frame)))
    yield meter.at(len(frames))
    return hashes


def _count(place: Place, source: FrameSource, due: int) -> Iterator[Finding]:
    if len(source) == due:
        return
    text = f"{due} frames are annotated, and there are {len(source)} in {source.path.name}."
    last = min(len(source), due)
    yield place.finding(Kind.MISSING, text, last if last < due else due - 1)


def _numbering(place: Place, source: FrameSource) -> Iterator[Finding]:
    """Steps in the numbers of image names that are not the usual one."""
    if not isinstance(source, ImageFolder) or len(source) < 2:
        return
    numbers = [_number(source.file(frame)) for frame in range(len(source))]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        return
    steps = [later - earlier for earlier, later in pairwise(known)]
    usual = min(set(steps), key=lambda step: (-steps.count(step), step))
    for frame, step in enumerate(steps, start=1):
        if step != usual:
            before, after = source.file(frame - 1), source.file(frame)
            yield place.whole(Kind.NUMBERING, f"{after.name} follows {before.name}.", file=after)


def _number(path: Path) -> int | None:
    found = re.search(r"(\d+)$", path.stem)
    return int(found[1][-18:]) if found else None
