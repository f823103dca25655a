"""What the course of a run says about whether its box is still right: numbers for `tracker.tracking.drift`.

No score alone tells drift: a tracker that has gone over to something else learns that, and its peak is high again. So
each score is also compared with what it was when the target was certain (the first frames) and with what it was just
before; and the box itself is watched, for targets move and grow steadily and mistakes do not. All is causal: what is
said about a frame depends on this and the frames before it alone, so that it is the same during a run and after it.
Plain numpy: nothing here waits for torch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from tracker.annotation.evidence import SCORE_NAMES

Array = NDArray[np.float64]
Row: TypeAlias = tuple[Array, Array]

FIRST = 10
"""Frames after the first that show what is usual for a target ..."""

RECENT = 20
"""... and frames before the present one that show what was usual of late."""

CHUNK = 4096  # frames whose windows are sorted together: some tens of MB

PACES = (0.4, 0.08)
"""Shares of a new frame in the running means: one that follows, and one that remembers."""

BLOCK = 64  # rows of a running mean that are computed together

MOTION = ("motion", "motion_recent", "scale_jump", "growth", "aspect_change", "edge")
OBSERVED = (
    *SCORE_NAMES,
    *(f"{name}_first" for name in SCORE_NAMES),
    *(f"{name}_recent" for name in SCORE_NAMES),
    *MOTION,
    "forward_backward",
)
"""What is seen of a frame.

