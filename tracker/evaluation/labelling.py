"""Following a target through known truth: unaided, from shifted first boxes, and with a simulated annotator.

The annotator watches a tracker and draws the true box wherever the tracked one overlaps it by less than one half: what
is counted is the work left to a person. Shifted first boxes show how much of a result hangs on the first box, in the
spirit of OTB's spatial robustness evaluation (Wu, Lim, Yang, CVPR 2013). Nothing here reads files or knows a tracker.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracker.geometry import Box, iou

if TYPE_CHECKING:
    from tracker.media.source import Counts

Array = NDArray[np.float64]
T = TypeVar("T")
Steps: TypeAlias = Generator[int, None, T]
"""Work that yields after every frame how many are done, and can be closed in between."""

CORRECTED_BELOW = 0.5
"""IoU with the true box below which the annotator draws the box anew."""

SHIFT_SHARE = 0.05
"""Shift of a first box, relative to its size ..."""

SHIFT_PIXELS = 1.0
"""... and the least one, in pixels."""

SHIFTS = ((0, 0), (1, -1), (-1, 0), (0, 1), (-1, -1), (1, 1), (-1, 1), (1, 0), (0, -1))
"""Directions (x, y) of the first boxes, in the order they are used; all nine together have no direction."""


class Found(Protocol):
    """What a follower says about one frame."""

    @property
    def box(self) -> Box:
        """Where the target is."""


class Follower(Protocol):
    """The least a tracker must do to be measured; every `tracker.tracking.tracker.Tracker` does it."""

    def init(self, frame: Counts, box: Box) -> object:
        """Learn the target, forgetting any other."""

    def update(self, frame: Counts) -> Found:
        """Find the target in the next frame."""


@dataclass(frozen=True)
class Labelling:
    """A clip labelled with a tracker and an annotator.

    Attributes:
        frames: Frames that have a true box, the first, given one included.
        boxes: (n, 4) boxes x, y, width, height of all frames, the true one where it was corrected.
        corrected_frames: Positions at which the annotator stepped in, ascending.
    """

    frames: int
    boxes: Array
    corrected_frames: tuple[int, ...]

    @property
    def corrections(self) -> int:
        """How often the annotator stepped in; drawing the first box is not counted."""
        return len(self.corrected_frames)

    @property
    def per_thousand(self) -> float:
        """Corrections for each 1000 frames that have a true box."""
        return 1000 * self.corrections / self.frames


def one_pass(frames: Iterable[Counts], follower: Follower, first_box: Box) -> Array:
    """Follow a target without help.

    Args:
        frames: Those of a clip in order, from the one that `first_box` belongs to; at least one.
        follower: Any tracker.
        first_box: Where the target is in the first of them.

    Returns:
        (n, 4) boxes x, y, width, height in pixels; the first is `first_box`.

    Raises:
        ValueError: There are no frames.
        BoxError: The follower cannot start from the box.
    """
    return _done(one_pass_steps(frames, follower, first_box))


def one_pass_steps(frames: Iterable[Counts], follower: Follower, first_box: Box) -> Steps[Array]:
    """The same as `one_pass`, frame by frame."""
    rows: list[tuple[float, float, float, float]] = []
    for frame in frames:
        if rows:
            rows.append(follower.update(frame).box.as_tuple())
        else:
            follower.init(frame, first_box)
            rows.append(first_box.as_tuple())
        yield len(rows)
    if not rows:
        raise ValueError("there are no frames")
    return np.array(rows, np.float64)


def label(frames: Iterable[Counts], follower: Follower, truth: ArrayLike) -> Labelling:
    """Follow a target with an annotator looking on, starting from the true first box.

    Wherever the IoU of the tracked and the true box is below `CORRECTED_BELOW`, that frame costs a correction: the
    follower starts afresh there from the true box, which is also the frame's result.

    Args:
        frames: Those of a clip in order, as many as there are rows in `truth`.
        follower: Any tracker.
        truth: (n, 4) true boxes x, y, width, height in pixels, n > 0. Frames whose row is not finite or has no area
            are tracked but not judged.

    Raises:
        ValueError: The first frame has no true box, or frames and truth differ in number.
        BoxError: The follower cannot start from a true box.
    """
    return _done(label_steps(frames, follower, truth))


def label_steps(frames: Iterable[Counts], follower: Follower, truth: ArrayLike) -> Steps[Labelling]:
    """The same as `label`, frame by frame."""
    boxes, corrected = np.array(truth, np.float64), []
    judged = has_box(boxes)
    if not judged[:1].any():
        raise ValueError("the first frame has no true box")
    for index, frame in enumerate(_exactly(frames, len(boxes))):
        true = Box(*boxes[index].tolist())
        if index == 0:
            follower.init(frame, true)
            yield 1
            continue
        box = follower.update(frame).box
        if judged[index] and float(iou(box.as_tuple(), true.as_tuple())) < CORRECTED_BELOW:
            follower.init(frame, true)
            corrected.append(index)
        else:
            boxes[index] = box.as_tuple()
        yield index + 1
    return Labelling(int(judged.sum()), boxes, tuple(corrected))


def shifted_first_boxes(box: Box, count: int) -> list[Box]:
    """The true first box, then slightly misplaced ones; the size stays.

    Box k is moved along `SHIFTS[k]` by 5 % of its width in x and 5 % of its height in y, but by one pixel at least:
    about what two careful people differ by. (OTB's own evaluation shifts by 10 % and also scales.)

    Args:
        box: The true box.
        count: How many to give, 1 to 9.

    Raises:
        ValueError: There are not so many.
    """
    if not 1 <= count <= len(SHIFTS):
        raise ValueError(f"there are 1 to {len(SHIFTS)} first boxes, not {count}")
    step_x, step_y = (max(SHIFT_PIXELS, SHIFT_SHARE * side) for side in (box.width, box.height))
    return [box.moved(x * step_x, y * step_y) for x, y in SHIFTS[:count]]


def has_box(truth: Array) -> NDArray[np.bool_]:
    """(n,) which of the (n, 4) rows are boxes: finite and with an area."""
    return np.asarray(np.isfinite(truth).all(axis=1) & (truth[:, 2:] > 0).all(axis=1))


def _done(steps: Steps[T]) -> T:
    """Work all steps off, and return what they made."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            value: T = end.value
            return value


def _exactly(frames: Iterable[Counts], count: int) -> Iterable[Counts]:
    """Pass frames on, and see that they are `count`."""
    number = 0
    for number, frame in enumerate(frames, start=1):
        if number > count:
            break
        yield frame
    if number != count:
        raise ValueError(f"{'more' if number > count else number} frames against {count} true boxes")
