"""The default variant: one look per frame, online ridge filters for where, the box head for how large."""

from __future__ import annotations

import math
from copy import copy, deepcopy
from dataclasses import dataclass, field, replace
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tracker.annotation.evidence import Map
from tracker.geometry import Box
from tracker.network.box_head import (
    TemplateCode,
    cell_centres,
    corners,
    first_cells,
    grid_points,
    merged,
    sampled,
    windows,
)
from tracker.network.default_network import DefaultNetwork, at_structural
from tracker.network.efficientnet_lite import (
    SEMANTIC_STRIDE,
    STRIDE,
    Features,
    channels_last,
)
from tracker.network.entropy_ensemble import fuse
from tracker.network.packed_convolution import packed
from tracker.network.precision import fast_precision
from tracker.network.ridge_filter import RidgeConfig, RidgeFilter
from tracker.tracking.augment import augmented
from tracker.tracking.crop import to_crop
from tracker.tracking.similarity_model import Extent, Finding, LoopConfig, Responses, Seen, View, to_map
from tracker.tracking.tracker import TrackerState

CROP = 256
Part = TypeVar("Part", bound=nn.Module)


@dataclass(frozen=True)
class BoxConfig:
    """How one box is made of the head's boxes, one for each cell.

    Attributes:
        reach: Cells count up to this distance from the response's peak, relative to the target's size.
        sharpness: Exponent of a cell's weight, which is its response times its quality.
        size_rate: Share of a found change of size that is taken over, where the quality is 1.
        centre_rate: Share of the head's centre in the new centre; the rest is the peak's.
        least_quality: Below it the head is not believed, and the box keeps its size.
    """

    reach: float = 0.35
    sharpness: float = 2.0
    size_rate: float = 0.5
    centre_rate: float = 1.0
    least_quality: float = 0.25


