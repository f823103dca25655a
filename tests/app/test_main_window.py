from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox
from pytestqt.qtbot import QtBot

import resources
from app import commands as commands_module
from app.action_table import ACTIONS
from app.dialogs import files
from app.main_window import MainWindow
from app.settings import Settings, load_settings
from app.theme import apply_theme
from tests.app.conftest import Driver, MakeDriver
from tests.app.mouse import Mouse
from tests.app.stubs import BOX, LENGTH, StubTracker, write_clip
from tracker.annotation.track import Presence, Provenance, Track
from tracker.errors import MediaError
from tracker.geometry import Box
from tracker.media.opencv import cv2

ROOT = Path(__file__).parents[2]


@dataclass
class Desk:
    """A window, and the session in it."""

    window: MainWindow
    driver: Driver
    settings_file: Path

    @property
    def track(self) -> Track:
        track = self.driver.session.track
        assert track is not None
        return track

    @property
    def mouse(self) -> Mouse:
        return Mouse(self.window.canvas)

    def press(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window, key, modifiers)

    def trigger(self, id_: str) -> None:
        action = self.window.action_set[id_]
        assert action.isEnabled(), id_
        action.trigger()

    def wait_for_run(self) -> None:
        self.driver.until(lambda: not self.driver.session.is_running)

    def draw(self, box: Box = BOX) -> None:
        """Draw with N and the mouse."""
        self.press(Qt.Key.Key_N)
        self.mouse.drag((box.x, box.y), (box.right, box.bottom))


MakeDesk = Callable[..., Desk]


@pytest.fixture
def make_desk(qtbot: QtBot, make_driver: MakeDriver, tmp_path: Path) -> MakeDesk:
    def make(tracker: StubTracker | None = None, settings: Settings | None = None) -> Desk:
        driver = make_driver(tracker, settings)
        path = tmp_path / "settings.json"
        window = MainWindow(driver.session, path)
        qtbot.addWidget(window)
        window.resize(1280, 720)
        window.show()
        window.activateWindow()
        return Desk(window, driver, path)

    return make


@pytest.fixture
def desk(make_desk: MakeDesk, clip: Path) -> Desk:
    desk = make_desk()
    desk.driver.open(clip)
    return desk


def close_to(box: Box | None, expected: Box) -> bool:
    return box is not None and bool(np.allclose(box.as_tuple(), expected.as_tuple(), atol=0.5))


# The main job


def test_that_the_empty_window_says_what_to_do_first(make_desk: MakeDesk) -> None:
    window = make_desk().window
    assert window.pages.currentWidget() is window.welcome
    assert not window.canvas.isVisible()
    assert not any(dock.isVisible() for dock in window.panels.docks)


def test_that_an_open_clip_is_shown_with_all_panels(desk: Desk) -> None:
    assert desk.window.pages.currentWidget() is desk.window.canvas
    assert all(dock.isVisible() for dock in desk.window.panels.docks)
    assert desk.window.windowTitle() == "media/clip – Thermark"
    assert desk.window.canvas.frame_size == (64, 48)
    assert desk.window.canvas.image.pixelColor(5, 0).red() == 10


def test_that_n_and_a_drag_make_a_track_and_t_tracks_it(desk: Desk) -> None:
    desk.draw()
    assert close_to(desk.track.at(0).box, BOX)
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    assert np.count_nonzero(desk.track.frames.is_said) == LENGTH
    assert desk.driver.session.frame == LENGTH - 1
    desk.driver.until(lambda: len(desk.window.canvas.marks()) == 1)
    assert desk.window.canvas.marks()[0].provenance is Provenance.TRACKED


def test_that_b_tracks_backward(desk: Desk) -> None:
    desk.driver.go_to(6)
    desk.draw()
    desk.press(Qt.Key.Key_B)
    desk.wait_for_run()
    assert np.flatnonzero(desk.track.frames.is_said).tolist() == list(range(7))


