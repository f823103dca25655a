"""The default network's recipe: what learns from which loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from tests.tracker.training.fakes import bright_clip, sampler
from tracker.network.default_network import untrained
from tracker.training.build import is_kept_back, samplers_of
from tracker.training.config import SourceConfig, TrainingConfig
from tracker.training.default_recipe import CROPS, DefaultRecipe
from tracker.training.recipe import Batch

CPU = torch.device("cpu")


def config(**changes: Any) -> TrainingConfig:
    source = SourceConfig(kind="stills", path=Path("/nowhere"))
    return TrainingConfig.model_validate({"sources": (source,), "precision": "float32", **changes})


def recipe(**changes: Any) -> DefaultRecipe:
    torch.manual_seed(1)
    return DefaultRecipe(untrained(), config(**changes), CPU)


@pytest.fixture(scope="module")
def batch() -> Batch:
    drawn = sampler([bright_clip("a"), bright_clip("b", seed=3)], crops=CROPS)
    return recipe().collate([drawn[number] for number in range(2)])


def gradients(made: DefaultRecipe, batch: Batch) -> set[str]:
    """Parts of the network that learn from a batch."""
    made.prepare(batch)
    losses = made.losses(batch)
    assert all(bool(torch.isfinite(value)) for value in losses.values())
    made.total(losses).backward()  # type: ignore[no-untyped-call]
    return {
        name.partition(".")[0]
        for name, parameter in made.network.named_parameters()
        if parameter.grad is not None and bool(parameter.grad.abs().sum() > 0)
    }


@pytest.mark.parametrize(
    ("trained", "learning"),
    [
        (("head",), {"head"}),
        (("filters",), {"attentions", "ensemble"}),
        (("head", "filters"), {"head", "attentions", "ensemble"}),
        (("head", "filters", "backbone"), {"head", "attentions", "ensemble", "backbone"}),
    ],
)
def test_what_learns(batch: Batch, trained: tuple[str, ...], learning: set[str]) -> None:
    made = recipe(trained=trained)
    assert gradients(made, batch) == learning
    wanted = sum(parameter.requires_grad for parameter in made.network.parameters())
    assert len(made.parameter_groups()) == wanted


def test_the_losses_and_their_score(batch: Batch) -> None:
    made = recipe()
    with torch.no_grad():
        losses = made.losses(batch)
    assert losses.keys() == {"box", "quality", "overlap", "filter"}
    assert all(value.shape == () for value in losses.values())
    values = {name: float(value) for name, value in losses.items()}
    better = {**values, "overlap": values["overlap"] + 0.1, "quality": values["quality"] / 2}
    assert made.score(better) > made.score(values)


def test_that_statistics_are_taken_once(batch: Batch) -> None:
    made = recipe()
    made.prepare(batch)
    spread = made.network.head.spread.clone()
    assert float((spread - 1).abs().max()) > 0.01
    made.prepare({**batch, "search": batch["search"] // 2})
    assert torch.equal(made.network.head.spread, spread)


def test_that_scene_groups_are_kept_back_whole() -> None:
    clips = [bright_clip(f"c{i}", group=f"g{i // 2}", source="nowhere") for i in range(40)]
    training, validation = samplers_of(config(validation=0.4), recipe(), clips)
    groups = [
        {place[0].group for group in made._groups["nowhere"] for place in group}
        for made in (training, validation)
    ]
    assert groups[0]
    assert groups[1]
    assert not groups[0] & groups[1]
    assert groups[0] | groups[1] == {clip.group for clip in clips}


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_that_a_single_scene_is_both_learned_and_checked(share: float) -> None:
    clip = bright_clip(source="nowhere")
    assert is_kept_back(clip, share) == bool(share)
    training, validation = samplers_of(config(validation=share), recipe(), [clip])
    assert training[0].template.shape == validation[0].template.shape
