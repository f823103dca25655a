"""Random scenes: streets, open country, skies and views from above, each with a target and its troubles."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from tracker.training.rendering.actors import Actor
from tracker.training.rendering.camera import CameraConfig, View
from tracker.training.rendering.casting import Casting, cast
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.ground import GroundConfig, Patch, Strip
from tracker.training.rendering.path import Waypoint, poses
from tracker.training.rendering.scene import SceneConfig
from tracker.training.rendering.scenery import Facade, Fence, Pole, Scenery
from tracker.training.rendering.sensor import GainJump, SensorConfig, Shutter
from tracker.training.rendering.trees import Tree

Rng = np.random.Generator

_SMALLEST_PX, _LARGEST_SHARE = 10.0, 0.4
"""Height of an actor at its waypoints: at least so many pixels, at most this share of the frame's height."""


def random_scene(
    rng: Rng, size: tuple[int, int] = (320, 256), length: int = 60, fps: float = 25.0
) -> SceneConfig:
    """A scene with a target (actor 0), distractors of its kind, others, and usually something in front.

    Args:
        rng: Source of randomness; the same state gives the same scene.
        size: (width, height) of the frames.
        length: Number of frames.
        fps: Frames per second.
    """
    make = (_street, _country, _sky, _from_above)[rng.choice(4, p=(0.4, 0.25, 0.15, 0.2))]
    config = SceneConfig(
        size=size,
        length=length,
        seed=int(rng.integers(2**31)),
        fps=fps,
        climate=_climate(rng),
        sensor=_sensor(rng, length),
    )
    return make(rng, config)


@dataclass(frozen=True)
class _Stage:
    """Where and how long actors move: the camera's view, up to which distance (metres), how many seconds."""

    view: View
    farthest_m: float
    seconds: float


def _chance(rng: Rng, probability: float) -> bool:
    return bool(rng.random() < probability)


def _climate(rng: Rng) -> Climate:
    """From a frosty night to a hot afternoon, when people are cooler than the road."""
    air, sun = rng.uniform(-8, 30), max(0.0, rng.normal(0, 6))
    return Climate(
        air=air,
        ground=air + rng.uniform(-3, 1) + 0.5 * sun,
        road=air + rng.uniform(-1, 3) + sun,
        wall=air + rng.uniform(0, 4) + 0.6 * sun,
        foliage=air + rng.uniform(-1, 1) + 0.1 * sun,
        zenith=air - rng.uniform(15, 45),
        cloud=rng.uniform(0, 20),
        haze_m=float(np.exp(rng.uniform(math.log(80), math.log(1500)))),
    )


