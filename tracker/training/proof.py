"""Whether fine-tuning has helped: clips that were not learned from, tracked with the weights before and after.

Only numbers, boxes and files here: nothing of this loads torch, so that the window can show a proof that was saved.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from tracker.errors import ThermarkError
from tracker.evaluation.labelling import (
    CORRECTED_BELOW,
    Follower,
    Steps,
    has_box,
    label_steps,
    one_pass_steps,
    shifted_first_boxes,
)
from tracker.evaluation.metrics import evaluate
from tracker.geometry import Box, iou
from tracker.jobs import Job, ProgressMeter
from tracker.media.source import Counts
from tracker.training.clips import Clip

PROOF_FILE, PICTURE_FILE = "proof.json", "proof.png"
WIDEST_HOLE = 10
"""Frames: over a wider hole between trusted boxes the tracker starts anew, since nobody knows what lies there."""

MOST_FRAMES = 600
"""Frames of a clip that are tracked for its proof."""

STARTS = 3
"""First boxes that a clip is tracked from: of small targets a single run says little."""

Boxes = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Scores:
    """How well a clip was tracked.

    Attributes:
        frames: Frames with a true box.
        success_auc: Of passes without help, the mean over a few slightly different first boxes.
        precision_20: Of the same.
        success_rate_50: Of the same.
        corrections: For each 1000 frames, with an annotator who corrects.
    """

    frames: int
    success_auc: float
    precision_20: float
    success_rate_50: float
    corrections: float


@dataclass(frozen=True)
class ClipProof:
    """A clip that was kept back, before and after."""

    name: str
    before: Scores
    after: Scores

    def text(self) -> str:
        """One line for the user."""
        old, new = self.before, self.after
        return (
            f"{self.name}: success AUC {old.success_auc:.3f} -> {new.success_auc:.3f}, "
            f"precision {old.precision_20:.3f} -> {new.precision_20:.3f}, "
            f"success rate at 0.5 {old.success_rate_50:.3f} -> {new.success_rate_50:.3f}, "
            f"corrections per 1000 {old.corrections:.1f} -> {new.corrections:.1f}"
        )


@dataclass(frozen=True)
class Proof:
    """What fine-tuning has done to clips that were kept back.

    Attributes:
        base: Name or path of the model it began with.
        base_digest: Of that model's weights.
        weights: The tuned weights.
        digest: Of them.
        clips: One for each clip kept back, at least one.
        trained_on: Names of the clips it has learned from.
        sources: Projects and folders they come from.
        steps: Optimiser steps.
        seconds: What the training took.
        seed: Of everything random.
        command: That makes the same again.
        device: Where it was trained.
        picture: Boxes before and after, side by side; None where none was made.
    """

    base: str
    base_digest: str
    weights: Path
    digest: str
    clips: tuple[ClipProof, ...]
    trained_on: tuple[str, ...]
    sources: tuple[str, ...]
    steps: int
    seconds: float
    seed: int
    command: str
    device: str
    picture: Path | None = None

    @property
    def before(self) -> Scores:
        """Means over the clips."""
        return mean_scores([clip.before for clip in self.clips])

    @property
    def after(self) -> Scores:
        """Means over the clips."""
        return mean_scores([clip.after for clip in self.clips])

    @property
    def faults(self) -> tuple[str, ...]:
        """What got worse, as sentences; empty where the new weights may be used."""
        before, after = self.before, self.after
        said = []
        if after.success_auc < before.success_auc:
            said.append(f"Success AUC fell from {before.success_auc:.3f} to {after.success_auc:.3f}.")
        if after.corrections > before.corrections:
            said.append(
                f"Corrections per 1,000 frames rose from {before.corrections:.1f} to {after.corrections:.1f}."
            )
        return tuple(said)

    @property
    def is_accepted(self) -> bool:
        """Whether nothing got worse."""
        return not self.faults

    def verdict(self) -> str:
        """For the user."""
        if self.faults:
            return f"Refused: on the clips kept back it got worse. {' '.join(self.faults)}"
        before, after = self.before, self.after
        return (
            f"Success AUC {before.success_auc:.3f} → {after.success_auc:.3f}, corrections per 1,000 frames "
            f"{before.corrections:.1f} → {after.corrections:.1f} on the clips kept back."
        )

    def card(self) -> dict[str, str]:
        """The model card's part about this training."""
        return {
            "base model": f"{self.base} ({self.base_digest})",
            "training data": "; ".join(self.sources),
            "trained on": ", ".join(self.trained_on),
            "kept back": ", ".join(clip.name for clip in self.clips),
            "command": self.command,
            "seed": str(self.seed),
            "steps": str(self.steps),
            "time": f"{self.seconds:.0f} s on {self.device}",
            "before": _scores_text(self.before),
            "after": _scores_text(self.after),
        }


def _scores_text(scores: Scores) -> str:
    return (
        f"success AUC {scores.success_auc:.3f}, precision at 20 px {scores.precision_20:.3f}, "
        f"success rate at 0.5 {scores.success_rate_50:.3f}, corrections per 1000 frames {scores.corrections:.1f}"
    )


def mean_scores(scores: list[Scores], frames: int | None = None) -> Scores:
    """Means, every one counting the same; the frames are added up where not given."""
    columns = {
        name: float(np.mean([getattr(each, name) for each in scores]))
        for name in ("success_auc", "precision_20", "success_rate_50", "corrections")
    }
    return Scores(frames=sum(each.frames for each in scores) if frames is None else frames, **columns)


