"""Random looks: who may appear in a scene, with temperatures that fit its climate."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace

import numpy as np

from tracker.training.rendering.actors import Look
from tracker.training.rendering.animals import AnimalLook
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.flyers import BirdLook, DroneLook
from tracker.training.rendering.people import PersonLook
from tracker.training.rendering.vehicles import VehicleLook

Rng = np.random.Generator

_VEHICLES = ((4.3, 1.8, 1.45, 0.27), (4.8, 1.85, 1.75, 0.22), (5.4, 2.0, 2.4, 0.12), (10.5, 2.5, 3.0, 0.0))
"""Length, width, height in metres and share of the bonnet: a car, an SUV, a van, a bus."""
_SPECIES = ((0.55, 1.15, 0.24, 0.55, 0.3, 0.45), (0.3, 1.4, 0.25, 0.45, 0.25, 0.7), (1.0, 1.1, 0.2, 0.62, 0.55, 0.1),
            (1.4, 1.15, 0.27, 0.5, 0.4, 0.5), (0.28, 1.1, 0.38, 0.35, 0.15, 0.1))  # fmt: skip
"""Height, length, girth, leg, neck, tail as in `AnimalLook`: a dog, a cat, a deer, a cow, a hedgehog."""


@dataclass(frozen=True)
class Casting:
    """Someone without a way yet.

    Attributes:
        label: Class name.
        look: Measures and temperatures.
        height_m: About how tall it appears; of long things nearly half the length.
        speed: Usual metres per second.
    """

    label: str
    look: Look
    height_m: float
    speed: float


def cast(rng: Rng, kind: str, climate: Climate, like: Look | None = None) -> Casting:
    """A random member of a kind.

    Args:
        rng: Source of randomness.
        kind: "person", "vehicle", "animal", "bird" or "drone".
        climate: What its surface has taken on.
        like: Somebody it resembles: the same with slightly other temperatures.
    """
    look = _LOOKS[kind](rng, climate) if like is None else _resembling(rng, like)
    return Casting(kind, look, _size(look), _SPEEDS[kind] * rng.uniform(0.5, 1.6))


_SPEEDS = {"person": 1.3, "vehicle": 7.0, "animal": 1.2, "bird": 8.0, "drone": 5.0}


def _size(look: Look) -> float:
    match look:
        case PersonLook():
            return look.height_m
        case VehicleLook():
            return max(look.height, 0.45 * look.length)
        case AnimalLook():
            return look.height * max(1.0, 0.6 * look.length)
        case BirdLook() | DroneLook():
            return 0.5 * look.span


def _resembling(rng: Rng, look: Look) -> Look:
    """The same with all temperatures a little shifted."""
    sizes = {"length", "width", "bonnet", "height", "height_m", "build", "girth", "leg", "neck", "tail", "span", "arms",
             "beat_hz", "phase", "coat", "hood"}  # fmt: skip
    changed = {
        item.name: getattr(look, item.name) + rng.normal(0, 0.8)
        for item in fields(look)
        if item.name not in sizes and getattr(look, item.name) is not None
    }
    return replace(look, **changed)


def _warmed(rng: Rng, climate: Climate, body: float, low: float, high: float) -> float:
    """A surface between the air's temperature (0) and the body's (1)."""
    return climate.air + (body - climate.air) * rng.uniform(low, high)


def _person(rng: Rng, climate: Climate) -> PersonLook:
    return PersonLook(
        height_m=rng.uniform(1.5, 1.95),
        build=rng.uniform(0.88, 1.2),
        face=_warmed(rng, climate, 35, 0.7, 0.92),
        hands=_warmed(rng, climate, 33, 0.3, 0.9),
        hair=_warmed(rng, climate, 33, 0.3, 0.7),
        jacket=_warmed(rng, climate, 33, 0.15, 0.6),
        trousers=_warmed(rng, climate, 33, 0.15, 0.55),
        shoes=_warmed(rng, climate, 30, 0.05, 0.35),
        bag=climate.air + rng.uniform(0, 3) if rng.random() < 0.35 else None,
        coat=bool(rng.random() < 0.25),
        hood=bool(rng.random() < 0.15),
        phase=rng.uniform(0, 6.28),
    )


def _vehicle(rng: Rng, climate: Climate) -> VehicleLook:
    warmth = rng.uniform(0.1, 1.0)
    length, width, height, bonnet = _VEHICLES[rng.choice(4, p=(0.5, 0.25, 0.15, 0.1))]
    body = climate.air + rng.uniform(-6, 4)
    return VehicleLook(
        *(length * rng.uniform(0.93, 1.07), width, height * rng.uniform(0.95, 1.05), bonnet),
        body=body,
        windows=body + rng.uniform(-5, 1),
        engine=climate.air + 25 * warmth,
        wheels=climate.air + 18 * warmth,
        lamps=climate.air + 20 * warmth * rng.random(),
        glow=10 * warmth,
    )


def _animal(rng: Rng, climate: Climate) -> AnimalLook:
    height, length, girth, leg, neck, tail = _SPECIES[rng.integers(len(_SPECIES))]
    return AnimalLook(
        *(height * rng.uniform(0.85, 1.15), length * rng.uniform(0.93, 1.07), girth, leg, neck, tail),
        fur=_warmed(rng, climate, 34, 0.3, 0.65),
        belly=_warmed(rng, climate, 35, 0.5, 0.8),
        face=_warmed(rng, climate, 36, 0.7, 0.9),
        legs=_warmed(rng, climate, 34, 0.3, 0.7),
    )


def _bird(rng: Rng, climate: Climate) -> BirdLook:
    return BirdLook(
        span=rng.uniform(0.4, 1.8),
        beat_hz=rng.uniform(1.5, 7.0) * bool(rng.random() < 0.85),
        body=_warmed(rng, climate, 35, 0.2, 0.6),
        wings=_warmed(rng, climate, 35, 0.0, 0.2),
    )


def _drone(rng: Rng, climate: Climate) -> DroneLook:
    return DroneLook(
        span=rng.uniform(0.25, 1.1),
        arms=int(rng.choice((4, 4, 6))),
        hull=climate.air + rng.uniform(0, 6),
        battery=climate.air + rng.uniform(5, 20),
        motors=climate.air + rng.uniform(8, 30),
    )


_LOOKS: dict[str, Callable[[Rng, Climate], Look]] = {
    "person": _person,
    "vehicle": _vehicle,
    "animal": _animal,
    "bird": _bird,
    "drone": _drone,
}
