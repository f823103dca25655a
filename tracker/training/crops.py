"""Training from crops: folders that `thermark dataset curate` made.

Each target's crops become a clip whose frames are the crops, all at the target's scale. Nothing is lost by that, since
pairs are cut relative to the target anyway; but a crop ends where a frame would go on. How far it reaches is kept with
the clip, and pairs that look further are refused: the network would learn where the crop ends.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, ValidationError

from tracker.datasets.curation import INDEX_NAME, SETTINGS_NAME, CurationOptions
from tracker.errors import FormatError
from tracker.formats.json_text import read_json
from tracker.formats.text import MAX_FRAMES, at_line, inside, numbered_lines
from tracker.jobs import Job, ProgressMeter
from tracker.media import open_source
from tracker.media.images import ImageFolder
from tracker.media.source import FrameSource
from tracker.tracking.crop import context_side
from tracker.tracking.normalisation import Normalisation
from tracker.training.clips import MIN_SIDE, Boxes, Clip, sampleable
from tracker.training.config import SourceConfig
from tracker.training.frame_stacks import frame_stack
from tracker.training.sources import chosen_frames

Numbers4 = tuple[float, float, float, float]


class _Crop(BaseModel):
    frame: int = Field(ge=0, lt=MAX_FRAMES)
    file: str
    box: Numbers4
    region: Numbers4


class _Target(BaseModel):
    """A line of the index."""

    sequence: str
    track: int
    scene: str
    range: tuple[float, float] | None = None
    crops: list[_Crop] = Field(min_length=1)


def read_crops(source: SourceConfig) -> Job[list[Clip]]:
    """A clip for each target of the index.

    Raises:
        FormatError: The index is damaged, or not what lies in the folder.
        MediaError: A crop cannot be read.
    """
    options = _options(source.path / SETTINGS_NAME)
    targets = list(_targets(source.path / INDEX_NAME))
    meter = ProgressMeter(f"Reading {source.title}", len(targets))
    clips = []
    for done, (where, target) in enumerate(targets):
        yield meter.at(done)
        clips.append((yield from _clip(source, options, target, where)))
    return clips


def _options(path: Path) -> CurationOptions:
    root = read_json(path)
    return CurationOptions(
        crop=root.member("crop").whole(1, 1 << 16),
        exemplar=root.member("exemplar").whole(1, 1 << 16),
        context=root.member("context").number(),
    )


def _targets(path: Path) -> Iterator[tuple[str, _Target]]:
    for line, text in numbered_lines(path):
        where = at_line(path, line)
        try:
            yield where, _Target.model_validate_json(text)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(map(str, first["loc"]))
            what = f"{name}: {first['msg']}." if name else f"{first['msg']}."
            raise FormatError(what, where=where, todo="Curate the data set again.") from None


def _clip(source: SourceConfig, options: CurationOptions, target: _Target, where: str) -> Job[Clip]:
    folder = inside(source.path, target.crops[0].file, where).parent
    media = yield from open_source(folder)
    try:
        _require_same(media, target, options, where)
        chosen = chosen_frames(len(media), source)
        return Clip(
            name=f"{target.sequence}/{target.track}",
            source=source.title,
            group=target.scene,
            frames=(yield from frame_stack(media, chosen)),
            times=np.array([crop.frame for crop in target.crops], np.int64)[chosen],
            targets=(_boxes(target, options.crop)[chosen],),
            normalisation=_normalisation(media, target, where),
            reach=reach_of(options),
        )
    finally:
        media.close()


def reach_of(options: CurationOptions) -> float:
    """How far crops go from the middle of a target at least, in sides of a square target of its area."""
    return context_side(1.0, 1.0, options.context) * options.crop / options.exemplar / 2


def _require_same(media: FrameSource, target: _Target, options: CurationOptions, where: str) -> None:
    """Refuse a folder of other images than the index says."""
    files = [crop.file.rsplit("/", 1)[-1] for crop in target.crops]
    found = [media.file(i).name for i in range(len(media))] if isinstance(media, ImageFolder) else []
    frames = [crop.frame for crop in target.crops]
    if files != found or media.size != (options.crop, options.crop) or frames != sorted(set(frames)):
        raise FormatError(
            f"the images in {media.path} are not the crops of the index.",
            where=where,
            todo="Curate the data set again.",
        )


def _normalisation(media: FrameSource, target: _Target, where: str) -> Normalisation:
    """That of the clip which the crops are from: around a target there is less contrast."""
    if media.dtype == np.uint8:
        return Normalisation()
    if target.range is None or not target.range[0] < target.range[1]:
        raise FormatError(
            "the range of the clip's counts is missing.", where=where, todo="Curate the data set again."
        )
    return Normalisation(*target.range)


def _boxes(target: _Target, side: int) -> Boxes:
    """(n, 4) in the pixels of the crops; NaN where the target is too small in the frame."""
    boxes = sampleable(np.array([crop.box for crop in target.crops], np.float64), (side, side))
    scales: NDArray[np.float64] = np.array([crop.region[2] for crop in target.crops]) / side
    with np.errstate(invalid="ignore"):
        boxes[boxes[:, 2:].min(axis=1) * scales < MIN_SIDE] = np.nan
    return boxes
