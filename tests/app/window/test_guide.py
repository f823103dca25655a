"""The guide through the first steps, driven to its end by doing what it says."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

import resources
from app.dialogs.export import ExportDialog
from app.guide import END_TITLE, STEPS
from app.settings import Settings, load_settings
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import StubTracker, write_clip

CONTROL = Qt.KeyboardModifier.ControlModifier


def titles(desk: Desk) -> str:
    step = desk.window.guide.step
    return "" if step is None else step.title


def shown(desk: Desk) -> QWidget | None:
    return desk.window.guide.bubble.target


@pytest.fixture
def exporting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> None:
    """Whoever sees the dialog chooses a folder and begins."""

    def use(dialog: ExportDialog) -> int:
        dialog.folder.setText(str(tmp_path / "data"))
        with qtbot.waitSignal(dialog.finished):
            dialog.start_button.click()
        return dialog.result()

    monkeypatch.setattr(ExportDialog, "exec", use)


def test_that_doing_what_it_says_leads_to_the_end(
    make_desk: MakeDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, exporting: None
) -> None:
    sample = write_clip(tmp_path / "sample", 12)
    monkeypatch.setattr(resources, "sample_clip", lambda: sample)
    tracker = StubTracker(allowed=4)
    desk = make_desk(tracker)
    guide, window = desk.window.guide, desk.window
    guide.begin()
    assert shown(desk) == window.welcome.sample_button
    with desk.driver.qtbot.waitSignal(desk.driver.session.frameShown):
        window.welcome.sample_button.click()
    assert titles(desk) == "Draw a box"
    assert shown(desk) == window.tool_button("track.draw")
    assert "Press N" in guide.bubble.text
    desk.draw()
    assert titles(desk) == "Track the target"
    desk.press(Qt.Key.Key_T)
    desk.driver.until(lambda: titles(desk) == "Watch the maps")
    assert shown(desk) == window.panels.maps
    tracker.more()
    desk.wait_for_run()
    assert titles(desk) == "Correct a box"
    desk.driver.go_to(6)
    box = desk.track.at(6).box
    assert box is not None
    desk.mouse.drag(box.centre, (box.centre[0], box.centre[1] + 6))
    assert titles(desk) == "Review"
    desk.driver.go_to(3)
    desk.press(Qt.Key.Key_A)
    assert titles(desk) == "Undo"
    desk.press(Qt.Key.Key_Z, CONTROL)
    assert titles(desk) == "Export"
    desk.press(Qt.Key.Key_E, CONTROL)
    assert titles(desk) == ""
    assert list((tmp_path / "data").rglob("*.png"))
    assert END_TITLE in guide.bubble.text
    guide.bubble.end_button.click()
    assert guide.bubble.text == ""
    assert not guide.is_shown


def test_that_what_was_done_before_its_turn_is_not_asked_for_again(desk: Desk) -> None:
    guide = desk.window.guide
    guide.begin()
    assert titles(desk) == "Draw a box"  # a clip is open
    desk.draw()
    desk.press(Qt.Key.Key_Z, CONTROL)
    for _ in range(3):
        guide.bubble.skip_button.click()
    assert titles(desk) == "Review"
    guide.bubble.skip_button.click()
    assert titles(desk) == "Export"


def test_that_every_step_can_be_left_out_by_key_and_the_guide_ended(make_desk: MakeDesk) -> None:
    desk = make_desk()
    desk.trigger("help.guide")
    assert desk.window.action_set["help.guide"].isChecked()
    seen = []
    while desk.window.guide.step is not None:
        seen.append(titles(desk))
        QTest.keyClick(desk.window.guide.bubble.skip_button, Qt.Key.Key_Space)
    assert seen == [step.title for step in STEPS]
    desk.trigger("help.guide")
    assert not desk.window.guide.is_shown
    assert not desk.window.action_set["help.guide"].isChecked()


def test_that_it_takes_no_focus_and_stays_inside_the_window(desk: Desk) -> None:
    desk.window.canvas.setFocus()
    desk.window.guide.begin()
    assert desk.window.focusWidget() is desk.window.canvas
    for size in ((1280, 720), (900, 600)):
        desk.window.resize(*size)
        for _ in STEPS:
            desk.driver.qtbot.wait(1)
            bubble = desk.window.guide.bubble
            assert desk.window.rect().contains(QRect(bubble.pos(), bubble.size()))
            desk.window.guide.skip()
        desk.window.guide.begin()


def test_that_the_bubble_does_not_cover_what_it_points_at(desk: Desk) -> None:
    guide = desk.window.guide
    guide.begin()
    while guide.step is not None:
        target = guide.bubble.target
        assert target is not None
        area = QRect(target.mapTo(desk.window, QPoint(0, 0)), target.size())
        bubble = QRect(guide.bubble.pos(), guide.bubble.size()).adjusted(
            10, 10, -10, -10
        )  # its arrow may touch
        assert not bubble.intersects(area), guide.step.title
        guide.skip()


def test_that_the_settings_remember_that_it_was_shown(make_desk: MakeDesk) -> None:
    assert not Settings().guide_seen
    desk = make_desk()
    desk.window.guide.begin()
    desk.window.close()
    assert load_settings(desk.settings_file).guide_seen


def test_that_it_speaks_of_the_users_own_keys(make_desk: MakeDesk, clip: Path) -> None:
    desk = make_desk(settings=Settings(shortcuts={"track.draw": ["J"], "track.forward": []}))
    desk.driver.open(clip)
    desk.window.guide.begin()
    assert "Press J" in desk.window.guide.bubble.text
    desk.window.guide.skip()
    assert "Press Track forward" in desk.window.guide.bubble.text
