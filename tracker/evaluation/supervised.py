"""VOT's supervised protocol: a tracker that has lost the target is started again, and failures are counted.

Kristan et al., "A Novel Performance Evaluation Methodology for Single-Target Trackers", TPAMI 2016, in the
conventions of vot-toolkit 0.9 (`vot.experiment.multirun`, `vot.analysis.supervised`):

- A frame fails when the overlap in pixels is at most `failure_overlap` (0). The tracker is started again,
  from the true box, `skip` (5) frames after the failure. A trajectory holds a region for each frame, or a
  code: 1 started, 2 failed, 0 not tracked.
- **Accuracy** of a run is the mean overlap without failed and untracked frames and without the first
  `burn_in` (10) frames from each start on; of a sequence the mean of its runs; of the set the mean over the
  sequences weighted by length.
- **Robustness** of a sequence is its number of failures per run; of the set the mean weighted by length, as
  the toolkit prints it. The sum of failures over the sequences, as in the challenges' reports, stands beside
  it.
- **EAO** (expected average overlap) at length j is the mean over all stretches between a start and a failure
  or the end of their mean overlap over frames 1 to j after the start; after a failure the overlap is 0 for
  ever, and a stretch that ended with its sequence counts only up to there. A stretch begins where the tracker
  was started; burn-in plays no part in it. The score is the mean of the curve over an interval of lengths,
  both ends included.

The interval belongs to a data set. VOT2015 and VOT2016 publish 108 to 371, VOT2017 100 to 356; the stacks of
the TIR challenges name none, and the toolkit of their time estimated it from the lengths of the sequences:
`estimated_interval`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.evaluation.vot_regions import FAILED, INITIALISED, UNKNOWN, Region, is_code, region_overlaps

Array = NDArray[np.float64]

INTERVAL_MASS = 0.5
"""Share of the sequences' lengths that the interval of an EAO score holds."""


@dataclass(frozen=True)
class SupervisedRules:
    """Settings of a VOT stack.

    Attributes:
        skip: Frames from a failure to the next start.
        burn_in: Frames from each start on that do not count for accuracy.
        failure_overlap: A frame with an overlap of at most this has failed.
        sensitivity: Length in frames that the robustness of the AR plot, exp(-sensitivity * failures /
            length), is about.
        interval: (low, high) lengths of the EAO score, both included; None to estimate them.
    """

    skip: int = 5
    burn_in: int = 10
    failure_overlap: float = 0.0
    sensitivity: float = 30.0
    interval: tuple[int, int] | None = None


@dataclass(frozen=True)
class Stretch:
    """What lies between a start and what ended it.

    Attributes:
        overlaps: (m,) the start frame, which counts 0, and those after it.
        failed: Whether a failure ended it; otherwise the end of the sequence.
    """

    overlaps: Array
    failed: bool


@dataclass(frozen=True)
class SupervisedScore:
    """A sequence's runs together.

    Attributes:
        length: Frames of the sequence.
        accuracy: Mean overlap; 0 where no frame counted.
        failures: Failures per run.
        stretches: Of all runs.
    """

    length: int
    accuracy: float
    failures: float
    stretches: tuple[Stretch, ...]


def score_supervised(
    runs: Sequence[Sequence[Region]],
    truth: Sequence[Region],
    frame_size: tuple[int, int] | None,
    rules: SupervisedRules | None = None,
) -> SupervisedScore:
    """Score the runs of one sequence.

    Args:
        runs: At least one trajectory with a region or code for each frame.
        truth: (n) true regions.
        frame_size: (width, height); pixels outside do not count.
        rules: Of the stack.

    Raises:
        ValueError: There is no run, or a length differs.
    """
    rules = rules or SupervisedRules()
    if not runs:
        raise ValueError("there is no run")
    accuracies, failures, stretches = [], 0, []
    for run in runs:
        overlaps = region_overlaps(list(run), list(truth), frame_size)
        counted = _counted(run, rules.burn_in)
        accuracies.append(float(overlaps[counted].mean()) if counted.any() else 0.0)
        failures += sum(is_code(region, FAILED) for region in run)
        stretches += _stretches(run, overlaps)
    return SupervisedScore(len(truth), float(np.mean(accuracies)), failures / len(runs), tuple(stretches))


def _counted(run: Sequence[Region], burn_in: int) -> NDArray[np.bool_]:
    counted = np.array([not (is_code(r, UNKNOWN) or is_code(r, FAILED)) for r in run], bool)
    for start in (i for i, region in enumerate(run) if is_code(region, INITIALISED)):
        counted[start : start + burn_in] = False
    return counted


