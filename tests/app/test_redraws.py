"""How often the window redraws while it tracks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.run_controller import REDRAW_MS, WINDOW_SHARE, redraw_interval

LEAST, MOST = REDRAW_MS


@given(st.floats(0, 10))
def test_that_drawing_takes_no_more_than_its_share_of_the_time(cost_s: float) -> None:
    interval = redraw_interval(cost_s)
    assert LEAST <= interval <= MOST
    if interval < MOST:
        assert 1000 * cost_s <= WINDOW_SHARE * (interval + 1)


def test_that_a_cheap_window_redraws_at_full_rate() -> None:
    assert redraw_interval(0.0) == LEAST
    assert redraw_interval(1.0) == MOST
