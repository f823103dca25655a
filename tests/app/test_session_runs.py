"""Runs of the tracker in a session: what they write, how they stop, and what may happen meanwhile."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.run_merging import Merged
from app.settings import Settings
from tests.app.conftest import Driver, MakeDriver
from tests.app.stubs import BOX, LENGTH, StubTracker
from tracker.annotation.track import Presence, Provenance


def provenance(driver: Driver) -> list[int]:
    track = driver.session.track
    assert track is not None
    return [int(value) for value in track.frames.provenance]


def test_that_a_run_fills_the_clip_as_one_undo_step(driver: Driver) -> None:
    track = driver.draw()
    driver.run()
    assert provenance(driver) == [Provenance.MANUAL] + [Provenance.TRACKED] * (LENGTH - 1)
    assert track.at(9).box == BOX.moved(9, 0)
    assert track.at(9).model == "stub-1"
    assert driver.session.document is not None
    assert not driver.session.document.proposals
    driver.session.undo()
    assert provenance(driver) == [Provenance.MANUAL] + [Provenance.NONE] * (LENGTH - 1)
    assert not driver.session.document.proposals
    driver.session.redo()
    assert track.at(LENGTH - 1).box == BOX.moved(LENGTH - 1, 0)


def test_that_a_backward_run_ends_at_the_first_frame(driver: Driver) -> None:
    driver.go_to(10)
    driver.draw()
    driver.run(-1)
    said = np.flatnonzero(provenance(driver))
    assert said.tolist() == list(range(11))


def test_that_a_run_stops_before_the_next_anchor(driver: Driver) -> None:
    track = driver.draw()
    driver.session.move_box(track.id, BOX, 8)
    driver.go_to(0)
    driver.run()
    assert np.flatnonzero(provenance(driver)).tolist() == list(range(9))
    assert track.anchors().tolist() == [0, 8]


def test_that_a_stopped_run_keeps_what_it_has_tracked(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=5))
    driver.open(clip)
    driver.draw()
    driver.start(reach=5)
    driver.stop()
    said = np.flatnonzero(provenance(driver)).tolist()
    assert said in (list(range(6)), list(range(7)))
    assert not driver.session.is_running


def test_that_tracking_on_after_a_correction_starts_there_and_alters_no_anchor(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(settings=Settings(merge_mode="REPLACE_MACHINE"))
    driver.open(clip)
    track = driver.draw()
    driver.run()
    driver.session.move_box(track.id, BOX.moved(0, 20), 10)
    driver.run()
    assert driver.tracker.starts[-1] == BOX.moved(0, 20)
    assert track.at(0).box == BOX
    assert track.at(9).box == BOX.moved(9, 0)
    assert track.at(10).provenance is Provenance.MANUAL
    assert track.at(12).box == BOX.moved(2, 20)


def test_that_gaps_are_filled_and_what_was_left_out_can_be_replaced(driver: Driver) -> None:
    merged: list[Merged] = []
    driver.session.runs.leftOut.connect(merged.append)
    track = driver.draw()
    driver.run(until=5)
    driver.session.move_box(track.id, BOX.moved(0, 20), 3)
    driver.run()
    assert track.at(4).box == BOX.moved(4, 0)
    assert track.at(6).box == BOX.moved(3, 20)
    assert [each.left_out for each in merged] == [2]
    driver.session.runs.replace_with(merged[0].proposals)
    assert track.at(4).box == BOX.moved(1, 20)
    assert track.at(2).box == BOX.moved(2, 0)
    driver.session.undo()
    assert track.at(4).box == BOX.moved(4, 0)


def test_that_a_run_to_the_end_starts_afresh_at_each_anchor(driver: Driver) -> None:
    track = driver.draw()
    driver.session.move_box(track.id, BOX.moved(0, 20), 10)
    driver.go_to(0)
    driver.run(through=True)
    assert track.at(9).box == BOX.moved(9, 0)
    assert track.at(10).box == BOX.moved(0, 20)
    assert track.at(LENGTH - 1).box == BOX.moved(LENGTH - 11, 20)
    assert track.anchors().tolist() == [0, 10]
    driver.session.undo()
    assert np.flatnonzero(track.frames.is_said).tolist() == [0, 10]


def test_that_gaps_are_filled_from_both_sides_as_one_step(driver: Driver) -> None:
    curves: list[np.ndarray] = []
    driver.session.runs.audited.connect(lambda _, curve: curves.append(curve))
    track = driver.draw()
    driver.session.move_box(track.id, BOX.moved(2, 0), 8)
    with driver.qtbot.waitSignal(driver.session.runs.controller.ended):
        driver.session.runs.audit()
    assert np.flatnonzero(track.frames.is_said).tolist() == list(range(9))
    assert track.anchors().tolist() == [0, 8]
    known = np.flatnonzero(~np.isnan(curves[0]))
    assert known.tolist() == list(range(1, 8))
    # The stub goes right whichever way it runs: near both anchors the two runs differ by 8 pixels less 2.
    assert (np.flatnonzero(track.frames.reviewed) == known[curves[0][known] >= 0.7]).all()
    driver.session.undo()
    assert np.flatnonzero(track.frames.is_said).tolist() == [0, 8]
    driver.session.runs.audit()
    driver.until(lambda: not driver.session.is_running)
    assert driver.session.document is not None
    assert driver.session.document.proposals == {}


def test_that_an_audit_needs_two_anchors(driver: Driver) -> None:
    driver.draw()
    driver.session.runs.audit()
    assert "nothing between two anchors" in driver.errors[0].message


def test_that_a_run_on_a_frame_without_a_box_says_what_to_do(driver: Driver) -> None:
    driver.draw()
    driver.go_to(4)
    driver.session.runs.start(1)
    assert "no box on frame 4" in driver.errors[0].message
    assert not driver.session.is_running


def test_that_a_run_without_a_selected_track_says_what_to_do(driver: Driver) -> None:
    driver.session.runs.start(1)
    assert "no track is selected" in driver.errors[0].message


def test_that_a_run_that_fails_keeps_what_it_has_tracked_and_says_why(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(StubTracker(fails_after=4))
    driver.open(clip)
    driver.draw()
    driver.run()
    assert np.flatnonzero(provenance(driver)).tolist() == [0, 1, 2, 3, 4]
    assert "not enough memory" in driver.errors[0].message
    assert not driver.session.is_running


def test_that_a_run_goes_on_from_a_box_that_is_corrected_under_it(
    make_driver: MakeDriver, clip: Path
) -> None:
    driver = make_driver(StubTracker(allowed=6))
    driver.open(clip)
    track = driver.draw()
    driver.start(reach=6)
    driver.session.move_box(track.id, BOX.moved(0, 20), 3)
    driver.tracker.more()
    driver.until(lambda: len(driver.tracker.starts) == 2 and not driver.session.is_running)
    assert driver.tracker.starts[-1] == BOX.moved(0, 20)
    assert track.anchors().tolist() == [0, 3]
    assert track.at(2).box == BOX.moved(2, 0)
    assert track.at(3).box == BOX.moved(0, 20)
    assert track.at(5).box == BOX.moved(2, 20)  # what the first run had found here was dropped
    assert track.frames.has_box.all()


def test_that_another_track_can_be_drawn_while_a_run_goes_on(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=6))
    driver.open(clip)
    driver.draw()
    driver.start(reach=6)
    second = driver.draw(BOX.moved(20, 10))
    assert driver.session.is_running
    driver.tracker.more()
    driver.until(lambda: not driver.session.is_running)
    assert driver.session.document is not None
    assert np.count_nonzero(driver.session.document.tracks[1].frames.is_said) == LENGTH
    assert np.count_nonzero(driver.session.document.tracks[second.id].frames.is_said) == 1


def test_that_undo_during_a_run_takes_the_run_back(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=6))
    driver.open(clip)
    driver.draw()
    driver.start(reach=6)
    with driver.qtbot.waitSignal(driver.session.runs.controller.ended):
        driver.session.undo()
        driver.tracker.more(1)
    assert np.flatnonzero(provenance(driver)).tolist() == [0]


def test_that_the_frame_follows_a_run_only_where_wanted(make_driver: MakeDriver, clip: Path) -> None:
    for follow, expected in ((True, LENGTH - 1), (False, 0)):
        driver = make_driver(settings=Settings(follow=follow))
        driver.open(clip)
        if driver.session.document is not None and not driver.session.document.tracks:
            driver.draw()
        driver.run()
        assert driver.session.frame == expected
        driver.session.undo()
        driver.session.go_to(0)
        driver.session.close()


def test_that_closing_in_the_midst_of_a_run_loses_nothing(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=6))
    driver.open(clip)
    driver.draw()
    driver.start(reach=6)
    driver.tracker.more(1)
    driver.session.close()
    again = make_driver()
    again.open(clip)
    assert again.session.document is not None
    track = again.session.document.tracks[1]
    said = np.flatnonzero(track.frames.is_said).tolist()
    assert said[:7] == list(range(7))
    assert not again.session.document.proposals


def test_that_a_run_cut_short_by_a_crash_can_be_taken_over(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver()
    driver.open(clip)
    driver.draw()
    project = driver.session.project
    assert project is not None
    proposal = project.begin_proposal(1, 0, 1, "stub-1")
    with project.writer(proposal.id) as writer:
        state = driver.session.document.tracks[1].at(0) if driver.session.document else None
        assert state is not None
        for frame in range(3):
            writer.write(frame, type(state)(BOX, Provenance.TRACKED, Presence.VISIBLE, 0.5))
    driver.session.close()

    again = make_driver()
    again.open(clip)
    (pending,) = again.session.runs.pending()
    assert pending.track_id == 1
    assert again.session.frame == 2
    again.session.runs.accept_pending()
    assert np.flatnonzero(provenance(again)).tolist() == [0, 1, 2]
    assert again.session.runs.pending() == []


def test_that_the_tracker_is_built_once_for_the_same_choice(driver: Driver) -> None:
    driver.draw()
    driver.run()
    driver.go_to(0)
    driver.run()
    choices = driver.factory.choices
    assert len(choices) == 1
    driver.session.settings.device = "cpu"
    driver.go_to(0)
    driver.run()
    assert [choice.device for choice in choices] == ["auto", "cpu"]


def test_that_a_second_run_cannot_begin_while_one_goes_on(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver(StubTracker(allowed=3))
    driver.open(clip)
    driver.draw()
    driver.start(reach=3)
    driver.session.runs.start(1)
    assert driver.errors == []
    assert len(driver.tracker.starts) == 1
