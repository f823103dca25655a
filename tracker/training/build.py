"""From a configuration to a training run."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import torch

from tracker.jobs import Job
from tracker.network.checkpoints import MLSSNET
from tracker.network.default_network import load_default, untrained
from tracker.training.augmentation import AugmentationConfig
from tracker.training.clips import Clip
from tracker.training.config import ConfigError, TrainingConfig
from tracker.training.default_recipe import DefaultRecipe
from tracker.training.loop import TrainingSummary, train
from tracker.training.processes import Processes
from tracker.training.recipe import Recipe
from tracker.training.sampling import PairSampler
from tracker.training.sources import read_sources


def run_training(
    config: TrainingConfig,
    folder: Path,
    device: torch.device,
    card: dict[str, str],
    processes: Processes | None = None,
) -> Job[TrainingSummary]:
    """Read the sources, then train; see `tracker.training.loop.train`."""
    processes = processes or Processes()
    torch.manual_seed(config.seed)
    with processes.in_turn():
        clips = yield from read_sources(config.sources)
    recipe = recipe_of(config, device)
    samplers = samplers_of(config, recipe, clips)
    return (yield from train(recipe, samplers, config, folder, {**sources_card(config), **card}, processes))


def recipe_of(config: TrainingConfig, device: torch.device) -> Recipe:
    """The recipe of the configured variant, from its starting weights."""
    if config.variant == MLSSNET:
        from tracker.training.mlssnet_recipe import mlssnet_recipe

        return mlssnet_recipe(config, device)
    network = load_default(config.start_from) if config.start_from else untrained()
    return DefaultRecipe(network, config, device)


def samplers_of(config: TrainingConfig, recipe: Recipe, clips: list[Clip]) -> tuple[PairSampler, PairSampler]:
    """Samplers of training and validation pairs; no scene group is in both, unless all are on one side.

    Raises:
        ConfigError: A source has crops that end before what pairs show.
    """
    for clip in clips:
        _require_reach(clip, recipe.sampler_class.reach(config.sampling, recipe.crops))
    weights = {source.title: source.weight for source in config.sources}
    clips = [clip for clip in clips if any(len(clip.usable(t)) for t in range(len(clip.targets)))]
    kept = [clip for clip in clips if is_kept_back(clip, config.validation)]
    others = [clip for clip in clips if not is_kept_back(clip, config.validation)]
    # Whether something is pasted in or hides the target, the sampling decides alone.
    augmentation = AugmentationConfig(distractor=1.0, occluder=1.0)
    training, validation = (
        recipe.sampler_class(part, weights, config.sampling, recipe.crops, augmentation, seed)
        for part, seed in ((others or kept, config.seed), (kept or others, config.seed + 1_000_003))
    )
    return training, validation


def _require_reach(clip: Clip, reach: float) -> None:
    if clip.reach < reach:
        share = math.ceil(reach / clip.reach * 100) / 100
        raise ConfigError(
            f"the crops go {clip.reach:.2f} target sides from the middle of {clip.name}, and pairs of this"
            f" configuration {reach:.2f}.",
            where=clip.source,
            todo=f"Curate with a --crop that is {share:.2f} times as large, or lessen sampling.shift and scale.",
        )


def is_kept_back(clip: Clip, share: float) -> bool:
    """Whether a clip's scene group is for validation: decided by its name alone, so that it stays where it is."""
    digest = hashlib.sha256(clip.group.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32 < share


def sources_card(config: TrainingConfig) -> dict[str, str]:
    """The model card's part about data."""
    lines = [f"{source.title} ({source.licence or 'licence not stated'})" for source in config.sources]
    return {"training data": "; ".join(lines), "seed": str(config.seed)}
