"""How much work a person has with a clip: corrections, and what the review queue finds.

    .venv/bin/python benchmarks/labelling_economy.py ../shared/data/dev --peer-python peers/bin/python

First table, an annotator who knows the truth: starts from the true first box, watches, and draws the true box wherever
the IoU falls below 0.5. Corrections per 1,000 frames with Thermark, with the peers, and of linear interpolation between
the fewest key frames that reach IoU 0.5 everywhere (found by dynamic programming; the first one is not counted).

Second table, an annotator who does not: the tracker runs once, then the annotator looks at nothing but the frames
that the queue proposes, one after the other. A frame with IoU below 0.5 is corrected and tracked on from, to the next
anchor; the stretch of any other is accepted. Until so many frames are looked at (--looks, a share of the clip) or the
queue is empty:

  wrong   share of frames with IoU below 0.5 after the first run
  top 10% share of them that lies in the stretches of the first tenth of the queue's entries, at least one
  looked  frames looked at
  found   those of them that were wrong
  left    share of frames with IoU below 0.5 in the end
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import astuple
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.clips import Boxes, Clip, clip_folders, read_clip
from benchmarks.peers import PEERS, Peers
from tracker.annotation.evidence import SCORE_NAMES
from tracker.annotation.review import open_frames, queue
from tracker.annotation.track import Frames, FrameState, Provenance
from tracker.evaluation.labelling import CORRECTED_BELOW, has_box, label
from tracker.geometry import Box, iou
from tracker.jobs import finish
from tracker.media import load_source
from tracker.media.source import FrameSource
from tracker.tracking.build import build_tracker
from tracker.tracking.drift import DriftModel
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.record import frame_state
from tracker.tracking.run import FrameTracked, StopConditions, track
from tracker.tracking.track_risk import risk_of
from tracker.tracking.tracker import Tracker

Row = dict[str, float]
LINEAR = "linear interpolation"


def interpolated_corrections(truth: Boxes) -> int:
    """Fewest key frames after the first between which straight lines keep to IoU 0.5 everywhere.

    Args:
        truth: (n, 4); frames without a box are not judged and are no key frames.
    """
    frames = np.flatnonzero(has_box(truth))
    corners = np.hstack([truth[:, :2], truth[:, :2] + truth[:, 2:]])
    fewest = np.full(len(frames), np.inf)
    fewest[0] = 0
    for last in range(1, len(frames)):
        for first in range(last):
            if fewest[first] + 1 < fewest[last] and _line_holds(frames[first : last + 1], corners, truth):
                fewest[last] = fewest[first] + 1
    return int(fewest[-1])


def _line_holds(frames: NDArray[np.int64], corners: Boxes, truth: Boxes) -> bool:
    inner = frames[1:-1]
    share = ((inner - frames[0]) / (frames[-1] - frames[0]))[:, None]
    line = corners[frames[0]] * (1 - share) + corners[frames[-1]] * share
    boxes = np.hstack([line[:, :2], line[:, 2:] - line[:, :2]])
    return bool((iou(boxes, truth[inner]) >= CORRECTED_BELOW).all())


class Labelled:
    """A clip that is labelled with the tracker and the queue."""

    def __init__(self, clip: Clip, source: FrameSource, tracker: Tracker, model: DriftModel) -> None:
        self._clip, self._source, self._tracker, self._model = clip, source, tracker, model
        self.frames = Frames.empty(len(source))
        self._scores = np.full((len(source), len(SCORE_NAMES)), np.nan)
        self.correct(clip.start)

    def correct(self, frame: int) -> None:
        """Draw the true box of a frame, and track on from it to the next anchor."""
        box = Box(*self._clip.truth[frame - self._clip.start].tolist())
        self.frames.put(frame, FrameState(box, Provenance.MANUAL))
        anchors = frozenset(np.flatnonzero(self.frames.is_manual).tolist()) - {frame}
        run = track(self._source, self._tracker, frame, box, stop=StopConditions(anchors=anchors))
        finish(run, lambda event: self._keep(event, frame) if isinstance(event, FrameTracked) else None)

    def _keep(self, event: FrameTracked, start: int) -> None:
        self._scores[event.frame] = astuple(event.result.evidence.scores)
        if event.frame != start:
            self.frames.put(event.frame, frame_state(event.result))

    def risk(self) -> NDArray[np.float64]:
        """(n,) of every frame."""
        return risk_of(self.frames, self._scores, self._source.size, self._model)

    def wrong(self) -> NDArray[np.bool_]:
        """(n,) frames that have a true box which the track overlaps by less than one half."""
        truth = np.full((len(self.frames), 4), np.nan)
        truth[self._clip.start : self._clip.start + len(self._clip.truth)] = self._clip.truth
        overlap = np.nan_to_num(iou(self.frames.boxes, truth))
        return np.asarray(has_box(truth) & (overlap < CORRECTED_BELOW))


def reviewed(labelled: Labelled, most_looks: int) -> Row:
    """Go through the queue; see the module's text."""
    wrong = labelled.wrong()
    entries = queue(labelled.risk(), open_frames(labelled.frames))
    opened = np.zeros(len(wrong), np.bool_)
    for entry in entries[: math.ceil(len(entries) / 10)]:
        opened[entry.start : entry.stop] = True
    row = {"wrong": float(wrong.mean()), "wrong frames": float(wrong.sum())}
    row |= {"opened": float((wrong & opened).sum()), "opened frames": float(opened.sum())}
    looked = found = 0
    while looked < most_looks:
        entries = queue(labelled.risk(), open_frames(labelled.frames))
        if not entries:
            break
        looked += 1
        if labelled.wrong()[entries[0].frame]:
            found += 1
            labelled.correct(entries[0].frame)
        else:
            labelled.frames.reviewed[entries[0].start : entries[0].stop] = True
    return row | {"looked": looked, "found": found, "left": float(labelled.wrong().mean())}


