"""The training loop, as a job: deterministic, resumable to the step, on one process or on several."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from tracker.errors import ThermarkError
from tracker.jobs import Job, ProgressMeter
from tracker.network.checkpoints import save_checkpoint
from tracker.training.checkpoint import RunState, load_state, save_state
from tracker.training.config import OptimiserConfig, TrainingConfig
from tracker.training.curves import CurveWriter
from tracker.training.events import StepDone as StepDone
from tracker.training.events import Validated as Validated
from tracker.training.processes import Processes
from tracker.training.recipe import Batch, Recipe
from tracker.training.sampling import Pair, PairSampler

BEST, LAST = "best.safetensors", "last.safetensors"
REPORT_EVERY = 10  # steps


@dataclass(frozen=True)
class TrainingSummary:
    """What a run made.

    Attributes:
        steps: Done in all.
        best: Weights of the best validation.
        last: Weights after the last step.
        score: Of the best.
    """

    steps: int
    best: Path
    last: Path
    score: float


class _Pairs(Dataset[Pair]):
    """Pairs first, first + 1, ... of a sampler, by the order in which a run needs them."""

    def __init__(self, sampler: PairSampler, numbers: Sequence[int]) -> None:
        self._sampler, self._numbers = sampler, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Pair:
        return self._sampler[self._numbers[index]]


def train(
    recipe: Recipe,
    samplers: tuple[PairSampler, PairSampler],
    config: TrainingConfig,
    folder: Path,
    card: dict[str, str],
    processes: Processes | None = None,
    report_every: int = REPORT_EVERY,
) -> Job[TrainingSummary]:
    """Train, or go on where the run in `folder` stopped; stopping is to close the job.

    Args:
        recipe: Network and losses.
        samplers: Of training and validation pairs.
        config: Of the run; the same as it was begun with.
        folder: Of the run: its state, curves and weights.
        card: Model card of the weights.
        processes: Where several share the work.
        report_every: Steps between two reports.

    Returns:
        Where the weights are.

    Raises:
        ThermarkError: The folder holds a run of another configuration, or cannot be written.
    """
    trainer = Trainer(recipe, samplers, config, folder, card, processes or Processes(), report_every)
    return (yield from trainer.run())


class Trainer:
    """One run; see `train`."""

    def __init__(
        self,
        recipe: Recipe,
        samplers: tuple[PairSampler, PairSampler],
        config: TrainingConfig,
        folder: Path,
        card: dict[str, str],
        processes: Processes,
        report_every: int = REPORT_EVERY,
    ) -> None:
        self._report_every = report_every
        self._recipe, self._samplers, self._config = recipe, samplers, config
        self._folder, self._card, self._processes = folder, card, processes
        self._optimiser = optimiser_of(recipe, config)
        self._parameters = [p for group in self._optimiser.param_groups for p in group["params"]]
        self._names = {name for name, p in recipe.network.named_parameters() if p.requires_grad}
        self._average: dict[str, Tensor] = {}

    def run(self) -> Job[TrainingSummary]:
        """The job."""
        self._require_shares()
        state = self._begin()
        config = self._config.optimiser
        meter = ProgressMeter("Training", config.steps - state.step)
        begun, sums = state.step, _Sums()
        with CurveWriter(self._folder, enabled=self._processes.is_first, after=state.step) as curves:
            for batch in self._batches(state.step):
                if state.step == 0:
                    self._prepare(batch)
                sums.add(self._step(batch, state.step))
                state.step += 1
                if state.step % self._report_every == 0 or state.step == config.steps:
                    losses = self._processes.mean(sums.take())
                    curves.write(state, "train", losses)
                    yield StepDone(state.step, losses)
                    yield meter.at(state.step - begun)
                if state.step % self._config.validate_every == 0 or state.step == config.steps:
                    event = self._validate(state)
                    curves.write(state, "validation", {**event.losses, "score": event.score})
                    yield event
                if state.step % self._config.checkpoint_every == 0 or state.step == config.steps:
                    self._save(state)
        return TrainingSummary(state.step, self._folder / BEST, self._folder / LAST, state.best)

    def _begin(self) -> RunState:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ThermarkError(
                f"the folder cannot be made ({error.strerror}).", where=self._folder, todo="Choose another."
            ) from error
        digest = digest_of(self._config)
        state = load_state(self._folder, digest, self._recipe.network, self._average, self._optimiser)
        return state or RunState(digest)

    def _require_shares(self) -> None:
        """Refuse batches that cannot be divided evenly: their gradients would not be those of one process."""
        config, count = self._config, self._processes.count
        if config.optimiser.batch % count:
            raise ThermarkError(
                f"a batch of {config.optimiser.batch} cannot be divided among {count} processes.",
                where="optimiser.batch",
                todo=f"Make it a multiple of {count}.",
            )
        if config.validation_pairs < count:
            raise ThermarkError(
                f"{config.validation_pairs} pairs are too few for {count} processes.",
                where="validation_pairs",
            )

    def _prepare(self, batch: Batch) -> None:
        if self._processes.count > 1:  # each sees the whole first batch, so that all begin as one would alone
            pairs = [self._samplers[0][number] for number in range(self._config.optimiser.batch)]
            batch = self._recipe.collate(pairs)
        self._recipe.prepare(batch)
        self._processes.share_first(self._recipe.network)

    def _batches(self, first_step: int) -> Iterator[Batch]:
        """This process's share of every batch from `first_step` on."""
        config, part = self._config.optimiser, self._processes
        numbers = [
            step * config.batch + place
            for step in range(first_step, config.steps)
            for place in range(part.rank, config.batch, part.count)
        ]
        return iter(self._loader(self._samplers[0], numbers, config.batch // part.count))

    def _loader(self, sampler: PairSampler, numbers: Sequence[int], batch: int) -> DataLoader[Pair]:
        workers = self._config.workers if "fork" in torch.multiprocessing.get_all_start_methods() else 0
        return DataLoader(
            _Pairs(sampler, numbers),
            batch_size=batch,
            collate_fn=self._recipe.collate,
            num_workers=workers,
            # Forked workers see the clips without copying them; spawned ones would each need a copy.
            multiprocessing_context="fork" if workers else None,
            prefetch_factor=4 if workers else None,
        )

    def _step(self, batch: Batch, step: int) -> dict[str, float]:
        config = self._config.optimiser
        rate = learning_rate(step, config, self._config.variant)
        for group in self._optimiser.param_groups:
            group["lr"] = rate * group["rate"]
        losses = self._recipe.losses(batch)
        total = self._recipe.total(losses)
        self._optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self._processes.average_gradients(self._parameters)
        torch.nn.utils.clip_grad_norm_(self._parameters, config.clip_norm)
        self._optimiser.step()
        self._follow(step)
        return {
            "total": float(total.detach()),
            **{name: float(value.detach()) for name, value in losses.items()},
        }

    @torch.no_grad()
    def _follow(self, step: int) -> None:
        """Move the averaged weights; early on they follow faster, so that they forget the beginning."""
        decay = min(self._config.optimiser.average, (1 + step) / (10 + step))
        for name, value in self._recipe.network.named_parameters():
            if name not in self._names:
                continue
            if name in self._average:
                self._average[name].lerp_(value.detach(), 1 - decay)
            else:
                self._average[name] = value.detach().clone()

    def _averaged(self) -> dict[str, Tensor]:
        return {**self._recipe.network.state_dict(), **self._average}

    @torch.no_grad()
    def _validate(self, state: RunState) -> Validated:
        network = self._recipe.network
        present = {name: value.clone() for name, value in network.state_dict().items()}
        network.load_state_dict(self._averaged())
        try:
            sums = _Sums()
            count = self._config.validation_pairs
            size = max(1, min(self._config.optimiser.batch, count))
            mine = range(self._processes.rank, count, self._processes.count)
            for batch in self._loader(self._samplers[1], mine, size):
                losses = {name: float(value) for name, value in self._recipe.losses(batch).items()}
                sums.add(losses, len(next(iter(batch.values()))))
        finally:
            network.load_state_dict(present)
        weight = sums.count
        losses = self._processes.mean(sums.take(), weight)
        score = self._recipe.score(losses)
        is_best = score > state.best
        if is_best:
            state.best = score
            self._save_weights(BEST, state)
        return Validated(state.step, losses, score, is_best)

    def _save(self, state: RunState) -> None:
        if self._processes.is_first:
            self._save_weights(LAST, state)
            save_state(self._folder, state, self._recipe.network, self._average, self._optimiser)

    def _save_weights(self, name: str, state: RunState) -> None:
        if self._processes.is_first:
            card = {**self._card, "steps": str(state.step)}
            save_checkpoint(
                self._folder / name,
                self._recipe.architecture,
                self._recipe.network_config(),
                self._averaged(),
                card,
            )


class _Sums:
    """Running means by name."""

    def __init__(self) -> None:
        self._sums: dict[str, float] = {}
        self.count = 0

    def add(self, values: dict[str, float], weight: int = 1) -> None:
        for name, value in values.items():
            self._sums[name] = self._sums.get(name, 0.0) + weight * value
        self.count += weight

    def take(self) -> dict[str, float]:
        means = {name: value / max(self.count, 1) for name, value in self._sums.items()}
        self._sums, self.count = {}, 0
        return means


def optimiser_of(recipe: Recipe, config: TrainingConfig) -> torch.optim.Optimizer:
    """AdamW for the default network; SGD with momentum 0.9 for MLSSNet, as published."""
    groups = [
        {
            "params": group["params"],
            "rate": group["rate"],
            "weight_decay": config.optimiser.weight_decay if group["decays"] else 0.0,
        }
        for group in recipe.parameter_groups()
    ]
    if config.variant == "mlssnet":
        return torch.optim.SGD(groups, lr=config.optimiser.learning_rate, momentum=0.9)
    return torch.optim.AdamW(groups, lr=config.optimiser.learning_rate)


def learning_rate(step: int, config: OptimiserConfig, variant: str) -> float:
    """The rate of a step: cosine with warm-up; for MLSSNet falling evenly in the logarithm, as published."""
    share = step / max(config.steps - 1, 1)
    high, low = config.learning_rate, config.last_learning_rate
    if variant == "mlssnet":
        rate = high * math.pow(low / high, share)
    else:
        rate = low + (high - low) * 0.5 * (1 + math.cos(math.pi * share))
    return rate * min(1.0, (step + 1) / max(config.warm_up, 1))


def digest_of(config: TrainingConfig) -> str:
    """Of everything in a configuration that decides what is learned."""
    values = config.model_dump_json(exclude={"workers", "checkpoint_every"})
    return hashlib.sha256(values.encode()).hexdigest()[:16]
