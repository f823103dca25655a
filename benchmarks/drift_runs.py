"""Runs of the default tracker over clips with true boxes, undisturbed and disturbed, with the evidence of every frame.

A tracker that holds its targets shows few failures to learn from, so most runs are made harder: fewer frames a second, a
first box that is off or on nothing at all, jumps of the gain, something pasted over the target, a target that leaves the
frame. The true boxes stay what they are: under an occluder or beyond the frame, the target is where it is.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import Clip, read_clip
from tracker.evaluation.labelling import has_box, shifted_first_boxes
from tracker.geometry import Box, iou
from tracker.media import load_source
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker

Array = NDArray[np.float64]
Gray = NDArray[np.float32]
Random = np.random.Generator

HIDDEN_FRAMES = 20
"""How long an occluder or the edge of the frame hides a target, and how often it may: once a run."""

PLAIN = "plain"


@dataclass
class Sequence_:
    """What a tracker is given, and the truth.

    Attributes:
        frames: Gray images 0..255, all of one size.
        truth: (n, 4) true boxes; NaN where they are not known.
        first: The box the tracker starts from.
    """

    frames: list[Gray]
    truth: Array
    first: Box


Disturbance = Callable[[Sequence_, Random], None]


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
    """

    clip: str
    group: str
    kind: str
    frame_size: tuple[int, int]
    scores: Array
    boxes: Array
    truth: Array

    @property
    def overlaps(self) -> Array:
        """(n,) IoU with the truth; NaN where that is not known."""
        return np.where(has_box(self.truth), iou(self.boxes, np.nan_to_num(self.truth)), np.nan)


def misplaced(sequence: Sequence_, rng: Random) -> None:
    """A first box that is off by a quarter to a half of its size, and too large or too small."""
    box, angle = sequence.first, rng.uniform(0, 2 * np.pi)
    off, growth = rng.uniform(0.25, 0.5), float(np.exp(rng.uniform(-0.5, 0.5)))
    x, y = box.centre
    centre = x + off * box.width * np.cos(angle), y + off * box.height * np.sin(angle)
    sequence.first = Box.from_centre(*centre, max(box.width * growth, 3.0), max(box.height * growth, 3.0))


def elsewhere(sequence: Sequence_, rng: Random) -> None:
    """A first box on the background."""
    height, width = sequence.frames[0].shape
    box = sequence.first
    for _ in range(50):
        x, y = rng.uniform(0, max(width - box.width, 1)), rng.uniform(0, max(height - box.height, 1))
        sequence.first = Box(float(x), float(y), box.width, box.height)
        if float(iou(sequence.first.as_tuple(), box.as_tuple())) == 0:
            return


def gain_jumps(sequence: Sequence_, rng: Random) -> None:
    """Contrast and brightness that jump every 15 to 40 frames, as cameras do when something hot comes into view."""
    frame = int(rng.integers(8, 25))
    while frame < len(sequence.frames):
        gain, offset = float(np.exp(rng.uniform(-0.9, 0.5))), float(rng.uniform(-40, 40))
        for index in range(frame, len(sequence.frames)):
            image = sequence.frames[index]
            middle = float(image[::8, ::8].mean())
            sequence.frames[index] = np.clip((image - middle) * gain + middle + offset, 0, 255)
        frame += int(rng.integers(15, 40))


def occluded(sequence: Sequence_, rng: Random) -> None:
    """A patch of the background over the target for some frames, growing over it within three."""
    begin = int(rng.integers(10, max(11, len(sequence.frames) - HIDDEN_FRAMES - 15)))
    for index in range(begin, min(begin + HIDDEN_FRAMES, len(sequence.frames))):
        if has_box(sequence.truth[index : index + 1])[0]:
            box = Box(*sequence.truth[index].tolist())
            share = min(1.0, (index - begin + 1) / 3)
            sequence.frames[index] = _patched(sequence.frames[index], box, share)


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


def leaving(sequence: Sequence_, rng: Random) -> None:
    """The view turns away until the target is outside, and comes back."""
    count = len(sequence.frames)
    width = sequence.frames[0].shape[1]
    begin = int(rng.integers(8, max(9, count - HIDDEN_FRAMES - 35)))
    turn = 12
    for index in range(begin, count):
        if not has_box(sequence.truth[index : index + 1])[0]:
            continue
        away = min(1.0, (index - begin + 1) / turn, max(0.0, (begin + 2 * turn + HIDDEN_FRAMES - index) / turn))
        shift = round(away * float(sequence.truth[index, 0] + sequence.truth[index, 2] + 4))
        if shift > 0:
            columns = np.minimum(np.arange(width) + shift, width - 1)
            sequence.frames[index] = sequence.frames[index][:, columns]
            sequence.truth[index, 0] -= shift


