"""After a freeze a target is looked for near, on its way, and then all over the frame."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.geometry import Box
from tracker.tracking.sensor_search import WideSearch, distance_to_way

LAST = Box(90, 90, 20, 20)
SIZE = (320, 256)


def test_that_the_last_place_comes_first_where_the_target_stood_still() -> None:
    windows = WideSearch().windows(LAST, LAST.centre, 80.0, SIZE)
    assert windows[0].centre == LAST.centre
    away = [math.dist(window.centre, LAST.centre) for window in windows]
    assert away == sorted(away)
    assert {window.width for window in windows} == {80.0}


def test_that_both_ends_of_the_way_are_looked_at_early() -> None:
    windows = WideSearch().windows(LAST, (250.0, 100.0), 80.0, SIZE)
    for place in (LAST.centre, (250.0, 100.0)):
        assert min(math.dist(window.centre, place) for window in windows[:2]) < 10


@given(x=st.floats(0, 320), y=st.floats(0, 256), to_x=st.floats(-200, 600), to_y=st.floats(-200, 600))
def test_that_the_whole_frame_is_within_reach(x: float, y: float, to_x: float, to_y: float) -> None:
    last = Box.from_centre(x, y, 24, 24)
    windows = WideSearch().windows(last, (to_x, to_y), 96.0, SIZE)
    assert len(windows) <= WideSearch().most
    for place in ((0.0, 0.0), (319.0, 0.0), (160.0, 128.0), (319.0, 255.0)):
        assert min(math.dist(window.centre, place) for window in windows) <= 48 / math.sqrt(2) + 0.4 * 48


def test_that_likeness_and_the_expected_place_make_a_find_worth_more() -> None:
    search, expected = WideSearch(), (200.0, 100.0)
    there, behind = Box.from_centre(200, 100, 20, 20), LAST
    worth = search.worth(there, 0.4, 0.5, LAST, expected)
    assert worth > search.worth(behind, 0.4, 0.5, LAST, expected)
    assert worth > search.worth(there, 0.4, 0.3, LAST, expected)
    assert worth > search.worth(Box.from_centre(200, 250, 20, 20), 0.4, 0.5, LAST, expected)
    assert search.worth(there, -0.1, 0.5, LAST, expected) == 0
    assert search.worth(there, 0.4, math.nan, LAST, expected) > worth


def test_that_a_clear_find_far_off_beats_a_poor_one_at_hand() -> None:
    search = WideSearch()
    far, near = Box.from_centre(300, 200, 20, 20), LAST
    assert search.worth(far, 0.65, 0.7, LAST, LAST.centre) > search.worth(near, 0.1, 0.2, LAST, LAST.centre)


@pytest.mark.parametrize(
    ("place", "distance"), [((5, 3), 3), ((-4, 0), 4), ((13, 4), 5), ((10, 0), 0), ((0, 0), 0)]
)
def test_the_distance_to_a_way(place: tuple[float, float], distance: float) -> None:
    assert distance_to_way(place, (0, 0), (10, 0)) == pytest.approx(distance)


def test_that_a_way_may_be_a_place() -> None:
    assert distance_to_way((3, 4), (0, 0), (0, 0)) == 5