@dataclass(frozen=True)
class DefaultSettings:
    """How the default tracker sees and learns.

    Attributes:
        loop: Search and motion.
        search_factor: Side of the search region relative to sqrt(width * height) of the target; the head was trained
            with this one.
        label_sigma: Standard deviation of the wanted response, relative to sqrt(width * height) of the target.
        semantic: Filter of the semantic level (block 10).
        structural: Filter of the structural level (block 4).
        box: How the head's boxes become one.
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
            scale_step=1.0,
            scales=1,
            scale_every=1,
            scale_penalty=1.0,
            scale_damping=0.0,
            window_influence=0.1,
            upsampling=4,
            size_limits=(0.2, 5.0),
            value_range=(0.0, 1.0),
            visible_above=0.25,
        )
    )
    search_factor: float = 4.0
    label_sigma: float = 0.15
    semantic: RidgeConfig = field(default_factory=lambda: RidgeConfig(kernel=5, memory=20, iterations=3))
    structural: RidgeConfig = field(default_factory=lambda: RidgeConfig(kernel=7, memory=20, iterations=3))
    box: BoxConfig = field(default_factory=BoxConfig)
    refit_every: int = 8
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


class DefaultModel:
    """A `SimilarityModel`; see the module's text."""

    def __init__(
        self, network: DefaultNetwork, settings: DefaultSettings, device: torch.device, model_id: str
    ) -> None:
        self.config, self.device, self.model_id = settings.loop, device, model_id
        self._network = network.to(device)
        self._precision = fast_precision(device)
        self._backbone = self._ready(network.backbone)
        self._head = self._ready(network.head)
        self._settings = settings
        self._shares = tuple(network.shares().tolist())
        self.forget()

    def forget(self) -> None:
        """Know no target any more."""
        self._filters = RidgeFilter(self._settings.semantic), RidgeFilter(self._settings.structural)
        self._raw: Features | None = None
        self._last: Features | None = None
        self._fused: Tensor | None = None
        self._frames = 0

    def sibling(self) -> DefaultModel:
        """Another target's model on the same network."""
        other = copy(self)
        other.forget()
        return other

    def region_side(self, box: Box) -> float:
        """4 sqrt(area)."""
        return self._settings.search_factor * math.sqrt(max(box.area, 1.0))

    def learn(self, view: View, box: Box) -> None:
        """Learn both filters from the first frame and its augmented copies, and the head's template from the frame."""
        samples = augmented(view, box, self.region_side(box), self.config)
        raw = self.see(samples.crops)
        self._standard = tuple(Standardiser.of(level[:1]) for level in raw)
        features = self._standardised(raw)
        gains = self._network.attentions(features.semantic[:1], features.structural[:1])
        for level, ridge, stride, gain in zip(
            features, self._filters, STRIDES, (gains.semantic(), gains.structural()), strict=True
        ):
            labels = torch.stack([self._label(*sample, stride) for sample in samples.targets])
            ridge.init(level, labels, gain[0].expand(level.shape[1], ridge.config.kernel**2))
        u, v, width, height = samples.targets[0]
        first = torch.tensor(
            [[u - width / 2, v - height / 2, width, height]], dtype=torch.float32, device=self.device
        )
        template = Features(*(level[:1].to(self._precision) for level in raw))
        self._code = self._head.encode(template, first, CROP)
        self._frames = 0

    def see(self, crops: Tensor) -> Features:
        """Raw features in float32."""
        crops = crops.to(self._precision).contiguous(memory_format=torch.channels_last)
        return Features(*(level.float() for level in self._backbone(crops)))

    def respond(self, seen: Seen) -> Responses:
        """Both levels' responses and their ensemble."""
        self._raw = Features(*seen)
        self._last = self._standardised(self._raw)
        semantic, structural = (ridge.respond(f) for ridge, f in zip(self._filters, self._last, strict=True))
        semantic = at_structural(semantic)
        self._fused = fuse(semantic, structural, self.shares())
        return Responses(semantic, structural, self._fused)

    def extent(self, index: int, u: float, v: float, present: tuple[float, float]) -> Extent | None:
        """The head's boxes around the peak as one; see `SimilarityModel.extent`."""
        assert self._raw is not None
        assert self._fused is not None
        head, config = self._head, self._settings.box
        count = head.config.window
        first = first_cells(torch.tensor([[u, v]], dtype=torch.float32), count, self.config.cells)
        raw = Features(*(level[index : index + 1].to(self._precision) for level in self._raw))
        reduced = head.reduced_window(windows(merged(raw), first, count))
        found = head(reduced, self._code)
        centres = cell_centres(first.to(self.device), count)
        response = windows(self._fused[index : index + 1, None], first, count)[:, 0]
        offset = (centres[0] - centres.new_tensor([u, v])[:, None, None]).abs()
        near = (offset / centres.new_tensor(present)[:, None, None]).amax(0) <= config.reach
        near |= offset.square().sum(0) <= offset.square().sum(0).min()
        quality = torch.sigmoid(found.quality)
        weight = (response.clamp_min(0) * quality + 1e-6) ** config.sharpness * near
        weight = weight / weight.sum()
        box = (corners(centres, found.distances) * weight[:, None]).sum((2, 3))[0]
        left, top, right, bottom, belief = [*box.tolist(), float((quality * weight).sum())]
        extent = self._damped(Box(left, top, right - left, bottom - top), belief, (u, v), present)
        # The part of the features that was reduced is a crop of its own, `first` its corner.
        corner = [float(cell) * STRIDE for cell in first[0]]
        return replace(extent, likeness=self._likeness(reduced, extent.box.moved(-corner[0], -corner[1])))

    def _likeness(self, window: Tensor, box: Box) -> float:
        """Mean cosine of the template's cells and what lies at the same places of a box in a window of features."""
        head = self._head.config
        place = torch.tensor([box.as_tuple()], dtype=torch.float32, device=self.device)
        cells = sampled(window.float(), grid_points(place, head.grid, head.margin), window.shape[-1] * STRIDE)
        return float((self._code.kernels.float() * F.normalize(cells, dim=1).transpose(1, 2)).sum(2).mean())

    def _damped(
        self, box: Box, quality: float, peak: tuple[float, float], present: tuple[float, float]
    ) -> Extent:
        config = self._settings.box
        if quality < config.least_quality:
            return Extent(Box.from_centre(*peak, *present), quality)
        rate = config.size_rate * quality
        width, height = (
            old * (new / old) ** rate for old, new in zip(present, (box.width, box.height), strict=True)
        )
        cx, cy = (
            (1 - config.centre_rate) * a + config.centre_rate * b
            for a, b in zip(peak, box.centre, strict=True)
        )
        return Extent(Box.from_centre(cx, cy, width, height), quality)

    def adapt(self, view: View, finding: Finding) -> None:
        """Remember the frame if it is trusted, and refit from time to time."""
        assert self._last is not None
        self._frames += 1
        if finding.confidence >= self._settings.learn_above:
            scale = self.config.crop / finding.region.width
            u, v = to_crop(finding.region, self.config.crop, *finding.box.centre)
            size = finding.box.width * scale, finding.box.height * scale
            for level, ridge, stride in zip(self._last, self._filters, STRIDES, strict=True):
                ridge.remember(level[finding.index], self._label(u, v, *size, stride))
        if self._frames % self._settings.refit_every == 0:
            for ridge in self._filters:
                ridge.refit()

    def confidence(self, peak: float) -> float:
        """The response itself: 1 is what the filter was taught to give."""
        return min(max(peak, 0.0), 1.0)

    def shares(self) -> tuple[float, float]:
        """The trained shares."""
        return self._shares[0], self._shares[1]

    def attentions(self) -> tuple[Map, Map]:
        """Energy of the semantic filter by channel, of the structural one by position.

        The published network computes its attentions from the template; here those of the template and all that was
        learned since are in the filters themselves.
        """
        semantic, structural = (ridge.energy for ridge in self._filters)
        return to_map(semantic.sum((1, 2))), to_map(structural.sum(0))

    def state(self) -> TrackerState:
        """A copy of what was learned."""
        return {
            "filters": [ridge.state() for ridge in self._filters],
            "standard": [standard.state() for standard in self._standard],
            "code": tuple(self._code),
            "frames": self._frames,
        }

    def restore(self, state: TrackerState) -> None:
        """Take back what `state` gave."""
        for ridge, saved in zip(self._filters, state["filters"], strict=True):
            ridge.restore(saved)
        self._standard = tuple(Standardiser(*saved) for saved in state["standard"])
        self._code = TemplateCode(*state["code"])
        self._frames = state["frames"]

    def _ready(self, part: Part) -> Part:
        """A copy of a part of the network, as fast as the device computes it."""
        return packed(channels_last(deepcopy(part).to(self.device, self._precision)), self.device)

    def _standardised(self, raw: Features) -> Features:
        return Features(*(standard(level) for standard, level in zip(self._standard, raw, strict=True)))

    def _label(self, u: float, v: float, width: float, height: float, stride: int) -> Tensor:
        """(n, n) Gaussian on the cells of a stride for a target at (u, v) of the given size, all in crop pixels."""
        # As wide as high, whatever the target's shape: a label drawn out along a tall target lets the box slide
        # along it, a pixel a frame.
        spread = self._settings.label_sigma * math.sqrt(width * height)
        centres = self.config.first_cell + stride * torch.arange(
            self.config.crop // stride, device=self.device
        )
        across = torch.exp(-0.5 * ((centres - u) / spread) ** 2)
        down = torch.exp(-0.5 * ((centres - v) / spread) ** 2)
        return down[:, None] * across[None, :]


STRIDES = (SEMANTIC_STRIDE, STRIDE)
