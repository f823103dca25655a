"""Packed convolutions give what the plain ones give."""

from __future__ import annotations

from copy import deepcopy

import pytest
import torch
from torch import nn
from torch.nn import functional

from tracker.network.packed_convolution import (
    ActivatedConv2d,
    Activation,
    PackedConv2d,
    activated,
    can_pack,
    packed,
)

CPU = torch.device("cpu")
needs_onednn = pytest.mark.skipif(not can_pack(), reason="this torch has no oneDNN operators")


def conv(activation: Activation, groups: int = 1, stride: int = 1) -> ActivatedConv2d:
    torch.manual_seed(3)
    made = ActivatedConv2d(16, 32, 3, stride, 1, groups=groups)
    made.requires_grad_(False)
    nn.init.uniform_(made.weight, -2, 2)
    return activated(made, activation)


def test_that_the_activation_comes_after_the_convolution() -> None:
    x = torch.randn(2, 16, 8, 8)
    plain = functional.conv2d(x, conv("none").weight, conv("none").bias, padding=1)
    assert torch.equal(conv("none")(x), plain)
    assert torch.equal(conv("relu")(x), plain.clamp_min(0))
    assert torch.equal(conv("relu6")(x), plain.clamp(0, 6))
    assert float(plain.max()) > 6
    assert float(plain.min()) < 0


@needs_onednn
@torch.inference_mode()
@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize(("groups", "stride"), [(1, 1), (1, 2), (16, 1)])
@pytest.mark.parametrize("activation", ["none", "relu", "relu6"])
def test_that_packing_changes_no_value(
    activation: Activation, groups: int, stride: int, precision: torch.dtype
) -> None:
    if precision == torch.bfloat16 and not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("this CPU has no bfloat16 convolutions")
    plain = conv(activation, groups, stride).to(precision)
    fast = packed(nn.Sequential(deepcopy(plain)), CPU)
    assert isinstance(fast[0], PackedConv2d)
    for batch, side in ((3, 12), (1, 12), (1, 20)):  # packed for the first shape, used for all
        x = torch.randn(batch, 16, side, side).to(precision)
        wanted = plain(x.contiguous(memory_format=torch.channels_last)).float()
        found = fast(x.contiguous(memory_format=torch.channels_last)).float()
        # In bfloat16 the plain form rounds once more, between convolution and activation.
        assert torch.allclose(found, wanted, rtol=1e-2 if precision == torch.bfloat16 else 1e-5, atol=1e-4)


def test_that_only_a_cpu_gets_packed_convolutions() -> None:
    network = nn.Sequential(conv("relu"))
    assert packed(network, torch.device("meta"))[0] is network[0]
    assert isinstance(network[0], ActivatedConv2d)
