"""What the training dock asks for, and the job that does it; torch is loaded on the job's thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tracker.jobs import Job, Progress
from tracker.training.proof import Proof


@dataclass(frozen=True)
class TuningPlan:
    """What to tune, on what.

    Attributes:
        paths: Projects, and folders of sequences.
        kept_back: Those of them to prove it on; a quarter of the clips where empty.
        base: Name or path of the model to begin with.
        minutes: About so long it learns.
        device: "auto", "cpu", "cuda" or "mps".
        output: A new folder for weights, proof and picture.
    """

    paths: tuple[Path, ...]
    kept_back: tuple[Path, ...]
    base: str
    minutes: float
    device: str
    output: Path


Tuner = Callable[[TuningPlan], Job[Proof]]


def tune(plan: TuningPlan) -> Job[Proof]:
    """Tune as planned.

    Raises:
        ThermarkError: Anything the user can mend.
    """
    yield Progress("Loading", 0, None, 0.0, None)
    from tracker.training.finetuning import FineTuneRequest, fine_tune, sources_of

    sources = sources_of(plan.paths)
    kept = {path.absolute() for path in plan.kept_back}
    request = FineTuneRequest(
        sources,
        plan.output,
        plan.base,
        plan.minutes,
        device=plan.device,
        held_back=tuple(source.title for source in sources if source.path in kept),
    )
    return (yield from fine_tune(request))
