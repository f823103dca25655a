"""The online loop that all network variants share: cut, compare, choose, move, learn."""

from __future__ import annotations

import math
from copy import copy, deepcopy
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
from tracker.thermal.events import Change, EventStream, Step
from tracker.tracking.crop import square_around, to_frame
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.presence_search import Lookout
from tracker.tracking.scores import contrast, score
from tracker.tracking.sensor_memory import SensorMemory
from tracker.tracking.sensor_search import WideSearch
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
    """Follows one target with any `SimilarityModel`; a `tracker.tracking.tracker.Tracker`.

    Args:
        model: The network.
        normalisation: From counts to its input; None for 8-bit counts as they are.
        minds_sensor: Whether it heeds sensor events: holds over frozen frames, and goes on through jumps of the gain.
    """

    def __init__(
        self,
        model: SimilarityModel,
        normalisation: Normalisation | None = None,
        *,
        minds_sensor: bool = True,
    ) -> None:
        self._model = model
        self._stream = EventStream() if minds_sensor else None
        self._memory = SensorMemory()
        self._repeats = 0
        self._result: Result | None = None
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

    @property
    def model(self) -> SimilarityModel:
        """What it tracks with."""
        return self._model

    @torch.inference_mode()
    def init(self, frame: Counts, box: Box) -> Result:
        """Learn the target in its first frame; see `Tracker.init`."""
        require_usable(box, (frame.shape[1], frame.shape[0]))
        if self._stream is not None:
            self._stream.begin(frame)
        self._memory, self._repeats = SensorMemory(is_foretold=self._repeats > 0), 0
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
        self._result = Result(box, 1.0, Presence.VISIBLE, evidence)
        return self._result

    @torch.inference_mode()
    def update(self, frame: Counts) -> Result:
        """Find the target in the next frame; see `Tracker.update`."""
        held = self.held(self.notice(frame))
        if held is not None:
            return held
        look = self.look(self.view(frame))
        return self.conclude(look, self.see(look.crops))

    def sibling(self) -> OnlineTracker:
        """A tracker for another target in the same frames, with the same network, which is in memory once."""
        other = type(self)(self._model.sibling(), self._normalisation)
        other._stream = self._stream  # noqa: SLF001 - each frame is compared once for all of them
        return other

    def foretell(self, repeats: int) -> None:
        """See `tracker.tracking.lookahead.Foretold`."""
        self._repeats = 0 if self._stream is None else repeats

    def notice(self, frame: Counts) -> Step:
        """What has happened to the sensor before a frame, which is the next one; once for all siblings."""
        return Step() if self._stream is None else self._stream.step(frame)

    def held(self, step: Step) -> Result | None:
        """What is said about the next frame where it does not show the scene anew; None where it is to be looked at."""
        repeats, self._repeats = self._repeats, 0
        if not self._memory.take(step, repeats):
            return None
        if self._result is None:
            raise RuntimeError("update() before init()")
        if step.change is Change.SHUTTER and self._result.presence is not Presence.OCCLUDED:
            self._result = replace(self._result, presence=Presence.OCCLUDED)
        return self._result

    @property
    def correction(self) -> tuple[float, float]:
        """Gain and offset that make the next frame's counts what they would have been; siblings may share views."""
        return self._memory.gain, self._memory.offset

    def view(self, frame: Counts) -> View:
        """A frame as this tracker looks at it, and each sibling with the same correction."""
        image = self._normalisation.apply(frame, *self.correction)
        return View(image, self._model.config, self._model.device)

    def look(self, view: View) -> Look:
        """Decide where to look for the target in the next frame: the first half of `update`."""
        if self._box is None:
            raise RuntimeError("update() before init()")
        if self._memory.is_to_search:
            self._box = self._looked_around(view, self._box)
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
        if self._memory.may_learn:
            self._model.adapt(view, Finding(self._box, region, choice.index, confidence))
        if self._lookout.step(evidence.scores, self._box):
            found = self._found_elsewhere(view, self._lookout, evidence.scores.peak)
            if found is not None:
                self._box, confidence, evidence = found
        self._memory.done(self._box)
        visible = confidence >= self._model.config.visible_above
        presence = Presence.VISIBLE if visible else Presence.OCCLUDED
        self._result = Result(self._box, confidence, presence, evidence)
        return self._result

    def _looked_around(self, view: View, last: Box) -> Box:
        """The last box, moved to where the target probably is after nothing was seen of it for a while."""
        search, expected = WideSearch(), self._memory.expected(last)
        frame_size = view.image.shape[1], view.image.shape[0]
        box, most, highest = last, 0.0, 0.0
        windows = search.windows(last, expected, self._model.region_side(last), frame_size)
        for number, region in enumerate(windows):
            if number >= search.first and highest >= search.convincing:
                break
            found, peak, likeness = self._glance(view, region, last)
            worth = search.worth(found, peak, likeness, last, expected)
            highest = max(highest, peak)
            if worth > most:
                box, most = found, worth
        return box

    def _glance(self, view: View, region: Box, last: Box) -> tuple[Box, float, float]:
        """The last box moved to the highest peak in a region, that peak, and the likeness with the first template."""
        fused = self._model.respond(self._model.see(view.crops([region]))).fused
        choice = choose(fused, fused.new_ones(1), torch.zeros_like(self._window), self._model.config)
        extent = self._extent(0, choice.u, choice.v, region, last)
        x, y = to_frame(region, self._model.config.crop, choice.u, choice.v)
        likeness = math.nan if extent is None else extent.likeness
        return Box.from_centre(x, y, last.width, last.height), choice.peak, likeness

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
            "sensor": deepcopy(self._memory),
            "stream": copy(self._stream),
            "result": self._result,
            "model": self._model.state(),
        }

    def restore(self, state: TrackerState) -> None:
        """Go back to a saved state."""
        self._box, self._first_size, self._frames = state["box"], state["first_size"], state["frames"]
        self._lookout = deepcopy(state["lookout"])
        self._memory, self._stream = deepcopy(state["sensor"]), copy(state["stream"])
        self._result = state["result"]
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
