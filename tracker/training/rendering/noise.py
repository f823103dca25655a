"""Textures: random fields with a power-law spectrum, as natural surfaces have."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Field = NDArray[np.float32]


def power_noise(
    rng: np.random.Generator, shape: tuple[int, int], exponent: float = 1.0, coarsest: float | None = None
) -> Field:
    """A random field whose amplitude falls with spatial frequency; it repeats seamlessly in both directions.

    Args:
        rng: Source of randomness.
        shape: (h, w).
        exponent: Amplitude ~ frequency^-exponent: 0 is white, 1 a natural surface, 2 smooth clouds.
        coarsest: Longest wavelength in pixels; the shape's own where None.

    Returns:
        (h, w) with mean 0 and standard deviation 1.
    """
    white = np.fft.rfft2(rng.standard_normal(shape, dtype=np.float32))
    radius = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None, :])
    floor = 1.0 / (coarsest or max(shape))
    with np.errstate(divide="ignore"):
        amplitude = np.where(radius >= floor * 0.999, radius ** (-exponent), 0.0)
    amplitude[0, 0] = 0.0
    field = np.fft.irfft2(white * amplitude, s=shape)
    return np.asarray(field / max(float(field.std()), 1e-9), np.float32)


def as_field(image: ArrayLike) -> Field:
    """The same numbers as a `Field`; OpenCV's own types say less."""
    return np.asarray(image, np.float32)


def smooth_walk(rng: np.random.Generator, length: int, period: float, exponent: float = 1.5) -> Field:
    """A smooth random signal (length,) with mean 0 and standard deviation 1.

    Args:
        rng: Source of randomness.
        length: Number of samples.
        period: Longest wavelength in samples.
        exponent: As in `power_noise`.
    """
    size = max(int(length), int(2 * period), 16)
    return power_noise(rng, (1, size), exponent, period)[0, :length]
