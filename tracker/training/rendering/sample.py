"""The bundled sample clip: a winter evening in a street."""

from __future__ import annotations

import math
from pathlib import Path

from tracker.geometry import boxes_as_array
from tracker.jobs import Job, ProgressMeter
from tracker.media.writer import write_video
from tracker.training.rendering.actors import Actor
from tracker.training.rendering.animals import AnimalLook
from tracker.training.rendering.camera import CameraConfig
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.display import GainControl, automatic_gain
from tracker.training.rendering.flyers import BirdLook
from tracker.training.rendering.ground import GroundConfig, Patch, Strip
from tracker.training.rendering.path import Waypoint
from tracker.training.rendering.people import PersonLook
from tracker.training.rendering.scene import Scene, SceneConfig
from tracker.training.rendering.scenery import Facade, Fence, Pole, Scenery
from tracker.training.rendering.sensor import GainJump, SensorConfig
from tracker.training.rendering.trees import Tree
from tracker.training.rendering.vehicles import VehicleLook

CLIP, BOXES = "street.mp4", "street.boxes.txt"

CLIMATE = Climate(air=4.0, ground=3.0, road=6.0, wall=6.5, foliage=4.0, zenith=-22.0, cloud=9.0, haze_m=300.0)


def street() -> SceneConfig:
    """The description of the sample clip."""
    return SceneConfig(
        size=(384, 288),
        length=300,
        seed=20,
        camera=CameraConfig(height_m=3.4, pitch_deg=5.0, field_of_view_deg=37.0, pan_px=(14.0, 3.0),
                            pan_period_s=14.0, shake_px=0.35),
        climate=CLIMATE,
        ground=_ground(),
        scenery=_scenery(),
        actors=_actors(),
        sensor=SensorConfig(netd_k=0.10, column_k=0.10, row_k=0.04, pixel_k=0.06, blur_px=0.7,
                            jumps=(GainJump(150, 1.15, 230.0),)),
    )  # fmt: skip


def _ground() -> GroundConfig:
    road, kerb = CLIMATE.road, CLIMATE.road - 2.0
    strips = (
        Strip(8.0, 20.3, 4.6, 0.25),
        Strip(20.3, 20.55, kerb),
        Strip(20.55, 28.0, road, 0.25),
        Strip(21.8, 22.5, road + 0.8, 0.2),
        Strip(23.1, 23.6, road + 0.7, 0.2),
        Strip(25.0, 25.7, road + 0.8, 0.2),
        Strip(26.3, 26.9, road + 0.7, 0.2),
        Strip(24.2, 24.4, road - 2.4, 0.1, dashes_m=2.0),
        Strip(28.0, 28.25, kerb),
        Strip(28.25, 33.0, 4.9, 0.25),
    )
    patches = (Patch(2.4, 15.5, 0.45, 4.5), Patch(-3.0, 22.5, 0.4, 3.0), Patch(-1.0, 12.3, 0.9, -2.2),
               Patch(4.5, 24.7, 0.8, -2.5))  # fmt: skip
    return GroundConfig(texture_k=0.8, strips=strips, patches=patches, ridge_deg=2.0)


def _scenery() -> tuple[Scenery, ...]:
    return (
        Facade((-26.0, 36.0), (-4.5, 36.0), 8.5, 0.4, 3, 8, 0.4, 0.42),
        Facade((-4.5, 36.0), (-4.5, 60.0), 8.5, -0.6, 3, 7, 0.2),
        Facade((3.2, 38.0), (24.0, 38.0), 6.2, 1.0, 2, 7, 0.5, 0.2),
        Facade((3.2, 60.0), (3.2, 38.0), 6.2, -0.4, 2, 7, 0.2),
        Tree(-9.2, 31.0, 6.0, 3.6, 0.16, leafy=False),
        Tree(7.5, 31.5, 6.5, 4.0, 0.17, leafy=False),
        Tree(-0.6, 48.0, 8.0, 5.0, 0.2),
        Pole(-2.6, 29.0, 6.2, 0.08, 2.5, 1.2, 14.0),
        Pole(-1.44, 16.0, 7.5, 0.12, 2.5, 1.5),
        Tree(-2.2, 11.0, 8.0, 5.0, 0.31, leafy=False),
        Fence((4.2, 19.9), (12.0, 19.9), 1.0, 3, 1.6, 1.5),
    )


