from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from tests.tracker.network.numpy_mlssnet import random_crop
from tracker.network.config import MLSSNetConfig
from tracker.network.mlssnet import BatchNorm, MLSSNet


def crops(*seeds: int) -> Tensor:
    """(B, 1, 255, 255) gray crops."""
    return torch.stack([torch.from_numpy(random_crop(seed)).float()[None] for seed in seeds])


def random_norm(channels: int, std: float, training: bool) -> BatchNorm:
    norm = BatchNorm(channels, MLSSNetConfig()).train(training)
    with torch.no_grad():
        norm.gain.copy_(torch.linspace(0.5, 2, channels))
        norm.bias.copy_(torch.linspace(-1, 1, channels))
        norm.mean.fill_(3.0)
        norm.std.fill_(std)
    return norm


@pytest.mark.parametrize("std", [1e-3, 1.0, 60.0])
def test_that_batch_norm_divides_by_exactly_the_kept_deviation(std: float) -> None:
    norm = random_norm(4, std, training=False)
    x = 3 + std * torch.randn(2, 4, 5, 6, generator=torch.Generator().manual_seed(0))

    found = norm(x).double()

    gain, bias = (part.double()[:, None, None] for part in (norm.gain, norm.bias))
    expected = gain * (x.double() - 3) / norm.std.double()[:, None, None] + bias
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5)


def test_that_batch_norm_trains_like_the_ordinary_one() -> None:
    norm, ordinary = random_norm(4, 2.0, training=True), nn.BatchNorm2d(4)
    ordinary.load_state_dict({"weight": norm.gain, "bias": norm.bias}, strict=False)
    x = 5 + 3 * torch.randn(3, 4, 6, 6, generator=torch.Generator().manual_seed(0))

    found, expected = norm(x), ordinary(x)
    for _ in range(200):
        norm(x)

    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(norm.mean, x.mean((0, 2, 3)))
    torch.testing.assert_close(norm.std, x.std((0, 2, 3), correction=0))


def test_that_every_output_has_its_published_size(network: MLSSNet) -> None:
    with torch.inference_mode():
        template = network.template(crops(1))
        features = network.search(crops(2))
        maps = network.similarity(template, features)

    shapes = [tuple(part.shape) for part in (*template, *features, *maps)]
    assert shapes == [
        *((1, 64, 17, 17), (1, 64, 21, 21), (1, 64), (1, 53, 53)),
        *((1, 64, 49, 49), (1, 64, 53, 53)),
        *((1, 33, 33), (1, 33, 33), (1, 33, 33)),
    ]


def test_that_a_gray_crop_means_three_equal_channels(network: MLSSNet) -> None:
    network.double()
    gray = crops(1).double()

    with torch.inference_mode():
        folded, replicated = network.search(gray), network.search(gray.expand(1, 3, 255, 255))

    torch.testing.assert_close(folded, replicated, rtol=1e-10, atol=1e-10)
    assert network.backbone.conv1.weight.shape == (96, 3, 11, 11)


def test_that_one_template_meets_all_scales_and_pairs_stay_apart(network: MLSSNet) -> None:
    with torch.inference_mode():
        templates, features = network.template(crops(1, 2)), network.search(crops(3, 4))
        first = type(templates)(*(part[:1] for part in templates))
        scales, pairs = network.similarity(first, features), network.similarity(templates, features)
        alone = network(crops(2), crops(4))

    torch.testing.assert_close(scales.fused[0], pairs.fused[0], rtol=0, atol=1e-5)
    torch.testing.assert_close(alone.fused[0], pairs.fused[1], rtol=0, atol=1e-5)
    assert (scales.fused[1] - pairs.fused[1]).abs().max() > 1e-2


def test_that_templates_blend_in_every_part(network: MLSSNet) -> None:
    with torch.inference_mode():
        old, new = network.template(crops(1)), network.template(crops(2))

    blended = old.blend(new, 0.25)

    for mixed, before, after in zip(blended, old, new, strict=True):
        torch.testing.assert_close(mixed, 0.75 * before + 0.25 * after)


def test_that_a_loss_reaches_every_parameter(network: MLSSNet) -> None:
    # In evaluation mode, since batch statistics would hide the convolutions' biases from the loss.
    maps = network(crops(1), crops(2))

    maps.fused.square().mean().backward()

    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.isfinite().all(), name
        assert parameter.grad.abs().max() > 0, name


def test_that_training_starts_from_the_published_weights() -> None:
    torch.manual_seed(0)

    network = MLSSNet()

    conv2, attention = network.backbone.conv2, network.semantic.attention.squeeze
    assert conv2.weight.std().item() == pytest.approx(math.sqrt(2 / (5 * 5 * 256)), rel=0.02)
    assert attention.weight.std().item() == pytest.approx(1e-8, rel=0.1)
    assert not any(part.any() for name, part in network.backbone.named_parameters() if "conv1.bias" in name)


@pytest.mark.parametrize("shape", [(1, 2, 255, 255), (1, 1, 127, 127), (1, 255, 255)])
def test_that_crops_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="255"):
        MLSSNet().search(torch.zeros(shape))