def test_that_dragging_a_tracked_box_makes_an_anchor_and_t_goes_on_from_it(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(10)
    box = desk.track.at(10).box
    assert box is not None
    x, y = box.centre
    desk.mouse.drag((x, y), (x + 4, y + 8))
    assert desk.track.at(10).provenance is Provenance.MANUAL
    assert close_to(desk.track.at(10).box, box.moved(4, 8))
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    assert desk.track.anchors().tolist() == [0, 10]
    assert close_to(desk.track.at(11).box, box.moved(1, 0))  # only gaps are filled, and there are none ...
    assert "19 frames" in desk.window.messages.text
    desk.window.messages.offers[0].click()  # ... but the run's boxes are there for the asking
    assert close_to(desk.track.at(11).box, box.moved(5, 8))
    assert desk.track.anchors().tolist() == [0, 10]


def test_that_a_run_goes_on_from_a_box_dragged_under_it_on_the_frame_it_was_drawn_on(
    make_desk: MakeDesk, clip: Path
) -> None:
    tracker = StubTracker(allowed=5)
    desk = make_desk(tracker)
    desk.driver.open(clip)
    desk.draw()
    desk.press(Qt.Key.Key_T)
    canvas = desk.window.canvas
    desk.driver.until(lambda: desk.driver.reached() == 5 and canvas.marks()[0].box.x == desk_box(desk, 5).x)
    assert canvas.marks()[0].is_proposal
    box = canvas.marks()[0].box
    x, y = box.centre
    desk.mouse.press(x, y)
    desk.mouse.move(x, y + 5)
    tracker.more(4)  # the run goes on below the held box
    desk.driver.until(lambda: desk.driver.reached() >= 8)
    desk.driver.until(lambda: desk.driver.session.frame >= 8)
    desk.mouse.move(x, y + 9)
    desk.mouse.release(x, y + 9)
    tracker.more()
    desk.driver.until(lambda: len(tracker.starts) == 2 and not desk.driver.session.is_running)
    assert desk.track.at(5).provenance is Provenance.MANUAL
    assert close_to(desk.track.at(5).box, box.moved(0, 9))
    assert close_to(desk.track.at(8).box, box.moved(3, 9))  # the run has gone on from there
    assert close_to(desk.track.at(4).box, box.moved(-1, 0))
    assert desk.track.anchors().tolist() == [0, 5]


def desk_box(desk: Desk, frame: int) -> Box:
    proposal = desk.driver.session.run.proposal
    box = None if proposal is None else proposal.frames.box(frame)
    return Box(0, 0, 1, 1) if box is None else box


def test_that_esc_stops_the_smallest_thing_first(make_desk: MakeDesk, clip: Path) -> None:
    tracker = StubTracker(allowed=3)
    desk = make_desk(tracker)
    desk.driver.open(clip)
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.driver.until(lambda: desk.driver.reached() >= 3)
    desk.press(Qt.Key.Key_N)
    assert desk.window.canvas.is_drawing
    desk.press(Qt.Key.Key_Escape)
    assert not desk.window.canvas.is_drawing
    assert desk.driver.session.is_running
    desk.press(Qt.Key.Key_Escape)
    tracker.more(1)
    desk.wait_for_run()
    assert desk.track.frames.has_box[:4].all()


def test_that_closing_the_window_in_the_midst_of_a_run_loses_nothing(make_desk: MakeDesk, clip: Path) -> None:
    tracker = StubTracker(allowed=5)
    desk = make_desk(tracker)
    desk.driver.open(clip)
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.driver.until(lambda: desk.driver.reached() >= 5)
    tracker.more(1)
    desk.window.close()
    assert not desk.driver.session.is_running
    again = make_desk()
    again.driver.open(clip)
    assert again.track.frames.has_box[:6].all()
    assert again.window.messages.text == ""


def test_that_all_can_be_undone_and_redone_by_keys(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.press(Qt.Key.Key_Delete)
    final = desk.track.frames.copy()
    for _ in range(3):
        desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert desk.driver.session.track is None
    for _ in range(3):
        desk.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert desk.track.frames == final
    assert desk.window.action_set["edit.undo"].text() == "Undo Mark absent"


# Gestures on a track


@pytest.mark.parametrize(
    ("key", "presence"),
    [
        (Qt.Key.Key_Delete, Presence.ABSENT),
        (Qt.Key.Key_O, Presence.OUT_OF_VIEW),
        (Qt.Key.Key_Q, Presence.OCCLUDED),
    ],
)
def test_that_a_key_says_why_the_target_cannot_be_seen(desk: Desk, key: Qt.Key, presence: Presence) -> None:
    desk.draw()
    desk.press(key)
    assert desk.track.at(0).presence is presence
    assert (desk.track.at(0).box is not None) == presence.has_box
    assert presence.label.lower() in desk.window.canvas.badge


def test_that_o_said_twice_takes_it_back(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_O)
    desk.press(Qt.Key.Key_O)
    assert desk.track.at(0).provenance is Provenance.NONE


def test_that_k_makes_an_anchor_and_takes_it_back(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(5)
    desk.press(Qt.Key.Key_K)
    assert desk.track.anchors().tolist() == [0, 5]
    desk.press(Qt.Key.Key_K)
    assert desk.track.anchors().tolist() == [0]


def test_that_brackets_go_from_anchor_to_anchor(desk: Desk) -> None:
    desk.draw()
    session = desk.driver.session
    for frame in (9, 20):
        session.move_box(1, BOX, frame)
    desk.press(Qt.Key.Key_BracketLeft)
    assert session.frame == 9
    desk.press(Qt.Key.Key_BracketLeft)
    desk.press(Qt.Key.Key_BracketLeft)
    assert session.frame == 0
    assert "No anchor" in desk.window.statusBar().currentMessage()
    desk.press(Qt.Key.Key_BracketRight)
    assert session.frame == 9


def test_that_i_interpolates_between_boxes_drawn_by_hand(desk: Desk) -> None:
    desk.draw()
    desk.driver.session.move_box(1, BOX.moved(10, 0), 10)
    desk.press(Qt.Key.Key_I)
    assert close_to(desk.track.at(5).box, BOX.moved(5, 0))
    assert desk.track.at(5).provenance is Provenance.INTERPOLATED


def test_that_backspace_clears_a_frame_and_ctrl_del_the_rest(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(4)
    desk.press(Qt.Key.Key_Backspace)
    assert desk.track.gaps() == [(4, 5)]
    desk.driver.go_to(10)
    desk.press(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert desk.track.span() == (0, 10)


def test_that_shift_n_draws_the_selected_tracks_box(desk: Desk) -> None:
    desk.draw()
    desk.driver.go_to(7)
    desk.press(Qt.Key.Key_N, Qt.KeyboardModifier.ShiftModifier)
    desk.mouse.drag((30, 20), (40, 30))
    assert desk.track.anchors().tolist() == [0, 7]
    assert desk.driver.session.document is not None
    assert len(desk.driver.session.document.tracks) == 1


def test_that_clicking_a_box_selects_its_track(desk: Desk) -> None:
    desk.draw()
    desk.draw(Box(40, 25, 15, 15))
    assert desk.driver.session.selected == 2
    desk.mouse.drag(BOX.centre, BOX.centre)
    assert desk.driver.session.selected == 1
    desk.mouse.drag((60, 5), (60, 5))
    assert desk.driver.session.selected is None


# Getting about


def test_that_keys_step_and_jump(desk: Desk) -> None:
    session = desk.driver.session
    control = Qt.KeyboardModifier.ControlModifier
    for key, modifiers, expected in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 1),
        (Qt.Key.Key_F, Qt.KeyboardModifier.NoModifier, 2),
        (Qt.Key.Key_PageDown, Qt.KeyboardModifier.NoModifier, 12),
        (Qt.Key.Key_Right, control, 22),
        (Qt.Key.Key_D, Qt.KeyboardModifier.NoModifier, 21),
        (Qt.Key.Key_PageUp, Qt.KeyboardModifier.NoModifier, 11),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier, LENGTH - 1),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, LENGTH - 1),
        (Qt.Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier, 0),
    ):
        desk.press(key, modifiers)
        assert session.frame == expected


def test_that_space_plays_and_pauses(desk: Desk) -> None:
    desk.press(Qt.Key.Key_Space)
    assert desk.window.playback.is_playing
    desk.driver.until(lambda: desk.driver.session.frame > 2)
    desk.press(Qt.Key.Key_Space)
    assert not desk.window.playback.is_playing
    QTest.keyClick(desk.window.canvas, Qt.Key.Key_Space)
    assert desk.window.playback.is_playing


def test_that_scrubbing_goes_to_the_frame(desk: Desk) -> None:
    desk.window.panels.timeline.frameRequested.emit(17)
    desk.driver.until(lambda: desk.window.canvas.image.pixelColor(0, 5).red() == 17)


def test_that_the_status_bar_shows_frame_and_counts(desk: Desk) -> None:
    desk.driver.go_to(21)
    desk.mouse.move(33.5, 0.5)
    desk.mouse.move(34.5, 0.5)
    bar = desk.window.status.bar
    assert bar.field("frame") == f"Frame 21 / {LENGTH - 1}"
    assert bar.field("counts") == "x 34  y 0   68"
    assert bar.field("pts") == ""
    assert bar.mode == "Ready"
    desk.press(Qt.Key.Key_N)
    assert "Esc cancels" in bar.mode


def test_that_the_device_is_named_once_the_tracker_is_there(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    assert desk.window.status.bar.field("device") == "Stub device"


def test_that_an_overlay_can_be_chosen_by_key(desk: Desk) -> None:
    desk.draw()
    desk.press(Qt.Key.Key_T)
    desk.wait_for_run()
    desk.driver.go_to(5)
    seen = []
    for _ in range(4):
        desk.press(Qt.Key.Key_V)
        seen.append(desk.driver.session.settings.overlay)
        assert desk.window.canvas.overlay.isNull() == (seen[-1] == "none")
    assert seen == ["semantic", "structural", "fused", "none"]


# Files


def test_that_ctrl_s_says_where_everything_is_saved(desk: Desk, clip: Path) -> None:
    desk.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    message = desk.window.statusBar().currentMessage()
    assert message == f"Everything is saved in {clip.parent / 'clip.thermark'}"


def drop(window: MainWindow, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    QApplication.sendEvent(window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), copy, data, left, none))


def test_that_a_clip_can_be_dropped(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk()
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown, timeout=20_000):
        drop(desk.window, clip)


def test_that_an_opened_clip_is_among_the_recent_files(desk: Desk, clip: Path) -> None:
    desk.trigger("file.close")
    assert desk.window.pages.currentWidget() is desk.window.welcome
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown, timeout=20_000):
        desk.window.welcome.pathRequested.emit(clip)
    assert desk.driver.session.settings.recent == [str(clip)]


