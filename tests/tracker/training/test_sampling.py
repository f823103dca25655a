"""Pairs: repeatable, true to the picture, and drawn in the wanted shares."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.tracker.training.fakes import AS_IT_IS, CROPS, bright_clip, sampler
from tracker.training.augmentation import AugmentationConfig
from tracker.training.config import SamplingConfig
from tracker.training.sampling import Pair, PairSampler, mirrored


def same(first: Pair, second: Pair) -> bool:
    names = ("template", "search", "template_box", "search_box", "positive")
    return all(np.array_equal(getattr(first, name), getattr(second, name)) for name in names)


def test_that_a_pair_depends_on_seed_and_number_alone() -> None:
    clips = [bright_clip("a", seed=1), bright_clip("b", seed=2)]

    def made(seed: int) -> PairSampler:
        return PairSampler(clips, {}, SamplingConfig(), CROPS, AugmentationConfig(), seed)

    forward, backward = made(5), made(5)
    pairs = [forward[number] for number in range(12)]
    again = [backward[number] for number in reversed(range(12))][::-1]
    assert all(map(same, pairs, again))
    assert not any(map(same, pairs, pairs[1:]))
    assert not same(made(6)[3], pairs[3])


def bright_extent(crop: np.ndarray) -> np.ndarray:
    """x, y, width, height of what is bright."""
    rows, columns = np.nonzero(crop > 130)
    return np.array([columns.min(), rows.min(), np.ptp(columns) + 1, np.ptp(rows) + 1], float)


def test_that_boxes_say_where_the_target_is_in_the_crops() -> None:
    drawn = sampler([bright_clip("a", seed=1), bright_clip("b", seed=2)], sloppiness=0.0)
    for number in range(60):
        pair = drawn[number]
        assert pair.positive
        assert bright_extent(pair.template) == pytest.approx(pair.template_box, abs=1.0)
        assert bright_extent(pair.search) == pytest.approx(pair.search_box, abs=1.0)


def test_that_the_target_moves_and_changes_size_within_the_limits() -> None:
    drawn = sampler([bright_clip()], shift=0.1, scale=0.2, stretch=0.1)
    boxes = np.stack([drawn[number].search_box for number in range(200)])
    shifts = (boxes[:, :2] + boxes[:, 2:] / 2) / CROPS.search - 0.5
    sizes = np.log(np.sqrt(boxes[:, 2] * boxes[:, 3]) / (CROPS.search / CROPS.search_factor))
    assert np.abs(shifts).max() <= 0.1 + 1e-6
    assert np.abs(shifts).max() > 0.08
    assert np.abs(sizes).max() <= 0.2 + 1e-5
    assert np.abs(sizes).max() > 0.15


def test_that_only_frames_within_the_largest_gap_make_a_pair() -> None:
    clip = bright_clip(count=6)
    drawn = sampler([clip], max_gap=2)
    for number in range(100):
        first, second, _ = drawn._places(np.random.default_rng(number))
        assert abs(int(clip.times[first.frame] - clip.times[second.frame])) <= 2


def test_the_share_of_negatives() -> None:
    drawn = sampler([bright_clip("a"), bright_clip("b", background=100)], negatives=0.3)
    negative = [not drawn[number].positive for number in range(600)]
    assert np.mean(negative) == pytest.approx(0.3, abs=0.06)


def test_that_negatives_show_another_target() -> None:
    drawn = sampler([bright_clip("a"), bright_clip("b", targets=2)], negatives=1.0)
    for number in range(60):
        first, second, positive = drawn._places(np.random.default_rng(number))
        assert not positive
        assert (first.clip.name, first.target) != (second.clip.name, second.target)


def test_that_a_single_target_is_never_called_another() -> None:
    alone = [bright_clip("a", group="street"), bright_clip("b", group="street")]
    drawn = sampler(alone, negatives=1.0)
    assert all(drawn[number].positive for number in range(20))


def test_that_scene_groups_count_the_same_whatever_their_size() -> None:
    large = [bright_clip(f"large{i}", group="large", background=20, count=12) for i in range(9)]
    drawn = sampler([*large, bright_clip("small", background=90, count=2)])
    backgrounds = Counter(int(np.median(drawn[number].search)) for number in range(500))
    assert backgrounds[20] / 500 == pytest.approx(0.5, abs=0.07)
    assert backgrounds[20] + backgrounds[90] == 500


def test_that_sources_are_drawn_by_weight() -> None:
    clips = [bright_clip("a", background=20, source="x"), bright_clip("b", background=90, source="y")]
    sampling = SamplingConfig(negatives=0, distractors=0, occlusions=0)
    drawn = PairSampler(clips, {"x": 3.0, "y": 1.0}, sampling, CROPS, AS_IT_IS, 1)
    share = np.mean([np.median(drawn[number].search) < 50 for number in range(400)])
    assert share == pytest.approx(0.75, abs=0.07)


def test_that_frames_without_a_box_are_not_drawn() -> None:
    clip = bright_clip(count=6)
    clip.targets[0][[0, 2, 5]] = np.nan
    drawn = sampler([clip])
    places = [drawn._places(np.random.default_rng(number))[:2] for number in range(60)]
    assert {place.frame for pair in places for place in pair} == {1, 3, 4}


def test_mirroring() -> None:
    crop = np.zeros((8, 8), np.float32)
    crop[2:4, 1:4] = 200
    flipped, box = mirrored(crop, np.array([1, 2, 3, 2], np.float32))
    assert box.tolist() == bright_extent(flipped).tolist() == [4, 2, 3, 2]
    assert same_twice(crop, box)


def same_twice(crop: np.ndarray, box: np.ndarray) -> bool:
    back, first = mirrored(*mirrored(crop, box))
    return np.array_equal(back, crop) and np.array_equal(first, box)
