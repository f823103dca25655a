"""Semantic similarity (high level): what the target is, with an attention over channels."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tracker.network.config import CHANNELS, SEMANTIC_SIZE, MLSSNetConfig
from tracker.network.correlation_filter import CENTRED, CorrelationFilter, Offset


class ChannelAttention(nn.Module):
    """Weighs the channels of a feature by what they hold as a whole."""

    def __init__(self, channels: int, bottleneck: int) -> None:
        super().__init__()
        self.squeeze = nn.Conv2d(channels, bottleneck, 1)
        self.excite = nn.Conv2d(bottleneck, channels, 1)

    def forward(self, features: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C) weights in 0..1.

        The global average and the global maximum go through the same two layers and are added.
        """
        pooled = torch.stack((features.mean((-2, -1)), features.amax((-2, -1))), dim=-1)[..., None]
        excited: Tensor = self.excite(torch.relu(self.squeeze(pooled)))  # (B, C, 2, 1): average, maximum
        return torch.sigmoid(excited.sum((-2, -1)))


class SemanticBranch(nn.Module):
    """Turns the template's conv5 feature into a correlation filter."""

    def __init__(self, config: MLSSNetConfig) -> None:
        super().__init__()
        self.attention = ChannelAttention(CHANNELS, config.attention_channels)
        self.filter = CorrelationFilter(
            SEMANTIC_SIZE,
            regularisation=config.cf_regularisation,
            target_sigma=config.cf_target_sigma,
            crop=config.template_crop,
        )

    def forward(self, conv5: Tensor, offset: Offset = CENTRED) -> tuple[Tensor, Tensor]:
        """(B, 64, 49, 49) -> ((B, 64, 17, 17) filters, (B, 64) channel attention)."""
        attention: Tensor = self.attention(conv5)
        return self.filter(conv5 * attention[..., None, None], offset), attention
