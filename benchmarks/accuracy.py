"""Thermark and other trackers on clips with true boxes: accuracy, and the work left to an annotator.

    .venv/bin/python benchmarks/accuracy.py ../shared/data/dev --corrections --starts 3 --jobs 2
    .venv/bin/python benchmarks/accuracy.py ../shared/data/dev --peer-python peers/bin/python --cache peer-results

Every clip is a folder with `img/` or one video, and `groundtruth.txt` (x,y,w,h per frame, 0-based; nan where the target
is absent). Printed for each clip and as means over the clips:

  AUC     success AUC (21 thresholds 0, 0.05, ..., 1) of one unaided pass from the first box
  P@20    share of frames with a centre error of at most 20 px
  SR@.5   share of frames with IoU above 0.5
  C/1000  with --corrections: true boxes that `tracker.evaluation.labelling.label` had to draw per 1000 frames
  fps     updates per second, without reading frames and without the first frame

With --starts N all but C/1000 are means over N slightly different first boxes (`shifted_first_boxes`), scored against
the unshifted truth; the annotator draws true boxes only.

The peers run in an environment of their own, made with
    python3 -m venv peers
    peers/bin/pip install opencv-contrib-python-headless onnxruntime onnx dlib-bin numpy scipy
through `run_peer.py`, which decodes with OpenCV: of 16-bit images they see what that makes of them. What is in --cache
is not measured again. Only what --jobs 1 gives on an idle machine is a speed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.clips import Boxes, clip_folders, read_clip
from benchmarks.peers import PEERS, Peers
from tracker.errors import ThermarkError
from tracker.evaluation.labelling import (
    Follower,
    Found,
    Labelling,
    label,
    one_pass,
    shifted_first_boxes,
)
from tracker.evaluation.metrics import evaluate
from tracker.media import load_source
from tracker.media.source import Counts
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import Normalisation

Row = dict[str, float]
Results = dict[str, dict[str, Row]]

COLUMNS = {"AUC": "6.3f", "P@20": "6.3f", "SR@.5": "6.3f", "C/1000": "6.1f", "fps": "7.1f"}
MEAN = "mean"


@dataclass(frozen=True)
class Options:
    """What is measured, and how."""

    starts: int = 1
    corrections: bool = False
    threads: int = 2
    device: str = "cpu"
    max_frames: int | None = None


def figures(passes: list[Boxes], truth: Boxes) -> Row:
    """Accuracy, means over passes from different first boxes."""
    found = [evaluate(boxes, truth) for boxes in passes]
    return {
        "AUC": float(np.mean([each.success_auc for each in found])),
        "P@20": float(np.mean([each.precision_20 for each in found])),
        "SR@.5": float(np.mean([each.success_rate_50 for each in found])),
    }


def work(labelling: Labelling) -> Row:
    """What the annotator did."""
    return {
        "C/1000": labelling.per_thousand,
        "corrections": labelling.corrections,
        "frames": labelling.frames,
    }


# Thermark ----------------------------------------------------------------------------------------------------------


class Timed:
    """A follower whose updates are timed."""

    def __init__(self, follower: Follower) -> None:
        self._follower, self._busy, self._updates = follower, 0.0, 0
        self.init = follower.init

    def update(self, frame: Counts) -> Found:
        """Pass on."""
        begun = time.perf_counter()
        found = self._follower.update(frame)
        self._busy += time.perf_counter() - begun
        self._updates += 1
        return found

    @property
    def fps(self) -> float:
        """Updates per second."""
        return self._updates / max(self._busy, 1e-9)


def measure_thermark(model: str, folder: Path, options: Options) -> Row:
    """All figures of a model of Thermark on one clip."""
    clip = read_clip(folder, options.max_frames)
    source = load_source(clip.media)
    built = build_tracker(
        model, device=options.device, threads=options.threads, normalisation=Normalisation.of(source)
    )
    follower = Timed(built.tracker)
    with built.explained():
        firsts = shifted_first_boxes(clip.first_box, options.starts)
        row = figures([one_pass(clip.frames(source), follower, box) for box in firsts], clip.truth)
        row["fps"] = follower.fps
        if options.corrections:
            row |= work(label(clip.frames(source), built.tracker, clip.truth))
    source.close()
    return row


def thermark_rows(model: str, folders: list[Path], options: Options, jobs: int) -> Iterator[tuple[str, Row]]:
    """(clip, figures) of a model, in the order of the clips, `jobs` clips at a time."""
    if jobs == 1:
        yield from ((folder.name, measure_thermark(model, folder, options)) for folder in folders)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(measure_thermark, model, folder, options) for folder in folders]
        try:
            for folder, future in zip(folders, waiting, strict=True):
                yield folder.name, future.result()
        finally:
            pool.shutdown(cancel_futures=True)


def measure_peer(peers: Peers, name: str, folder: Path, options: Options) -> Row:
    """All figures of a peer on one clip."""
    clip = read_clip(folder, options.max_frames)
    firsts = shifted_first_boxes(clip.first_box, options.starts)
    passes = [peers.one_pass(name, clip, box) for box in firsts]
    row = figures([boxes for boxes, _ in passes], clip.truth)
    row["fps"] = float(np.mean([report["fps_update"] for _, report in passes]))
    if options.corrections:
        row |= work(peers.label(name, clip))
    return row


# Tables ------------------------------------------------------------------------------------------------------------


def tabulate(title: str, rows: Iterable[tuple[str, Row]]) -> dict[str, Row]:
    """Print the rows as they come, then their means; gives all of them by clip, the means as "mean"."""
    table: dict[str, Row] = {}
    for clip, row in rows:
        table[clip] = row
        show(title, clip, row)
    mean = {key: float(np.mean([row[key] for row in table.values()])) for key in next(iter(table.values()))}
    show(title, MEAN, mean)
    return table | {MEAN: mean}


def show(title: str, clip: str, row: Row) -> None:
    """One line of the table."""
    cells = "  ".join(f"{row[name]:{form}}" for name, form in COLUMNS.items() if name in row)
    print(f"{title:<20} {clip:<16} {cells}", flush=True)


def all_corrections(table: dict[str, Row]) -> float:
    """Corrections per 1000 frames, all clips taken as one."""
    rows = [row for clip, row in table.items() if clip != MEAN]
    return 1000 * sum(row["corrections"] for row in rows) / sum(row["frames"] for row in rows)


def conclude(results: Results, own: list[str], others: list[str]) -> None:
    """Print how Thermark's models stand against the best peer."""
    for title in own:
        print(_standing(results, title, others))
    if "corrections" not in results[own[0]][MEAN]:
        return
    rates = (f"{title} {all_corrections(results[title]):.1f}" for title in (*own, *others))
    print(f"corrections per 1000 frames, all clips taken as one: {', '.join(rates)}")


