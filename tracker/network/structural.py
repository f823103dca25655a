"""Structural similarity (low level): how the target is built, with an attention over positions."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tracker.network.config import CHANNELS, STRUCTURAL_SIZE, MLSSNetConfig
from tracker.network.correlation_filter import CENTRED, CorrelationFilter, Offset


class SpatialAttention(nn.Module):
    """Weighs the positions of a feature by an hourglass of convolutions."""

    def __init__(self, channels: int, bottleneck: int, deconv_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, bottleneck, 7, stride=2)
        self.conv2 = nn.Conv2d(bottleneck, 1, 5)
        self.deconv1 = nn.ConvTranspose2d(1, deconv_channels, 5)
        self.deconv2 = nn.ConvTranspose2d(deconv_channels, 1, 7, stride=2)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, 53, 53) -> (B, 53, 53) weights in 0..1."""
        hidden = torch.relu(self.conv1(features))  # (B, 16, 24, 24)
        hidden = torch.relu(self.conv2(hidden))  # (B, 1, 20, 20)
        hidden = torch.relu(self.deconv1(hidden))  # (B, 1, 24, 24)
        return torch.sigmoid(self.deconv2(hidden))[:, 0]


class StructuralBranch(nn.Module):
    """Reduces conv3 for both streams, and turns the template's into a correlation filter."""

    def __init__(self, config: MLSSNetConfig) -> None:
        super().__init__()
        self.reduction = nn.Conv2d(384, CHANNELS, 1)
        self.attention = SpatialAttention(CHANNELS, config.attention_channels, config.deconv_channels)
        self.filter = CorrelationFilter(
            STRUCTURAL_SIZE,
            regularisation=config.cf_regularisation,
            target_sigma=config.cf_target_sigma,
            crop=config.template_crop,
        )

    def reduce(self, conv3: Tensor) -> Tensor:
        """(B, 384, 53, 53) raw conv3 -> (B, 64, 53, 53), the same for template and search."""
        reduced: Tensor = self.reduction(conv3)
        return reduced

    def forward(self, reduced: Tensor, offset: Offset = CENTRED) -> tuple[Tensor, Tensor]:
        """(B, 64, 53, 53) -> ((B, 64, 21, 21) filters, (B, 53, 53) spatial attention)."""
        attention: Tensor = self.attention(reduced)
        return self.filter(reduced * attention[:, None], offset), attention
