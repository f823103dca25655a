"""The reviewer on a session: risks of what the stub has tracked, the queue, accepting."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.review import Reviewer, stretch_of
from tests.app.conftest import Driver
from tests.app.stubs import BOX, LENGTH
from tracker.annotation.review import Entry
from tracker.annotation.track import Presence, Provenance
from tracker.tracking.drift import DriftModel
from tracker.tracking.lesson_book import lessons_folder
from tracker.tracking.presence import Hidden


@pytest.fixture
def reviewer(driver: Driver) -> Reviewer:
    reviewer = Reviewer(driver.session)
    driver.draw()
    driver.run()
    settle(driver, reviewer)
    return reviewer


def settle(driver: Driver, reviewer: Reviewer) -> None:
    driver.until(lambda: reviewer.is_settled and reviewer.estimate() is not None)


def doubt(monkeypatch: pytest.MonkeyPatch, values: dict[int, float]) -> None:
    """Let the model say what the test wants, by row of its stretch."""

    def probability(_: DriftModel, features: np.ndarray) -> np.ndarray:
        risk = np.full(len(features), 0.01)
        for row, value in values.items():
            if row < len(risk):
                risk[row] = value
        return risk

    monkeypatch.setattr(DriftModel, "probability", probability)


def test_that_all_tracked_frames_get_a_risk_and_anchors_none(reviewer: Reviewer) -> None:
    risk = reviewer.risk(1)
    assert risk is not None
    assert np.isnan(risk[0])
    assert ((risk[1:] >= 0) & (risk[1:] <= 1)).all()
    found = reviewer.estimate()
    assert found is not None
    assert (found.frames, found.reviewed) == (LENGTH, 1)
    peak = reviewer.course("peak")
    assert peak is not None
    assert peak[5] == pytest.approx(0.8)


def test_walking_the_queue_and_accepting(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    doubt(monkeypatch, {4: 0.6, 5: 0.9, 6: 0.5, 20: 0.4})
    reviewer = Reviewer(driver.session)
    track = driver.draw()
    driver.run()
    settle(driver, reviewer)
    assert reviewer.entries() == [Entry(5, 4, 7, 0.9), Entry(20, 20, 21, 0.4)]
    reviewer.go(1)
    assert driver.session.frame == 5
    reviewer.go(1)
    assert driver.session.frame == 20
    reviewer.go(1)
    assert driver.session.frame == 20
    assert driver.notes[-1] == "No doubtful frame further on"
    reviewer.go(-1)
    reviewer.accept_stretch()
    assert np.flatnonzero(track.frames.reviewed).tolist() == [4, 5, 6]
    assert driver.session.frame == 20
    driver.session.undo()
    assert not track.frames.reviewed.any()
    driver.session.redo()
    settle(driver, reviewer)
    assert reviewer.entries() == [Entry(20, 20, 21, 0.4)]
    driver.go_to(5)
    reviewer.take_back()
    assert not track.frames.reviewed.any()


def test_that_all_frames_up_to_here_are_accepted(driver: Driver, reviewer: Reviewer) -> None:
    track = driver.session.track
    assert track is not None
    driver.go_to(9)
    reviewer.accept_up_to()
    assert np.flatnonzero(track.frames.reviewed).tolist() == list(range(1, 10))
    driver.go_to(12)
    reviewer.accept_frame()
    assert np.flatnonzero(track.frames.reviewed).tolist() == [*range(1, 10), 12]
    reviewer.accept_frame()
    assert driver.notes[-1] == "Nothing here waits to be accepted"


def test_that_a_corrected_frame_leaves_the_queue(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    doubt(monkeypatch, {5: 0.9})
    reviewer = Reviewer(driver.session)
    driver.draw()
    driver.run()
    settle(driver, reviewer)
    doubt(monkeypatch, {})
    driver.session.move_box(1, BOX.moved(3, 3), 5)
    settle(driver, reviewer)
    assert reviewer.entries() == []


def test_that_where_two_runs_part_is_doubtful_however_sure_each_is(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubt(monkeypatch, {})
    reviewer = Reviewer(driver.session)
    track = driver.draw()
    driver.session.move_box(track.id, BOX.moved(0, 20), 9)
    driver.session.runs.audit()
    driver.until(lambda: not driver.session.is_running)
    settle(driver, reviewer)
    agreement, risk = reviewer.course("agreement"), reviewer.risk(track.id)
    assert agreement is not None
    assert risk is not None
    assert (agreement[1:9] < 0.7).all()
    assert risk[1:9] == pytest.approx(1 - agreement[1:9])
    assert reviewer.entries()
    assert not track.frames.reviewed.any()


def test_that_the_risks_are_there_again_after_reopening(
    driver: Driver, reviewer: Reviewer, clip: Path
) -> None:
    before = reviewer.risk(1)
    assert before is not None
    driver.session.close()
    assert reviewer.risk(1) is None
    driver.open(clip)
    settle(driver, reviewer)
    assert reviewer.risk(1) == pytest.approx(before, nan_ok=True)


def test_stretches() -> None:
    mask = np.array([True, True, False, True])
    assert stretch_of(mask, 0) == (0, 2)
    assert stretch_of(mask, 2) == (2, 2)
    assert stretch_of(mask, 3) == (3, 4)
    assert stretch_of(np.ones(3, np.bool_), 1) == (0, 3)


def test_that_a_lost_target_is_offered_and_written_only_when_the_user_says_so(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    span = Hidden(6, 12, Presence.ABSENT)
    monkeypatch.setattr("tracker.tracking.track_risk.hidden_spans", lambda *_: [span])
    reviewer = Reviewer(driver.session)
    track = driver.draw()
    driver.run()
    settle(driver, reviewer)
    assert reviewer.hidden() == [span]
    assert (track.frames.provenance[6:12] == Provenance.TRACKED).all()
    reviewer.mark_hidden(span, Presence.ABSENT)
    assert (track.frames.presence[6:12] == Presence.ABSENT).all()
    assert not track.frames.has_box[6:12].any()
    assert reviewer.hidden() == []
    driver.session.undo()
    assert reviewer.hidden() == [span]
    reviewer.mark_hidden(span, Presence.VISIBLE)
    assert track.frames.reviewed[6:12].all()
    assert track.frames.has_box[6:12].all()
    assert reviewer.hidden() == []


def test_that_reviews_teach_and_can_be_forgotten(driver: Driver, reviewer: Reviewer) -> None:
    assert reviewer.lessons == 0
    driver.go_to(10)
    driver.session.move_box(1, BOX.moved(20, 0), 10)
    driver.until(lambda: reviewer.lessons == 1)
    driver.go_to(20)
    reviewer.accept_frame()
    driver.until(lambda: reviewer.lessons == 2)
    (file,) = lessons_folder().iterdir()
    driver.session.undo()
    driver.until(lambda: reviewer.lessons == 1)
    driver.session.undo()
    driver.until(lambda: reviewer.lessons == 0)
    assert not file.exists()
    driver.session.redo()
    driver.until(lambda: reviewer.lessons == 1)
    reviewer.forget_lessons()
    assert reviewer.lessons == 0
