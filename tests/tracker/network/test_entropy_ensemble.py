from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from tracker.network.config import MLSSNetConfig
from tracker.network.entropy_ensemble import (
    EntropyEnsemble,
    as_distribution,
    ensemble_shares,
    fuse,
    relative_entropy,
)


def random_distribution(seed: int, size: int = 5) -> Tensor:
    values = torch.rand(size, size, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return (values + 0.01) / (values + 0.01).sum()


def total_entropy(q: Tensor, first: Tensor, second: Tensor, shares: tuple[float, float]) -> Tensor:
    return shares[0] * relative_entropy(first, q) + shares[1] * relative_entropy(second, q)


@pytest.mark.parametrize("shares", [(0.5, 0.5), (0.8, 0.2)])
def test_that_no_distribution_near_the_fused_one_is_nearer_to_both(shares: tuple[float, float]) -> None:
    first, second = random_distribution(1), random_distribution(2)
    fused = fuse(first, second, shares)
    least = total_entropy(fused, first, second, shares)
    generator = torch.Generator().manual_seed(3)

    for reach in (0.5, 0.05, 0.005):
        for _ in range(50):
            step = torch.randn(fused.shape, generator=generator, dtype=torch.float64)
            step -= step.mean()  # stays a distribution: adds up to 1, and nothing below 0
            step *= reach * fused.min() / step.abs().max()
            assert total_entropy(fused + step, first, second, shares) > least


def test_that_numerical_minimisation_ends_at_the_fused_distribution() -> None:
    first, second = random_distribution(1), random_distribution(2)
    logits = torch.zeros(25, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS([logits], max_iter=500, tolerance_grad=1e-12, tolerance_change=1e-16)

    def step() -> Tensor:
        optimiser.zero_grad()
        loss = total_entropy(torch.softmax(logits, 0).reshape(5, 5), first, second, (1.0, 1.0))
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no types there
        return loss

    optimiser.step(step)  # type: ignore[no-untyped-call]  # torch has no types there

    found = torch.softmax(logits.detach(), 0).reshape(5, 5)
    torch.testing.assert_close(found, fuse(first, second), rtol=1e-4, atol=1e-7)


def test_that_relative_entropy_has_its_known_values() -> None:
    fair, loaded = torch.tensor([[0.5, 0.5]]), torch.tensor([[0.75, 0.25]])
    sure = torch.tensor([[1.0, 0.0]])

    assert relative_entropy(fair, fair) == 0
    assert relative_entropy(fair, loaded).item() == pytest.approx(0.5 * math.log(2 / 3) + 0.5 * math.log(2))
    assert relative_entropy(sure, fair).item() == pytest.approx(math.log(2))
    assert relative_entropy(fair, sure) == math.inf


def test_that_maps_become_distributions() -> None:
    maps = torch.tensor([[[1.0, 3.0], [-1.0, 1.0]], [[7.0, 7.0], [7.0, 7.0]]])

    expected = torch.tensor([[[0.25, 0.5], [0.0, 0.25]], [[0.25, 0.25], [0.25, 0.25]]])
    torch.testing.assert_close(as_distribution(maps), expected)


@settings(max_examples=50)
@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_that_shares_add_up_to_one(first: float, second: float) -> None:
    shares = ensemble_shares(first, second)

    assert sum(shares) == 1
    assert min(shares) >= 0


def test_that_shares_follow_the_size_of_the_gains() -> None:
    assert ensemble_shares(3.0, 1.0) == (0.75, 0.25)
    assert ensemble_shares(-1.0, 3.0) == (0.25, 0.75)
    assert ensemble_shares(0.0, 0.0) == (0.5, 0.5)


def test_that_the_ensemble_adjusts_each_map_and_adds_them() -> None:
    ensemble = EntropyEnsemble(MLSSNetConfig())
    semantic, structural = torch.rand(2, 33, 33), torch.rand(2, 33, 33)

    fresh = ensemble(semantic, structural)
    with torch.no_grad():
        ensemble.semantic_gain.fill_(3.0)
        ensemble.structural_bias.fill_(0.25)
    trained = ensemble(semantic, structural)

    torch.testing.assert_close(fresh, (semantic - 0.5, structural - 0.5, semantic + structural - 1))
    expected = (3 * semantic - 0.5, structural + 0.25, 3 * semantic + structural - 0.25)
    torch.testing.assert_close(trained, expected)
    assert ensemble.shares() == (0.75, 0.25)
