"""Birds and drones."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.training.rendering.noise import Field
from tracker.training.rendering.parts import Part, Points, Surface, capsule, face, hull, moved, sphere
from tracker.training.rendering.path import Pose


@dataclass(frozen=True)
class BirdLook:
    """Measures (metres) and surface temperatures (degrees Celsius) of a bird.

    Attributes:
        span: From wing tip to wing tip.
        beat_hz: Wing beats per second; 0 glides.
        body: Breast and belly.
        wings: Feathers, near the air's temperature.
    """

    span: float = 1.1
    beat_hz: float = 3.2
    body: float = 18.0
    wings: float = 9.0


@dataclass(frozen=True)
class DroneLook:
    """Measures (metres) and surface temperatures (degrees Celsius) of a multicopter.

    Attributes:
        span: From motor to motor, diagonally.
        arms: Number of arms.
        hull: Body and arms.
        battery: The warmest part of the body.
        motors: The motors.
    """

    span: float = 0.5
    arms: int = 4
    hull: float = 12.0
    battery: float = 24.0
    motors: float = 32.0


def flyer_surface(texture: Field) -> Surface:
    """Small and far: hardly any detail."""
    return Surface(texture_k=0.3, rim_k=0.8, rim_m=0.03, softness_m=0.02, grain=texture)


def bird(look: BirdLook, pose: Pose) -> list[Part]:
    """The parts of a bird in one moment of its wing beat."""
    beat = math.sin(2 * math.pi * look.beat_hz * pose.time_s + 4 * pose.position[0] * 0.1)
    lift, fold = 0.75 * beat + 0.12, 0.55 * beat - 0.25
    half, length = look.span / 2, look.span * 0.42
    parts = [
        hull([(0.3 * length, 0.0, 0.0), (-0.3 * length, 0.0, 0.0)], [0.13 * length, 0.1 * length], look.body),
        sphere((0.52 * length, 0.03 * length, 0.0), 0.09 * length, look.body + 2.0),
        face([(-0.35 * length, 0.0, 0.0), (-0.7 * length, 0.0, 0.12 * length),
              (-0.7 * length, 0.0, -0.12 * length)], look.wings),
    ]  # fmt: skip
    for side in (1.0, -1.0):
        parts += _wing(look, half, side, lift, fold)
    return parts


def _wing(look: BirdLook, half: float, side: float, lift: float, fold: float) -> list[Part]:
    chord = look.span * 0.09
    root = np.array([0.05 * look.span, 0.0, 0.0])
    wrist = moved(root, 0.02, 0.5 * half * math.sin(lift), side * 0.5 * half * math.cos(lift))
    tip = moved(wrist, -0.06, 0.55 * half * math.sin(fold), side * 0.55 * half * math.cos(fold))
    back = np.array([-1.6 * chord, 0.0, 0.0])
    return [
        face([root, wrist, wrist + back, root + back], look.wings + 2.0),
        face([wrist, tip, tip + back * 0.5, wrist + back], look.wings),
        capsule(root, wrist, (0.02 * look.span, 0.014 * look.span), look.wings + 3.0),
    ]


def drone(look: DroneLook, pose: Pose) -> list[Part]:
    """The parts of a drone; it leans the way it flies and its blades are a faint shimmer."""
    lean = min(pose.speed * 0.03, 0.3)
    size = look.span
    parts = [
        hull([(0.14 * size, 0.0, 0.0), (-0.14 * size, 0.0, 0.0)], 0.1 * size, look.hull + 4.0),
        sphere((-0.02 * size, 0.06 * size, 0.0), 0.085 * size, look.battery, towards_viewer=0.02),
        sphere((0.16 * size, -0.09 * size, 0.0), 0.05 * size, look.hull + 6.0),
    ]
    for arm in range(look.arms):
        angle = 2 * math.pi * (arm + 0.5) / look.arms
        end = np.array([0.5 * size * math.cos(angle), 0.05 * size, 0.5 * size * math.sin(angle)])
        parts += _arm(look, end, size)
    turn = np.array([[math.cos(lean), -math.sin(lean), 0], [math.sin(lean), math.cos(lean), 0], [0, 0, 1]])
    return [
        Part(part.points @ turn, part.radii, part.temperature, part.opacity, part.towards_viewer)
        for part in parts
    ]


def _arm(look: DroneLook, end: Points, size: float) -> list[Part]:
    angles = np.arange(8) * math.pi / 4
    ring = end + np.stack([np.cos(angles), np.full(8, 0.3), np.sin(angles)], axis=1) * (0.22 * size, 0.1 * size,
                                                                                       0.22 * size)  # fmt: skip
    return [
        capsule((0.0, 0.0, 0.0), end, (0.03 * size, 0.022 * size), look.hull),
        sphere(moved(end, 0.0, 0.02 * size, 0.0), 0.055 * size, look.motors),
        Part(ring, np.zeros(8), look.hull, opacity=0.12),
    ]
