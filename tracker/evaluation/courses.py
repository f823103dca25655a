"""A tracker on a sequence, frame by frame: what the points of its curves are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError
from tracker.evaluation.metrics import normalised_distance
from tracker.evaluation.protocols import Kind, Protocol
from tracker.evaluation.results import read_box_results, read_region_results
from tracker.evaluation.scoring import Submission
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.vot_regions import bounding_box
from tracker.geometry import Box, iou

Array = NDArray[np.float64]

APART = 15
"""Frames: moments nearer to each other show the same."""


@dataclass(frozen=True, eq=False)
class Course:
    """One tracker on one sequence, its first run.

    Attributes:
        tracker: Its name.
        sequence: What is true.
        boxes: (n, 4) of the tracker, 0-based; NaN where it says nothing.
        values: By plot ("success", "precision", "normalised") the (n,) overlap with the true box, the centre error in
            pixels and in target sizes; NaN where there is no true box.
    """

    tracker: str
    sequence: BenchmarkSequence
    boxes: Array
    values: dict[str, Array]

    def box(self, frame: int) -> Box | None:
        """The tracker's box, None where it says nothing."""
        return _box(self.boxes, frame)

    def true_box(self, frame: int) -> Box | None:
        """The true box, None where the target cannot be seen."""
        return _box(self.sequence.truth, frame)


@dataclass(frozen=True, eq=False)
class Moment:
    """A frame of a course.

    Attributes:
        course: Whose.
        frame: Its index.
        value: What it contributes to the curve.
    """

    course: Course
    frame: int
    value: float


def read_course(submission: Submission, sequence: BenchmarkSequence, protocol: Protocol) -> Course:
    """A tracker's first result on a sequence.

    Raises:
        EvaluationError: It is missing.
        FormatError: It is damaged.
    """
    boxes = _boxes(submission, sequence, protocol)
    truth = np.array(sequence.truth, np.float64)
    truth[~(truth[:, 2:] > 0).all(axis=1)] = np.nan
    has_truth = np.isfinite(truth).all(axis=1)
    errors = np.hypot(*((boxes - truth)[:, :2] + (boxes - truth)[:, 2:] / 2).T)
    values = {
        "success": iou(boxes, truth),
        "precision": errors,
        "normalised": normalised_distance(boxes, truth),
    }
    return Course(
        submission.name,
        sequence,
        boxes,
        {key: np.where(has_truth, column, np.nan) for key, column in values.items()},
    )


def _boxes(submission: Submission, sequence: BenchmarkSequence, protocol: Protocol) -> Array:
    if protocol.kind is not Kind.SUPERVISED:
        return read_box_results(submission.folder, sequence, protocol)[0]
    regions = read_region_results(submission.folder, sequence)[0]
    nothing = np.full(4, np.nan)
    return np.array([nothing if region.size == 1 else bounding_box(region) for region in regions])


def moments(courses: Iterable[Course], plot: str, threshold: float, most: int = 20) -> list[Moment]:
    """The frames that lie nearest to a point of a curve.

    Args:
        courses: Of one tracker.
        plot: Key of a curve.
        threshold: Where on it, along x.
        most: Frames, at least `APART` from each other where they are of the same sequence.

    Returns:
        The nearest first.

    Raises:
        EvaluationError: This curve is not made of single frames.
    """
    found: list[Moment] = []
    for course in courses:
        if plot not in course.values:
            raise EvaluationError(
                "the points of this curve are no single frames.",
                todo="Choose a sequence, and click its curve.",
            )
        values = course.values[plot]
        far, taken = np.abs(values - threshold), np.zeros(len(values), bool)
        for frame in np.argsort(far, kind="stable")[: np.isfinite(far).sum()].tolist():
            if len(found) >= most * 8 or taken.sum() > len(values) * 0.95:
                break
            if not taken[frame]:
                taken[max(frame - APART + 1, 0) : frame + APART] = True
                found.append(Moment(course, frame, float(values[frame])))
    return sorted(found, key=lambda moment: abs(moment.value - threshold))[:most]


def _box(boxes: Array, frame: int) -> Box | None:
    if not 0 <= frame < len(boxes):
        return None
    box = Box(*boxes[frame].tolist())
    return box if box.is_valid() else None
