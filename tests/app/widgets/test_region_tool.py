"""The mouse on regions: what is drawn, taken hold of and let go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.widgets.box_geometry import INSIDE, Handle
from app.widgets.canvas import Canvas
from app.widgets.region_items import Grip, RegionMark
from app.widgets.region_tool import RegionTool, _pulled
from tests.app.mouse import Mouse
from tracker.outline import Outline, Point, Shape
from tracker.output.shapes import COLOURS, region_colour

SIZE = (160, 120)
BOX = Outline(Shape.BOX, ((40.0, 30.0), (80.0, 70.0)))


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(640, 480)
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    image.fill(QColor("gray"))
    canvas.show()
    canvas.show_image(image)
    return canvas


class Hand:
    """What the tool says."""

    def __init__(self, canvas: Canvas) -> None:
        self.tool, self.mouse = RegionTool(canvas), Mouse(canvas)
        self.drawn: list[tuple[Shape, tuple[Point, ...]]] = []
        self.moved: list[tuple[int, tuple[Point, ...]]] = []
        self.clicked: list[int | None] = []
        self.tool.drawn.connect(lambda shape, points: self.drawn.append((shape, points)))
        self.tool.moved.connect(lambda id_, points: self.moved.append((id_, points)))
        self.tool.clicked.connect(self.clicked.append)

    def click(self, x: float, y: float) -> None:
        self.mouse.press(x, y)
        self.mouse.release(x, y)


@pytest.fixture
def hand(canvas: Canvas) -> Hand:
    return Hand(canvas)


def test_that_a_drag_of_less_than_a_pixel_draws_nothing(hand: Hand) -> None:
    hand.tool.set_shape(Shape.BOX)
    hand.mouse.drag((50, 50), (50.3, 50.3))
    assert hand.drawn == []
    assert hand.tool.shape is Shape.BOX


def test_that_a_spot_outside_the_frame_is_none(hand: Hand) -> None:
    hand.tool.set_shape(Shape.SPOT)
    hand.click(-3, 20)
    assert hand.drawn == []
    hand.click(20, 20)
    assert [shape for shape, _ in hand.drawn] == [Shape.SPOT]


@pytest.mark.parametrize(("x", "y"), [(159.999, 20.0), (12.9999, 20.0), (20.0, 119.998), (0.0, 0.0)])
def test_that_a_spot_is_the_pixel_that_was_clicked(
    hand: Hand, monkeypatch: pytest.MonkeyPatch, canvas: Canvas, x: float, y: float
) -> None:
    monkeypatch.setattr(canvas, "to_frame", lambda _: QPointF(x, y))
    hand.tool.set_shape(Shape.SPOT)
    hand.click(x, y)
    ((_, points),) = hand.drawn
    patch = Outline(Shape.SPOT, points).patch(SIZE)
    assert (patch.left, patch.top, patch.pixels) == (int(x), int(y), 1)


def test_that_a_box_may_reach_out_of_the_frame_but_not_lie_outside(hand: Hand) -> None:
    hand.tool.set_shape(Shape.BOX)
    hand.mouse.drag((-9, 30), (-2, 60))
    assert hand.drawn == []
    hand.mouse.drag((-4, 30), (20, 60))
    ((_, points),) = hand.drawn
    assert points[0][0] < 0


def test_that_two_corners_are_no_polygon(hand: Hand, canvas: Canvas) -> None:
    hand.tool.set_shape(Shape.POLYGON)
    hand.click(20, 20)
    hand.click(60, 20)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert hand.drawn == []
    hand.click(60, 60)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert len(hand.drawn[0][1]) == 3


def test_that_a_double_click_ends_a_polygon(hand: Hand, canvas: Canvas) -> None:
    hand.tool.set_shape(Shape.POLYGON)
    for x, y in ((20, 20), (60, 20), (60, 60)):
        hand.click(x, y)
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=hand.mouse.at(60, 60))
    assert len(hand.drawn[0][1]) == 3
    assert hand.tool.shape is None


def test_that_escape_puts_a_pulled_region_back(hand: Hand, canvas: Canvas) -> None:
    hand.tool.set_regions([RegionMark(1, BOX, "one")], 1)
    hand.mouse.press(60, 50)
    hand.mouse.move(70, 60)
    hand.mouse.move(90, 70)
    assert hand.tool.marks()[0].outline != BOX
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    hand.mouse.release(90, 70)
    assert hand.tool.marks()[0].outline == BOX
    assert hand.moved == []


def test_that_a_hand_that_trembles_moves_nothing(hand: Hand) -> None:
    hand.tool.set_regions([RegionMark(1, BOX, "one")], 1)
    hand.click(60, 50)
    assert hand.moved == []
    assert hand.clicked == [1]


def test_that_the_smaller_of_two_regions_is_taken(hand: Hand) -> None:
    small = Outline(Shape.ELLIPSE, ((50.0, 40.0), (70.0, 60.0)))
    hand.tool.set_regions([RegionMark(1, BOX, "one"), RegionMark(2, small, "two")], None)
    hand.click(60, 50)
    hand.click(42, 32)
    assert hand.clicked == [2, 1]


def test_that_a_corner_of_a_polygon_is_pulled_alone(hand: Hand) -> None:
    outline = Outline(Shape.POLYGON, ((40.0, 30.0), (80.0, 30.0), (60.0, 70.0)))
    hand.tool.set_regions([RegionMark(1, outline, "one")], 1)
    hand.mouse.drag((80, 30), (100, 40))
    ((_, points),) = hand.moved
    assert points[0] == (40, 30)
    assert points[1] == pytest.approx((100, 40), abs=0.5)
    assert points[2] == (60, 70)


def test_that_a_region_that_cannot_be_moved_is_left_to_others(hand: Hand) -> None:
    hand.tool.set_regions([RegionMark(1, BOX, "one", is_movable=False)], 1)
    hand.mouse.drag((60, 50), (90, 70))
    assert hand.moved == []


def test_that_another_button_draws_nothing(hand: Hand) -> None:
    hand.tool.set_shape(Shape.BOX)
    hand.mouse.drag((40, 40), (60, 60), Qt.MouseButton.MiddleButton)
    assert hand.drawn == []


HANDLES = st.sampled_from([INSIDE, Handle(-1, -1), Handle(1, 0), Handle(0, 1)])


@given(HANDLES, st.floats(-300, 300), st.floats(-300, 300), st.sampled_from([Shape.BOX, Shape.ELLIPSE]))
def test_that_a_part_of_a_pulled_region_stays_in_the_frame(
    handle: Handle, dx: float, dy: float, shape: Shape
) -> None:
    moved = _pulled(Outline(shape, BOX.points), Grip(handle), QPointF(dx, dy), SIZE)
    assert moved.bounds.clipped(*SIZE) is not None
    assert min(moved.bounds.width, moved.bounds.height) >= 0.99


@given(st.floats(0, 159.9999), st.floats(0, 119.9999), st.floats(-300, 300), st.floats(-300, 300))
def test_that_a_pulled_spot_still_measures_a_pixel(x: float, y: float, dx: float, dy: float) -> None:
    spot = Outline(Shape.SPOT, ((x, y),))
    assert _pulled(spot, Grip(INSIDE), QPointF(dx, dy), SIZE).patch(SIZE).pixels == 1


def test_that_neighbouring_regions_have_other_colours() -> None:
    assert len({region_colour(number) for number in range(1, 9)}) == len(COLOURS)
