"""Tracking across changes of gain and offset and across a freeze of 1.5 s, with and without heeding the sensor.

    .venv/bin/python benchmarks/sensor_events.py --cptv ../shared/data/media ../shared/data/dev --json found.json

Rendered scenes (14 bits, fixed seeds, no events of their own) and real CPTV recordings with true boxes are tracked with
an event put into their counts: jumps by a gain about the clip's mean and an offset in shares of the clip's span, and a
freeze as of a flat-field correction, after which counts have moved and the fixed pattern is another one. The freeze is
met by runs backwards, too: of the same scenes, in which a run comes to the same things in the same order. A target is
kept where at least half of the judged frames after the event overlap their true box by more than one half. Only clips
in which 80 % of them do so without any event count. The recording "hedgehog" has a real correction of
1.6 s without frames, which is judged as it is.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box, iou
from tracker.media import load_source
from tracker.opencv import cv2
from tracker.tracking.build import build_tracker
from tracker.tracking.normalisation import PERCENTILES, Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.run import Direction, FrameTracked, StopConditions, track
from tracker.training.rendering import Scene, random_scene

Counts = NDArray[np.uint16]
Boxes = NDArray[np.float64]

SEEDS = (1, 4, 5, 6, 10, 11, 17, 20, 21, 23, 24, 29, 30, 35, 40, 42)
"""Scenes whose target is visible before and after the events; found by trying seeds in order, before any tracking."""

LENGTH, FIRST, AT, FPS = 110, 20, 20, 25.0
FREEZE_S, JUDGED, SETTLING = 1.5, 20, 3
FULL_SCALE = 65535

KEPT, TRACKABLE = 0.5, 0.8
"""Share of the judged frames with an IoU above one half: for a target to be kept, and for a clip to count."""


@dataclass(frozen=True)
class Sequence_:
    """A clip with true boxes: (n, H, W) counts, (n, 4) boxes, NaN where hidden, its frame rate and where events go.

    Frames are in the order in which a run comes to them, which may be that of a run backwards.
    """

    name: str
    counts: Counts
    truth: Boxes
    fps: float
    at: int
    is_backward: bool = False


@dataclass(frozen=True)
class Jump:
    """Counts about their mean by a gain, and an offset in shares of the span."""

    gain: float
    offset: float

    @property
    def name(self) -> str:
        """For the table."""
        return f"jump: gain {self.gain:g}, offset {self.offset:+g} span"


JUMPS = tuple(Jump(*each) for each in ((0.6, 0), (1.6, 0), (0.7, 0.5), (1, 1), (1, -1)))
EXCURSION = Jump(1, 1)
"""One that is too short for the range of the clip, which is then that of the counts before it."""


def rendered(seed: int) -> Sequence_:
    """A random scene without events of its own."""
    config = random_scene(np.random.default_rng([77, seed]), (320, 256), LENGTH, FPS)
    scene = Scene(replace(config, sensor=replace(config.sensor, jumps=(), shutters=())))
    frames = list(scene)
    boxes = [frame.truths[0].box for frame in frames]
    truth = np.array([(np.nan,) * 4 if box is None else box.as_tuple() for box in boxes])
    counts = np.stack([frame.counts for frame in frames])
    return Sequence_(f"scene {seed}", counts[FIRST:], truth[FIRST:], FPS, AT)


@dataclass(frozen=True)
class Recording:
    """A CPTV recording: which frames show the target, and where among them events are put."""

    name: str
    first: int
    last: int
    at: tuple[int, ...]


RECORDINGS = (
    Recording("hedgehog", 31, 95, (12, 20, 28)),  # after its real correction
    Recording("small", 30, 74, (8, 14, 20)),
    Recording("possum", 44, 66, (6, 9, 12)),
)
REAL = Recording("hedgehog", 15, 60, (15,))


def recorded(media: Path, clip: Recording) -> list[Sequence_]:
    """A CPTV recording with boxes by background subtraction, once for each place of the events."""
    source = load_source(media / f"{clip.name}.cptv")
    counts = np.stack([source.frame(index).astype(np.uint16) for index in range(len(source))])
    source.close()
    truth = boxes_by_background(counts)[clip.first : clip.last + 1]
    part = counts[clip.first : clip.last + 1]
    return [Sequence_(f"{clip.name} at {at}", part, truth, 9.0, at) for at in clip.at]


def boxes_by_background(counts: Counts) -> Boxes:
    """(n, 4) box of the largest warm thing in each frame, NaN where there is none."""
    level = counts.astype(np.float32)
    level -= np.median(level, axis=(1, 2), keepdims=True)
    level -= np.median(level, axis=0)
    found = np.full((len(counts), 4), np.nan)
    for index, frame in enumerate(level):
        smooth = cv2.GaussianBlur(frame, (0, 0), 1.0)
        mask = (
            smooth > max(6 * 1.4826 * float(np.median(np.abs(smooth))), 0.25 * float(smooth.max()))
        ).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(cv2.dilate(mask, np.ones((3, 3), np.uint8)))
        if len(stats) > 1:
            x, y, width, height, area = stats[1:][stats[1:, 4].argmax()].tolist()
            if area >= 30:
                found[index] = (x + 1, y + 1, max(width - 2, 1), max(height - 2, 1))
    return found


# Events ------------------------------------------------------------------------------------------------------------


def span_of(counts: Counts) -> tuple[float, float]:
    """Mean and span of a clip's counts, as the tracker's normalisation has it."""
    some = counts[:: max(len(counts) // 16, 1), ::4, ::4]
    low, high = np.percentile(some, PERCENTILES)
    return float(some.mean()), float(high - low)


def jumped(clip: Sequence_, jump: Jump) -> Sequence_:
    """From the event's frame on, the sensor answers otherwise."""
    mean, span = span_of(clip.counts)
    return replace(clip, counts=_jumped(clip.counts, clip.at, jump, mean, span))


