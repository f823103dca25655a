"""Losses, as functions of tensors; each gives one value per pair, so that a batch can be split over processes."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from tracker.network.box_head import Boxes, corners


def to_corners(boxes: Tensor) -> Tensor:
    """(B, 4) x, y, width, height to left, top, right, bottom."""
    return torch.cat([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], 1)


def overlaps(first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
    """IoU and generalised IoU (Rezatofighi et al., CVPR 2019) of boxes given by their corners.

    Args:
        first: (B, 4, ...) left, top, right, bottom.
        second: The same, or broadcastable to it.

    Returns:
        IoU in 0..1 and GIoU in -1..1, each (B, ...).
    """
    low, high = torch.maximum(first[:, :2], second[:, :2]), torch.minimum(first[:, 2:], second[:, 2:])
    inter = (high - low).clamp_min(0).prod(1)
    area = (first[:, 2:] - first[:, :2]).prod(1) + (second[:, 2:] - second[:, :2]).prod(1)
    union = (area - inter).clamp_min(1e-6)
    hull = torch.maximum(first[:, 2:], second[:, 2:]) - torch.minimum(first[:, :2], second[:, :2])
    around = hull.prod(1).clamp_min(1e-6)
    iou = inter / union
    return iou, iou - (around - union) / around


def box_losses(
    found: Boxes, centres: Tensor, truth: Tensor, positive: Tensor, reach: float = 0.3
) -> dict[str, Tensor]:
    """What the box head did wrong, per pair.

    The box counts on cells within `reach` of the target's size from its centre (and on the cell nearest to it); the
    quality is to be the IoU of the cell's own box inside the true box, and 0 outside and in negative pairs.

    Args:
        found: Of (B, n, n) cells.
        centres: (B, 2, n, n) of the cells, in crop pixels.
        truth: (B, 4) x, y, width, height of the targets.
        positive: (B,) whether the target is there.
        reach: See above.

    Returns:
        `box` (1 - GIoU), `quality` (binary cross-entropy), and `overlap` (mean IoU of the counted cells), each (B,);
        `box` and `overlap` are 0 in negative pairs.
    """
    iou, giou = overlaps(corners(centres, found.distances), to_corners(truth)[:, :, None, None])
    offset = (
        (centres - (truth[:, :2] + truth[:, 2:] / 2)[:, :, None, None]) / truth[:, 2:, None, None]
    ).abs()
    present = positive.to(iou.dtype)[:, None, None]
    near = (offset.amax(1) <= reach) | _nearest(offset)
    near_weight = near * present
    count = near_weight.sum((1, 2)).clamp_min(1)
    wanted = iou.detach() * (offset.amax(1) <= 0.5) * present
    entropy = F.binary_cross_entropy_with_logits(found.quality, wanted, reduction="none")
    # Cells inside the true box are few; they count as much as all the others.
    inside = ((offset.amax(1) <= 0.5) * present).float()
    weight = inside / inside.sum((1, 2), keepdim=True).clamp_min(1) + (1 - inside) / (1 - inside).sum(
        (1, 2), keepdim=True
    ).clamp_min(1)
    return {
        "box": ((1 - giou) * near_weight).sum((1, 2)) / count,
        "quality": (entropy * weight).sum((1, 2)),
        "overlap": (iou.detach() * near_weight).sum((1, 2)) / count,
    }


def _nearest(offset: Tensor) -> Tensor:
    """(B, n, n) the one cell nearest to the target's centre, from (B, 2, n, n) offsets."""
    distance = offset.square().sum(1)
    return distance <= distance.amin((1, 2), keepdim=True)


def response_loss(response: Tensor, label: Tensor, focus: float = 20.0) -> Tensor:
    """(B,) squared error of (B, H, W) responses; where nothing is wanted only what rises above 0 is wrong.

    Bhat et al., DiMP (ICCV 2019), train online filters with such a hinge.

    Args:
        response: Of the filters.
        label: Wanted, 0..1.
        focus: How much more the target's cells count.
    """
    error = torch.where(label > 0.05, response - label, response.clamp_min(0))
    return (error.square() * (1 + focus * label)).mean((1, 2))


def gaussian_label(centres: Tensor, sizes: Tensor, cells: int, stride: int, sigma: float) -> Tensor:
    """(B, cells, cells) wanted responses.

    Args:
        centres: (B, 2) x, y of the targets in crop pixels.
        sizes: (B, 2) width, height.
        cells: Side of the map; cell i looks at pixel coordinate i * stride + 0.5.
        stride: Pixels from one cell to the next.
        sigma: Standard deviation relative to sqrt(width * height).
    """
    line = torch.arange(cells, device=centres.device) * stride + 0.5
    spread = sigma * sizes.prod(1).sqrt()[:, None]
    across = torch.exp(-0.5 * ((line - centres[:, :1]) / spread) ** 2)
    down = torch.exp(-0.5 * ((line - centres[:, 1:]) / spread) ** 2)
    return down[:, :, None] * across[:, None, :]
