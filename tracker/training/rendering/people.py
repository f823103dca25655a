"""Walking people: a skeleton with a gait, dressed in spheres and limbs."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.training.rendering.noise import Field
from tracker.training.rendering.parts import Part, Surface, capsule, hull, moved, sphere
from tracker.training.rendering.path import Pose

Place = tuple[float, float, float]

_STRIDE_M = 1.45
"""Two steps of an adult 1.75 m tall."""


@dataclass(frozen=True)
class PersonLook:
    """Stature and surface temperatures (degrees Celsius) of a person.

    Attributes:
        height_m: Standing.
        build: Girth in relation to the usual.
        face: Bare skin of the face.
        hands: Bare or gloved hands.
        hair: Hair or hat.
        jacket: Upper body and arms.
        trousers: Legs.
        shoes: Feet.
        bag: A backpack, None without one.
        coat: Whether the jacket reaches to the knees.
        hood: Whether the head is covered by the jacket.
        phase: Where in the gait it begins, radians; 0 has the legs together.
    """

    height_m: float = 1.75
    build: float = 1.0
    face: float = 30.0
    hands: float = 26.0
    hair: float = 18.0
    jacket: float = 15.0
    trousers: float = 14.0
    shoes: float = 11.0
    bag: float | None = None
    coat: bool = False
    hood: bool = False
    phase: float = 1.1


def person_surface(texture: Field) -> Surface:
    """Cloth: soft, with folds and a cooler rim."""
    return Surface(texture_k=0.9, rim_k=3.0, rim_m=0.07, softness_m=0.022, grain=texture)


def person(look: PersonLook, pose: Pose) -> list[Part]:
    """The parts of a person in one moment of their gait."""
    size = look.height_m / 1.75
    vigour = min(pose.speed / 1.3, 1.4)
    phase = look.phase + 2 * math.pi * pose.travelled / (_STRIDE_M * size * (0.75 + 0.25 * vigour))
    legs = [_leg(phase + turn, vigour, side * 0.09) for turn, side in ((0.0, 1.0), (math.pi, -1.0))]
    lift = 0.045 - min(min(ankle[1], toe[1]) for _, _, ankle, toe in legs)  # the lower foot is on the ground
    hip = np.array([0.0, lift, 0.0])
    parts = [part for leg in legs for part in _leg_parts(look, leg, hip)]
    parts += _torso(look, hip)
    for turn, side in ((math.pi, 1.0), (0.0, -1.0)):
        parts += _arm(look, phase + turn, vigour, side, hip)
    parts += _head(look, hip)
    girth = np.array([size * look.build, size, size * look.build])
    return [
        Part(part.points * girth, part.radii * size * math.sqrt(look.build), part.temperature,
             towards_viewer=part.towards_viewer)
        for part in parts
    ]  # fmt: skip


def _leg(phase: float, vigour: float, left: float) -> tuple[Place, Place, Place, Place]:
    """Hip, knee, ankle and toe of one leg, from the middle of the hips (forward, up, left)."""
    swing = 0.05 + 0.42 * vigour * math.sin(phase)
    bend = 0.08 + 0.85 * vigour * max(0.0, math.cos(phase - 0.35)) ** 2 * (math.cos(phase - 0.35) > 0)
    knee = (0.42 * math.sin(swing), -0.42 * math.cos(swing), left)
    shank = swing - bend
    ankle = (knee[0] + 0.42 * math.sin(shank), knee[1] - 0.42 * math.cos(shank), left)
    pitch = shank * 0.6 - 0.1
    toe = (ankle[0] + 0.17 * math.cos(pitch), ankle[1] - 0.05 + 0.17 * math.sin(pitch), left * 1.15)
    return (0.0, 0.0, left), knee, ankle, toe


def _leg_parts(
    look: PersonLook, leg: tuple[Place, Place, Place, Place], hip: NDArray[np.float64]
) -> list[Part]:
    top, knee, ankle, toe = (np.asarray(joint) + hip for joint in leg)
    return [
        capsule(ankle, toe, (0.05, 0.035), look.shoes),
        capsule(knee, ankle, (0.062, 0.046), look.trousers - 0.8),
        capsule(top, knee, (0.098, 0.066), look.trousers),
    ]


def _torso(look: PersonLook, hip: NDArray[np.float64]) -> list[Part]:
    lean = 0.03
    chest = [moved(hip, lean, 0.49, side * 0.135) for side in (1, -1)]
    waist = [moved(hip, 0.0, 0.08, side * 0.075) for side in (1, -1)]
    parts = [
        hull([*chest, *waist], [0.105, 0.105, 0.115, 0.115], look.jacket),
        # The chest is warmest where the jacket lies close.
        sphere(moved(hip, lean + 0.02, 0.42, 0.0), 0.10, look.jacket + 1.6, towards_viewer=0.02),
    ]
    if look.coat:
        hem = [moved(hip, 0.0, -0.28, side * 0.09) for side in (1, -1)]
        parts.append(hull([*waist, *hem], [0.12, 0.12, 0.13, 0.13], look.jacket - 0.7))
    if look.bag is not None:
        corners = [moved(hip, -0.17, up, side * 0.09) for up in (0.15, 0.45) for side in (1, -1)]
        parts.append(hull(corners, 0.085, look.bag))
    return parts


def _arm(look: PersonLook, phase: float, vigour: float, side: float, hip: NDArray[np.float64]) -> list[Part]:
    swing = 0.04 + 0.38 * vigour * math.sin(phase)
    bend = swing + 0.22 + 0.25 * vigour * max(0.0, math.sin(phase))
    shoulder = moved(hip, 0.03, 0.5, side * 0.2)
    elbow = moved(shoulder, 0.29 * math.sin(swing), -0.29 * math.cos(swing), side * 0.03)
    wrist = moved(elbow, 0.25 * math.sin(bend), -0.25 * math.cos(bend), -side * 0.01)
    hand = moved(wrist, 0.06 * math.sin(bend), -0.06 * math.cos(bend), 0.0)
    return [
        capsule(shoulder, elbow, (0.062, 0.05), look.jacket - 0.5),
        capsule(elbow, wrist, (0.05, 0.038), look.jacket - 0.9),
        sphere(hand, 0.045, look.hands, towards_viewer=0.01),
    ]


def _head(look: PersonLook, hip: NDArray[np.float64]) -> list[Part]:
    neck, skull = moved(hip, 0.04, 0.62, 0.0), moved(hip, 0.045, 0.765, 0.0)
    cover = look.jacket + 0.5 if look.hood else look.hair
    return [
        capsule(neck, skull, (0.06, 0.06), look.face - 1.5),
        sphere(moved(skull, -0.012, 0.015, 0.0), 0.108, cover),
        hull([moved(skull, 0.045, 0.02, 0.0), moved(skull, 0.05, -0.06, 0.0)], [0.078, 0.062], look.face),
    ]
