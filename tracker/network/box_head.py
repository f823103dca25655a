"""The box head of the default network: from features around a place to the box of the target there.

The template is sampled on a grid over its box; each of the grid's cells is compared with each search cell by the
cosine of their features (pixel-wise correlation, as in Yan et al., Alpha-Refine, CVPR 2021), which tells for every
search cell which part of the target it shows. The search features, weighted channel by channel by the template's mean,
join these maps; four convolutions turn them into the distances from each cell to the four sides of the box (Tian et
al., FCOS, ICCV 2019) and a quality, the IoU that this box is expected to have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from tracker.network.efficientnet_lite import SEMANTIC_CHANNELS, STRIDE, STRUCTURAL_CHANNELS, Features
from tracker.network.packed_convolution import ActivatedConv2d, activated


@dataclass(frozen=True)
class BoxHeadConfig:
    """Sizes of the head.

    Attributes:
        width: Channels of the reduced features and of the convolutions.
        grid: The template is sampled on grid x grid points.
        margin: Extent of that grid relative to the template's box.
        window: Side in cells of the part of the search features that is looked at.
        dilations: Of the convolutions, each 3 x 3.
    """

    width: int = 96
    grid: int = 8
    margin: float = 1.25
    window: int = 20
    dilations: tuple[int, ...] = (1, 2, 2, 1)


class TemplateCode(NamedTuple):
    """What the head knows of the target."""

    kernels: Tensor  # (B, grid * grid, width), of length 1
    gate: Tensor  # (B, width, 1, 1), gain on the channels of the search features
    shape: Tensor  # (B, 1, 1, 1), log(width / height) of its box


class Boxes(NamedTuple):
    """What the head finds, one box for each cell of the window."""

    distances: (
        Tensor  # (B, 4, n, n) from the cell's centre to left, top, right, bottom, in crop pixels, above 0
    )
    quality: Tensor  # (B, n, n) logit of the expected IoU


def merged(features: Features) -> Tensor:
    """(B, 152, H, W): both levels at stride 8, the semantic one up-sampled bilinearly.

    Cell j of the semantic level looks at the same place as cell 2 j of the structural one, hence the aligned corners.
    """
    return torch.cat([upsampled(features.semantic), features.structural], 1)


def upsampled(semantic: Tensor) -> Tensor:
    """(B, C, n, n) at stride 16 to (B, C, 2 n, 2 n) at stride 8."""
    side = 2 * semantic.shape[-1] - 1
    even = F.interpolate(semantic, size=(side, side), mode="bilinear", align_corners=True)
    return F.pad(even, (0, 1, 0, 1), mode="replicate")


class BoxHead(nn.Module):
    """See the module's text; features are those of `EfficientNetLite`."""

    def __init__(self, config: BoxHeadConfig) -> None:
        super().__init__()
        self.config = config
        channels, width = SEMANTIC_CHANNELS + STRUCTURAL_CHANNELS, config.width
        # Mean and spread of the frozen features over the training data, set once by `calibrate`.
        self.register_buffer("mean", torch.zeros(channels, 1, 1))
        self.register_buffer("spread", torch.ones(channels, 1, 1))
        self.reduce = ActivatedConv2d(channels, width, 1)
        self.gate = nn.Linear(width, width)
        self.temperature = nn.Parameter(torch.tensor(4.0))
        inputs = [config.grid**2 + width + 1, *[width] * (len(config.dilations) - 1)]
        self.trunk = nn.ModuleList(
            activated(ActivatedConv2d(count, width, 3, padding=step, dilation=step), "relu")
            for count, step in zip(inputs, config.dilations, strict=True)
        )
        self.sides = ActivatedConv2d(width, 4, 3, padding=1)
        self.quality = ActivatedConv2d(width, 1, 3, padding=1)
        self._initialise()

    mean: Tensor
    spread: Tensor

    def _initialise(self) -> None:
        for conv in self.trunk:
            assert isinstance(conv, nn.Conv2d)
            nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
            nn.init.zeros_(conv.bias)  # type: ignore[arg-type]  # made with a bias
        for last in (self.sides, self.quality):
            nn.init.normal_(last.weight, std=0.01)
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]
        nn.init.zeros_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    @torch.no_grad()
    def calibrate(self, features: Features) -> None:
        """Take mean and spread of the features from a sample of the training data."""
        values = merged(features).float()
        self.mean.copy_(values.mean((0, 2, 3))[:, None, None])
        self.spread.copy_(values.std((0, 2, 3)).clamp_min(1e-3)[:, None, None])

    def reduced(self, features: Features) -> Tensor:
        """(B, width, H, W) features as the head compares them, at stride 8."""
        return self.reduced_window(merged(features))

    def reduced_window(self, both: Tensor) -> Tensor:
        """The same for a part of what `merged` gives."""
        standard = (both - self.mean) / self.spread
        reduced: Tensor = self.reduce(standard)
        return reduced

    def encode(self, features: Features, boxes: Tensor, crop: int) -> TemplateCode:
        """What the head has to know of a target.

        Args:
            features: Of the template crops.
            boxes: (B, 4) x, y, width, height of the target in template pixels.
            crop: Side of the template crops in pixels.
        """
        reduced = self.reduced(features)
        points = grid_points(boxes, self.config.grid, self.config.margin)
        cells = sampled(reduced.float(), points, crop).to(reduced.dtype)
        mean = cells.mean(2)
        gate = 1 + torch.tanh(self.gate(mean))
        shape = torch.log(boxes[:, 2] / boxes[:, 3]).to(reduced.dtype)
        return TemplateCode(
            F.normalize(cells, dim=1).transpose(1, 2), gate[:, :, None, None], shape.view(-1, 1, 1, 1)
        )

    def forward(self, window: Tensor, code: TemplateCode) -> Boxes:
        """Boxes for each cell of a window.

        Args:
            window: (B, width, n, n) part of the `reduced` search features.
            code: Of the target.
        """
        batch, _, height, length = window.shape
        unit = F.normalize(window, dim=1).flatten(2)
        matches = (code.kernels @ unit).view(batch, -1, height, length) * self.temperature
        shape = code.shape.expand(batch, 1, height, length)
        x = torch.cat([matches, window * code.gate, shape], 1)
        for conv in self.trunk:
            x = conv(x)
        # Centred on half of the size a target has in the search crop (a quarter of its side, 8 cells).
        sides = torch.exp(self.sides(x).float().clamp(-4, 3)) * (4 * STRIDE)
        return Boxes(sides, self.quality(x)[:, 0].float())


