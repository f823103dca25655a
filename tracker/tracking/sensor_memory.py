"""What a tracker remembers of its sensor: how far counts have moved since it learned, and for how long it saw nothing.

While no event has happened nothing here has any effect.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from tracker.geometry import Box
from tracker.thermal.events import Change, Step


@dataclass(frozen=True)
class SensorConfig:
    """What a tracker does about sensor events; `docs/sensor_events.md` has the measurements.

    Attributes:
        settle: Frames after an event that are not learned from.
        freeze: Frames held in a row from which on the target is looked for farther around.
        memory: Frames whose boxes tell how fast the target is.
    """

    settle: int = 2
    freeze: int = 3
    memory: int = 8


@dataclass
class SensorMemory:
    """Of one target; see the module's text.

    Attributes:
        gain: Factor ...
        offset: ... and summand that make counts of the present frame the counts that they would have been.
        held: Frames in a row, up to the last one, that did not show the scene anew.
        missed: Frames between the last one that showed the scene anew and the present one.
        resting: Frames left that are not to be learned from.
        is_foretold: Whether frozen frames that come now were counted as missed when their picture came first.
    """

    config: SensorConfig = field(default_factory=SensorConfig)
    gain: float = 1.0
    offset: float = 0.0
    held: int = 0
    missed: int = 0
    resting: int = 0
    is_foretold: bool = False

    def __post_init__(self) -> None:
        self._centres: deque[tuple[float, float]] = deque(maxlen=self.config.memory)

    @property
    def may_learn(self) -> bool:
        """Whether the present frame may be learned from."""
        return self.resting == 0

    def take(self, step: Step, repeats: int = 0) -> bool:
        """Take note of what has happened before the next frame; gives whether that is to be held.

        Args:
            step: From the frame before.
            repeats: Frames after it with the same picture, where a run goes back and so meets a freeze at its end: the
                picture is that of the last of them.
        """
        if step.change is Change.FROZEN and self.is_foretold:
            return True
        if step.change in (Change.FROZEN, Change.SHUTTER):
            self.held += 1
            return True
        self.missed, self.held, self.is_foretold = self.held + repeats, 0, repeats > 0
        if step.change is Change.GAIN:
            self.gain /= step.gain
            self.offset -= step.offset * self.gain
        if step.change is Change.GAIN or self.missed >= self.config.freeze:
            self.resting = self.config.settle
        return False

    def done(self, box: Box) -> None:
        """Take note of where the target was found."""
        self._centres.append(box.centre)
        self.resting = max(self.resting - 1, 0)

    @property
    def is_to_search(self) -> bool:
        """Whether the target may have gone far while nothing was seen of it."""
        return self.missed >= self.config.freeze

    def expected(self, box: Box) -> tuple[float, float]:
        """Where the middle of a box probably is by now, if the target went on as it went before."""
        x, y = box.centre
        if len(self._centres) < 2:
            return x, y
        way = np.diff(np.array(self._centres), axis=0)
        dx, dy = np.median(way, axis=0) * (self.missed + 1)
        return x + float(dx), y + float(dy)
