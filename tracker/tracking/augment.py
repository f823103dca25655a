"""Augmented copies of the first frame, so that a filter learned from one frame meets what will come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from tracker.geometry import Box
from tracker.tracking.crop import square_around, to_crop
from tracker.tracking.similarity_model import LoopConfig, View


@dataclass(frozen=True)
class FirstFrame:
    """Crops of the first frame and where the target lies in each.

    Attributes:
        crops: (n, 1, S, S); the first one is the frame as it is, target in the centre.
        targets: (u, v, width, height) of the target in each crop, in crop pixels.
    """

    crops: Tensor
    targets: list[tuple[float, float, float, float]]


# (shift x, shift y) as a share of the region's side, and zoom.
PLACEMENTS = (
    (0.0, 0.0, 1.0),
    (0.12, 0.05, 1.0),
    (-0.1, 0.12, 1.0),
    (0.05, -0.14, 1.0),
    (-0.15, -0.08, 1.0),
    (0.0, 0.0, 1.1),
    (0.0, 0.0, 0.9),
)


def augmented(view: View, box: Box, side: float, config: LoopConfig) -> FirstFrame:
    """The first frame, shifted, zoomed, mirrored, blurred and with another contrast.

    Args:
        view: The frame.
        box: The target.
        side: Side of its search region in pixels.
        config: Of the loop.
    """
    cx, cy = box.centre
    regions = [square_around((cx + dx * side, cy + dy * side), side * zoom) for dx, dy, zoom in PLACEMENTS]
    crops = view.crops(regions)
    targets = []
    for region in regions:
        scale = config.crop / region.width
        targets.append((*to_crop(region, config.crop, cx, cy), box.width * scale, box.height * scale))
    plain = crops[:1]
    u, v, width, height = targets[0]
    extra = [plain.flip(3), blurred(plain), contrast(plain, 0.7)]
    targets += [(config.crop - u, v, width, height), targets[0], targets[0]]
    return FirstFrame(torch.cat([crops, *extra]), targets)


def blurred(crops: Tensor, sigma: float = 2.0) -> Tensor:
    """Gaussian blur of (n, 1, S, S) crops, edges repeated."""
    radius = int(np.ceil(2 * sigma))
    taps = torch.exp(-0.5 * (torch.arange(-radius, radius + 1, device=crops.device) / sigma) ** 2)
    taps = taps / taps.sum()
    padded = F.pad(crops, (radius,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, taps.view(1, 1, 1, -1)), taps.view(1, 1, -1, 1))


def contrast(crops: Tensor, gain: float) -> Tensor:
    """Contrast about the mean of each crop."""
    mean = crops.mean((2, 3), keepdim=True)
    return mean + gain * (crops - mean)