def save_proof(proof: Proof, folder: Path) -> Path:
    """Write a proof beside its weights.

    Raises:
        ThermarkError: It cannot be written.
    """
    path = folder / PROOF_FILE
    values = {**asdict(proof), "accepted": proof.is_accepted, "verdict": proof.verdict()}
    try:
        path.write_text(json.dumps(values, indent=2, default=str) + "\n", encoding="utf-8")
    except OSError as error:
        raise ThermarkError(f"the proof cannot be written ({error.strerror}).", where=path) from error
    return path


def load_proof(path: Path) -> Proof:
    """The opposite of `save_proof`.

    Raises:
        ThermarkError: It is no proof, or cannot be read.
    """
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        known = {name: values[name] for name in Proof.__dataclass_fields__}
        return TypeAdapter(Proof).validate_python(known)
    except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
        raise ThermarkError("this is no proof of a fine-tuning, or it is damaged.", where=path) from error


@dataclass(frozen=True)
class Stretch:
    """Frames of a clip that can be tracked through, and the true boxes of one target in them.

    Attributes:
        clip: The clip.
        frames: (n,) positions in it, n > 1, ascending; the first has a box.
        truth: (n, 4) true boxes; NaN where none is known.
    """

    clip: Clip
    frames: NDArray[np.int64]
    truth: Boxes

    @property
    def first_box(self) -> Box:
        """Where the target is in the first frame."""
        return Box(*self.truth[0].tolist())


def stretches(clip: Clip, most_frames: int = MOST_FRAMES) -> list[Stretch]:
    """What of a clip can be tracked through, one target after the other, up to a number of frames in all."""
    found: list[Stretch] = []
    for target, boxes in enumerate(clip.targets):
        usable = clip.usable(target)
        breaks = np.flatnonzero(np.diff(clip.times[usable]) > WIDEST_HOLE) + 1
        for part in np.split(usable, breaks):
            left = most_frames - sum(len(stretch.frames) for stretch in found)
            if len(part) and min(part[-1] - part[0] + 1, left) > 1:
                frames = np.arange(part[0], min(part[-1] + 1, part[0] + left))
                found.append(Stretch(clip, frames, np.asarray(boxes[frames], np.float64)))
    return found


@dataclass
class ClipResult:
    """A clip tracked with one model.

    Attributes:
        name: Of the clip.
        stretches: What was tracked.
        passes: For each stretch the (n, 4) boxes of passes without help: from the true first box, then from slightly
            misplaced ones.
        corrections: In all of them.
    """

    name: str
    stretches: list[Stretch]
    passes: list[list[Boxes]] = field(default_factory=list)
    corrections: int = 0

    @property
    def boxes(self) -> list[Boxes]:
        """For each stretch those from the true first box."""
        return [passes[0] for passes in self.passes]

    def scores(self) -> Scores:
        """All its frames taken together, means over the first boxes."""
        truth = np.concatenate([part.truth for part in self.stretches])
        found = [evaluate(np.concatenate(each), truth) for each in zip(*self.passes, strict=True)]
        return mean_scores(
            [
                Scores(
                    each.frames,
                    each.success_auc,
                    each.precision_20,
                    each.success_rate_50,
                    1000 * self.corrections / each.frames,
                )
                for each in found
            ],
            frames=found[0].frames,
        )


def tracked(clip: Clip, follower: Follower, stage: str) -> Job[ClipResult]:
    """Track a clip's stretches without help from several first boxes, and once with an annotator who corrects.

    Args:
        clip: With at least one stretch.
        follower: Any tracker.
        stage: For the progress.
    """
    result = ClipResult(clip.name, stretches(clip))
    meter = ProgressMeter(stage, STARTS * sum(len(stretch.frames) for stretch in result.stretches))
    done = 0
    for stretch in result.stretches:
        passes: list[Boxes] = []
        for first_box in shifted_first_boxes(stretch.first_box, STARTS):
            one_pass = one_pass_steps(_frames(stretch), follower, first_box)
            passes.append((yield from _with_progress(one_pass, meter, done)))
            done += len(stretch.frames)
        result.passes.append(passes)
        judged = has_box(stretch.truth)
        if (
            iou(passes[0][judged], stretch.truth[judged]) < CORRECTED_BELOW
        ).any():  # else nothing is corrected
            labelling = yield from _with_progress(
                label_steps(_frames(stretch), follower, stretch.truth), meter, done - len(stretch.frames)
            )
            result.corrections += labelling.corrections
    return result


def _frames(stretch: Stretch) -> Iterator[Counts]:
    return (stretch.clip.frames[index] for index in stretch.frames)


def _with_progress(steps: Steps[T], meter: ProgressMeter, before: int) -> Job[T]:
    """Frame by frame, so that it can be stopped between them."""
    while True:
        try:
            done = next(steps)
        except StopIteration as end:
            value: T = end.value
            return value
        if meter.due():
            yield meter.at(before + done)


def clip_proof(before: ClipResult, after: ClipResult) -> ClipProof:
    """Both results of one clip as numbers."""
    return ClipProof(before.name, before.scores(), after.scores())


def most_different(before: ClipResult, after: ClipResult, count: int) -> list[tuple[int, int]]:
    """Where the boxes of two results differ most, a tenth of the clip apart from one another.

    Returns:
        (stretch, position in it), at most `count`, in the clip's order.
    """
    places, gaps = [], []
    for number, (stretch, old, new) in enumerate(
        zip(before.stretches, before.boxes, after.boxes, strict=True)
    ):
        judged = np.flatnonzero(has_box(stretch.truth))
        places += [(number, int(place)) for place in judged]
        gaps += (1 - iou(old[judged], new[judged])).tolist()
    apart, chosen = max(len(places) // 10, 1), list[int]()
    for index in np.argsort(gaps)[::-1]:
        if all(abs(int(index) - other) >= apart for other in chosen):
            chosen.append(int(index))
        if len(chosen) == count:
            break
    return [places[index] for index in sorted(chosen)]
