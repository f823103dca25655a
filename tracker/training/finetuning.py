"""Fine-tuning on one's own corrections, with proof: learn from some clips, and show on the others what it has brought.

Clips are divided by what they show, never by frame. What is kept back takes no part in the training, not even to choose
among its weights: the weights after the last step are those that are proved, so that the proof is an honest one.
"""

from __future__ import annotations

import hashlib
import math
import shlex
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import Tensor

from tracker.errors import ThermarkError
from tracker.jobs import Job, Progress
from tracker.network.checkpoints import DEFAULT, load_checkpoint
from tracker.network.default_network import network_of
from tracker.store.snapshot import snapshot
from tracker.tracking.build import build_tracker, find_weights
from tracker.tracking.device import Device, explained, resolve_device
from tracker.training.augmentation import AugmentationConfig
from tracker.training.clips import Clip
from tracker.training.config import OptimiserConfig, SourceConfig, TrainingConfig
from tracker.training.default_recipe import CROPS, DefaultRecipe
from tracker.training.events import Divided
from tracker.training.loop import TrainingSummary, train
from tracker.training.proof import PICTURE_FILE, ClipResult, Proof, clip_proof, save_proof, stretches, tracked
from tracker.training.recipe import Losses
from tracker.training.sampling import PairSampler
from tracker.training.sources import read_sources

WEIGHTS_FILE = "weights.safetensors"
LEAST_STEPS, MOST_STEPS = 20, 3000
REPORT_EVERY = 2
VALIDATIONS = 6
"""So often the curve of what is kept back gets a point."""

VALIDATION_SHARE = 0.6
"""What a validation pair takes, relative to one that is learned from."""


@dataclass(frozen=True)
class TuningSettings:
    """How the network is tuned.

    Attributes:
        learning_rate: Highest one.
        batch: Pairs in a step.
        warm_up: Steps over which the rate rises.
        average: Decay of the averaged weights, which are those that are kept.
        hold: Strength with which every weight is drawn to where it began (L2-SP; Li et al., ICML 2018), so that what
            the few clips say nothing about stays as it was.
        validation_pairs: Pairs of clips kept back for the curve.
    """

    learning_rate: float = 5e-4
    batch: int = 8
    warm_up: int = 5
    average: float = 0.95
    hold: float = 1e-3
    validation_pairs: int = 24


@dataclass(frozen=True)
class FineTuneRequest:
    """What to tune, on what.

    Attributes:
        sources: Projects and sequences; at least two clips in all.
        output: Folder for weights, proof and picture; new or empty.
        base: Name or path of the model to begin with.
        minutes: About so long it learns; the proof comes on top.
        steps: So many steps instead.
        device: "auto", "cuda", "mps" or "cpu".
        threads: CPU threads, None for torch's own choice.
        held_back: Names of the clips to keep back; chosen by `held_share` where empty.
        held_share: Share of the clips to keep back; at least one is.
        seed: Of everything random.
        settings: How it learns.
    """

    sources: tuple[SourceConfig, ...]
    output: Path
    base: str = DEFAULT
    minutes: float = 5.0
    steps: int | None = None
    device: str = "auto"
    threads: int | None = None
    held_back: tuple[str, ...] = ()
    held_share: float = 0.25
    seed: int = 1
    settings: TuningSettings = field(default_factory=TuningSettings)

    def command(self) -> str:
        """The command that does the same."""
        words = ["thermark", "finetune", *(str(source.path) for source in self.sources)]
        words += ["--base", self.base, "--seed", str(self.seed)]
        for name in self.held_back:
            words += ["--hold-back", name]
        words += ["--minutes", f"{self.minutes:g}"] if self.steps is None else ["--steps", str(self.steps)]
        return shlex.join(words)


def source_of(path: Path) -> SourceConfig:
    """A `.thermark` project or a folder of sequences, or of one, as a source.

    Raises:
        ThermarkError: It is neither.
    """
    path = path.expanduser().absolute()
    if path.is_dir() and ((path / "groundtruth.txt").is_file() or any(path.glob("*/groundtruth.txt"))):
        return SourceConfig(kind="sequences", path=path)
    if path.suffix == ".thermark" and path.is_file():
        return SourceConfig(kind="project", path=path)
    raise ThermarkError(
        "this is neither a project nor a sequence.",
        where=path,
        todo="Give .thermark files, or folders with groundtruth.txt.",
    )


def sources_of(paths: Sequence[Path]) -> tuple[SourceConfig, ...]:
    """Sources with names of their own; a path given twice counts once."""
    sources = [source_of(path) for path in dict.fromkeys(path.expanduser().absolute() for path in paths)]
    names = distinct([source.path.stem for source in sources])
    return tuple(
        source.model_copy(update={"name": name}) for source, name in zip(sources, names, strict=True)
    )


def distinct(names: Sequence[str]) -> list[str]:
    """The names, those that come again with a number behind."""
    seen: Counter[str] = Counter()
    given: set[str] = set()
    result = []
    for name in names:
        other = name
        while other in given:
            seen[name] += 1
            other = f"{name} ({seen[name] + 1})"
        given.add(other)
        result.append(other)
    return result


