from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QRectF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.docks.maps_dock import MapsDock
from app.widgets.history_strip import KEPT, HistoryStrip
from app.widgets.map_grid import GAP, LEAST_SIDE, MOST_SIDE, arrangement
from app.widgets.map_view import TITLE_HEIGHT, MapView, share_of
from tests.app.test_maps_dock import make_evidence
from tracker.annotation.evidence import Scores
from tracker.geometry import Box


def scores(peak: float = 0.5, disagreement: float = 0.0) -> Scores:
    return Scores(peak, 9.0, 40.0, 0.2, disagreement)


@pytest.fixture
def dock(qtbot: QtBot) -> MapsDock:
    dock = MapsDock()
    qtbot.addWidget(dock)
    dock.resize(340, 640)
    dock.show()
    return dock


@settings(max_examples=200)
@given(st.integers(0, 3000), st.integers(-200, 3000), st.integers(50, 300))
def test_that_maps_fit_the_width_and_are_neither_tiny_nor_huge(width: int, room: int, numbers: int) -> None:
    best = arrangement(width, room, numbers)
    assert 1 <= best.side <= MOST_SIDE
    maps_in_row = {1: 1, 2: 2, 4: 3}[best.columns]
    assert best.side * maps_in_row + GAP * (maps_in_row - 1) <= max(width, maps_in_row + GAP * 2)
    if width >= 2 * LEAST_SIDE + GAP:
        assert best.side >= LEAST_SIDE


@pytest.mark.parametrize(
    ("width", "room", "columns"),
    [(320, 400, 2), (1200, 250, 4), (400, 1500, 1)],
    ids=["dock", "flat", "tall"],
)
def test_that_the_maps_stand_as_the_shape_of_the_dock_allows(width: int, room: int, columns: int) -> None:
    best = arrangement(width, room, 140)
    assert best.columns == columns
    rows = {1: 3, 2: 2, 4: 1}[columns]
    assert rows * (best.side + TITLE_HEIGHT) <= room


@pytest.mark.parametrize("width", [290, 341, 480, 900])
def test_that_a_dock_of_any_height_comes_to_rest(dock: MapsDock, width: int) -> None:
    dock.add_history(0, scores())
    dock.add_history(1, scores())
    for height in range(200, 1300, 23):
        dock.resize(width, height)
        QApplication.processEvents()
    sides = {min(view.width(), view.height() - TITLE_HEIGHT) for view in dock.views.values()}
    assert len(sides) == 1


def test_that_the_target_is_drawn_where_it_lies_in_the_maps(qtbot: QtBot) -> None:
    share = share_of(Box(100, 50, 200, 100), Box(150, 75, 50, 50))
    assert share == QRectF(0.25, 0.25, 0.25, 0.5)
    view = MapView("Fused", "")
    qtbot.addWidget(view)
    view.resize(200, 200 + TITLE_HEIGHT)
    view.show_map(np.zeros((8, 8), np.float32))
    without = view.grab().toImage()
    view.show_map(np.zeros((8, 8), np.float32), box=QRectF(0.25, 0.25, 0.25, 0.5))
    image = view.grab().toImage()
    on_left_edge, inside = QPoint(50, TITLE_HEIGHT + 100), QPoint(75, TITLE_HEIGHT + 120)
    assert image.pixelColor(on_left_edge) != without.pixelColor(on_left_edge)
    assert image.pixelColor(inside) == without.pixelColor(inside)


def test_that_the_cursor_marks_the_same_cell_in_all_maps_and_says_where_it_is(dock: MapsDock) -> None:
    dock.show_evidence(make_evidence())
    QApplication.processEvents()
    view = dock.views["semantic"]
    area = view._area()
    place = QPoint(round(area.x() + 5.5 * area.width() / 8), round(area.y() + 3.5 * area.height() / 8))
    QTest.mouseMove(view, place + QPoint(1, 1))
    QTest.mouseMove(view, place)
    assert dock.views["structural"].value_text() == "0.40"
    assert dock.views["fused"].value_text() == "0.12"
    assert dock.place.text() == "x 59.0  y 39.0"
    dock.show_evidence(None)
    assert dock.place.text() == ""


def test_that_the_first_evidence_is_drawn_at_once(dock: MapsDock, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not dock._timer.isActive())
    dock.show_evidence(make_evidence(0.7))
    assert dock.views["semantic"].value_text() == "0.70"


def test_that_the_curves_appear_with_the_second_frame_and_go_with_their_track(dock: MapsDock) -> None:
    dock.add_history(3, scores())
    assert dock.history.isHidden()
    dock.add_history(4, scores())
    assert not dock.history.isHidden()
    dock.clear_history()
    assert dock.history.isHidden()


def test_that_a_column_of_the_curves_shows_its_worst_frame(qtbot: QtBot) -> None:
    strip = HistoryStrip()
    qtbot.addWidget(strip)
    for frame in np.random.default_rng(0).permutation(1000).tolist():
        strip.add(frame, scores(0.1, 0.9) if frame == 500 else scores(0.8, 0.05))
    x, peak, apart = strip.columns(100)
    assert len(x) <= 100
    assert np.all(np.diff(x) > 0)
    assert peak.min() == pytest.approx(0.1)
    assert apart.max() == pytest.approx(0.9)
    assert peak.argmin() == apart.argmax()


def test_that_a_frame_seen_again_counts_once_with_what_was_seen_last(qtbot: QtBot) -> None:
    strip = HistoryStrip()
    qtbot.addWidget(strip)
    strip.add(7, scores(0.2))
    strip.add(7, scores(0.6))
    _, peak, _ = strip.columns(50)
    assert peak.tolist() == [pytest.approx(0.6)]


def test_that_the_curves_forget_what_was_seen_longest_ago(qtbot: QtBot) -> None:
    strip = HistoryStrip()
    qtbot.addWidget(strip)
    for frame in range(KEPT + 10):
        strip.add(frame, scores())
    assert min(strip._seen) == 10
    assert len(strip._seen) == KEPT


def test_that_curves_with_holes_and_broken_numbers_can_be_painted(qtbot: QtBot) -> None:
    strip = HistoryStrip()
    qtbot.addWidget(strip)
    strip.resize(300, strip.height())
    for frame in (0, 1, 2, 90, 5000):
        strip.add(frame, scores(float("nan") if frame == 2 else 0.5, float("inf")))
    assert not strip.grab().isNull()
