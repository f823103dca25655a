"""MLSSNet's refresh from what was searched already."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tracker.geometry import Box
from tracker.network.mlssnet import MLSSNet, Template
from tracker.tracking.crop import square_around
from tracker.tracking.mlssnet_model import MLSSNetModel, MLSSNetTracking
from tracker.tracking.similarity_model import Finding, View

BOX = Box(60, 50, 20, 24)


@pytest.fixture(scope="module")
def model() -> MLSSNetModel:
    torch.manual_seed(0)
    return MLSSNetModel(MLSSNet(), torch.device("cpu"), "untrained")


@pytest.mark.parametrize(("moved", "looks"), [(0.5, 0), (6.0, 1)])
def test_that_only_a_target_far_from_the_middle_is_cut_out_again(
    model: MLSSNetModel, monkeypatch: pytest.MonkeyPatch, moved: float, looks: int
) -> None:
    image = np.random.default_rng(0).uniform(0, 255, (120, 160)).astype(np.float32)
    view = View(image, MLSSNetTracking().loop, model.device)
    region = square_around(BOX.centre, model.region_side(BOX))
    seen: list[Box] = []
    look = model._look

    def counted(view: View, box: Box) -> Template:
        seen.append(box)
        return look(view, box)

    monkeypatch.setattr(model, "_look", counted)

    with torch.inference_mode():
        model.learn(view, BOX)
        before = model.state()["template"]
        seen.clear()
        model.respond(model.see(view.crops([region])))
        found = Box(BOX.x + moved, BOX.y, BOX.width, BOX.height)
        model.adapt(view, Finding(found, region, 0, 1.0))

    assert len(seen) == looks
    after = model.state()["template"]
    assert not torch.equal(after.semantic, before.semantic)
    assert (after.semantic - before.semantic).norm() < 0.05 * before.semantic.norm()
