"""A corpus to learn from: many random scenes as 8-bit frames, with the true boxes of all who can be followed.

Each scene is a folder: `frames.npy` (n, H, W) uint8, and `targets.json`:

    {"group": "render_00001",
     "targets": [{"label": "person", "boxes": [[x, y, width, height], null, ...], "visible": [1.0, 0.1, ...]}]}

with one box (or null, where less than a fifth can be seen) and one visible share (0..1) for each frame.
A box is drawn around what can be seen; whoever needs whole targets asks for a high visible share.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
from collections.abc import Generator, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import ExportError
from tracker.jobs import Job, ProgressMeter
from tracker.opencv import cv2
from tracker.training.rendering.display import Counts, GainControl, automatic_gain, span_of, to_eight_bit
from tracker.training.rendering.sampling import random_scene
from tracker.training.rendering.scene import Rendered, Scene, Truth

FRAMES, TARGETS = "frames.npy", "targets.json"

SMALLEST_PX = 6.0
"""The shorter side of a box that can be followed."""
LEAST_VISIBLE = 0.6
"""The visible share of a target that can be followed."""
_LEAST_FOLLOWED = 1 / 3
"""A target that can be followed in less than this share of the frames is left out."""
_TRIES = 8
"""So many descriptions are tried until the scene's first actor can be followed."""

Gray = NDArray[np.uint8]


@dataclass(frozen=True)
class SceneOrder:
    """One scene to be rendered; equal orders give equal files.

    Attributes:
        number: Its number in the corpus, from 1.
        seed: The corpus's.
        frames: Number of frames.
        every: Frames of the scene from one to the next; more of them mean larger movements.
        size: (width, height).
    """

    number: int
    seed: int
    frames: int = 24
    every: int = 3
    size: tuple[int, int] = (320, 256)


def render_corpus(
    output: Path,
    scenes: int,
    seed: int,
    frames: int = 24,
    every: int = 3,
    size: tuple[int, int] = (320, 256),
    workers: int = 1,
) -> Job[int]:
    """Render random scenes into `output`/scene_00001 and so on; those already there are left as they are.

    Closing the job lets scenes in work be finished and leaves no half-written folder.

    Args:
        output: Made where it is missing.
        scenes: Number of scenes in all.
        seed: Of the corpus; a scene depends on it, its number, `frames`, `every` and `size` alone.
        frames: Frames of each scene.
        every: Frames of the scene from one to the next.
        size: (width, height) of a frame.
        workers: Processes; with 1 the scenes are rendered in this one.

    Returns:
        Number of scenes rendered now.

    Raises:
        ExportError: A file cannot be written.
        ValueError: A number is below 1.
    """
    if min(scenes, frames, every, workers, *size) < 1:
        raise ValueError("scenes, frames, every, size and workers must be at least 1")
    orders = [
        SceneOrder(number, seed, frames, every, size)
        for number in range(1, scenes + 1)
        if not _is_complete(_folder(output, number))
    ]
    meter = ProgressMeter("Rendering scenes", len(orders))
    yield meter.at(0)
    try:
        output.mkdir(parents=True, exist_ok=True)
        with closing(_render_all(output, orders, workers)) as rendered:
            for done, _ in enumerate(rendered, start=1):
                if meter.due() or done == len(orders):
                    yield meter.at(done)
    except OSError as error:
        raise ExportError(
            f"The scenes cannot be written: {error.strerror or error}.", where=output
        ) from error
    return len(orders)


def _folder(output: Path, number: int) -> Path:
    return output / f"scene_{number:05d}"


def _is_complete(folder: Path) -> bool:
    return all((folder / name).is_file() for name in (FRAMES, TARGETS))


def _render_all(output: Path, orders: Sequence[SceneOrder], workers: int) -> Generator[None, None, None]:
    """Yields after each scene; a generator, to be closed."""
    if workers == 1:
        for order in orders:
            write_scene(output, order)
            yield
        return
    # Spawned, not forked: a fork copies locks that other threads hold, torch's and OpenCV's among them.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_prepare_worker)
    try:
        for future in as_completed([pool.submit(write_scene, output, order) for order in orders]):
            future.result()
            yield
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _prepare_worker() -> None:
    """One thread for each process; who interrupts the job stops it in the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)


def write_scene(output: Path, order: SceneOrder) -> None:
    """Render one scene into its folder, which appears under its name only when it is complete.

    Raises:
        OSError: A file cannot be written.
    """
    frames, targets = render_scene(order)
    folder = _folder(output, order.number)
    unfinished = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir()
        np.save(unfinished / FRAMES, frames)
        text = json.dumps({"group": f"render_{order.number:05d}", "targets": targets})
        (unfinished / TARGETS).write_text(text, encoding="ascii")
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


Target = dict[str, object]


def render_scene(order: SceneOrder) -> tuple[Gray, list[Target]]:
    """The frames of a scene, (n, H, W), and its targets as in `targets.json`, the first actor first."""
    for attempt in range(_TRIES):
        rng = np.random.default_rng([order.seed, order.number, attempt])
        length = (order.frames - 1) * order.every + 1
        scene = Scene(random_scene(rng, order.size, length))
        rendered = [scene.frame(index) for index in range(0, length, order.every)]
        if _is_followed([frame.truths[0] for frame in rendered]):
            break
    gray = np.stack(list(random_gain(rng, [frame.counts for frame in rendered])))
    return gray, _targets(rendered, [actor.label for actor in scene.config.actors])


def random_gain(rng: np.random.Generator, frames: Sequence[Counts]) -> Iterable[Gray]:
    """The frames as one of many cameras shows them: the span follows, is held, or is held much too wide.

    Args:
        rng: Source of randomness.
        frames: (H, W) counts in order, at least one.
    """
    control = GainControl(
        low=rng.uniform(0.1, 8.0),
        high=rng.uniform(97.5, 99.97),
        smallest_span=rng.uniform(120, 450),
        inertia=rng.uniform(0.3, 0.95),
        detail=rng.uniform(0.1, 0.8) if rng.random() < 0.5 else 0.0,
        detail_px=rng.uniform(3, 10),
        headroom=rng.uniform(0, 0.12),
    )
    mode = rng.choice(3, p=(0.6, 0.25, 0.15))
    if mode == 0:
        return automatic_gain(frames, control)
    if mode == 2:
        control = replace(control, headroom=rng.uniform(0.2, 0.9))
    span = span_of(frames[0], control)
    return (to_eight_bit(counts, span, control) for counts in frames)


def _is_followed(truths: Sequence[Truth]) -> bool:
    """Whether there are frames enough, at least two, in which a target can be followed."""
    usable = sum(_is_usable(truth) for truth in truths)
    return usable >= max(2.0, _LEAST_FOLLOWED * len(truths))


def _is_usable(truth: Truth) -> bool:
    box = truth.box
    return box is not None and min(box.width, box.height) >= SMALLEST_PX and truth.visible >= LEAST_VISIBLE


def _targets(rendered: Sequence[Rendered], labels: Sequence[str]) -> list[Target]:
    """All actors that can be followed, in order."""
    ways = [[frame.truths[actor] for frame in rendered] for actor in range(len(labels))]
    return [
        {
            "label": label,
            "boxes": [_rounded(truth) for truth in way],
            "visible": [round(truth.visible, 3) for truth in way],
        }
        for label, way in zip(labels, ways, strict=True)
        if _is_followed(way)
    ]


def _rounded(truth: Truth) -> list[float] | None:
    return None if truth.box is None else [round(value, 2) for value in truth.box.as_tuple()]
