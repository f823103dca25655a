"""Random changes of pairs of crops: what thermal cameras, weather and traffic do to a picture.

All functions are pure: they leave their arguments as they are and take all chance from the generator
that they are given, so that the same state gives the same crops. Crops are square, float32, gray levels
0..255.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2

Crop = NDArray[np.float32]
Rng = np.random.Generator
Range = tuple[float, float]
XYWH = Sequence[float] | NDArray[np.float32]

_STEPS = 8
"""Entries of a tone curve for each gray level: finer than any sensor's noise."""

_LEVELS = np.linspace(0, 1, 255 * _STEPS + 1, dtype=np.float32)
_TRIES = 12
"""So often a place is looked for before the change is given up."""


@dataclass(frozen=True)
class AugmentationConfig:
    """How likely (0..1) each change is and how strong it gets; ranges are (least, most).

    Attributes:
        invert: Chance that hot becomes dark, in both crops.
        curve: Chance of another tone curve, in both crops.
        gamma: Exponent of the curve where it is a power.
        equalise: Share of plateau equalisation in the curve where it is one.
        gain: Factor of contrast of both crops.
        offset: Gray levels added to both crops.
        jump: Chance that one crop's gain and offset differ from the other's.
        jump_gain: Factor of that.
        jump_offset: Gray levels of that.
        squeeze: Chance that a crop's contrast collapses.
        squeeze_factor: What is left of it.
        blur: Chance of Gaussian blur.
        blur_px: Its sigma in pixels.
        motion: Chance of motion blur.
        motion_px: Its length in pixels.
        coarse: Chance that the crop comes from fewer pixels.
        coarse_factor: Share of the pixels along each side.
        noise: Chance of white noise.
        noise_sigma: In gray levels.
        pattern: Chance of fixed column noise, and of fixed row noise.
        pattern_sigma: In gray levels.
        dead: Chance of dead rows, columns or pixels.
        steps: Chance of coarse quantisation.
        step_levels: Gray levels in one step.
        jpeg: Chance of JPEG artefacts.
        jpeg_quality: 1..100.
        occluder: Chance that something stands in front of the target.
        occluder_share: Share of the target's box that it hides.
        distractor: Chance that something like the target is put elsewhere.
        distractor_scale: Its size over the target's.
        distractor_gain: Its contrast over the target's.
        distractor_offset: Gray levels added to it.
        distractor_overlap: IoU with the target's box that it stays below.
    """

    invert: float = 0.3
    curve: float = 0.6
    gamma: Range = (0.5, 2.0)
    equalise: Range = (0.2, 0.9)
    gain: Range = (0.7, 1.35)
    offset: Range = (-30.0, 30.0)
    jump: float = 0.5
    jump_gain: Range = (0.85, 1.18)
    jump_offset: Range = (-18.0, 18.0)
    squeeze: float = 0.12
    squeeze_factor: Range = (0.25, 0.7)
    blur: float = 0.2
    blur_px: Range = (0.5, 2.2)
    motion: float = 0.15
    motion_px: Range = (3.0, 11.0)
    coarse: float = 0.2
    coarse_factor: Range = (0.25, 0.8)
    noise: float = 0.4
    noise_sigma: Range = (0.5, 12.0)
    pattern: float = 0.15
    pattern_sigma: Range = (0.5, 6.0)
    dead: float = 0.08
    steps: float = 0.08
    step_levels: Range = (2.0, 14.0)
    jpeg: float = 0.12
    jpeg_quality: Range = (20.0, 80.0)
    occluder: float = 0.15
    occluder_share: Range = (0.1, 0.38)
    distractor: float = 0.2
    distractor_scale: Range = (0.8, 1.25)
    distractor_gain: Range = (0.8, 1.2)
    distractor_offset: Range = (-15.0, 15.0)
    distractor_overlap: float = 0.05


def augment_pair(
    template: Crop, search: Crop, rng: Rng, config: AugmentationConfig | None = None
) -> tuple[Crop, Crop]:
    """Change both crops alike, as another camera would, then each alone, as time does.

    Args:
        template: (S, S) float32, 0..255.
        search: (S, S) float32, 0..255; its size need not be the template's.
        rng: Source of all chance.
        config: Chances and strengths.

    Returns:
        New crops of the same shapes, 0..255.
    """
    config = config or AugmentationConfig()
    curve = _common_curve(search, rng, config)
    return _alone(_mapped(template, curve), rng, config), _alone(_mapped(search, curve), rng, config)