def _jumped(counts: Counts, at: int, jump: Jump, mean: float, span: float) -> Counts:
    after = (counts[at:].astype(np.float64) - mean) * jump.gain + mean + jump.offset * span
    lift = max(0.0, -after.min())  # counts below 0 would be lost, as in no camera
    both = np.concatenate((counts[:at] + lift, after + lift))
    return np.asarray(np.clip(np.rint(both), 0, FULL_SCALE), np.uint16)


AFTER_FREEZE = Jump(1.05, -0.15)
"""What a correction leaves behind, about as in the recording "hedgehog"."""


def noise_of(counts: Counts) -> float:
    """Standard deviation of a pixel from frame to frame, in counts."""
    change = np.diff(counts[:8].astype(np.float64), axis=0)
    return float(np.median(np.abs(change)) / (0.6745 * 2**0.5))


def calm_of(clip: Sequence_, changed: Sequence_) -> Sequence_:
    """A clip as it is, lifted as one made of it was."""
    lift = int(changed.counts[0, 0, 0]) - int(clip.counts[0, 0, 0])
    return replace(clip, counts=np.asarray(clip.counts + lift, np.uint16))


def frozen(clip: Sequence_, seconds: float = FREEZE_S) -> Sequence_:
    """The picture stands still; then counts have moved and there is another fixed pattern, as strong as the noise."""
    rng, count = np.random.default_rng(clip.at), round(seconds * clip.fps)
    mean, span = span_of(clip.counts)
    counts = _jumped(clip.counts, clip.at + count, AFTER_FREEZE, mean, span).astype(np.float64)
    pattern = rng.standard_normal(counts.shape[1:]) + rng.standard_normal((1, counts.shape[2]))
    counts[clip.at + count :] += pattern * noise_of(clip.counts)
    counts[clip.at : clip.at + count] = counts[clip.at - 1]
    return replace(clip, counts=np.clip(np.rint(counts), 0, FULL_SCALE).astype(np.uint16))


