from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.dialogs import files
from app.main_window import MainWindow
from tests.app.conftest import MakeDriver
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import BOX, write_clip
from tracker.annotation.track import Provenance
from tracker.opencv import cv2


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
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown):
        drop(desk.window, clip)


def test_that_an_opened_clip_is_among_the_recent_files(desk: Desk, clip: Path) -> None:
    desk.trigger("file.close")
    assert desk.window.pages.currentWidget() is desk.window.welcome
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown):
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
    with desk.driver.qtbot.waitSignal(desk.driver.session.failed):
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
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown):
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
    with desk.driver.qtbot.waitSignal(desk.driver.session.failed):
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
