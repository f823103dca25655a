from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QKeyEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.widgets.canvas import Canvas
from app.widgets.canvas_items import BoxMark, readable_on
from tests.app.mouse import LEFT, MIDDLE, Mouse
from tracker.annotation.track import Provenance
from tracker.geometry import Box

SIZE = (64, 48)
MARK = BoxMark(1, Box(20, 10, 16, 20), "#e69f00", "1 target")
SMALL = BoxMark(2, Box(24, 14, 4, 5), "#56b4e9", "2 target")


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(680, 504)
    canvas.show()
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    image.fill(QColor("gray"))
    canvas.show_image(image)
    return canvas


@pytest.fixture
def mouse(canvas: Canvas) -> Mouse:
    return Mouse(canvas)


def about(box: Box) -> object:
    """Within half a frame pixel: the mouse moves by whole screen pixels."""
    return pytest.approx(box.as_tuple(), abs=0.5)


def test_that_a_frame_is_fitted_and_its_first_pixel_covers_0_to_1(canvas: Canvas) -> None:
    assert canvas.view_scale == pytest.approx(10.0)
    assert canvas.mapFromScene(QPointF(0, 0)) == QPoint(20, 12)
    assert canvas.mapFromScene(QPointF(1, 1)) == QPoint(30, 22)


def test_that_a_drag_in_draw_mode_draws_a_box_and_ends_the_mode(
    qtbot: QtBot, canvas: Canvas, mouse: Mouse
) -> None:
    canvas.set_draw_mode(True)
    with qtbot.waitSignal(canvas.boxDrawn) as drawn:
        mouse.drag((10, 10), (30, 26))
    assert (drawn.args or [None])[0].as_tuple() == about(Box(10, 10, 20, 16))
    assert not canvas.is_drawing
    assert not canvas.is_busy


def test_that_a_box_drawn_beyond_the_frame_ends_at_its_edge(
    qtbot: QtBot, canvas: Canvas, mouse: Mouse
) -> None:
    canvas.set_draw_mode(True)
    with qtbot.waitSignal(canvas.boxDrawn) as drawn:
        mouse.drag((50, 40), (65.5, 49))
    assert (drawn.args or [None])[0].as_tuple() == about(Box(50, 40, 14, 8))


def test_that_a_click_in_draw_mode_draws_nothing_and_waits_for_a_drag(
    qtbot: QtBot, canvas: Canvas, mouse: Mouse
) -> None:
    canvas.set_draw_mode(True)
    with qtbot.assertNotEmitted(canvas.boxDrawn):
        mouse.drag((10, 10), (10.2, 10.2))
    assert canvas.is_drawing


def test_that_cancelling_gives_up_a_box_half_drawn(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_draw_mode(True)
    mouse.press(10, 10)
    mouse.move(30, 30)
    canvas.cancel_gesture()
    with qtbot.assertNotEmitted(canvas.boxDrawn):
        mouse.release(30, 30)
    assert not canvas.is_drawing
    assert not canvas.is_busy


def test_that_dragging_inside_a_box_moves_it(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK])
    canvas.set_selected(1)
    with qtbot.waitSignal(canvas.boxChanged) as changed:
        mouse.drag((28, 20), (34, 17))
    track_id, box = changed.args or [None, None]
    assert track_id == 1
    assert box.as_tuple() == about(Box(26, 7, 16, 20))


def test_that_dragging_a_corner_resizes(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK])
    canvas.set_selected(1)
    with qtbot.waitSignal(canvas.boxChanged) as changed:
        mouse.drag((36, 30), (40, 40))
    assert (changed.args or [None, None])[1].as_tuple() == about(Box(20, 10, 20, 30))


def test_that_a_trembling_hand_selects_and_moves_nothing(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK])
    with qtbot.assertNotEmitted(canvas.boxChanged), qtbot.waitSignal(canvas.trackClicked) as clicked:
        mouse.drag((28, 20), (28.1, 20.1))
    assert clicked.args == [1]


def test_that_a_click_beside_all_boxes_clicks_none(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK])
    with qtbot.waitSignal(canvas.trackClicked) as clicked:
        mouse.drag((50, 40), (50, 40))
    assert clicked.args == [None]


def test_that_the_smaller_of_two_boxes_is_clicked(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK, SMALL])
    with qtbot.waitSignal(canvas.trackClicked) as clicked:
        mouse.drag((26, 16), (26, 16))
    assert clicked.args == [2]


def test_that_cancelling_puts_a_pulled_box_back(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK])
    canvas.set_selected(1)
    mouse.press(28, 20)
    mouse.move(40, 20)
    assert canvas.is_busy
    assert canvas.marks()[0].box != MARK.box
    canvas.cancel_gesture()
    assert canvas.marks() == [MARK]
    with qtbot.assertNotEmitted(canvas.boxChanged):
        mouse.release(40, 20)


def test_that_a_gesture_is_announced_from_the_press_to_the_release(canvas: Canvas, mouse: Mouse) -> None:
    states: list[bool] = []
    canvas.gestureChanged.connect(states.append)
    canvas.set_boxes([MARK])
    mouse.drag((28, 20), (34, 20))
    assert states == [True, False]


