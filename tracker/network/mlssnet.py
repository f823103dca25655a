"""MLSSNet as published, top to bottom.

Liu, Li, He, Fan, Yuan, Wang: Learning Deep Multi-Level Similarity for Thermal Infrared Object Tracking,
IEEE Transactions on Multimedia 2020 (arXiv 1906.03568). A template crop and a search crop are compared at
two levels of one backbone, each through a correlation filter; the ensemble adds the two maps up.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from tracker.network.config import CROP_SIZE, MLSSNetConfig
from tracker.network.correlation_filter import CENTRED, Offset, cross_correlate
from tracker.network.entropy_ensemble import EntropyEnsemble
from tracker.network.semantic import SemanticBranch
from tracker.network.structural import StructuralBranch


class Template(NamedTuple):
    """All that the network keeps of a target.

    Attributes:
        semantic: (B, 64, 17, 17) correlation filters of conv5.
        structural: (B, 64, 21, 21) correlation filters of conv3.
        channel_attention: (B, 64) weights of the semantic channels, 0..1.
        spatial_attention: (B, 53, 53) weights of the structural positions, 0..1.
    """

    semantic: Tensor
    structural: Tensor
    channel_attention: Tensor
    spatial_attention: Tensor

    def blend(self, other: Template, rate: float) -> Template:
        """(1 - rate) of this template plus `rate` of the other, in every part."""
        return Template(*(mine.lerp(theirs, rate) for mine, theirs in zip(self, other, strict=True)))


class Features(NamedTuple):
    """What a crop looks like at the two levels.

    Attributes:
        semantic: (B, 64, 49, 49) raw conv5.
        structural: (B, 64, 53, 53) raw conv3, reduced.
    """

    semantic: Tensor
    structural: Tensor


class Maps(NamedTuple):
    """Similarity of template and search at each of 33x33 shifts, 4 px apart, (B, 33, 33) each.

    Attributes:
        semantic: After the adjust layer.
        structural: After the adjust layer.
        fused: Sum of both.
    """

    semantic: Tensor
    structural: Tensor
    fused: Tensor


class BatchNorm(nn.Module):
    """Batch normalisation that keeps a mean and a standard deviation: y = gain (x - mean) / std + bias.

    The authors' files hold a standard deviation that has its epsilon inside. Keeping it as it is makes an
    import exact however small it is; torch's own layer would add another epsilon to its square.
    In training a batch is normalised by its own moments, as ever, and the kept ones follow.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, channels: int, config: MLSSNetConfig) -> None:
        super().__init__()
        self.epsilon = config.batch_norm_epsilon
        self.momentum = config.batch_norm_momentum
        self.gain = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("std", torch.ones(channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> (B, C, H, W)."""
        if self.training:
            self._follow(x)
            return functional.batch_norm(x, None, None, self.gain, self.bias, True, eps=self.epsilon)
        # The mean goes off first: folded into the bias it would cancel digits where std is small.
        scale = (self.gain / self.std)[:, None, None]
        return torch.addcmul(self.bias[:, None, None], x - self.mean[:, None, None], scale)

    @torch.no_grad()
    def _follow(self, x: Tensor) -> None:
        variance, mean = torch.var_mean(x.to(self.mean.dtype), dim=(0, 2, 3), correction=0)
        self.mean.lerp_(mean, self.momentum)
        self.std.lerp_((variance + self.epsilon).sqrt(), self.momentum)


class Backbone(nn.Module):
    """The five convolutions that both streams share; nothing is padded."""

    def __init__(self, config: MLSSNetConfig) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 96, 11, stride=2)
        self.bn1 = BatchNorm(96, config)
        self.conv2 = nn.Conv2d(96, 256, 5, groups=2)
        self.bn2 = BatchNorm(256, config)
        self.conv3 = nn.Conv2d(256, 384, 3)
        self.bn3 = BatchNorm(384, config)
        self.conv4 = nn.Conv2d(384, 384, 3, groups=2)
        self.bn4 = BatchNorm(384, config)
        self.conv5 = nn.Conv2d(384, 64, 3, groups=2)

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor]:
        """Crops (B, 1 or 3, 255, 255), 0..255 -> raw (conv3 (B, 384, 53, 53), conv5 (B, 64, 49, 49))."""
        x = torch.relu(self.bn1(self._first(crops)))  # (B, 96, 123, 123)
        x = functional.max_pool2d(x, 3, stride=2)  # (B, 96, 61, 61)
        x = torch.relu(self.bn2(self.conv2(x)))  # (B, 256, 57, 57)
        x = functional.max_pool2d(x, 3, stride=1)  # (B, 256, 55, 55)
        conv3: Tensor = self.conv3(x)  # (B, 384, 53, 53)
        x = torch.relu(self.bn3(conv3))
        x = torch.relu(self.bn4(self.conv4(x)))  # (B, 384, 51, 51)
        return conv3, self.conv5(x)  # (B, 64, 49, 49)

    def _first(self, crops: Tensor) -> Tensor:
        """conv1; a gray crop stands for three equal channels, whose filters then add up to one."""
        weight = self.conv1.weight
        if crops.shape[1] == 1:
            weight = weight.sum(1, keepdim=True)
        return functional.conv2d(crops, weight, self.conv1.bias, stride=2)


class MLSSNet(nn.Module):
    """Multi-level similarity network.

    Crops are (B, 1, 255, 255) or (B, 3, 255, 255), floats 0..255, no mean subtracted. A template of batch
    1 is compared with every search crop of a batch (the scales of a frame); a template of batch B with one
    search crop each (the pairs of a training batch). Everything is differentiable.
    """

    def __init__(self, config: MLSSNetConfig | None = None) -> None:
        """Make a network ready to be trained, or to have weights loaded into it."""
        super().__init__()
        self.config = config or MLSSNetConfig()
        self.backbone = Backbone(self.config)
        self.semantic = SemanticBranch(self.config)
        self.structural = StructuralBranch(self.config)
        self.ensemble = EntropyEnsemble(self.config)
        self._initialise()

    def template(self, crops: Tensor) -> Template:
        """Learn the targets in the middle of template crops."""
        return self.learn(self.search(crops))

    def learn(self, features: Features, offset: Offset = CENTRED) -> Template:
        """Learn the targets in template crops from the crops' features.

        Args:
            features: Of the crops.
            offset: Cells from the middle of the crops to the target, small beside the crop: the published network
                learns targets in the middle.
        """
        semantic, channel_attention = self.semantic(features.semantic, offset)
        structural, spatial_attention = self.structural(features.structural, offset)
        return Template(semantic, structural, channel_attention, spatial_attention)

    def search(self, crops: Tensor) -> Features:
        """The features of search crops, to be compared with templates."""
        if crops.ndim != 4 or crops.shape[1] not in (1, 3) or crops.shape[2:] != (CROP_SIZE, CROP_SIZE):
            message = f"crops must be (B, 1 or 3, {CROP_SIZE}, {CROP_SIZE}), not {tuple(crops.shape)}"
            raise ValueError(message)
        conv3, conv5 = self.backbone(crops)
        return Features(conv5, self.structural.reduce(conv3))

    def similarity(self, template: Template, search: Features) -> Maps:
        """Compare templates with search features at both levels, and fuse."""
        semantic = cross_correlate(template.semantic, search.semantic)
        structural = cross_correlate(template.structural, search.structural)
        return Maps(*self.ensemble(semantic, structural))

    def forward(self, template_crops: Tensor, search_crops: Tensor) -> Maps:
        """Similarity maps of template crops (batch 1 or B) and search crops (batch B)."""
        return self.similarity(self.template(template_crops), self.search(search_crops))

    def pairs(self, template_crops: Tensor, search_crops: Tensor) -> Maps:
        """Similarity maps of as many template as search crops; both go through the backbone in one batch.

        In training that gives both streams the same batch statistics, as stored moments do afterwards.
        """
        features = self.search(torch.cat((template_crops, search_crops)))
        count = len(template_crops)
        template = self.learn(Features(*(level[:count] for level in features)))
        return self.similarity(template, Features(*(level[count:] for level in features)))

    @torch.no_grad()
    def _initialise(self) -> None:
        """Xavier-improved weights (Gaussian, variance 2 / (H W Cout)), attentions nearly zero, no biases."""
        attentions = (self.semantic.attention, self.structural.attention)
        near_zero = {layer for attention in attentions for layer in attention.modules()}
        for layer in self.modules():
            if not isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
                continue
            if layer in near_zero:
                nn.init.normal_(layer.weight, std=self.config.attention_init_std)
            else:
                nn.init.kaiming_normal_(layer.weight, mode="fan_out")
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
