"""Trees and bushes."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.training.rendering.camera import View
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.noise import Field, power_noise
from tracker.training.rendering.parts import moved
from tracker.training.rendering.scenery import hang
from tracker.training.rendering.sprite import Sprite


@dataclass(frozen=True)
class Tree:
    """A tree, with leaves or bare, or a bush.

    Attributes:
        x: Metres to the right.
        z: Metres away.
        height: Metres.
        spread: Width of the crown, metres.
        trunk: Radius of the trunk, metres; 0 makes a bush.
        leafy: Whether it has leaves.
        temperature_k: How much warmer than the climate's foliage.
    """

    x: float
    z: float
    height: float = 7.0
    spread: float = 4.0
    trunk: float = 0.2
    leafy: bool = True
    temperature_k: float = 0.0

    def sprite(self, rng: np.random.Generator, view: View, climate: Climate) -> Sprite | None:
        """See `Scenery`."""
        per_m = float(np.clip(view.scale_at(self.z) * 2, 10, 60))
        shape = (round(self.height * per_m) + 2, round(self.spread * 1.3 * per_m) + 2)
        temperature = np.full(shape, climate.foliage + self.temperature_k, np.float32)
        cover = np.zeros(shape, np.float32)
        if self.trunk:
            self._grow(temperature, cover, rng, climate, per_m)
        if self.leafy:
            self._leaf(temperature, cover, rng)
        half = self.spread * 0.65
        corners = np.array([(-half, self.height, 0), (half, self.height, 0), (half, 0, 0), (-half, 0, 0)])
        return hang(temperature, cover, moved(corners, self.x, 0.0, self.z), view, climate)

    def _grow(
        self, temperature: Field, cover: Field, rng: np.random.Generator, climate: Climate, per_m: float
    ) -> None:
        """Draw trunk and branches, in place."""
        height, width = cover.shape
        todo = [_Branch(width / 2, float(height), -math.pi / 2, self.height * 0.36, self.trunk)]
        while todo:
            branch = todo.pop()
            outline = branch.outline(per_m)
            for image, value in ((temperature, climate.air + 1.0 + self.temperature_k), (cover, 1.0)):
                cv2.fillConvexPoly(image, outline, value, cv2.LINE_8, 4)
            if branch.radius * per_m > 0.22 and branch.length > 0.12:
                todo += branch.forks(rng, per_m)
        # Twigs end at a round crown, not at the edge of the drawing; the trunk is spared.
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        reach = np.hypot((columns - width / 2) / (width * 0.46), (rows - height * 0.42) / (height * 0.42))
        cover *= np.clip((1.0 - reach) * 6, rows > height * 0.6, 1)
        bark = power_noise(rng, (max(height // 4, 2), width), 0.7)
        temperature += 0.6 * cv2.resize(bark, (width, height))

    def _leaf(self, temperature: Field, cover: Field, rng: np.random.Generator) -> None:
        """Lay a crown of clumps of leaves over it, in place."""
        height, width = cover.shape
        rows, columns = np.mgrid[:height, :width].astype(np.float32)
        middle = height * (0.38 if self.trunk else 0.55)
        reach = np.hypot((columns - width / 2) / (width * 0.42), (rows - middle) / (middle * 0.98))
        clumps = power_noise(rng, (height, width), 1.25, 0.5 * width)
        fine = power_noise(rng, (height, width), 0.5, 0.06 * width + 3)
        leaves = np.clip((1.0 - reach) * 3.2 + 0.75 * clumps + 0.25 * fine, 0, 1)
        shade = 0.9 * clumps + 0.5 * fine - 1.2 * np.clip((rows - middle) / height, -0.5, 0.5)
        temperature += (self.temperature_k + shade) * leaves
        np.maximum(cover, leaves, out=cover)


@dataclass(frozen=True)
class _Branch:
    """A tapering piece of a tree: where it begins (pixels), its direction, length and radius (metres)."""

    x: float
    y: float
    angle: float
    length: float
    radius: float

    def end(self, per_m: float) -> tuple[float, float]:
        """Where it ends, pixels."""
        reach = self.length * per_m
        return self.x + math.cos(self.angle) * reach, self.y + math.sin(self.angle) * reach

    def outline(self, per_m: float) -> NDArray[np.int32]:
        """Corners in sixteenths of a pixel."""
        (x, y), side = self.end(per_m), (-math.sin(self.angle), math.cos(self.angle))
        wide, thin = max(self.radius * per_m, 0.5), max(self.radius * 0.75 * per_m, 0.5)
        corners = [(self.x + sign * side[0] * wide, self.y + sign * side[1] * wide) for sign in (1, -1)]
        corners += [(x + sign * side[0] * thin, y + sign * side[1] * thin) for sign in (-1, 1)]
        return np.asarray(np.rint(np.array(corners) * 16), np.int32)

    def forks(self, rng: np.random.Generator, per_m: float) -> list[_Branch]:
        """What grows out of it: a leader and side branches, which bend upwards."""
        x, y = self.end(per_m)
        grown = []
        for turn, share in (
            (rng.uniform(-0.15, 0.15), 0.8),
            (rng.uniform(0.3, 0.75), 0.62),
            (rng.uniform(-0.75, -0.3), 0.62),
        ):
            angle = self.angle + turn
            angle += 0.12 * (-math.pi / 2 - angle)
            reach = self.length * share * rng.uniform(0.8, 1.05)
            grown.append(_Branch(x, y, angle, reach, self.radius * (0.35 + 0.45 * share)))
        return grown
