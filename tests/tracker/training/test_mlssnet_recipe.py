"""MLSSNet's training: pairs, labels, loss, and that what is learned survives in a weights file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tracker.geometry import Box
from tracker.network.checkpoints import load_mlssnet, save_checkpoint
from tracker.network.mlssnet import MLSSNet
from tracker.tracking.crop import cut
from tracker.tracking.mlssnet_model import FIRST_CELL
from tracker.training.augmentation import AugmentationConfig
from tracker.training.build import recipe_of, samplers_of
from tracker.training.clips import Clip
from tracker.training.config import SamplingConfig, SourceConfig, TrainingConfig
from tracker.training.loop import optimiser_of
from tracker.training.mlssnet_recipe import (
    MLSSNetRecipe,
    balanced_logistic_loss,
    centre_labels,
    judged_right,
)
from tracker.training.mlssnet_sampling import MLSSNetSampler, corner_quadrant, in_crop, region_of
from tracker.training.sampling import Pair

CPU = torch.device("cpu")
SAMPLING = SamplingConfig(negatives=0.2, shift=0.03)


def config(**changes: object) -> TrainingConfig:
    source = SourceConfig(kind="rendered", path=Path("nowhere"))
    values = TrainingConfig(variant="mlssnet", sources=(source,), sampling=SAMPLING)
    return values.model_copy(update=changes)


def clip(number: int, frames: int = 5) -> Clip:
    """A bright square on a dim texture; frames are 60 indices apart, so that only neighbours are near."""
    rng = np.random.default_rng(number)
    pictures = rng.integers(20, 60, (frames, 96, 128)).astype(np.uint8)
    boxes = np.array([[30 + 4 * i, 40, 16, 20] for i in range(frames)], np.float32)
    for picture, (x, y, width, height) in zip(pictures, boxes.astype(int), strict=True):
        picture[y : y + height, x : x + width] = 180 + 10 * number
    return Clip(f"clip{number}", "made", f"group{number}", pictures, 60 * np.arange(frames), (boxes,))


def sampler(clips: list[Clip], sampling: SamplingConfig = SAMPLING) -> MLSSNetSampler:
    return MLSSNetSampler(clips, {}, sampling, MLSSNetRecipe.crops, AugmentationConfig(), seed=3)


@pytest.fixture(scope="module")
def pairs() -> list[Pair]:
    made = sampler([clip(0), clip(1), clip(2)])
    return [made[number] for number in range(1000)]


def kind_of(pair: Pair) -> str:
    """Positive, other video, or quadrant: that shows the target twice as large as the other crops do."""
    if pair.positive:
        return "positive"
    return "quadrant" if pair.template_box[2] > 1.5 * pair.search_box[2] else "other video"


def test_that_a_fifth_are_other_videos_and_a_fifth_are_background(pairs: list[Pair]) -> None:
    counts = Counter(kind_of(pair) for pair in pairs)

    assert counts["other video"] == pytest.approx(200, abs=40)
    assert counts["quadrant"] == pytest.approx(200, abs=40)
    assert counts["positive"] == pytest.approx(600, abs=50)


def test_that_crops_are_centred_up_to_the_small_shift(pairs: list[Pair]) -> None:
    side = np.sqrt((16 + 18) * (20 + 18))
    for pair in pairs[:200]:
        assert pair.template.shape == pair.search.shape == (255, 255)
        centre = pair.search_box[:2] + pair.search_box[2:] / 2
        assert np.abs(centre - 127.5).max() <= 0.03 * 255 + 1e-3
        assert pair.search_box[2:] == pytest.approx(np.array([16, 20]) * 255 / side, rel=1e-5)
        if pair.positive:
            assert pair.template_box[:2] + pair.template_box[2:] / 2 == pytest.approx(127.5, abs=1e-3)


def test_that_the_search_box_is_where_the_target_is_seen(pairs: list[Pair]) -> None:
    for pair in pairs[:50]:
        rows, columns = np.nonzero(pair.search > 120)
        found = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])
        expected = np.concatenate([pair.search_box[:2], pair.search_box[:2] + pair.search_box[2:]])
        assert found == pytest.approx(expected, abs=6)


def test_that_pairs_of_one_video_are_another_frame_within_the_gap() -> None:
    made = sampler([clip(0), clip(1)])
    for seed in range(20):
        assert made._near(clip(0), 0, 2, np.random.default_rng(seed)) in (1, 3)
    assert made._near(clip(0, frames=1), 0, 0, np.random.default_rng(0)) == 0


def test_that_a_number_gives_the_same_pair_again() -> None:
    first, second = sampler([clip(0), clip(1)])[7], sampler([clip(0), clip(1)])[7]

    np.testing.assert_array_equal(first.search, second.search)
    np.testing.assert_array_equal(first.template, second.template)


def test_that_one_place_alone_gives_no_pairs_of_other_videos() -> None:
    made = sampler([clip(0)])

    counts = Counter(kind_of(made[number]) for number in range(100))

    assert counts["other video"] == 0
    assert counts["positive"] > 40


def test_that_quadrants_are_the_quarters_of_the_search_crop() -> None:
    picture = np.random.default_rng(0).uniform(0, 255, (90, 90)).astype(np.float32)
    region = region_of(Box(30, 30, 20, 20))

    quarters = [corner_quadrant(region, corner) for corner in range(4)]

    assert region.as_tuple() == (20, 20, 40, 40)
    assert [quarter.as_tuple()[:2] for quarter in quarters] == [(20, 20), (40, 20), (20, 40), (40, 40)]
    assert {quarter.width for quarter in quarters} == {20}
    whole = cut(picture, region, 254, "mean")
    np.testing.assert_allclose(cut(picture, quarters[3], 127, "mean"), whole[127:, 127:], atol=1e-2)
    assert in_crop(Box(30, 30, 20, 20), quarters[0]) == pytest.approx([127.5, 127.5, 255, 255])


def test_that_labels_are_positive_within_8_px_of_the_target() -> None:
    centres = torch.tensor([[127.5, 127.5], [140.0, 110.0], [127.5, 127.5]])

    labels = centre_labels(centres, torch.tensor([True, True, False]))

    for label, (x, y) in zip(labels[:2], centres.tolist(), strict=False):
        expected = [
            [1.0 if np.hypot(63.5 + 4 * j - x, 63.5 + 4 * i - y) <= 8 else -1.0 for j in range(33)]
            for i in range(33)
        ]
        np.testing.assert_array_equal(label.numpy(), expected)
    assert FIRST_CELL == 63.5
    assert int((labels[0] > 0).sum()) == 13
    assert bool((labels[2] == -1).all())


def plain_loss(scores: NDArray[np.float64], labels: NDArray[np.float64]) -> float:
    above, below = labels > 0, labels < 0
    terms = np.log1p(np.exp(-labels * scores))
    if not above.any():
        return float(terms.mean())
    return float(0.5 * terms[above].mean() + 0.5 * terms[below].mean())


def test_that_the_loss_is_the_balanced_logistic_one() -> None:
    scores = torch.randn(3, 33, 33, generator=torch.Generator().manual_seed(0)).double()
    labels = centre_labels(
        torch.tensor([[127.5, 127.5], [130, 122], [127.5, 127.5]]), torch.tensor([True, True, False])
    )

    found = balanced_logistic_loss(scores, labels)

    expected = [plain_loss(s, y) for s, y in zip(scores.numpy(), labels.double().numpy(), strict=True)]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-9)
    huge = balanced_logistic_loss(-1e4 * labels, labels)
    assert bool(torch.isfinite(huge).all())


def test_that_a_pair_is_judged_by_its_highest_cell() -> None:
    labels = centre_labels(torch.full((4, 2), 127.5), torch.tensor([True, True, False, False]))
    scores = torch.full((4, 33, 33), -1.0)
    scores[0, 16, 17] = scores[1, 3, 3] = scores[2, 16, 16] = 0.5

    assert judged_right(scores, labels).tolist() == [1, 0, 0, 1]


def test_that_everything_learns_and_only_weights_decay() -> None:
    recipe = recipe_of(config(), CPU)
    assert isinstance(recipe, MLSSNetRecipe)

    groups = recipe.parameter_groups()
    optimiser = optimiser_of(recipe, config())

    assert sum(len(group["params"]) for group in groups) == len(list(recipe.network.parameters()))
    assert {group["decays"] for group in groups if group["params"][0].ndim == 1} == {False}
    assert isinstance(optimiser, torch.optim.SGD)
    assert {group["momentum"] for group in optimiser.param_groups} == {0.9}


def test_that_the_run_draws_pairs_from_the_recipes_own_sampler() -> None:
    recipe = recipe_of(config(), CPU)

    training, validation = samplers_of(config(validation=0.5), recipe, [clip(number) for number in range(6)])

    assert isinstance(training, MLSSNetSampler)
    assert isinstance(validation, MLSSNetSampler)


@pytest.fixture(scope="module")
def learned(pairs: list[Pair]) -> tuple[MLSSNetRecipe, list[float]]:
    """A few steps on one batch of two pairs, and the loss before each."""
    torch.manual_seed(0)
    recipe = MLSSNetRecipe(MLSSNet(), config(), CPU)
    chosen = [next(p for p in pairs if p.positive), next(p for p in pairs if not p.positive)]
    batch = recipe.collate(chosen)
    optimiser = torch.optim.SGD(recipe.network.parameters(), lr=1e-2, momentum=0.9)
    history = []
    for _ in range(8):
        loss = recipe.total(recipe.losses(batch))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        optimiser.step()
        history.append(loss.item())
    return recipe, history


def test_that_a_batch_can_be_learned_by_heart(learned: tuple[MLSSNetRecipe, list[float]]) -> None:
    history = learned[1]

    assert history[0] < 1.5
    assert history[-1] < 0.8 * history[0]


def test_that_validation_uses_and_keeps_the_stored_moments(
    learned: tuple[MLSSNetRecipe, list[float]], pairs: list[Pair]
) -> None:
    recipe = learned[0]
    before = {name: value.clone() for name, value in recipe.network.named_buffers()}

    with torch.no_grad():
        both = recipe.losses(recipe.collate(pairs[:2]))["logistic"]
        alone = [recipe.losses(recipe.collate([pair]))["logistic"] for pair in pairs[:2]]

    assert not recipe.network.training
    for name, value in recipe.network.named_buffers():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
    torch.testing.assert_close(both, torch.stack(alone).mean())


def test_that_a_weights_file_gives_the_trained_network_back(
    learned: tuple[MLSSNetRecipe, list[float]], pairs: list[Pair], tmp_path: Path
) -> None:
    recipe = learned[0]
    network, path = recipe.network.eval(), tmp_path / "trained.safetensors"
    save_checkpoint(path, recipe.architecture, recipe.network_config(), network.state_dict(), {})
    batch = recipe.collate(pairs[:1])
    crops = batch["template"].float(), batch["search"].float()

    with torch.inference_mode():
        found, expected = load_mlssnet(path)(*crops), network(*crops)

    for level, wanted in zip(found, expected, strict=True):
        # The trained network has its weights in another memory layout: sums come in another order.
        torch.testing.assert_close(level, wanted, rtol=1e-4, atol=1e-5)
    assert float(found.fused.std()) > 0
