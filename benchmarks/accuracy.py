"""One-pass evaluation of Thermark and OpenCV's trackers on clips with true boxes.

    OPENCV_LOG_LEVEL=ERROR .venv/bin/python benchmarks/accuracy.py ../shared/data/dev --peers ../shared/peers

Every clip is a folder with `img/` or one video, and `groundtruth.txt` (x,y,w,h per frame, 0-based). Each tracker starts
from the first true box and is never helped. Printed for each clip and as means over the clips: success AUC (21
thresholds 0, 0.05, ..., 1), precision at 20 px, success rate at IoU 0.5, and frames per second of the tracker's update
alone; all trackers use the same number of threads, run one after another on the same frames.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.evaluation.metrics import evaluate
from tracker.geometry import Box
from tracker.media import load_source
from tracker.media.opencv import cv2
from tracker.media.source import Counts, FrameSource
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import Normalisation

Boxes = NDArray[np.float64]
opencv: Any = cv2  # OpenCV's own type stubs leave its newer trackers out


class Follower(Protocol):
    """The least a tracker must do to be measured."""

    def init(self, frame: Counts, box: Box) -> object:
        """Learn the target."""

    def update(self, frame: Counts) -> Any:
        """Give an object with a `box`."""


@dataclass
class Found:
    """A box."""

    box: Box


class OpenCVFollower:
    """One of OpenCV's trackers, which want 8-bit BGR and whole pixels for the first box."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def init(self, frame: Counts, box: Box) -> None:
        """Learn the target."""
        self._tracker, self._box = self._make(), box
        self._tracker.init(bgr(frame), tuple(round(value) for value in box.as_tuple()))

    def update(self, frame: Counts) -> Found:
        """The found box, or the last one where OpenCV reports a failure."""
        is_found, box = self._tracker.update(bgr(frame))
        self._box = Box(*map(float, box)) if is_found else self._box
        return Found(self._box)


def bgr(counts: Counts) -> NDArray[np.uint8]:
    """8-bit counts as OpenCV's trackers want them."""
    code = cv2.COLOR_GRAY2BGR if counts.ndim == 2 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(counts, code), np.uint8)


def nano(peers: Path) -> Any:
    """OpenCV's TrackerNano with the NanoTrack v2 models."""
    parameters = opencv.TrackerNano_Params()
    parameters.backbone = str(peers / "nanotrack_v2" / "backbone.onnx")
    parameters.neckhead = str(peers / "nanotrack_v2" / "head.onnx")
    return opencv.TrackerNano_create(parameters)


def vit(peers: Path) -> Any:
    """OpenCV's TrackerVit."""
    parameters = opencv.TrackerVit_Params()
    parameters.net = str(peers / "vittrack.onnx")
    return opencv.TrackerVit_create(parameters)


def followers(
    models: list[str], peers: Path | None, threads: int
) -> dict[str, Callable[[FrameSource], Follower]]:
    """Makers of the trackers to compare, by name."""
    table: dict[str, Callable[[FrameSource], Follower]] = {}
    for model in models:
        name = f"thermark {Path(model).stem}"
        table[name] = lambda source, model=model: (
            build_tracker(  # type: ignore[misc]
                model, device="cpu", threads=threads, normalisation=Normalisation.of(source)
            ).tracker
        )
    if peers is not None:
        table["cv TrackerNano"] = lambda _: OpenCVFollower(lambda: nano(peers))
        table["cv TrackerVit"] = lambda _: OpenCVFollower(lambda: vit(peers))
    return table


def read_truth(path: Path) -> Boxes:
    """(n, 4) boxes of a ground-truth file; commas, tabs or spaces."""
    lines = path.read_text(encoding="ascii").splitlines()
    return np.array(
        [[float(v) for v in re.split(r"[,\s]+", line.strip())[:4]] for line in lines if line.strip()]
    )


def media_of(folder: Path) -> Path:
    """The clip in a sequence's folder."""
    images = folder / "img"
    return (
        images
        if images.is_dir()
        else next(p for p in sorted(folder.iterdir()) if p.suffix in (".mp4", ".avi"))
    )


def follow(
    follower: Follower, source: FrameSource, truth: Boxes, shift: tuple[float, float]
) -> tuple[Boxes, float]:
    """Boxes of all frames that have a true one, and updates per second."""
    first = truth[0].copy()
    first[:2] += shift
    follower.init(source.frame(0), Box(*first))
    boxes, busy = [first], 0.0
    for index in range(1, len(truth)):
        counts = source.frame(index)
        begun = time.perf_counter()
        box = follower.update(counts).box
        busy += time.perf_counter() - begun
        boxes.append(np.array(box.as_tuple()))
    return np.stack(boxes), (len(truth) - 1) / busy


def measure(
    folder: Path, make: Callable[[FrameSource], Follower], args: argparse.Namespace
) -> dict[str, float]:
    """All figures of one tracker on one clip, means over the shifted first boxes."""
    truth = read_truth(folder / "groundtruth.txt")[: args.max_frames]
    source = load_source(media_of(folder))
    truth = truth[: len(source)]
    rows = []
    for shift in SHIFTS[: args.starts]:
        boxes, fps = follow(make(source), source, truth, shift)
        figures = evaluate(boxes, truth)
        rows.append([figures.success_auc, figures.precision_20, figures.success_rate_50, fps])
    source.close()
    return dict(zip(COLUMNS, np.mean(rows, axis=0).tolist(), strict=True))


SHIFTS = ((0.0, 0.0), (1.0, 0.0), (-1.0, 1.0), (0.0, -1.0), (1.0, 1.0))
COLUMNS = ("AUC", "P@20", "SR@.5", "fps")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path)
    parser.add_argument("--peers", type=Path, help="folder with nanotrack_v2/ and vittrack.onnx")
    parser.add_argument("--models", nargs="*", default=["default"])
    parser.add_argument("--only", nargs="*", help="names of clips")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--max-frames", type=int)
    parser.add_argument(
        "--starts", type=int, default=1, help="first boxes per clip, each moved by a pixel (up to 5)"
    )
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    cv2.setNumThreads(args.threads)
    folders = [f for f in sorted(args.clips.iterdir()) if (f / "groundtruth.txt").is_file()]
    folders = [f for f in folders if not args.only or f.name in args.only]
    table: dict[str, dict[str, dict[str, float]]] = {}
    for name, make in followers(args.models, args.peers, args.threads).items():
        table[name] = {}
        for folder in folders:
            table[name][folder.name] = measure(folder, make, args)
            show(name, folder.name, table[name][folder.name])
        mean = {c: float(np.mean([row[c] for row in table[name].values()])) for c in COLUMNS}
        table[name]["mean"] = mean
        show(name, "mean", mean)
    if args.json is not None:
        args.json.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")


def show(tracker: str, clip: str, row: dict[str, float]) -> None:
    """One line of the table."""
    figures = "  ".join(f"{row[c]:6.3f}" for c in COLUMNS[:3])
    print(f"{tracker:<18} {clip:<16} {figures}  {row['fps']:7.1f} fps", flush=True)


if __name__ == "__main__":
    main()
