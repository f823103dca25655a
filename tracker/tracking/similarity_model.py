"""What a network variant has to offer to the online loop, and what the loop offers to it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np
import torch
from torch import Tensor

from tracker.annotation.evidence import Map
from tracker.geometry import Box
from tracker.tracking.crop import Gray, Padding, cut
from tracker.tracking.tracker import TrackerState


@dataclass(frozen=True)
class LoopConfig:
    """How the online loop searches and moves.

    Attributes:
        crop: Side S of a crop in pixels.
        cells: Side of a response map in cells.
        stride: Crop pixels from one cell to the next.
        first_cell: Crop coordinate (pixel edges at integers) of the centre of cell 0.
        padding: What lies beyond the frame.
        scale_step: Ratio between neighbouring scales of the pyramid.
        scales: Number of scales, odd.
        scale_every: Frames from one look at the whole pyramid to the next; those between look at the present
            scale alone.
        scale_penalty: Factor on the response of a changed scale.
        scale_damping: Share of a found change of scale that is taken over.
        window_influence: Weight of the Hann window in the choice of the peak.
        upsampling: Factor of the bicubic up-sampling before the peak is read.
        size_limits: Least and greatest target size relative to the first.
        value_range: Fixed colour scale of the maps.
        visible_above: Confidence from which a target counts as visible.
    """

    crop: int
    cells: int
    stride: float
    first_cell: float
    padding: Padding
    scale_step: float
    scales: int
    scale_every: int
    scale_penalty: float
    scale_damping: float
    window_influence: float
    upsampling: int
    size_limits: tuple[float, float]
    value_range: tuple[float, float]
    visible_above: float


Seen: TypeAlias = tuple[Tensor, ...]
"""What a network sees in a batch of crops: each (B, ...), in float32."""


class Responses(NamedTuple):
    """Similarity maps of a batch of search crops, each (B, cells, cells)."""

    semantic: Tensor
    structural: Tensor
    fused: Tensor


class View:
    """One frame, ready to be cut."""

    def __init__(self, image: Gray, config: LoopConfig, device: torch.device) -> None:
        self.image, self._config, self._device = image, config, device

    def crops(self, regions: Sequence[Box]) -> Tensor:
        """(B, 1, S, S) gray crops 0..255 on the model's device."""
        stack = [cut(self.image, region, self._config.crop, self._config.padding) for region in regions]
        return torch.from_numpy(np.stack(stack)[:, None]).to(self._device)


@dataclass(frozen=True)
class Finding:
    """Where the loop found the target: what a model may learn from.

    Attributes:
        box: The target in the frame.
        region: The search region it was found in.
        index: Which crop of the last `respond` call that region was.
        confidence: 0..1.
    """

    box: Box
    region: Box
    index: int
    confidence: float


@dataclass(frozen=True)
class Extent:
    """What a model that knows the target's size found around a peak.

    Attributes:
        box: In crop pixels.
        quality: Expected IoU of the box, 0..1.
        likeness: Mean cosine between the first template's features and those at the box, -1..1; NaN where the model
            does not compare them.
    """

    box: Box
    quality: float
    likeness: float = math.nan


class SimilarityModel(Protocol):
    """A network variant: learns a target, compares it with crops, and goes on learning.

    What it sees in crops depends on its network alone, so that models of one network can see in one batch.
    """

    @property
    def model_id(self) -> str:
        """Name and weights, for provenance."""

    @property
    def config(self) -> LoopConfig:
        """How the loop is to use it."""

    @property
    def device(self) -> torch.device:
        """Where it computes."""

    def region_side(self, box: Box) -> float:
        """Side in frame pixels of the search region of a target."""

    def learn(self, view: View, box: Box) -> None:
        """Learn the target from its first frame, forgetting any other."""

    def sibling(self) -> SimilarityModel:
        """Another model of the same network, which is in memory once; it knows no target yet."""

    def see(self, crops: Tensor) -> Seen:
        """What the network sees in (B, 1, S, S) crops, whatever the target."""

    def respond(self, seen: Seen) -> Responses:
        """Compare what was seen in search crops with the target."""

    def extent(self, index: int, u: float, v: float, present: tuple[float, float]) -> Extent | None:
        """The target's box around a peak of the last `respond` call; None where only the pyramid tells its size.

        Args:
            index: Which crop.
            u: Crop coordinate of the peak.
            v: The same, downwards.
            present: (width, height) of the target so far, in crop pixels.
        """

    def adapt(self, view: View, finding: Finding) -> None:
        """Learn from what was found in the present frame."""

    def confidence(self, peak: float) -> float:
        """0..1 of a fused response."""

    def shares(self) -> tuple[float, float]:
        """Ensemble weights (semantic, structural), adding up to 1."""

    def attentions(self) -> tuple[Map, Map]:
        """(channels,) and (k, k), both 0..1."""

    def state(self) -> TrackerState:
        """A copy of what was learned."""

    def restore(self, state: TrackerState) -> None:
        """Take back what `state` gave."""


def to_map(values: Tensor) -> Map:
    """A tensor as float32 array scaled to 0..1 by its maximum."""
    array = values.float().cpu().numpy()
    return np.asarray(array / max(float(array.max()), 1e-12), np.float32)
