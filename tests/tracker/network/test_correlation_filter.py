from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tracker.network.correlation_filter import (
    CorrelationFilter,
    cross_correlate,
    gaussian_target,
    hann_window,
    solve_filter,
)


def random(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def test_that_the_window_is_a_symmetric_hann_window_with_zero_ends() -> None:
    window = hann_window(5)

    line = torch.tensor([0.0, 0.5, 1.0, 0.5, 0.0])
    torch.testing.assert_close(window, torch.outer(line, line))


def test_that_the_target_peaks_at_the_first_cell_and_wraps_around() -> None:
    target = gaussian_target(49, sigma=2.0)

    assert target[0, 0] == 1
    assert target.sum() == pytest.approx(2 * torch.pi * 2.0**2, rel=1e-5)
    torch.testing.assert_close(target[3, 1], torch.exp(torch.tensor(-(9 + 1) / 8)))
    torch.testing.assert_close(target[-3, -1], target[3, 1])


@pytest.mark.parametrize("shape", [(7, 9), (6, 8)])
def test_that_the_filter_is_the_minimum_of_the_regularised_least_squares(shape: tuple[int, int]) -> None:
    # The response at shift t is sum_c sum_u w_c(u) x_c(u + t). With half spectra replaced by explicit
    # sums, w minimises (1/n) |response - y|^2 + lambda |w|^2, up to CFNet's factor 1/n on the solution.
    features, target, regularisation = random(1, 3, *shape), random(*shape, seed=1), 0.7
    cells = shape[0] * shape[1]

    filters = solve_filter(features, target, regularisation)[0]

    rows = [
        torch.roll(features[0], (-i, -j), dims=(-2, -1)).reshape(-1)
        for i in range(shape[0])
        for j in range(shape[1])
    ]
    shifts = torch.stack(rows)  # (n, C n): one row per shift
    gram = shifts.T @ shifts / cells + regularisation * torch.eye(shifts.shape[1], dtype=torch.float64)
    expected = torch.linalg.solve(gram, shifts.T @ target.reshape(-1) / cells)
    torch.testing.assert_close(filters.reshape(-1), expected)


def test_that_a_large_regularisation_leaves_small_filters() -> None:
    features, target = random(1, 2, 9, 9), gaussian_target(9, 2.0)

    weak, strong = (solve_filter(features, target, value) for value in (1e-3, 1e6))

    assert strong.abs().max() < 1e-5 * weak.abs().max()


def test_that_gradients_through_the_filter_are_exact() -> None:
    features = random(2, 2, 4, 5).requires_grad_()
    target = random(4, 5, seed=1).requires_grad_()

    assert torch.autograd.gradcheck(lambda x, y: solve_filter(x, y, 3.0), (features, target))


def test_that_gradients_through_the_layer_and_the_correlation_are_exact() -> None:
    layer = CorrelationFilter(5, regularisation=2.0, target_sigma=1.0, crop=1).double()
    features = random(2, 2, 5, 5).requires_grad_()
    search = random(2, 2, 4, 4, seed=1).requires_grad_()

    assert torch.autograd.gradcheck(
        lambda z, x: cross_correlate(layer(z), x), (features, search), fast_mode=True
    )


def test_that_the_layer_windows_before_and_crops_after() -> None:
    layer = CorrelationFilter(9, regularisation=10.0, target_sigma=2.0, crop=3).double()
    features = random(1, 4, 9, 9)

    expected = solve_filter(features * layer.window, layer.target, 10.0)[..., 3:6, 3:6]
    torch.testing.assert_close(layer(features), expected)


def test_that_half_precision_features_are_solved_in_float32() -> None:
    features = random(1, 3, 15, 15, dtype=torch.float32)
    target = gaussian_target(15, 2.0)

    rough = solve_filter(features.half(), target, 10.0)

    assert rough.dtype == torch.float32
    torch.testing.assert_close(rough, solve_filter(features.half().float(), target, 10.0))


def test_that_a_template_finds_itself() -> None:
    scene = random(1, 8, 25, 25, dtype=torch.float32)
    filters = solve_filter(scene, gaussian_target(25, 2.0), 0.1)

    response = cross_correlate(filters, functional.pad(scene, (5, 5, 5, 5)))[0]

    assert divmod(int(response.argmax()), response.shape[1]) == (5, 5)


def test_that_one_template_meets_every_search_feature() -> None:
    template, search = random(1, 4, 3, 3), random(3, 4, 8, 9, seed=1)

    together = cross_correlate(template, search)

    assert together.shape == (3, 6, 7)
    for index in range(3):
        torch.testing.assert_close(together[index], cross_correlate(template, search[[index]])[0])


def test_that_paired_templates_meet_their_own_search_feature_only() -> None:
    templates, search = random(3, 4, 3, 3), random(3, 4, 8, 9, seed=1)

    together = cross_correlate(templates, search)

    assert together.shape == (3, 6, 7)
    for index in range(3):
        torch.testing.assert_close(together[index], cross_correlate(templates[[index]], search[[index]])[0])


def test_that_the_correlation_does_not_flip() -> None:
    template = torch.zeros(1, 1, 2, 2)
    template[0, 0, 0, 1] = 1
    search = torch.arange(9.0).reshape(1, 1, 3, 3)

    torch.testing.assert_close(cross_correlate(template, search)[0], search[0, 0, :2, 1:])


def test_that_the_correlation_stays_in_float32_under_autocast() -> None:
    templates, search = 1e-5 * random(2, 4, 3, 3).float(), random(2, 4, 8, 8, seed=1).float()

    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = cross_correlate(templates, search)

    torch.testing.assert_close(inside, cross_correlate(templates, search), rtol=1e-6, atol=0)


@pytest.mark.parametrize("shape", [(2, 4, 3, 3), (1, 5, 3, 3)])
def test_that_templates_of_another_batch_or_channel_number_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="do not fit"):
        cross_correlate(torch.zeros(shape), torch.zeros(3, 4, 8, 8))
