"""The online loop that all network variants share: cut, compare, choose, move, learn."""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tracker.annotation.evidence import Evidence
from tracker.annotation.track import Presence
from tracker.geometry import Box, require_usable
from tracker.media.source import Counts
from tracker.tracking.crop import square_around, to_frame
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.presence_search import Lookout
from tracker.tracking.scores import contrast, score
from tracker.tracking.similarity_model import (
    Extent,
    Finding,
    LoopConfig,
    Responses,
    Seen,
    SimilarityModel,
    View,
)
from tracker.tracking.tracker import Result, TrackerState

MIN_SIDE = 2.0  # pixels; a smaller target could not be seen, nor grow again


@dataclass(frozen=True)
class Choice:
    """The best peak of a scale pyramid: which crop, its value, and its crop coordinates."""

    index: int
    peak: float
    u: float
    v: float


class Scale(NamedTuple):
    """One level of the pyramid: its region relative to the present one, and the factor on its response."""

    ratio: float
    penalty: float


@dataclass(frozen=True, eq=False)
class Look:
    """Where a tracker looks in a frame: its regions with their scales, and their crops (B, 1, S, S)."""

    view: View
    pyramid: list[Scale]
    regions: list[Box]
    crops: Tensor


def hann_over_region(config: LoopConfig, device: torch.device) -> Tensor:
    """(n, n) Hann window over the up-sampled map, centred on the crop's centre, summing to 1."""
    count = config.cells * config.upsampling
    positions = (torch.arange(count, device=device) + 0.5) / config.upsampling - 0.5  # in cells
    offset = config.first_cell + positions * config.stride - config.crop / 2
    line = torch.cos(torch.pi * offset / (config.cells * config.stride)).clamp_min(0.0) ** 2
    window = line[:, None] * line[None, :]
    return window / window.sum()


def choose(fused: Tensor, penalties: Tensor, window: Tensor, config: LoopConfig) -> Choice:
    """Pick scale and position from the fused maps of a scale pyramid.

    Args:
        fused: (B, cells, cells), one per scale.
        penalties: (B,) factor on the response of each scale.
        window: From `hann_over_region`.
        config: Of the loop.
    """
    large = F.interpolate(
        fused[:, None], scale_factor=config.upsampling, mode="bicubic", align_corners=False
    )[:, 0]
    peaks = large.amax((1, 2))
    index = int((peaks * penalties).argmax())
    response = large[index] - large[index].min()
    response = response / response.sum().clamp_min(1e-12)
    blended = (1 - config.window_influence) * response + config.window_influence * window
    row, column = divmod(int(blended.argmax()), blended.shape[1])
    u, v = (config.first_cell + ((p + 0.5) / config.upsampling - 0.5) * config.stride for p in (column, row))
    return Choice(index, float(large[index, row, column]), u, v)