def fine_tune(request: FineTuneRequest) -> Job[Proof]:
    """Tune a model, and prove it on clips that were kept back; closing the job leaves nothing behind.

    Yields `Progress`, `Divided`, and the loop's `StepDone` and `Validated`.

    Returns:
        The proof; whether the new weights may be used is in it.

    Raises:
        ThermarkError: There are not two clips, the folder is in use, or anything else the user can mend.
    """
    place = resolve_device(request.device, request.threads)
    with _fresh_folder(request.output), explained(place):
        return (yield from _tuned_and_proved(request, place))


def _tuned_and_proved(request: FineTuneRequest, place: Device) -> Job[Proof]:
    base = find_weights(request.base)
    digest = load_checkpoint(base, DEFAULT).digest  # before minutes are spent
    clips = named_apart((yield from _read(request)))
    training, held_back = split(clips, request)
    before = yield from _all_tracked(held_back, base, place, "before")
    begun = time.monotonic()
    summary = yield from _trained(request, base, place, training, held_back)
    seconds = time.monotonic() - begun
    weights = request.output / WEIGHTS_FILE
    summary.last.replace(weights)
    after = yield from _all_tracked(held_back, weights, place, "after")
    pairs = list(zip(before, after, strict=True))
    proof = Proof(
        base=request.base,
        base_digest=digest,
        weights=weights,
        digest=load_checkpoint(weights).digest,
        clips=tuple(clip_proof(*pair) for pair in pairs),
        trained_on=tuple(clip.name for clip in training),
        sources=tuple(str(source.path) for source in request.sources),
        steps=summary.steps,
        seconds=seconds,
        seed=request.seed,
        command=request.command(),
        device=place.name,
        picture=_picture(pairs, request.output),
    )
    save_proof(proof, request.output)
    return proof


def _read(request: FineTuneRequest) -> Job[list[Clip]]:
    """All clips; projects are read from copies, so that they may be open meanwhile."""
    folder = request.output / "projects"
    sources = []
    for number, source in enumerate(request.sources):
        if source.kind == "project":
            copy = folder / str(number) / source.path.name
            copy.parent.mkdir(parents=True)
            snapshot(source.path, copy)
            source = source.model_copy(update={"path": copy, "name": source.title})
        sources.append(source)
    clips = yield from read_sources(tuple(sources))
    shutil.rmtree(folder, ignore_errors=True)
    return clips


@contextmanager
def _fresh_folder(folder: Path) -> Iterator[None]:
    """A folder that is new or empty; emptied again when what is done in it does not come to its end."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ThermarkError("the folder is not empty.", where=folder, todo="Choose another.")
    except OSError as error:
        raise ThermarkError(
            f"the folder cannot be made ({error.strerror}).", where=folder, todo="Choose another."
        ) from error
    try:
        yield
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def named_apart(clips: Sequence[Clip]) -> list[Clip]:
    """The clips with names of their own."""
    return [
        replace(clip, name=name) for clip, name in zip(clips, distinct([c.name for c in clips]), strict=True)
    ]


def split(clips: Sequence[Clip], request: FineTuneRequest) -> tuple[list[Clip], list[Clip]]:
    """Clips to learn from and clips to keep back; those that show the same are on the same side.

    Raises:
        ThermarkError: There are not two, or the choice leaves one side empty or cannot be tracked.
    """
    clips = [clip for clip in clips if any(len(clip.usable(t)) for t in range(len(clip.targets)))]
    groups = list(dict.fromkeys(clip.group for clip in clips))
    if len(groups) < 2:
        raise ThermarkError(
            "at least two clips are needed: one to learn from and one to prove it on.",
            where=", ".join(clip.name for clip in clips),
            todo="Add a project about another clip.",
        )
    kept = _chosen_groups(clips, request) if request.held_back else _drawn_groups(clips, groups, request)
    training = [clip for clip in clips if clip.group not in kept]
    held_back = [clip for clip in clips if clip.group in kept and stretches(clip)]
    if not training:
        raise ThermarkError(
            "nothing is left to learn from.", where="clips kept back", todo="Keep fewer of them back."
        )
    if not held_back:
        raise ThermarkError(
            "the clips kept back have no boxes in frames near one another to be tracked through.",
            where=", ".join(request.held_back),
            todo="Keep another one back, or correct more of its frames.",
        )
    return training, held_back


def _chosen_groups(clips: Sequence[Clip], request: FineTuneRequest) -> set[str]:
    """The groups of the named clips; a source's name stands for all of its clips."""
    known = {clip.name for clip in clips} | {clip.source for clip in clips}
    unknown = [name for name in request.held_back if name not in known]
    if unknown:
        raise ThermarkError(
            f"there is no clip called {', '.join(unknown)}.",
            where="clips kept back",
            todo=f"The clips are {', '.join(clip.name for clip in clips)}.",
        )
    return {clip.group for clip in clips if {clip.name, clip.source} & set(request.held_back)}


