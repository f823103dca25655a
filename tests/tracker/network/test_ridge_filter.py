"""The online filter against a plain solution of the same least-squares problem."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from tracker.network.ridge_filter import RidgeConfig, RidgeFilter

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
    assert torch.equal(ridge._samples[:, :2], features.flatten(2).transpose(0, 1))


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