@pytest.mark.parametrize("name", ["notes.txt", "cut.mp4", "empty", "mixed", "gone.avi", "fake.thermark"])
def test_that_bad_input_is_explained_and_the_window_stays_usable(
    make_desk: MakeDesk, clip: Path, tmp_path: Path, name: str
) -> None:
    desk = make_desk()
    (tmp_path / "notes.txt").write_text("not a video")
    (tmp_path / "cut.mp4").write_bytes(b"\x00\x00\x00\x20ftypisom" + bytes(500))
    (tmp_path / "fake.thermark").write_text("not a project")
    (tmp_path / "empty").mkdir()
    write_clip(tmp_path / "mixed", 2)
    cv2.imwrite(str(tmp_path / "mixed" / "odd.png"), np.zeros((7, 9), np.uint8))
    with desk.driver.qtbot.waitSignal(desk.driver.session.failed, timeout=20_000):
        desk.window.commands.open_path(tmp_path / name)
    assert name in desk.window.messages.text
    assert desk.window.pages.currentWidget() is desk.window.welcome
    desk.driver.open(clip)
    assert desk.window.messages.text == ""


def test_that_a_clip_that_has_gone_offers_to_look_for_it(
    make_desk: MakeDesk, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk()
    desk.driver.open(clip)
    project = clip.parent / "clip.thermark"
    desk.trigger("file.close")
    moved = clip.rename(tmp_path / "moved")
    desk.window.commands.open_path(project)
    assert "not where it was" in desk.window.messages.text
    monkeypatch.setattr(files, "ask_folder", lambda *_: moved)
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown, timeout=20_000):
        desk.window.messages.offers[1].click()


