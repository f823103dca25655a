"""Paths: smooth ways through the world with turns and stops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Waypoint:
    """A place at a time.

    Attributes:
        time_s: Seconds from the clip's start.
        x: Metres to the right.
        z: Metres away from the camera.
        y: Metres above the ground.
    """

    time_s: float
    x: float
    z: float
    y: float = 0.0


@dataclass(frozen=True)
class Pose:
    """Where something is at one moment and how it moves.

    Attributes:
        position: (x, y, z) metres.
        heading: Direction of travel in the ground plane, radians: 0 to the right, pi/2 away from the camera.
        speed: Metres per second.
        travelled: Metres since the clip's start, which drives a gait.
        time_s: Seconds since the clip's start.
    """

    position: tuple[float, float, float]
    heading: float
    speed: float
    travelled: float
    time_s: float


def _tangents(times: Array, values: Array) -> Array:
    """Slopes (n, k) at the waypoints that never overshoot: a place visited twice in a row is a stop.

    The harmonic mean of the slopes on both sides, 0 where they differ in sign (Fritsch and Butland, "A
    method for constructing local monotone piecewise cubic interpolants", SIAM J. Sci. Stat. Comput. 1984).
    """
    slopes = np.diff(values, axis=0) / np.diff(times)[:, None]
    before, after = slopes[:-1], slopes[1:]
    agree = before * after > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.where(agree, 2 * before * after / (before + after), 0.0)
    return np.concatenate([slopes[:1], inner, slopes[-1:]])


def positions(waypoints: tuple[Waypoint, ...], times: Array) -> Array:
    """(n, 3) x, y, z at the given times; before the first and after the last waypoint the place is kept."""
    knots = np.array([point.time_s for point in waypoints])
    places = np.array([(point.x, point.y, point.z) for point in waypoints])
    if len(waypoints) == 1:
        return np.repeat(places, len(times), axis=0)
    slopes = _tangents(knots, places)
    times = np.clip(times, knots[0], knots[-1])
    left = np.clip(np.searchsorted(knots, times, side="right") - 1, 0, len(knots) - 2)
    span = (knots[left + 1] - knots[left])[:, None]
    u = ((times - knots[left]) / span[:, 0])[:, None]
    rise = 3 * u**2 - 2 * u**3
    ease_out, ease_in = u * (1 - u) ** 2, -(u**2) * (1 - u)
    way = places[left] * (1 - rise) + places[left + 1] * rise
    return np.asarray(way + span * (slopes[left] * ease_out + slopes[left + 1] * ease_in))


def poses(waypoints: tuple[Waypoint, ...], length: int, fps: float, heading: float = 0.0) -> list[Pose]:
    """One pose per frame.

    Args:
        waypoints: At least one, in order of time.
        length: Number of frames.
        fps: Frames per second.
        heading: Of something that does not move, radians.
    """
    times = np.arange(length) / fps
    where = positions(waypoints, times)
    velocity = np.gradient(where, 1 / fps, axis=0) if length > 1 else np.zeros_like(where)
    speed = np.linalg.norm(velocity, axis=1)
    travelled = np.concatenate([[0.0], np.cumsum(speed[1:] / fps)])
    facing = _headings(velocity, speed, heading, fps)
    return [
        Pose((float(p[0]), float(p[1]), float(p[2])), float(h), float(s), float(d), float(t))
        for p, h, s, d, t in zip(where, facing, speed, travelled, times, strict=True)
    ]


def _headings(velocity: Array, speed: Array, resting: float, fps: float) -> Array:
    """(n,) headings that turn over about a third of a second and are kept while standing."""
    moving = np.flatnonzero(np.hypot(velocity[:, 0], velocity[:, 2]) > 0.08)
    if not len(moving):
        return np.full(len(speed), resting)
    nearest = moving[np.clip(np.searchsorted(moving, np.arange(len(speed)), side="right") - 1, 0, None)]
    direction = velocity[nearest][:, [0, 2]] / np.hypot(velocity[nearest, 0], velocity[nearest, 2])[:, None]
    half = max(1, round(fps / 6))
    padded = np.pad(direction, ((half, half), (0, 0)), mode="edge")
    kernel = np.hanning(2 * half + 3)[1:-1]
    smooth = np.stack([np.convolve(padded[:, k], kernel / kernel.sum(), "valid") for k in range(2)], axis=1)
    return np.asarray(np.arctan2(smooth[:, 1], smooth[:, 0]))
