"""The box head's geometry: where it samples, where its cells look, and that a perfect answer decodes to the box."""

from __future__ import annotations

import pytest
import torch

from tracker.network.box_head import (
    BoxHead,
    BoxHeadConfig,
    cell_centres,
    corners,
    first_cells,
    grid_points,
    merged,
    sampled,
    windows,
)
from tracker.network.efficientnet_lite import STRIDE, Features, imagenet_backbone


def test_that_the_template_grid_covers_the_box_and_its_margin() -> None:
    points = grid_points(torch.tensor([[10.0, 20.0, 40.0, 80.0]]), 4, 1.0)
    assert points[0, 0, :, 0].tolist() == pytest.approx([15, 25, 35, 45])
    assert points[0, :, 0, 1].tolist() == pytest.approx([30, 50, 70, 90])
    wide = grid_points(torch.tensor([[10.0, 20.0, 40.0, 80.0]]), 4, 1.5)
    assert wide[0, 0, :, 0].mean() == pytest.approx(30)
    assert wide[0, 0, -1, 0] - wide[0, 0, 0, 0] == pytest.approx(45)


def test_that_sampling_at_a_cells_own_place_gives_its_value() -> None:
    features = torch.arange(32.0).view(1, 1, 1, 32).expand(1, 1, 32, 32)
    points = torch.tensor([[[[5 * STRIDE + 0.5, 0.5], [6.5 * STRIDE + 0.5, 0.5]]]])
    assert sampled(features, points, 256)[0, 0].tolist() == pytest.approx([5, 6.5], abs=1e-4)


def test_that_both_levels_look_at_the_same_places() -> None:
    """A bright spot lies in the same cell of both levels."""
    image = torch.full((1, 1, 256, 256), 60.0)
    image[..., 116:124, 148:156] = 250.0
    both = merged(imagenet_backbone()(image))
    calm = merged(imagenet_backbone()(torch.full((1, 1, 256, 256), 60.0)))
    change = (both - calm).abs()
    for level in (change[:, :112], change[:, 112:]):
        energy = level.sum(1)[0]
        rows, columns = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
        row, column = ((energy * axis).sum() / energy.sum() for axis in (rows, columns))
        assert column * STRIDE + 0.5 == pytest.approx(152, abs=STRIDE)
        assert row * STRIDE + 0.5 == pytest.approx(120, abs=STRIDE)


def test_that_a_window_stays_inside_and_its_cells_know_where_they_look() -> None:
    first = first_cells(torch.tensor([[128.5, 128.5], [0.0, 300.0]]), 20, 32)
    assert first.tolist() == [[6, 6], [0, 12]]
    centres = cell_centres(first, 20)
    assert centres[0, :, 10, 10].tolist() == [128.5, 128.5]
    assert centres[1, :, 0, 3].tolist() == [24.5, 96.5]


def test_that_windows_are_cut_where_they_begin() -> None:
    features = torch.arange(64.0).view(1, 1, 8, 8)
    assert windows(features, torch.tensor([[2, 1]]), 3)[0, 0, 0].tolist() == [10, 11, 12]


def test_that_distances_to_the_sides_decode_to_the_box() -> None:
    centres = cell_centres(torch.tensor([[4, 4]]), 2)
    left, top, right, bottom = 20.0, 24.0, 60.0, 50.0
    distances = torch.stack(
        [centres[:, 0] - left, centres[:, 1] - top, right - centres[:, 0], bottom - centres[:, 1]], 1
    )
    assert torch.allclose(
        corners(centres, distances),
        torch.tensor([left, top, right, bottom]).view(1, 4, 1, 1).expand(1, 4, 2, 2),
    )


def test_that_a_fresh_head_believes_in_boxes_of_the_usual_size() -> None:
    torch.manual_seed(0)
    head = BoxHead(BoxHeadConfig(window=6))
    features = Features(torch.randn(2, 112, 16, 16), torch.randn(2, 40, 32, 32))
    code = head.encode(features, torch.tensor([[96.0, 96, 64, 64]] * 2), 256)
    found = head(windows(head.reduced(features), torch.tensor([[10, 10]] * 2), 6), code)
    assert found.distances.shape == (2, 4, 6, 6)
    assert found.quality.shape == (2, 6, 6)
    assert torch.allclose(found.distances, torch.tensor(32.0), rtol=0.5)
    assert torch.allclose(code.kernels.norm(dim=2), torch.tensor(1.0), atol=1e-4)
