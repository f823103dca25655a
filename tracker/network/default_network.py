"""The default network: a light backbone, attentions for the online filters, ensemble gains, and the box head.

The same idea as MLSSNet (Liu et al., IEEE TMM 2020), rebuilt: semantic similarity with channel attention, structural
similarity with spatial attention, a correlation filter on each, their relative-entropy ensemble. The filters are
ridge filters learned online (`tracker.network.ridge_filter`), whose gains the attentions give; scale and aspect come
from a box head instead of a pyramid.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn
from torch.nn import functional as F

from tracker.errors import WeightsError
from tracker.network.box_head import BoxHead, BoxHeadConfig, upsampled
from tracker.network.checkpoints import DEFAULT, Checkpoint, load_checkpoint, load_tensors
from tracker.network.efficientnet_lite import (
    SEMANTIC_CHANNELS,
    STRUCTURAL_CHANNELS,
    EfficientNetLite,
    channels_last,
    imagenet_backbone,
)


@dataclass(frozen=True)
class DefaultConfig:
    """Sizes of the default network.

    Attributes:
        head: Of the box head.
        semantic_kernel: Side of the semantic filter in cells of stride 16, odd.
        structural_kernel: Side of the structural filter in cells of stride 8, odd.
        bottleneck: Channels inside both attentions.
        regularisation: Lambda of both filters.
    """

    head: BoxHeadConfig = field(default_factory=BoxHeadConfig)
    semantic_kernel: int = 5
    structural_kernel: int = 7
    bottleneck: int = 28
    regularisation: float = 0.1

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        values = asdict(self)
        values["head"]["dilations"] = list(self.head.dilations)
        return values

    @staticmethod
    def from_dict(values: dict[str, Any], where: object = "") -> DefaultConfig:
        """The opposite of `to_dict`.

        Raises:
            WeightsError: A field is unknown or its value unusable.
        """
        try:
            return TypeAdapter(DefaultConfig).validate_python(values)
        except ValidationError as error:
            faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
            raise WeightsError(
                f"the network configuration is not one of the default network ({'; '.join(faults)}).",
                where=where,
                todo="Get the file again, or update Thermark.",
            ) from None


class Gains(NamedTuple):
    """What the attentions say about the filters of a target."""

    channels: Tensor  # (B, 112) on the channels of the semantic filter
    places: Tensor  # (B, k, k) on the places of the structural filter

    def semantic(self) -> Tensor:
        """(B, 112, 1), as `RidgeProblem` takes them."""
        return self.channels[:, :, None]

    def structural(self) -> Tensor:
        """(B, 1, k * k)."""
        return self.places.flatten(1)[:, None]


class Attentions(nn.Module):
    """Channel attention of the semantic level and spatial attention of the structural one; both begin at 1."""

    def __init__(self, config: DefaultConfig) -> None:
        super().__init__()
        self.kernel = config.structural_kernel
        self.squeeze = nn.Linear(SEMANTIC_CHANNELS, config.bottleneck)
        self.excite = nn.Linear(config.bottleneck, SEMANTIC_CHANNELS)
        self.local = nn.Conv2d(STRUCTURAL_CHANNELS, config.bottleneck, 3, padding=1)
        self.place = nn.Conv2d(config.bottleneck, 1, 3, padding=1)
        for last in (self.excite, self.place):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]  # made with a bias

    def forward(self, semantic: Tensor, structural: Tensor) -> Gains:
        """Gains in 0..2 from standardised template features, target in the middle.

        Args:
            semantic: (B, 112, n, n).
            structural: (B, 40, m, m).
        """
        inner = middle(semantic, semantic.shape[-1] // 4 + 1)
        # As published: average and maximum go through the same two layers and are added.
        pooled = torch.stack([inner.mean((2, 3)), inner.amax((2, 3))])
        channels = 2 * torch.sigmoid(self.excite(F.relu(self.squeeze(pooled))).sum(0))
        local = F.relu(self.local(middle(structural, self.kernel + 2)))
        places = 2 * torch.sigmoid(self.place(local)[:, 0, 1:-1, 1:-1])
        return Gains(channels, places)


def middle(features: Tensor, side: int) -> Tensor:
    """(B, C, side, side) cells around the cell n / 2 of (B, C, n, n), which looks at the crop's centre."""
    first = features.shape[-1] // 2 - side // 2
    return features[..., first : first + side, first : first + side]


class DefaultNetwork(nn.Module):
    """See the module's text."""

    def __init__(self, config: DefaultConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = EfficientNetLite()
        self.head = BoxHead(config.head)
        self.attentions = Attentions(config)
        self.ensemble = nn.Parameter(torch.zeros(2))  # logits of the semantic and the structural share

    def shares(self) -> Tensor:
        """(2,) shares of the semantic and the structural level in the ensemble, adding up to 1."""
        return torch.softmax(self.ensemble, 0)

    def fuse(self, semantic: Tensor, structural: Tensor) -> Tensor:
        """(B, m, m) ensemble of (B, n, n) semantic responses at stride 16 and (B, m, m) structural ones at 8."""
        shares = self.shares()
        return shares[0] * at_structural(semantic) + shares[1] * structural


def at_structural(semantic: Tensor) -> Tensor:
    """(B, n, n) semantic responses at stride 16 on the cells of stride 8, (B, 2 n, 2 n)."""
    return upsampled(semantic[:, None])[:, 0]


def untrained(config: DefaultConfig | None = None) -> DefaultNetwork:
    """The network to start training from: ImageNet backbone, everything else fresh."""
    network = DefaultNetwork(config or DefaultConfig())
    network.backbone = imagenet_backbone()
    return network


def network_of(checkpoint: Checkpoint, where: object = "") -> DefaultNetwork:
    """The network that a checkpoint holds, in evaluation mode; see `load_default`."""
    network = DefaultNetwork(DefaultConfig.from_dict(checkpoint.config, where))
    # Shipped as bfloat16 or float16 to be small; computed with in float32 until a device says otherwise.
    load_tensors(network, {name: tensor.float() for name, tensor in checkpoint.tensors.items()}, where)
    network.requires_grad_(False)
    network.eval()
    channels_last(network)
    return network


def load_default(path: Path) -> DefaultNetwork:
    """The default network with the weights of a file.

    Raises:
        WeightsError: The file cannot be read, or is for another network.
    """
    return network_of(load_checkpoint(path, DEFAULT), path)
