"""The curve beside the review queue, linked with the timeline."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.widgets.course_plot import CoursePlot

LENGTH = 200
LEFT = Qt.MouseButton.LeftButton
NO_KEYS = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def course(qtbot: QtBot) -> CoursePlot:
    course = CoursePlot()
    qtbot.addWidget(course)
    course.resize(500, 150)
    course.show()
    qtbot.waitExposed(course)
    course.show_course(np.linspace(0, 1, LENGTH))
    QApplication.processEvents()
    return course


def place(course: CoursePlot, frame: float) -> QPoint:
    box = course.plot.getViewBox()
    return QPoint(course.plot.mapFromScene(box.mapViewToScene(QPointF(frame, 0.5))))


def shown(course: CoursePlot) -> list[float]:
    return [float(x) for x in course.plot.getViewBox().viewRange()[0]]


def test_that_without_a_timeline_the_whole_course_is_shown(course: CoursePlot) -> None:
    assert shown(course) == pytest.approx([-0.5, LENGTH - 0.5])


def test_that_it_shows_what_the_timeline_shows_and_a_new_course_does_not_change_that(
    course: CoursePlot,
) -> None:
    course.show_part(50, 100)
    assert shown(course) == pytest.approx([49.5, 99.5])
    course.show_course(np.zeros(LENGTH))
    assert shown(course) == pytest.approx([49.5, 99.5])


def test_that_a_click_and_each_place_of_a_drag_ask_for_the_frame_there(
    course: CoursePlot, qtbot: QtBot
) -> None:
    asked: list[int] = []
    course.frameRequested.connect(asked.append)
    view = course.plot.viewport()
    QTest.mouseClick(view, LEFT, NO_KEYS, place(course, 120))
    assert asked == [pytest.approx(120, abs=1)]
    asked.clear()
    QTest.mousePress(view, LEFT, NO_KEYS, place(course, 40))
    for frame in (60, 80, 100):
        qtbot.wait(20)  # pyqtgraph looks at the mouse a hundred times a second
        at = QPointF(place(course, frame))
        move = QMouseEvent(QEvent.Type.MouseMove, at, view.mapToGlobal(at), LEFT, LEFT, NO_KEYS)
        QApplication.sendEvent(view, move)
    QTest.mouseRelease(view, LEFT, NO_KEYS, place(course, 100))
    assert asked[-1] == pytest.approx(100, abs=1)
    assert len(asked) > 2
    assert asked == sorted(asked)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [(NO_KEYS, (0.8 * LENGTH, 100)), (Qt.KeyboardModifier.ShiftModifier, (LENGTH, 80))],
    ids=["zoom", "pan"],
)
def test_that_the_wheel_asks_for_another_part(
    course: CoursePlot, keys: Qt.KeyboardModifier, expected: tuple[float, float]
) -> None:
    asked: list[tuple[float, float]] = []
    course.partRequested.connect(lambda start, stop: asked.append((start, stop)))
    at = QPointF(place(course, 100))
    view = course.plot.viewport()
    phase = Qt.ScrollPhase.NoScrollPhase
    none, delta = QPoint(), QPoint(0, 120)
    event = QWheelEvent(at, view.mapToGlobal(at), none, delta, Qt.MouseButton.NoButton, keys, phase, False)
    QApplication.sendEvent(view, event)
    start, stop = asked[-1]
    assert stop - start == pytest.approx(expected[0], rel=0.01)
    assert (start + stop) / 2 == pytest.approx(expected[1], abs=2)
    assert shown(course) == pytest.approx([-0.5, LENGTH - 0.5])  # only the timeline decides


def test_that_the_playhead_is_where_it_was_put_while_nobody_looked(course: CoursePlot) -> None:
    course.hide()
    course.set_frame(77)
    course.show()
    assert course.plot._line.value() == 77


def test_that_the_playhead_its_value_and_the_range_are_shown(course: CoursePlot) -> None:
    course.set_frame(LENGTH - 1)
    assert course.plot._line.value() == LENGTH - 1
    assert course.value.text() == "1.00"
    course.set_range(range(20, 40))
    assert course.plot._range.isVisible()
    assert course.plot._range.getRegion() == pytest.approx((19.5, 39.5))
    course.set_range(None)
    assert not course.plot._range.isVisible()


def test_that_nothing_can_be_asked_of_an_empty_course(course: CoursePlot) -> None:
    course.show_course(None)
    asked: list[int] = []
    course.frameRequested.connect(asked.append)
    QTest.mouseClick(course.plot.viewport(), LEFT, NO_KEYS, course.plot.viewport().rect().center())
    assert asked == []
    assert course.value.text() == "–"


def test_that_a_flat_course_and_one_without_values_can_be_shown(course: CoursePlot) -> None:
    course.choice.setCurrentIndex(course.choice.findData("psr"))
    for values in (np.full(9, 4.0), np.full(9, np.nan)):
        course.show_course(values)
        low, high = course.plot.getViewBox().viewRange()[1]
        assert low < high
