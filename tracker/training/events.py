"""What a training run reports, besides its progress; loads no torch, so that the window can know it."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.jobs import Event


@dataclass(frozen=True)
class StepDone(Event):
    """Means of the losses over the last steps.

    Attributes:
        step: Steps done.
        losses: Name -> value.
    """

    step: int
    losses: dict[str, float]


@dataclass(frozen=True)
class Validated(Event):
    """How the averaged weights do on what was kept back.

    Attributes:
        step: Steps done.
        losses: Name -> mean over the validation pairs.
        score: What is maximised.
        is_best: Whether these weights are now the best.
    """

    step: int
    losses: dict[str, float]
    score: float
    is_best: bool


@dataclass(frozen=True)
class Divided(Event):
    """Fine-tuning has read its clips and divided them.

    Attributes:
        trained_on: Names of the clips to learn from.
        held_back: Names of those kept back.
        steps: So many will be done.
    """

    trained_on: tuple[str, ...]
    held_back: tuple[str, ...]
    steps: int
