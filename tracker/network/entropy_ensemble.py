"""The relative-entropy ensemble (REN): one map from the semantic and the structural one.

Read as distributions over positions, the maps P_s and P_t are fused into the Q that is nearest to both in
relative entropy,

    Q = argmin KL(P_s || Q) + KL(P_t || Q),  KL(P || Q) = sum_i P_i log(P_i / Q_i).

Only -sum_i (P_s,i + P_t,i) log Q_i depends on Q. With a multiplier m for sum_i Q_i = 1, its stationary
point is (P_s,i + P_t,i) / Q_i = m for all i, hence Q = (P_s + P_t) / 2; the term is convex, so that this is
the minimum. Up to a scale the ensemble is a sum, and how much each level counts in it is learned: each map
first passes a 1x1 convolution (a gain and a bias), as published by Liu et al., MLSSNet, IEEE TMM 2020.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tracker.network.config import MLSSNetConfig


class EntropyEnsemble(nn.Module):
    """The two adjust layers and the sum of what they give (the published Sumscore)."""

    def __init__(self, config: MLSSNetConfig) -> None:
        super().__init__()
        self.semantic_gain = nn.Parameter(torch.full((1,), config.adjust_gain))
        self.semantic_bias = nn.Parameter(torch.full((1,), config.adjust_bias))
        self.structural_gain = nn.Parameter(torch.full((1,), config.adjust_gain))
        self.structural_bias = nn.Parameter(torch.full((1,), config.adjust_bias))

    def forward(self, semantic: Tensor, structural: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Raw maps of one shape -> (adjusted semantic, adjusted structural, fused), of that shape."""
        semantic = self.semantic_gain * semantic + self.semantic_bias
        structural = self.structural_gain * structural + self.structural_bias
        return semantic, structural, semantic + structural

    def shares(self) -> tuple[float, float]:
        """(semantic, structural) share of each level in the fused map; see `ensemble_shares`."""
        return ensemble_shares(self.semantic_gain.item(), self.structural_gain.item())


def ensemble_shares(gain_semantic: float, gain_structural: float) -> tuple[float, float]:
    """What part of the ensemble comes from each level, by the size of their gains.

    Returns:
        (semantic, structural), not negative, adding up to 1; equal where both gains are 0.
    """
    total = abs(gain_semantic) + abs(gain_structural)
    if total == 0:
        return 0.5, 0.5
    semantic = abs(gain_semantic) / total
    return semantic, 1 - semantic


def as_distribution(similarity: Tensor) -> Tensor:
    """(..., H, W) maps as distributions over their positions: minus the minimum, divided by the sum.

    A map without any variation says nothing, and becomes the uniform distribution.
    """
    raised = similarity - similarity.amin((-2, -1), keepdim=True)
    total = raised.sum((-2, -1), keepdim=True)
    cells = similarity.shape[-2] * similarity.shape[-1]
    uniform = torch.full_like(raised, 1 / cells)
    return torch.where(total > 0, raised / total.clamp_min(torch.finfo(total.dtype).tiny), uniform)


def fuse(semantic: Tensor, structural: Tensor, shares: tuple[float, float] = (0.5, 0.5)) -> Tensor:
    """The distribution Q that minimises shares[0] KL(P_s || Q) + shares[1] KL(P_t || Q).

    Args:
        semantic: (..., H, W) distribution P_s.
        structural: (..., H, W) distribution P_t.
        shares: Not negative, adding up to 1; equal shares are the published ensemble.

    Returns:
        (..., H, W) mean of both, weighted by the shares (see this module's derivation).
    """
    return shares[0] * semantic + shares[1] * structural


def relative_entropy(of: Tensor, against: Tensor) -> Tensor:
    """KL(of || against) in nats, over the last two dimensions.

    Args:
        of: (..., H, W) distribution; where it is 0 the term is 0.
        against: (..., H, W) distribution; where it is 0 and `of` is not, the result is infinite.

    Returns:
        (...) values, 0 where the two are the same.
    """
    return (torch.xlogy(of, of) - torch.xlogy(of, against)).sum((-2, -1))
