"""The review queue on risks made up for it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tracker.annotation.review import Entry, estimate, next_entry, open_frames, queue
from tracker.annotation.track import Frames, FrameState, Provenance
from tracker.geometry import Box

ALL = np.ones(10, np.bool_)
RISKS = arrays(np.float64, st.integers(0, 60), elements=st.floats(0, 1) | st.just(float("nan")))


def test_that_the_worst_stretch_comes_first() -> None:
    risk = np.array([0.1, 0.2, 0.4, 0.3, 0.1, 0.0, 0.5, 0.9, 0.5, 0.44])
    assert queue(risk, ALL) == [Entry(7, 6, 9, 0.9), Entry(9, 9, 10, 0.44), Entry(2, 1, 4, 0.4),
                                Entry(0, 0, 1, 0.1), Entry(4, 4, 5, 0.1)]  # fmt: skip


def test_that_a_reviewed_frame_ends_a_stretch() -> None:
    is_open = ALL.copy()
    is_open[5] = False
    found = queue(np.full(10, 0.8), is_open)
    assert found == [Entry(0, 0, 5, 0.8), Entry(6, 6, 10, 0.8)]


@given(RISKS, st.data())
def test_that_every_doubtful_open_frame_is_in_exactly_one_stretch(
    risk: np.ndarray, data: st.DataObject
) -> None:
    is_open = data.draw(arrays(np.bool_, len(risk)))
    entries = queue(risk, is_open, least=0.2)
    times = np.zeros(len(risk), int)
    for entry in entries:
        times[entry.start : entry.stop] += 1
        inside = risk[entry.start : entry.stop]
        assert entry.risk == risk[entry.frame] == inside.max()
        assert (inside >= entry.risk / 2).all()
    doubtful = is_open & (np.nan_to_num(risk) >= 0.2)
    assert (times[doubtful] == 1).all()
    assert (times[~is_open | np.isnan(risk)] == 0).all()
    assert [entry.risk for entry in entries] == sorted((entry.risk for entry in entries), reverse=True)


def frames_of(provenance: list[Provenance]) -> Frames:
    frames = Frames.empty(len(provenance))
    for index, kind in enumerate(provenance):
        if kind is not Provenance.NONE:
            frames.put(index, FrameState(Box(1, 2, 3, 4), kind))
    return frames


def test_that_the_estimate_counts_what_nobody_has_looked_at() -> None:
    frames = frames_of([Provenance.MANUAL, *[Provenance.TRACKED] * 4, Provenance.NONE])
    found = estimate(np.array([0.9, 0.5, 0.25, np.nan, 0.0, 0.7]), frames)
    assert (found.frames, found.reviewed) == (5, 1)
    assert found.expected_wrong == pytest.approx(0.75)
    assert found.text == "1 of 5 frames reviewed, expected wrong: 15%"
    assert open_frames(frames).tolist() == [False, True, True, True, True, False]


def test_that_nothing_said_is_nothing_wrong() -> None:
    found = estimate(np.full(3, 0.5), Frames.empty(3))
    assert (found.frames, found.share_wrong) == (0, 0.0)


def test_walking_through_the_queue() -> None:
    entries = [Entry(7, 6, 9, 0.9), Entry(2, 1, 4, 0.4)]
    assert next_entry(entries, 0, 1) == entries[0]
    assert next_entry(entries, 7, 1) == entries[1]
    assert next_entry(entries, 2, 1) is None
    assert next_entry(entries, 2, -1) == entries[0]
    assert next_entry([], 2, 1) is None
