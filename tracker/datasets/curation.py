"""Crops around targets and an index of them: what Siamese trackers are trained from.

The crops of Bertinetto et al., "Fully-Convolutional Siamese Networks for Object Tracking" (ECCVW 2016): a square around
the target's centre with side sqrt((w + p)(h + p)), p = context * (w + h), is the exemplar; the search region that is
saved is larger by crop / exemplar pixels (255 / 127), at the same scale. What lies beyond the frame is its mean.

The output has `crops/SEQUENCE/TRACK/FRAME.png`, gray, in the depth of the counts; `crops.jsonl` with a line for each
target, where `range` are the counts of its clip that trackers map to 0 and 255; and `curation.json` with the settings.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, astuple, dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Presence, Track
from tracker.datasets.reading import DataSet, media_in_sequence
from tracker.datasets.scenes import scenes_of
from tracker.errors import ExportError, FormatError
from tracker.formats import AnnotatedClip
from tracker.formats.text import one_name
from tracker.formats.whole import whole_folder
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter
from tracker.media import Counts, FrameSource, open_source
from tracker.opencv import cv2
from tracker.tracking.crop import Gray, context_side, cut, square_around, to_crop
from tracker.tracking.normalisation import Normalisation, to_gray

INDEX_NAME, SETTINGS_NAME = "crops.jsonl", "curation.json"


@dataclass(frozen=True)
class CurationOptions:
    """How crops are made.

    Attributes:
        crop: Side of a saved crop in pixels.
        exemplar: Side of the exemplar in pixels, at the same scale in the middle of it.
        context: Share of width and height added around the target.
        every: Every so many-th frame of a clip.
        least_side: Boxes with a smaller side, in pixels, are left out.
    """

    crop: int = 255
    exemplar: int = 127
    context: float = 0.5
    every: int = 1
    least_side: float = 2.0


@dataclass(frozen=True)
class CurationReport:
    """What was written.

    Attributes:
        crops: Number of crops.
        targets: Number of targets with a crop.
        notes: What was left out, a sentence each.
    """

    crops: int
    targets: int
    notes: tuple[str, ...]


def curate(data: DataSet, output: Path, options: CurationOptions | None = None) -> Job[CurationReport]:
    """Cut the crops of a data set, one clip after the other; all or nothing on disk.

    Left out are frames in which the target is not wholly visible, has its centre outside the frame, or is too small.

    Returns:
        The job. It raises FormatError where labels are damaged or longer than their clip, MediaError where a
        clip cannot be read, ExportError where nothing can be cut or written.
    """
    options, notes, crops, targets = options or CurationOptions(), list[str](), 0, 0
    scenes = scenes_of([entry.name for entry in data.entries], data.index)
    with (
        whole_folder(output) as folder,
        (folder / INDEX_NAME).open("w", encoding="utf-8", newline="\n") as index,
    ):
        for entry in data.entries:
            clip = data.label_of(entry.read())
            media = media_in_sequence(data, entry) if entry.found else clip.media.path
            if media is None:
                notes.append(f"{entry.name} was left out: its frames are not at hand.")
                continue
            source = yield from open_source(media)
            try:
                counts = yield from _one_clip(
                    _Writer(folder, index, options), clip, source, scenes[entry.name]
                )
            finally:
                source.close()
            crops += sum(counts)
            targets += sum(count > 0 for count in counts)
        if not crops:
            raise ExportError(
                "there is no target with frames at hand.", where=data.path, todo=" ".join(notes)
            )
        text = json.dumps({"format": data.format_, **asdict(options)}, indent=1)
        (folder / SETTINGS_NAME).write_text(text + "\n", encoding="utf-8", newline="\n")
    return CurationReport(crops, targets, tuple(notes))


@dataclass(frozen=True)
class _Writer:
    folder: Path
    index: TextIO
    options: CurationOptions


def _one_clip(writer: _Writer, clip: AnnotatedClip, source: FrameSource, scene: str) -> Job[list[int]]:
    """Cut all targets of a clip, going through it once; the number of crops of each."""
    if len(clip) > len(source):
        raise FormatError(
            f"{len(clip)} frames are annotated, and the clip has {len(source)}.",
            where=clip.where,
            todo="Run `thermark dataset check`.",
        )
    name = one_name(clip.name, clip.where)
    entries: list[list[dict[str, Any]]] = [[] for _ in clip.tracks]
    meter = ProgressMeter(f"Cutting {name}", len(clip))
    bad, span = set(source.bad_frames), list(astuple(Normalisation.of(source)))
    for frame in range(0, len(clip), writer.options.every):
        if meter.due():
            yield meter.at(frame)
        wanted = (
            [] if frame in bad else list(_boxes(clip.tracks, frame, source.size, writer.options.least_side))
        )
        if not wanted:
            continue
        counts = to_gray(source.frame(frame))
        for number, box in wanted:
            path = f"crops/{name}/{clip.tracks[number].id}/{frame:06d}.png"
            entries[number].append({"frame": frame, "file": path, **_save(writer, path, counts, box)})
    yield meter.at(len(clip))
    for track, found in zip(clip.tracks, entries, strict=True):
        if found:
            about = {"sequence": name, "track": track.id, "class": track.label, "scene": scene, "range": span}
            writer.index.write(json.dumps({**about, "crops": found}, ensure_ascii=False) + "\n")
    return [len(found) for found in entries]


def _boxes(
    tracks: tuple[Track, ...], frame: int, size: tuple[int, int], least: float
) -> Iterator[tuple[int, Box]]:
    for number, track in enumerate(tracks):
        box = track.frames.box(frame) if frame < len(track.frames) else None
        if box is None or track.frames.presence[frame] != Presence.VISIBLE:
            continue
        x, y = box.centre
        if min(box.width, box.height) >= least and 0 <= x <= size[0] and 0 <= y <= size[1]:
            yield number, box


def _save(writer: _Writer, path: str, counts: NDArray[np.generic], box: Box) -> dict[str, Any]:
    """Write a crop; the box in it and the region of the frame, x, y, width, height."""
    options = writer.options
    side = context_side(box.width, box.height, options.context) * options.crop / options.exemplar
    region = square_around(box.centre, side)
    crop = cut(counts.astype(np.float32), region, options.crop)
    done, png = cv2.imencode(".png", _pixels(crop, is_deep=counts.dtype != np.uint8))
    if not done:
        raise ExportError(f"a crop of {counts.dtype} cannot be written as PNG.", where=path)
    file = writer.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(bytes(png))
    left, top = to_crop(region, options.crop, box.x, box.y)
    right, bottom = to_crop(region, options.crop, box.right, box.bottom)
    return {
        "box": [round(value, 3) for value in (left, top, right - left, bottom - top)],
        "region": [round(value, 3) for value in region.as_tuple()],
    }


def _pixels(crop: Gray, *, is_deep: bool) -> Counts:
    whole = np.rint(crop)
    return np.clip(whole, 0, 65535).astype(np.uint16) if is_deep else np.clip(whole, 0, 255).astype(np.uint8)