def measure(folder: Path, args: argparse.Namespace, model: DriftModel) -> tuple[dict[str, float], Row]:
    """Corrections by title, and what the queue does, of one clip."""
    clip = read_clip(folder)
    source = load_source(clip.media)
    built = build_tracker(
        args.model, device="cpu", threads=args.threads, normalisation=Normalisation.of(source)
    )
    known = label(clip.frames(source), built.tracker, clip.truth)
    per_frame = 1000 / known.frames
    corrections = {
        f"thermark {args.model}": known.per_thousand,
        LINEAR: interpolated_corrections(clip.truth) * per_frame,
    }
    if args.peer_python is not None:
        peers = Peers(args.peer_python, args.peer_script, args.cache)
        corrections |= {name: peers.label(name, clip).per_thousand for name in args.peers}
    labelled = Labelled(clip, source, built.tracker, model)
    row = reviewed(labelled, math.ceil(args.looks * len(source)))
    source.close()
    return corrections, row


def parse() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("clips", type=Path, help="folder of sequences")
    parser.add_argument("--names", nargs="+", metavar="NAME")
    parser.add_argument("--model", default="default")
    parser.add_argument("--peers", nargs="*", default=list(PEERS[:2]), metavar="NAME")
    parser.add_argument("--peer-python", type=Path, help="python of the peers' environment; see accuracy.py")
    parser.add_argument("--peer-script", type=Path, default=Path("../shared/peers/run_peer.py"))
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--looks", type=float, default=0.05, help="share of the frames looked at, at most")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write all figures there")
    return parser.parse_args()


def main() -> int:
    """Measure and print both tables."""
    args, model = parse(), DriftModel.load()
    corrections: dict[str, dict[str, float]] = {}
    rows: dict[str, Row] = {}
    for folder in clip_folders(args.clips, args.names):
        corrections[folder.name], rows[folder.name] = measure(folder, args, model)
        cells = "  ".join(f"{title} {value:.1f}" for title, value in corrections[folder.name].items())
        print(f"{folder.name:<16} corrections per 1,000 frames: {cells}", flush=True)
        row = rows[folder.name]
        share = row["opened"] / row["wrong frames"] if row["wrong frames"] else math.nan
        print(
            f"{'':<16} wrong {row['wrong']:.3f}  top 10% {share:.2f} (opens {row['opened frames']:.0f} frames)"
            f"  looked {row['looked']:.0f}  found {row['found']:.0f}  left {row['left']:.3f}",
            flush=True,
        )
    titles = next(iter(corrections.values()))
    for title in titles:
        print(f"{title:<24} {np.mean([each[title] for each in corrections.values()]):6.1f}")
    total = {key: sum(row[key] for row in rows.values()) for key in next(iter(rows.values()))}
    share = total["opened"] / total["wrong frames"] if total["wrong frames"] else math.nan
    print(
        f"all clips: wrong {total['wrong'] / len(rows):.3f}, of which in the top 10% of the queues {share:.2f}; "
        f"looked at {total['looked']:.0f}, found {total['found']:.0f}, left {total['left'] / len(rows):.3f}"
    )
    if args.json is not None:
        args.json.write_text(
            json.dumps({"corrections": corrections, "queue": rows}, indent=1) + "\n", "utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
