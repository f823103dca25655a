"""A scene: what is in it, and the rendering of its frames with their true boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.opencv import cv2
from tracker.training.rendering.actors import Actor, parts_of, surface_of
from tracker.training.rendering.camera import CameraConfig, View, camera_shifts
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.ground import GroundConfig, empty_scene
from tracker.training.rendering.noise import Field, power_noise
from tracker.training.rendering.parts import Surface, paint
from tracker.training.rendering.path import Pose, poses
from tracker.training.rendering.scenery import Scenery
from tracker.training.rendering.sensor import Sensor, SensorConfig
from tracker.training.rendering.sprite import Sprite, extent_of, motion_kernel

HIDDEN_BELOW = 0.2
"""A target of which less than this share is visible has no true box: no one could draw it."""


@dataclass(frozen=True)
class SceneConfig:
    """Everything a clip is made from: the same description always gives the same frames.

    Attributes:
        size: (width, height) of a frame.
        length: Number of frames.
        seed: Of all textures and noise.
        fps: Frames per second.
        camera: Where it stands and how it moves.
        climate: Temperatures of the surroundings.
        ground: The empty scene.
        scenery: What stands in it.
        actors: What moves in it; the first is the target, where there is one.
        sensor: What turns temperatures into counts.
    """

    size: tuple[int, int] = (320, 256)
    length: int = 100
    seed: int = 0
    fps: float = 25.0
    camera: CameraConfig = field(default_factory=CameraConfig)
    climate: Climate = field(default_factory=Climate)
    ground: GroundConfig = field(default_factory=GroundConfig)
    scenery: tuple[Scenery, ...] = ()
    actors: tuple[Actor, ...] = ()
    sensor: SensorConfig = field(default_factory=SensorConfig)


@dataclass(frozen=True)
class Truth:
    """Where an actor really is.

    Attributes:
        box: Around what can be seen of it inside the frame; None where that is less than a fifth of it.
        whole: Around all of it, hidden or outside the frame as it may be; None off the canvas.
        visible: Share of its area that is inside the frame and not hidden, 0..1.
    """

    box: Box | None
    whole: Box | None
    visible: float


@dataclass(frozen=True)
class Rendered:
    """One frame.

    Attributes:
        counts: (h, w) uint16, 14 bits.
        truths: One for each actor, in order.
    """

    counts: NDArray[np.uint16]
    truths: tuple[Truth, ...]


@dataclass
class _Seen:
    """An actor's sprite and what is still visible of it."""

    sprite: Sprite
    visible: Field


_Layer = tuple[Sprite, int | None]
"""A sprite and the index of the actor it shows, None for scenery."""


