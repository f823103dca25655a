"""What stands in a scene and does not move: buildings, poles, fences; trees are in `trees`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.training.rendering.camera import View
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.noise import Field, as_field, power_noise
from tracker.training.rendering.parts import Part, Surface, capsule, hull, paint, sphere
from tracker.training.rendering.sprite import Sprite

_OVERSAMPLING = 3


class Scenery(Protocol):
    """Something that stands in the scene."""

    def sprite(self, rng: np.random.Generator, view: View, climate: Climate) -> Sprite | None:
        """Its picture, or None where it lies outside the canvas."""


@dataclass(frozen=True)
class Facade:
    """The front of a building, with rows of windows.

    Attributes:
        start: (x, z) of one lower corner, metres.
        stop: (x, z) of the other.
        height: Metres.
        warmth_k: How much warmer than the climate's walls.
        floors: Rows of windows.
        windows: Windows in a row.
        lit: Share of windows that are badly insulated and look warm; the others mirror the cold sky.
        door: Where a door stands, as a share of the way from start to stop; None for none.
    """

    start: tuple[float, float]
    stop: tuple[float, float]
    height: float
    warmth_k: float = 0.0
    floors: int = 3
    windows: int = 6
    lit: float = 0.35
    door: float | None = None

    def sprite(self, rng: np.random.Generator, view: View, climate: Climate) -> Sprite | None:
        """See `Scenery`."""
        length = math.dist(self.start, self.stop)
        texture = self._texture(rng, length, climate)
        corners = np.array(
            [
                (self.start[0], self.height, self.start[1]),
                (self.stop[0], self.height, self.stop[1]),
                (self.stop[0], 0.0, self.stop[1]),
                (self.start[0], 0.0, self.start[1]),
            ]
        )
        return hang(texture, np.ones_like(texture), corners, view, climate)

    def _texture(self, rng: np.random.Generator, length: float, climate: Climate) -> Field:
        """(h, w) temperatures, upper edge first."""
        per_m = 24.0 if length < 30 else 14.0
        shape = (max(8, round(self.height * per_m)), max(8, round(length * per_m)))
        wall = climate.wall + self.warmth_k + 0.45 * power_noise(rng, shape, 1.1)
        wall += np.linspace(-0.8, 0.8, shape[0], dtype=np.float32)[:, None]
        rows = np.arange(shape[0])[:, None] / per_m
        wall -= 0.35 * (np.mod(rows, self.height / max(self.floors, 1)) < 0.18)
        self._pierce(wall, rng, climate)
        wall[: max(2, round(0.25 * per_m))] -= 2.5
        return np.asarray(wall, np.float32)

    def _pierce(self, wall: Field, rng: np.random.Generator, climate: Climate) -> None:
        """Put the windows and the door in, in place."""
        height, width = wall.shape
        for floor in range(self.floors):
            top = height * (floor + 0.25) / self.floors
            bottom = height * (floor + 0.75) / self.floors
            for column in range(self.windows):
                left, right = (width * (column + edge) / self.windows for edge in (0.28, 0.72))
                glass = climate.wall + (
                    rng.uniform(1.5, 5.0) if rng.random() < self.lit else rng.uniform(-5, -2)
                )
                _window(wall, (left, top, right, bottom), glass)
        if self.door is not None:
            left, right = (round(width * self.door + step * height * 0.05) for step in (-1, 1))
            wall[round(height * (1 - 0.75 / self.floors)) :, max(left, 0) : right] = climate.wall + 3.0


def _window(wall: Field, box: tuple[float, float, float, float], glass: float) -> None:
    """A pane with a frame, a cross bar and a sill that leaks warmth, in place."""
    left, top, right, bottom = (round(edge) for edge in box)
    frame = max(1, round((right - left) * 0.08))
    outer = float(wall[top:bottom, left:right].mean())
    wall[top - frame : bottom + frame, left - frame : right + frame] = outer + 1.4
    shade = np.linspace(-1.0, 0.6, max(bottom - top, 1), dtype=np.float32)[:, None]
    wall[top:bottom, left:right] = glass + shade
    middle = (left + right) // 2
    wall[top:bottom, middle : middle + frame] = outer + 1.0
    wall[bottom + frame : bottom + 3 * frame, left:right] += 0.9


def hang(
    temperature: Field, cover: Field, corners: NDArray[np.float64], view: View, climate: Climate
) -> Sprite | None:
    """The picture of a flat texture in the world.

    Args:
        temperature: (h, w) degrees Celsius.
        cover: (h, w), 0..1.
        corners: (4, 3) world points of its upper left, upper right, lower right and lower left corner.
        view: Of the camera.
        climate: For the air in between.

    Returns:
        The sprite, or None where it lies outside the canvas.
    """
    points, depths = view.project(corners)
    low = np.maximum(np.floor(points.min(axis=0)).astype(int) - 1, 0)
    high = np.minimum(np.ceil(points.max(axis=0)).astype(int) + 1, view.size)
    if (high <= low).any():
        return None
    size = high - low
    target = ((points - low) * _OVERSAMPLING).astype(np.float32)
    height, width = cover.shape
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    fine = (int(size[0]) * _OVERSAMPLING, int(size[1]) * _OVERSAMPLING)
    final = (int(size[0]), int(size[1]))
    shrunk = _softened(temperature, width / max(float(np.ptp(target[:, 0])), 1.0))
    warm = cv2.warpPerspective(shrunk, matrix, fine, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    shown = cv2.warpPerspective(cover, matrix, fine, flags=cv2.INTER_LINEAR)
    shown = as_field(cv2.resize(shown, final, interpolation=cv2.INTER_AREA))
    warm = as_field(cv2.resize(warm, final, interpolation=cv2.INTER_AREA))
    depth = float(depths.mean())
    return Sprite(climate.through_air(warm, depth), shown, int(low[0]), int(low[1]), depth)


def _softened(texture: Field, shrinking: float) -> Field:
    """The texture without what would alias when it is made smaller by `shrinking`."""
    return as_field(cv2.GaussianBlur(texture, (0, 0), 0.4 * shrinking) if shrinking > 1 else texture)


@dataclass(frozen=True)
class Pole:
    """A lamp post, a sign post, a pillar.

    Attributes:
        x: Metres to the right.
        z: Metres away.
        height: Metres.
        radius: Metres.
        temperature: Degrees Celsius.
        arm: Length of a lamp's arm, metres, to the right where positive; 0 for none.
        lamp: Temperature of the lamp.
    """

    x: float
    z: float
    height: float = 5.0
    radius: float = 0.09
    temperature: float = 6.5
    arm: float = 0.0
    lamp: float = 22.0

    def sprite(self, rng: np.random.Generator, view: View, climate: Climate) -> Sprite | None:
        """See `Scenery`."""
        top = (0.0, self.height, 0.0)
        parts = [
            hull([(0.0, 0.0, 0.0), (0.0, 0.9, 0.0)], self.radius * 1.35, self.temperature + 0.6),
            capsule((0.0, 0.0, 0.0), top, (self.radius, self.radius * 0.7), self.temperature),
        ]
        if self.arm:
            end = (self.arm, self.height + 0.25, 0.0)
            parts += [
                capsule(top, end, (self.radius * 0.6, self.radius * 0.5), self.temperature),
                hull([end, (self.arm + 0.35, self.height + 0.25, 0.0)], 0.09, self.temperature + 2.0),
                sphere((self.arm + 0.2, self.height + 0.15, 0.0), 0.1, self.lamp, towards_viewer=0.1),
            ]
        surface = Surface(texture_k=0.3, rim_k=0.9, rim_m=0.04, grain=power_noise(rng, (64, 64), 1.0))
        return _standing(parts, self.x, self.z, surface, view, climate)


@dataclass(frozen=True)
class Fence:
    """A railing of posts and bars, or a solid low wall.

    Attributes:
        start: (x, z) of one end, metres.
        stop: (x, z) of the other.
        height: Metres.
        bars: Number of horizontal bars; 0 makes a solid wall.
        spacing: Metres between posts.
        temperature: Degrees Celsius.
    """

    start: tuple[float, float]
    stop: tuple[float, float]
    height: float = 1.0
    bars: int = 3
    spacing: float = 1.5
    temperature: float = 6.0

    def sprite(self, rng: np.random.Generator, view: View, climate: Climate) -> Sprite | None:
        """See `Scenery`."""
        run = np.array([self.stop[0] - self.start[0], 0.0, self.stop[1] - self.start[1]])
        corners = np.array([(self.start[0], self.height, self.start[1])] * 4)
        corners[1:3] += run
        corners[2:, 1] = 0.0
        per_m = 30.0
        shape = (round(self.height * per_m), max(8, round(float(np.linalg.norm(run)) * per_m)))
        temperature = np.asarray(self.temperature + 0.5 * power_noise(rng, shape, 1.0), np.float32)
        return hang(temperature, self._cover(shape, per_m), corners, view, climate)

    def _cover(self, shape: tuple[int, int], per_m: float) -> Field:
        if not self.bars:
            return np.ones(shape, np.float32)
        rows = np.arange(shape[0])[:, None] / shape[0] * self.bars
        columns = np.arange(shape[1])[None, :] / per_m / self.spacing
        bar = np.mod(rows, 1.0) < 0.05 * per_m * self.bars / shape[0]
        post = np.mod(columns, 1.0) < 0.07 / self.spacing
        return np.asarray(bar | post, np.float32)


def _standing(
    parts: list[Part], x: float, z: float, surface: Surface, view: View, climate: Climate
) -> Sprite | None:
    """The sprite of parts that stand at (x, z)."""
    sprite = paint(parts, view, (x, 0.0, z), 0.0, surface)
    if sprite is None:
        return None
    seen = climate.through_air(sprite.temperature, sprite.depth)
    return Sprite(seen, sprite.cover, sprite.left, sprite.top, sprite.depth)
