"""The camera's inside: optics, microbolometer, and what is wrong with both."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.training.rendering.noise import Field, power_noise, smooth_walk

FULL_SCALE = 16383
"""Largest count of a 14-bit converter."""


@dataclass(frozen=True)
class GainJump:
    """From one frame on the sensor answers differently, as after a change of range or a recalibration.

    Attributes:
        frame: First frame with the new answer.
        gain: Factor on the counts' distance from the base.
        offset: Counts added.
    """

    frame: int
    gain: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Shutter:
    """A non-uniformity correction: the picture freezes, then the fixed pattern is a new, weaker one.

    Attributes:
        frame: First frozen frame.
        frozen: Number of frames that repeat the one before.
    """

    frame: int
    frozen: int = 8


@dataclass(frozen=True)
class SensorConfig:
    """What the sensor does to temperatures.

    Attributes:
        counts_per_k: Counts per kelvin.
        base: Count of 0 degrees Celsius.
        blur_px: Standard deviation of the optics' point spread, pixels.
        lag_s: Time constant of a microbolometer's pixel, which smears what moves.
        netd_k: Standard deviation of the noise from frame to frame, kelvin.
        column_k: Fixed pattern of the columns' amplifiers.
        row_k: Fixed pattern of the rows.
        pixel_k: Fixed pattern of single pixels.
        drift_k: How far the whole picture's level wanders.
        vignette_k: How much warmer the corners look than the centre.
        dead_pixels: Share of pixels that always give the same count.
        jumps: Changes of gain and offset.
        shutters: Non-uniformity corrections.
    """

    counts_per_k: float = 60.0
    base: float = 6000.0
    blur_px: float = 0.75
    lag_s: float = 0.01
    netd_k: float = 0.09
    column_k: float = 0.06
    row_k: float = 0.03
    pixel_k: float = 0.05
    drift_k: float = 0.3
    vignette_k: float = 0.6
    dead_pixels: float = 2e-5
    jumps: tuple[GainJump, ...] = ()
    shutters: tuple[Shutter, ...] = ()


class Sensor:
    """Turns temperatures into counts; any frame can be asked for in any order."""

    def __init__(self, config: SensorConfig, size: tuple[int, int], length: int, seed: int) -> None:
        """Args as in `SceneConfig`; `size` is (width, height)."""
        self._config, self._seed = config, seed
        rng = np.random.default_rng([seed, 1])
        self._patterns = [self._pattern(rng, size) for _ in range(len(config.shutters) + 1)]
        self._drift = smooth_walk(rng, length, max(length / 2, 8)) * config.drift_k
        self._dead = rng.random((size[1], size[0])) < config.dead_pixels
        self._stuck = rng.integers(0, FULL_SCALE, int(self._dead.sum()))

    def _pattern(self, rng: np.random.Generator, size: tuple[int, int]) -> Field:
        """(h, w) kelvin that never change until the shutter closes."""
        config, (width, height) = self._config, size
        rows, columns = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
        pattern = config.vignette_k * (rows**2 + columns**2) / 2
        pattern += config.column_k * rng.standard_normal((1, width))
        pattern += config.row_k * rng.standard_normal((height, 1))
        pattern += config.pixel_k * rng.standard_normal((height, width))
        pattern += 0.3 * config.vignette_k * power_noise(rng, (height, width), 2.0)
        return np.asarray(pattern, np.float32)

    def shown(self, frame: int) -> int:
        """The frame whose picture is given out at `frame`: an earlier one while the shutter is closed."""
        for shutter in self._config.shutters:
            if shutter.frame <= frame < shutter.frame + shutter.frozen:
                return max(shutter.frame - 1, 0)
        return frame

    def counts(self, temperature: Field, frame: int) -> NDArray[np.uint16]:
        """What the sensor gives for a picture.

        Args:
            temperature: (h, w) degrees Celsius.
            frame: Its index; the same picture and index give the same counts.
        """
        config = self._config
        sharp = cv2.GaussianBlur(temperature, (0, 0), config.blur_px) if config.blur_px else temperature
        noise = np.random.default_rng([self._seed, 2, frame]).standard_normal(sharp.shape, np.float32)
        epoch = sum(frame >= shutter.frame for shutter in config.shutters)
        level = sharp + self._patterns[epoch] + noise * np.float32(config.netd_k)
        gain, offset = self._answer(frame)
        raw = (level + np.float32(self._drift[frame])) * (config.counts_per_k * gain) + (config.base + offset)
        counts = np.clip(np.rint(raw), 0, FULL_SCALE).astype(np.uint16)
        counts[self._dead] = self._stuck
        return np.asarray(counts)

    def _answer(self, frame: int) -> tuple[float, float]:
        """Gain and offset in force."""
        past = [jump for jump in self._config.jumps if jump.frame <= frame]
        latest = max(past, key=lambda jump: jump.frame, default=GainJump(0))
        return latest.gain, latest.offset
