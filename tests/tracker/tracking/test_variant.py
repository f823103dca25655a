"""Variants: what they are called, and that each setting reaches the tracker."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tracker.tracking.fakes import ArraySource
from tracker.errors import WeightsError
from tracker.geometry import Box
from tracker.tracking.build import build_tracker
from tracker.tracking.default_model import DefaultSettings
from tracker.tracking.presence_search import Lookout
from tracker.tracking.variant import SETTINGS, Levels, Variant
from tracker.tracking.variant_build import build_variant, settings_of

Square = tuple[ArraySource, np.ndarray]


def boxes(variant: Variant, square: Square, frames: int = 12) -> list[tuple[float, ...]]:
    source, true = square
    tracker = build_variant(variant, device="cpu").tracker
    tracker.init(source.frame(0), Box(*true[0]))
    return [tracker.update(source.frame(frame)).box.as_tuple() for frame in range(1, frames)]


def test_that_a_variant_without_changes_is_the_model_as_it_comes(moving_square: Square) -> None:
    source, true = moving_square
    usual = build_tracker("default", device="cpu").tracker
    assert build_variant(Variant(), device="cpu").tracker.model_id == usual.model_id
    usual.init(source.frame(0), Box(*true[0]))
    alone = [usual.update(source.frame(frame)).box.as_tuple() for frame in range(1, 12)]
    assert boxes(Variant(), moving_square) == alone


@pytest.mark.parametrize(
    "variant",
    [
        Variant(search_factor=3.0),
        Variant(window_influence=0.8),
        Variant(learn_above=1.05, refit_every=2),
        Variant(levels=Levels.STRUCTURAL),
    ],
    ids=lambda variant: variant.name,
)
def test_that_a_setting_makes_another_tracker_with_another_id(
    variant: Variant, moving_square: Square
) -> None:
    assert boxes(variant, moving_square, 24) != boxes(Variant(), moving_square, 24)
    assert variant.changes[0] in build_variant(variant, device="cpu").tracker.model_id


def test_that_one_level_alone_is_all_of_the_fused_map(moving_square: Square) -> None:
    source, true = moving_square
    tracker = build_variant(Variant(levels=Levels.SEMANTIC), device="cpu").tracker
    seen = tracker.init(source.frame(0), Box(*true[0])).evidence
    assert seen.ensemble_weights == (1.0, 0.0)
    np.testing.assert_allclose(seen.fused, seen.semantic, atol=1e-6)


def test_that_without_looking_around_nothing_found_elsewhere_is_taken(
    moving_square: Square, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = boxes(Variant(), moving_square)
    monkeypatch.setattr(Lookout, "step", lambda *_: True)
    monkeypatch.setattr(Lookout, "is_convincing", lambda *_: True)
    assert boxes(Variant(), moving_square) != usual
    assert boxes(Variant(looks_around=False), moving_square) == usual


def test_that_settings_reach_the_loop_and_the_model() -> None:
    settings = settings_of(Variant(search_factor=5.0, window_influence=0.3, learn_above=0.5, refit_every=3))
    assert (settings.search_factor, settings.loop.window_influence) == (5.0, 0.3)
    assert (settings.learn_above, settings.refit_every) == (0.5, 3)


def test_that_the_usual_values_are_those_of_the_default_tracker() -> None:
    usual = DefaultSettings()
    known = {"window_influence": usual.loop.window_influence}
    for setting in SETTINGS:
        assert setting.usual == known.get(setting.field, getattr(usual, setting.field, None))
        assert setting.limits[0] <= setting.usual <= setting.limits[1]


def test_that_the_published_network_says_which_settings_it_lacks() -> None:
    with pytest.raises(WeightsError, match=r"no such setting: refit every 3, semantic alone"):
        build_variant(Variant("mlssnet", refit_every=3, levels=Levels.SEMANTIC), device="cpu")
    changed = build_variant(Variant("mlssnet", window_influence=0.1, looks_around=False), device="cpu")
    assert changed.tracker.model_id.endswith("(window influence 0.1, no looking around)")


def test_that_a_value_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="search_factor is 99, not within 2 to 8"):
        Variant(search_factor=99)


def test_that_the_name_tells_what_differs() -> None:
    assert Variant().name == "default"
    assert Variant("/a/b/deer.safetensors", refit_every=4, looks_around=False).name == (
        "deer, refit every 4, no looking around"
    )
