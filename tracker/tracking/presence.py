"""Whether a run's target can still be seen: a judgement from the run's evidence, frame by frame.

It proposes and decides nothing: what a run writes stays a tracked statement. A target counts as gone where its box is
probably wrong and the response has fallen far below what it was at first; a wrong box with a strong response is drift,
which the probability alone tells. Going takes some frames in a row, coming back takes some frames in a row, and the way
back needs a lower probability than the way out, so that a target at the edge of doubt does not flicker.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from tracker.annotation.evidence import Scores
from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.tracking.drift import DriftModel
from tracker.tracking.drift_features import FEATURE_NAMES, Array, FeatureStream

_FALL = FEATURE_NAMES.index("peak_first")
_EDGE = FEATURE_NAMES.index("edge")


@dataclass(frozen=True)
class PresenceConfig:
    """When a target counts as gone, and as back.

    Attributes:
        doubt: Probability of a wrong box from which the target may be gone ...
        fall: ... if the peak has fallen this far below its median over the first frames as well ...
        patience: ... for so many frames in a row.
        trust: Probability down to which it stays gone ...
        recovery: ... unless it is lower for so many frames in a row.
        edge: Distance of the box from the frame's edge, in target sizes, below which a target that goes has left.
        hidden_for: Frames after which a target that is hidden inside the frame counts as lost.
    """

    doubt: float = 0.8
    fall: float = 0.3
    patience: int = 3
    trust: float = 0.4
    recovery: int = 3
    edge: float = 0.25
    hidden_for: int = 15


class PresenceJudge:
    """Visible, occluded, out of view, or absent, which means lost; see the module's text."""

    def __init__(self, config: PresenceConfig | None = None) -> None:
        self._config = config or PresenceConfig()
        self._presence = Presence.VISIBLE
        self._against = 0  # frames in a row that speak against the present judgement
        self._gone = 0  # frames since the target went

    def step(self, probability: float, features: Array) -> Presence:
        """The judgement on the next frame.

        Args:
            probability: That its box is wrong; NaN, where nothing is known, changes nothing.
            features: (F,) columns of `FEATURE_NAMES`.
        """
        config = self._config
        if self._presence is Presence.VISIBLE:
            is_against = probability >= config.doubt and -features[_FALL] >= config.fall
            if self._turned(is_against, config.patience):
                self._gone = 0
                self._presence = Presence.OUT_OF_VIEW if features[_EDGE] < config.edge else Presence.OCCLUDED
        elif self._turned(probability < config.trust, config.recovery):
            self._presence = Presence.VISIBLE
        elif self._presence is Presence.OCCLUDED:
            self._gone += 1
            if self._gone >= config.hidden_for:
                self._presence = Presence.ABSENT
        return self._presence

    def found(self) -> None:
        """The target has been found again by other means."""
        self._presence, self._against = Presence.VISIBLE, 0

    def _turned(self, is_against: bool, patience: int) -> bool:
        """Whether enough frames in a row have spoken against the present judgement."""
        self._against = self._against + 1 if is_against else 0
        if self._against < patience:
            return False
        self._against = 0
        return True


@dataclass(frozen=True)
class Judgement:
    """What the evidence says about a frame.

    Attributes:
        probability: That the box is wrong, 0..1.
        presence: What the target probably is.
    """

    probability: float
    presence: Presence

    @property
    def is_lost(self) -> bool:
        """Whether the run has no target any more, rather than one that is hidden for a moment."""
        return not self.presence.has_box


class Watch:
    """Judges a run that is going on."""

    def __init__(
        self,
        frame_size: tuple[int, int],
        model: DriftModel | None = None,
        config: PresenceConfig | None = None,
    ) -> None:
        self._model = model or DriftModel.load()
        self._stream, self._judge = FeatureStream(frame_size), PresenceJudge(config)

    def step(self, scores: Scores, box: Box) -> Judgement:
        """Judge the next frame of the run; the first is the one it started from."""
        features = self._stream.step(astuple(scores), box.as_tuple())
        probability = float(self._model.probability(features[None])[0])
        return Judgement(probability, self._judge.step(probability, features))

    def found(self) -> None:
        """The target has been found again by other means."""
        self._judge.found()


@dataclass(frozen=True)
class Hidden:
    """Frames in which the target can probably not be seen, `start <= i < stop`: a proposal, nothing more.

    Attributes:
        start: First frame.
        stop: The one after its last.
        presence: OUT_OF_VIEW where the target went at the edge of the frame, otherwise ABSENT: where it is cannot be
            told.
    """

    start: int
    stop: int
    presence: Presence


def hidden_spans(probabilities: Array, features: Array, config: PresenceConfig | None = None) -> list[Hidden]:
    """Where a whole run's target was probably not to be seen.

    A judgement needs some frames in a row; the spans begin and end with the first of these.

    Args:
        probabilities: (n,) that the boxes are wrong.
        features: (n, F) columns of `FEATURE_NAMES`, in the order of the run.
        config: Of the judge.

    Returns:
        Spans of rows, ascending.
    """
    config = config or PresenceConfig()
    said = presences(probabilities, features, config)
    gone = np.array([each is not Presence.VISIBLE for each in said], np.int8)
    edges = np.flatnonzero(np.diff(gone, prepend=0, append=0)).reshape(-1, 2)
    return [
        Hidden(
            max(start - config.patience + 1, 0),
            stop if stop == len(said) else max(stop - config.recovery + 1, start + 1),
            Presence.OUT_OF_VIEW if said[start] is Presence.OUT_OF_VIEW else Presence.ABSENT,
        )
        for start, stop in edges.tolist()
    ]


def presences(probabilities: Array, features: Array, config: PresenceConfig | None = None) -> list[Presence]:
    """The judgements on a whole run.

    Args:
        probabilities: (n,) that the boxes are wrong.
        features: (n, F) columns of `FEATURE_NAMES`, in the order of the run.
        config: Of the judge.
    """
    judge = PresenceJudge(config)
    return [judge.step(float(p), row) for p, row in zip(probabilities, np.asarray(features), strict=True)]
