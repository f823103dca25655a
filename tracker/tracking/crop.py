"""From the frame to the network's input and back: square regions, cut out and resized.

A region is a `Box` in frame pixels; a crop is that region resampled to S x S. Pixel edges lie at integers
in both, so crop coordinate u (0..S) is frame coordinate region.x + u * region.width / S.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.opencv import cv2

Gray = NDArray[np.float32]
Padding = Literal["mean", "edge"]


def square_around(centre: tuple[float, float], side: float) -> Box:
    """The square region of the given side around a point."""
    return Box.from_centre(*centre, side, side)


def context_side(width: float, height: float, context: float = 0.5) -> float:
    """Side of the region of the SiamFC family: sqrt((w + c)(h + c)) with c = context * (w + h)."""
    margin = context * (width + height)
    return math.sqrt((width + margin) * (height + margin))


def cut(image: Gray, region: Box, size: int, padding: Padding = "mean") -> Gray:
    """Resample a region to a square crop.

    Args:
        image: (H, W) gray values.
        region: What to cut, in tracking a square; another shape is stretched to one. May reach beyond the image.
        size: Side S of the crop in pixels.
        padding: What lies beyond the image: its mean, or its edge pixels repeated.

    Returns:
        (S, S) float32, bilinear, area-averaged first where it is reduced by 2 or more.
    """
    step = int(min(region.width, region.height) // size)
    if step >= 2:
        image, region = _reduced(image, region, step)
    across, down = region.width / size, region.height / size
    # warpAffine maps pixel centres: crop pixel u has its centre at u + 0.5.
    matrix = np.array(
        [[across, 0.0, region.x + 0.5 * across - 0.5], [0.0, down, region.y + 0.5 * down - 0.5]], np.float64
    )
    border = cv2.BORDER_CONSTANT if padding == "mean" else cv2.BORDER_REPLICATE
    fill = float(image.mean()) if padding == "mean" else 0.0
    crop = cv2.warpAffine(
        image,
        matrix,
        (size, size),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=border,
        borderValue=fill,
    )
    return np.asarray(crop, np.float32)


def _reduced(image: Gray, region: Box, step: int) -> tuple[Gray, Box]:
    """The image averaged over step x step pixels, and the region in its coordinates."""
    height, width = image.shape
    rows, columns = max(height // step, 1), max(width // step, 1)
    used = image[: rows * step, : columns * step] if min(height, width) >= step else image
    small = cv2.resize(used, (columns, rows), interpolation=cv2.INTER_AREA)
    fx, fy = columns / used.shape[1], rows / used.shape[0]
    return np.asarray(small, np.float32), Box(
        region.x * fx, region.y * fy, region.width * fx, region.height * fy
    )


def to_frame(region: Box, size: int, u: float, v: float) -> tuple[float, float]:
    """Frame coordinates of the crop coordinates (u, v)."""
    return region.x + u * region.width / size, region.y + v * region.height / size


def to_crop(region: Box, size: int, x: float, y: float) -> tuple[float, float]:
    """Crop coordinates of the frame coordinates (x, y)."""
    return (x - region.x) * size / region.width, (y - region.y) * size / region.height