def _stretches(run: Sequence[Region], overlaps: Array) -> list[Stretch]:
    starts = [i for i, region in enumerate(run) if is_code(region, INITIALISED)]
    ends = [i for i, region in enumerate(run) if is_code(region, FAILED)]
    if not ends:
        return [Stretch(overlaps, failed=False)]
    found = [Stretch(overlaps[start:end], failed=True) for start, end in zip(starts, ends, strict=False)]
    if len(starts) > len(ends):
        found.append(Stretch(overlaps[starts[-1] :], failed=False))
    return found


def mean_accuracy(scores: Sequence[SupervisedScore]) -> float:
    """Accuracy of a set: weighted by length."""
    return float(np.average([s.accuracy for s in scores], weights=[s.length for s in scores]))


def mean_failures(scores: Sequence[SupervisedScore]) -> float:
    """Robustness of a set, as vot-toolkit prints it: failures per sequence, weighted by length."""
    return float(np.average([s.failures for s in scores], weights=[s.length for s in scores]))


@dataclass(frozen=True)
class EaoTable:
    """What each sequence adds to the EAO curve; element j of a row is for j frames after the start.

    Attributes:
        sums: (s, l) mean overlaps up to j, added over the stretches that count at j.
        counts: (s, l) how many those are.
    """

    sums: Array
    counts: Array

    @staticmethod
    def of(scores: Sequence[SupervisedScore]) -> EaoTable:
        """The table of a set; l is the length of its longest stretch."""
        longest = max(len(stretch.overlaps) for score in scores for stretch in score.stretches)
        sums, counts = np.zeros((len(scores), longest)), np.zeros((len(scores), longest))
        for row, score in enumerate(scores):
            for stretch in score.stretches:
                until = longest if stretch.failed else len(stretch.overlaps)
                sums[row, :until] += _running_means(stretch.overlaps, longest)[:until]
                counts[row, :until] += 1
        return EaoTable(sums, counts)

    def curve(self, indices: ArrayLike | None = None) -> Array:
        """(l,) EAO curve of the set, or of some sequences (k,), which may repeat; NaN where no stretch counts."""
        chosen = np.arange(len(self.sums)) if indices is None else np.asarray(indices)
        total, weight = self.sums[chosen].sum(axis=0), self.counts[chosen].sum(axis=0)
        return np.asarray(np.divide(total, weight, out=np.full(len(total), np.nan), where=weight > 0))

    def score(self, interval: tuple[int, int], indices: ArrayLike | None = None) -> float:
        """Mean of the curve over lengths low to high; NaN where no stretch is that long."""
        part = self.curve(indices)[interval[0] : interval[1] + 1]
        part = part[np.isfinite(part)]
        return float(part.mean()) if part.size else float("nan")


def _running_means(overlaps: Array, length: int) -> Array:
    """(length,) mean of overlaps 1 to j; behind its end a stretch overlaps nothing."""
    values = np.zeros(length)
    values[1 : len(overlaps)] = overlaps[1:]
    means = np.cumsum(values) / np.maximum(np.arange(length), 1)
    means[0] = overlaps[0] if len(overlaps) else 0.0
    return np.asarray(means)


def estimated_interval(lengths: ArrayLike) -> tuple[int, int]:
    """Lengths (low, high) for an EAO score where a challenge names none.

    As in the challenges' papers: a kernel density of the sequences' lengths; from its peak the interval grows
    towards the denser side until it holds half of the density. The kernel's width is Silverman's rule of
    thumb; the toolkit of the time chose it by another estimator, so that its ends may differ by some frames.

    Args:
        lengths: (s,) frames of each sequence, s > 0.
    """
    values = np.asarray(lengths, np.float64)
    spread = min(values.std(), (np.subtract(*np.percentile(values, [75, 25]))) / 1.34) or values.std()
    width = max(0.9 * float(spread) * len(values) ** -0.2, 1.0)
    grid = np.arange(1, int(values.max()) + 1)
    density = np.exp(-0.5 * ((grid[:, None] - values[None, :]) / width) ** 2).sum(axis=1)
    density /= density.sum()
    low = high = int(density.argmax())
    held = density[low]
    while held < INTERVAL_MASS and (low > 0 or high < len(grid) - 1):
        below = density[low - 1] if low > 0 else -1.0
        above = density[high + 1] if high < len(grid) - 1 else -1.0
        if below > above:
            low -= 1
        else:
            high += 1
        held += max(below, above)
    return int(grid[low]), int(grid[high])
