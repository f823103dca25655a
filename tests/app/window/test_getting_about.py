from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.app.desk import Desk
from tests.app.stubs import LENGTH


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
