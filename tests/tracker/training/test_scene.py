"""Rendered frames, and the truth about them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tracker.training.rendering import Scene, SceneConfig
from tracker.training.rendering.actors import Actor
from tracker.training.rendering.camera import CameraConfig
from tracker.training.rendering.flyers import BirdLook, DroneLook
from tracker.training.rendering.path import Waypoint
from tracker.training.rendering.people import PersonLook
from tracker.training.rendering.sampling import random_scene
from tracker.training.rendering.scenery import Facade, Fence, Pole
from tracker.training.rendering.sensor import SensorConfig
from tracker.training.rendering.vehicles import VehicleLook

STILL = CameraConfig(height_m=2.0, pitch_deg=4.0, field_of_view_deg=40.0)
CLEAN = SensorConfig(
    blur_px=0.0, netd_k=0.0, column_k=0, row_k=0, pixel_k=0, drift_k=0, vignette_k=0, dead_pixels=0
)
HOT = PersonLook(1.8, face=38, hands=38, hair=38, jacket=38, trousers=38, shoes=38)


def scene(*actors: Actor, **changes: object) -> Scene:
    config = SceneConfig((160, 120), 10, 3, camera=STILL, sensor=CLEAN, actors=actors)
    return Scene(replace(config, **changes))  # type: ignore[arg-type]  # the tests' own changes fit


def standing(x: float, z: float, look: PersonLook = HOT) -> Actor:
    return Actor("person", look, (Waypoint(0, x, z),))


def test_that_the_same_description_gives_the_same_frames_in_any_order() -> None:
    config = random_scene(np.random.default_rng(7), (96, 72), 6)
    first, second = Scene(config), Scene(config)
    late = second.frame(5).counts
    assert np.array_equal([frame.counts for frame in first][5], late)
    assert np.array_equal(first.frame(0).counts, second.frame(0).counts)


def test_that_another_seed_gives_another_texture() -> None:
    first, second = (scene(seed=seed).frame(0).counts for seed in (1, 2))
    assert not np.array_equal(first, second)


def test_that_counts_are_14_bit_of_the_wanted_size() -> None:
    counts = scene(standing(0, 10)).frame(0).counts
    assert counts.shape == (120, 160)
    assert counts.dtype == np.uint16
    assert counts.max() <= 16383


def test_that_the_box_lies_around_the_pixels_that_the_target_changes() -> None:
    rendered = scene(standing(0.4, 9)).frame(0)
    changed = rendered.counts.astype(int) - scene().frame(0).counts > 200
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    box = rendered.truths[0].box
    assert box is not None
    assert (box.x, box.right) == pytest.approx((columns[0], columns[-1] + 1), abs=1)
    assert (box.y, box.bottom) == pytest.approx((rows[0], rows[-1] + 1), abs=1)
    assert rendered.truths[0].visible == pytest.approx(1, abs=1e-3)


def test_that_a_person_is_as_tall_as_perspective_has_it() -> None:
    focal = 80 / np.tan(np.radians(20))
    heights = [s.box.height for z in (8, 16) if (s := scene(standing(0, z)).frame(0).truths[0]).box]
    assert heights == pytest.approx([1.8 * focal / 8, 1.8 * focal / 16], rel=0.08)


def test_that_what_stands_in_front_hides_the_target_and_what_stands_behind_does_not() -> None:
    person = standing(0, 12)
    behind = scene(person, scenery=(Fence((-3, 14), (3, 14), 3.0, bars=0),)).frame(0).truths[0]
    lower = scene(person, scenery=(Fence((-3, 8), (3, 8), 1.1, bars=0),)).frame(0).truths[0]
    hidden = scene(person, scenery=(Facade((-3, 8), (3, 8), 3.0),)).frame(0).truths[0]
    assert behind.visible == pytest.approx(1, abs=1e-3)
    assert behind.box == behind.whole
    assert lower.box is not None
    assert lower.whole is not None
    assert 0.2 < lower.visible < 0.8
    assert lower.box.bottom < lower.whole.bottom - 5
    assert lower.box.y == pytest.approx(lower.whole.y)
    assert (hidden.visible, hidden.box) == (0, None)
    assert hidden.whole == behind.whole


def test_that_a_nearer_actor_hides_a_farther_one() -> None:
    truths = scene(standing(0, 12), standing(0.1, 8)).frame(0).truths
    assert truths[0].visible < 0.5
    assert truths[1].visible == pytest.approx(1, abs=1e-3)


def test_that_a_box_ends_at_the_frames_edge_and_is_none_outside() -> None:
    edge = 12 * np.tan(np.radians(20))
    cut = scene(standing(edge, 12)).frame(0).truths[0]
    assert cut.box is not None
    assert cut.box.right == pytest.approx(160, abs=0.1)
    assert cut.visible < 0.9
    outside = scene(standing(3 * edge, 12)).frame(0).truths[0]
    assert (outside.box, outside.visible) == (None, 0)


def test_that_a_moving_camera_moves_the_box_as_it_moves_the_picture() -> None:
    camera = replace(STILL, pan_px=(12.0, 0.0), pan_period_s=0.8)
    shaken = scene(standing(0, 10), camera=camera)
    boxes = [truth.box for truth in (shaken.frame(i).truths[0] for i in (0, 5))]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert abs(boxes[1].x - boxes[0].x) > 8
    columns = [np.flatnonzero((shaken.frame(i).counts > 7500).any(axis=0)) for i in (0, 5)]
    moved = columns[1].mean() - columns[0].mean()
    assert boxes[1].x - boxes[0].x == pytest.approx(moved, abs=1)


def test_that_warm_targets_are_bright_and_cold_ones_dark() -> None:
    background = np.median(scene().frame(0).counts)
    for temperature, sign in ((35.0, 1), (-15.0, -1)):
        look = VehicleLook(
            **dict.fromkeys(("body", "windows", "engine", "wheels", "lamps"), temperature), glow=0.0
        )
        rendered = scene(Actor("car", look, (Waypoint(0, 0, 12),))).frame(0)
        box = rendered.truths[0].box
        assert box is not None
        x, y = (round(value) for value in box.centre)
        assert sign * (float(rendered.counts[y, x]) - background) > 600


@pytest.mark.parametrize("look", [BirdLook(), DroneLook()])
def test_that_flyers_appear_in_the_air(look: BirdLook | DroneLook) -> None:
    view = CameraConfig(height_m=2.0, pitch_deg=-10.0, field_of_view_deg=30.0)
    flyer = Actor("flyer", look, (Waypoint(0, -1, 15, 5), Waypoint(0.4, 1, 15, 5)))
    clip = scene(flyer, camera=view)
    first, last = clip.frame(0).truths[0].box, clip.frame(9).truths[0].box
    assert first is not None
    assert last is not None
    assert first.bottom < 120
    assert last.x > first.x + 20


def test_that_poles_and_scenery_off_the_picture_do_no_harm() -> None:
    scenery = (Pole(0, 6), Pole(500, 6), Facade((900, 10), (990, 10), 5.0))
    assert scene(standing(0, 10), scenery=scenery).frame(0).truths[0].visible < 1


def test_that_there_is_no_frame_outside_the_clip() -> None:
    with pytest.raises(IndexError, match="no frame 10"):
        scene().frame(10)


@pytest.mark.parametrize("seed", range(12))
def test_that_random_scenes_can_be_rendered_and_name_their_target(seed: int) -> None:
    config = random_scene(np.random.default_rng(seed), (96, 72), 8)
    rendered = Scene(config).frame(4)
    assert config.actors[0].label in {"person", "vehicle", "animal", "bird", "drone"}
    assert len(rendered.truths) == len(config.actors)
    assert np.ptp(rendered.counts) > 100
    for truth in rendered.truths:
        assert 0 <= truth.visible <= 1
        if truth.box is not None:
            assert truth.box.clipped(96, 72) == truth.box


def test_that_a_random_scene_is_decided_by_the_generator_alone() -> None:
    assert random_scene(np.random.default_rng(5)) == random_scene(np.random.default_rng(5))
    assert random_scene(np.random.default_rng(5)) != random_scene(np.random.default_rng(6))
