"""Pairs for training a Siamese tracker: drawn by source, scene group, clip and target, the same for the same seed.

A pair is a template crop around a target and a search crop of another frame of the same clip, in which the target is
shifted, scaled and stretched. What the network has to tell apart comes as negatives (a target of another clip, or
another target of the same frame), pasted look-alikes and occlusions.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.tracking.crop import cut
from tracker.training.augmentation import AugmentationConfig, augment_pair, occlude, paste_distractor
from tracker.training.clips import Clip
from tracker.training.config import SamplingConfig

Rng = np.random.Generator
Crop = NDArray[np.float32]


@dataclass(frozen=True)
class CropConfig:
    """Sizes of the crops.

    Attributes:
        template: Side of the template crop in pixels.
        template_factor: Its side in the frame, relative to sqrt(width * height) of the target.
        search: Side of the search crop in pixels.
        search_factor: As for the template.
    """

    template: int = 128
    template_factor: float = 2.0
    search: int = 256
    search_factor: float = 4.0


@dataclass(frozen=True)
class Pair:
    """One example.

    Attributes:
        template: (T, T) gray 0..255.
        search: (S, S) gray 0..255.
        template_box: (4,) x, y, width, height in template pixels, as a user might have drawn it.
        search_box: (4,) in search pixels; of the place that was cut out where the pair is negative.
        positive: Whether the search crop shows the template's target.
    """

    template: Crop
    search: Crop
    template_box: NDArray[np.float32]
    search_box: NDArray[np.float32]
    positive: bool


@dataclass(frozen=True)
class _Place:
    """A target in a frame."""

    clip: Clip
    target: int
    frame: int

    @property
    def box(self) -> Box:
        return Box(*map(float, self.clip.targets[self.target][self.frame]))


class PairSampler:
    """Draws pair number n of a training run; a pure function of the seed and n."""

    def __init__(
        self,
        clips: Sequence[Clip],
        weights: dict[str, float],
        sampling: SamplingConfig,
        crops: CropConfig,
        augmentation: AugmentationConfig,
        seed: int,
    ) -> None:
        """Group the clips.

        Args:
            clips: With at least one usable target in all.
            weights: Source -> weight.
            sampling: How pairs are drawn.
            crops: Sizes.
            augmentation: Changes of the pictures.
            seed: Of the run.
        """
        groups: dict[str, dict[str, list[tuple[Clip, int]]]] = defaultdict(lambda: defaultdict(list))
        for clip in clips:
            for target in range(len(clip.targets)):
                if len(clip.usable(target)):
                    groups[clip.source][clip.group].append((clip, target))
        self._groups = {source: list(by_group.values()) for source, by_group in groups.items()}
        self._sources = sorted(self._groups)
        shares = np.array([weights.get(source, 1.0) for source in self._sources])
        self._shares = shares / shares.sum()
        self._sampling, self._crops, self._augmentation, self._seed = sampling, crops, augmentation, seed

    @classmethod
    def reach(cls, sampling: SamplingConfig, crops: CropConfig) -> float:
        """How far from the middle of a target pairs may look, in sides of a square target of its area."""
        side = crops.search_factor * math.exp(sampling.scale + sampling.stretch / 2)
        return max((0.5 + sampling.shift) * side, 0.5 * crops.template_factor)

    def __getitem__(self, number: int) -> Pair:
        """Pair number `number`."""
        rng = np.random.default_rng([self._seed, number])
        template, search, positive = self._places(rng)
        template_crop, template_box = self._template(template, rng)
        search_crop, search_box = self._search(search, rng)
        if rng.random() < 0.5:
            template_crop, template_box = mirrored(template_crop, template_box)
            search_crop, search_box = mirrored(search_crop, search_box)
        if rng.random() < self._sampling.distractors:
            search_crop = paste_distractor(search_crop, search_box, rng, self._augmentation)
        if positive and rng.random() < self._sampling.occlusions:
            search_crop = occlude(search_crop, search_box, rng, self._augmentation)
        template_crop, search_crop = augment_pair(template_crop, search_crop, rng, self._augmentation)
        return Pair(template_crop, search_crop, template_box, search_box, positive)

    def _places(self, rng: Rng) -> tuple[_Place, _Place, bool]:
        """Template, search, and whether both show the same target."""
        first = self._any_place(rng)
        if rng.random() < self._sampling.negatives:
            other = self._other(first, rng)
            if other is not None:
                return first, other, False
        times = first.clip.times
        usable = first.clip.usable(first.target)
        near = usable[np.abs(times[usable] - times[first.frame]) <= self._sampling.max_gap]
        return first, _Place(first.clip, first.target, int(rng.choice(near))), True

    def _any_place(self, rng: Rng) -> _Place:
        source = self._sources[rng.choice(len(self._sources), p=self._shares)]
        group = self._groups[source][rng.integers(len(self._groups[source]))]
        clip, target = group[rng.integers(len(group))]
        return _Place(clip, target, int(rng.choice(clip.usable(target))))

    def _other(self, place: _Place, rng: Rng) -> _Place | None:
        """A look-alike: another target of the same frame where there is one, else of another clip.

        None where only clips of the same place are left: they may show the same target.
        """
        shown = [
            target
            for target, boxes in enumerate(place.clip.targets)
            if target != place.target and np.isfinite(boxes[place.frame]).all()
        ]
        if shown:
            return _Place(place.clip, shown[rng.integers(len(shown))], place.frame)
        other = self._any_place(rng)
        while other.clip.group == place.clip.group and len(self._groups[other.clip.source]) > 1:
            other = self._any_place(rng)
        is_told_apart = other.clip is place.clip and other.target != place.target
        return other if is_told_apart or other.clip.group != place.clip.group else None

    def _template(self, place: _Place, rng: Rng) -> tuple[Crop, NDArray[np.float32]]:
        box = _sloppy(place.box, self._sampling.sloppiness, rng)
        side = self._crops.template_factor * math.sqrt(box.area)
        return _cut(place, Box.from_centre(*box.centre, side, side), box, self._crops.template)

    def _search(self, place: _Place, rng: Rng) -> tuple[Crop, NDArray[np.float32]]:
        box, sampling = place.box, self._sampling
        side = self._crops.search_factor * math.sqrt(box.area)
        side *= math.exp(rng.uniform(-sampling.scale, sampling.scale))
        stretch = math.exp(rng.uniform(-sampling.stretch, sampling.stretch) / 2)
        width, height = side * stretch, side / stretch
        dx, dy = rng.uniform(-sampling.shift, sampling.shift, 2)
        cx, cy = box.centre
        region = Box.from_centre(cx + dx * width, cy + dy * height, width, height)
        return _cut(place, region, box, self._crops.search)


def _cut(place: _Place, region: Box, box: Box, size: int) -> tuple[Crop, NDArray[np.float32]]:
    """A region of a frame as a crop, and the box in it."""
    crop = cut(place.clip.gray(place.frame), region, size, "edge")
    fx, fy = size / region.width, size / region.height
    inside = ((box.x - region.x) * fx, (box.y - region.y) * fy, box.width * fx, box.height * fy)
    return crop, np.asarray(inside, np.float32)


def _sloppy(box: Box, amount: float, rng: Rng) -> Box:
    """A box as a user might have drawn it: each edge off by a little."""
    left, right = rng.normal(0, amount, 2) * box.width
    top, bottom = rng.normal(0, amount, 2) * box.height
    return Box.from_corners(box.x + left, box.y + top, box.right + right, box.bottom + bottom)


def mirrored(crop: Crop, box: NDArray[np.float32]) -> tuple[Crop, NDArray[np.float32]]:
    """A crop and its box, left and right exchanged."""
    flipped = np.array([crop.shape[1] - box[0] - box[2], *box[1:]], np.float32)
    return np.ascontiguousarray(crop[:, ::-1]), flipped