def _sensor(rng: Rng, length: int) -> SensorConfig:
    """From a cooled camera to a worn-out one."""
    wear = float(np.exp(rng.normal(0, 0.6)))
    middle = (length // 5, max(length * 4 // 5, length // 5 + 1))
    jump = GainJump(int(rng.integers(*middle)), rng.uniform(0.8, 1.3), rng.uniform(-300, 300))
    shutter = Shutter(int(rng.integers(*middle)), int(rng.integers(3, 10)))
    return SensorConfig(
        blur_px=rng.uniform(0.4, 1.1),
        lag_s=rng.uniform(0.004, 0.016),
        netd_k=0.07 * wear,
        column_k=0.06 * wear * rng.random(),
        row_k=0.04 * wear * rng.random(),
        pixel_k=0.04 * wear,
        vignette_k=rng.uniform(0, 1.5),
        dead_pixels=2e-5 * wear,
        jumps=(jump,) if _chance(rng, 0.3) else (),
        shutters=(shutter,) if _chance(rng, 0.15) else (),
    )


def _camera(rng: Rng, height: tuple[float, float], pitch: tuple[float, float]) -> CameraConfig:
    return CameraConfig(
        height_m=rng.uniform(*height),
        pitch_deg=rng.uniform(*pitch),
        field_of_view_deg=rng.uniform(18, 50),
        pan_px=(rng.uniform(0, 25) * _chance(rng, 0.5), rng.uniform(0, 8) * _chance(rng, 0.5)),
        pan_period_s=rng.uniform(5, 20),
        shake_px=rng.uniform(0, 1.0) * _chance(rng, 0.6),
    )


def _street(rng: Rng, config: SceneConfig) -> SceneConfig:
    camera = _camera(rng, (1.8, 6.0), (1.0, 9.0))
    far = rng.uniform(20, 45)
    near = far - rng.uniform(6, 9)
    road = config.climate.road
    strips = (
        Strip(-5.0, near, config.climate.ground + rng.uniform(0, 2), 0.3),
        Strip(near, far, road, 0.3),
        Strip((near + far) / 2 - 0.1, (near + far) / 2 + 0.1, road - 2.0, dashes_m=2.0),
        Strip(near - 0.3, near, road - 1.5),
        Strip(far, far + 0.3, road - 1.5),
    )
    patches = tuple(
        Patch(rng.uniform(-10, 10), rng.uniform(8, far), rng.uniform(0.3, 1.2), rng.uniform(-4, 4))
        for _ in range(rng.integers(0, 5))
    )
    config = replace(
        config, camera=camera, ground=GroundConfig(rng.uniform(0.4, 1.2), strips=strips, patches=patches)
    )
    kind = ("person", "person", "person", "vehicle", "animal")[rng.integers(5)]
    config = _peopled(rng, config, kind, ("person", "vehicle"), far + 3)
    return replace(config, scenery=(*_houses(rng, far + 4), *_trees(rng, far), *_in_front(rng, config)))


def _country(rng: Rng, config: SceneConfig) -> SceneConfig:
    camera = _camera(rng, (1.5, 8.0), (1.0, 12.0))
    path = Strip(
        -2.0, 0.5, config.climate.road - 1.0, 0.5, across=_chance(rng, 0.3), bend_m=rng.uniform(0, 4)
    )
    strips = (path,) if _chance(rng, 0.6) else ()
    ground = GroundConfig(rng.uniform(0.8, 2.0), rng.uniform(0.6, 1.1), strips, ridge_deg=rng.uniform(0, 4))
    config = replace(config, camera=camera, ground=ground)
    kind = ("animal", "animal", "person", "vehicle")[rng.integers(4)]
    config = _peopled(rng, config, kind, ("animal", "person"))
    return replace(config, scenery=(*_trees(rng, rng.uniform(25, 60)), *_in_front(rng, config)))


def _from_above(rng: Rng, config: SceneConfig) -> SceneConfig:
    camera = _camera(rng, (18.0, 60.0), (35.0, 75.0))
    middle = camera.height_m / math.tan(math.radians(camera.pitch_deg))
    half = rng.uniform(3, 6)
    strips = (
        Strip(
            middle - half,
            middle + half,
            config.climate.road,
            0.3,
            bend_m=rng.uniform(0, 5),
            bend_length_m=rng.uniform(40, 200),
        ),
        Strip(middle - 0.1, middle + 0.1, config.climate.road - 2.0, dashes_m=2.5),
        Strip(-half, half, config.climate.road, 0.3, across=False),
    )
    ground = GroundConfig(rng.uniform(0.8, 1.8), rng.uniform(0.6, 1.0), strips[: rng.integers(1, 4)])
    config = replace(config, camera=camera, ground=ground)
    kind = ("person", "vehicle", "vehicle", "animal")[rng.integers(4)]
    return _peopled(rng, config, kind, ("person", "vehicle"))


def _sky(rng: Rng, config: SceneConfig) -> SceneConfig:
    camera = _camera(rng, (1.5, 10.0), (-25.0, -4.0))
    config = replace(config, camera=camera, ground=GroundConfig(ridge_deg=rng.uniform(0, 4)))
    kind = ("drone", "bird")[rng.integers(2)]
    config = _peopled(rng, config, kind, ("bird",))
    mast = Pole(rng.uniform(-6, 6), rng.uniform(12, 30), rng.uniform(5, 15), 0.12, config.climate.air + 2)
    house = Facade((-30.0, 40.0), (rng.uniform(-12, 20), 44.0), rng.uniform(4, 9), rng.uniform(0, 4))
    return replace(config, scenery=tuple(item for item in (mast, house) if _chance(rng, 0.6)))


def _peopled(
    rng: Rng, config: SceneConfig, kind: str, others: tuple[str, ...], farthest_m: float = math.inf
) -> SceneConfig:
    """The scene with a target, up to three distractors much like it, and up to three others."""
    stage = _Stage(View.of(config.camera, config.size), farthest_m, config.length / config.fps)
    target = cast(rng, kind, config.climate)
    similar = [cast(rng, kind, config.climate, like=target.look) for _ in range(rng.integers(0, 4))]
    crowd = [cast(rng, others[rng.integers(len(others))], config.climate) for _ in range(rng.integers(0, 4))]
    return replace(config, actors=tuple(_actor(rng, who, stage) for who in (target, *similar, *crowd)))


def _actor(rng: Rng, casting: Casting, stage: _Stage) -> Actor:
    walk = _flight if casting.label in ("bird", "drone") else _walk
    return Actor(casting.label, casting.look, walk(rng, casting, stage), rng.uniform(-math.pi, math.pi))


def _walk(rng: Rng, casting: Casting, stage: _Stage) -> tuple[Waypoint, ...]:
    """A way over the ground from one random place in the picture to others, with stops."""
    x, z = _stand(rng, casting, stage)
    way, time = [Waypoint(0.0, x, z)], 0.0
    while time < stage.seconds:
        to_x, to_z = _stand(rng, casting, stage)
        far = math.hypot(to_x - x, to_z - z)
        step = min(far, casting.speed * rng.uniform(1.5, 4.0))
        if far > 1e-3:
            x, z = x + (to_x - x) * step / far, z + (to_z - z) * step / far
        time += max(step / casting.speed, 0.3)
        way.append(Waypoint(time, x, z))
        if _chance(rng, 0.15):
            time += rng.uniform(0.4, 1.5)
            way.append(Waypoint(time, x, z))
    return tuple(way)


def _stand(rng: Rng, casting: Casting, stage: _Stage) -> tuple[float, float]:
    """A place (x, z) on the ground where an actor appears in the picture, at a sensible size if possible."""
    width, height = stage.view.size
    best, place = math.inf, (0.0, 20.0)
    for _ in range(60):
        found = stage.view.ground_at(width * rng.uniform(0.15, 0.85), height * rng.uniform(0.12, 0.9))
        if found is None or found[1] > stage.farthest_m:
            continue
        tall = casting.height_m * stage.view.scale_at(found[1])
        excess = max(_SMALLEST_PX / tall, tall / (_LARGEST_SHARE * height), 1.0)
        if excess < best:
            best, place = excess, found
        if best == 1.0:
            break
    return place


def _flight(rng: Rng, casting: Casting, stage: _Stage) -> tuple[Waypoint, ...]:
    """A way through the air above the lower third of the picture."""
    width, height = stage.view.size
    z = stage.view.focal_px * casting.height_m / rng.uniform(4, 25)
    way, time = [], -0.5
    while time < stage.seconds + 1:
        z *= float(np.exp(rng.normal(0, 0.12)))
        x, y = stage.view.air_at(width * rng.uniform(0.1, 0.9), height * rng.uniform(0.08, 0.7), z)
        way.append(Waypoint(time, x, z, y))
        time += rng.uniform(1.2, 4.0)
    return tuple(way)


def _houses(rng: Rng, z: float) -> tuple[Scenery, ...]:
    houses: list[Scenery] = []
    x = -rng.uniform(20, 30)
    while x < 25:
        width, height = rng.uniform(8, 22), rng.uniform(4, 14)
        floors = max(1, round(height / 3))
        houses.append(
            Facade((x, z), (x + width, z), height, rng.uniform(-1, 2), floors, max(2, round(width / 3)),
                   rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.9) if _chance(rng, 0.5) else None)
        )  # fmt: skip
        x += width + (rng.uniform(1, 8) if _chance(rng, 0.6) else 0.0)
    return tuple(houses) if _chance(rng, 0.85) else ()


