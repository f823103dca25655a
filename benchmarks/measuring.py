"""How fast regions are measured along a clip, against plain numpy masks over whole frames.

Frames are in memory, so that only the measuring counts, in time of one processor. Plain: for each region and frame one
mask of the whole frame and numpy's own functions on what it selects; both measure the same, and the means are compared.

    .venv/bin/python -m benchmarks.measuring [frames]
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.document import Document, MediaRecord
from tracker.annotation.edits import AddTrack
from tracker.annotation.region_edits import add_region, measure_target
from tracker.annotation.track import FRAME_DTYPE, Frames, Provenance, Track
from tracker.geometry import Box
from tracker.jobs import finish
from tracker.media.facts import NO_FACTS
from tracker.outline import Outline, Shape
from tracker.thermal.radiometry import LinearCalibration, temperature_table
from tracker.tracking.measurements import Method, Subject, measure_clip, subjects

WIDTH, HEIGHT, KEPT = 640, 512, 64
THRESHOLD = 300.0
HOUR = 30 * 3600


class Memory:
    """A clip that repeats a few frames."""

    kind, channels, fps, content_hash, facts = "images", 1, 30.0, "0" * 64, NO_FACTS
    path, size, dtype = Path("memory"), (WIDTH, HEIGHT), np.dtype(np.uint16)
    bad_frames: tuple[int, ...] = ()

    def __init__(self, length: int) -> None:
        self._length = length
        rng = np.random.default_rng(0)
        self._frames = rng.integers(28500, 31500, (KEPT, HEIGHT, WIDTH)).astype(np.uint16)

    def __len__(self) -> int:
        return self._length

    def frame(self, index: int) -> NDArray[np.uint16]:
        """One of the few."""
        return np.asarray(self._frames[index % KEPT])

    def pts(self, index: int) -> float | None:
        """At 30 a second."""
        return index / 30

    def reopen(self) -> Memory:
        """The same."""
        return self

    def close(self) -> None:
        """Nothing to do."""


def document(length: int) -> Document:
    """A target of 40 x 60 pixels that moves and grows in every frame, and regions."""
    rows = np.zeros(length, FRAME_DTYPE)
    t = np.arange(length)
    rows["box"] = np.stack(
        [100 + 60 * np.sin(t / 50), 150 + 40 * np.cos(t / 70), 40 + t % 5, 60 + t % 7], axis=1
    )
    rows["score"], rows["model"], rows["provenance"] = np.nan, -1, Provenance.MANUAL
    doc = Document(MediaRecord("memory", "images", "0" * 64, length, WIDTH, HEIGHT, "uint16", 1, 30.0))
    AddTrack(Track(1, "target", "#ffffff", (), Frames(rows))).apply(doc)
    return doc


def regions(doc: Document) -> dict[str, Subject]:
    """The regions that are measured, by name."""
    box = doc.track(1).frames.box(0)
    assert box is not None
    measure_target(doc, 1).apply(doc)
    head = Box(box.x + 10, box.y + 4, 14, 14)
    corners = ((head.x, head.y), (head.right, head.bottom))
    add_region(doc, Shape.ELLIPSE, corners, 1, box).apply(doc)
    add_region(doc, Shape.BOX, [(300, 200), (380, 280)]).apply(doc)
    add_region(doc, Shape.POLYGON, [(400, 100), (520, 140), (450, 260)]).apply(doc)
    add_region(doc, Shape.SPOT, [(50.5, 60.5)]).apply(doc)
    names = (
        "target 40 x 60, follows",
        "ellipse 14 x 14, follows",
        "box 80 x 80, fixed",
        "polygon, fixed",
        "spot",
    )
    return dict(zip(names, subjects(doc), strict=True))


def plain(
    source: Memory, wanted: list[Subject], frames: int, table: NDArray[np.float32]
) -> NDArray[np.float64]:
    """(frames, regions) means, by masks of whole frames; measures the other statistics as well."""
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    means = np.empty((frames, len(wanted)))
    for frame in range(frames):
        kelvin = table[source.frame(frame)]
        for number, each in enumerate(wanted):
            box = each.box(frame)
            outline = each.region.outline(box)
            assert outline is not None
            inside = kelvin[_mask(outline, x, y)]
            core = box or outline.bounds
            near = (np.abs(x - core.centre[0]) < core.width) & (np.abs(y - core.centre[1]) < core.height)
            around = kelvin[
                near & ~_mask(Outline(Shape.BOX, ((core.x, core.y), (core.right, core.bottom))), x, y)
            ]
            means[frame, number] = inside.mean(dtype=np.float64)
            _ = (
                inside.min(),
                inside.max(),
                inside.std(),
                np.percentile(inside, (5, 50, 95)),
                inside.argmax(),
            )
            _ = ((inside > THRESHOLD).sum(), around.mean() if around.size else 0)
    return means


def _mask(outline: Outline, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.bool_]:
    bounds = outline.bounds
    if outline.shape is Shape.ELLIPSE:
        (cx, cy), a, b = bounds.centre, bounds.width / 2, bounds.height / 2
        return np.asarray(((x - cx) / a) ** 2 + ((y - cy) / b) ** 2 <= 1)
    if outline.shape is not Shape.POLYGON:
        return np.asarray((x >= bounds.x) & (x < bounds.right) & (y >= bounds.y) & (y < bounds.bottom))
    inside = np.zeros(x.shape, np.bool_)
    for (x1, y1), (x2, y2) in zip(outline.points, (*outline.points[1:], outline.points[0]), strict=True):
        if y1 != y2:
            inside ^= ((y1 > y) != (y2 > y)) & (x < x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    return inside


def main() -> None:
    """Print a table."""
    frames = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    calibration, source = LinearCalibration(0.01), Memory(frames)
    named = regions(document(frames))
    table, method = temperature_table(calibration, 16), Method(calibration, THRESHOLD)
    few = min(frames, 40)
    print(f"{frames} frames of {WIDTH} x {HEIGHT}, 16 bits; plain numpy on {few} of them")
    print("| region | frames/s | plain frames/s | ratio | an hour at 30 a second |")
    print("|---|---|---|---|---|")
    for name, wanted in {
        **{name: [each] for name, each in named.items()},
        "all five": list(named.values()),
    }.items():
        begun = time.process_time()
        courses = finish(measure_clip(source, wanted, method))
        ours = frames / (time.process_time() - begun)
        begun = time.process_time()
        means = plain(source, wanted, few, table)
        theirs = few / (time.process_time() - begun)
        for number, course in enumerate(courses):
            np.testing.assert_allclose(course.column("mean")[:few], means[:, number], atol=1e-3)
        print(f"| {name} | {ours:,.0f} | {theirs:,.0f} | {ours / theirs:,.0f} | {HOUR / ours:,.0f} s |")


if __name__ == "__main__":
    main()
