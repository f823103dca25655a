from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from app.widgets.timeline_columns import (
    UNSEEN,
    Bits,
    Columns,
    Mark,
    column_starts,
    frame_codes,
    frame_marks,
    reduce_columns,
    runs,
)
from app.widgets.timeline_review import SHOWN_FROM, risk_shades
from app.widgets.timeline_scale import Scale
from tracker.annotation.track import Frames, FrameState, Presence, Provenance
from tracker.geometry import Box

BOX = Box(1, 1, 4, 4)


@st.composite
def scales(draw: st.DrawFn) -> Scale:
    length = draw(st.integers(1, 400))
    scale = Scale(length, draw(st.integers(1, 90)))
    scale = scale.zoomed(draw(st.floats(0, scale.width)), draw(st.floats(1, 500)))
    return scale.panned(draw(st.floats(-1000, 1000)))


def random_marks(length: int, seed: int) -> Bits:
    return (1 << np.random.default_rng(seed).integers(0, 8, length)).astype(np.uint8)


def columns_of(scale: Scale, marks: Bits) -> Bits:
    return reduce_columns(marks, column_starts(scale.length, scale.start, scale.per_pixel, scale.width))


@settings(max_examples=150)
@given(scales(), st.integers(0, 9))
def test_that_a_column_shows_exactly_the_frames_that_begin_in_it_or_the_one_that_covers_it(
    scale: Scale, seed: int
) -> None:
    marks = random_marks(scale.length, seed)
    starts = column_starts(scale.length, scale.start, scale.per_pixel, scale.width)
    expected = []
    for first, stop in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        first = min(first, scale.length - 1)
        expected.append(int(np.bitwise_or.reduce(marks[first : max(stop, first + 1)])))
    assert columns_of(scale, marks).tolist() == expected


@settings(max_examples=150)
@given(st.integers(1, 3000), st.integers(1, 200), st.data())
def test_that_a_single_anchor_shows_however_long_the_clip(
    length: int, width: int, data: st.DataObject
) -> None:
    frame = data.draw(st.integers(0, length - 1))
    marks = np.full(length, Mark.TRACKED, np.uint8)
    marks[frame] = Mark.MANUAL
    columns = columns_of(Scale(length, width), marks)
    assert (columns & Mark.MANUAL).any()


@settings(max_examples=100)
@given(scales(), st.integers(0, 9))
def test_that_nothing_shows_that_no_shown_frame_says(scale: Scale, seed: int) -> None:
    marks = random_marks(scale.length, seed)
    first, stop = scale.shown()
    said = int(np.bitwise_or.reduce(marks[first:stop]))
    columns = columns_of(scale, marks)
    assert len(columns) == scale.width
    assert int(np.bitwise_or.reduce(columns)) & ~said == 0


@settings(max_examples=50)
@given(st.lists(st.booleans(), max_size=60))
def test_that_runs_cover_exactly_the_true_values(values: list[bool]) -> None:
    mask = np.array(values, bool)
    covered = np.zeros(len(values), bool)
    spans = runs(mask).tolist()
    for start, stop in spans:
        assert start < stop
        covered[start:stop] = True
    assert (covered == mask).all()
    assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_that_a_frame_shows_its_provenance_and_its_presence() -> None:
    frames = Frames.empty(5)
    frames.put(1, FrameState(BOX, Provenance.MANUAL))
    frames.put(2, FrameState(BOX, Provenance.TRACKED, Presence.OCCLUDED))
    frames.put(3, FrameState(None, Provenance.MANUAL, Presence.ABSENT))
    frames.put(4, FrameState(None, Provenance.IMPORTED, Presence.OUT_OF_VIEW))
    assert [Mark(value) for value in frame_marks(frames).tolist()] == [
        Mark.EMPTY,
        Mark.MANUAL,
        Mark.TRACKED | Mark.OCCLUDED,
        Mark.MANUAL | Mark.ABSENT,
        Mark.OUT_OF_VIEW,
    ]


@settings(max_examples=150)
@given(scales(), st.integers(0, 9))
def test_that_the_worst_frame_of_a_column_decides(scale: Scale, seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 66, scale.length).astype(np.uint8)
    starts = column_starts(scale.length, scale.start, scale.per_pixel, scale.width)
    firsts = np.minimum(starts[:-1], scale.length - 1).tolist()
    expected = [
        int(values[first : max(stop, first + 1)].max())
        for first, stop in zip(firsts, starts[1:].tolist(), strict=True)
    ]
    assert Columns.of(starts, scale.length).highest(values).tolist() == expected


@given(st.lists(st.integers(0, 40), min_size=2, max_size=9), st.integers(0, 9))
def test_that_columns_of_very_different_width_are_exact_too(widths: list[int], seed: int) -> None:
    starts = np.concatenate([[0], np.cumsum(widths)])
    marks = random_marks(max(int(starts[-1]), 1), seed)
    expected = []
    for first, stop in pairwise(starts.tolist()):
        first = min(first, len(marks) - 1)
        expected.append(int(np.bitwise_or.reduce(marks[first : max(stop, first + 1)])))
    assert reduce_columns(marks, starts).tolist() == expected


def test_that_a_column_is_looked_at_only_where_all_of_its_frames_are() -> None:
    frames = Frames.empty(6)
    frames.put(slice(0, 5), FrameState(BOX, Provenance.TRACKED))
    frames.put(1, FrameState(BOX, Provenance.MANUAL))
    frames.reviewed[:3] = True
    codes = frame_codes(frames)
    assert (codes & UNSEEN != 0).tolist() == [False, False, False, True, True, True]
    columns = reduce_columns(codes, np.array([0, 2, 4, 6]))
    assert (columns & UNSEEN != 0).tolist() == [False, True, True]


@given(st.lists(st.one_of(st.floats(0, 1), st.just(float("nan"))), min_size=1, max_size=30))
def test_that_shades_keep_the_order_of_risks_and_a_small_risk_has_none(risks: list[float]) -> None:
    risk = np.array(risks, np.float32)
    shades = risk_shades(risk)
    known = np.nan_to_num(risk, nan=0.0)
    assert ((shades == 0) == (known < np.float32(SHOWN_FROM))).all()
    assert (np.diff(shades[np.argsort(known)].astype(int)) >= 0).all()
