"""Sprites: pictures of things with their cover, and how they are laid over each other."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from tracker.geometry import Box
from tracker.opencv import cv2
from tracker.training.rendering.noise import Field, as_field

_EDGE_COVER = 0.15
"""A row or column of pixels belongs to a thing where some pixel of it is covered at least so much."""


@dataclass(frozen=True)
class Sprite:
    """A thing as it appears on the canvas.

    Attributes:
        temperature: (h, w) degrees Celsius; of no meaning where the cover is 0.
        cover: (h, w) share of each pixel that it covers, 0..1.
        left: Canvas column of its first pixel.
        top: Canvas row of its first pixel.
        depth: Metres from the camera; nearer sprites hide farther ones.
    """

    temperature: Field
    cover: Field
    left: int
    top: int
    depth: float

    def shifted(self, dx: float, dy: float) -> Sprite:
        """The sprite moved by any number of pixels."""
        column, row = math.floor(dx), math.floor(dy)
        part_x, part_y = dx - column, dy - row
        moved = replace(self, left=self.left + column, top=self.top + row)
        if part_x < 1e-3 and part_y < 1e-3:
            return moved
        height, width = self.cover.shape
        matrix = np.array([[1, 0, part_x], [0, 1, part_y]])
        heat = cv2.warpAffine(self.temperature * self.cover, matrix, (width + 1, height + 1))
        cover = as_field(cv2.warpAffine(self.cover, matrix, (width + 1, height + 1)))
        temperature = np.divide(heat, cover, out=np.zeros_like(cover), where=cover > 1e-4)
        return replace(moved, temperature=temperature, cover=cover)

    def smeared(self, dx: float, dy: float) -> Sprite:
        """The sprite as it looks when it moves by (dx, dy) pixels while the sensor looks."""
        kernel = motion_kernel(dx, dy)
        if kernel is None:
            return self
        reach = kernel.shape[0] // 2
        border = (reach, reach, reach, reach)
        heat = cv2.copyMakeBorder(self.temperature * self.cover, *border, cv2.BORDER_CONSTANT)
        cover = cv2.copyMakeBorder(self.cover, *border, cv2.BORDER_CONSTANT)
        heat, cover = cv2.filter2D(heat, -1, kernel), as_field(cv2.filter2D(cover, -1, kernel))
        temperature = np.divide(heat, cover, out=np.zeros_like(cover), where=cover > 1e-4)
        return replace(
            self, temperature=temperature, cover=cover, left=self.left - reach, top=self.top - reach
        )

    def window(self, shape: tuple[int, int]) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
        """Where it meets an image of the given (h, w): slices of the image and of the sprite."""
        height, width = self.cover.shape
        top, left = max(self.top, 0), max(self.left, 0)
        bottom, right = min(self.top + height, shape[0]), min(self.left + width, shape[1])
        if bottom <= top or right <= left:
            return None
        own = (slice(top - self.top, bottom - self.top), slice(left - self.left, right - self.left))
        return (slice(top, bottom), slice(left, right)), own

    def lay_over(self, image: Field) -> None:
        """Paint it on an image (h, w) of temperatures, in place."""
        window = self.window((image.shape[0], image.shape[1]))
        if window is not None:
            there, own = window
            image[there] += (self.temperature[own] - image[there]) * self.cover[own]


def motion_kernel(dx: float, dy: float) -> Field | None:
    """A line of the given extent with sum 1, or None where it would not reach beyond one pixel."""
    extent = math.hypot(dx, dy)
    if extent < 0.6:
        return None
    reach = math.ceil(extent / 2)
    steps = np.linspace(-0.5, 0.5, 4 * reach + 1)
    kernel = np.zeros((2 * reach + 3, 2 * reach + 3), np.float32)
    columns, rows = steps * dx + reach + 1, steps * dy + reach + 1
    for offset_x in (0, 1):
        for offset_y in (0, 1):
            c, r = np.floor(columns).astype(int) + offset_x, np.floor(rows).astype(int) + offset_y
            np.add.at(kernel, (r, c), (1 - np.abs(columns - c)) * (1 - np.abs(rows - r)))
    return np.asarray(kernel / kernel.sum(), np.float32)


def extent_of(cover: Field, left: float, top: float) -> Box | None:
    """The box around what is covered, its edges between pixels where these are partly covered.

    Args:
        cover: (h, w) share of each pixel that is covered.
        left: X of the first column's left edge.
        top: Y of the first row's upper edge.

    Returns:
        The box, or None where nothing is covered.
    """
    columns, rows = cover.max(axis=0, initial=0.0), cover.max(axis=1, initial=0.0)
    across, down = _span(columns), _span(rows)
    if across is None or down is None:
        return None
    return Box.from_corners(left + across[0], top + down[0], left + across[1], top + down[1])


def _span(profile: Field) -> tuple[float, float] | None:
    """From where to where a profile of covers reaches."""
    covered = np.flatnonzero(profile >= _EDGE_COVER)
    if not len(covered):
        return None
    first, last = int(covered[0]), int(covered[-1])
    begin = first + 1 - min(float(profile[first]), 1.0)
    end = last + min(float(profile[last]), 1.0)
    return (begin, end) if end > begin else (float(first), float(last + 1))
