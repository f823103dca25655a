"""The network for tracking: folded, in less precision, and learning from what it has seen already."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor

from tests.tracker.network.numpy_mlssnet import random_crop
from tracker.network.correlation_filter import cross_correlate, gaussian_target, moved
from tracker.network.mlssnet import MLSSNet
from tracker.network.mlssnet_inference import InferenceMLSSNet


@pytest.fixture(scope="module")
def crops() -> Tensor:
    """(2, 1, 255, 255): the second is the first, its content moved by (8, -4) px."""
    first = torch.from_numpy(random_crop(1)).float()
    return torch.stack([first, first.roll((-4, 8), (0, 1))])[:, None]


def test_that_folding_changes_nothing(network: MLSSNet, crops: Tensor) -> None:
    fast = InferenceMLSSNet(copy.deepcopy(network), torch.float32)

    with torch.inference_mode():
        template, found = network.template(crops[:1]), fast.template(crops[:1])
        maps = network.similarity(template, network.search(crops))
        fast_maps = fast.similarity(found, fast.search(crops))

    for level, expected in zip((*fast_maps, *found), (*maps, *template), strict=True):
        torch.testing.assert_close(level, expected, rtol=1e-4, atol=1e-5)


def test_that_bfloat16_stays_close(network: MLSSNet, crops: Tensor) -> None:
    fast = InferenceMLSSNet(copy.deepcopy(network), torch.bfloat16)

    with torch.inference_mode():
        maps = network(crops[:1], crops)
        found = fast.similarity(fast.template(crops[:1]), fast.search(crops))

    assert {level.dtype for level in found} == {torch.float32}
    for level, expected in zip(found, maps, strict=True):
        assert (level - expected).abs().max() < 0.02 * (expected.max() - expected.min())
        assert torch.equal(level.flatten(1).argmax(1), expected.flatten(1).argmax(1))


def test_that_a_target_beside_the_middle_is_learned_as_if_it_were_in_it(
    network: MLSSNet, crops: Tensor
) -> None:
    with torch.inference_mode():
        features = network.search(crops)
        centred = network.learn(type(features)(*(level[:1] for level in features)))
        beside = network.learn(type(features)(*(level[1:] for level in features)), (2.0, -1.0))
        expected = network.similarity(centred, features).fused
        found = network.similarity(beside, features).fused

    places = [divmod(int(level.argmax()), 33) for level in found]
    assert places == [divmod(int(level.argmax()), 33) for level in expected] == [(16, 16), (15, 18)]
    spread = expected.max() - expected.min()
    assert (found - expected).abs().max() < 0.15 * spread


def test_that_a_wanted_response_moves_by_cells_and_parts_of_them() -> None:
    target = gaussian_target(49, 2.0)

    torch.testing.assert_close(moved(target, (3.0, -2.0)), target.roll((-2, 3), (0, 1)), rtol=0, atol=1e-5)
    half = moved(target, (0.5, 0.0))
    assert half[0, 0] == pytest.approx(float(half[0, 1]), abs=1e-5)


@pytest.mark.parametrize("sizes", [(17, 49), (21, 53), (4, 11)])
def test_that_the_comparison_is_the_plain_cross_correlation(sizes: tuple[int, int]) -> None:
    noise = torch.Generator().manual_seed(0)
    template, search = (torch.randn(1, 8, size, size + 1, generator=noise).double() for size in sizes)

    found = cross_correlate(template, search)

    torch.testing.assert_close(found, torch.nn.functional.conv2d(search, template)[:, 0])