class Scene:
    """A scene made ready; its frames can be asked for in any order."""

    def __init__(self, config: SceneConfig) -> None:
        """Draw all that does not move."""
        self.config = config
        self._view = View.of(config.camera, config.size)
        self._shifts = camera_shifts(self._rng(0), config.camera, config.length, config.fps)
        self._poses = [poses(a.waypoints, config.length, config.fps, a.heading) for a in config.actors]
        grains = [power_noise(self._rng(3, k), (64, 64), 0.9) for k in range(len(config.actors))]
        self._surfaces = [surface_of(a.look, grain) for a, grain in zip(config.actors, grains, strict=True)]
        self._backdrop = empty_scene(self._rng(4), self._view, config.climate, config.ground)
        self._standing = self._stand()
        self._sensor = Sensor(config.sensor, config.size, config.length, config.seed)

    def __len__(self) -> int:
        """Number of frames."""
        return self.config.length

    def _rng(self, *stream: int) -> np.random.Generator:
        """A stream of its own for each thing, so that one thing more leaves the others as they were."""
        return np.random.default_rng([self.config.seed, *stream])

    def _stand(self) -> list[Sprite]:
        """Paint what is behind all actors into the backdrop; return the sprites of the rest."""
        climate = self.config.climate
        drawn = [
            item.sprite(self._rng(5, k), self._view, climate) for k, item in enumerate(self.config.scenery)
        ]
        sprites = sorted((s for s in drawn if s is not None), key=lambda sprite: -sprite.depth)
        farthest = max((pose.position[2] for way in self._poses for pose in way), default=0.0)
        reach = math.hypot(farthest, self.config.camera.height_m) * 1.1
        for sprite in sprites:
            if sprite.depth > reach:
                sprite.lay_over(self._backdrop)
        return [sprite for sprite in sprites if sprite.depth <= reach]

    def frame(self, index: int) -> Rendered:
        """Render one frame.

        Args:
            index: 0-based; while the sensor's shutter is closed an earlier frame is seen.

        Raises:
            IndexError: There is no such frame.
        """
        if not 0 <= index < self.config.length:
            raise IndexError(f"no frame {index} in a scene of {self.config.length}")
        shown = self._sensor.shown(index)
        temperature, truths = self._look(shown)
        counts = self._sensor.counts(temperature, shown)
        return Rendered(counts, truths)

    def __iter__(self) -> Iterator[Rendered]:
        """All frames in order."""
        return (self.frame(index) for index in range(self.config.length))

    def _look(self, index: int) -> tuple[Field, tuple[Truth, ...]]:
        """Temperatures in front of the sensor and the truth about them."""
        corner = self._shifts[index] + self.config.camera.margin_px
        image = self._cut(corner)
        seen: dict[int, _Seen] = {}
        for sprite, actor in sorted(self._layers(index, corner), key=lambda layer: -layer[0].depth):
            for other in seen.values():
                _hide(other, sprite)
            sprite.lay_over(image)
            if actor is not None:
                seen[actor] = _Seen(sprite, sprite.cover.copy())
        truths = tuple(_truth(seen.get(k), self.config.size) for k in range(len(self.config.actors)))
        return self._smear(image, index), truths

    def _cut(self, corner: NDArray[np.float64]) -> Field:
        """The backdrop inside the frame whose upper left corner is at `corner`, (h, w)."""
        matrix = np.array([[1, 0, corner[0]], [0, 1, corner[1]]])
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(self._backdrop, matrix, self.config.size, flags=flags))

    def _layers(self, index: int, corner: NDArray[np.float64]) -> Iterator[_Layer]:
        """Everything that is to be laid over the backdrop, in frame coordinates."""
        dx, dy = float(-corner[0]), float(-corner[1])
        for sprite in self._standing:
            yield sprite.shifted(dx, dy), None
        for number, (way, surface) in enumerate(zip(self._poses, self._surfaces, strict=True)):
            drawn = self._draw(number, way[index], surface)
            if drawn is not None:
                smear = self._movement(way, index)
                yield drawn.smeared(*smear).shifted(dx, dy), number

    def _draw(self, number: int, pose: Pose, surface: Surface) -> Sprite | None:
        parts = parts_of(self.config.actors[number].look, pose)
        sprite = paint(parts, self._view, pose.position, pose.heading, surface)
        if sprite is None:
            return None
        seen = self.config.climate.through_air(sprite.temperature, sprite.depth)
        return Sprite(seen, sprite.cover, sprite.left, sprite.top, sprite.depth)

    def _movement(self, way: list[Pose], index: int) -> tuple[float, float]:
        """By how many pixels an actor moves on the canvas while a pixel of the sensor answers."""
        pair = np.array([way[max(index - 1, 0)].position, way[index].position])
        points, _ = self._view.project(pair)
        dx, dy = (points[1] - points[0]) * self.config.sensor.lag_s * self.config.fps
        return float(dx), float(dy)

    def _smear(self, image: Field, index: int) -> Field:
        """The picture smeared by the camera's own movement."""
        step = self._shifts[index] - self._shifts[max(index - 1, 0)]
        kernel = motion_kernel(*(float(v) for v in step * self.config.sensor.lag_s * self.config.fps))
        return image if kernel is None else np.asarray(cv2.filter2D(image, -1, kernel))


def _hide(seen: _Seen, front: Sprite) -> None:
    """Take away what a nearer sprite hides."""
    own, there = seen.sprite, front
    top, left = max(own.top, there.top), max(own.left, there.left)
    bottom = min(own.top + own.cover.shape[0], there.top + there.cover.shape[0])
    right = min(own.left + own.cover.shape[1], there.left + there.cover.shape[1])
    if bottom <= top or right <= left:
        return
    part = seen.visible[top - own.top : bottom - own.top, left - own.left : right - own.left]
    part *= 1 - there.cover[top - there.top : bottom - there.top, left - there.left : right - there.left]


def _truth(seen: _Seen | None, size: tuple[int, int]) -> Truth:
    """The truth about an actor in a frame of (width, height)."""
    if seen is None:
        return Truth(None, None, 0.0)
    sprite = seen.sprite
    whole, area = extent_of(sprite.cover, sprite.left, sprite.top), float(sprite.cover.sum())
    window = sprite.window((size[1], size[0]))
    if whole is None or window is None:
        return Truth(None, whole, 0.0)
    rows, columns = window[1]
    inside = seen.visible[rows, columns]
    visible = float(inside.sum()) / area
    box = extent_of(inside, max(sprite.left, 0), max(sprite.top, 0)) if visible >= HIDDEN_BELOW else None
    return Truth(box, whole, min(visible, 1.0))