def _walk(*stops: tuple[float, float, float]) -> tuple[Waypoint, ...]:
    return tuple(Waypoint(time, x, z) for time, x, z in stops)


def _actors() -> tuple[Actor, ...]:
    away = math.pi / 2
    target = PersonLook(1.78, 1.0, 19.0, 15.0, 11.0, 10.5, 9.5, 6.5, bag=6.0)
    similar = PersonLook(1.74, 1.04, 19.0, 14.5, 10.0, 11.0, 9.2, 6.5, phase=2.0)
    return (
        Actor("person", target, _walk((0.0, -2.85, 18.4), (2.4, -0.7, 17.6), (4.3, 1.2, 16.9), (5.0, 1.7, 16.5),
                                      (5.6, 1.7, 16.4), (7.4, -0.3, 15.4), (9.4, -2.75, 13.8), (10.6, -3.7, 12.8),
                                      (12.0, -3.3, 11.5))),
        Actor("person", similar, _walk((1.6, -6.2, 13.0), (7.0, -0.1, 14.1), (12.0, 4.8, 14.8))),
        Actor("person", PersonLook(1.68, 0.95, 19.0, 14.0, 12.0, 8.5, 9.0, 6.0, coat=True),
              _walk((0.0, 8.0, 30.2), (12.0, -5.0, 30.8))),
        Actor("dog", AnimalLook(height=0.5), _walk((0.0, 6.9, 30.0), (12.0, -6.2, 30.5))),
        Actor("car", VehicleLook(body=2.5, windows=-1.0, engine=15.0, wheels=9.5, lamps=18.0, glow=5.0),
              _walk((0.6, -16.0, 22.6), (4.8, 17.0, 22.6))),
        Actor("car", VehicleLook(4.5, 1.82, 1.42, body=3.2, windows=-1.5, engine=13.0, wheels=8.5, lamps=16.0,
                                 glow=4.0),
              _walk((7.6, 14.5, 25.8), (11.6, -15.0, 25.8))),
        Actor("car", VehicleLook(4.1, 1.75, 1.5, body=1.5, windows=-2.0, engine=3.0, wheels=2.0, lamps=1.5, glow=-1.0),
              _walk((0.0, 7.4, 27.1)), 0.0),
        Actor("van", VehicleLook(5.2, 1.95, 2.3, 0.12, 1.8, -1.5, 8.0, 5.0, 2.0, 1.0), _walk((0.0, -7.6, 27.1)), 0.0),
        Actor("bird", BirdLook(0.7), (Waypoint(6.5, 12.0, 34.0, 7.6), Waypoint(11.0, -14.0, 40.0, 9.5)), away),
    )  # fmt: skip


GAIN_CONTROL = GainControl(low=6.0, high=99.95, inertia=0.94, detail=0.35, headroom=0.05)
"""Of the sample's camera; the cold sky may go black."""


def write_sample(folder: Path) -> Job[Path]:
    """Render the sample clip and its true boxes: street.mp4 and street.boxes.txt.

    Args:
        folder: Made where it is missing.

    Returns:
        The clip's path.

    Raises:
        MediaError: The clip cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    scene = Scene(street())
    meter = ProgressMeter("Rendering the sample clip", len(scene))
    frames = []
    for number, rendered in enumerate(scene, start=1):
        frames.append(rendered)
        if meter.due() or number == len(scene):
            yield meter.at(number)
    gray = automatic_gain((rendered.counts for rendered in frames), GAIN_CONTROL)
    write_video(folder / CLIP, gray, scene.config.fps, options={"crf": "17", "preset": "veryslow"})
    boxes = boxes_as_array([rendered.truths[0].box for rendered in frames])
    lines = (",".join("nan" if value != value else f"{value:.2f}" for value in box) for box in boxes)
    (folder / BOXES).write_text("\n".join(lines) + "\n", encoding="ascii")
    return folder / CLIP
