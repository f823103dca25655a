"""The building blocks of rendered scenes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.training.rendering.camera import CameraConfig, View, camera_shifts
from tracker.training.rendering.climate import Climate
from tracker.training.rendering.noise import power_noise, smooth_walk
from tracker.training.rendering.parts import place
from tracker.training.rendering.path import Waypoint, poses
from tracker.training.rendering.sprite import Sprite, extent_of, motion_kernel

VIEW = View.of(CameraConfig(height_m=4.0, pitch_deg=12.0, field_of_view_deg=45.0), (320, 256))


def test_that_noise_is_normalised_and_repeats_without_a_seam() -> None:
    field = power_noise(np.random.default_rng(0), (64, 96), 1.2)
    assert (field.mean(), field.std()) == (pytest.approx(0, abs=1e-4), pytest.approx(1, abs=1e-4))
    seam = np.abs(field[:, 0] - field[:, -1]).mean()
    assert seam < 1.5 * np.abs(np.diff(field, axis=1)).mean()


def test_that_a_greater_exponent_is_smoother() -> None:
    steps = [
        np.abs(np.diff(power_noise(np.random.default_rng(0), (64, 64), exponent))).mean()
        for exponent in (0.0, 1.0, 2.0)
    ]
    assert steps == sorted(steps, reverse=True)
    assert len(smooth_walk(np.random.default_rng(0), 5, 30.0)) == 5


@given(
    column=st.floats(0, 320), row=st.floats(0, 256), x=st.floats(-5, 5), y=st.floats(0, 5), z=st.floats(3, 80)
)
@settings(max_examples=60)
def test_that_projection_and_its_inverses_agree(
    column: float, row: float, x: float, y: float, z: float
) -> None:
    on_ground = VIEW.ground_at(column, row)
    if on_ground is None:
        assert row <= VIEW.horizon + 1
    elif on_ground[1] < 1000:
        seen, _ = VIEW.project(np.array([on_ground[0], 0.0, on_ground[1]]))
        assert tuple(seen) == pytest.approx((column, row), abs=1e-6)
    seen, _ = VIEW.project(np.array([x, y, z]))
    assert VIEW.air_at(float(seen[0]), float(seen[1]), z) == pytest.approx((x, y), abs=1e-6)


def test_that_the_ground_under_each_pixel_is_where_that_pixel_looks() -> None:
    x, z = VIEW.ground()
    assert np.isnan(z[: math.floor(VIEW.horizon) - 1]).all()
    found = VIEW.ground_at(40.5, 200.5)
    assert (float(x[200, 40]), float(z[200, 40])) == pytest.approx(found, rel=1e-5)


def test_that_the_camera_never_leaves_the_canvas() -> None:
    camera = CameraConfig(pan_px=(30.0, 5.0), shake_px=2.0)
    shifts = camera_shifts(np.random.default_rng(0), camera, 400, 25.0)
    assert shifts.shape == (400, 2)
    assert np.abs(shifts).max() <= camera.margin_px - 3
    assert np.abs(shifts).max() > 20


def test_that_headings_turn_things_the_way_they_go() -> None:
    ahead = np.array([[1.0, 0.5, 0.0]])
    assert place(ahead, (0, 0, 10), 0.0)[0] == pytest.approx((1, 0.5, 10))
    assert place(ahead, (0, 0, 10), math.pi / 2)[0] == pytest.approx((0, 0.5, 11))


def test_that_a_way_passes_its_waypoints_and_stops_where_two_are_the_same() -> None:
    way = (Waypoint(0, 0, 10), Waypoint(2, 4, 10), Waypoint(3, 4, 10), Waypoint(5, 4, 6))
    walk = poses(way, 126, 25.0)
    assert [walk[f].position for f in (0, 50, 75, 125)] == [
        pytest.approx(place) for place in ((0, 0, 10), (4, 0, 10), (4, 0, 10), (4, 0, 6))
    ]
    assert all(pose.position == pytest.approx((4, 0, 10)) for pose in walk[50:76])
    assert walk[62].speed == pytest.approx(0, abs=1e-9)
    assert max(pose.position[0] for pose in walk) <= 4
    assert walk[-1].travelled == pytest.approx(8, abs=0.2)


def test_that_the_heading_is_the_direction_of_travel_and_kept_while_standing() -> None:
    walk = poses((Waypoint(0, 0, 10), Waypoint(2, 4, 10), Waypoint(4, 4, 10)), 100, 25.0)
    assert walk[20].heading == pytest.approx(0)
    assert walk[90].heading == pytest.approx(0)
    away = poses((Waypoint(0, 0, 10), Waypoint(4, 0, 20)), 100, 25.0)
    assert away[50].heading == pytest.approx(math.pi / 2)
    assert poses((Waypoint(0, 0, 10),), 3, 25.0, heading=1.0)[2].heading == 1.0


def test_that_haze_takes_contrast_away_with_distance() -> None:
    climate = Climate(air=10.0, haze_m=100.0)
    hot = np.full((2, 2), 30.0, np.float32)
    assert climate.through_air(hot, 0.0)[0, 0] == 30
    assert climate.through_air(hot, 100.0)[0, 0] == pytest.approx(10 + 20 / math.e)


@pytest.mark.parametrize(("left", "right"), [(0.0, 1.0), (0.25, 0.75), (0.5, 0.0)])
def test_that_partly_covered_pixels_move_the_edges_of_a_box(left: float, right: float) -> None:
    cover = np.zeros((6, 8), np.float32)
    cover[2:4, 2:6] = 1
    cover[2:4, 1], cover[2:4, 6] = left, right
    box = extent_of(cover, 100, 50)
    assert box is not None
    assert (box.x, box.right) == pytest.approx((102 - left, 106 + right))
    assert (box.y, box.bottom) == (52, 54)


def test_that_nothing_covered_has_no_extent() -> None:
    assert extent_of(np.zeros((4, 4), np.float32), 0, 0) is None


def test_that_a_sprite_keeps_its_heat_when_it_is_shifted_by_parts_of_a_pixel() -> None:
    cover = np.pad(np.ones((3, 3), np.float32), 1)
    sprite = Sprite(np.full((5, 5), 20, np.float32), cover, 10, 10, 5.0).shifted(0.25, -0.5)
    assert float(sprite.cover.sum()) == pytest.approx(9)
    box = extent_of(sprite.cover, sprite.left, sprite.top)
    assert box is not None
    assert box.centre == pytest.approx((12.75, 12.0), abs=0.01)
    image = np.zeros((30, 30), np.float32)
    sprite.lay_over(image)
    assert float(image.sum()) == pytest.approx(180, rel=1e-4)


def test_that_a_sprite_half_outside_the_image_is_cut() -> None:
    image = np.zeros((4, 4), np.float32)
    Sprite(np.full((4, 4), 9, np.float32), np.ones((4, 4), np.float32), 2, -2, 1.0).lay_over(image)
    assert image.tolist() == [[0, 0, 9, 9], [0, 0, 9, 9], [0, 0, 0, 0], [0, 0, 0, 0]]


def test_that_motion_smears_along_the_motion_and_keeps_the_sum() -> None:
    assert motion_kernel(0.3, 0.2) is None
    kernel = motion_kernel(5.0, 0.0)
    assert kernel is not None
    assert float(kernel.sum()) == pytest.approx(1)
    rows, columns = np.nonzero(kernel > 1e-6)
    assert set(rows) == {kernel.shape[0] // 2}
    assert columns.min() == kernel.shape[1] - 1 - columns.max()
    assert 5 <= np.ptp(columns) <= 7
