"""MLSSNet as a tracking model: template of the first frame, refreshed a little with every frame."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor

from tracker.annotation.evidence import Map
from tracker.geometry import Box
from tracker.network.config import CROP_SIZE, MAP_SIZE, STRIDE
from tracker.network.mlssnet import Features, MLSSNet, Template
from tracker.network.mlssnet_inference import InferenceMLSSNet
from tracker.network.precision import fast_precision
from tracker.tracking.crop import context_side, square_around, to_crop
from tracker.tracking.similarity_model import Extent, Finding, LoopConfig, Responses, Seen, View
from tracker.tracking.tracker import TrackerState

# 33 cells, 4 px apart, in the middle of a crop of 255 px: cell 16 lies at its centre.
FIRST_CELL = CROP_SIZE / 2 - STRIDE * (MAP_SIZE // 2)


@dataclass(frozen=True)
class MLSSNetTracking:
    """The published tracking parameters.

    Attributes:
        loop: Search, scale pyramid, motion.
        context: Margin around the target, relative to width + height.
        refresh: Share of the new frame in the template.
        reuse: Crop pixels; where the target is found this near to the middle of a search crop, along both axes, the
            template is refreshed from that crop's features, with the filters' wanted response moved to where the
            target is, rather than from a new crop with the target in its middle: a quarter of the time of a frame.
            0 for the published way.
    """

    loop: LoopConfig = field(
        default_factory=lambda: LoopConfig(
            crop=CROP_SIZE,
            cells=MAP_SIZE,
            stride=float(STRIDE),
            first_cell=FIRST_CELL,
            padding="mean",
            scale_step=1.0375,
            scales=3,
            scale_every=1,
            scale_penalty=0.9745,
            scale_damping=0.59,
            window_influence=0.2625,
            upsampling=8,
            size_limits=(0.2, 5.0),
            # The fused map is a logit (balanced logistic loss): 0.02 to 0.98 as probabilities.
            value_range=(-4.0, 4.0),
            visible_above=0.5,
        )
    )
    context: float = 0.5
    refresh: float = 0.005
    reuse: float = 8.0


class MLSSNetModel:
    """A `SimilarityModel`; see the module's text."""

    def __init__(
        self, network: MLSSNet, device: torch.device, model_id: str, config: MLSSNetTracking | None = None
    ) -> None:
        network.requires_grad_(False).eval()
        self._network = InferenceMLSSNet(network, fast_precision(device)).to(device)
        self._settings = config or MLSSNetTracking()
        self.config, self.device, self.model_id = self._settings.loop, device, model_id
        self.forget()

    def forget(self) -> None:
        """Know no target any more."""
        self._template: Template | None = None
        self._searched: Features | None = None

    def sibling(self) -> MLSSNetModel:
        """Another target's model on the same network."""
        other = copy(self)
        other.forget()
        return other

    def region_side(self, box: Box) -> float:
        """Target and context: template and search crop have the same side."""
        return context_side(box.width, box.height, self._settings.context)

    def learn(self, view: View, box: Box) -> None:
        """The template of the first frame."""
        self._template = self._look(view, box)

    def see(self, crops: Tensor) -> Features:
        """Features of search crops."""
        return self._network.search(crops)

    def respond(self, seen: Seen) -> Responses:
        """Compare the template with the crops."""
        self._searched = Features(*seen)
        return Responses(*self._network.similarity(self._known, self._searched))

    def extent(self, index: int, u: float, v: float, present: tuple[float, float]) -> Extent | None:
        """Nothing: the published tracker knows the size from its pyramid."""
        return None

    def adapt(self, view: View, finding: Finding) -> None:
        """Refresh: z <- (1 - 0.005) z + 0.005 z_new."""
        new = self._seen(finding) or self._look(view, finding.box)
        self._template = self._known.blend(new, self._settings.refresh)

    def confidence(self, peak: float) -> float:
        """The peak as a probability."""
        return float(torch.sigmoid(torch.tensor(peak)))

    def shares(self) -> tuple[float, float]:
        """By the learned gains; the same for every frame."""
        return self._network.ensemble.shares()

    def attentions(self) -> tuple[Map, Map]:
        """Of the template."""
        channel, spatial = self._known.channel_attention, self._known.spatial_attention
        return channel[0].float().cpu().numpy(), spatial[0].float().cpu().numpy()

    def state(self) -> TrackerState:
        """The template; tensors are never changed in place."""
        return {"template": self._known}

    def restore(self, state: TrackerState) -> None:
        """Take back what `state` gave."""
        self._template = state["template"]

    @property
    def _known(self) -> Template:
        if self._template is None:
            raise RuntimeError("the model has not learned a target yet")
        return self._template

    def _seen(self, finding: Finding) -> Template | None:
        """The template as the search crop shows it; None where the target is too far from its middle."""
        if self._searched is None:
            return None
        u, v = to_crop(finding.region, CROP_SIZE, *finding.box.centre)
        right, down = u - CROP_SIZE / 2, v - CROP_SIZE / 2
        if max(abs(right), abs(down)) >= self._settings.reuse:
            return None
        one = slice(finding.index, finding.index + 1)
        features = Features(*(level[one] for level in self._searched))
        return self._network.learn(features, (right / STRIDE, down / STRIDE))

    def _look(self, view: View, box: Box) -> Template:
        return self._network.template(view.crops([square_around(box.centre, self.region_side(box))]))
