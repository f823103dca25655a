"""Runs of the default tracker over clips with true boxes, undisturbed and disturbed, with the scores of every frame.

A tracker that holds its targets shows few failures to learn from, so most runs are made harder: fewer frames a second,
a first box that is a little off, jumps of the gain, something pasted over the target, a target that leaves the frame.
The true boxes stay what they are: under an occluder or beyond the frame, the target is where it is.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import read_clip
from tracker.annotation.track import Presence
from tracker.evaluation.labelling import has_box, shifted_first_boxes
from tracker.geometry import Box, iou
from tracker.jobs import finish
from tracker.media import load_source
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.training.rendering.corpus import FRAMES, TARGETS, render_corpus

Array = NDArray[np.float64]
Gray = NDArray[np.float32]
Random = np.random.Generator

COLUMNS = ("scores", "boxes", "truth", "presence")

HIDDEN = (12, 70)
"""How long an occluder or the edge of the frame hides a target, in frames; once a run, and sometimes to its end."""

PLAIN = "plain"


@dataclass
class Take:
    """What a tracker is given, and the truth.

    Attributes:
        frames: Gray images 0..255, all of one size.
        truth: (n, 4) true boxes; NaN where they are not known.
        first: The box the tracker starts from.
        presence: (n,) `Presence` values: what was done to the target.
    """

    frames: list[Gray]
    truth: Array
    first: Box
    presence: NDArray[np.uint8]


Disturbance = Callable[[Take, Random], None]


@dataclass(frozen=True)
class TrackedRun:
    """One run.

    Attributes:
        clip: Name of its clip.
        group: Scene of the clip; runs of one scene are never on both sides of a split.
        kind: How it was disturbed.
        frame_size: (width, height) in pixels.
        scores: (n, 9) columns of `tracker.annotation.evidence.SCORE_NAMES`.
        boxes: (n, 4) tracked boxes.
        truth: (n, 4) true ones; NaN where they are not known.
        presence: (n,) `Presence` values: what was done to the target.
    """

    clip: str
    group: str
    kind: str
    frame_size: tuple[int, int]
    scores: Array
    boxes: Array
    truth: Array
    presence: NDArray[np.uint8]

    @property
    def overlaps(self) -> Array:
        """(n,) IoU with the truth; NaN where that is not known."""
        return np.where(has_box(self.truth), iou(self.boxes, np.nan_to_num(self.truth)), np.nan)


def imprecise(take: Take, rng: Random) -> None:
    """A first box as it is drawn in a hurry: off by up to 15 % of its size, and up to a quarter too large or small."""
    box = take.first
    x, y = (
        c + side * rng.uniform(-0.15, 0.15)
        for c, side in zip(box.centre, (box.width, box.height), strict=True)
    )
    width, height = (side * float(np.exp(rng.uniform(-0.22, 0.22))) for side in (box.width, box.height))
    take.first = Box.from_centre(x, y, max(width, 3.0), max(height, 3.0))


def gain_jumps(take: Take, rng: Random) -> None:
    """Contrast and brightness that jump every 15 to 40 frames, as cameras do when something hot comes into view."""
    frame = int(rng.integers(8, 25))
    while frame < len(take.frames):
        gain, offset = float(np.exp(rng.uniform(-0.9, 0.5))), float(rng.uniform(-40, 40))
        for index in range(frame, len(take.frames)):
            image = take.frames[index]
            middle = float(image[::8, ::8].mean())
            take.frames[index] = np.clip((image - middle) * gain + middle + offset, 0, 255)
        frame += int(rng.integers(15, 40))


def occluded(take: Take, rng: Random) -> None:
    """A patch of the background over the target for some frames, growing over it within three."""
    begin, hidden = int(rng.integers(15, 40)), int(rng.integers(*HIDDEN))
    for index in range(begin, min(begin + hidden, len(take.frames))):
        if has_box(take.truth[index : index + 1])[0]:
            box = Box(*take.truth[index].tolist())
            share = min(1.0, (index - begin + 1) / 3)
            take.frames[index] = _patched(take.frames[index], box, share)
            take.presence[index] = Presence.OCCLUDED if share == 1 else Presence.VISIBLE


def _patched(image: Gray, box: Box, share: float) -> Gray:
    """The image with what lies beside the box copied over the left `share` of it."""
    height, width = image.shape
    side = Box(box.x - 0.25 * box.width, box.y - 0.25 * box.height, 1.5 * box.width * share, 1.5 * box.height)
    part = side.clipped(width, height)
    if part is None:
        return image
    x, y, right, bottom = int(part.x), int(part.y), int(np.ceil(part.right)), int(np.ceil(part.bottom))
    across = max(right - x + 2, 4)
    source = x + across if right + across <= width else x - across
    columns = np.clip(np.arange(source, source + right - x), 0, width - 1)
    result = image.copy()
    result[y:bottom, x:right] = image[y:bottom, columns]
    return result


def leaving(take: Take, rng: Random) -> None:
    """The view turns away until the target is outside, and comes back."""
    count = len(take.frames)
    width = take.frames[0].shape[1]
    begin, hidden, turn = int(rng.integers(15, 40)), int(rng.integers(*HIDDEN)), 12
    for index in range(begin, count):
        if not has_box(take.truth[index : index + 1])[0]:
            continue
        away = min(1.0, (index - begin + 1) / turn, max(0.0, (begin + 2 * turn + hidden - index) / turn))
        shift = round(away * float(take.truth[index, 0] + take.truth[index, 2] + 4))
        if shift > 0:
            columns = np.minimum(np.arange(width) + shift, width - 1)
            take.frames[index] = take.frames[index][:, columns]
            take.truth[index, 0] -= shift
            if take.truth[index, 0] + take.truth[index, 2] <= 0:
                take.presence[index] = Presence.OUT_OF_VIEW


DISTURBANCES: dict[str, Disturbance] = {
    PLAIN: lambda take, rng: None,
    "fast": lambda take, rng: None,  # made by leaving out frames
    "imprecise": imprecise,
    "gain": gain_jumps,
    "occluded": occluded,
    "leaving": leaving,
}

NATURAL = (PLAIN, "fast", "imprecise", "gain")
"""Runs as a user has them; the others show what it looks like when a target is gone."""

IN_TURN = (PLAIN, "fast", "imprecise", "gain", PLAIN, "fast", "occluded", "leaving")
"""The kind of the run over each clip in a folder."""

LENGTHS = {PLAIN: 150, "imprecise": 150, "occluded": 110, "leaving": 110}  # of others as `LENGTH` says
LENGTH = 80
STEPS = (3, 9)  # of "fast": frames of the clip from one of the run to the next
LEAST_FRAMES = 20  # that a run keeps where a clip is short


@dataclass(frozen=True)
class Footage:
    """Something to track in.

    Attributes:
        name: Of the clip.
        group: Scene of the clip.
        truth: (n, 4) true boxes; NaN where they are not known.
        read: Gives the gray images of some frames.
    """

    name: str
    group: str
    truth: Array
    read: Callable[[Sequence[int]], list[Gray]]


def footage_of(root: Path) -> list[Footage]:
    """The clips of a folder: folders with `groundtruth.txt`, or rendered scenes."""
    if next(root.glob(f"*/{TARGETS}"), None) is not None:
        return [_scene(folder) for folder in sorted(root.iterdir()) if (folder / TARGETS).is_file()]
    path = root / "index.json"
    entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    # Tracks without a scene are named SOURCE__CLIP, with _2, _3 for other targets of the same clip.
    groups = {e["name"]: e.get("scene_group") or e["name"].rstrip("_0123456789") for e in entries}
    folders = sorted(path.parent for path in root.glob("*/groundtruth.txt"))
    return [_clip(folder, groups.get(folder.name, folder.name)) for folder in folders]


def render(root: Path, scenes: int) -> None:
    """Render scenes of people, vehicles and animals on the ground, of whom there are few real clips."""
    finish(render_corpus(root, scenes, seed=11, frames=60, every=2))


def _clip(folder: Path, group: str) -> Footage:
    clip = read_clip(folder)

    def read(indices: Sequence[int]) -> list[Gray]:
        source = load_source(clip.media)
        normalisation = Normalisation.of(source)
        frames = [normalisation.apply(source.frame(clip.start + index)) for index in indices]
        source.close()
        return frames

    return Footage(folder.name, group, clip.truth, read)


def _scene(folder: Path) -> Footage:
    """A rendered scene, with the first of its targets."""
    frames = np.load(folder / FRAMES, mmap_mode="r")
    description = json.loads((folder / TARGETS).read_text(encoding="utf-8"))
    boxes = [box or [np.nan] * 4 for box in description["targets"][0]["boxes"]]

    def read(indices: Sequence[int]) -> list[Gray]:
        return [frames[index].astype(np.float32) for index in indices]

    return Footage(folder.name, description["group"], np.array(boxes, np.float64), read)


def disturbed_run(tracker: OnlineTracker, footage: Footage, kind: str) -> TrackedRun | None:
    """A run over a part of a clip; None where the clip has no such part. The same clip and kind give the same run."""
    rng = np.random.default_rng([zlib.crc32(footage.name.encode()), list(DISTURBANCES).index(kind)])
    most = LENGTHS.get(kind, LENGTH)
    step = int(rng.integers(*STEPS)) if kind == "fast" else 1
    step = max(1, min(step, len(footage.truth) // LEAST_FRAMES))
    latest = max(1, len(footage.truth) - step * most)
    starts = np.flatnonzero(has_box(footage.truth[:latest]))
    if len(starts) == 0:
        return None
    indices = np.arange(int(rng.choice(starts)), len(footage.truth), step)[:most]
    take = _taken(footage, indices)
    DISTURBANCES[kind](take, rng)
    return tracked_run(tracker, take, footage, kind)


def undisturbed_runs(tracker: OnlineTracker, footage: Footage, starts: int) -> Iterator[TrackedRun]:
    """Runs over all of a clip, from slightly different first boxes."""
    first = int(has_box(footage.truth).argmax())
    take = _taken(footage, np.arange(first, len(footage.truth)))
    for box in shifted_first_boxes(take.first, starts):
        take.first = box
        yield tracked_run(tracker, take, footage, PLAIN)


def _taken(footage: Footage, indices: NDArray[np.int64]) -> Take:
    truth = footage.truth[indices].copy()
    presence = np.full(len(indices), Presence.VISIBLE, np.uint8)
    return Take(footage.read(indices.tolist()), truth, Box(*truth[0].tolist()), presence)


def tracked_run(tracker: OnlineTracker, take: Take, footage: Footage, kind: str) -> TrackedRun:
    """Follow the target of a take with a tracker that takes gray values as they are."""
    results = [tracker.init(take.frames[0], take.first)]  # type: ignore[arg-type]
    results += [tracker.update(frame) for frame in take.frames[1:]]  # type: ignore[arg-type]
    height, width = take.frames[0].shape
    return TrackedRun(
        footage.name,
        footage.group,
        kind,
        (width, height),
        np.array([astuple(result.evidence.scores) for result in results], np.float64),
        np.array([result.box.as_tuple() for result in results], np.float64),
        take.truth.copy(),
        take.presence.copy(),
    )


def save_runs(path: Path, runs: Sequence[TrackedRun]) -> None:
    """Write runs as one .npz."""
    columns: dict[str, Any] = {name: np.concatenate([getattr(run, name) for run in runs]) for name in COLUMNS}
    np.savez_compressed(
        path,
        clip=np.array([run.clip for run in runs]),
        group=np.array([run.group for run in runs]),
        kind=np.array([run.kind for run in runs]),
        frame_size=np.array([run.frame_size for run in runs]),
        length=np.array([len(run.boxes) for run in runs]),
        **columns,
    )


def load_runs(path: Path) -> list[TrackedRun]:
    """The runs of a file."""
    with np.load(path, allow_pickle=False) as data:
        stored = {name: data[name] for name in data.files}
    parts = [np.split(stored[name], np.cumsum(stored["length"])[:-1]) for name in COLUMNS]
    heads = zip(
        *(stored[name].tolist() for name in ("clip", "group", "kind", "frame_size")), *parts, strict=True
    )
    return [
        TrackedRun(clip, group, kind, (size[0], size[1]), *rest) for clip, group, kind, size, *rest in heads
    ]
