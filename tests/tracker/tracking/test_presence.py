"""Whether a target can still be seen: hysteresis, and which way it went."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.tracking.test_drift import losing
from tests.tracker.tracking.test_drift_features import SIZE, steady
from tracker.annotation.evidence import Scores
from tracker.annotation.track import Presence
from tracker.geometry import Box
from tracker.tracking.drift_features import FEATURE_NAMES
from tracker.tracking.presence import (
    Hidden,
    PresenceConfig,
    PresenceJudge,
    Watch,
    hidden_spans,
    presences,
)

CONFIG = PresenceConfig()


def features(fall: float = 0.5, edge: float = 2.0) -> np.ndarray:
    """(F,) features of a frame whose peak has fallen, this far from the frame's edge."""
    row = np.zeros(len(FEATURE_NAMES))
    row[FEATURE_NAMES.index("peak_first")] = -fall
    row[FEATURE_NAMES.index("edge")] = edge
    return row


def judged(probabilities: list[float], row: np.ndarray | None = None) -> list[Presence]:
    rows = np.tile(features() if row is None else row, (len(probabilities), 1))
    return presences(np.array(probabilities), rows)


def test_that_a_target_is_gone_only_after_some_frames_in_a_row() -> None:
    one_less = [0.9] * (CONFIG.patience - 1)
    assert set(judged([*one_less, 0.1] * 5)) == {Presence.VISIBLE}
    assert judged([*one_less, 0.9])[-1] is Presence.OCCLUDED


def test_that_the_way_back_needs_a_lower_probability_than_the_way_out() -> None:
    between = (CONFIG.doubt + CONFIG.trust) / 2
    gone = [0.9] * CONFIG.patience
    assert judged([between] * 10)[-1] is Presence.VISIBLE
    assert judged(gone + [between] * 5)[-1] is Presence.OCCLUDED
    back = judged(gone + [0.1] * CONFIG.recovery)
    assert back[-2:] == [Presence.OCCLUDED, Presence.VISIBLE]


def test_that_a_hidden_target_is_lost_after_a_while() -> None:
    said = judged([0.9] * (CONFIG.patience + CONFIG.hidden_for + 3))
    assert said.count(Presence.OCCLUDED) == CONFIG.hidden_for
    assert said[-1] is Presence.ABSENT
    assert not said[-1].has_box


def test_that_a_target_that_goes_at_the_frames_edge_is_out_of_view() -> None:
    said = judged([0.9] * 40, features(edge=-0.3))
    assert said[-1] is Presence.OUT_OF_VIEW


def test_that_a_wrong_box_with_a_strong_response_is_no_hidden_target() -> None:
    assert judged([0.95] * 40, features(fall=0.0))[-1] is Presence.VISIBLE


@given(
    st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=60), st.lists(st.floats(-1, 1), max_size=60)
)
def test_that_judgements_hold_for_at_least_the_least_number_of_frames(
    risks: list[float], falls: list[float]
) -> None:
    judge = PresenceJudge()
    said = [judge.step(p, features(fall)) for p, fall in zip(risks, falls, strict=False)]
    changes = [
        i for i in range(1, len(said)) if (said[i] is Presence.VISIBLE) != (said[i - 1] is Presence.VISIBLE)
    ]
    assert all(b - a >= min(CONFIG.patience, CONFIG.recovery) for a, b in pairwise(changes))
    assert said[: CONFIG.patience - 1] == [Presence.VISIBLE] * len(said[: CONFIG.patience - 1])


def test_that_a_watch_follows_a_run_that_loses_its_target_and_finds_it_again() -> None:
    scores, boxes = steady(90)
    for part, bad in zip((scores, boxes), losing(90, since=40), strict=True):
        part[40:55] = bad[40:55]
    watch = Watch(SIZE)
    said = [watch.step(Scores(*row), Box(*box)) for row, box in zip(scores, boxes, strict=True)]
    assert {judgement.presence for judgement in said[:40]} == {Presence.VISIBLE}
    assert said[50].presence is Presence.OCCLUDED
    assert not said[50].is_lost
    assert said[-1].presence is Presence.VISIBLE
    assert said[50].probability > 0.5 > said[-1].probability


@pytest.mark.parametrize("presence", [Presence.OUT_OF_VIEW, Presence.ABSENT])
def test_that_a_target_without_a_box_is_lost(presence: Presence) -> None:
    row = features(edge=-0.5 if presence is Presence.OUT_OF_VIEW else 2.0)
    assert judged([0.9] * 60, row)[-1] is presence


def test_that_a_hidden_span_begins_and_ends_with_the_first_frames_that_speak_for_it() -> None:
    gone, config = 20, CONFIG
    risks = np.array([0.1] * 10 + [0.9] * gone + [0.1] * 10)
    rows = np.tile(features(), (len(risks), 1))
    assert hidden_spans(risks, rows, config) == [Hidden(10, 10 + gone, Presence.ABSENT)]
    left = np.tile(features(edge=-0.3), (len(risks), 1))
    assert hidden_spans(risks, left, config) == [Hidden(10, 10 + gone, Presence.OUT_OF_VIEW)]
    assert hidden_spans(risks[: 10 + gone], rows[: 10 + gone], config) == [
        Hidden(10, 10 + gone, Presence.ABSENT)
    ]
    assert hidden_spans(risks, np.tile(features(fall=0.0), (len(risks), 1)), config) == []
