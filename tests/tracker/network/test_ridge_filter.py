"""The online filter against a plain solution of the same least-squares problem."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from tracker.network.ridge_filter import (
    Grid,
    RidgeConfig,
    RidgeFilter,
    RidgeProblem,
    adjoint,
    correlate,
    respond,
    spectra_of,
)

SHAPE = (3, 6, 7)  # channels, height, width


def samples(count: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(count, *SHAPE, generator=generator)
    return features, torch.rand(count, *SHAPE[1:], generator=generator)


def design_matrix(features: torch.Tensor, kernel: int) -> np.ndarray:
    """(n * H * W, C * k * k): response = matrix @ filter, column by column through conv2d."""
    size = features.shape[1] * kernel * kernel
    units = torch.eye(size).view(size, features.shape[1], kernel, kernel)
    responses = functional.conv2d(features, units, padding=kernel // 2)  # (n, size, H, W)
    return responses.permute(0, 2, 3, 1).reshape(-1, size).double().numpy()


def test_that_the_filter_is_the_weighted_ridge_regression_solution() -> None:
    config = RidgeConfig(kernel=3, regularisation=0.3, memory=4, first_iterations=80, iterations=80)
    ridge = RidgeFilter(config)
    features, labels = samples(2)
    ridge.init(features, labels)
    more, more_labels = samples(1, seed=5)
    ridge.remember(more[0], more_labels[0], rate=0.4)
    ridge.refit()
    weights = np.repeat([0.3, 0.3, 0.4], SHAPE[1] * SHAPE[2])
    matrix = design_matrix(torch.cat([features, more]), 3)
    wanted = torch.cat([labels, more_labels]).flatten().double().numpy()
    normal = matrix.T @ (weights[:, None] * matrix) + 0.3 * np.eye(matrix.shape[1])
    solution = np.linalg.solve(normal, matrix.T @ (weights * wanted))
    probe, _ = samples(1, seed=9)
    expected = design_matrix(probe, 3) @ solution
    assert ridge.respond(probe).flatten().numpy() == pytest.approx(expected, abs=1e-4)


def test_that_the_first_frame_keeps_its_share_however_much_follows() -> None:
    ridge = RidgeFilter(RidgeConfig(kernel=3, memory=6, learning_rate=0.5, first_share=0.25))
    features, labels = samples(2)
    ridge.init(features, labels)
    for seed in range(20):
        more, more_labels = samples(1, seed)
        ridge.remember(more[0], more_labels[0])
    weights = ridge._weights
    assert float(weights.sum()) == pytest.approx(1.0, abs=1e-5)
    assert float(weights[:2].sum()) >= 0.25 - 1e-5
    assert ridge._count == 6
    assert torch.equal(ridge._spectra[:, :2], spectra_of(features, ridge._grid))


def test_that_a_restored_filter_goes_on_as_if_nothing_had_happened() -> None:
    ridge = RidgeFilter(RidgeConfig(kernel=3, memory=5))
    ridge.init(*samples(2))
    saved = ridge.state()
    probe, label = samples(1, 7)
    before = ridge.respond(probe)
    ridge.remember(probe[0], label[0], rate=0.5)
    ridge.refit()
    changed = ridge.respond(probe)
    ridge.restore(saved)
    assert torch.equal(ridge.respond(probe), before)
    ridge.remember(probe[0], label[0], rate=0.5)
    ridge.refit()
    assert torch.allclose(ridge.respond(probe), changed)
    assert not torch.allclose(before, changed)


GRID = Grid(*SHAPE[1:], kernel=3)
WEIGHTS = torch.tensor([[0.3, 0.7], [1.0, 0.5]], dtype=torch.float64)


def pairs() -> tuple[torch.Tensor, torch.Tensor]:
    """Two samples of each of two targets, with wanted responses, in float64."""
    generator = torch.Generator().manual_seed(4)
    features = torch.randn(2, 2, *SHAPE, generator=generator, dtype=torch.float64)
    return features, torch.rand(2, 2, *SHAPE[1:], generator=generator, dtype=torch.float64)


def problem(gains: torch.Tensor) -> RidgeProblem:
    """Two targets with two weighted samples each, in float64."""
    return RidgeProblem.of(*pairs(), WEIGHTS, gains, GRID.kernel, 0.2)


def dense_solution(gains: torch.Tensor, target: int) -> np.ndarray:
    """(C * k * k) v of one target of `problem`, from the normal equations written out."""
    features, labels = (values[target] for values in pairs())
    matrix = design_matrix(features.float(), 3) * gains.expand(2, SHAPE[0], 9)[target].flatten().numpy()
    weights = np.repeat(WEIGHTS[target].numpy(), SHAPE[1] * SHAPE[2])
    normal = matrix.T @ (weights[:, None] * matrix) + 0.2 * np.eye(matrix.shape[1])
    return np.linalg.solve(normal, matrix.T @ (weights * labels.flatten().numpy()))


@pytest.mark.parametrize("shape", [(2, 3, 1), (2, 1, 9), (2, 3, 9), (1, 1, 1)])
def test_that_gains_shape_the_solution(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(6)
    gains = torch.rand(*shape, generator=generator, dtype=torch.float64) * 2
    solution = problem(gains).solve(torch.zeros(2, SHAPE[0], 9, dtype=torch.float64), 60)
    for target in range(2):
        assert solution[target].flatten().numpy() == pytest.approx(dense_solution(gains, target), abs=1e-5)


def test_that_what_has_no_gain_has_no_say() -> None:
    gains = torch.ones(2, SHAPE[0], 1, dtype=torch.float64)
    gains[:, 1] = 0
    solution = problem(gains).solve(torch.zeros(2, SHAPE[0], 9, dtype=torch.float64), 30)
    assert float((gains * solution)[:, 1].abs().max()) == 0
    assert float(solution[:, 0].abs().max()) > 0


def test_that_adjoint_is_the_transpose_of_correlate() -> None:
    generator = torch.Generator().manual_seed(8)
    spectra = spectra_of(pairs()[0], GRID)
    filters = torch.randn(2, SHAPE[0], 9, generator=generator, dtype=torch.float64)
    residual = torch.randn(2, 2, *SHAPE[1:], generator=generator, dtype=torch.float64)
    there = float((correlate(spectra, filters, GRID) * residual).sum())
    assert there == pytest.approx(float((filters * adjoint(spectra, residual, GRID)).sum()), rel=1e-10)


@given(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3, 5, 7]), st.integers(0, 1000))
def test_that_correlate_is_a_convolution_with_zeros_around(
    height: int, width: int, kernel: int, seed: int
) -> None:
    generator = torch.Generator().manual_seed(seed)
    features = torch.randn(2, 3, height, width, generator=generator)
    filters = torch.randn(1, 3, kernel, kernel, generator=generator)
    wanted = functional.conv2d(features, filters, padding=kernel // 2)[:, 0]
    grid = Grid(height, width, kernel)
    found = correlate(spectra_of(features[None], grid), filters.flatten(2), grid)[0]
    assert torch.allclose(found, wanted, atol=1e-4)


def test_that_respond_is_a_convolution_for_each_target() -> None:
    features, filters = torch.randn(2, *SHAPE), torch.randn(2, SHAPE[0], 9)
    found = respond(features, filters, 3)
    for target in range(2):
        weight = filters[target].view(1, SHAPE[0], 3, 3)
        wanted = functional.conv2d(features[target : target + 1], weight, padding=1)[0, 0]
        assert torch.allclose(found[target], wanted, atol=1e-5)


@pytest.mark.parametrize("shape", [(2, 3, 1), (2, 1, 9)])
def test_that_gains_can_be_learned_through_the_solution(shape: tuple[int, ...]) -> None:
    generator = torch.Generator().manual_seed(7)
    probe = torch.randn(2, *SHAPE, generator=generator, dtype=torch.float64)
    start = torch.zeros(2, SHAPE[0], 9, dtype=torch.float64)

    def response(gains: torch.Tensor) -> torch.Tensor:
        return respond(probe, gains * problem(gains).solve(start, 4), 3)

    gains = torch.rand(*shape, generator=generator, dtype=torch.float64) + 0.5
    assert torch.autograd.gradcheck(response, (gains.requires_grad_(),), fast_mode=True)