`peak` ... `contrast`: the scores, those without an upper end as logarithms. `..._first`: less their median over the
first frames; `..._recent`: less their median over the frames just before (`contrast_recent` is the contrast jump).
`motion`: way of the centre since the frame before, in target sizes, as log(1 + x); `motion_recent`: less its median of
late. `scale_jump`: |log| of the ratio of areas from frame to frame; `growth`: log of the area against the first;
`aspect_change`: |log| of the ratio of width / height to the first. `edge`: distance from the frame's edge in target
sizes, negative where the box reaches beyond, -1..3. `forward_backward`: IoU with the box of a run that comes back.
"""

FEATURE_NAMES = (*OBSERVED, *(f"{name}_slow" for name in OBSERVED))
"""The columns of `features_of`: all of `OBSERVED` as running means at both `PACES`, so that no single frame alarms."""


def _log(values: Array) -> Array:
    return np.log(np.maximum(values, 1e-3))


def _log1p(values: Array) -> Array:
    return np.log1p(np.maximum(values, 0.0))


_SCALES: dict[str, Callable[[Array], Array]] = {
    "psr": _log,
    "apce": _log,
    "disagreement": _log1p,
    "divergence": _log,
    "contrast": _log1p,
}


def features_of(
    scores: ArrayLike,
    boxes: ArrayLike,
    frame_size: tuple[int, int],
    *,
    start: int = 0,
    direction: int = 1,
    forward_backward: ArrayLike | None = None,
) -> Array:
    """The features of a run's frames.

    Args:
        scores: (n, s) scores of each frame in the order of `SCORE_NAMES`; NaN where they are not known.
        boxes: (n, 4) boxes x, y, width, height in pixels.
        frame_size: (width, height) of the frame in pixels.
        start: Row of the frame that the run starts from.
        direction: 1 for a run that goes on to the last row, -1 for one that goes back to row 0.
        forward_backward: (n,) IoU of each box with that of a run the other way; None where there was none.

    Returns:
        (n, F) columns of `FEATURE_NAMES`; NaN where something is not known, and in the rows the run does not come to.

    Raises:
        ValueError: The arrays do not fit together.
    """
    values, places = np.asarray(scores, np.float64), np.asarray(boxes, np.float64)
    agreement = (
        np.full(len(places), np.nan) if forward_backward is None else np.asarray(forward_backward, np.float64)
    )
    if values.shape != (len(places), len(SCORE_NAMES)) or agreement.shape != (len(places),):
        raise ValueError(f"{values.shape} scores and {agreement.shape} agreements for {places.shape} boxes")
    run = np.arange(start, len(places)) if direction > 0 else np.arange(start, -1, -1)
    result = np.full((len(places), len(FEATURE_NAMES)), np.nan)
    if len(run):
        result[run] = _smoothed(_observed(values[run], places[run], agreement[run], frame_size))
    return result


class FeatureStream:
    """The same numbers frame by frame, for a run that is going on; the time they take does not grow with it."""

    def __init__(self, frame_size: tuple[int, int]) -> None:
        self._frame_size = frame_size
        self._first: list[Row] = []
        self._recent: deque[Row] = deque(maxlen=RECENT + 2)  # and one more for the way to the oldest
        self._latest = np.full(len(OBSERVED), np.nan)
        self._means = np.full((len(PACES), len(OBSERVED)), np.nan)

    def step(self, scores: ArrayLike, box: ArrayLike, forward_backward: float = np.nan) -> Array:
        """(F,) features of the next frame, from its (s,) scores and (4,) box."""
        row = np.asarray(scores, np.float64), np.asarray(box, np.float64)
        (self._first if len(self._first) <= FIRST else self._recent).append(row)
        # Nothing depends on the frames between the first and the recent ones, so that they may be left out.
        values, places = (np.stack(part) for part in zip(*self._first, *self._recent, strict=True))
        agreement = np.full(len(places), forward_backward)
        observed = _observed(values, places, agreement, self._frame_size, since=len(places) - 1)[-1]
        self._latest = np.where(np.isnan(observed), self._latest, observed)
        before = np.where(np.isnan(self._means), self._latest, self._means)
        self._means = before + np.array(PACES)[:, None] * (self._latest - before)
        return self._means.ravel()


def _observed(
    scores: Array, boxes: Array, agreement: Array, frame_size: tuple[int, int], since: int = 0
) -> Array:
    """(n, f) columns of `OBSERVED` of a run, not smoothed yet; right from row `since` on."""
    levels = _levels(scores)
    first, recent = _usual_first(levels, since), _usual_recent(levels, since)
    return np.hstack(
        [levels, levels - first, levels - recent, _motion(boxes, frame_size, since), agreement[:, None]]
    )


def _smoothed(observed: Array) -> Array:
    """(n, p f): running means of each column at every one of the `PACES`.

    Where a value is not known the one before it stands; NaN until the first that is known.
    """
    known = ~np.isnan(observed)
    rows = np.arange(len(observed))[:, None]
    latest = np.maximum.accumulate(np.where(known, rows, -1), axis=0)
    # Before the first known value stands that value, so that the mean begins with it; it is taken out again below.
    filled = np.take_along_axis(observed, np.where(latest < 0, known.argmax(axis=0), latest), axis=0)
    means = [_running_mean(filled, pace) for pace in PACES]
    return np.hstack([np.where(latest < 0, np.nan, mean) for mean in means])


def _running_mean(values: Array, pace: float) -> Array:
    """(n, f) exponential means: m_i = m_(i-1) + pace (v_i - m_(i-1)), m_0 = v_0; a block of rows at a time."""
    age = np.arange(BLOCK)[:, None] - np.arange(BLOCK)[None, :]
    kernel = np.where(age >= 0, pace * (1 - pace) ** np.maximum(age, 0), 0.0)
    fading = (1 - pace) ** np.arange(1, BLOCK + 1)[:, None]
    result = np.empty_like(values)
    before = values[0]
    for first in range(0, len(values), BLOCK):
        block = values[first : first + BLOCK]
        count = len(block)
        result[first : first + count] = kernel[:count, :count] @ block + fading[:count] * before
        before = result[first + count - 1]
    return result


def _levels(scores: Array) -> Array:
    """(n, s) scores on scales on which a difference means the same everywhere."""
    return np.stack(
        [_SCALES.get(name, np.asarray)(scores[:, k]) for k, name in enumerate(SCORE_NAMES)], axis=1
    )


def _usual_first(values: Array, since: int) -> Array:
    """(n, k) medians over the frames 1 .. `FIRST`, as far as they have come; frame 0 knows only itself.

    The first frame is the one that was learned: everything is worse than it.
    """
    usual = values.copy()
    for row in range(max(since, 1), min(len(values), FIRST + 1)):
        usual[row] = np.median(values[1 : row + 1], axis=0)
    if len(values) > FIRST + 1:
        usual[FIRST + 1 :] = np.median(values[1 : FIRST + 1], axis=0)
    return usual


def _usual_recent(values: Array, since: int) -> Array:
    """(n, k) medians over the up to `RECENT` frames before each, without frame 0; itself where there are none."""
    usual = values.copy()
    for row in range(max(since, 2), min(len(values), RECENT + 1)):
        usual[row] = np.median(values[1:row], axis=0)
    for first in range(max(since, RECENT + 1), len(values), CHUNK):
        last = min(first + CHUNK, len(values))
        windows = sliding_window_view(values[first - RECENT : last - 1], RECENT, axis=0)
        usual[first:last] = np.median(windows, axis=2)
    return usual


def _motion(boxes: Array, frame_size: tuple[int, int], since: int) -> Array:
    """(n, 6) columns of `MOTION`."""
    sides = np.maximum(boxes[:, 2:], 1e-3)
    size = np.sqrt(sides.prod(axis=1))
    centres = boxes[:, :2] + sides / 2
    way = np.zeros(len(boxes))
    way[1:] = np.hypot(*np.diff(centres, axis=0).T) / size[:-1]
    motion = _log1p(way)[:, None]
    area, aspect = 2 * np.log(size), np.log(sides[:, 0] / sides[:, 1])
    gap = np.minimum(boxes[:, :2], np.asarray(frame_size) - boxes[:, :2] - sides).min(axis=1)
    single = (
        np.abs(np.diff(area, prepend=area[:1])),
        area - area[0],
        np.abs(aspect - aspect[0]),
        np.clip(gap / size, -1.0, 3.0),
    )
    return np.hstack([motion, motion - _usual_recent(motion, since), np.stack(single, axis=1)])
