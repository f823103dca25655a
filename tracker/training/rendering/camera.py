"""The pinhole camera over flat ground, and how it moves.

World: x to the right, y up, z away from the camera, in metres; the ground is y = 0 and the camera stands
at (0, height, 0). Canvas: pixels, origin at the upper left edge; it is larger than the frame by a margin on
every side, so that a moving camera is a frame sliding over the canvas.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.training.rendering.noise import smooth_walk

Points = NDArray[np.float64]

_NEAREST_M = 0.3


@dataclass(frozen=True)
class CameraConfig:
    """Where the camera stands and how it moves.

    Attributes:
        height_m: Above the ground.
        pitch_deg: Downward tilt; 0 looks at the horizon, 90 straight down.
        field_of_view_deg: Horizontal.
        pan_px: Largest (horizontal, vertical) shift of the picture by slow panning.
        pan_period_s: Seconds of one pan there and back.
        shake_px: Standard deviation of the shake of a hand or a mast in the wind.
    """

    height_m: float = 3.0
    pitch_deg: float = 6.0
    field_of_view_deg: float = 38.0
    pan_px: tuple[float, float] = (0.0, 0.0)
    pan_period_s: float = 12.0
    shake_px: float = 0.0

    @property
    def margin_px(self) -> int:
        """How far the canvas must reach beyond the frame, pixels."""
        return math.ceil(max(self.pan_px) + 4 * self.shake_px) + 4


@dataclass(frozen=True)
class View:
    """A camera that stands still, looking at a canvas.

    Attributes:
        size: (width, height) of the canvas.
        focal_px: Focal length in pixels.
        height_m: Of the camera above the ground.
        pitch: Downward tilt, radians.
    """

    size: tuple[int, int]
    focal_px: float
    height_m: float
    pitch: float

    @staticmethod
    def of(camera: CameraConfig, frame_size: tuple[int, int]) -> View:
        """The view of a camera whose frames have the given (width, height)."""
        margin = camera.margin_px
        focal = frame_size[0] / 2 / math.tan(math.radians(camera.field_of_view_deg) / 2)
        size = (frame_size[0] + 2 * margin, frame_size[1] + 2 * margin)
        return View(size, focal, camera.height_m, math.radians(camera.pitch_deg))

    def magnified(self, factor: int) -> View:
        """The same view with `factor` times as many pixels along each side."""
        size = (self.size[0] * factor, self.size[1] * factor)
        return View(size, self.focal_px * factor, self.height_m, self.pitch)

    @property
    def horizon(self) -> float:
        """Canvas row of the horizon; it may lie outside the canvas."""
        return self.size[1] / 2 - self.focal_px * math.tan(self.pitch)

    def project(self, points: Points) -> tuple[Points, Points]:
        """Where world points appear.

        Args:
            points: (..., 3) x, y, z in metres.

        Returns:
            (..., 2) canvas pixels and (...) depth along the optical axis in metres, at least 0.3.
        """
        below = self.height_m - points[..., 1]
        sine, cosine = math.sin(self.pitch), math.cos(self.pitch)
        depth = np.maximum(points[..., 2] * cosine + below * sine, _NEAREST_M)
        down = below * cosine - points[..., 2] * sine
        scale = self.focal_px / depth
        columns = self.size[0] / 2 + points[..., 0] * scale
        return np.stack([columns, self.size[1] / 2 + down * scale], axis=-1), depth

    def ground(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """World x and z of the ground under each canvas pixel, NaN above the horizon; both (h, w)."""
        width, height = self.size
        across = (np.arange(width) + 0.5 - width / 2) / self.focal_px
        down = (np.arange(height) + 0.5 - height / 2) / self.focal_px
        falling = down * math.cos(self.pitch) + math.sin(self.pitch)
        with np.errstate(divide="ignore"):
            reach = np.where(falling > 1e-4, self.height_m / falling, np.nan)
        z = reach * (math.cos(self.pitch) - down * math.sin(self.pitch))
        x = across[None, :] * reach[:, None]
        return x.astype(np.float32), np.broadcast_to(z[:, None], x.shape).astype(np.float32)

    def scale_at(self, z: float) -> float:
        """Pixels per metre for something standing on the ground at distance `z`."""
        _, depth = self.project(np.array([0.0, 0.0, z]))
        return float(self.focal_px / depth)

    def _ray(self, column: float, row: float) -> tuple[float, float, float]:
        """Direction (x, y, z) in the world of what appears at a canvas pixel; its length is arbitrary."""
        across = (column - self.size[0] / 2) / self.focal_px
        down = (row - self.size[1] / 2) / self.focal_px
        sine, cosine = math.sin(self.pitch), math.cos(self.pitch)
        return across, -down * cosine - sine, cosine - down * sine

    def ground_at(self, column: float, row: float) -> tuple[float, float] | None:
        """World (x, z) of the ground at a canvas pixel, None at and above the horizon."""
        across, up, ahead = self._ray(column, row)
        if up > -1e-3:
            return None
        reach = -self.height_m / up
        return across * reach, ahead * reach

    def air_at(self, column: float, row: float, z: float) -> tuple[float, float]:
        """World (x, y) of what appears at a canvas pixel, `z` metres away."""
        across, up, ahead = self._ray(column, row)
        reach = z / ahead
        return across * reach, self.height_m + up * reach


def camera_shifts(rng: np.random.Generator, camera: CameraConfig, length: int, fps: float) -> Points:
    """(length, 2) shift in pixels of the frame over the canvas, 0 where the camera looks straight ahead.

    Args:
        rng: Source of randomness.
        camera: How it moves.
        length: Number of frames.
        fps: Frames per second.
    """
    turn = 2 * math.pi * np.arange(length) / (fps * camera.pan_period_s)
    pan = np.stack([np.sin(turn), np.sin(turn * 0.7 + 1.0)], axis=1) * camera.pan_px
    shake = np.stack([smooth_walk(rng, length, fps * 1.5, 0.8) for _ in range(2)], axis=1)
    limit = camera.margin_px - 3
    return np.asarray(np.clip(pan + shake * camera.shake_px, -limit, limit), np.float64)