def occlude(search: Crop, box_xywh: XYWH, rng: Rng, config: AugmentationConfig | None = None) -> Crop:
    """Sometimes put a bar or a block with soft edges in front of a part of the target.

    Args:
        search: (S, S) float32, 0..255.
        box_xywh: The target's box in the crop's pixels.
        rng: Source of all chance.
        config: Chance and strength.

    Returns:
        The crop itself where nothing is put in front, else a new one.
    """
    config = config or AugmentationConfig()
    window = _inside(box_xywh, search.shape)
    if not _chance(rng, config.occluder) or window is None:
        return search
    block = _block(window, search.shape, rng, config)
    left, top, right, bottom = block
    cover = np.zeros(search.shape, np.float32)
    cover[top:bottom, left:right] = 1
    softness = rng.uniform(0.4, 1.5)
    cover = np.asarray(cv2.GaussianBlur(cover, (0, 0), softness), np.float32)
    filling = np.full(search.shape, rng.uniform(0, 255), np.float32)
    texture = _elsewhere(search, block, window, rng)
    if texture is not None:
        filling[top:bottom, left:right] = texture
        # The soft edge reaches beyond the block: what it shows there is the block's mean.
        rim = cover.copy()
        rim[top:bottom, left:right] = 0
        filling[rim > 0] = float(texture.mean())
    return search + cover * (filling - search)


def paste_distractor(
    search: Crop,
    box_xywh: XYWH,
    rng: Rng,
    config: AugmentationConfig | None = None,
    patch: Crop | None = None,
) -> Crop:
    """Sometimes put something like the target at another place of the crop, with feathered edges.

    Args:
        search: (S, S) float32, 0..255.
        box_xywh: The target's box in the crop's pixels.
        rng: Source of all chance.
        config: Chance and strength.
        patch: (h, w) what to put there, with a little of its surroundings; the target itself where not given.

    Returns:
        The crop itself where nothing is put or no place is free, else a new one.
    """
    config = config or AugmentationConfig()
    window = _inside(box_xywh, search.shape)
    if not _chance(rng, config.distractor) or window is None:
        return search
    stamp = _stamp(patch if patch is not None else _with_margin(search, window), rng, config)
    place = _free_place(stamp.shape, search.shape, box_xywh, rng, config.distractor_overlap)
    if place is None:
        return search
    rows = slice(place[1], place[1] + stamp.shape[0])
    columns = slice(place[0], place[0] + stamp.shape[1])
    pasted = search.copy()
    below, cover = pasted[rows, columns], _feathered(stamp.shape)
    # What surrounds it should look, more or less, like what is there already.
    stamp = stamp + np.float32(rng.uniform(0, 1)) * (_rim_level(below) - _rim_level(stamp))
    pasted[rows, columns] = np.clip(below + cover * (stamp - below), 0, 255)
    return pasted


def _chance(rng: Rng, probability: float) -> bool:
    return bool(rng.random() < probability)


# --- both crops alike: one tone curve, a table of 255 * _STEPS + 1 gray levels ---


