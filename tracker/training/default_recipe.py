"""How the default network learns: box head, attentions and ensemble from pairs, through the filters they shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tracker.network.box_head import cell_centres, first_cells, windows
from tracker.network.checkpoints import DEFAULT
from tracker.network.default_network import DefaultNetwork, Gains
from tracker.network.efficientnet_lite import SEMANTIC_STRIDE, STRIDE, Features
from tracker.network.precision import fast_precision
from tracker.network.ridge_filter import RidgeProblem, respond
from tracker.training.config import TrainingConfig
from tracker.training.losses import box_losses, gaussian_label, response_loss
from tracker.training.recipe import Batch, Losses
from tracker.training.sampling import CropConfig, Pair, PairSampler

CROPS = CropConfig(template=256, template_factor=4.0, search=256, search_factor=4.0)
LABEL_SIGMA = 0.15
FILTER_ITERATIONS = 8
LAST_BLOCKS = 5
"""First backbone block that learns where the backbone is trained: those of the semantic level alone."""


class DefaultRecipe:
    """A `Recipe` for `DefaultNetwork`."""

    architecture = DEFAULT
    crops = CROPS
    sampler_class = PairSampler

    def __init__(self, network: DefaultNetwork, config: TrainingConfig, device: torch.device) -> None:
        self.network = network.to(device)
        self._config, self._device = config, device
        self._precision = precision_of(config, device)
        # On a CPU the activations of few crops stay in its caches: 2 at a time take a third of the time of 32.
        self._chunk = 2 if device.type == "cpu" else 1024
        network.requires_grad_(False)
        for part in self._trained_parts():
            part.requires_grad_(True)
        self._frozen_backbone = self._low_precision_copy()

    def network_config(self) -> dict[str, Any]:
        """For the checkpoint."""
        return self.network.config.to_dict()

    def parameter_groups(self) -> list[dict[str, Any]]:
        """What learns; the backbone at a tenth of the rate, and no weight decay on biases and gains."""
        groups: list[dict[str, Any]] = []
        for name, parameter in self.network.named_parameters():
            if parameter.requires_grad:
                slow = name.startswith("backbone")
                decays = parameter.ndim > 1
                groups.append({"params": [parameter], "rate": 0.1 if slow else 1.0, "decays": decays})
        return groups

    def collate(self, pairs: Sequence[Pair]) -> Batch:
        """Pairs as a batch of tensors."""
        return collate(pairs)

    def prepare(self, batch: Batch) -> None:
        """Before the first step of a fresh network: the head's feature statistics."""
        if bool((self.network.head.spread == 1).all()):
            self.network.head.calibrate(self._features(batch["search"].to(self._device)))

    def losses(self, batch: Batch) -> Losses:
        """Every part's loss, as the mean over the pairs."""
        batch = {name: values.to(self._device, non_blocking=True) for name, values in batch.items()}
        count = len(batch["search"])
        features = self._features(torch.cat([batch["template"], batch["search"]]))
        template = Features(*(level[:count] for level in features))
        search = Features(*(level[count:] for level in features))
        parts: Losses = {}
        if "head" in self._config.trained:
            parts |= self._head_losses(template, search, batch)
        if "filters" in self._config.trained:
            parts |= self._filter_losses(template, search, batch)
        return {name: values.mean() for name, values in parts.items()}

    def total(self, losses: Losses) -> Tensor:
        """The loss to descend on."""
        weights = {"box": 1.0, "quality": 1.0, "filter": 5.0}
        parts = [weight * losses[name] for name, weight in weights.items() if name in losses]
        return torch.stack(parts).sum()

    def score(self, losses: dict[str, float]) -> float:
        """What validation maximises."""
        return losses.get("overlap", 0.0) - losses.get("quality", 0.0) - losses.get("filter", 0.0)

    def _head_losses(self, template: Features, search: Features, batch: Batch) -> Losses:
        head = self.network.head
        code = head.encode(template, batch["template_box"], CROPS.template)
        cells = CROPS.search // STRIDE
        middle = batch["search_box"][:, :2] + batch["search_box"][:, 2:] / 2 + batch["jitter"]
        first = first_cells(middle, head.config.window, cells)
        reduced = head.reduced(search)
        found = head(windows(reduced, first, head.config.window), code)
        centres = cell_centres(first, head.config.window)
        return box_losses(found, centres, batch["search_box"], batch["positive"])

    def _filter_losses(self, template: Features, search: Features, batch: Batch) -> Losses:
        """Solve both filters on the template and judge the ensemble of their responses in the search crop."""
        network, config = self.network, self.network.config
        semantic, structural = (standardised(*pair) for pair in zip(template, search, strict=True))
        gains: Gains = network.attentions(semantic[0], structural[0])
        responses = [
            self._response(semantic, gains.semantic(), batch, SEMANTIC_STRIDE, config.semantic_kernel),
            self._response(structural, gains.structural(), batch, STRIDE, config.structural_kernel),
        ]
        fused = network.fuse(*responses)
        label = _label(batch["search_box"], CROPS.search, STRIDE) * batch["positive"][:, None, None]
        return {"filter": response_loss(fused, label)}

    def _response(
        self, features: tuple[Tensor, Tensor], gains: Tensor, batch: Batch, stride: int, kernel: int
    ) -> Tensor:
        template, search = features
        label = _label(batch["template_box"], CROPS.template, stride)[:, None]
        problem = RidgeProblem.of(
            template[:, None],
            label,
            torch.ones_like(label[:, :, 0, 0]),
            gains,
            kernel,
            self.network.config.regularisation,
        )
        start = template.new_zeros(len(template), template.shape[1], kernel * kernel)
        return respond(search, gains * problem.solve(start, FILTER_ITERATIONS), kernel)

    def _features(self, crops: Tensor) -> Features:
        """Backbone features in float32; no gradient where nothing of it learns."""
        crops = crops.float()
        if self._frozen_backbone is None:
            return Features(*(level.float() for level in self.network.backbone(crops)))
        with torch.no_grad():
            crops = crops.to(self._precision).contiguous(memory_format=torch.channels_last)
            parts = [self._frozen_backbone(part) for part in torch.split(crops, self._chunk)]
        return Features(*(torch.cat(level).float().contiguous() for level in zip(*parts, strict=True)))

    def _trained_parts(self) -> list[nn.Module | nn.Parameter]:
        parts: list[nn.Module | nn.Parameter] = []
        if "head" in self._config.trained:
            parts.append(self.network.head)
        if "filters" in self._config.trained:
            parts += [self.network.attentions, self.network.ensemble]
        if "backbone" in self._config.trained:
            parts += list(self.network.backbone.blocks[LAST_BLOCKS:])
        return parts

    def _low_precision_copy(self) -> nn.Module | None:
        """The frozen backbone in the precision of the configuration, None where it learns."""
        if "backbone" in self._config.trained:
            return None
        from copy import deepcopy

        return deepcopy(self.network.backbone).to(self._precision)


