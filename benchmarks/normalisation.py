"""From counts to the network's input: what the choice of the range does to tracking.

    .venv/bin/python benchmarks/normalisation.py ../shared/data/dev --cptv ../shared/data/media --json found.json

One unaided pass from the first true box, as in `accuracy.py`, for each clip and each way:

  given      8-bit counts as they are; 16-bit counts from the least to the greatest of the clip
  clip       percentiles (0.1, 99.9) over frames spread through the clip
  region     percentiles (1, 99) of the search region, anew in each frame
  smoothed   the same, following slowly (a twentieth of the way in each frame)

The CPTV recordings are 16-bit; "hedgehog" has the boxes of its 8-bit copy among the development clips, whose first
frame is frame 15 of the recording (their pictures correlate by 0.998), the others boxes by background subtraction.
Sensor events are not heeded, so that the range alone makes the difference.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.clips import Boxes, clip_folders, read_clip, read_truth
from benchmarks.sensor_events import SEEDS, boxes_by_background, rendered
from tracker.evaluation.labelling import one_pass
from tracker.evaluation.metrics import evaluate
from tracker.geometry import Box
from tracker.media import load_source
from tracker.media.source import Counts
from tracker.tracking.build import build_tracker
from tracker.tracking.crop import square_around
from tracker.tracking.normalisation import PERCENTILES, Normalisation, to_gray
from tracker.tracking.online import OnlineTracker
from tracker.tracking.similarity_model import SimilarityModel, View
from tracker.tracking.tracker import Result

WAYS = ("given", "clip", "region", "smoothed")
REGION_PERCENTILES = (1.0, 99.0)
LEAST_SPAN = 8.0
FOLLOW = {"region": 1.0, "smoothed": 0.05}

HEDGEHOG_FIRST = 15
BY_BACKGROUND = {"small": (30, 74), "possum": (44, 66)}


@dataclass(frozen=True)
class Sequence_:
    """Frames with true boxes."""

    group: str
    name: str
    frames: list[Counts]
    truth: Boxes


class RegionTracker(OnlineTracker):
    """Normalises each frame by what lies in the search region."""

    def __init__(self, model: SimilarityModel, follow: float) -> None:
        super().__init__(model, minds_sensor=False)
        self._follow, self._span = follow, (0.0, 0.0)

    def init(self, frame: Counts, box: Box) -> Result:
        """Measure the range around the first box."""
        self._box = box
        self._span = self._around(frame)
        return super().init(frame, box)

    def view(self, frame: Counts) -> View:
        """By the range as it is by now."""
        now = self._around(frame)
        low, high = (old + self._follow * (new - old) for old, new in zip(self._span, now, strict=True))
        self._span = low, high
        image = Normalisation(low, max(high, low + LEAST_SPAN)).apply(frame)
        return View(image, self._model.config, self._model.device)

    def _around(self, frame: Counts) -> tuple[float, float]:
        assert self._box is not None
        region = square_around(self._box.centre, self._model.region_side(self._box))
        gray = to_gray(frame)
        height, width = gray.shape
        rows = slice(max(int(region.y), 0), min(max(int(region.bottom), 1), height))
        columns = slice(max(int(region.x), 0), min(max(int(region.right), 1), width))
        part = gray[rows, columns]
        low, high = np.percentile(np.asarray(part if part.size else gray, np.float32), REGION_PERCENTILES)
        return float(low), float(high)


def tracker_of(base: OnlineTracker, way: str, frames: list[Counts]) -> OnlineTracker:
    """The default tracker with one way of normalising."""
    if way in FOLLOW:
        return RegionTracker(base.model, FOLLOW[way])
    return OnlineTracker(base.model, _fixed(way, frames), minds_sensor=False)


def _fixed(way: str, frames: list[Counts]) -> Normalisation:
    """One range for the whole clip."""
    if way == "given" and frames[0].dtype == np.uint8:
        return Normalisation()
    some = [frames[index] for index in np.unique(np.linspace(0, len(frames) - 1, 16).astype(int))]
    values = np.concatenate([to_gray(frame)[::4, ::4].ravel() for frame in some])
    ends = (0.0, 100.0) if way == "given" else PERCENTILES
    low, high = (float(value) for value in np.percentile(values, ends))
    return Normalisation(low, max(high, low + 1.0))


def development(folder: Path) -> Iterable[Sequence_]:
    """The 8-bit clips."""
    for each in clip_folders(folder, None):
        clip = read_clip(each)
        source = load_source(clip.media)
        yield Sequence_("8-bit", clip.name, list(clip.frames(source)), clip.truth)
        source.close()


def recordings(media: Path, dev: Path) -> Iterable[Sequence_]:
    """The 16-bit recordings."""
    for name in ("hedgehog", *BY_BACKGROUND):
        source = load_source(media / f"{name}.cptv")
        frames: list[Counts] = [source.frame(index) for index in range(len(source))]
        source.close()
        if name == "hedgehog":
            truth, first = read_truth(dev / name / "groundtruth.txt"), HEDGEHOG_FIRST
        else:
            first, last = BY_BACKGROUND[name]
            truth = boxes_by_background(np.stack(frames))[first : last + 1]
        yield Sequence_("CPTV 16-bit", name, frames[first : first + len(truth)], truth)


def scenes(count: int) -> Iterable[Sequence_]:
    """Rendered 14-bit scenes."""
    for seed in SEEDS[:count]:
        clip = rendered(seed)
        yield Sequence_("rendered 14-bit", clip.name, list(clip.counts), clip.truth)


def measure(base: OnlineTracker, clip: Sequence_, way: str) -> dict[str, object]:
    """Accuracy on one clip."""
    tracker = tracker_of(base, way, clip.frames)
    found = evaluate(one_pass(clip.frames, tracker, Box(*clip.truth[0].tolist())), clip.truth)
    figures = {"AUC": found.success_auc, "P@20": found.precision_20, "SR": found.success_rate_50}
    print(
        f"{clip.group:<16} {clip.name:<16} {way:<10} " + "  ".join(f"{v:6.3f}" for v in figures.values()),
        flush=True,
    )
    return {"group": clip.group, "clip": clip.name, "way": way, **figures}


def show(rows: list[dict[str, object]]) -> None:
    """Means over the clips of each group."""
    for group in dict.fromkeys(row["group"] for row in rows):
        for way in dict.fromkeys(row["way"] for row in rows):
            some = [row for row in rows if (row["group"], row["way"]) == (group, way)]
            means = [np.mean([float(str(row[key])) for row in some]) for key in ("AUC", "P@20", "SR")]
            print(
                f"{group:<16} {len(some):2} clips         {way:<10} " + "  ".join(f"{v:6.3f}" for v in means)
            )


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="folder of the development clips")
    parser.add_argument("--cptv", type=Path, metavar="MEDIA", help="folder of the CPTV recordings")
    parser.add_argument("--scenes", type=int, default=0, help="rendered scenes besides")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS, help="only these")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write all figures there")
    args = parser.parse_args()
    base = build_tracker(device="cpu", threads=args.threads).tracker
    clips = [*development(args.folder)]
    clips += [] if args.cptv is None else recordings(args.cptv, args.folder)
    clips += scenes(args.scenes)
    rows = [measure(base, clip, way) for clip in clips for way in args.ways]
    show(rows)
    if args.json is not None:
        args.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