def grid_points(boxes: Tensor, count: int, margin: float) -> Tensor:
    """(B, count, count, 2) points (x, y) spread evenly over boxes enlarged by `margin`, in the boxes' pixels."""
    steps = (torch.arange(count, device=boxes.device) + 0.5) / count - 0.5
    x = boxes[:, 0:1] + boxes[:, 2:3] * (0.5 + margin * steps)
    y = boxes[:, 1:2] + boxes[:, 3:4] * (0.5 + margin * steps)
    return torch.stack([x[:, None, :].expand(-1, count, -1), y[:, :, None].expand(-1, -1, count)], -1)


def sampled(features: Tensor, points: Tensor, crop: int) -> Tensor:
    """Features at points, bilinearly: (B, C, H, W), (B, h, w, 2) in crop pixels -> (B, C, h * w).

    Cell i looks at the centre of pixel 8 i: three convolutions of stride 2 with symmetric padding.
    """
    cells = crop // STRIDE
    place = (points - 0.5) / STRIDE  # in cells
    return F.grid_sample(
        features, place * (2 / (cells - 1)) - 1, mode="bilinear", padding_mode="border", align_corners=True
    ).flatten(2)


def cell_centres(first: Tensor, count: int) -> Tensor:
    """(B, 2, count, count) crop coordinates (x, y) of the cells of windows.

    Args:
        first: (B, 2) column and row of each window's first cell.
        count: Side of the windows in cells.
    """
    line = torch.arange(count, device=first.device)
    x = (first[:, 0:1] + line) * STRIDE + 0.5
    y = (first[:, 1:2] + line) * STRIDE + 0.5
    return torch.stack([x[:, None, :].expand(-1, count, -1), y[:, :, None].expand(-1, -1, count)], 1)


def corners(centres: Tensor, distances: Tensor) -> Tensor:
    """(B, 4, n, n) left, top, right, bottom of each cell's box, in crop pixels."""
    return torch.cat([centres - distances[:, :2], centres + distances[:, 2:]], 1)


def windows(features: Tensor, first: Tensor, count: int) -> Tensor:
    """(B, C, count, count) parts of (B, C, H, W) features whose first cells are (B, 2) columns and rows."""
    return torch.stack(
        [
            part[:, row : row + count, column : column + count]
            for part, (column, row) in zip(features, first.tolist(), strict=True)
        ]
    )


def first_cells(centres: Tensor, count: int, cells: int) -> Tensor:
    """(B, 2) first cells of windows around (B, 2) points in crop pixels, inside a map of `cells` cells."""
    nearest = torch.floor((centres - 0.5) / STRIDE + 0.5) - count // 2
    return nearest.clamp(0, cells - count).long()
