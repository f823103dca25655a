"""How well a risk tells wrong boxes: ranking, calibration, and what a review queue made of it finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.drift_runs import TrackedRun
from tracker.annotation.review import queue
from tracker.evaluation.labelling import CORRECTED_BELOW
from tracker.tracking.drift_features import features_of

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOP = 0.1
"""Share of the review queue's entries, or of all frames, that is looked at."""

BINS = 10


@dataclass(frozen=True)
class Table:
    """The frames of many runs, one below another, without those the runs started from.

    Attributes:
        runs: Where they come from.
        features: (n, F) columns of `FEATURE_NAMES`.
        overlaps: (n,) IoU with the truth; NaN where that is not known.
        run: (n,) number of the run.
    """

    runs: tuple[TrackedRun, ...]
    features: Array
    overlaps: Array
    run: NDArray[np.int64]

    @property
    def is_known(self) -> Mask:
        """(n,) frames that have a true box."""
        return np.isfinite(self.overlaps)

    @property
    def is_wrong(self) -> Mask:
        """(n,) frames whose box is wrong."""
        return np.nan_to_num(self.overlaps, nan=1.0) < CORRECTED_BELOW

    def of_run(self, values: Sequence[str]) -> NDArray[np.str_]:
        """(n,) the value of each frame's run, from one per run."""
        return np.asarray(values)[self.run]

    @property
    def groups(self) -> NDArray[np.str_]:
        """(n,) scene of each frame."""
        return self.of_run([run.group for run in self.runs])

    @property
    def kinds(self) -> NDArray[np.str_]:
        """(n,) disturbance of each frame's run."""
        return self.of_run([run.kind for run in self.runs])


def table_of(runs: Sequence[TrackedRun]) -> Table:
    """The table of some runs."""
    features = [features_of(run.scores, run.boxes, run.frame_size)[1:] for run in runs]
    return Table(
        tuple(runs),
        np.concatenate(features),
        np.concatenate([run.overlaps[1:] for run in runs]),
        np.repeat(np.arange(len(runs)), [len(part) for part in features]),
    )


def area_under_roc(risk: Array, is_wrong: Mask) -> float:
    """Probability that a wrong box has a higher risk than a right one; NaN without one of each.

    Ties count half (Mann-Whitney).
    """
    positive, negative = risk[is_wrong], np.sort(risk[~is_wrong])
    if len(positive) == 0 or len(negative) == 0:
        return float("nan")
    below, up_to = (np.searchsorted(negative, positive, side) for side in ("left", "right"))
    return float((below + up_to).mean() / (2 * len(negative)))


def reliability(risk: Array, is_wrong: Mask, bins: int = BINS) -> Array:
    """(b, 3) mean risk, share of wrong boxes and number of frames in each bin of equal width that has any."""
    place = np.minimum((risk * bins).astype(int), bins - 1)
    rows = [
        (risk[place == k].mean(), is_wrong[place == k].mean(), (place == k).sum())
        for k in range(bins)
        if (place == k).any()
    ]
    return np.array(rows, np.float64).reshape(-1, 3)


def calibration_error(risk: Array, is_wrong: Mask) -> float:
    """Expected calibration error: mean over the frames of |mean risk - share of wrong boxes| of their bin."""
    said, true, count = reliability(risk, is_wrong).T
    return float((np.abs(said - true) * count).sum() / count.sum())


@dataclass(frozen=True)
class Catch:
    """What a part of the review queue finds.

    Attributes:
        wrong: Share of the wrong boxes that lie in the opened stretches.
        frames: Share of all frames that was opened.
        entries: Number of entries opened.
    """

    wrong: float
    frames: float
    entries: int


def caught(table: Table, risk: Array, *, by_frames: bool) -> Catch:
    """Open the worst entries of the queues of all runs together.

    Args:
        table: The frames.
        risk: (n,) of each.
        by_frames: Whether entries are opened until `TOP` of all frames are, rather than `TOP` of all entries.
    """
    entries = []
    for number in range(len(table.runs)):
        rows = np.flatnonzero(table.run == number)
        found = queue(risk[rows], np.ones(len(rows), np.bool_))
        entries += [(entry.risk, rows[entry.start : entry.stop]) for entry in found]
    entries.sort(key=lambda entry: -entry[0])
    opened = np.zeros(len(risk), np.bool_)
    taken = 0
    most = np.inf if by_frames else np.ceil(TOP * len(entries))
    for _, rows in entries:
        if taken >= most or (by_frames and opened.sum() + len(rows) > TOP * len(risk)):
            break
        opened[rows] = True
        taken += 1
    wrong = table.is_wrong
    return Catch(float(opened[wrong].mean()) if wrong.any() else float("nan"), float(opened.mean()), taken)
