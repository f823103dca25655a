"""Readers of the kinds of training sources, each giving `Clip`s as a job."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.formats.regions import rectangle_rows
from tracker.formats.targets import frames_in
from tracker.jobs import Job, ProgressMeter
from tracker.media import open_source
from tracker.opencv import cv2
from tracker.tracking.normalisation import Normalisation
from tracker.training.clips import Boxes, Clip, sampleable
from tracker.training.config import ConfigError, SourceConfig
from tracker.training.frame_stacks import frame_stack

LEAST_VISIBLE = 0.5
"""Share of a rendered target that must not be hidden, for its box to be learned."""

LAYOUTS = "docs/training.md says how sources are laid out."

Reader = Callable[[SourceConfig], Job[list[Clip]]]


def read_sources(sources: tuple[SourceConfig, ...]) -> Job[list[Clip]]:
    """All clips of all sources.

    Raises:
        ConfigError: A source does not exist or holds nothing to learn from.
        ThermarkError: One of its files cannot be read.
    """
    clips: list[Clip] = []
    for source in sources:
        if not source.path.exists():
            raise ConfigError("there is no such source.", where=source.path, todo="Correct its path.")
        found = yield from READERS[source.kind](source)
        if not any(len(clip.usable(t)) for clip in found for t in range(len(clip.targets))):
            raise ConfigError(
                f"nothing to learn from was found (looked for {source.kind}).",
                where=source.path,
                todo=LAYOUTS,
            )
        clips += found
    return clips


def chosen_frames(count: int, source: SourceConfig) -> NDArray[np.int64]:
    """Which of `count` frames to take: every so many-th, thinned evenly to the most that are wanted."""
    indices = np.arange(0, count, source.every)
    if len(indices) > source.most_frames:
        indices = indices[np.linspace(0, len(indices) - 1, source.most_frames).astype(int)]
    return indices


def sequences(source: SourceConfig) -> Job[list[Clip]]:
    """Folders with `groundtruth.txt` beside `img/` or a video; `index.json` may give each a `scene_group`.

    The path is the folder around them, or one of them alone.
    """
    is_one = (source.path / "groundtruth.txt").is_file()
    groups = _scene_groups((source.path.parent if is_one else source.path) / "index.json")
    folders = [source.path] if is_one else sorted(p.parent for p in source.path.glob("*/groundtruth.txt"))
    meter = ProgressMeter(f"Reading {source.title}", len(folders))
    clips = []
    for done, folder in enumerate(folders):
        yield meter.at(done)
        clips.append((yield from _sequence(folder, source, groups.get(folder.name, folder.name))))
    return clips


def _scene_groups(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    with _explained(path):
        return {entry["name"]: entry.get("scene_group") or entry["name"] for entry in _json(path)}


def _sequence(folder: Path, source: SourceConfig, group: str) -> Job[Clip]:
    media = yield from open_source(_media_of(folder))
    try:
        truth = rectangle_rows(folder / "groundtruth.txt")
        times = chosen_frames(min(len(media), len(truth)), source)
        frames = yield from frame_stack(media, times)
        boxes = sampleable(truth[times], media.size)
        return Clip(folder.name, source.title, group, frames, times, (boxes,), Normalisation.of(media))
    finally:
        media.close()


def _media_of(folder: Path) -> Path:
    media = frames_in(folder, ("img",))
    if media is None:
        raise ConfigError("there is neither img/ nor a video beside groundtruth.txt.", where=folder)
    return media


def stills(source: SourceConfig) -> Job[list[Clip]]:
    """`boxes.json` (a list of `file`, `boxes`, `labels`) beside `images/`."""
    path = source.path / "boxes.json"
    with _explained(path):
        entries = list(_json(path))[:: source.every]
    meter = ProgressMeter(f"Reading {source.title}", len(entries))
    clips = []
    for done, entry in enumerate(entries):
        if meter.due():
            yield meter.at(done)
        with _explained(path):
            clips.append(_still(entry, source))
    return clips


def _still(entry: dict[str, Any], source: SourceConfig) -> Clip:
    name = str(entry["file"])
    image = cv2.imread(str(source.path / "images" / name), cv2.IMREAD_GRAYSCALE)
    if image is None:
        raise ConfigError("the image cannot be read.", where=source.path / "images" / name)
    size = (image.shape[1], image.shape[0])
    boxes = sampleable(np.asarray(entry["boxes"], np.float64).reshape(-1, 4), size)
    targets = tuple(box[None] for box in boxes if np.isfinite(box).all())
    return Clip(name, source.title, name, image[None].astype(np.uint8), np.zeros(1, np.int64), targets)


def rendered(source: SourceConfig) -> Job[list[Clip]]:
    """Scenes made by `tracker.training.rendering.corpus`."""
    folders = sorted(path.parent for path in source.path.glob("*/targets.json"))
    meter = ProgressMeter(f"Reading {source.title}", len(folders))
    clips = []
    for done, folder in enumerate(folders):
        if meter.due():
            yield meter.at(done)
        with _explained(folder):
            clips.append(_scene(folder, source))
    return clips


def _scene(folder: Path, source: SourceConfig) -> Clip:
    entry = _json(folder / "targets.json")
    frames = np.load(folder / "frames.npy", mmap_mode="r")
    count, height, width = frames.shape
    targets = tuple(_seen(target, (width, height)) for target in entry["targets"])
    if any(len(boxes) != count for boxes in targets):
        raise ConfigError("there are not as many boxes as frames.", where=folder)
    times = np.arange(count, dtype=np.int64)
    return Clip(folder.name, source.title, str(entry["group"]), frames, times, targets)


def _seen(target: dict[str, Any], size: tuple[int, int]) -> Boxes:
    boxes = np.asarray([box or [np.nan] * 4 for box in target["boxes"]], np.float64)
    boxes[np.asarray(target["visible"]) < LEAST_VISIBLE] = np.nan
    return sampleable(boxes, size)


def _json(path: Path) -> Any:
    with _explained(path):
        return json.loads(path.read_text(encoding="utf-8"))


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what goes wrong with a damaged or foreign file into an error that names it."""
    try:
        yield
    except KeyError as error:
        raise ConfigError(f"{error} is missing.", where=path, todo=LAYOUTS) from error
    except (OSError, EOFError, ValueError, TypeError, AttributeError) as error:
        raise ConfigError(f"it cannot be read ({error}).", where=path, todo=LAYOUTS) from error


def project(source: SourceConfig) -> Job[list[Clip]]:
    """Tracks of a `.thermark` project; see `tracker.training.project_clips`."""
    from tracker.training.project_clips import read_project

    return (yield from read_project(source))


def crops(source: SourceConfig) -> Job[list[Clip]]:
    """What `thermark dataset curate` made; see `tracker.training.crops`."""
    from tracker.training.crops import read_crops

    return (yield from read_crops(source))


READERS: dict[str, Reader] = {
    "sequences": sequences,
    "stills": stills,
    "rendered": rendered,
    "project": project,
    "crops": crops,
}