class OnlineTracker:
    """Follows one target with any `SimilarityModel`; a `tracker.tracking.tracker.Tracker`."""

    def __init__(self, model: SimilarityModel, normalisation: Normalisation | None = None) -> None:
        self._model = model
        self._normalisation = normalisation or Normalisation()
        self._window = hann_over_region(model.config, model.device)
        self._frames = 0
        self._box: Box | None = None
        self._first_size = (0.0, 0.0)
        self._lookout: Lookout | None = None

    @property
    def model_id(self) -> str:
        """Name and weights of the model."""
        return self._model.model_id

    @torch.inference_mode()
    def init(self, frame: Counts, box: Box) -> Result:
        """Learn the target in its first frame; see `Tracker.init`."""
        require_usable(box, (frame.shape[1], frame.shape[0]))
        view = self.view(frame)
        self._model.learn(view, box)
        self._box, self._first_size, self._frames = box, (box.width, box.height), 0
        region = square_around(box.centre, self._model.region_side(box))
        responses = self._model.respond(self._model.see(view.crops([region])))
        middle = self._model.config.crop / 2
        extent = self._extent(0, middle, middle, region, box)
        evidence = self._evidence(responses, 0, region, box, view, extent)
        self._lookout = Lookout((frame.shape[1], frame.shape[0]))
        self._lookout.start(evidence.scores, box)
        return Result(box, 1.0, Presence.VISIBLE, evidence)

    @torch.inference_mode()
    def update(self, frame: Counts) -> Result:
        """Find the target in the next frame; see `Tracker.update`."""
        look = self.look(self.view(frame))
        return self.conclude(look, self.see(look.crops))

    def sibling(self) -> OnlineTracker:
        """A tracker for another target, with the same network, which is in memory once."""
        return type(self)(self._model.sibling(), self._normalisation)

    def view(self, frame: Counts) -> View:
        """A frame as this tracker and its siblings look at it."""
        return View(self._normalisation.apply(frame), self._model.config, self._model.device)

    def look(self, view: View) -> Look:
        """Decide where to look for the target in the next frame: the first half of `update`."""
        if self._box is None:
            raise RuntimeError("update() before init()")
        side = self._model.region_side(self._box)
        pyramid = self._pyramid()
        regions = [square_around(self._box.centre, side * scale.ratio) for scale in pyramid]
        return Look(view, pyramid, regions, view.crops(regions))

    def see(self, crops: Tensor) -> Seen:
        """What the network sees in crops, those of siblings among them."""
        return self._model.see(crops)

    def conclude(self, look: Look, seen: Seen) -> Result:
        """Find the target in what was seen where `look` said, and learn: the second half of `update`."""
        assert self._box is not None
        assert self._lookout is not None
        view, pyramid = look.view, look.pyramid
        responses = self._model.respond(seen)
        penalties = responses.fused.new_tensor([scale.penalty for scale in pyramid])
        choice = choose(responses.fused, penalties, self._window, self._model.config)
        region = look.regions[choice.index]
        frame_size = view.image.shape[1], view.image.shape[0]
        extent = self._extent(choice.index, choice.u, choice.v, region, self._box)
        if extent is None:
            self._box = self._moved(choice, pyramid[choice.index], region, frame_size)
        else:
            self._box = self._measured(extent, region, frame_size)
        confidence = self._model.confidence(choice.peak)
        evidence = self._evidence(responses, choice.index, region, self._box, view, extent)
        self._model.adapt(view, Finding(self._box, region, choice.index, confidence))
        if self._lookout.step(evidence.scores, self._box):
            found = self._found_elsewhere(view, self._lookout, evidence.scores.peak)
            if found is not None:
                self._box, confidence, evidence = found
        visible = confidence >= self._model.config.visible_above
        return Result(self._box, confidence, Presence.VISIBLE if visible else Presence.OCCLUDED, evidence)

    def _found_elsewhere(
        self, view: View, lookout: Lookout, in_hand: float
    ) -> tuple[Box, float, Evidence] | None:
        """Box, confidence and evidence of a target that is taken up again; None where nothing convinces."""
        height, width = view.image.shape
        regions = lookout.windows(self._model.region_side(lookout.place))
        responses = self._model.respond(self._model.see(view.crops(regions)))
        even = responses.fused.new_ones(len(regions))
        choice = choose(responses.fused, even, self._window, self._model.config)
        region = regions[choice.index]
        extent = self._extent(choice.index, choice.u, choice.v, region, lookout.place)
        if extent is None or not lookout.is_convincing(choice.peak, extent.quality, extent.likeness, in_hand):
            return None
        lookout.found()
        box = self._measured(extent, region, (width, height))
        evidence = self._evidence(responses, choice.index, region, box, view, extent)
        return box, self._model.confidence(choice.peak), evidence

    def state(self) -> TrackerState:
        """A copy of everything learned."""
        return {
            "box": self._box,
            "first_size": self._first_size,
            "frames": self._frames,
            "lookout": deepcopy(self._lookout),
            "model": self._model.state(),
        }

    def restore(self, state: TrackerState) -> None:
        """Go back to a saved state."""
        self._box, self._first_size, self._frames = state["box"], state["first_size"], state["frames"]
        self._lookout = deepcopy(state["lookout"])
        self._model.restore(state["model"])

    def _pyramid(self) -> list[Scale]:
        """The scales to look at in the present frame."""
        config = self._model.config
        half = config.scales // 2 if self._frames % config.scale_every == 0 else 0
        self._frames += 1
        return [
            Scale(config.scale_step**exponent, config.scale_penalty if exponent else 1.0)
            for exponent in range(-half, half + 1)
        ]

    def _extent(self, index: int, u: float, v: float, region: Box, box: Box) -> Extent | None:
        """What the model measures around a peak; None where it does not measure."""
        scale = region.width / self._model.config.crop
        return self._model.extent(index, u, v, (box.width / scale, box.height / scale))

    def _measured(self, extent: Extent, region: Box, frame_size: tuple[int, int]) -> Box:
        """The new box by a model that measures it."""
        config = self._model.config
        scale = region.width / config.crop
        x, y = to_frame(region, config.crop, *extent.box.centre)
        low, high = config.size_limits
        width, height = (
            min(max(side * scale, low * first, MIN_SIDE), high * first)
            for side, first in zip((extent.box.width, extent.box.height), self._first_size, strict=True)
        )
        return Box.from_centre(
            min(max(x, 0.0), frame_size[0]), min(max(y, 0.0), frame_size[1]), width, height
        )

    def _moved(self, choice: Choice, scale: Scale, region: Box, frame_size: tuple[int, int]) -> Box:
        """The new box: centre at the peak (kept inside the frame), size by the damped change of scale."""
        assert self._box is not None
        config = self._model.config
        x, y = to_frame(region, config.crop, choice.u, choice.v)
        change = 1 + config.scale_damping * (scale.ratio - 1)
        low, high = config.size_limits
        growth = np.clip(self._box.width * change / self._first_size[0], low, high)
        width, height = (max(side * float(growth), MIN_SIDE) for side in self._first_size)
        return Box.from_centre(
            min(max(x, 0.0), frame_size[0]), min(max(y, 0.0), frame_size[1]), width, height
        )

    def _evidence(
        self, responses: Responses, index: int, region: Box, box: Box, view: View, extent: Extent | None
    ) -> Evidence:
        config = self._model.config
        stacked = torch.stack([level[index] for level in responses]).float().cpu().numpy()
        semantic, structural, fused = (np.ascontiguousarray(level) for level in stacked)
        channel, spatial = self._model.attentions()
        target_cells = float(np.sqrt(box.area)) * config.crop / region.width / config.stride
        scores = score(semantic, structural, fused, target_cells)
        quality, likeness = (extent.quality, extent.likeness) if extent else (math.nan, math.nan)
        return Evidence(
            search_region=region,
            map_region=map_region(region, config),
            semantic=semantic,
            structural=structural,
            fused=fused,
            value_range=config.value_range,
            channel_attention=channel,
            spatial_attention=spatial,
            ensemble_weights=self._model.shares(),
            scores=replace(scores, quality=quality, likeness=likeness, contrast=contrast(view.image, box)),
        )


def map_region(region: Box, config: LoopConfig) -> Box:
    """The part of the frame that the response map of a search region covers."""
    scale = region.width / config.crop
    start = (config.first_cell - config.stride / 2) * scale
    side = config.cells * config.stride * scale
    return replace(region, x=region.x + start, y=region.y + start, width=side, height=side)
