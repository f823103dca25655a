"""Both variants in the same loop, on a synthetic clip; the default one on real clips as well."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.tracker.tracking.fakes import ArraySource
from tracker.evaluation.metrics import evaluate
from tracker.geometry import Box, centre_distance, iou
from tracker.jobs import finish
from tracker.media import load_source
from tracker.network.mlssnet import MLSSNet
from tracker.tracking.mlssnet_model import MLSSNetModel, MLSSNetTracking
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker, choose, hann_over_region, map_region
from tracker.tracking.run import Direction, FrameTracked, track

SHARED = Path(__file__).parents[3].parent / "shared"
needs_shared = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared TIR clips are not beside the project"
)
Square = tuple[ArraySource, np.ndarray]


def follow(
    tracker: OnlineTracker, source: ArraySource, truth: np.ndarray, start: int = 0, step: int = 1
) -> np.ndarray:
    """Boxes of frames start, start + step, ... of a run from the true box."""
    boxes: list[tuple[float, ...]] = []

    def take(event: object) -> None:
        if isinstance(event, FrameTracked):
            boxes.append(event.result.box.as_tuple())

    finish(track(source, tracker, start, Box(*truth[start]), Direction(step)), take)
    return np.array(boxes)


def test_that_the_default_tracker_follows_a_textured_square(
    square_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = moving_square
    boxes = follow(square_tracker, source, truth)
    assert centre_distance(boxes, truth).max() < 4
    assert iou(boxes, truth).mean() > 0.7


def test_that_it_follows_backwards_as_well(square_tracker: OnlineTracker, moving_square: Square) -> None:
    source, truth = moving_square
    boxes = follow(square_tracker, source, truth, start=len(truth) - 1, step=-1)
    assert iou(boxes, truth[::-1]).mean() > 0.7


def test_that_evidence_lies_over_the_target(square_tracker: OnlineTracker, moving_square: Square) -> None:
    source, truth = moving_square
    square_tracker.init(source.frame(0), Box(*truth[0]))
    result = square_tracker.update(source.frame(1))
    found = result.evidence
    assert found.semantic.shape == found.structural.shape == found.fused.shape == (32, 32)
    semantic, structural = found.ensemble_weights
    assert found.fused == pytest.approx(semantic * found.semantic + structural * found.structural, abs=1e-5)
    assert sum(found.ensemble_weights) == pytest.approx(1)
    row, column = np.unravel_index(found.fused.argmax(), found.fused.shape)
    x = found.map_region.x + (column + 0.5) * found.map_region.width / 32
    y = found.map_region.y + (row + 0.5) * found.map_region.height / 32
    cx, cy = Box(*truth[1]).centre
    assert np.hypot(x - cx, y - cy) < 4
    assert 0 <= found.channel_attention.min() <= found.channel_attention.max() == pytest.approx(1)
    assert found.channel_attention.shape == (112,)


def test_that_scores_tell_the_target_from_the_background(
    square_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = moving_square
    first = square_tracker.init(source.frame(0), Box(*truth[0])).evidence.scores
    on_target = square_tracker.update(source.frame(1)).evidence.scores
    empty = np.random.default_rng(0).normal(90, 12, (120, 160)).clip(0, 255).astype(np.uint8)
    without = square_tracker.update(empty).evidence.scores
    assert -1 <= without.likeness < on_target.likeness <= first.likeness + 0.05 <= 1.05
    assert 0 <= without.quality < on_target.quality <= 1
    assert without.contrast < on_target.contrast
    assert min(without.divergence, on_target.divergence) >= 0


def disappearing(source: ArraySource, truth: np.ndarray, jump: int) -> tuple[ArraySource, np.ndarray]:
    """The clip with 20 empty frames after its 25th, after which everything has moved on to the right."""
    frames = [source.frame(i) for i in range(len(truth))]
    empty = np.random.default_rng(3).normal(90, 12, (120, 160)).clip(0, 255).astype(np.uint8)
    later = [np.roll(frame, jump, axis=1) for frame in frames[25:]]
    boxes = np.vstack([truth[:25], np.full((20, 4), np.nan), truth[25:] + np.array([jump, 0, 0, 0])])
    return ArraySource(np.stack([*frames[:25], *[empty] * 20, *later]).astype(np.uint8), Path("gone")), boxes


def test_that_a_target_is_taken_up_again_where_it_comes_back(
    square_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = disappearing(*moving_square, jump=30)
    boxes = follow(square_tracker, source, truth)
    assert iou(boxes[-5:], truth[-5:]).min() > 0.5


def test_that_nothing_is_searched_while_the_target_is_visible(
    square_tracker: OnlineTracker, moving_square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, truth = moving_square

    def forbidden(*_: object) -> None:
        raise AssertionError("searched")

    monkeypatch.setattr(OnlineTracker, "_found_elsewhere", forbidden)
    follow(square_tracker, source, truth)


def test_that_a_run_restored_while_its_target_is_gone_repeats_itself(
    square_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = disappearing(*moving_square, jump=30)
    square_tracker.init(source.frame(0), Box(*truth[0]))
    for i in range(1, 40):
        square_tracker.update(source.frame(i))
    saved = square_tracker.state()
    first = [square_tracker.update(source.frame(i)).box for i in range(40, 55)]
    square_tracker.restore(saved)
    assert [square_tracker.update(source.frame(i)).box for i in range(40, 55)] == first


def test_that_a_restored_tracker_repeats_itself_exactly(
    square_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = moving_square
    square_tracker.init(source.frame(0), Box(*truth[0]))
    for i in range(1, 6):
        square_tracker.update(source.frame(i))
    saved = square_tracker.state()
    first = [square_tracker.update(source.frame(i)).box for i in range(6, 14)]
    square_tracker.restore(saved)
    assert [square_tracker.update(source.frame(i)).box for i in range(6, 14)] == first


def test_that_a_16_bit_clip_is_followed_like_its_8_bit_copy(
    square_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = moving_square
    frames = np.stack([source.frame(i) for i in range(15)])
    deep = ArraySource(frames.astype(np.uint16) * 12 + 27000, Path("deep"))
    tracker = OnlineTracker(square_tracker._model, Normalisation.of(deep))
    assert iou(follow(tracker, deep, truth[:15]), truth[:15]).mean() > 0.7


@pytest.fixture(scope="module")
def mlssnet_tracker() -> OnlineTracker:
    torch.manual_seed(0)
    return OnlineTracker(MLSSNetModel(MLSSNet(), torch.device("cpu"), "mlssnet-untrained"))


def test_that_untrained_mlssnet_runs_in_the_same_loop(
    mlssnet_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = moving_square
    mlssnet_tracker.init(source.frame(0), Box(*truth[0]))
    result = mlssnet_tracker.update(source.frame(1))
    assert result.evidence.fused.shape == (33, 33)
    assert result.evidence.spatial_attention.shape == (53, 53)
    assert result.evidence.channel_attention.shape == (64,)
    assert np.isfinite(result.evidence.fused).all()
    assert result.box.is_valid()
    scores = result.evidence.scores
    assert np.isnan([scores.quality, scores.likeness]).all()
    assert np.isfinite([scores.divergence, scores.contrast]).all()


def test_that_a_mlssnet_template_moves_by_the_published_rate(
    mlssnet_tracker: OnlineTracker, moving_square: Square
) -> None:
    source, truth = moving_square
    mlssnet_tracker.init(source.frame(0), Box(*truth[0]))
    before = mlssnet_tracker.state()["model"]["template"]
    result = mlssnet_tracker.update(source.frame(5))
    after = mlssnet_tracker.state()["model"]["template"]
    mlssnet_tracker.init(source.frame(5), result.box)
    new = mlssnet_tracker.state()["model"]["template"]
    assert torch.allclose(after.semantic, 0.995 * before.semantic + 0.005 * new.semantic, atol=1e-5)


def test_that_a_peak_becomes_the_published_displacement() -> None:
    config = MLSSNetTracking().loop
    fused = torch.zeros(3, 33, 33)
    fused[1, 16 + 3, 16 - 2] = 1.0  # three cells down, two to the left of the centre, in the unchanged scale
    window = hann_over_region(config, torch.device("cpu"))
    choice = choose(fused, torch.ones(3), window, config)
    assert choice.index == 1
    # up-sampled cells are 0.5 px wide, and the window pulls a little towards the centre
    assert choice.u == pytest.approx(127.5 - 2 * 4, abs=0.6)
    assert choice.v == pytest.approx(127.5 + 3 * 4, abs=0.6)


def test_that_a_changed_scale_must_beat_its_penalty() -> None:
    config = MLSSNetTracking().loop
    window = hann_over_region(config, torch.device("cpu"))
    factors = torch.tensor([config.scale_penalty, 1.0, config.scale_penalty])
    fused = torch.zeros(3, 33, 33)
    fused[:, 16, 16] = torch.tensor([0.0, 1.0, 1.02])
    assert choose(fused, factors, window, config).index == 1
    fused[2, 16, 16] = 1.04
    assert choose(fused, factors, window, config).index == 2


def test_that_mlssnets_maps_cover_the_middle_of_the_search_region() -> None:
    covered = map_region(Box(10, 20, 255, 255), MLSSNetTracking().loop)
    assert covered == Box(10 + 61.5, 20 + 61.5, 132, 132)


def read_truth(folder: Path) -> np.ndarray:
    lines = (folder / "groundtruth.txt").read_text().split("\n")
    return np.array([[float(v) for v in re.split(r"[,\s]+", line)] for line in lines if line.strip()])


def follow_real(tracker: OnlineTracker, folder: Path, truth: np.ndarray) -> np.ndarray:
    """Boxes of a run over as many frames of a shared clip as there are true boxes."""
    source = load_source(folder / "img" if (folder / "img").is_dir() else folder / "video.mp4")
    tracker.init(source.frame(0), Box(*truth[0]))
    found = [tuple(truth[0]), *(tracker.update(source.frame(i)).box.as_tuple() for i in range(1, len(truth)))]
    source.close()
    return np.array(found)


@needs_shared
@pytest.mark.parametrize("name", ["hedgehog", "drone_060"])
def test_that_the_default_tracker_holds_real_targets(name: str, square_tracker: OnlineTracker) -> None:
    folder = SHARED / "data" / "dev" / name
    truth = read_truth(folder)[:60]
    found = follow_real(square_tracker, folder, truth)
    distance = centre_distance(found, truth) / np.sqrt(truth[:, 2] * truth[:, 3])
    assert (distance < 0.5).mean() > 0.95


@needs_shared
def test_that_the_pedestrian_is_followed_through_the_whole_airplane_clip(
    square_tracker: OnlineTracker,
) -> None:
    folder = SHARED / "data" / "dev" / "airplane"
    truth = read_truth(folder)
    result = evaluate(follow_real(square_tracker, folder, truth), truth)
    assert result.frames == 380
    assert result.precision_20 >= 0.90
    assert result.success_auc >= 0.66
