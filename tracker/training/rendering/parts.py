"""Solid things as parts: hulls around spheres, each with a temperature, painted back to front."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.training.rendering.camera import View
from tracker.training.rendering.noise import Field
from tracker.training.rendering.sprite import Sprite

Points = NDArray[np.float64]
Place: TypeAlias = Sequence[float] | NDArray[np.float64]
"""Forward, up, left in metres."""

_CIRCLE = np.stack([np.cos(np.arange(12) * math.pi / 6), np.sin(np.arange(12) * math.pi / 6)], axis=1)
_SUBPIXEL_BITS = 4
_DRAWN_SIZE = 260
"""Things are drawn at up to four times their size, but not larger than about this many pixels."""


@dataclass(frozen=True)
class Part:
    """The hull around some spheres.

    Attributes:
        points: (n, 3) centres: forward, up, left, in metres, from where the thing stands.
        radii: (n,) metres; 0 makes a polygon.
        temperature: Of its surface, degrees Celsius.
        opacity: Below 1 for glows on the ground and whirling blades; such parts do not count for the box.
        towards_viewer: Metres to put it forward in the painting order.
        normal: Outward direction (forward, up, left) of a face that is painted only from outside.
    """

    points: Points
    radii: NDArray[np.float64]
    temperature: float
    opacity: float = 1.0
    towards_viewer: float = 0.0
    normal: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Surface:
    """How surfaces look beyond the temperature of each part.

    Attributes:
        texture_k: Standard deviation of the variation over the surface, kelvin (folds, dirt, fur).
        rim_k: How much cooler surfaces look where they turn away from the viewer.
        rim_m: How far from the outline that reaches, metres.
        softness_m: Over what distance temperatures of neighbouring parts blend.
        grain: (g, g) noise with standard deviation 1, four cells per 10 cm.
    """

    texture_k: float = 0.5
    rim_k: float = 1.5
    rim_m: float = 0.08
    softness_m: float = 0.02
    grain: Field = field(default_factory=lambda: np.zeros((8, 8), np.float32))


def moved(place: Place, forward: float, up: float, left: float) -> Points:
    """A place (or several, (n, 3)) shifted by metres."""
    return np.asarray(np.asarray(place, np.float64) + np.array([forward, up, left]))


def sphere(at: Place, radius: float, temperature: float, towards_viewer: float = 0.0) -> Part:
    """A ball."""
    return Part(np.array([at], np.float64), np.array([radius]), temperature, towards_viewer=towards_viewer)


def capsule(start: Place, stop: Place, radii: tuple[float, float], temperature: float) -> Part:
    """A limb from `start` to `stop`, with the radius at each end."""
    return Part(np.array([start, stop], np.float64), np.array(radii), temperature)


def hull(points: Sequence[Place], radii: Sequence[float] | float, temperature: float) -> Part:
    """The hull of balls; one radius holds for all."""
    sizes = np.broadcast_to(np.asarray(radii, np.float64), (len(points),))
    return Part(np.array(points, np.float64), sizes, temperature)


def face(
    corners: Sequence[Place],
    temperature: float,
    normal: tuple[float, float, float] | None = None,
    towards_viewer: float = 0.0,
) -> Part:
    """A flat convex polygon."""
    points = np.array(corners, np.float64)
    return Part(points, np.zeros(len(points)), temperature, 1.0, towards_viewer, normal)


def place(points: Points, position: Sequence[float], heading: float) -> Points:
    """From (forward, up, left) of a thing to the world.

    Args:
        points: (n, 3).
        position: (x, y, z) where the thing stands.
        heading: Its direction in the ground plane, radians, 0 to the right, pi/2 away from the camera.
    """
    forward, up, left = points.T
    sine, cosine = math.sin(heading), math.cos(heading)
    x, z = forward * cosine - left * sine, forward * sine + left * cosine
    return np.stack([x, up, z], axis=1) + np.asarray(position, np.float64)


def paint(
    parts: Sequence[Part], view: View, position: Sequence[float], heading: float, surface: Surface
) -> Sprite | None:
    """Draw a thing as it appears.

    Args:
        parts: What it consists of.
        view: Of the camera.
        position: (x, y, z) where it stands.
        heading: As in `place`.
        surface: Its look.

    Returns:
        The picture of it, or None where it lies outside the canvas.
    """
    outlines = [
        _outline(part, view, position, heading) for part in parts if _faces(part, view, position, heading)
    ]
    if not outlines:
        return None
    everything = np.concatenate([points for points, _, _ in outlines])
    low = np.floor(everything.min(axis=0)).astype(int) - 2
    high = np.ceil(everything.max(axis=0)).astype(int) + 2
    low, high = np.maximum(low, -np.array(view.size)), np.minimum(high, 2 * np.array(view.size))
    if (high <= 0).any() or (low >= view.size).any():
        return None
    size = high - low
    factor = int(np.clip(_DRAWN_SIZE // max(size), 1, 4))
    temperature, cover = _fill(outlines, low, size * factor, factor)
    depth = float(np.mean([far for _, far, _ in outlines]))
    pixels_per_m = view.focal_px / depth * factor
    _shade(temperature, cover, surface, pixels_per_m)
    return _reduced(temperature, cover, low, (int(size[0]), int(size[1])), depth)


Outline = tuple[Points, float, Part]


def _outline(part: Part, view: View, position: Sequence[float], heading: float) -> Outline:
    """Canvas points whose hull is the part's outline, its depth in metres, and the part."""
    centres, depths = view.project(place(part.points, position, heading))
    sizes = part.radii * view.focal_px / depths
    if not part.radii.any():
        return centres, float(depths.mean()), part
    circles = centres[:, None, :] + sizes[:, None, None] * _CIRCLE
    return circles.reshape(-1, 2), float(depths.mean()), part


