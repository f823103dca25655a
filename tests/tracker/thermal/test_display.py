from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.thermal.display import Span, lookup_table, measure_span, to_display


def test_that_8_bit_counts_are_shown_as_they_are() -> None:
    counts = np.arange(256, dtype=np.uint8).reshape(16, 16)
    span = measure_span([counts])
    assert span == Span(0, 255)
    assert to_display(counts, span) is counts


def test_that_16_bit_counts_use_the_whole_range_of_grays_and_hot_is_white() -> None:
    counts = np.linspace(30000, 31000, 64 * 64).reshape(64, 64).astype(np.uint16)
    shown = to_display(counts, measure_span([counts]))
    assert shown.dtype == np.uint8
    assert shown[0, 0] == 0
    assert shown[-1, -1] == 255
    assert (np.diff(shown.reshape(-1).astype(int)) >= 0).all()


def test_that_a_few_hot_pixels_do_not_darken_everything_else() -> None:
    counts = np.full((64, 64), 8000, np.uint16)
    counts[:, :32] = 8200
    counts[0, 0] = 65535
    span = measure_span([counts])
    assert span.high < 8300


def test_that_the_span_is_of_all_frames_together() -> None:
    frames = [np.full((8, 8), value, np.uint16) for value in (1000, 2000, 3000)]
    span = measure_span(frames)
    assert (span.low, span.high) == (1000, 3000)


def test_that_a_flat_frame_has_a_span_that_can_be_divided_by() -> None:
    span = measure_span([np.full((8, 8), 5, np.uint16)])
    assert span.high > span.low


def test_that_colour_keeps_its_shape() -> None:
    counts = np.zeros((4, 5, 3), np.uint16)
    assert to_display(counts, Span(0, 100)).shape == (4, 5, 3)


def test_that_counts_are_not_altered() -> None:
    counts = np.full((4, 4), 500, np.uint16)
    counts.setflags(write=False)
    to_display(counts, Span(0, 1000))
    assert (counts == 500).all()


@settings(max_examples=40)
@given(st.floats(0, 60000), st.floats(1, 60000))
def test_that_no_span_makes_a_table_that_falls_or_leaves_the_range(low: float, width: float) -> None:
    table = lookup_table(Span(low, low + width), 65536)
    assert (np.diff(table.astype(int)) >= 0).all()
    assert table[0] == pytest.approx(max(0, -low * 255 / width), abs=1)