def frozen_backwards(clip: Sequence_) -> tuple[Sequence_, Sequence_]:
    """A run backwards through the same scene, with a freeze and without: it meets the freeze from its far side."""
    length, count = len(clip.counts), round(FREEZE_S * clip.fps)
    as_filmed = replace(
        clip, counts=clip.counts[::-1], truth=clip.truth[::-1], at=length - clip.at - count, is_backward=True
    )
    made = frozen(as_filmed)
    both = [
        replace(clip, counts=each.counts[::-1], is_backward=True) for each in (made, calm_of(as_filmed, made))
    ]
    return both[0], both[1]


# Measuring ---------------------------------------------------------------------------------------------------------


class Frames:
    """What `Normalisation.of` and a run ask for."""

    bad_frames: tuple[int, ...] = ()

    def __init__(self, counts: Counts) -> None:
        self._counts, self.dtype = counts, counts.dtype
        self.size = counts.shape[2], counts.shape[1]

    def __len__(self) -> int:
        return len(self._counts)

    def frame(self, index: int) -> Counts:
        """One frame."""
        counts: Counts = self._counts[index]
        return counts


def followed(tracker: OnlineTracker, clip: Sequence_, until: int) -> Boxes:
    """(until, 4) boxes of a run from the clip's first frame."""
    first, most = Box(*clip.truth[0].tolist()), StopConditions(max_frames=until - 1)
    counts, start = (clip.counts[::-1], len(clip.counts) - 1) if clip.is_backward else (clip.counts, 0)
    direction = Direction.BACKWARD if clip.is_backward else Direction.FORWARD
    run = track(Frames(counts), tracker, start, first, direction, most)  # type: ignore[arg-type]  # see `Frames`
    return np.array([event.result.box.as_tuple() for event in run if isinstance(event, FrameTracked)])


def overlap(boxes: Boxes, truth: Boxes) -> NDArray[np.float64]:
    """(k,) IoU where there is a true box."""
    known = np.isfinite(truth[:, 0])
    return np.asarray(iou(boxes[known], truth[known]), np.float64)


def judged(clip: Sequence_, after: int) -> slice:
    """The frames that tell whether the target is kept."""
    return slice(after + SETTLING, min(after + SETTLING + JUDGED, len(clip.counts)))


def share_kept(boxes: Boxes, clip: Sequence_, rows: slice) -> float:
    """Share of the judged frames that overlap their true box by more than one half."""
    found = overlap(boxes[rows], clip.truth[rows])
    return float((found > 0.5).mean()) if found.size else 0.0


def shares(base: OnlineTracker, case: Case) -> tuple[float, float]:
    """The same of runs that do not, and that do heed the sensor."""
    clip, rows = case.clip, case.rows
    without, with_ = (
        followed(tracker_of(base, case.range_of, heeds), clip, rows.stop) for heeds in (False, True)
    )
    return share_kept(without, clip, rows), share_kept(with_, clip, rows)


def tracker_of(base: OnlineTracker, clip: Sequence_, heeds: bool) -> OnlineTracker:
    """The default tracker with the clip's normalisation."""
    normalisation = Normalisation.of(Frames(clip.counts))  # type: ignore[arg-type]  # all that it asks for
    return OnlineTracker(base.model, normalisation, minds_sensor=heeds)


@dataclass(frozen=True)
class Case:
    """An event in a clip, the judged frames, the clip whose counts give the range, and the clip without the event."""

    event: str
    clip: Sequence_
    rows: slice
    range_of: Sequence_
    calm: Sequence_


def cases(clips: Sequence[Sequence_]) -> Iterator[tuple[Sequence_, list[Case]]]:
    """Each clip with all that is put into it; clips too short for a freeze go without."""
    for clip in clips:
        found = []
        for jump in JUMPS:
            made = jumped(clip, jump)
            found.append(Case(jump.name, made, judged(made, clip.at), made, calm_of(clip, made)))
        excursion = jumped(clip, EXCURSION)
        before = replace(excursion, counts=excursion.counts[: clip.at])
        rows = judged(excursion, clip.at)
        found.append(Case(f"{EXCURSION.name}, short", excursion, rows, before, calm_of(clip, excursion)))
        yield clip, [*found, *freezes(clip)]


