"""Pairs for training MLSSNet as published: SiamFC crops, a fifth of other videos and a fifth of background.

Template and search crop are squares around the target with half its width and height as context, resized to 255 px;
what lies beyond the frame has the frame's mean. Nothing is augmented. Liu et al., MLSSNet, IEEE TMM 2020; the crops
are those of Bertinetto et al., SiamFC, ECCVW 2016.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.network.config import CROP_SIZE
from tracker.tracking.crop import context_side, cut, square_around
from tracker.training.clips import Clip
from tracker.training.config import SamplingConfig
from tracker.training.sampling import CropConfig, Pair, PairSampler, Rng

CONTEXT = 0.5
"""Margin around the target, relative to width + height."""

HARD_NEGATIVES = 0.2
"""Share of pairs whose template is a corner quadrant of another frame's search crop."""

_TRIES = 50
"""Draws for a place in another video, before it is taken that there is none."""


class MLSSNetSampler(PairSampler):
    """Draws pair number n; of the sampling configuration it uses `max_gap`, `shift` and `negatives`."""

    @classmethod
    def reach(cls, sampling: SamplingConfig, crops: CropConfig) -> float:
        """How far from the middle of a target pairs may look, in sides of a square target of its area."""
        del crops
        return (0.5 + sampling.shift) * context_side(1.0, 1.0, CONTEXT)

    def __getitem__(self, number: int) -> Pair:
        """Pair number `number`."""
        rng = np.random.default_rng([self._seed, number])
        first = self._any_place(rng)
        clip, shown = first.clip, first.box
        kind = rng.random()
        if kind < self._sampling.negatives and (other := self._elsewhere(clip, rng)) is not None:
            return self._pair(clip, first.frame, region_of(shown), shown, other, rng, positive=False)
        second = self._near(clip, first.target, first.frame, rng)
        there = (clip, second, Box(*map(float, clip.targets[first.target][second])))
        if kind < self._sampling.negatives + HARD_NEGATIVES:
            quadrant = corner_quadrant(region_of(shown), int(rng.integers(4)))
            return self._pair(clip, first.frame, quadrant, shown, there, rng, positive=False)
        return self._pair(clip, first.frame, region_of(shown), shown, there, rng, positive=True)

    def _elsewhere(self, clip: Clip, rng: Rng) -> tuple[Clip, int, Box] | None:
        """A target of another scene group; None where all clips show one place."""
        for _ in range(_TRIES):
            place = self._any_place(rng)
            if place.clip.group != clip.group:
                return place.clip, place.frame, place.box
        return None

    def _near(self, clip: Clip, target: int, frame: int, rng: Rng) -> int:
        """Another frame of the clip within the largest gap; the same where there is no other."""
        usable = clip.usable(target)
        gap = np.abs(clip.times[usable] - clip.times[frame])
        others = usable[(gap <= self._sampling.max_gap) & (usable != frame)]
        return int(rng.choice(others)) if len(others) else frame

    def _pair(
        self,
        clip: Clip,
        frame: int,
        region: Box,
        box: Box,
        search: tuple[Clip, int, Box],
        rng: Rng,
        *,
        positive: bool,
    ) -> Pair:
        """Cut both crops; the search region lies off the target's centre by a little."""
        search_clip, search_frame, search_box = search
        side = region_of(search_box).width
        dx, dy = rng.uniform(-self._sampling.shift, self._sampling.shift, 2) * side
        x, y = search_box.centre
        search_region = square_around((x + dx, y + dy), side)
        return Pair(
            cut(clip.gray(frame), region, CROP_SIZE, "mean"),
            cut(search_clip.gray(search_frame), search_region, CROP_SIZE, "mean"),
            in_crop(box, region),
            in_crop(search_box, search_region),
            positive,
        )


def region_of(box: Box) -> Box:
    """What is cut out around a target, for template and search crop alike."""
    return square_around(box.centre, context_side(box.width, box.height, CONTEXT))


def corner_quadrant(region: Box, corner: int) -> Box:
    """A quarter of a region: top left, top right, bottom left, bottom right."""
    width, height = region.width / 2, region.height / 2
    return Box(region.x + (corner % 2) * width, region.y + (corner // 2) * height, width, height)


def in_crop(box: Box, region: Box) -> NDArray[np.float32]:
    """(4,) x, y, width, height of a box in the pixels of a region's crop."""
    factor = CROP_SIZE / region.width
    left, top = (box.x - region.x) * factor, (box.y - region.y) * factor
    return np.array([left, top, box.width * factor, box.height * factor], np.float32)
