"""SRE and TRE starts against numbers worked by hand from the MATLAB toolkit's rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.evaluation.starts import StartProtocol, spatial_starts, starts, temporal_starts
from tracker.geometry import Box


def test_that_sre_shifts_and_scales_by_the_toolkits_rules() -> None:
    moved = spatial_starts(Box(100, 50, 40, 20), (640, 480))
    assert len(moved) == 12
    assert moved["left"].as_tuple() == (96, 50, 40, 20)
    assert moved["down"].as_tuple() == (100, 52, 40, 20)
    assert moved["top-left"].as_tuple() == (96, 48, 44, 22)
    assert moved["bottom-right"].as_tuple() == (100, 50, 44, 22)
    assert moved["top-right"].as_tuple() == (100, 48, 44, 22)
    assert moved["scale-0.8"].as_tuple() == (104, 52, 32, 16)
    assert moved["scale-1.2"].as_tuple() == (96, 48, 48, 24)


def test_that_shifts_are_at_least_a_pixel_and_boxes_stay_inside() -> None:
    moved = spatial_starts(Box(0, 0, 5, 5), (6, 6))
    assert moved["right"].as_tuple() == (1, 0, 5, 5)
    assert moved["left"].as_tuple() == (0, 0, 5, 5)
    assert all(box.right <= 6 and box.bottom <= 6 for box in moved.values())


def test_that_tre_has_twenty_starts_from_the_first_to_the_last_possible_frame() -> None:
    chosen = temporal_starts(np.arange(100), 100)
    assert len(chosen) == 20
    assert (chosen[0], chosen[-1]) == (0, 80)
    # floor(1 + 81 / 19) is the 5th frame with a box
    assert chosen[1] == 4
    assert chosen[10] == 42  # floor(1 + 810 / 19) is the 43rd


def test_that_tre_passes_over_frames_without_a_box() -> None:
    usable = np.array([True, False, False, *[True] * 60])
    truth = np.tile([1.0, 1, 5, 5], (63, 1))
    found = starts(StartProtocol.TRE, truth, usable, (50, 50))
    assert {start.frame for start in found}.isdisjoint({1, 2})
    assert found[0].frame == 0


def test_that_ope_starts_at_the_first_true_box() -> None:
    truth = np.array([[np.nan] * 4, [3.0, 4, 5, 6]])
    (start,) = starts(StartProtocol.OPE, truth, [False, True], (50, 50))
    assert (start.name, start.frame, start.box) == ("", 1, Box(3, 4, 5, 6))
    with pytest.raises(ValueError, match="no frame"):
        starts(StartProtocol.OPE, truth, [False, False], (50, 50))


@given(st.integers(1, 300))
def test_that_tre_starts_are_distinct_ascending_and_leave_frames_to_track(length: int) -> None:
    chosen = temporal_starts(np.arange(length), length)
    assert chosen == sorted(set(chosen))
    assert 1 <= len(chosen) <= 20
    assert all(frame <= max(0, length - 20) for frame in chosen)