def freezes(clip: Sequence_) -> Iterator[Case]:
    """A freeze met from either side: the frames after it, and the frozen ones, whose picture is another's."""
    after = clip.at + round(FREEZE_S * clip.fps)
    if after + SETTLING + 5 > len(clip.counts):
        return
    made = frozen(clip)
    for side, clips, picture in (
        ("", (made, calm_of(clip, made)), clip.at - 1),
        (", backwards", frozen_backwards(clip), after),
    ):
        freeze, calm = clips
        yield Case(f"freeze of {FREEZE_S:g} s{side}", freeze, judged(freeze, after), freeze, calm)
        truth = freeze.truth.copy()
        truth[clip.at : after] = truth[picture]
        held = replace(freeze, truth=truth)
        yield Case(f"frozen frames{side}", held, slice(clip.at, after), freeze, calm)


@dataclass(frozen=True)
class Row:
    """One case: shares of the judged frames in which the target is kept."""

    group: str
    event: str
    clip: str
    calm: float
    without: float
    heeding: float


def measure(base: OnlineTracker, group: str, clips: Sequence[Sequence_], wanted: str = "") -> list[Row]:
    """A row for each case that counts and has a text in its event's name."""
    rows: list[Row] = []
    for clip, each in cases(clips):
        for case in (case for case in each if wanted in case.event):
            # With the range of the case, which a jump may have made wide: it is the event that is judged.
            plain = followed(tracker_of(base, case.range_of, False), case.calm, case.rows.stop)
            calm = share_kept(plain, case.calm, case.rows)
            if calm < TRACKABLE:
                continue
            without, with_ = shares(base, case)
            rows.append(Row(group, case.event, clip.name, calm, without, with_))
            if min(without, with_) < KEPT:
                print(f"  {clip.name}, {case.event}: without {without:.2f}, with {with_:.2f}", flush=True)
    return rows


def show(rows: list[Row]) -> None:
    """The table."""
    print(f"{'clips':<10} {'event':<36} {'cases':>5} {'without':>9} {'with':>9}")
    names = dict.fromkeys((row.group, row.event) for row in rows)
    for group, event in names:
        some = [row for row in rows if (row.group, row.event) == (group, event)]
        without, with_ = ([row.without >= KEPT for row in some], [row.heeding >= KEPT for row in some])
        print(f"{group:<10} {event:<36} {len(some):5} {np.mean(without):9.1%} {np.mean(with_):9.1%}")


def cost(base: OnlineTracker, clip: Sequence_) -> float:
    """Milliseconds per frame that comparing frames takes."""
    tracker = tracker_of(base, clip, heeds=True)
    tracker.init(clip.counts[0], Box(*clip.truth[0].tolist()))
    begun = time.perf_counter()
    for counts in clip.counts[1:]:
        tracker.notice(counts)
    return 1000 * (time.perf_counter() - begun) / (len(clip.counts) - 1)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--scenes", type=int, default=len(SEEDS), help="rendered scenes")
    parser.add_argument("--cptv", type=Path, metavar="MEDIA", help="folder of the CPTV recordings")
    parser.add_argument("--events", default="", metavar="TEXT", help="only those with this in their name")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="write all cases there")
    args = parser.parse_args()
    base = build_tracker(device="cpu", threads=args.threads).tracker
    scenes = [rendered(seed) for seed in SEEDS[: args.scenes]]
    rows = measure(base, "rendered", scenes, args.events)
    if args.cptv is not None:
        rows += measure(
            base, "CPTV", [clip for each in RECORDINGS for clip in recorded(args.cptv, each)], args.events
        )
        (real,) = recorded(args.cptv, REAL)
        rows.append(
            Row(
                "CPTV",
                "real correction, 1.6 s",
                real.name,
                1.0,
                *shares(base, Case("", real, judged(real, real.at), real, real)),
            )
        )
    show(rows)
    if scenes:
        print(f"comparing frames of 320 x 256: {cost(base, scenes[0]):.2f} ms a frame")
    if args.json is not None:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
