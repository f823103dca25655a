from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.thermal.agc import Rectangle
from tracker.thermal.display import Counts, Span
from tracker.thermal.target_span import KNOT, REACH, TargetSpans, knots

LENGTH = 200
CLIP = Span(0.0, 65535.0)
BOX = (20.0, 20.0, 10.0, 10.0)


def read(frame: int) -> Counts:
    """A scene that becomes warmer by 10 counts a frame."""
    y, x = np.mgrid[:60, :80]
    return np.asarray(1000 + 10 * frame + x + y, np.uint16)


def always(_frame: int, _reach: int) -> Rectangle | None:
    return BOX


def span_at(spans: TargetSpans, frame: int) -> Span:
    return spans.span(knots(frame, LENGTH, always), read)


@given(st.integers(1, 5000), st.data())
def test_that_the_shares_of_the_knots_make_one(length: int, data: st.DataObject) -> None:
    frame = data.draw(st.integers(0, length - 1))
    parts = knots(frame, length, always)
    assert sum(part.weight for part in parts) == pytest.approx(1)
    assert all(0 <= part.frame < length and abs(part.frame - frame) <= KNOT for part in parts)


@given(st.lists(st.integers(0, LENGTH - 1), min_size=1, max_size=30))
def test_that_a_frame_looks_the_same_whatever_was_looked_at_before(path: list[int]) -> None:
    scrubbed = TargetSpans(CLIP, 0.5, 1.5)
    for frame in path:
        assert span_at(scrubbed, frame) == span_at(TargetSpans(CLIP, 0.5, 1.5), frame)


def test_that_the_span_follows_the_scene_without_jumps() -> None:
    spans = TargetSpans(CLIP, 0.5, 1.5)
    lows = [span_at(spans, frame).low for frame in range(LENGTH)]
    assert np.diff(lows) == pytest.approx(np.full(LENGTH - 1, 10.0), abs=0.01)


def test_that_one_odd_frame_between_knots_changes_nothing() -> None:
    spans = TargetSpans(CLIP, 0.5, 1.5)
    flash = KNOT + 5

    def flashing(frame: int) -> Counts:
        return read(frame) + np.uint16(9000 if frame == flash else 0)

    assert spans.span(knots(flash, LENGTH, always), flashing) == span_at(TargetSpans(CLIP, 0.5, 1.5), flash)


def test_that_far_from_any_box_the_clip_decides_and_the_way_there_is_gradual() -> None:
    def early(frame: int, reach: int) -> Rectangle | None:
        return BOX if frame <= reach else None

    spans = TargetSpans(CLIP, 0.5, 1.5)
    found = [spans.span(knots(frame, LENGTH, early), read).high for frame in range(LENGTH)]
    assert found[REACH + KNOT] == CLIP.high
    assert found[REACH] < 2000
    assert (np.diff(found[REACH : REACH + KNOT + 1]) > 0).all()


def test_that_knots_are_measured_once() -> None:
    seen = []

    def counted(frame: int) -> Counts:
        seen.append(frame)
        return read(frame)

    spans = TargetSpans(CLIP, 0.5, 1.5)
    for frame in range(3 * KNOT):
        spans.span(knots(frame, LENGTH, always), counted)
    assert seen == [0, KNOT, 2 * KNOT, 3 * KNOT]