def _common_curve(search: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    """Tone curve, gain, offset and polarity in one table."""
    curve = _LEVELS
    if _chance(rng, config.curve):
        kind = rng.integers(3)
        if kind == 0:
            curve = np.power(_LEVELS, np.float32(np.exp(rng.uniform(*np.log(config.gamma)))))
        elif kind == 1:
            curve = _s_curve(rng.uniform(0.3, 0.7), rng.uniform(2.0, 8.0))
        else:
            share = np.float32(rng.uniform(*config.equalise))
            curve = (1 - share) * _LEVELS + share * _plateau_curve(search, rng.uniform(1.5, 8.0))
    gain, offset = rng.uniform(*config.gain), rng.uniform(*config.offset)
    levels = (curve - 0.5) * np.float32(255 * gain) + np.float32(127.5 + offset)
    if _chance(rng, config.invert):
        levels = 255 - levels
    return np.asarray(np.clip(levels, 0, 255), np.float32)


def _s_curve(middle: float, steepness: float) -> Crop:
    """Steep about `middle` (0..1), flat at both ends; from 0 to 1."""
    curve = 1 / (1 + np.exp(np.float32(-steepness) * (_LEVELS - np.float32(middle))))
    return np.asarray((curve - curve[0]) / (curve[-1] - curve[0]), np.float32)


def _plateau_curve(crop: Crop, plateau: float) -> Crop:
    """Histogram equalisation in which no level counts more than `plateau` times the mean; from 0 to 1."""
    counts = np.bincount(crop[::2, ::2].astype(np.uint8).ravel(), minlength=256).astype(np.float32)
    total = np.cumsum(np.minimum(counts, plateau * counts.mean()))
    return np.asarray(np.interp(_LEVELS * 255, np.arange(256), total / total[-1]), np.float32)


def _mapped(crop: Crop, curve: Crop) -> Crop:
    """The crop through a tone curve."""
    index = np.clip(crop * np.float32(_STEPS) + np.float32(0.5), 0, len(curve) - 1).astype(np.int32)
    return np.asarray(curve[index])


# --- each crop alone ---


def _alone(crop: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    """In the order of a camera: gain, optics, pixels, noise, faults, coding."""
    crop = _levelled(crop, rng, config)
    crop = _blurred(crop, rng, config)
    crop = _noisy(crop, rng, config)
    if _chance(rng, config.dead):
        crop = _with_dead(crop, rng)
    crop = np.clip(crop, 0, 255)
    return _coded(crop, rng, config)


def _levelled(crop: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    if _chance(rng, config.jump):
        gain, offset = rng.uniform(*config.jump_gain), rng.uniform(*config.jump_offset)
        crop = crop * np.float32(gain) + np.float32(offset + 127.5 * (1 - gain))
    if _chance(rng, config.squeeze):
        factor = rng.uniform(*config.squeeze_factor)
        crop = crop * np.float32(factor) + np.float32(rng.uniform(0, 255 * (1 - factor)))
    return crop


def _blurred(crop: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    if _chance(rng, config.blur):
        crop = np.asarray(cv2.GaussianBlur(crop, (0, 0), rng.uniform(*config.blur_px)), np.float32)
    if _chance(rng, config.motion):
        kernel = _streak(rng.uniform(*config.motion_px), rng.uniform(0, math.pi))
        crop = np.asarray(cv2.filter2D(crop, -1, kernel), np.float32)
    if _chance(rng, config.coarse):
        height, width = crop.shape
        factor = rng.uniform(*config.coarse_factor)
        fewer = (max(round(width * factor), 2), max(round(height * factor), 2))
        back = (cv2.INTER_LINEAR, cv2.INTER_LINEAR, cv2.INTER_NEAREST)[rng.integers(3)]
        small = cv2.resize(crop, fewer, interpolation=cv2.INTER_AREA)
        crop = np.asarray(cv2.resize(small, (width, height), interpolation=back), np.float32)
    return crop


def _streak(length: float, angle: float) -> Crop:
    """The kernel of a straight movement by `length` pixels towards `angle` (radians)."""
    half = math.ceil(length / 2)
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    along = np.linspace(-length / 2, length / 2, 4 * half + 1)
    rows = np.rint(half + along * math.sin(angle)).astype(int)
    columns = np.rint(half + along * math.cos(angle)).astype(int)
    np.add.at(kernel, (rows, columns), 1)
    return np.asarray(kernel / kernel.sum())


def _noisy(crop: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    if _chance(rng, config.noise):
        sigma = np.float32(rng.uniform(*config.noise_sigma))
        crop = crop + sigma * rng.standard_normal(crop.shape, np.float32)
    for shape in ((1, crop.shape[1]), (crop.shape[0], 1)):
        if _chance(rng, config.pattern):
            sigma = np.float32(rng.uniform(*config.pattern_sigma))
            crop = crop + sigma * rng.standard_normal(shape, np.float32)
    return crop


def _with_dead(crop: Crop, rng: Rng) -> Crop:
    """A few rows, columns or pixels that show one level."""
    crop = crop.copy()
    height, width = crop.shape
    kind, number = rng.integers(3), int(rng.integers(1, 4))
    level = 255 * rng.integers(2) if _chance(rng, 0.6) else rng.uniform(0, 255)
    if kind == 0:
        crop[rng.integers(height, size=number)] = level
    elif kind == 1:
        crop[:, rng.integers(width, size=number)] = level
    else:
        number *= 8
        crop[rng.integers(height, size=number), rng.integers(width, size=number)] = level
    return crop


def _coded(crop: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    if _chance(rng, config.steps):
        step = np.float32(rng.uniform(*config.step_levels))
        crop = np.minimum(np.rint(crop / step) * step, np.float32(255))
    if _chance(rng, config.jpeg):
        quality = round(rng.uniform(*config.jpeg_quality))
        _, coded = cv2.imencode(".jpg", np.rint(crop).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])
        crop = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32)
    return crop


# --- what stands in front and what looks alike; windows are (left, top, right, bottom) in whole pixels ---

Window = tuple[int, int, int, int]


def _inside(box: XYWH, shape: tuple[int, ...]) -> Window | None:
    """The pixels of the crop that a box covers; None where there are none worth a change."""
    left, top = max(round(box[0]), 0), max(round(box[1]), 0)
    right = min(round(box[0] + box[2]), shape[1])
    bottom = min(round(box[1] + box[3]), shape[0])
    return (left, top, right, bottom) if right - left >= 4 and bottom - top >= 4 else None


def _block(window: Window, shape: tuple[int, ...], rng: Rng, config: AugmentationConfig) -> Window:
    """Where the occluder is: a bar through the target or a block over one of its sides."""
    left, top, right, bottom = window
    share = rng.uniform(*config.occluder_share)
    wide, high = int((right - left) * share), int((bottom - top) * share)
    over, under = _reach(top, bottom, shape[0], rng)
    before, behind = _reach(left, right, shape[1], rng)
    kind = rng.integers(5)
    if kind <= 1:
        start = int(rng.integers(left, right - wide + 1))
        return (start, over, start + max(wide, 1), under)
    if kind == 2:
        return (before, over, left + max(wide, 1), under)
    if kind == 3:
        return (right - max(wide, 1), over, behind, under)
    return (before, bottom - max(high, 1), behind, under)


def _reach(low: int, high: int, size: int, rng: Rng) -> tuple[int, int]:
    """How far the occluder goes beyond the target on both sides."""
    length = high - low
    return (
        max(low - int(length * rng.uniform(0, 1.5)), 0),
        min(high + int(length * rng.uniform(0, 1.5)), size),
    )


def _elsewhere(search: Crop, block: Window, window: Window, rng: Rng) -> Crop | None:
    """Texture of the block's size from a place without the target; None half of the time or without such."""
    if _chance(rng, 0.5):
        return None
    wide, high = block[2] - block[0], block[3] - block[1]
    target = (window[0], window[1], window[2] - window[0], window[3] - window[1])
    place = _free_place((high, wide), search.shape, target, rng, 1e-6)
    if place is None:
        return None
    return search[place[1] : place[1] + high, place[0] : place[0] + wide]


def _free_place(
    size: tuple[int, ...], shape: tuple[int, ...], box: XYWH, rng: Rng, overlap: float
) -> tuple[int, int] | None:
    """A corner (x, y) at which a (height, width) piece meets `box` with an IoU below `overlap`."""
    high, wide = size[0], size[1]
    if high > shape[0] or wide > shape[1]:
        return None
    for _ in range(_TRIES):
        x, y = int(rng.integers(shape[1] - wide + 1)), int(rng.integers(shape[0] - high + 1))
        across = max(min(x + wide, box[0] + box[2]) - max(x, box[0]), 0.0)
        along = max(min(y + high, box[1] + box[3]) - max(y, box[1]), 0.0)
        both = across * along
        if both / (high * wide + box[2] * box[3] - both) < overlap:
            return x, y
    return None


def _with_margin(search: Crop, window: Window) -> Crop:
    """The target and a tenth of its size around it, for the feathered edge."""
    left, top, right, bottom = window
    dx, dy = max((right - left) // 10, 1), max((bottom - top) // 10, 1)
    return search[max(top - dy, 0) : bottom + dy, max(left - dx, 0) : right + dx]


def _stamp(patch: Crop, rng: Rng, config: AugmentationConfig) -> Crop:
    """The patch in another size, contrast and level, sometimes mirrored."""
    scale = rng.uniform(*config.distractor_scale)
    wide, high = (max(round(side * scale), 4) for side in (patch.shape[1], patch.shape[0]))
    stamp = np.asarray(cv2.resize(patch, (wide, high), interpolation=cv2.INTER_LINEAR), np.float32)
    gain, offset = rng.uniform(*config.distractor_gain), rng.uniform(*config.distractor_offset)
    mean = stamp.mean()
    stamp = np.asarray(mean + (stamp - mean) * np.float32(gain) + np.float32(offset), np.float32)
    return stamp[:, ::-1] if _chance(rng, 0.5) else stamp


def _rim_level(piece: Crop) -> np.float32:
    """Mean level along the piece's edge."""
    edges = (piece[0], piece[-1], piece[:, 0], piece[:, -1])
    return np.float32(sum(float(edge.mean()) for edge in edges) / 4)


def _feathered(shape: tuple[int, ...]) -> Crop:
    """Cover of a piece: 1 inside, falling to 0 over the outer eighth of each side."""
    ramps = []
    for side in shape:
        edge = max(side / 8, 1.0)
        place = np.arange(side, dtype=np.float32) + np.float32(0.5)
        ramps.append(np.clip(np.minimum(place, side - place) / np.float32(edge), 0, 1))
    return np.asarray(np.outer(ramps[0], ramps[1]), np.float32)
