"""Four-legged animals: a warm body on legs with a trot, cooler fur than face and belly."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from tracker.training.rendering.noise import Field
from tracker.training.rendering.parts import Part, Surface, capsule, hull, moved, sphere
from tracker.training.rendering.path import Pose


@dataclass(frozen=True)
class AnimalLook:
    """Measures (metres) and surface temperatures (degrees Celsius) of an animal.

    Attributes:
        height: At the shoulder.
        length: From chest to rump, in shoulder heights.
        girth: Radius of the body, in shoulder heights.
        leg: Length of the legs, in shoulder heights.
        neck: Length of the neck, in shoulder heights.
        tail: Length of the tail, in shoulder heights.
        fur: Back and sides.
        belly: Where the fur is thin.
        face: Eyes, ears and muzzle.
        legs: Lower legs.
    """

    height: float = 0.55
    length: float = 1.15
    girth: float = 0.24
    leg: float = 0.55
    neck: float = 0.3
    tail: float = 0.45
    fur: float = 16.0
    belly: float = 21.0
    face: float = 27.0
    legs: float = 18.0


def animal_surface(texture: Field) -> Surface:
    """Fur: soft, uneven, with a cooler rim."""
    return Surface(texture_k=1.2, rim_k=3.0, rim_m=0.05, softness_m=0.025, grain=texture)


def animal(look: AnimalLook, pose: Pose) -> list[Part]:
    """The parts of an animal in one moment of its gait."""
    vigour = min(pose.speed / (2.2 * look.height**0.5), 1.2)
    phase = 2 * math.pi * pose.travelled / (1.6 * look.height * look.length)
    bob = 0.03 * vigour * math.sin(2 * phase)
    parts = [part for leg in _LEGS for part in _leg(look, phase, vigour, leg)]
    parts += [*_body(look, bob), *_head(look, bob, vigour), _tail(look, phase)]
    return [
        Part(part.points * look.height, part.radii * look.height, part.temperature,
             towards_viewer=part.towards_viewer)
        for part in parts
    ]  # fmt: skip


# Front or back, left or right, and when it swings: diagonal pairs together, as in a trot.
_LEGS = ((0.42, 1, 0.0), (0.42, -1, math.pi), (-0.42, 1, math.pi), (-0.42, -1, 0.0))


def _leg(look: AnimalLook, phase: float, vigour: float, leg: tuple[float, int, float]) -> list[Part]:
    along, side, turn = leg
    top = np.array([along * look.length, look.leg + 0.08, side * look.girth * 0.6])
    swing = 0.55 * vigour * math.sin(phase + turn)
    bend = 0.9 * vigour * max(0.0, math.cos(phase + turn))
    half = (look.leg + 0.05) / 2
    knee = moved(top, half * math.sin(swing), -half * math.cos(swing), 0.0)
    foot = moved(knee, half * math.sin(swing - bend), -half * math.cos(swing - bend), 0.0)
    return [
        capsule(knee, foot, (0.05, 0.032), look.legs - 2.0),
        capsule(top, knee, (0.11, 0.06), look.legs),
    ]


def _body(look: AnimalLook, bob: float) -> list[Part]:
    height = look.leg + look.girth + bob
    chest = np.array([0.42 * look.length, height, 0.0])
    rump = np.array([-0.42 * look.length, height + 0.02, 0.0])
    belly = (chest + rump) / 2 - (0.0, look.girth * 0.25, 0.0)
    return [
        hull([chest, rump, belly], [look.girth, look.girth * 0.9, look.girth * 0.8], look.fur),
        hull([moved(belly, 0.2, -0.08, 0.0), moved(belly, -0.2, -0.08, 0.0)], look.girth * 0.5, look.belly),
    ]


def _head(look: AnimalLook, bob: float, vigour: float) -> list[Part]:
    base = np.array([0.45 * look.length, look.leg + look.girth * 1.3 + bob, 0.0])
    nod = 0.6 - 0.2 * vigour
    head = moved(base, look.neck * math.cos(nod) + 0.05, look.neck * math.sin(nod) + 0.05, 0.0)
    parts = [
        capsule(base, head, (look.girth * 0.62, look.girth * 0.45), look.fur + 1.0),
        sphere(head, look.girth * 0.52, look.face - 3.0),
        capsule(head, moved(head, 0.22, -0.08, 0.0), (0.1, 0.06), look.face),
    ]
    ears = [
        capsule(
            moved(head, -0.02, 0.08, s * 0.08),
            moved(head, -0.06, 0.24, s * 0.1),
            (0.05, 0.02),
            look.face - 1.0,
        )
        for s in (1, -1)
    ]
    return parts + ears


def _tail(look: AnimalLook, phase: float) -> Part:
    root = np.array([-0.5 * look.length, look.leg + look.girth * 1.2, 0.0])
    tip = moved(root, -look.tail * 0.8, look.tail * 0.3, 0.12 * math.sin(phase))
    return capsule(root, tip, (0.06, 0.03), look.fur - 1.5)
