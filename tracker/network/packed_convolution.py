"""Convolutions with their activation, and a form of them that a CPU computes faster.

On a CPU, torch lays the weights of a convolution out anew in every call and runs the activation as a second pass over
the result. The operators that torch's own compiler emits for oneDNN keep the weights as they are wanted and apply the
activation on the way out: for one crop the same values in some three quarters of the time.
"""

from __future__ import annotations

from typing import Any, Literal, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Activation = Literal["none", "relu", "relu6"]
Network = TypeVar("Network", bound=nn.Module)

# How the operator names an activation, and what it takes beside the name.
_FUSED: dict[Activation, tuple[str, list[float]]] = {
    "none": ("none", []),
    "relu": ("relu", []),
    "relu6": ("hardtanh", [0.0, 6.0]),
}


class ActivatedConv2d(nn.Conv2d):
    """A convolution and the activation after it; parameters are named as in `nn.Conv2d`."""

    activation: Activation = "none"

    def forward(self, x: Tensor) -> Tensor:
        """As `nn.Conv2d`, activated."""
        y = super().forward(x)
        if self.activation == "none":
            return y
        inplace = not torch.is_grad_enabled()
        return F.relu(y, inplace=inplace) if self.activation == "relu" else F.relu6(y, inplace=inplace)


def activated(conv: ActivatedConv2d, activation: Activation) -> ActivatedConv2d:
    """The convolution with an activation set."""
    conv.activation = activation
    return conv


class PackedConv2d(nn.Module):
    """A frozen `ActivatedConv2d` for inference on a CPU; see the module's text."""

    def __init__(self, conv: ActivatedConv2d) -> None:
        super().__init__()
        self._conv = conv
        self._attribute, self._scalars = _FUSED[conv.activation]
        self._packed: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W), without gradients."""
        conv = self._conv
        if self._packed is None:
            self._packed = self._pack(x)
        found: Tensor = torch.ops.mkldnn._convolution_pointwise(  # noqa: SLF001  # no public name
            x, self._packed, conv.bias, *self._geometry(), self._attribute, self._scalars, ""
        )
        return found

    def _geometry(self) -> tuple[Any, ...]:
        conv = self._conv
        return conv.padding, conv.stride, conv.dilation, conv.groups

    def _pack(self, x: Tensor) -> Tensor:
        """The weights as oneDNN wants them for one such input; right, if slower, for others."""
        weight = self._conv.weight.detach().contiguous().to_mkldnn()
        packed: Tensor = torch.ops.aten.mkldnn_reorder_conv2d_weight(
            weight, *self._geometry(), [1, *x.shape[1:]]
        )
        return packed


def packed(network: Network, device: torch.device) -> Network:
    """The network with packed convolutions where the device and this torch have them; changes the network itself."""
    if device.type != "cpu" or not can_pack():
        return network
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, ActivatedConv2d):
                setattr(module, name, PackedConv2d(child))
    return network


def can_pack() -> bool:
    """Whether this torch was built with oneDNN and has its fused operator."""
    built: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return built and hasattr(torch.ops.mkldnn, "_convolution_pointwise")