def _trees(rng: Rng, z: float) -> tuple[Scenery, ...]:
    leafy = _chance(rng, 0.6)
    return tuple(
        Tree(rng.uniform(-20, 20), z + rng.uniform(-3, 25), rng.uniform(4, 10), rng.uniform(2.5, 6),
             rng.uniform(0.12, 0.3) if _chance(rng, 0.8) else 0.0, leafy, rng.normal(0, 0.6))
        for _ in range(rng.integers(0, 6))
    )  # fmt: skip


def _in_front(rng: Rng, config: SceneConfig) -> tuple[Scenery, ...]:
    """Up to two things between the camera and a place that the target comes by."""
    way = poses(config.actors[0].waypoints, config.length, config.fps)
    items: list[Scenery] = []
    for _ in range(rng.choice(3, p=(0.3, 0.45, 0.25))):
        x, _, z = way[int(rng.uniform(0.25, 0.85) * (len(way) - 1))].position
        share = rng.uniform(0.55, 0.85)
        items.append(_occluder(rng, config, x * share, max(z * share, 2.5)))
    return tuple(items)


def _occluder(rng: Rng, config: SceneConfig, x: float, z: float) -> Scenery:
    kind, temperature = rng.integers(4), config.climate.air + rng.normal(0, 2)
    if kind == 0:
        return Pole(x, z, rng.uniform(3, 8), rng.uniform(0.05, 0.2), temperature)
    if kind == 1:
        return Tree(x, z, rng.uniform(4, 9), rng.uniform(2.5, 5), rng.uniform(0.1, 0.35), _chance(rng, 0.4))
    if kind == 2:
        return Tree(x, z, rng.uniform(0.8, 2.2), rng.uniform(1.0, 3.0), 0.0, leafy=True)
    half = rng.uniform(1.0, 5.0)
    bars = int(rng.integers(0, 5))
    return Fence(
        (x - half, z), (x + half, z), rng.uniform(0.7, 1.5), bars, rng.uniform(1.0, 2.0), temperature
    )
