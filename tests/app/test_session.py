"""What a session does with a clip and its tracks; `test_session_runs` has the runs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.app.conftest import Driver, MakeDriver
from tests.app.stubs import BOX, LENGTH
from tracker.annotation import commands
from tracker.annotation.edits import SetTrackInfo
from tracker.annotation.track import Presence, Provenance
from tracker.geometry import Box
from tracker.store.project import Project


def test_that_a_clip_opens_at_its_first_frame(driver: Driver) -> None:
    assert driver.session.length == LENGTH
    assert driver.session.frame == 0
    assert driver.session.shown is not None
    assert driver.session.shown.counts[0, 5] == 10
    assert driver.errors == []


def test_that_a_new_box_is_a_selected_track_with_one_anchor(driver: Driver) -> None:
    driver.go_to(3)
    track = driver.draw()
    assert driver.session.selected == track.id
    assert track.anchors().tolist() == [3]
    assert track.at(3).box == BOX


def test_that_a_box_outside_the_frame_is_refused_with_its_reason(driver: Driver) -> None:
    driver.session.draw_box(Box(500, 500, 5, 5))
    assert driver.session.document is not None
    assert not driver.session.document.tracks
    assert "outside the frame" in driver.errors[0].message


def test_that_a_moved_box_becomes_an_anchor_and_undo_takes_it_back(driver: Driver) -> None:
    track = driver.draw()
    driver.run()
    before = track.frames.copy()
    driver.session.move_box(track.id, BOX.moved(5, 5), 7)
    assert track.at(7).provenance is Provenance.MANUAL
    assert driver.session.frame == 7
    driver.session.undo()
    assert track.frames == before
    driver.session.redo()
    assert track.at(7).box == BOX.moved(5, 5)


def test_that_undoing_everything_and_redoing_everything_gives_the_same_document(driver: Driver) -> None:
    track = driver.draw()
    driver.run()
    driver.session.move_box(track.id, BOX.moved(0, 9), 12)
    driver.session.do(SetTrackInfo(track.id, "person", "#00ff00", ()))
    driver.session.edit(
        lambda document: commands.mark_presence(document, track.id, range(20, 22), Presence.ABSENT)
    )
    assert driver.session.document is not None
    final = driver.session.document.tracks[track.id].frames.copy()
    steps = driver.session.undo_stack.count()
    assert steps == 5
    for _ in range(steps):
        driver.session.undo()
    assert not driver.session.document.tracks
    assert driver.session.selected is None
    for _ in range(steps):
        driver.session.redo()
    assert driver.session.document.tracks[track.id].frames == final
    assert driver.session.document.tracks[track.id].label == "person"
    assert driver.errors == []


def test_that_undo_with_nothing_to_undo_says_nothing_and_does_nothing(driver: Driver) -> None:
    driver.session.undo()
    driver.session.redo()
    assert driver.errors == []


def test_that_an_edit_that_cannot_be_saved_leaves_the_undo_list_where_it_is(driver: Driver) -> None:
    track = driver.draw()
    assert driver.session.project is not None
    project = driver.session.project
    original = project.apply

    def refuse(edit: object) -> None:
        original(commands.set_anchor(project.document, 99, 0, BOX))  # there is no track 99

    project.apply = refuse  # type: ignore[method-assign, assignment]  # a disk that is full
    driver.session.undo()
    assert len(driver.errors) == 1
    assert driver.session.undo_stack.index() == 1
    project.apply = original  # type: ignore[method-assign]  # some room again
    driver.session.undo()
    assert track.id not in project.document.tracks


def test_that_hidden_tracks_are_remembered_and_undo_leaves_them_alone(driver: Driver, clip: Path) -> None:
    track = driver.draw()
    driver.session.set_hidden(track.id, True)
    driver.session.undo()
    driver.session.redo()
    assert driver.session.hidden == {track.id}
    driver.session.close()
    driver.open(clip)
    assert driver.session.hidden == {track.id}
    driver.session.set_hidden(track.id, False)
    assert driver.session.hidden == frozenset()


def test_that_evidence_is_shown_again_when_scrubbing(driver: Driver) -> None:
    driver.draw()
    driver.run()
    driver.go_to(4)
    evidence = driver.session.evidence()
    assert evidence is not None
    assert np.allclose(evidence.fused, BOX.moved(4, 0).x / 100, atol=1e-3)


def test_that_reopening_shows_the_frame_and_the_tracks_of_before(make_driver: MakeDriver, clip: Path) -> None:
    driver = make_driver()
    driver.open(clip)
    driver.draw()
    driver.go_to(11)
    driver.session.close()
    again = make_driver()
    again.open(clip)
    assert again.session.frame == 11
    assert again.session.selected == 1


def test_that_deleting_a_track_and_undoing_brings_it_back_selected(driver: Driver) -> None:
    track = driver.draw()
    driver.session.edit_selected(lambda document, each: commands.delete_track(document, each.id))
    assert driver.session.selected is None
    driver.session.undo()
    assert driver.session.selected == track.id


def test_that_edits_are_on_the_disk_when_the_call_returns(driver: Driver, tmp_path: Path) -> None:
    driver.draw()
    assert driver.session.project is not None
    copy = tmp_path / "copy.thermark"
    driver.session.project.save_as(copy)
    with Project.open(copy) as project:
        assert project.document.tracks[1].at(0).box == BOX
