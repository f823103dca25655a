"""The similarity-maps dock: what it shows is the evidence it was given last, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.docks.maps_dock import MapsDock
from app.widgets.colour_scale import lookup_table, map_image, overlay_image, to_levels
from tracker.annotation.evidence import Evidence, Scores
from tracker.geometry import Box


def make_evidence(peak: float = 0.8, value_range: tuple[float, float] = (0.0, 1.0)) -> Evidence:
    semantic, structural = np.zeros((8, 8), np.float32), np.zeros((8, 8), np.float32)
    semantic[2, 5], structural[3, 5] = peak, peak / 2
    attention = np.linspace(0, 1, 12, dtype=np.float32), np.ones((3, 3), np.float32)
    scores = Scores(peak, 9.5, 40.0, 0.25, 0.1)
    fused = 0.7 * semantic + 0.3 * structural
    return Evidence(
        Box(0, 0, 80, 80),
        Box(4, 4, 80, 80),
        semantic,
        structural,
        fused,
        value_range,
        *attention,
        (0.7, 0.3),
        scores,
    )


@pytest.fixture
def dock(qtbot: QtBot) -> MapsDock:
    dock = MapsDock()
    qtbot.addWidget(dock)
    dock.resize(340, 640)
    dock.show()
    return dock


def test_that_all_three_maps_and_the_numbers_are_shown(dock: MapsDock, qtbot: QtBot) -> None:
    dock.show_evidence(make_evidence())
    qtbot.waitUntil(lambda: dock.views["fused"].value_text() != "")
    assert dock.views["semantic"].value_text() == "0.80"
    assert dock.views["structural"].value_text() == "0.40"
    assert dock.views["fused"].value_text() == "0.56"
    assert dock.numbers.values["psr"].text() == "9.5"
    assert dock.numbers.values["second_peak_ratio"].text() == "0.25"


def test_that_no_evidence_clears_at_once_what_another_frame_showed(dock: MapsDock, qtbot: QtBot) -> None:
    dock.show_evidence(make_evidence())
    qtbot.waitUntil(lambda: dock.views["fused"].value_text() != "")
    dock.show_evidence(None)
    assert dock.views["fused"].value_text() == ""
    assert dock.numbers.values["peak"].text() == "–"
    assert "No maps" in dock.state.text()


def test_that_of_many_pieces_of_evidence_the_last_is_drawn(dock: MapsDock, qtbot: QtBot) -> None:
    for peak in np.linspace(0.1, 0.9, 50):
        dock.show_evidence(make_evidence(float(peak)))
    qtbot.waitUntil(lambda: dock.views["semantic"].value_text() == "0.90")


def test_that_the_state_says_whether_a_run_is_going_on(dock: MapsDock, qtbot: QtBot) -> None:
    dock.show_evidence(make_evidence())
    dock.set_live(True)
    assert dock.state.text().startswith("Live")
    dock.set_live(False)
    assert dock.state.text().startswith("Stored")


def test_that_the_chosen_map_lies_over_the_region_it_covers(dock: MapsDock, qtbot: QtBot) -> None:
    assert dock.overlay_image() is None
    dock.show_evidence(make_evidence())
    with qtbot.waitSignal(dock.overlayChanged):
        dock.set_overlay_mode("semantic")
    found = dock.overlay_image()
    assert found is not None
    image, region = found
    assert region == Box(4, 4, 80, 80)
    assert QColor(image.pixelColor(5, 2)).alpha() > 0
    assert QColor(image.pixelColor(0, 0)).alpha() == 0
    dock.show_evidence(None)
    assert dock.overlay_image() is None


def test_that_the_value_under_the_cursor_is_that_of_its_cell(dock: MapsDock, qtbot: QtBot) -> None:
    dock.show_evidence(make_evidence())
    qtbot.waitUntil(lambda: dock.views["semantic"].value_text() != "")
    view = dock.views["semantic"]
    area = view._area()
    cell = QPointF(area.x() + 5.5 * area.width() / 8, area.y() + 2.5 * area.height() / 8)
    assert view.cell_at(cell) == (2, 5)
    assert view.cell_at(QPointF(area.x() - 5, area.y())) is None


def test_that_a_wide_dock_puts_everything_in_one_row(dock: MapsDock, qtbot: QtBot) -> None:
    dock.resize(900, 400)
    qtbot.waitUntil(lambda: len({view.y() for view in dock.views.values()}) == 1)


def test_that_the_scale_is_fixed_and_clips_beyond_its_ends() -> None:
    values = np.array([[-2.0, -1.0, 0.0, 1.0, 5.0]], np.float32)
    assert to_levels(values, (-1.0, 1.0)).tolist() == [[0, 0, 127, 255, 255]]
    image = map_image(values, (-1.0, 1.0))
    colour = image.pixelColor(4, 0)
    assert [colour.red(), colour.green(), colour.blue()] == lookup_table()[255].tolist()


def test_that_the_overlay_is_the_more_opaque_the_more_similar() -> None:
    image = overlay_image(np.array([[0.0, 0.25, 1.0]], np.float32), (0.0, 1.0), 0.5)
    alphas = [image.pixelColor(x, 0).alpha() for x in range(3)]
    assert alphas == [0, pytest.approx(63, abs=2), pytest.approx(127, abs=2)]


def test_that_a_clicked_cell_says_what_it_is_made_of_and_stays_through_the_frames(
    dock: MapsDock, qtbot: QtBot
) -> None:
    dock.show_evidence(make_evidence())
    view = dock.views["semantic"]
    view.cellHovered.emit((2, 5))
    assert dock.parts.text() == "semantic 0.80 · structural 0.00 → fused 0.56, 100% semantic"
    view.cellHovered.emit((3, 5))
    assert dock.parts.text() == "semantic 0.00 · structural 0.40 → fused 0.12, 0% semantic"
    view.cellHovered.emit(None)
    assert "Point at a cell" in dock.parts.text()
    view.cellClicked.emit((2, 5))
    view.cellHovered.emit(None)
    dock.show_evidence(None)
    assert "Point at a cell" in dock.parts.text()
    dock.show_evidence(make_evidence(0.4))
    qtbot.waitUntil(lambda: dock.parts.text().startswith("semantic 0.40"))
    view.cellClicked.emit((2, 5))
    view.cellHovered.emit(None)
    assert "Point at a cell" in dock.parts.text()