def test_that_a_project_of_a_newer_version_is_explained(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk()
    desk.driver.open(clip)
    desk.trigger("file.close")
    import sqlite3

    project = clip.parent / "clip.thermark"
    connection = sqlite3.connect(project)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with desk.driver.qtbot.waitSignal(desk.driver.session.failed, timeout=20_000):
        desk.window.commands.open_path(project)
    assert "newer" in desk.window.messages.text


def test_that_a_copy_can_be_saved(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy.thermark"
    monkeypatch.setattr(files, "ask_project_name", lambda *_: copy)
    desk.trigger("file.save_copy")
    assert copy.exists()
    assert str(copy) in desk.window.messages.text


def test_that_a_run_cut_short_is_offered_and_taken_over(
    make_desk: MakeDesk, make_driver: MakeDriver, clip: Path
) -> None:
    first = make_driver()
    first.open(clip)
    first.draw()
    assert first.session.project is not None
    proposal = first.session.project.begin_proposal(1, 0, 1, "stub-1")
    with first.session.project.writer(proposal.id) as writer:
        for frame in range(1, 4):
            writer.write(frame, type(first.draw().at(0))(BOX, Provenance.TRACKED))
    first.session.close()
    desk = make_desk()
    desk.driver.open(clip)
    assert "interrupted" in desk.window.messages.text
    assert desk.window.canvas.marks()[0].is_proposal
    desk.window.messages.offers[0].click()
    assert desk.driver.session.document is not None
    assert desk.driver.session.document.tracks[1].frames.has_box[:4].all()
    assert not desk.window.action_set["track.accept"].isEnabled()


# The window itself


def refuse_dialogs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("ask_clip", "ask_folder", "ask_project_name", "ask_weights"):
        monkeypatch.setattr(files, name, lambda *_: None)
    monkeypatch.setattr(QDialog, "exec", lambda _: QDialog.DialogCode.Rejected)
    monkeypatch.setattr(QMessageBox, "about", lambda *_: None)
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.StandardButton.No)
    monkeypatch.setattr(resources, "sample_clip", lambda: write_clip(tmp_path / "sample", 3))


@pytest.mark.parametrize("id_", [row.id for row in ACTIONS])
def test_that_every_action_can_be_used_on_a_track(
    desk: Desk, id_: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse_dialogs(monkeypatch, tmp_path)
    desk.draw()
    desk.driver.session.move_box(1, BOX, 4)
    desk.driver.go_to(4 if id_ == "track.split" else 0)
    action = desk.window.action_set[id_]
    assert action.objectName() == id_
    action.trigger()
    desk.wait_for_run()
    desk.driver.until(lambda: not desk.driver.session.opener.is_running)
    assert desk.driver.errors == []


@pytest.mark.parametrize("id_", [row.id for row in ACTIONS])
def test_that_every_action_can_be_used_or_is_disabled_without_a_clip(
    make_desk: MakeDesk, id_: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse_dialogs(monkeypatch, tmp_path)
    desk = make_desk()
    desk.window.action_set[id_].trigger()
    desk.driver.until(lambda: not desk.driver.session.opener.is_running)
    assert desk.driver.errors == []


def test_that_errors_of_the_session_are_shown_without_a_dialog(desk: Desk) -> None:
    desk.driver.session.failed.emit(MediaError("the disk has gone.", where="/media/x", todo="Plug it in."))
    assert desk.window.messages.text == "The disk has gone. /media/x\nPlug it in."
    desk.window.messages.dismiss()
    assert desk.window.messages.text == ""


def test_that_a_bad_frame_is_marked(desk: Desk) -> None:
    source = desk.driver.session.source
    assert source is not None
    (source.path / "0027.png").write_bytes(b"broken")  # not fetched ahead yet
    desk.driver.go_to(27)
    assert "Unreadable" in desk.window.canvas.badge
    desk.driver.go_to(28)
    assert desk.window.canvas.badge == ""


def test_that_settings_and_layout_survive_the_window(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk()
    desk.driver.open(clip)
    desk.trigger("theme.light")
    desk.trigger("merge.fill_gaps")
    desk.trigger("track.follow")
    desk.window.panels.docks[1].hide()
    desk.window.close()
    settings = load_settings(desk.settings_file)
    assert (settings.theme, settings.merge_mode, settings.follow) == ("light", "FILL_GAPS", False)
    assert settings.recent == [str(clip)]
    again = make_desk(settings=settings)
    again.driver.open(clip)
    assert not again.window.panels.docks[1].isVisible()
    assert again.window.panels.docks[0].isVisible()
    assert again.window.action_set["theme.light"].isChecked()
    assert json.loads(desk.settings_file.read_text())["version"] == 1
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    apply_theme(app, "dark")


def test_that_damaged_layout_settings_are_no_reason_not_to_start(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk(settings=Settings(geometry="§§§", layout="AAAA", merge_mode="NO_SUCH"))
    desk.driver.open(clip)
    assert desk.window.canvas.isVisible()


def test_that_the_window_is_there_before_torch_is() -> None:
    code = "import sys, app.application; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_that_a_cancelled_dialog_opens_nothing(
    make_desk: MakeDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    refuse_dialogs(monkeypatch, tmp_path)
    desk = make_desk()
    desk.trigger("file.open")
    desk.trigger("file.open_folder")
    assert desk.driver.session.project is None
    assert commands_module.Commands is type(desk.window.commands)