DISTURBANCES: dict[str, Disturbance] = {
    PLAIN: lambda sequence, rng: None,
    "fast": lambda sequence, rng: None,  # made by leaving out frames
    "misplaced": misplaced,
    "gain": gain_jumps,
    "occluded": occluded,
    "leaving": leaving,
    "elsewhere": elsewhere,
}
STEPS = {"fast": (2, 7)}
LENGTHS = {"elsewhere": 40}


def scene_groups(root: Path) -> dict[str, str]:
    """Scene of each clip in a folder by its name, as its `index.json` tells; a clip alone is a scene of its own."""
    path = root / "index.json"
    entries = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []
    return {entry["name"]: entry.get("scene_group") or entry["name"].split("__")[-1].rstrip("_0123456789") for entry in entries}


def kinds_of(number: int, per_clip: int) -> list[str]:
    """The kinds of the runs over the clip with this number, so that all kinds are equally frequent."""
    names = list(DISTURBANCES)
    return [names[(number * per_clip + i) % len(names)] for i in range(per_clip)]


def disturbed_runs(
    tracker: OnlineTracker, folder: Path, group: str, kinds: Sequence[str], most: int
) -> Iterator[TrackedRun]:
    """Runs of at most `most` frames over a clip, one of each kind."""
    clip = read_clip(folder)
    for number, kind in enumerate(kinds):
        rng = np.random.default_rng([zlib.crc32(folder.name.encode()), number])
        sequence = _sequence(clip, kind, most, rng)
        if sequence is not None:
            DISTURBANCES[kind](sequence, rng)
            yield tracked_run(tracker, sequence, folder.name, group, kind)


def undisturbed_runs(tracker: OnlineTracker, folder: Path, group: str, starts: int) -> Iterator[TrackedRun]:
    """Runs over all of a clip, from slightly different first boxes."""
    clip = read_clip(folder)
    sequence = _taken(clip, np.arange(len(clip.truth)))
    for box in shifted_first_boxes(clip.first_box, starts):
        sequence.first = box
        yield tracked_run(tracker, sequence, folder.name, group, PLAIN)


def _sequence(clip: Clip, kind: str, most: int, rng: Random) -> Sequence_ | None:
    """A part of a clip that begins with a true box; None where the clip has no such part."""
    low, high = STEPS.get(kind, (1, 2))
    most = min(most, LENGTHS.get(kind, most))
    step = int(rng.integers(low, high))
    step = max(1, min(step, len(clip.truth) // 20))
    latest = max(1, len(clip.truth) - step * most)
    starts = np.flatnonzero(has_box(clip.truth[:latest]))
    if len(starts) == 0:
        return None
    start = int(rng.choice(starts))
    return _taken(clip, np.arange(start, len(clip.truth), step)[:most])


def _taken(clip: Clip, indices: NDArray[np.int64]) -> Sequence_:
    source = load_source(clip.media)
    normalisation = Normalisation.of(source)
    frames = [normalisation.apply(source.frame(clip.start + int(i))) for i in indices]
    source.close()
    truth = clip.truth[indices].copy()
    return Sequence_(frames, truth, Box(*truth[0].tolist()))


def tracked_run(
    tracker: OnlineTracker, sequence: Sequence_, clip: str, group: str, kind: str
) -> TrackedRun:
    """Follow the target of a sequence with a tracker that takes gray values as they are."""
    results = [tracker.init(sequence.frames[0], sequence.first)]  # type: ignore[arg-type]
    results += [tracker.update(frame) for frame in sequence.frames[1:]]  # type: ignore[arg-type]
    height, width = sequence.frames[0].shape
    return TrackedRun(
        clip,
        group,
        kind,
        (width, height),
        np.array([astuple(result.evidence.scores) for result in results], np.float64),
        np.array([result.box.as_tuple() for result in results], np.float64),
        sequence.truth.copy(),
    )


def save_runs(path: Path, runs: Sequence[TrackedRun]) -> None:
    """Write runs as one .npz."""
    np.savez_compressed(
        path,
        clip=np.array([run.clip for run in runs]),
        group=np.array([run.group for run in runs]),
        kind=np.array([run.kind for run in runs]),
        frame_size=np.array([run.frame_size for run in runs]),
        length=np.array([len(run.boxes) for run in runs]),
        **{name: np.concatenate([getattr(run, name) for run in runs]) for name in ("scores", "boxes", "truth")},
    )


def load_runs(path: Path) -> list[TrackedRun]:
    """The runs of a file."""
    with np.load(path, allow_pickle=False) as data:
        stored = {name: data[name] for name in data.files}
    parts = [
        np.split(stored[name], np.cumsum(stored["length"])[:-1]) for name in ("scores", "boxes", "truth")
    ]
    heads = zip(
        *(stored[name].tolist() for name in ("clip", "group", "kind", "frame_size")), *parts, strict=True
    )
    return [TrackedRun(clip, group, kind, (size[0], size[1]), *rest) for clip, group, kind, size, *rest in heads]
