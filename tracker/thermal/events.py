"""What happens to a sensor between two frames: it freezes, closes its shutter, or answers with another gain or offset.

All of it is seen in counts alone, from one frame to the next, so that a tracker can use it while it runs. A frame is
looked at through a sketch of about a thousand block means: noise is averaged away and a frame costs a fraction of a
millisecond. What moves in the scene is no event: a change of gain or offset must be one line through most blocks, and
must explain most of what has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.uint8] | NDArray[np.uint16]
"""As in `tracker.media.source`, which stands beside this package."""

Blocks = NDArray[np.float32]
Values = NDArray[np.float64]

ROWS, COLUMNS = 32, 32
ROWS_READ = 2
"""Rows that are read of each block: reading all of them would cost more and tell little more."""

LEVELS = np.linspace(0.05, 0.95, 19)


class Change(Enum):
    """What a frame is, compared with the one before; the value is for the user."""

    NONE = "none"
    FROZEN = "frozen"
    SHUTTER = "shutter closed"
    GAIN = "gain or offset jump"


@dataclass(frozen=True)
class Step:
    """From one frame to the next.

    Attributes:
        change: What has happened.
        gain: Factor ...
        offset: ... and summand that make counts of the frame before to counts of this one; 1 and 0 but for `GAIN`.
    """

    change: Change = Change.NONE
    gain: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Line:
    """A line y = gain x + offset through pairs of block means.

    Attributes:
        gain: Its slope.
        offset: Where it begins.
        shift: Largest distance from y = x between the 5th and the 95th percentile of x, relative to their distance.
        before: Median of |y - x| ...
        after: ... and of |y - gain x - offset|, both relative to the same.
    """

    gain: float
    offset: float
    shift: float
    before: float
    after: float


def sketch(counts: Counts) -> Blocks:
    """(rows, columns) means of blocks that cover a frame evenly, at most 32 each way; of colour the green.

    Args:
        counts: (H, W) or (H, W, 3).
    """
    gray = counts if counts.ndim == 2 else counts[..., 1]
    height, width = gray.shape
    rows, columns = min(ROWS, height), min(COLUMNS, width)
    tall, wide = height // rows, width // columns
    read = min(ROWS_READ, tall)
    across = gray[: tall * rows, : wide * columns].reshape(rows, tall, columns, wide)
    step = tall // read
    total = across[:, step // 2 :: step][:, :read].sum(axis=(1, 3), dtype=np.uint32)
    return np.asarray(total / np.float32(read * wide), np.float32)


def fit_line(before: Blocks, after: Blocks) -> Line:
    """The change of gain and offset that best explains the change between two sketches.

    Two guesses, each refined by the blocks that agree with it: the line through the quantiles of both sketches, which
    stands a camera that turns, and the median slope between pairs of blocks, which stands a large thing that comes
    into view. The refinement is by the ratio of standard deviations: a regression would take motion for a loss of gain.

    Args:
        before: Sketch of the earlier frame.
        after: Of the later one, of the same shape.
    """
    x, y = before.ravel().astype(np.float64), after.ravel().astype(np.float64)
    qx, qy = np.quantile(x, LEVELS), np.quantile(y, LEVELS)
    spread = max(float(qx[-1] - qx[0]), 1e-6)
    guesses = (_major_axis(qx, qy), _median_slope(x, y))
    lines = [_refined(x, y, *guess) for guess in guesses]
    gain, offset = min(lines, key=lambda line: float(np.median(np.abs(y - line[0] * x - line[1]))))
    ends = np.array([qx[0], qx[-1]])
    shift = float(np.abs((gain - 1) * ends + offset).max()) / spread
    was, is_now = np.median(np.abs(y - x)), np.median(np.abs(y - gain * x - offset))
    return Line(gain, offset, shift, float(was) / spread, float(is_now) / spread)


def _refined(x: Values, y: Values, gain: float, offset: float) -> tuple[float, float]:
    """A line by the pairs that lie near one."""
    for _ in range(3):
        residual = np.abs(y - gain * x - offset)
        near = residual <= max(3 * float(np.median(residual)), 1e-6)
        gain, offset = _major_axis(x[near], y[near])
    return gain, offset


def _major_axis(x: Values, y: Values) -> tuple[float, float]:
    """Slope and intercept of the reduced major axis."""
    across, up = float(x.std()), float(y.std())
    gain = up / across if across > 1e-6 else 1.0
    return gain, float(y.mean()) - gain * float(x.mean())


def _median_slope(x: Values, y: Values) -> tuple[float, float]:
    """Slope and intercept after Theil and Sen, over pairs of a dark and a bright value."""
    order, half = np.argsort(x), len(x) // 2
    low, high = order[:half], order[-half:]
    far = x[high] - x[low]
    usable = far > 1e-6
    if not usable.any():
        return 1.0, float(np.median(y - x))
    gain = float(np.median((y[high] - y[low])[usable] / far[usable]))
    return gain, float(np.median(y - gain * x))


@dataclass(frozen=True)
class DetectorConfig:
    """From when on a difference is an event; `docs/sensor_events.md` has the measurements.

    Attributes:
        least_shift: Of a line, see `Line`, for a jump ...
        explained: ... which must bring the median difference down to this share ...
        unlike: ... unless that was below this share of the spread, where there is nothing to explain.
        most_gain: A gain above this, or below its inverse, is no change of gain.
        flat: Spread of a shutter's picture relative to the scene's, at most ...
        unrelated: ... and its correlation with the scene, at most.
    """

    least_shift: float = 0.12
    explained: float = 0.5
    unlike: float = 0.02
    most_gain: float = 5.0
    flat: float = 0.2
    unrelated: float = 0.5


class EventStream:
    """Compares each frame of a clip with the one before it, or with the last that showed the scene.

    The answer depends on these two frames alone, so that streams that began at different frames agree.
    """

    def __init__(self, config: DetectorConfig | None = None) -> None:
        self._config = config or DetectorConfig()
        self._last: Counts | None = None
        self._scene: Blocks | None = None
        self._is_open = True

    def begin(self, counts: Counts) -> None:
        """Take a frame as the one before the next."""
        if self._last is not counts:
            self._last, self._scene, self._is_open = counts, sketch(counts), True

    def step(self, counts: Counts) -> Step:
        """What has happened from the last frame to this one; nothing, where there is none before.

        Args:
            counts: (H, W) or (H, W, 3), kept until the next call.
        """
        last, scene = self._last, self._scene
        if last is None or scene is None or last.shape != counts.shape:
            self.begin(counts)
            return Step()
        self._last = counts
        if is_same(last, counts):
            return Step(Change.FROZEN if self._is_open else Change.SHUTTER)
        blocks = sketch(counts)
        self._is_open = not self._is_shutter(scene, blocks)
        if not self._is_open:
            return Step(Change.SHUTTER)
        self._scene = blocks
        return self._jump(scene, blocks)

    def _is_shutter(self, scene: Blocks, blocks: Blocks) -> bool:
        config, before, now = self._config, spread_of(scene), spread_of(blocks)
        if now > config.flat * before:
            return False
        return abs(correlation(scene, blocks)) < config.unrelated

    def _jump(self, scene: Blocks, blocks: Blocks) -> Step:
        config, spread = self._config, spread_of(scene)
        if float(np.median(np.abs(blocks - scene))) < config.unlike * spread:
            return Step()
        line = fit_line(scene, blocks)
        if line.shift < config.least_shift or line.after > config.explained * line.before:
            return Step()
        if not 1 / config.most_gain <= line.gain <= config.most_gain:
            return Step()
        return Step(Change.GAIN, line.gain, line.offset)


def is_same(first: Counts, second: Counts) -> bool:
    """Whether two frames are the same picture, count for count; most that are not are told by a few rows."""
    if first is second:
        return True
    few = slice(None, None, 61)
    return bool(np.array_equal(first[few], second[few]) and np.array_equal(first, second))


def spread_of(blocks: Blocks) -> float:
    """From the 5th to the 95th percentile, or half of that from the 1st to the 99th where it is more."""
    ordered = np.sort(blocks, axis=None)
    inner, outer = (
        float(ordered[-1 - ordered.size // share] - ordered[ordered.size // share]) for share in (20, 100)
    )
    return max(inner, outer / 2, 1e-6)


def correlation(first: Blocks, second: Blocks) -> float:
    """Pearson's, dead pixels cut off; 0 where either is flat."""
    a, b = (_without_ends(blocks) for blocks in (first, second))
    size = float(np.sqrt(np.square(a).sum() * np.square(b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def _without_ends(blocks: Blocks) -> Blocks:
    """About their mean, clipped to the 2nd and 98th percentile."""
    low, high = np.percentile(blocks, (2, 98))
    clipped = np.clip(blocks, low, high)
    return np.asarray(clipped - clipped.mean(), np.float32)


class EventKind(Enum):
    """What an event is; the value is for the user."""

    CALIBRATION = "calibration, by the file's telemetry"
    SHUTTER = "shutter closed"
    FREEZE = "frozen picture"
    GAIN = "jump of gain or offset"


@dataclass(frozen=True)
class SensorEvent:
    """Something that happened to the sensor in the frames `start <= i < stop`.

    Attributes:
        kind: What.
        start: First frame; of a freeze the first that repeats another, of a jump the first that is different.
        stop: The one after its last.
        gain: Factor ...
        offset: ... and summand that make counts of before counts of after; 1 and 0 but for `GAIN`.
    """

    kind: EventKind
    start: int
    stop: int
    gain: float = 1.0
    offset: float = 0.0

    @property
    def text(self) -> str:
        """For the user."""
        frames = (
            f"frame {self.start}"
            if self.stop - self.start == 1
            else f"frames {self.start} to {self.stop - 1}"
        )
        change = f": counts x {self.gain:.2f} {self.offset:+.0f}" if self.kind is EventKind.GAIN else ""
        return f"{self.kind.value[0].upper()}{self.kind.value[1:]}, {frames}{change}"


_KINDS = {Change.FROZEN: EventKind.FREEZE, Change.SHUTTER: EventKind.SHUTTER, Change.GAIN: EventKind.GAIN}


class EventLog:
    """Makes events of steps: frames of a freeze, or of a closed shutter, that follow one another are one."""

    def __init__(self) -> None:
        self.events: list[SensorEvent] = []

    def add(self, frame: int, step: Step) -> None:
        """Take note of what has happened before a frame; frames ascend."""
        if step.change is Change.NONE:
            return
        kind, last = _KINDS[step.change], self.events[-1] if self.events else None
        goes_on = last is not None and last.stop == frame and last.kind is kind
        if last is not None and goes_on and kind is not EventKind.GAIN:
            self.events[-1] = SensorEvent(kind, last.start, frame + 1)
        else:
            self.events.append(SensorEvent(kind, frame, frame + 1, step.gain, step.offset))


def calibrations(frames: Iterable[int]) -> list[SensorEvent]:
    """Events of the frames that telemetry calls calibrating, ascending."""
    log: list[SensorEvent] = []
    for frame in frames:
        if log and log[-1].stop == frame:
            log[-1] = SensorEvent(EventKind.CALIBRATION, log[-1].start, frame + 1)
        else:
            log.append(SensorEvent(EventKind.CALIBRATION, frame, frame + 1))
    return log