def _faces(part: Part, view: View, position: Sequence[float], heading: float) -> bool:
    """Whether the outside of the part is turned to the camera."""
    if part.normal is None:
        return True
    centre = place(part.points.mean(axis=0)[None], position, heading)[0]
    outward = place(np.array([part.normal]), (0, 0, 0), heading)[0]
    return bool(outward @ (np.array([0.0, view.height_m, 0.0]) - centre) > 0)


def _fill(
    outlines: list[Outline], low: NDArray[np.int_], size: NDArray[np.int_], factor: int
) -> tuple[Field, Field]:
    """Temperature and cover (h, w) of the outlines, far ones first."""
    temperature = np.zeros((size[1], size[0]), np.float32)
    cover = np.zeros_like(temperature)
    for points, _, part in sorted(outlines, key=lambda entry: -entry[1] + entry[2].towards_viewer):
        corners = np.rint((points - low) * (factor << _SUBPIXEL_BITS) - (1 << _SUBPIXEL_BITS - 1))
        polygon = np.asarray(cv2.convexHull(corners.astype(np.int32)), np.int32)
        if part.opacity >= 1:
            cv2.fillConvexPoly(temperature, polygon, part.temperature, cv2.LINE_8, _SUBPIXEL_BITS)
            cv2.fillConvexPoly(cover, polygon, 1.0, cv2.LINE_8, _SUBPIXEL_BITS)
        else:
            _blend(temperature, cover, polygon, part)
    return temperature, cover


def _blend(temperature: Field, cover: Field, polygon: NDArray[np.int32], part: Part) -> None:
    """Lay a part that is partly see-through over what is there."""
    mask = np.zeros_like(cover)
    cv2.fillConvexPoly(mask, polygon, part.opacity, cv2.LINE_8, _SUBPIXEL_BITS)
    total = mask + cover * (1 - mask)
    mixed = part.temperature * mask + temperature * cover * (1 - mask)
    np.divide(mixed, total, out=temperature, where=total > 0)
    cover[:] = total


def _shade(temperature: Field, cover: Field, surface: Surface, pixels_per_m: float) -> None:
    """Blend neighbouring parts, cool the rim, and lay the texture over, in place."""
    inside = _blurred(cover, surface.softness_m * pixels_per_m)
    soft = _blurred(temperature * cover, surface.softness_m * pixels_per_m)
    np.divide(soft, inside, out=temperature, where=inside > 1e-3)
    if surface.rim_k:
        rim = 1.0 - _blurred(cover, max(surface.rim_m * pixels_per_m, 0.5))
        temperature -= np.float32(surface.rim_k) * rim
    if surface.texture_k:
        cell = 0.025 * pixels_per_m
        height, width = cover.shape
        matrix = np.array([[1 / cell, 0, -width / 2 / cell], [0, 1 / cell, -height / 2 / cell]])
        grain = cv2.warpAffine(
            surface.grain,
            matrix,
            (width, height),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_WRAP,
        )
        temperature += np.float32(surface.texture_k) * grain


def _blurred(image: Field, sigma: float) -> Field:
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma) if sigma > 0.2 else image)


def _reduced(
    temperature: Field, cover: Field, low: NDArray[np.int_], size: tuple[int, int], depth: float
) -> Sprite:
    """The drawing at the canvas's own resolution."""
    if cover.shape[0] != size[1]:
        heat = cv2.resize(temperature * cover, size, interpolation=cv2.INTER_AREA)
        cover = np.asarray(cv2.resize(cover, size, interpolation=cv2.INTER_AREA))
        temperature = np.divide(heat, cover, out=np.zeros_like(cover), where=cover > 1e-4)
    return Sprite(temperature, cover, int(low[0]), int(low[1]), depth)
