"""The default variant: frozen EfficientNet-Lite0 features, an online ridge filter per level, REN on top."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tracker.annotation.evidence import Map
from tracker.geometry import Box
from tracker.network.efficientnet_lite import STRIDE, EfficientNetLite, Features
from tracker.network.entropy_ensemble import fuse
from tracker.network.ridge_filter import RidgeConfig, RidgeFilter
from tracker.tracking.augment import augmented
from tracker.tracking.crop import to_crop
from tracker.tracking.similarity_model import Finding, LoopConfig, Responses, View, to_map
from tracker.tracking.tracker import TrackerState

CROP = 256


@dataclass(frozen=True)
class LiteConfig:
    """How the default tracker sees and learns.

    Attributes:
        loop: Search, scale pyramid, motion.
        search_factor: Side of the search region relative to sqrt(width * height) of the target.
        label_sigma: Standard deviation of the wanted response, relative to sqrt(width * height) of the target.
        semantic: Filter of the semantic level (block 10).
        structural: Filter of the structural level (block 4).
        semantic_share: Weight of the semantic level in the ensemble.
        refit_every: Frames between two refits.
        learn_above: Confidence a frame needs to be remembered.
    """

    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(
            crop=CROP,
            cells=CROP // STRIDE,
            stride=float(STRIDE),
            # Three stride-2 convolutions with symmetric padding: cell i looks at the centre of pixel 8 i.
            first_cell=0.5,
            padding="edge",
            scale_step=1.03,
            scales=3,
            scale_every=2,
            scale_penalty=0.985,
            scale_damping=0.5,
            window_influence=0.1,
            upsampling=8,
            size_limits=(0.2, 5.0),
            value_range=(0.0, 1.0),
            visible_above=0.25,
        )
    )
    search_factor: float = 4.0
    label_sigma: float = 0.15
    semantic: RidgeConfig = field(default_factory=RidgeConfig)
    structural: RidgeConfig = field(default_factory=RidgeConfig)
    semantic_share: float = 0.5
    refit_every: int = 5
    learn_above: float = 0.3


class Standardiser:
    """Zero mean and unit variance of each channel over the first frame, kept for the clip."""

    def __init__(self, mean: Tensor, std: Tensor) -> None:
        self._mean, self._std = mean, std

    @staticmethod
    def of(features: Tensor) -> Standardiser:
        """From (1, C, H, W) features of the first frame."""
        return Standardiser(
            features.mean((0, 2, 3), keepdim=True), features.std((0, 2, 3), keepdim=True).clamp_min(1e-3)
        )

    def state(self) -> tuple[Tensor, Tensor]:
        """(mean, standard deviation)."""
        return self._mean, self._std

    def __call__(self, features: Tensor) -> Tensor:
        """(B, C, H, W) standardised."""
        return (features - self._mean) / self._std


class LiteModel:
    """A `SimilarityModel`; see the module's text."""

    def __init__(
        self, backbone: EfficientNetLite, config: LiteConfig, device: torch.device, model_id: str
    ) -> None:
        self._backbone = backbone.to(device)
        self._settings = config
        self.config, self.device, self.model_id = config.loop, device, model_id
        self._filters = (RidgeFilter(config.semantic), RidgeFilter(config.structural))
        self._last: Features | None = None
        self._frames = 0

    def region_side(self, box: Box) -> float:
        """4 sqrt(area)."""
        return self._settings.search_factor * math.sqrt(max(box.area, 1.0))

    def learn(self, view: View, box: Box) -> None:
        """Learn both filters from the first frame and its augmented copies."""
        samples = augmented(view, box, self.region_side(box), self.config)
        raw = self._backbone(samples.crops)
        self._standard = tuple(Standardiser.of(level[:1].float()) for level in raw)
        features = self._standardised(raw)
        labels = torch.stack([self._label(*sample) for sample in samples.targets])
        for level, ridge in zip(features, self._filters, strict=True):
            ridge.init(level, labels)
        self._frames = 0

    def respond(self, crops: Tensor) -> Responses:
        """Both levels' responses and their ensemble."""
        self._last = self._standardised(self._backbone(crops))
        semantic, structural = (ridge.respond(f) for ridge, f in zip(self._filters, self._last, strict=True))
        return Responses(semantic, structural, fuse(semantic, structural, self.shares()))

    def adapt(self, view: View, finding: Finding) -> None:
        """Remember the frame if it is trusted, and refit from time to time."""
        assert self._last is not None
        self._frames += 1
        if finding.confidence >= self._settings.learn_above:
            scale = self.config.crop / finding.region.width
            u, v = to_crop(finding.region, self.config.crop, *finding.box.centre)
            label = self._label(u, v, finding.box.width * scale, finding.box.height * scale)
            for level, ridge in zip(self._last, self._filters, strict=True):
                ridge.remember(level[finding.index], label)
        if self._frames % self._settings.refit_every == 0:
            for ridge in self._filters:
                ridge.refit()

    def confidence(self, peak: float) -> float:
        """The response itself: 1 is what the filter was taught to give."""
        return min(max(peak, 0.0), 1.0)

    def shares(self) -> tuple[float, float]:
        """Fixed weights, until the ensemble is trained."""
        return self._settings.semantic_share, 1 - self._settings.semantic_share

    def attentions(self) -> tuple[Map, Map]:
        """Energy of the semantic filter by channel, of the structural one by position.

        The published network computes its attentions from the template; here the filters themselves are
        the weights that the first frame and everything since have put on channels and positions.
        """
        semantic, structural = (ridge.energy for ridge in self._filters)
        return to_map(semantic.sum((1, 2))), to_map(structural.sum(0))

    def state(self) -> TrackerState:
        """A copy of what was learned."""
        return {
            "filters": [ridge.state() for ridge in self._filters],
            "standard": [standard.state() for standard in self._standard],
            "frames": self._frames,
        }

    def restore(self, state: TrackerState) -> None:
        """Take back what `state` gave."""
        for ridge, saved in zip(self._filters, state["filters"], strict=True):
            ridge.restore(saved)
        self._standard = tuple(Standardiser(*saved) for saved in state["standard"])
        self._frames = state["frames"]

    def _standardised(self, raw: Features) -> Features:
        return Features(
            *(standard(level.float()) for standard, level in zip(self._standard, raw, strict=True))
        )

    def _label(self, u: float, v: float, width: float, height: float) -> Tensor:
        """(cells, cells) Gaussian for a target at (u, v) of the given size, all in crop pixels."""
        loop = self.config
        # As wide as high, whatever the target's shape: a label drawn out along a tall target lets the box slide
        # along it, a pixel a frame.
        spread = self._settings.label_sigma * math.sqrt(width * height)
        centres = loop.first_cell + loop.stride * torch.arange(loop.cells, device=self.device)
        across = torch.exp(-0.5 * ((centres - u) / spread) ** 2)
        down = torch.exp(-0.5 * ((centres - v) / spread) ** 2)
        return down[:, None] * across[None, :]