def precision_of(config: TrainingConfig, device: torch.device) -> torch.dtype:
    """The number format of frozen parts: bfloat16 where the device computes in it."""
    if config.precision == "auto":
        return fast_precision(device)
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[config.precision]


def collate(pairs: Sequence[Pair]) -> Batch:
    """Pairs as tensors: crops as uint8, boxes, and a jitter of the head's window drawn from the box itself."""
    boxes = np.stack([pair.search_box for pair in pairs])
    # Where a tracker's guess would be: off by up to two cells, drawn from digits of the box that mean nothing.
    jitter = (np.modf(boxes[:, :2] * 97)[0] - 0.5) * 4 * STRIDE
    return {
        "template": torch.from_numpy(np.stack([_bytes(pair.template) for pair in pairs])),
        "search": torch.from_numpy(np.stack([_bytes(pair.search) for pair in pairs])),
        "template_box": torch.from_numpy(np.stack([pair.template_box for pair in pairs])),
        "search_box": torch.from_numpy(boxes),
        "positive": torch.tensor([pair.positive for pair in pairs]),
        "jitter": torch.from_numpy(jitter.astype(np.float32)),
    }


def _bytes(crop: np.ndarray[Any, np.dtype[np.float32]]) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.asarray(np.clip(np.rint(crop), 0, 255), np.uint8)[None]


def _label(boxes: Tensor, crop: int, stride: int) -> Tensor:
    return gaussian_label(boxes[:, :2] + boxes[:, 2:] / 2, boxes[:, 2:], crop // stride, stride, LABEL_SIGMA)


def standardised(template: Tensor, search: Tensor) -> tuple[Tensor, Tensor]:
    """Both with the template's mean and spread of each channel, as in tracking on the first frame."""
    mean = template.mean((2, 3), keepdim=True)
    spread = template.std((2, 3), keepdim=True).clamp_min(1e-3)
    return (template - mean) / spread, (search - mean) / spread