def _drawn_groups(clips: Sequence[Clip], groups: Sequence[str], request: FineTuneRequest) -> set[str]:
    """So many as are wanted, drawn by seed and name alone from those that can be tracked through."""
    can_be_tracked = {clip.group for clip in clips if stretches(clip)}
    count = min(max(1, round(request.held_share * len(groups))), len(groups) - 1)

    def lot(group: str) -> bytes:
        return hashlib.sha256(f"{request.seed}:{group}".encode()).digest()

    return set(sorted(can_be_tracked, key=lot)[:count])


def _all_tracked(clips: Sequence[Clip], weights: Path, place: Device, when: str) -> Job[list[ClipResult]]:
    results = []
    for clip in clips:
        built = build_tracker(str(weights), device=place.torch_device.type, normalisation=clip.normalisation)
        results.append((yield from tracked(clip, built.tracker, f"Tracking {clip.name} {when}")))
    return results


class TuningRecipe(DefaultRecipe):
    """The default recipe, held near the weights it begins with."""

    def __init__(self, base: Path, config: TrainingConfig, device: torch.device, hold: float) -> None:
        super().__init__(network_of(load_checkpoint(base, DEFAULT), base), config, device)
        self._hold = hold
        self._start = [(p, p.detach().clone()) for p in self.network.parameters() if p.requires_grad]

    def total(self, losses: Losses) -> Tensor:
        """The loss to descend on, with half the squared distance from the start."""
        away = torch.stack([(now - start).square().sum() for now, start in self._start]).sum()
        return super().total(losses) + 0.5 * self._hold * away


def _trained(
    request: FineTuneRequest, base: Path, place: Device, training: Sequence[Clip], held_back: Sequence[Clip]
) -> Job[TrainingSummary]:
    """Train, and keep nothing of the run but its weights and curves."""
    yield Progress("Preparing to learn", 0, None, 0.0, None)
    torch.manual_seed(request.seed)
    config = training_config(request, base, request.steps or LEAST_STEPS)
    recipe = TuningRecipe(base, config, place.torch_device, request.settings.hold)
    weights = {source.title: source.weight for source in request.sources}
    samplers = (
        PairSampler(training, weights, config.sampling, CROPS, AugmentationConfig(), request.seed),
        PairSampler(
            held_back, weights, config.sampling, CROPS, AugmentationConfig(), request.seed + 1_000_003
        ),
    )
    steps = request.steps or steps_in(
        request.minutes, _seconds_per_step(recipe, samplers[0], config), request.settings
    )
    config = training_config(request, base, steps)
    yield Divided(tuple(c.name for c in training), tuple(c.name for c in held_back), steps)
    run = request.output / "run"
    card = {"tuned from": request.base, "seed": str(request.seed)}
    summary = yield from train(recipe, samplers, config, run, card, report_every=REPORT_EVERY)
    last = summary.last.replace(request.output / summary.last.name)
    (run / "curves").replace(request.output / "curves")
    shutil.rmtree(run)
    return replace(summary, last=last, best=last)


def training_config(request: FineTuneRequest, base: Path, steps: int) -> TrainingConfig:
    """The configuration of the training loop."""
    settings = request.settings
    return TrainingConfig(
        sources=request.sources,
        start_from=base,
        trained=("head", "filters"),
        seed=request.seed,
        workers=0,
        validation_pairs=settings.validation_pairs,
        validate_every=max(1, math.ceil(steps / VALIDATIONS)),
        checkpoint_every=steps,
        optimiser=OptimiserConfig(
            steps=steps,
            batch=settings.batch,
            learning_rate=settings.learning_rate,
            last_learning_rate=settings.learning_rate / 20,
            warm_up=settings.warm_up,
            average=settings.average,
            weight_decay=0.0,  # towards the start instead, not towards 0
        ),
    )


def steps_in(minutes: float, seconds_per_step: float, settings: TuningSettings) -> int:
    """How many steps fit into a time, the validations in between included."""
    for_validation = VALIDATIONS * settings.validation_pairs / settings.batch * VALIDATION_SHARE
    steps = 60 * minutes / max(seconds_per_step, 1e-6) - for_validation
    return min(max(round(steps), LEAST_STEPS), MOST_STEPS)


def _seconds_per_step(recipe: TuningRecipe, sampler: PairSampler, config: TrainingConfig) -> float:
    """What a step takes; the first one does not count. The network stays as it is."""
    taken = 0.0
    for _ in range(2):
        begun = time.monotonic()
        batch = recipe.collate([sampler[number] for number in range(config.optimiser.batch)])
        recipe.total(recipe.losses(batch)).backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        taken = time.monotonic() - begun
    recipe.network.zero_grad(set_to_none=True)
    return taken


def _picture(pairs: list[tuple[ClipResult, ClipResult]], folder: Path) -> Path:
    from tracker.training.proof_picture import draw_proof  # matplotlib takes a second to load

    path = folder / PICTURE_FILE
    draw_proof(pairs, path)
    return path
