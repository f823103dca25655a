"""Random changes of crops: ranges, determinism, and what each change is for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.training.augmentation import AugmentationConfig, augment_pair, occlude, paste_distractor

Crop = NDArray[np.float32]
BOX = (100.0, 90.0, 40.0, 60.0)
CHANCES = ("invert", "curve", "jump", "squeeze", "blur", "motion", "coarse", "noise", "pattern", "dead",
           "steps", "jpeg", "occluder", "distractor")  # fmt: skip
NOTHING = replace(
    AugmentationConfig(**dict.fromkeys(CHANCES, 0.0)),  # type: ignore[arg-type]  # chances are floats
    gain=(1.0, 1.0),
    offset=(0.0, 0.0),
)


def crop(size: int = 256, seed: int = 5) -> Crop:
    noise = np.random.default_rng(seed).uniform(0, 255, (size, size)).astype(np.float32)
    smooth = np.asarray(cv2.GaussianBlur(noise, (0, 0), 2.0), np.float32)
    return np.asarray(cv2.normalize(smooth, None, 30, 220, cv2.NORM_MINMAX), np.float32)  # type: ignore[call-overload]  # cv2 makes the output


def only(**changes: float | tuple[float, float]) -> AugmentationConfig:
    return replace(NOTHING, **changes)  # type: ignore[arg-type]  # the tests' own changes fit


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def inside(piece: Crop) -> Crop:
    left, top, width, height = (int(v) for v in BOX)
    return piece[top : top + height, left : left + width]


def test_stays_in_range_and_shape() -> None:
    template, search = crop(128), crop(256)
    everything = AugmentationConfig(**dict.fromkeys(CHANCES, 0.8))  # type: ignore[arg-type]  # chances are floats
    source = rng()
    for config in (AugmentationConfig(), everything):
        for _ in range(60):
            pair = augment_pair(template, search, source, config)
            assert [p.shape for p in pair] == [(128, 128), (256, 256)]
            assert all(p.dtype == np.float32 for p in pair)
            assert all(np.isfinite(p).all() and p.min() >= 0 and p.max() <= 255 for p in pair)


def test_same_seed_same_crops() -> None:
    template, search = crop(64), crop(96)
    first, second = (augment_pair(template, search, rng(7)) for _ in range(2))
    other = augment_pair(template, search, rng(8))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("name", CHANCES[:12])
def test_leaves_its_arguments_alone(name: str) -> None:
    template, search = crop(64), crop(96)
    before = template.copy(), search.copy()
    changed = augment_pair(template, search, rng(), only(**{name: 1.0}))
    assert np.array_equal(template, before[0])
    assert np.array_equal(search, before[1])
    assert not np.allclose(changed[1], search, atol=0.1), "and it does something"


def test_without_chances_nothing_changes() -> None:
    template, search = crop(64), crop(96)
    for one, other in zip(augment_pair(template, search, rng(), NOTHING), (template, search), strict=True):
        assert np.abs(one - other).max() <= 1 / 16 + 1e-3


def test_both_crops_change_polarity_together() -> None:
    search = crop(96)
    template = search[16:80, 16:80].copy()
    changed = augment_pair(template, search, rng(), only(invert=1.0))
    assert np.abs(changed[1] - (255 - search)).max() < 0.1
    assert np.array_equal(changed[0], changed[1][16:80, 16:80])


def test_a_tone_curve_keeps_the_order_of_levels_and_is_common() -> None:
    search = crop(96)
    template = search[16:80, 16:80].copy()
    order = np.argsort(search.ravel())
    for seed in range(20):
        changed = augment_pair(template, search, rng(seed), only(curve=1.0))
        assert (np.diff(changed[1].ravel()[order]) >= -1e-3).all()
        assert np.array_equal(changed[0], changed[1][16:80, 16:80])


def test_squeeze_leaves_a_quarter_of_the_contrast_at_least() -> None:
    search = crop(96)
    spans = [
        float(np.ptp(augment_pair(search, search, rng(s), only(squeeze=1.0))[1]) / np.ptp(search))
        for s in range(40)
    ]
    assert 0.24 < min(spans) < 0.4
    assert max(spans) < 0.72


def test_blurs_keep_the_mean_and_take_detail() -> None:
    search = crop(128)
    for name in ("blur", "motion", "coarse"):
        changed = augment_pair(search, search, rng(3), only(**{name: 1.0}))[1]
        assert changed.mean() == pytest.approx(search.mean(), abs=1.5)
        assert np.abs(np.diff(changed)).mean() <= np.abs(np.diff(search)).mean()


def test_an_occluder_hides_at_most_two_fifths() -> None:
    search = np.tile(np.linspace(60, 180, 256, dtype=np.float32), (256, 1))
    touched = []
    for seed in range(150):
        changed = occlude(search, BOX, rng(seed), only(occluder=1.0))
        assert changed.min() >= 0
        assert changed.max() <= 255
        # The soft edge spreads the occluder, so pixels that are mostly as before do not count as hidden.
        touched.append(float((np.abs(inside(changed) - inside(search)) > 12).mean()))
    assert max(touched) <= 0.45
    assert float(np.mean(touched)) > 0.08


def _pasted(seed: int) -> tuple[Crop, Crop]:
    search = np.full((256, 256), 60, np.float32)
    inside(search)[6:-6, 6:-6] = 200
    return search, paste_distractor(search, BOX, rng(seed), only(distractor=1.0))


def test_a_distractor_looks_like_the_target_and_stays_off_it() -> None:
    for seed in range(60):
        search, changed = _pasted(seed)
        assert (inside(changed) != inside(search)).mean() < 0.2
        away = np.where(np.abs(search - 60) > 1, np.float32(60), changed)
        assert away.max() > 150, "it is somewhere else"
        assert 0 <= changed.min() <= changed.max() <= 255


def test_another_patch_can_be_pasted() -> None:
    search = np.full((200, 200), 100, np.float32)
    patch = np.full((30, 20), 100, np.float32)
    patch[8:22, 5:15] = 250
    changed = paste_distractor(search, (10, 10, 40, 60), rng(1), only(distractor=1.0), patch)
    assert 60 < (changed > 180).sum() < 400


@pytest.mark.parametrize("change", [occlude, paste_distractor])
def test_boxes_without_pixels_leave_the_crop(change: Callable[..., Crop]) -> None:
    search = crop(64)
    for box in ((-50, -50, 20, 20), (10, 10, 2, 2), (200, 0, 30, 30)):
        assert change(search, box, rng(), only(occluder=1.0, distractor=1.0)) is search
    whole = change(search, (-5, -5, 90, 90), rng(), only(occluder=1.0, distractor=1.0))
    assert whole.shape == search.shape
    assert change(search, (10, 10, 30, 30), rng(), NOTHING) is search


@pytest.mark.parametrize("change", [occlude, paste_distractor])
def test_the_changed_crop_is_a_new_one(change: Callable[..., Crop]) -> None:
    search, config = crop(128), only(occluder=1.0, distractor=1.0)
    before = search.copy()
    first, second = (change(search, (40, 40, 20, 30), rng(4), config) for _ in range(2))
    assert np.array_equal(search, before)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, search)


def test_every_chance_is_a_field() -> None:
    assert set(CHANCES) <= {field.name for field in fields(AugmentationConfig)}