@pytest.mark.parametrize("button", [LEFT, MIDDLE])
def test_that_dragging_beside_the_boxes_pans(canvas: Canvas, mouse: Mouse, button: Qt.MouseButton) -> None:
    before = mouse.at(0, 0)
    mouse.drag((50, 40), (55, 35), button)
    assert mouse.at(0, 0) - before == QPoint(50, -50)


def test_that_the_middle_button_pans_also_over_a_box(qtbot: QtBot, canvas: Canvas, mouse: Mouse) -> None:
    canvas.set_boxes([MARK])
    before = mouse.at(0, 0)
    with qtbot.assertNotEmitted(canvas.boxChanged):
        mouse.drag((28, 20), (30, 20), MIDDLE)
    assert mouse.at(0, 0) - before == QPoint(20, 0)


def wheel(canvas: Canvas, at: QPoint, angle: int) -> None:
    place = QPointF(at)
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        place,
        canvas.viewport().mapToGlobal(place),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        none,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.viewport(), event)


def test_that_the_wheel_zooms_and_keeps_the_point_under_the_cursor(canvas: Canvas, mouse: Mouse) -> None:
    at = mouse.at(40, 30)
    for angle in (120, 120, -120, 120):
        wheel(canvas, at, angle)
    assert canvas.view_scale > 12
    point = canvas.to_frame(QPointF(at))
    assert (point.x(), point.y()) == pytest.approx((40, 30), abs=0.15)


def test_that_zooming_has_limits(canvas: Canvas) -> None:
    canvas.zoom_by(1e9)
    assert canvas.view_scale == pytest.approx(80)
    canvas.zoom_by(1e-9)
    assert canvas.view_scale == pytest.approx(0.05)


def test_that_a_fitted_frame_stays_fitted_when_the_window_grows_and_a_zoomed_one_keeps_its_zoom(
    canvas: Canvas,
) -> None:
    canvas.resize(1320, 984)
    assert canvas.view_scale == pytest.approx(20)
    canvas.actual_size()
    assert canvas.view_scale == pytest.approx(1 / canvas.devicePixelRatioF())
    canvas.resize(680, 504)
    assert canvas.view_scale == pytest.approx(1 / canvas.devicePixelRatioF())
    canvas.fit()
    assert canvas.view_scale == pytest.approx(10)


def test_that_the_cursor_is_reported_inside_the_frame_alone(canvas: Canvas, mouse: Mouse) -> None:
    places: list[tuple[float, float] | None] = []
    canvas.cursorMoved.connect(places.append)
    mouse.move(5.5, 6.5)
    mouse.move(-1.5, 6.5)
    assert places[0] == pytest.approx((5.5, 6.5), abs=0.1)
    assert places[-1] is None


def test_that_a_tapped_space_bar_plays_and_a_held_one_pans(
    qtbot: QtBot, canvas: Canvas, mouse: Mouse
) -> None:
    with qtbot.waitSignal(canvas.playToggled):
        QTest.keyClick(canvas, Qt.Key.Key_Space)
    canvas.set_boxes([MARK])
    before = mouse.at(0, 0)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    with qtbot.assertNotEmitted(canvas.playToggled):
        mouse.drag((28, 20), (30, 20))
        QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert mouse.at(0, 0) - before == QPoint(20, 0)


def test_that_other_keys_are_left_to_the_actions(canvas: Canvas) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier)
    canvas.keyPressEvent(event)
    assert not event.isAccepted()


def test_that_draw_mode_needs_a_frame(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.set_draw_mode(True)
    assert not canvas.is_drawing


def test_that_clearing_leaves_nothing(canvas: Canvas) -> None:
    canvas.set_boxes([MARK])
    canvas.set_badge("bad")
    canvas.set_overlay(QImage(4, 4, QImage.Format.Format_ARGB32), Box(0, 0, 4, 4))
    canvas.clear()
    assert canvas.marks() == []
    assert canvas.badge == ""
    assert canvas.overlay.isNull()
    assert canvas.image.isNull()


def colour_at(canvas: Canvas, x: float, y: float) -> QColor:
    at = canvas.viewportTransform().map(QPointF(x, y)).toPoint()
    return canvas.grab().toImage().pixelColor(at)


def test_that_an_overlay_lies_over_its_part_of_the_frame_alone(canvas: Canvas) -> None:
    image = QImage(4, 4, QImage.Format.Format_ARGB32)
    image.fill(QColor(255, 0, 0))
    canvas.set_overlay(image, Box(30, 20, 10, 10))
    assert colour_at(canvas, 35, 25) == QColor(255, 0, 0)
    assert colour_at(canvas, 25, 25) == QColor("gray")


@pytest.mark.parametrize("provenance", list(Provenance))
@pytest.mark.parametrize("is_proposal", [True, False])
def test_that_every_kind_of_box_is_painted(canvas: Canvas, provenance: Provenance, is_proposal: bool) -> None:
    canvas.set_boxes([BoxMark(1, MARK.box, "#00ff00", "1", provenance, is_proposal=is_proposal)])
    empty = colour_at(canvas, 5, 40)
    row = [colour_at(canvas, 20 + step / 10, 10) for step in range(40, 120)]
    assert any(colour != empty for colour in row)
    assert empty == QColor("gray")


def test_that_labels_are_readable_on_light_and_dark_colours() -> None:
    assert readable_on(QColor("#f0e442")).lightness() < 60
    assert readable_on(QColor("#202060")).lightness() > 200
