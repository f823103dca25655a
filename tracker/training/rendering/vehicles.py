"""Cars, vans and buses: boxes with cool windows, a warm bonnet and hot wheels."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.training.rendering.noise import Field
from tracker.training.rendering.parts import Part, Surface, face, hull
from tracker.training.rendering.path import Pose

Corner = tuple[float, float, float]


@dataclass(frozen=True)
class VehicleLook:
    """Measures (metres) and surface temperatures (degrees Celsius) of a vehicle.

    Attributes:
        length: From bumper to bumper.
        width: Without mirrors.
        height: Of the roof.
        bonnet: Share of the length that the bonnet takes; 0 for a bus.
        body: Painted metal; it reflects a cold sky, so that it is often cooler than the road.
        windows: Glass, which reflects the sky too.
        engine: The bonnet and the grille.
        wheels: Tyres and brakes.
        lamps: Headlights.
        glow: How much warmer the road below looks.
    """

    length: float = 4.3
    width: float = 1.8
    height: float = 1.45
    bonnet: float = 0.27
    body: float = 6.0
    windows: float = 1.0
    engine: float = 22.0
    wheels: float = 24.0
    lamps: float = 26.0
    glow: float = 8.0


def vehicle_surface(texture: Field) -> Surface:
    """Sheet metal: even, without a rim."""
    return Surface(texture_k=0.35, rim_k=0.0, softness_m=0.05, grain=texture)


def vehicle(look: VehicleLook, pose: Pose) -> list[Part]:
    """The parts of a vehicle."""
    parts = [_glow(look), *_body(look), *_cabin(look)]
    for forward in (look.length * 0.31, -look.length * 0.3):
        for side in (1, -1):
            parts += _wheel(look, forward, side, pose.travelled)
    return parts


def _glow(look: VehicleLook) -> Part:
    half, side = look.length * 0.47, look.width * 0.45
    corners = [(f, 0.01, s) for f, s in ((half, side), (half, -side), (-half, side), (-half, -side))]
    return Part(np.array(corners), np.full(4, 0.12), look.body + look.glow, opacity=0.45, towards_viewer=-0.9)


def _prism(
    along: tuple[float, float], up: tuple[float, float], halves: tuple[float, float], rake: float = 0.0
) -> list[list[Corner]]:
    """Front, back, left, right and top of a box.

    Args:
        along: From the front to the back.
        up: From the bottom to the top.
        halves: Half the width at the bottom and at the top.
        rake: How far the rear end leans inwards at the top, and two thirds of what the front does.
    """
    (front, back), (low, high), (half, top_half) = along, up, halves
    a, b = (front, low), (back, low)
    c, d = (front - rake * 1.5, high), (back + rake, high)
    return [
        [(*a, half), (*a, -half), (*c, -top_half), (*c, top_half)],
        [(*b, half), (*b, -half), (*d, -top_half), (*d, top_half)],
        [(*a, half), (*b, half), (*d, top_half), (*c, top_half)],
        [(*a, -half), (*b, -half), (*d, -top_half), (*c, -top_half)],
        [(*c, top_half), (*c, -top_half), (*d, -top_half), (*d, top_half)],
    ]


_NORMALS: tuple[Corner, ...] = ((1, 0.2, 0), (-1, 0.2, 0), (0, 0.2, 1), (0, 0.2, -1), (0, 1, 0))


def _body(look: VehicleLook) -> list[Part]:
    half, side, belt = look.length / 2, look.width / 2, _belt(look)
    sides = _prism((half, -half), (0.28, belt), (side, side * 0.96))
    warmth = (0.55, 0.05, 0.0, 0.0, 0.0)
    shades = (0.0, 0.0, 0.0, 0.0, -1.5)
    parts = [
        face(corners, look.body + warm * (look.engine - look.body) + shade, normal)
        for corners, normal, warm, shade in zip(sides, _NORMALS, warmth, shades, strict=True)
    ]
    parts.append(hull([(f, 0.3, s) for f in (half * 0.9, -half * 0.9) for s in (side * 0.8, -side * 0.8)], 0.1,
                      look.body + 3.0))  # fmt: skip
    return parts + _front(look, belt)


def _front(look: VehicleLook, belt: float) -> list[Part]:
    """Bonnet, grille and lamps."""
    half, side = look.length / 2, look.width / 2
    parts = []
    if look.bonnet:
        inner = half - look.bonnet * look.length
        bonnet: list[Corner] = [(half - 0.1, belt, side * 0.8), (half - 0.1, belt, -side * 0.8),
                                (inner, belt, -side * 0.8), (inner, belt, side * 0.8)]  # fmt: skip
        parts.append(face(bonnet, look.body * 0.4 + look.engine * 0.6, (0, 1, 0), 0.2))
    grille: list[Corner] = [(half, 0.4, side * 0.5), (half, 0.4, -side * 0.5), (half, 0.7, -side * 0.5),
                            (half, 0.7, side * 0.5)]  # fmt: skip
    parts.append(face(grille, look.engine, (1, 0, 0), 0.2))
    for sign in (1, -1):
        lamp = Part(np.array([(half - 0.02, 0.65, sign * side * 0.8)]), np.array([0.09]), look.lamps, normal=(1, 0, 0),
                    towards_viewer=0.3)  # fmt: skip
        parts.append(lamp)
    return parts


def _belt(look: VehicleLook) -> float:
    """Height of the lower edge of the windows."""
    return look.height * (0.64 if look.bonnet else 0.5)


def _cabin(look: VehicleLook) -> list[Part]:
    half, side, belt = look.length / 2, look.width / 2, _belt(look)
    front = half - (look.bonnet + 0.03) * look.length if look.bonnet else half
    back = -half + (0.06 * look.length if look.bonnet else 0.0)
    rake = 0.35 if look.bonnet else 0.0
    sides = _prism((front, back), (belt, look.height), (side * 0.94, side * 0.78), rake)
    parts = []
    for corners, normal in zip(sides, _NORMALS, strict=True):
        is_roof = normal[1] == 1
        parts.append(face(corners, look.body + (-1.0 if is_roof else 0.4), normal, 0.05))
        if not is_roof:
            parts += [
                face(_pane(corners, *reach), look.windows, normal, 0.15) for reach in _panes(look, normal)
            ]
    return parts


def _panes(look: VehicleLook, normal: Corner) -> list[tuple[float, float]]:
    """From where to where along a side of the cabin its windows reach, 0..1."""
    if normal[0]:
        return [(0.08, 0.92)]
    if look.bonnet:
        return [(0.1, 0.47), (0.53, 0.88)]
    count = max(2, round(look.length / 1.8))
    return [((k + 0.1) / count, (k + 0.9) / count) for k in range(count)]


def _pane(corners: list[Corner], start: float, stop: float) -> list[Corner]:
    """A window in a side given by its lower two and upper two corners."""
    low_a, low_b, high_b, high_a = (np.array(corner) for corner in corners)
    points = []
    for up, ends in ((0.14, (start, stop)), (0.86, (stop, start))):
        for along in ends:
            low = low_a + (low_b - low_a) * along
            high = high_a + (high_b - high_a) * along
            points.append(tuple(float(v) for v in low + (high - low) * up))
    return [(p[0], p[1], p[2]) for p in points]


def _wheel(look: VehicleLook, forward: float, side: int, travelled: float) -> list[Part]:
    radius, left = 0.32 if look.bonnet else 0.45, side * look.width / 2 * 0.97
    normal = (0.0, 0.0, float(side))
    rim = _disc(forward, radius, left, radius * 0.62, 0.0)
    spokes = _disc(forward, radius, left, radius * 0.3, travelled / radius)
    return [
        face(_disc(forward, radius, left, radius, 0.0), look.wheels - 6.0, normal, 0.25),
        face(rim, look.wheels, normal, 0.3),
        face(spokes, look.wheels + 5.0, normal, 0.35),
    ]


def _disc(forward: float, up: float, left: float, radius: float, turn: float) -> list[Corner]:
    """A circle in the plane of a wheel; a square hub shows the turning."""
    count = 4 if turn else 14
    angles = [turn + 2 * math.pi * k / count for k in range(count)]
    return [(forward + radius * math.cos(a), up + radius * math.sin(a), left) for a in angles]
