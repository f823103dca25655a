"""Losses against plain formulas, and what makes them 0."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.geometry import iou
from tracker.network.box_head import Boxes, cell_centres
from tracker.training.losses import box_losses, gaussian_label, overlaps, response_loss, to_corners

CELLS = 8


def boxes(*rows: tuple[float, float, float, float]) -> torch.Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def test_giou_of_identical_and_of_disjoint_boxes() -> None:
    first = to_corners(boxes((10, 20, 30, 40), (0, 0, 10, 10)))
    second = to_corners(boxes((10, 20, 30, 40), (30, 0, 10, 10)))
    found_iou, giou = overlaps(first, second)
    assert found_iou.tolist() == pytest.approx([1, 0])
    assert giou.tolist() == pytest.approx([1, -0.5])  # half of the hull of 40 x 10 is in neither


numbers = st.floats(-50, 50)
sizes = st.floats(1, 80)
a_box = st.tuples(numbers, numbers, sizes, sizes)


@settings(max_examples=60)
@given(st.lists(st.tuples(a_box, a_box), min_size=1, max_size=4))
def test_that_iou_is_that_of_the_metrics(pairs: list[tuple[tuple[float, ...], tuple[float, ...]]]) -> None:
    first, second = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    found, giou = overlaps(to_corners(torch.from_numpy(first)), to_corners(torch.from_numpy(second)))
    assert found.numpy() == pytest.approx(iou(first, second), abs=1e-6)
    assert bool((giou <= found + 1e-9).all())
    assert bool((giou >= -1).all())


def perfect(truth: torch.Tensor, first: torch.Tensor, sure: float) -> tuple[Boxes, torch.Tensor]:
    """What a head that knows the answer would say, and the cells' centres."""
    centres = cell_centres(first, CELLS)
    corners = to_corners(truth)[:, :, None, None]
    distances = torch.cat([centres - corners[:, :2], corners[:, 2:] - centres], 1)
    middle = (corners[:, :2] + corners[:, 2:]) / 2
    inside = ((centres - middle).abs() <= 0.5 * (corners[:, 2:] - corners[:, :2])).all(1)
    return Boxes(distances, torch.where(inside, sure, -sure)), centres


TRUTH = torch.tensor([[20.0, 16.0, 24.0, 30.0], [8.0, 10.0, 40.0, 20.0], [12.0, 12.0, 16.0, 16.0]])
FIRST = torch.zeros(3, 2, dtype=torch.long)


def test_that_a_perfect_answer_costs_nothing() -> None:
    found, centres = perfect(TRUTH, FIRST, 20.0)
    losses = box_losses(found, centres, TRUTH, torch.ones(3, dtype=torch.bool))
    assert float(losses["box"].max()) == pytest.approx(0, abs=1e-5)
    assert float(losses["quality"].max()) == pytest.approx(0, abs=1e-5)
    assert losses["overlap"].tolist() == pytest.approx([1, 1, 1], abs=1e-5)


def test_that_a_negative_pair_has_no_box_and_wants_no_quality() -> None:
    found, centres = perfect(TRUTH, FIRST, 20.0)
    losses = box_losses(found, centres, TRUTH, torch.tensor([True, False, False]))
    assert losses["box"][1:].tolist() == losses["overlap"][1:].tolist() == [0, 0]
    assert float(losses["quality"][1:].min()) > 1
    silent = box_losses(found._replace(quality=found.quality * 0 - 20), centres, TRUTH, torch.zeros(3) > 0)
    assert float(silent["quality"].max()) == pytest.approx(0, abs=1e-5)


def test_that_each_pair_has_its_own_value() -> None:
    generator = torch.Generator().manual_seed(2)
    distances = torch.rand(3, 4, CELLS, CELLS, generator=generator) * 30 + 1
    found = Boxes(distances, torch.randn(3, CELLS, CELLS, generator=generator))
    centres, positive = cell_centres(FIRST, CELLS), torch.tensor([True, False, True])
    together = box_losses(found, centres, TRUTH, positive)
    for i in range(3):
        part = Boxes(*(values[i : i + 1] for values in found))
        alone = box_losses(part, centres[i : i + 1], TRUTH[i : i + 1], positive[i : i + 1])
        for name, values in together.items():
            assert float(alone[name]) == pytest.approx(float(values[i]), rel=1e-6), name


def test_that_descent_ends_at_the_box() -> None:
    centres = cell_centres(FIRST[:1], CELLS)
    raw = torch.zeros(1, 4, CELLS, CELLS, requires_grad=True)
    quality = torch.zeros(1, CELLS, CELLS, requires_grad=True)
    optimiser = torch.optim.Adam([raw, quality], lr=0.2)
    values = []
    for _ in range(100):
        losses = box_losses(Boxes(raw.exp() * 10, quality), centres, TRUTH[:1], torch.tensor([True]))
        total = losses["box"].sum() + losses["quality"].sum()
        optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        values.append(float(losses["box"].detach()))
    assert values[0] > 0.3
    assert values[-1] < 0.05


def test_that_even_a_target_smaller_than_a_cell_has_a_cell() -> None:
    truth = torch.tensor([[27.0, 27.0, 3.0, 3.0]])
    found, centres = perfect(truth, FIRST[:1], 20.0)
    assert float(box_losses(found, centres, truth, torch.tensor([True]))["overlap"]) > 0.1


def test_the_label_is_highest_at_the_target() -> None:
    label = gaussian_label(torch.tensor([[24.5, 40.5]]), torch.tensor([[16.0, 16.0]]), CELLS, 8, 0.5)
    assert label.shape == (1, CELLS, CELLS)
    assert float(label[0, 5, 3]) == pytest.approx(1)
    assert float(label[0, 5, 4]) == pytest.approx(np.exp(-0.5))


def test_that_a_response_below_zero_is_right_where_nothing_is_wanted() -> None:
    label = torch.zeros(2, 3, 3)
    label[0, 1, 1] = 1
    response = torch.full((2, 3, 3), -5.0)
    response[0, 1, 1] = 1
    assert response_loss(response, label).tolist() == [0, 0]
    response[1, 0, 0] = 3
    assert response_loss(response, label).tolist() == pytest.approx([0, 1])
