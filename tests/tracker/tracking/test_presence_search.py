"""Looking for a target that is gone: where, and what is believed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.tracker.tracking.test_drift import losing
from tests.tracker.tracking.test_drift_features import SIZE
from tracker.annotation.evidence import Scores
from tracker.geometry import Box
from tracker.tracking.presence_search import Lookout, SearchConfig

CONFIG = SearchConfig()
SIDE = 100.0


def looked(
    count: int, since: int, config: SearchConfig = CONFIG, **unknown: float
) -> tuple[Lookout, list[bool]]:
    """A lookout after a run whose target is gone from a frame on, and where it said to search."""
    scores, boxes = losing(count, since)
    lookout = Lookout(SIZE, config)
    lookout.start(Scores(*scores[0]), Box(*boxes[0]))
    rows = zip(scores[1:], boxes[1:], strict=True)
    return lookout, [lookout.step(replace(Scores(*row), **unknown), Box(*box)) for row, box in rows]


def test_that_nothing_is_searched_before_the_target_is_gone() -> None:
    _, said = looked(80, since=50)
    assert not any(said[:49])
    assert all(said[60:])


def test_that_the_place_is_the_last_sure_one() -> None:
    lookout, _ = looked(80, since=50)
    _, boxes = losing(80, since=50)
    # Running means follow a few frames behind, so that one or two bad boxes may still have seemed sure.
    assert min(np.hypot(*(np.array(lookout.place.as_tuple())[:2] - box[:2])) for box in boxes[46:53]) < 1e-6


def test_that_windows_go_farther_out_with_time_and_not_beyond_the_frame() -> None:
    ways = []
    for count in (60, 64, 120):
        lookout = looked(count, since=50, config=replace(CONFIG, windows=5))[0]
        windows = sorted(lookout.windows(SIDE), key=lambda window: window.centre)
        assert all(0 <= x <= SIZE[0] and 0 <= y <= SIZE[1] for x, y in (window.centre for window in windows))
        assert {window.width for window in windows} == {SIDE}
        assert len({window.centre for window in windows}) == 5
        ways.append(windows[-1].centre[0] - windows[2].centre[0])
    assert ways == sorted(ways)
    assert ways[-1] <= CONFIG.farthest * SIDE + 1e-9


@pytest.mark.parametrize(
    ("peak", "quality", "likeness", "in_hand", "is_believed"),
    [
        (0.6, 0.8, 0.7, 0.1, True),
        (0.3, 0.8, 0.7, 0.1, False),
        (0.6, 0.4, 0.7, 0.1, False),
        (0.6, 0.8, 0.3, 0.1, False),
        (0.6, 0.8, 0.7, 0.55, False),
        (0.6, float("nan"), 0.7, 0.1, False),
    ],
)
def test_that_a_find_must_convince_in_every_way(
    peak: float, quality: float, likeness: float, in_hand: float, is_believed: bool
) -> None:
    lookout, _ = looked(80, since=50)
    assert lookout.is_convincing(peak, quality, likeness, in_hand) is is_believed


def test_that_a_found_target_is_visible_again() -> None:
    lookout, _ = looked(80, since=50)
    lookout.found()
    scores, boxes = losing(10, since=10)
    assert not lookout.step(Scores(*scores[-1]), Box(*boxes[-1]))


def test_that_a_model_without_quality_and_likeness_cannot_recognise_a_target() -> None:
    _, said = looked(80, since=50, quality=float("nan"), likeness=float("nan"))
    assert not any(said)


def test_that_all_windows_have_their_turn() -> None:
    lookout, _ = looked(80, since=50)
    scores, boxes = losing(120, since=50)
    seen = set()
    for row, box in zip(scores[80:85], boxes[80:85], strict=True):
        lookout.step(Scores(*row), Box(*box))
        (window,) = lookout.windows(SIDE)
        x, y = window.centre
        seen.add((np.sign(x - lookout.place.centre[0]), np.sign(y - lookout.place.centre[1])))
    assert len(seen) == 5


def test_that_nothing_is_searched_while_what_is_in_hand_is_as_good_as_usual() -> None:
    lookout, _ = looked(80, since=50)
    scores, boxes = losing(81, since=50)
    assert lookout.step(Scores(*scores[-1]), Box(*boxes[-1]))
    assert not lookout.step(replace(Scores(*scores[-1]), peak=Scores(*scores[1]).peak), Box(*boxes[-1]))
