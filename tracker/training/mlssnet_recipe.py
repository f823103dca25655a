"""How MLSSNet learns, as published: balanced logistic loss on the fused map, all of the network from scratch.

Liu et al., MLSSNet, IEEE TMM 2020. Optimiser and learning rate are the training loop's; the pairs come from
`tracker.training.mlssnet_sampling`.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from tracker.network.checkpoints import MLSSNET, load_mlssnet
from tracker.network.config import CROP_SIZE, MAP_SIZE, STRIDE
from tracker.network.efficientnet_lite import channels_last
from tracker.network.mlssnet import MLSSNet
from tracker.tracking.mlssnet_model import FIRST_CELL
from tracker.training.config import TrainingConfig
from tracker.training.mlssnet_sampling import MLSSNetSampler
from tracker.training.recipe import Batch, Losses
from tracker.training.sampling import CropConfig, Pair

POSITIVE_RADIUS = 8.0
"""Crop pixels; a cell this near to the target's centre, or nearer, is positive."""


class MLSSNetRecipe:
    """A `Recipe` for `MLSSNet`.

    Batch normalisation uses a batch's own moments while it learns and the stored ones in validation. The stored ones
    follow the weights themselves, not their moving average: `average` of the optimiser should be 0, as published.
    """

    architecture = MLSSNET
    crops = CropConfig(template=CROP_SIZE, template_factor=2.0, search=CROP_SIZE, search_factor=2.0)
    sampler_class = MLSSNetSampler

    def __init__(self, network: MLSSNet, config: TrainingConfig, device: torch.device) -> None:
        self.network = channels_last(network.to(device))
        self._device = device
        on_cuda = config.precision == "auto" and device.type == "cuda"
        self._mixed = on_cuda or config.precision == "bfloat16"

    def network_config(self) -> dict[str, Any]:
        """For the checkpoint."""
        return self.network.config.to_dict()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Everything, at one rate; no weight decay on biases and gains."""
        return [
            {"params": [parameter], "rate": 1.0, "decays": parameter.ndim > 1}
            for parameter in self.network.parameters()
        ]

    def collate(self, pairs: Sequence[Pair]) -> Batch:
        """Crops (B, 1, 255, 255) as uint8, as from image files; centres (B, 2) of the targets in the search crops."""
        boxes = torch.from_numpy(np.stack([pair.search_box for pair in pairs]))
        return {
            "template": torch.stack([_bytes(pair.template) for pair in pairs]),
            "search": torch.stack([_bytes(pair.search) for pair in pairs]),
            "centre": boxes[:, :2] + boxes[:, 2:] / 2,
            "positive": torch.tensor([pair.positive for pair in pairs]),
        }

    def prepare(self, batch: Batch) -> None:
        """Nothing: training starts from the published initial weights."""

    def losses(self, batch: Batch) -> Losses:
        """The logistic loss, and beside it the share of pairs that are judged right.

        Where gradients are recorded the network learns; elsewhere it is validated, with its stored moments.
        """
        batch = {name: values.to(self._device, non_blocking=True) for name, values in batch.items()}
        self.network.train(torch.is_grad_enabled())
        with self._precision():
            fused = self.network.pairs(batch["template"].float(), batch["search"].float()).fused.float()
        labels = centre_labels(batch["centre"], batch["positive"])
        return {
            "logistic": balanced_logistic_loss(fused, labels).mean(),
            "right": judged_right(fused.detach(), labels).mean(),
        }

    def total(self, losses: Losses) -> Tensor:
        """The loss to descend on."""
        return losses["logistic"]

    def score(self, losses: dict[str, float]) -> float:
        """What validation maximises."""
        return -losses["logistic"]

    def _precision(self) -> AbstractContextManager[Any]:
        return torch.autocast(self._device.type, torch.bfloat16, enabled=self._mixed)


def mlssnet_recipe(config: TrainingConfig, device: torch.device) -> MLSSNetRecipe:
    """The recipe with the configured starting weights, or with fresh ones.

    Raises:
        WeightsError: The starting weights cannot be read, or are not MLSSNet's.
    """
    network = load_mlssnet(config.start_from) if config.start_from else MLSSNet()
    return MLSSNetRecipe(network, config, device)


def centre_labels(centres: Tensor, positive: Tensor) -> Tensor:
    """(B, 33, 33) labels: +1 within 8 px of the target's centre, -1 elsewhere and in all of a negative pair.

    Args:
        centres: (B, 2) x, y of the targets in crop pixels.
        positive: (B,) whether the target is the template's.
    """
    line = FIRST_CELL + STRIDE * torch.arange(MAP_SIZE, device=centres.device)
    across, down = (line - centres[:, :1]).square(), (line - centres[:, 1:]).square()
    near = down[:, :, None] + across[:, None, :] <= POSITIVE_RADIUS**2
    return torch.where(near & positive[:, None, None], 1.0, -1.0)


def balanced_logistic_loss(fused: Tensor, labels: Tensor) -> Tensor:
    """(B,) sum of log(1 + exp(-label * score)): a map's positive cells weigh half in all, and so do its negative ones.

    Where a map has only one kind of them, that one has all the weight.

    Args:
        fused: (B, 33, 33) scores.
        labels: (B, 33, 33) +1 or -1.
    """
    above = (labels > 0).to(fused.dtype)
    shares = [kind / kind.sum((1, 2), keepdim=True).clamp_min(1) for kind in (above, 1 - above)]
    weights = shares[0] + shares[1]
    weights = weights / weights.sum((1, 2), keepdim=True)
    return (weights * functional.softplus(-labels * fused)).sum((1, 2))


def judged_right(fused: Tensor, labels: Tensor) -> Tensor:
    """(B,) 1 where the highest cell is a positive one or, in a negative pair, below 0; else 0."""
    scores, places = fused.flatten(1).max(1)
    found = labels.flatten(1).gather(1, places[:, None])[:, 0] > 0
    absent = (labels < 0).all(2).all(1)
    return torch.where(absent, scores < 0, found).to(fused.dtype)


def _bytes(crop: np.ndarray[Any, np.dtype[np.float32]]) -> Tensor:
    """(1, S, S)."""
    return torch.from_numpy(np.clip(np.rint(crop), 0, 255).astype(np.uint8)[None])
