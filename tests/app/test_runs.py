"""Tracking runs of several targets, and what becomes of a target that is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.run_merging import Merged
from app.run_words import listed
from app.settings import Settings
from tests.app.conftest import Driver, MakeDriver
from tests.app.stubs import BOX, LENGTH, StubTracker, write_clip
from tracker.annotation.edits import SetTrackInfo
from tracker.annotation.evidence import Scores
from tracker.annotation.track import Presence, Provenance, Track
from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.tracking.tracker import Result

LOWER = Box(4, 28, 10, 12)


def two(driver: Driver) -> tuple[Track, Track]:
    """Two tracks with a box on the first frame."""
    return driver.draw(BOX), driver.draw(LOWER)


def run_all(driver: Driver, direction: int = 1) -> None:
    with driver.qtbot.waitSignal(driver.session.runs.controller.ended):
        driver.session.runs.start_all(direction)


def start_all(driver: Driver, reach: int) -> None:
    """Begin to track all, and wait until all of them have come to a frame."""
    driver.session.runs.start_all(1)
    driver.until(lambda: reached(driver) >= reach)


def reached(driver: Driver) -> int:
    spans = [proposal.span() for proposal in driver.session.runs.controller.proposals.values()]
    return min((-1 if span is None else span[1] - 1 for span in spans), default=-1)


def said(track: Track) -> list[int]:
    return [int(frame) for frame in np.flatnonzero(track.frames.is_said)]


def test_that_all_targets_are_tracked_as_one_step(driver: Driver) -> None:
    first, second = two(driver)
    before = [track.frames.copy() for track in (first, second)]
    steps = driver.session.undo_stack.count()
    run_all(driver)
    assert driver.session.undo_stack.count() == steps + 1
    assert first.at(9).box == BOX.moved(9, 0)
    assert second.at(LENGTH - 1).box == LOWER.moved(LENGTH - 1, 0)
    driver.session.undo()
    assert [track.frames for track in (first, second)] == before
    driver.session.redo()
    assert said(first) == said(second) == list(range(LENGTH))
    assert driver.session.document is not None
    assert not driver.session.document.proposals
    assert "of 2 targets" in driver.notes[-1]


def test_that_all_targets_are_tracked_backward(driver: Driver) -> None:
    driver.go_to(12)
    first, second = two(driver)
    run_all(driver, -1)
    assert said(first) == said(second) == list(range(13))


def test_that_only_targets_with_a_box_here_that_are_shown_and_not_locked_are_tracked(driver: Driver) -> None:
    first, second = two(driver)
    hidden, locked = driver.draw(BOX.moved(9, 0)), driver.draw(BOX.moved(12, 3))
    driver.go_to(5)
    elsewhere = driver.draw(BOX.moved(15, 0))
    driver.go_to(0)
    driver.session.set_hidden(hidden.id, True)
    driver.session.do(SetTrackInfo(locked.id, "locked", locked.colour, (), locked=True))
    run_all(driver)
    assert len(said(first)) == len(said(second)) == LENGTH
    assert said(hidden) == said(locked) == [0]
    assert said(elsewhere) == [5]


def test_that_the_tracks_chosen_in_the_list_are_tracked_alone(driver: Driver) -> None:
    first, second = two(driver)
    third = driver.draw(BOX.moved(9, 0))
    driver.session.choose(frozenset({first.id, third.id}))
    run_all(driver)
    assert len(said(first)) == len(said(third)) == LENGTH
    assert said(second) == [0]


def test_that_without_any_box_here_it_is_said_what_to_do(driver: Driver) -> None:
    two(driver)
    driver.go_to(8)
    driver.session.runs.start_all(1)
    assert "has a box on frame 8" in driver.errors[0].message
    assert not driver.session.is_running


def test_that_each_target_stops_before_its_own_next_anchor(driver: Driver) -> None:
    first, second = two(driver)
    driver.session.move_box(first.id, BOX, 6)
    driver.go_to(0)
    run_all(driver)
    assert said(first) == list(range(7))
    assert first.anchors().tolist() == [0, 6]
    assert said(second) == list(range(LENGTH))


def test_that_stopping_stops_all_and_keeps_what_was_found(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=8))
    driver.open(clip)
    first, second = two(driver)
    start_all(driver, reach=4)
    driver.stop()
    assert not driver.session.is_running
    assert said(first)[:5] == said(second)[:5] == list(range(5))
    assert len(said(first)) < LENGTH


def test_that_the_preview_has_all_targets_and_the_evidence_of_the_selected_one(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(StubTracker(allowed=8), Settings(follow=False))
    driver.open(clip)
    first, second = two(driver)
    start_all(driver, reach=4)
    driver.go_to(3)
    assert {proposal.track_id for proposal in driver.session.runs.proposals()} == {first.id, second.id}
    for track, box in ((first, BOX), (second, LOWER)):
        proposal = driver.session.runs.proposal_of(track.id)
        assert proposal is not None
        assert proposal.frames.box(3) == box.moved(3, 0)
        driver.session.select(track.id)
        evidence = driver.session.evidence()
        assert evidence is not None
        assert evidence.search_region.centre == box.moved(3, 0).centre


def test_that_a_corrected_target_goes_on_from_there_and_the_others_from_where_they_were(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(StubTracker(allowed=12))
    driver.open(clip)
    first, second = two(driver)
    start_all(driver, reach=6)
    driver.session.move_box(first.id, BOX.moved(0, 20), 3)
    driver.tracker.more()
    driver.until(lambda: len(driver.tracker.starts) == 4 and not driver.session.is_running)
    assert first.anchors().tolist() == [0, 3]
    assert first.at(2).box == BOX.moved(2, 0)
    assert first.at(5).box == BOX.moved(2, 20)  # what the first run had found here was dropped
    assert second.anchors().tolist() == [0]
    assert [second.at(frame).box for frame in range(LENGTH)] == [LOWER.moved(i, 0) for i in range(LENGTH)]
    assert said(first) == list(range(LENGTH))
    assert driver.session.selected == first.id
    assert driver.errors == []


def test_that_a_target_that_had_ended_is_not_tracked_again_by_a_correction_of_another(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(StubTracker(allowed=12))
    driver.open(clip)
    first, second = two(driver)
    driver.session.move_box(second.id, LOWER, 3)
    driver.go_to(0)
    driver.session.runs.start_all(1)
    driver.until(lambda: driver.reached() >= 6)
    driver.session.move_box(first.id, BOX.moved(0, 20), 5)
    driver.tracker.more()
    driver.until(lambda: len(driver.tracker.starts) == 3 and not driver.session.is_running)
    assert said(second) == [0, 1, 2, 3]
    assert said(first) == list(range(LENGTH))


def test_that_undo_of_a_touched_track_ends_the_run_before(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=8))
    driver.open(clip)
    first, second = two(driver)
    start_all(driver, reach=3)
    with driver.qtbot.waitSignal(driver.session.runs.controller.ended):
        driver.session.undo()  # the run itself, once it is over
        driver.tracker.more(2)
    assert said(first) == said(second) == [0]


def test_that_an_edit_of_a_track_that_is_not_followed_leaves_the_run_alone(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(StubTracker(allowed=8))
    driver.open(clip)
    two(driver)
    start_all(driver, reach=3)
    third = driver.draw(BOX.moved(20, 0))
    driver.session.move_box(third.id, BOX.moved(20, 1))
    assert driver.session.is_running


def test_that_what_was_left_out_of_all_targets_can_be_replaced_in_one_step(driver: Driver) -> None:
    merged: list[Merged] = []
    driver.session.runs.leftOut.connect(merged.append)
    first, second = two(driver)
    run_all(driver)
    for track, box in ((first, BOX), (second, LOWER)):
        driver.session.move_box(track.id, box.moved(0, -2), 10)
    driver.go_to(10)
    run_all(driver)
    assert [each.left_out for each in merged] == [2 * (LENGTH - 11)]
    steps = driver.session.undo_stack.count()
    driver.session.runs.replace_with(merged[0].proposals)
    assert driver.session.undo_stack.count() == steps + 1
    assert first.at(12).box == BOX.moved(2, -2)
    assert second.at(12).box == LOWER.moved(2, -2)


def test_that_a_run_that_was_killed_offers_every_shown_frame_of_all_targets(
    make_driver: MakeDriver, clip: Path, tmp_path: Path
) -> None:
    driver = make_driver(StubTracker(allowed=8))
    driver.open(clip)
    two(driver)
    start_all(driver, reach=4)
    assert driver.session.project is not None
    shown = {
        track_id: np.flatnonzero(proposal.frames.is_said).tolist()
        for track_id, proposal in driver.session.runs.controller.proposals.items()
    }
    left = tmp_path / "left.thermark"
    driver.session.project.save_as(left)  # what a killed program leaves on the disk
    again = make_driver()
    again.open(clip, left)
    pending = again.session.runs.pending()
    assert {proposal.track_id for proposal in pending} == {1, 2}
    for proposal in pending:
        kept = np.flatnonzero(proposal.frames.is_said).tolist()
        assert kept[: len(shown[proposal.track_id])] == shown[proposal.track_id]
    assert again.session.frame >= 4
    again.session.runs.accept_pending()
    assert again.session.runs.pending() == []
    assert again.session.undo_stack.count() == 1
    assert again.session.document is not None
    for track in again.session.document.tracks.values():
        assert said(track)[: len(shown[track.id])] == shown[track.id]


def leave_proposals(driver: Driver, tracks: tuple[int, ...]) -> None:
    """As if runs had been killed: for each of these tracks, one that has three frames more than the one before."""
    project = driver.session.project
    assert project is not None
    for number, track_id in enumerate(tracks):
        proposal = project.begin_proposal(track_id, 0, 1, "stub-1")
        with project.writer(proposal.id) as writer:
            state = replace(project.document.tracks[track_id].at(0), provenance=Provenance.TRACKED)
            for frame in range(3 * (number + 1)):
                writer.write(frame, state)
        project.load_proposal(proposal.id)


def test_that_several_runs_cut_short_on_one_track_are_all_taken_over(driver: Driver) -> None:
    first, second = two(driver)
    leave_proposals(driver, (first.id, second.id, first.id))
    driver.session.runs.accept_pending()
    assert driver.session.runs.pending() == []
    assert said(first) == list(range(9))
    assert said(second) == list(range(6))


def test_that_runs_cut_short_are_thrown_away_in_one_step_that_undo_takes_back(driver: Driver) -> None:
    first, second = two(driver)
    leave_proposals(driver, (first.id, second.id))
    driver.session.runs.discard_pending()
    assert driver.session.runs.pending() == []
    assert said(first) == said(second) == [0]
    driver.session.undo()
    assert {proposal.track_id for proposal in driver.session.runs.pending()} == {first.id, second.id}


class Losing(StubTracker):
    """The target that begins higher up stays where it is, and its evidence collapses after 30 frames."""

    def update(self, frame: Counts) -> Result:
        result = super().update(frame)
        good, poor = Scores(0.7, 40.0, 90.0, 0.1, 0.05), Scores(0.05, 4.0, 5.0, 0.9, 1.5)
        is_lost = result.box.y == BOX.y and result.box.x - BOX.x >= 30
        evidence = replace(result.evidence, scores=poor if is_lost else good)
        return replace(result, box=Box(BOX.x, *result.box.as_tuple()[1:]), evidence=evidence)


@pytest.fixture
def long_clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "media" / "long", 90)


def test_that_a_run_that_lost_a_target_shows_the_first_frame_without_it(
    make_driver: MakeDriver, long_clip: Path
) -> None:
    driver = make_driver(Losing(), Settings(lost_for=10))
    driver.open(long_clip)
    first, second = two(driver)
    run_all(driver)
    last = said(first)[-1]
    assert 40 < last < 80
    assert said(second)[-1] == 89
    assert driver.session.frame == last - 9
    assert driver.session.selected == first.id
    assert f"track 1 on frame {last - 9}" in driver.notes[-1]
    assert first.at(last).presence is Presence.VISIBLE  # that it is hidden is for the user to say


def test_that_stopping_by_hand_tells_who_was_lost_and_stays(make_driver: MakeDriver, long_clip: Path) -> None:
    driver = make_driver(Losing(allowed=140), Settings(lost_for=10, follow=False))
    driver.open(long_clip)
    first, second = two(driver)
    driver.session.runs.start_all(1)
    driver.until(lambda: progress(driver, second) > 75)
    driver.stop()
    assert driver.session.frame == 0
    assert driver.session.selected == second.id
    assert driver.notes[-1].startswith(f"Target lost: track {first.id}")


def progress(driver: Driver, track: Track) -> int:
    proposal = driver.session.runs.proposal_of(track.id)
    span = None if proposal is None else proposal.span()
    return -1 if span is None else span[1] - 1


def test_that_a_run_waits_for_a_lost_target_unless_told_otherwise(
    make_driver: MakeDriver, long_clip: Path
) -> None:
    driver = make_driver(Losing())
    driver.open(long_clip)
    track = driver.draw()
    driver.run()
    assert said(track)[-1] == 89


def test_that_tracks_are_listed_as_one_would_say_it() -> None:
    assert listed([3]) == "track 3"
    assert listed([3, 1, 3]) == "tracks 1 and 3"
    assert listed([5, 1, 2]) == "tracks 1, 2 and 5"
