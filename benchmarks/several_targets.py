"""Frames per second with several targets in one pass, beside the same targets one after the other.

    .venv/bin/python benchmarks/several_targets.py [--clip FOLDER] [--targets 1 2 4 8] [--repeats 3]

One clip (a folder as for accuracy.py; Thermark's sample clip where none is given). The first target is the true one;
the others are boxes of its size spread over the frame, which is what matters for the time. Both ways read the clip,
and both take turns within every repeat, so that what else the machine does falls on both. A frame counts once it is
done for all targets; the learning of the first frame is left out. Given are medians over the repeats:

  together    frames of the clip per second in one pass
  in turn     the same where each target is tracked in a pass of its own
  ratio       of the two; the median of the repeats' ratios
  share of reading   of the time of "together"
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np

from benchmarks.clips import Clip, read_clip
from resources import sample_boxes, sample_clip
from tracker.errors import ThermarkError
from tracker.geometry import Box
from tracker.jobs import Job
from tracker.media import load_source
from tracker.media.source import Counts, FrameSource
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.run import FrameTracked, StopConditions, track
from tracker.tracking.team import team_of
from tracker.tracking.together import Target, track_together


class TimedSource:
    """A clip that counts the seconds of its reading."""

    def __init__(self, source: FrameSource) -> None:
        self._source, self.read_s = source, 0.0
        self.size, self.bad_frames = source.size, source.bad_frames

    def __len__(self) -> int:
        return len(self._source)

    def frame(self, index: int) -> Counts:
        """A frame."""
        begun = time.perf_counter()
        counts = self._source.frame(index)
        self.read_s += time.perf_counter() - begun
        return counts


def spread(first: Box, size: tuple[int, int], count: int) -> Iterator[Box]:
    """The first box, and others of its size on a grid over the frame."""
    yield first
    side = int(np.ceil(np.sqrt(count)))
    for number in range(count - 1):
        row, column = divmod(number, side)
        centre = (column + 1) / (side + 1) * size[0], (row + 1) / (side + 1) * size[1]
        yield Box.from_centre(*centre, first.width, first.height)


def seconds(job: Job[Any], start: int) -> float:
    """Seconds from the end of the first frame to the end of a job."""
    begun = 0.0
    for event in job:
        if isinstance(event, FrameTracked) and event.frame == start:
            begun = time.perf_counter()
    return time.perf_counter() - begun


def measure(
    tracker: OnlineTracker, clip: Clip, source: FrameSource, count: int, frames: int
) -> dict[str, float]:
    """Frames per second both ways, and the share of reading."""
    stop = StopConditions(max_frames=frames)
    boxes = list(spread(clip.first_box, source.size, count))
    timed = TimedSource(source)
    clip_as_read = cast(FrameSource, timed)
    targets = [Target(number, clip.start, box, stop) for number, box in enumerate(boxes)]
    together_s = seconds(track_together(clip_as_read, team_of(tracker, count), targets), clip.start)
    share = timed.read_s / together_s
    in_turn_s = sum(
        seconds(track(clip_as_read, tracker, clip.start, box, stop=stop), clip.start) for box in boxes
    )
    rates = {"together": frames / together_s, "in turn": frames / in_turn_s}
    return {**rates, "ratio": in_turn_s / together_s, "share of reading": share}


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--clip", type=Path, help="folder with img/ or a video, and groundtruth.txt")
    add("--targets", type=int, nargs="*", default=(1, 2, 4, 8))
    add("--frames", type=int, default=48, help="tracked after the first, per repeat")
    add("--repeats", type=int, default=3)
    add("--model", default="default")
    add("--device", default="cpu")
    add("--threads", type=int, default=2)
    add("--json", type=Path, help="write all figures there")
    return parser.parse_args()


def measure_all(args: argparse.Namespace) -> dict[int, dict[str, float]]:
    """Print and give the medians, by number of targets."""
    clip = (
        read_clip(args.clip, args.frames + 1)
        if args.clip is not None
        else Clip("sample", sample_clip(), 0, sample_boxes())
    )
    source = load_source(clip.media)
    built = build_tracker(
        args.model, device=args.device, threads=args.threads, normalisation=Normalisation.of(source)
    )
    print(f"{args.model} on {built.device.name}; {clip.name} {source.size[0]}x{source.size[1]},", end=" ")
    print(f"{args.frames} frames, {args.repeats} repeats")
    found: dict[int, list[dict[str, float]]] = {count: [] for count in args.targets}
    measure(built.tracker, clip, source, 2, 8)  # what is made when first wanted
    for _ in range(args.repeats):
        for count, rows in found.items():
            rows.append(measure(built.tracker, clip, source, count, args.frames))
    medians = {
        count: {name: float(np.median([row[name] for row in rows])) for name in rows[0]}
        for count, rows in found.items()
    }
    print(f"{'targets':>8}" + "".join(f"{name:>18}" for name in next(iter(medians.values()))))
    for count, values in medians.items():
        print(f"{count:8d}" + "".join(f"{value:18.2f}" for value in values.values()))
    return medians


def main() -> int:
    """Measure and print."""
    args = parse()
    try:
        medians = measure_all(args)
    except ThermarkError as error:
        print(f"several_targets: {error.message}", file=sys.stderr)
        return 2
    if args.json is not None:
        args.json.write_text(json.dumps(medians, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
