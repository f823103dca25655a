"""What the actions on tracks, runs, the range and the review do."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QMessageBox

from tests.app.desk import close_to
from tests.app.stubs import BOX, LENGTH
from tests.app.window.effects import Trial, effect
from tracker.annotation.edits import AddTrack
from tracker.annotation.review import Entry
from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track

FAR = BOX.moved(20, 10)


def said(trial: Trial) -> list[int]:
    return np.flatnonzero(trial.desk.track.frames.is_said).tolist()


def tracked(trial: Trial) -> None:
    """Frames 1 to 3 were tracked."""
    trial.desk.driver.run()
    trial.desk.driver.go_to(2)


def other_track(trial: Trial) -> None:
    """A second track, on the frames 10 to 19."""
    session = trial.desk.driver.session
    frames = Frames.empty(LENGTH)
    frames.put(slice(10, 20), FrameState(FAR, Provenance.TRACKED))
    session.do(AddTrack(Track(2, "other", "#00ff00", (), frames)))
    session.select(1)


@effect("edit.undo", "edit.redo")
def _undo(trial: Trial) -> None:
    anchors = trial.desk.track.anchors().tolist()
    if trial.id == "edit.redo":
        trial.desk.driver.session.undo()
        trial.act()
        assert trial.desk.track.anchors().tolist() == anchors
    else:
        trial.act()
        assert trial.desk.track.anchors().tolist() == anchors[:-1]


@effect("edit.absent", "track.out_of_view", "track.occluded")
def _presence(trial: Trial) -> None:
    trial.act()
    expected = {"edit.absent": Presence.ABSENT, "track.out_of_view": Presence.OUT_OF_VIEW}
    assert trial.desk.track.at(0).presence is expected.get(trial.id, Presence.OCCLUDED)


@effect("edit.clear_frame")
def _clear_frame(trial: Trial) -> None:
    trial.act()
    assert said(trial) == [4]


@effect("edit.clear_rest")
def _clear_rest(trial: Trial) -> None:
    trial.act()
    assert said(trial) == []


@effect("edit.delete_track")
def _delete_track(trial: Trial) -> None:
    trial.act()
    assert trial.desk.driver.session.track is None


@effect("range.begin", "range.end")
def _ends_of_range(trial: Trial) -> None:
    ranges = trial.desk.window.ranges
    trial.desk.driver.go_to(7)
    trial.act()
    assert ranges.selected == (range(7, LENGTH) if trial.id == "range.begin" else range(8))
    trial.desk.driver.go_to(5)
    trial.act()
    assert ranges.selected == (range(5, LENGTH) if trial.id == "range.begin" else range(6))


@effect("range.drop", "track.stop")
def _drop_range(trial: Trial) -> None:
    trial.desk.window.ranges.select(range(3, 9))
    trial.act()
    assert trial.desk.window.ranges.selected is None
    assert trial.desk.window.panels.timeline.selected_range is None


@effect("range.zoom")
def _zoom_to_range(trial: Trial) -> None:
    trial.desk.window.panels.timeline.resize(700, 150)
    trial.desk.window.ranges.select(range(5, 20))
    trial.act()
    scale = trial.desk.window.panels.timeline.scale
    assert scale is not None
    first, stop = scale.shown()
    assert first <= 5
    assert stop >= 20


@effect("range.play")
def _play_range(trial: Trial) -> None:
    seen: list[int] = []
    playback = trial.desk.window.playback
    playback.frameRequested.connect(seen.append)
    trial.desk.window.ranges.select(range(10, 13))
    trial.act()
    trial.desk.driver.until(lambda: 12 in seen and 10 in seen[seen.index(12) :])  # again and again
    assert set(seen) <= {10, 11, 12}
    trial.act()
    assert not playback.is_playing


@effect("range.accept")
def _accept_range(trial: Trial) -> None:
    tracked(trial)
    trial.desk.window.ranges.select(range(2, 9))
    trial.act()
    assert np.flatnonzero(trial.desk.track.frames.reviewed).tolist() == [2, 3]


@effect("range.clear")
def _clear_range(trial: Trial) -> None:
    tracked(trial)
    trial.desk.window.ranges.select(range(2, 9))
    trial.act()
    assert said(trial) == [0, 1]
    trial.desk.driver.session.undo()
    assert said(trial) == [0, 1, 2, 3, 4]


@effect("range.interpolate")
def _interpolate_range(trial: Trial) -> None:
    trial.desk.window.ranges.select(range(2, 9))
    trial.act()
    assert said(trial) == [0, 2, 3, 4]
    assert trial.desk.track.at(2).provenance is Provenance.INTERPOLATED


@effect("range.absent", "range.out_of_view", "range.occluded")
def _mark_range(trial: Trial) -> None:
    tracked(trial)
    trial.desk.window.ranges.select(range(2, 4))
    trial.act()
    presence = Presence[trial.id.removeprefix("range.").upper()]
    shown = [trial.desk.track.at(frame) for frame in range(5)]
    assert [state.presence is presence for state in shown] == [False, False, True, True, False]
    assert trial.desk.track.anchors().tolist() == [0, 2, 3, 4]


@effect("track.draw", "track.draw_here")
def _draw(trial: Trial) -> None:
    trial.desk.driver.go_to(9)
    trial.act()
    trial.desk.mouse.drag((30, 20), (40, 30))
    document = trial.desk.driver.session.document
    assert document is not None
    drawn = document.tracks[2 if trial.id == "track.draw" else 1]
    assert drawn.at(9).provenance is Provenance.MANUAL
    assert len(document.tracks) == (2 if trial.id == "track.draw" else 1)


@effect("track.forward", "track.through")
def _forward(trial: Trial) -> None:
    trial.act()
    stop = 5 if trial.id == "track.forward" else LENGTH
    assert said(trial) == list(range(stop))


@effect("track.backward")
def _backward(trial: Trial) -> None:
    trial.desk.driver.go_to(4)
    trial.act()
    assert said(trial) == [0, 1, 2, 3, 4]
    assert close_to(trial.desk.track.at(3).box, BOX.moved(1, 0))  # the stub goes right, also backward


@effect("track.all_forward", "track.all_backward")
def _all(trial: Trial) -> None:
    session = trial.desk.driver.session
    trial.desk.driver.go_to(4)
    session.draw_box(FAR)
    trial.act()
    assert session.document is not None
    frames = range(4, LENGTH) if trial.id == "track.all_forward" else range(5)
    assert np.flatnonzero(session.document.tracks[2].frames.is_said).tolist() == list(frames)
    assert set(frames) <= set(np.flatnonzero(session.document.tracks[1].frames.is_said).tolist())


@effect("track.between")
def _between(trial: Trial) -> None:
    trial.act()
    assert said(trial) == [0, 1, 2, 3, 4]
    assert len(trial.desk.driver.tracker.starts) == 2  # from both sides


@effect("track.follow")
def _follow(trial: Trial) -> None:
    trial.act()
    trial.desk.driver.run()
    assert trial.desk.driver.session.frame == 0


@effect("track.anchor")
def _anchor(trial: Trial) -> None:
    tracked(trial)
    trial.act()
    assert trial.desk.track.anchors().tolist() == [0, 2, 4]


@effect("track.interpolate")
def _interpolate(trial: Trial) -> None:
    trial.act()
    assert [trial.desk.track.at(frame).provenance for frame in (1, 3)] == [Provenance.INTERPOLATED] * 2


@effect("track.split")
def _split(trial: Trial) -> None:
    trial.desk.driver.go_to(4)
    trial.act()
    document = trial.desk.driver.session.document
    assert document is not None
    assert [track.span() for track in document.tracks.values()] == [(0, 1), (4, 5)]


@effect("track.join", "track.swap")
def _two_tracks(trial: Trial) -> None:
    other_track(trial)
    trial.desk.driver.go_to(4)
    trial.act()
    document = trial.desk.driver.session.document
    assert document is not None
    spans = {track.id: track.span() for track in document.tracks.values()}
    assert spans == ({1: (0, 20)} if trial.id == "track.join" else {1: (0, 20), 2: (4, 5)})


@effect("track.lock")
def _lock(trial: Trial) -> None:
    trial.act()
    assert trial.desk.track.locked
    trial.act()
    assert not trial.desk.track.locked


@effect("track.hide")
def _hide(trial: Trial) -> None:
    trial.act()
    assert trial.desk.window.canvas.marks() == []
    assert trial.desk.driver.session.hidden == {1}


@effect("track.accept", "track.discard")
def _pending(trial: Trial) -> None:
    session = trial.desk.driver.session
    assert session.project is not None
    pending = session.project.begin_proposal(1, 4, 1, "stub-1")
    with session.project.writer(pending.id) as writer:
        writer.write(5, FrameState(FAR, Provenance.TRACKED))
    trial.desk.window.refresh()
    trial.act()
    assert session.runs.pending() == []
    assert (5 in said(trial)) == (trial.id == "track.accept")


@effect("review.next", "review.previous")
def _walk(trial: Trial) -> None:
    entries = [Entry(20, 20, 21, 0.9), Entry(12, 11, 14, 0.5), Entry(8, 8, 9, 0.3)]
    trial.patch.setattr(trial.desk.window.review, "entries", lambda: entries)
    trial.desk.driver.go_to(12)
    trial.desk.window.refresh()
    trial.act()
    assert trial.desk.driver.session.frame == (8 if trial.id == "review.next" else 20)


@effect("review.accept", "review.accept_frame", "review.accept_up_to")
def _accept(trial: Trial) -> None:
    tracked(trial)
    trial.patch.setattr(trial.desk.window.review, "entries", lambda: [Entry(2, 2, 4, 0.9)])
    trial.act()
    expected = {"review.accept": [2, 3], "review.accept_frame": [2], "review.accept_up_to": [1, 2]}
    assert np.flatnonzero(trial.desk.track.frames.reviewed).tolist() == expected[trial.id]


@effect("review.take_back")
def _take_back(trial: Trial) -> None:
    tracked(trial)
    trial.desk.window.review.accept(1, 4)
    assert trial.desk.track.frames.reviewed.any()
    trial.act()
    assert not trial.desk.track.frames.reviewed.any()


@effect("review.forget")
def _forget(trial: Trial) -> None:
    review = trial.desk.window.review
    tracked(trial)
    trial.desk.driver.until(lambda: review.is_settled)
    review.accept(1, 4)
    trial.desk.driver.until(lambda: review.is_settled and review.lessons > 0)
    trial.patch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.Yes)
    trial.desk.window.refresh()
    trial.act()
    assert review.lessons == 0


@effect("replay.show")
def _show_replay(trial: Trial) -> None:
    assert not trial.desk.window.panels.replay.isVisible()
    trial.act()
    assert trial.desk.window.panels.replay.isVisible()


@effect("replay.next", "replay.previous")
def _partings(trial: Trial) -> None:
    class Comparison:
        @staticmethod
        def next_parting(frame: int, direction: int) -> int:
            return frame + 3 * direction

    trial.patch.setattr(trial.desk.window.panels.replayer, "_comparison", Comparison())
    trial.desk.driver.go_to(10)
    trial.act()
    assert trial.desk.driver.session.frame == (13 if trial.id == "replay.next" else 7)
    trial.patch.undo()


@effect("evaluation.show")
def _show_evaluation(trial: Trial) -> None:
    assert not trial.desk.window.panels.evaluation.isVisible()
    trial.act()
    assert trial.desk.window.panels.evaluation.isVisible()