def _standing(results: Results, title: str, others: list[str]) -> str:
    auc = results[title][MEAN]["AUC"]
    if not others:
        return f"{title}: mean AUC {auc:.3f}"
    best = max(others, key=lambda name: results[name][MEAN]["AUC"])
    best_auc = results[best][MEAN]["AUC"]
    return (
        f"{title}: mean AUC {auc:.3f}, {auc - best_auc:+.3f} against the best peer ({best}, {best_auc:.3f})"
    )


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("folder", type=Path, help="folder of clips")
    add("--clips", nargs="+", metavar="NAME", help="only these")
    add("--models", nargs="*", default=["default"], help="default, mlssnet, or weights files; may be none")
    add("--peers", nargs="*", default=PEERS, metavar="NAME", help="names of run_peer.py --list")
    add("--peer-python", type=Path, help="python of the peers' environment; without it no peers are run")
    add("--peer-script", type=Path, default=Path("../shared/peers/run_peer.py"))
    add("--cache", type=Path, help="folder to keep the peers' results in")
    add("--starts", type=int, default=1, help="first boxes per clip (1 to 9)")
    add("--corrections", action="store_true", help="simulate an annotator too")
    add("--threads", type=int, default=2, help="per tracker")
    add("--jobs", type=int, default=1, help="clips at a time, Thermark only")
    add("--device", default="cpu", help="of Thermark's models")
    add("--max-frames", type=int)
    add("--json", type=Path, help="write all figures there")
    return parser.parse_args()


def measure_all(args: argparse.Namespace) -> tuple[Results, list[str], list[str]]:
    """All tables, with the names of Thermark's models and of the peers among them."""
    folders = clip_folders(args.folder, args.clips)
    if not folders:
        raise ThermarkError("there are no such clips with a groundtruth.txt.", where=args.folder)
    options = Options(args.starts, args.corrections, args.threads, args.device, args.max_frames)
    results: Results = {}
    names = list(args.peers) if args.peer_python is not None else []
    print(f"{'tracker':<20} {'clip':<16} {'  '.join(header(options))}")
    for name in names:
        peers = Peers(args.peer_python, args.peer_script, args.cache, args.threads)
        rows = ((folder.name, measure_peer(peers, name, folder, options)) for folder in folders)
        results[name] = tabulate(name, rows)
    for model in args.models:
        title = f"thermark {Path(model).stem}"
        title = f"thermark {model}" if title in results else title
        results[title] = tabulate(title, thermark_rows(model, folders, options, args.jobs))
    return results, [title for title in results if title not in names], names


def header(options: Options) -> list[str]:
    """Names of the columns, as wide as they are."""
    shown = [name for name in COLUMNS if options.corrections or name != "C/1000"]
    return [f"{name:>{COLUMNS[name].partition('.')[0]}}" for name in shown]


def main() -> int:
    """Measure and print."""
    args = parse()
    try:
        results, own, others = measure_all(args)
    except ThermarkError as error:
        print(f"accuracy: {error.message}", file=sys.stderr)
        return 2
    if own:
        conclude(results, own, others)
    if args.json is not None:
        args.json.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
