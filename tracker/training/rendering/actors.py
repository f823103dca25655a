"""Who moves through a scene: a look and a way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from tracker.training.rendering.animals import AnimalLook, animal, animal_surface
from tracker.training.rendering.flyers import BirdLook, DroneLook, bird, drone, flyer_surface
from tracker.training.rendering.noise import Field
from tracker.training.rendering.parts import Part, Surface
from tracker.training.rendering.path import Pose, Waypoint
from tracker.training.rendering.people import PersonLook, person, person_surface
from tracker.training.rendering.vehicles import VehicleLook, vehicle, vehicle_surface

Look: TypeAlias = PersonLook | VehicleLook | AnimalLook | BirdLook | DroneLook


@dataclass(frozen=True)
class Actor:
    """Something that moves, or could: everything whose true boxes are wanted.

    Attributes:
        label: Class name ("person", "car").
        look: Measures and temperatures.
        waypoints: Its way; a single one stands still.
        heading: Direction of one that stands still, radians: 0 to the right, pi/2 away from the camera.
    """

    label: str
    look: Look
    waypoints: tuple[Waypoint, ...]
    heading: float = 0.0


def parts_of(look: Look, pose: Pose) -> list[Part]:
    """The parts of something in one moment."""
    match look:
        case PersonLook():
            return person(look, pose)
        case VehicleLook():
            return vehicle(look, pose)
        case AnimalLook():
            return animal(look, pose)
        case BirdLook():
            return bird(look, pose)
        case DroneLook():
            return drone(look, pose)


def surface_of(look: Look, grain: Field) -> Surface:
    """The surface of something; `grain` is its own (g, g) texture."""
    match look:
        case PersonLook():
            return person_surface(grain)
        case VehicleLook():
            return vehicle_surface(grain)
        case AnimalLook():
            return animal_surface(grain)
        case BirdLook() | DroneLook():
            return flyer_surface(grain)
