"""The empty scene: sky with clouds, ground with soil, grass, roads and paving."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.opencv import cv2
from tracker.training.rendering.camera import View
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.noise import Field, as_field, power_noise

_TILE_PX, _TILE_M = 512, 20.0
_LEVELS = 6
_OVERSAMPLING = 2


@dataclass(frozen=True)
class Strip:
    """A band of ground of its own temperature.

    Attributes:
        start: Where it begins: z in metres for one that runs across the picture, else x.
        stop: Where it ends.
        temperature: Degrees Celsius.
        texture_k: Standard deviation of its texture, kelvin.
        across: Whether it runs across the picture (along x) or away from the camera (along z).
        bend_m: How far it swings sideways over `bend_length_m`.
        bend_length_m: Metres of one swing there and back.
        dashes_m: Length of the dashes it consists of (road marks); 0 for an unbroken band.
    """

    start: float
    stop: float
    temperature: float
    texture_k: float = 0.3
    across: bool = True
    bend_m: float = 0.0
    bend_length_m: float = 60.0
    dashes_m: float = 0.0


@dataclass(frozen=True)
class Patch:
    """A round spot of ground: a puddle (cold), a manhole, where someone stood (warm).

    Attributes:
        x: Metres to the right.
        z: Metres away.
        radius_m: Of the spot.
        difference_k: How much warmer it is than what is around it.
    """

    x: float
    z: float
    radius_m: float
    difference_k: float


@dataclass(frozen=True)
class GroundConfig:
    """The ground and the sky.

    Attributes:
        texture_k: Standard deviation of the open ground's texture, kelvin.
        grain: Spectral exponent of it; smaller is rougher.
        strips: Roads, paths, kerbs and marks; later ones cover earlier ones.
        patches: Spots.
        ridge_deg: How high distant hills or woods rise above the horizon, degrees; 0 for none.
    """

    texture_k: float = 0.9
    grain: float = 0.9
    strips: tuple[Strip, ...] = ()
    patches: tuple[Patch, ...] = ()
    ridge_deg: float = 1.5


def empty_scene(rng: np.random.Generator, view: View, climate: Climate, ground: GroundConfig) -> Field:
    """Temperatures of sky and ground on the whole canvas.

    Args:
        rng: Source of randomness.
        view: Of the camera.
        climate: Temperatures of the surroundings.
        ground: What the ground looks like.

    Returns:
        (h, w) degrees Celsius.
    """
    fine = view.magnified(_OVERSAMPLING)
    x, z = fine.ground()
    image = _sky(rng, fine, climate)
    below = np.isfinite(z)
    distance = np.hypot(x, z)
    soil = climate.through_air(_soil(rng, fine, climate, ground, (x, z)), np.nan_to_num(distance, nan=1e6))
    image[below] = soil[below]
    _raise_ridge(image, rng, fine, climate, ground)
    return np.asarray(cv2.resize(image, view.size, interpolation=cv2.INTER_AREA), np.float32)


def _sky(rng: np.random.Generator, view: View, climate: Climate) -> Field:
    width, height = view.size
    elevation = np.arctan2(view.horizon - np.arange(height, dtype=np.float32), view.focal_px)
    share = np.clip(elevation / (math.pi / 2), 0.0, 1.0) ** 0.45
    gradient = climate.air - 1.0 + (climate.zenith - climate.air) * share
    clouds = power_noise(rng, (height // 2 + 1, width // 6 + 1), 1.6)
    clouds = as_field(cv2.resize(clouds, (width, height), interpolation=cv2.INTER_CUBIC))
    cover = np.clip(clouds * 0.5 + 0.2, 0.0, 1.0) * climate.cloud * np.minimum(share * 3, 1)[:, None]
    return np.asarray(gradient[:, None] + cover, np.float32)


def _soil(
    rng: np.random.Generator, view: View, climate: Climate, ground: GroundConfig, where: tuple[Field, Field]
) -> Field:
    """Temperatures of the ground as if there were no air in between; of no meaning above the horizon."""
    x, z = where
    tile = power_noise(rng, (_TILE_PX, _TILE_PX), ground.grain, _TILE_PX / 4)
    patchy = power_noise(rng, (_TILE_PX, _TILE_PX), 1.6)
    fine, broad = _on_ground(tile, view, where, _TILE_M), _on_ground(patchy, view, where, 6 * _TILE_M)
    image = np.float32(climate.ground) + np.float32(ground.texture_k) * (0.7 * fine + 0.7 * broad)
    for strip in ground.strips:
        cover = _strip_cover(strip, x, z)
        surface = strip.temperature + strip.texture_k * (fine + 0.8 * broad)
        image += (surface - image) * cover
    for patch in ground.patches:
        reach = np.hypot(x - patch.x, z - patch.z) / patch.radius_m + 0.25 * fine
        image += np.float32(patch.difference_k) * np.exp(-(np.nan_to_num(reach, nan=9.0) ** 4))
    return np.asarray(image, np.float32)


def _on_ground(tile: Field, view: View, where: tuple[Field, Field], tile_m: float) -> Field:
    """A repeated texture of `tile_m` metres seen in perspective; what is too fine to be resolved is averaged."""
    x, z = (np.nan_to_num(along * np.float32(_TILE_PX / tile_m)) for along in where)
    footprint = np.nan_to_num(where[1], nan=1e4) ** 2 / (view.focal_px * view.height_m) * (_TILE_PX / tile_m)
    level = as_field(np.clip(np.log2(np.maximum(footprint, 1.0)), 0, _LEVELS - 1))
    image, smooth = np.zeros_like(level), tile
    for number in range(_LEVELS):
        weight = np.clip(1 - np.abs(level - number), 0, 1)
        if weight.any():
            image += weight * _wrapped(smooth, x, z)
        wide = np.pad(smooth, _TILE_PX // 8, mode="wrap")
        inner = slice(_TILE_PX // 8, -_TILE_PX // 8)
        smooth = as_field(cv2.GaussianBlur(wide, (0, 0), 0.8 * 2**number)[inner, inner])
    return image


def _wrapped(tile: Field, columns: Field, rows: Field) -> Field:
    height, width = tile.shape
    return np.asarray(
        cv2.remap(
            np.pad(tile, ((0, 1), (0, 1)), mode="wrap"),
            np.mod(columns, width).astype(np.float32),
            np.mod(rows, height).astype(np.float32),
            cv2.INTER_LINEAR,
        )
    )


def _strip_cover(strip: Strip, x: Field, z: Field) -> Field:
    """Share of each pixel that a strip covers; edges are a few centimetres soft."""
    over, along = (z, x) if strip.across else (x, z)
    centre = strip.bend_m * np.sin(2 * math.pi * along / strip.bend_length_m)
    soft = 0.03
    inside = np.minimum(over - centre - strip.start, strip.stop + centre - over) / soft
    if strip.dashes_m:
        phase = np.mod(along, 3 * strip.dashes_m)
        inside = np.minimum(inside, (strip.dashes_m - phase) / soft)
    return as_field(np.nan_to_num(np.clip(inside + 0.5, 0.0, 1.0)))


def _raise_ridge(
    image: Field, rng: np.random.Generator, view: View, climate: Climate, ground: GroundConfig
) -> None:
    """Woods and hills at the horizon, in place."""
    if not ground.ridge_deg:
        return
    width, height = view.size
    rise = view.focal_px * math.tan(math.radians(ground.ridge_deg))
    outline = power_noise(rng, (1, 4 * width), 1.0, 2.0 * width)[0, :width]
    top = view.horizon - rise * (0.7 + 0.22 * outline)
    rows = np.arange(height, dtype=np.float32)[:, None]
    cover = np.clip(rows - top[None, :] + 0.5, 0, 1) * np.clip(view.horizon + 1.0 - rows, 0, 1)
    texture = power_noise(rng, (height, width), 0.8, 40 * _OVERSAMPLING)
    wood = climate.through_air(np.asarray(climate.foliage + 0.7 * texture, np.float32), 0.8 * climate.haze_m)
    image += (wood - image) * cover
