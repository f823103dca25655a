"""MLSSNet for tracking: the same function as `MLSSNet` in evaluation mode, computed faster.

Batch normalisation is folded into the convolutions and the three channels of a gray crop into one; convolutions run in
the format that the device is fastest in, with channels innermost in memory. The correlation filters, the comparison and
the ensemble stay in float32: a filter's weights are too small for less.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from tracker.network.correlation_filter import CENTRED, Offset
from tracker.network.efficientnet_lite import channels_last
from tracker.network.mlssnet import Backbone, BatchNorm, Features, Maps, MLSSNet, Template


class InferenceMLSSNet(nn.Module):
    """A trained network with its backbone folded; shares the other parts with the network it is made from."""

    def __init__(self, network: MLSSNet, precision: torch.dtype) -> None:
        """Fold a network.

        Args:
            network: Its weights and stored moments are taken as they are now.
            precision: Of the backbone's convolutions.
        """
        super().__init__()
        self.backbone = FoldedBackbone(network.backbone, network.structural.reduction, precision)
        self.ensemble = network.ensemble
        self._whole = network
        self.requires_grad_(False)
        self.eval()

    def search(self, crops: Tensor) -> Features:
        """Features (float32) of gray crops (B, 1, 255, 255), 0..255; see `MLSSNet.search`."""
        return self.backbone(crops)  # type: ignore[no-any-return]  # modules give Any

    def template(self, crops: Tensor) -> Template:
        """See `MLSSNet.template`."""
        return self.learn(self.search(crops))

    def learn(self, features: Features, offset: Offset = CENTRED) -> Template:
        """See `MLSSNet.learn`."""
        return self._whole.learn(features, offset)

    def similarity(self, template: Template, search: Features) -> Maps:
        """See `MLSSNet.similarity`."""
        return self._whole.similarity(template, search)


class FoldedBackbone(nn.Module):
    """The five convolutions and the reduction of conv3 for gray crops, without batch normalisation.

    Each normalisation becomes part of the convolution before it; only the third cannot, since conv3's raw output is a
    feature of its own: it stays an affine map.
    """

    third_scale: Tensor
    third_shift: Tensor

    def __init__(self, backbone: Backbone, reduction: nn.Conv2d, precision: torch.dtype) -> None:
        super().__init__()
        self.conv1 = folded(_gray(backbone.conv1), backbone.bn1)
        self.conv2 = folded(backbone.conv2, backbone.bn2)
        self.conv3 = folded(backbone.conv3)
        self.conv4 = folded(backbone.conv4, backbone.bn4)
        self.conv5 = folded(backbone.conv5)
        self.reduction = folded(reduction)
        scale, shift = affine(backbone.bn3)
        self.register_buffer("third_scale", scale.float()[:, None, None])
        self.register_buffer("third_shift", shift.float()[:, None, None])
        self.precision = precision
        channels_last(self.to(precision))

    def forward(self, crops: Tensor) -> Features:
        """Crops (B, 1, 255, 255), 0..255 -> features in float32."""
        x = functional.relu_(self.conv1(crops.to(self.precision)))  # (B, 96, 123, 123)
        x = functional.max_pool2d(x.contiguous(memory_format=torch.channels_last), 3, stride=2)
        x = functional.relu_(self.conv2(x))  # (B, 256, 57, 57)
        conv3 = self.conv3(functional.max_pool2d(x, 3, stride=1))  # (B, 384, 53, 53)
        reduced = self.reduction(conv3)  # (B, 64, 53, 53)
        x = functional.relu_(torch.addcmul(self.third_shift, conv3, self.third_scale))
        x = functional.relu_(self.conv4(x))  # (B, 384, 51, 51)
        conv5 = self.conv5(x)  # (B, 64, 49, 49)
        return Features(_plain(conv5), _plain(reduced))


def affine(norm: BatchNorm) -> tuple[Tensor, Tensor]:
    """Scale and shift of a normalisation by its stored moments, in float64."""
    gain, bias, mean, std = (part.detach().double() for part in (norm.gain, norm.bias, norm.mean, norm.std))
    scale = gain / std
    return scale, bias - mean * scale


def folded(conv: nn.Conv2d, norm: BatchNorm | None = None) -> nn.Conv2d:
    """A copy of a convolution, in float32, that also does the normalisation after it."""
    weight, bias = conv.weight.detach().double(), _bias(conv)
    if norm is not None:
        scale, shift = affine(norm)
        weight, bias = weight * scale[:, None, None, None], bias * scale + shift
    copy = nn.Conv2d(
        conv.in_channels,
        conv.out_channels,
        (conv.kernel_size[0], conv.kernel_size[1]),
        (conv.stride[0], conv.stride[1]),
        groups=conv.groups,
    )
    with torch.no_grad():
        copy.weight = nn.Parameter(weight.float())
        copy.bias = nn.Parameter(bias.float())
    return copy


def _gray(conv: nn.Conv2d) -> nn.Conv2d:
    """The convolution for one channel that stands for three equal ones."""
    copy = nn.Conv2d(
        1, conv.out_channels, (conv.kernel_size[0], conv.kernel_size[1]), (conv.stride[0], conv.stride[1])
    )
    with torch.no_grad():
        copy.weight = nn.Parameter(conv.weight.detach().double().sum(1, keepdim=True))
        copy.bias = nn.Parameter(_bias(conv))
    return copy


def _bias(conv: nn.Conv2d) -> Tensor:
    """(C,) in float64."""
    if conv.bias is None:
        return conv.weight.detach().new_zeros(conv.out_channels, dtype=torch.float64)
    return conv.bias.detach().double()


def _plain(x: Tensor) -> Tensor:
    """float32 with its last dimension innermost, as Fourier transforms want it."""
    return x.float().contiguous()
