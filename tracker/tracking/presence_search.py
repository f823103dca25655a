"""Looking for a target that is judged to be gone: where to look, and when to believe that it is back.

While a target is visible nothing here has any effect. While it is not, the tracker goes on as ever, for many targets
come back where they went; beside that, windows around the last sure place are looked at, farther and farther out.
Taking up the wrong thing is worse than waiting, so a find must be convincing in every way: its peak against what is
usual for this target and against what the tracker has in hand, the quality of its box, its likeness with the first
template.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tracker.annotation.evidence import Scores
from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.tracking.crop import square_around
from tracker.tracking.presence import Watch

AROUND = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1))


@dataclass(frozen=True)
class SearchConfig:
    """Where to look and what to believe.

    Attributes:
        reach: Distance of the first windows from the last sure place, relative to the side of the search region ...
        growth: ... what is added to it with every frame ...
        farthest: ... and the largest.
        sure_below: Probability of a wrong box below which a place is sure.
        first: Frames whose median peak is what is usual.
        usual_share: Least peak of a find relative to the usual one ...
        least_peak: ... the least whatever is usual ...
        gain: ... and the least relative to the peak of the tracker's own box.
        least_quality: Least expected IoU of its box.
        least_likeness: Least likeness with the first template.
        windows: Windows looked at in one frame; the others have their turn in the next ones.
    """

    reach: float = 0.25
    growth: float = 0.05
    farthest: float = 0.75
    sure_below: float = 0.5
    first: int = 10
    usual_share: float = 0.6
    least_peak: float = 0.35
    gain: float = 1.3
    least_quality: float = 0.65
    least_likeness: float = 0.5
    windows: int = 1


class Lookout:
    """What a run knows about where its target was last, and since when it is gone."""

    def __init__(self, frame_size: tuple[int, int], config: SearchConfig | None = None) -> None:
        self._config, self._frame_size = config or SearchConfig(), frame_size
        self._watch = Watch(frame_size)
        self._peaks: list[float] = []
        self._place: Box | None = None
        self._gone = 0

    def start(self, scores: Scores, box: Box) -> None:
        """Take in the first frame of a run."""
        self._watch.step(scores, box)
        self._place = box

    def step(self, scores: Scores, box: Box) -> bool:
        """Take in a frame; gives whether to look elsewhere.

        That is where the target is judged to be gone, what the tracker has in hand is not as good as usual, and a find
        could be recognised.
        """
        judgement = self._watch.step(scores, box)
        if len(self._peaks) < self._config.first:
            self._peaks.append(scores.peak)
        if judgement.presence is not Presence.VISIBLE:
            self._gone += 1
            is_poor = scores.peak < self._config.usual_share * self._usual()
            return is_poor and bool(np.isfinite([scores.quality, scores.likeness]).all())
        self._gone = 0
        if judgement.probability < self._config.sure_below:
            self._place = box
        return False

    @property
    def place(self) -> Box:
        """The last sure box."""
        assert self._place is not None
        return self._place

    def windows(self, side: float) -> list[Box]:
        """Square regions of the given side to look at in the present frame."""
        config = self._config
        away = min(config.reach + config.growth * self._gone, config.farthest) * side
        x, y = self.place.centre
        width, height = self._frame_size
        centres = [
            (min(max(x + away * right, 0.0), width), min(max(y + away * down, 0.0), height))
            for right, down in AROUND
        ]
        first = self._gone * config.windows
        turn = [centres[(first + number) % len(centres)] for number in range(config.windows)]
        return [square_around(centre, side) for centre in turn]

    def is_convincing(self, peak: float, quality: float, likeness: float, in_hand: float) -> bool:
        """Whether a find is to be believed, against the peak that the tracker has in hand."""
        config = self._config
        return (
            peak >= max(config.usual_share * self._usual(), config.least_peak, config.gain * in_hand)
            and quality >= config.least_quality
            and likeness >= config.least_likeness
        )

    def _usual(self) -> float:
        return float(np.median(self._peaks))

    def found(self) -> None:
        """The target has been taken up again."""
        self._gone = 0
        self._watch.found()
