"""The thermal dock, the colour bar, and the mouse on the frame."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from app.docks.thermal_dock import IN_COLOUR
from app.thermal_view import Temperatures
from app.widgets.palette_chooser import FROM_FILE
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import write_clip
from tracker.opencv import cv2
from tracker.thermal.display import Span
from tracker.thermal.isotherms import BandKind, BandUnit
from tracker.thermal.look import Agc, Look
from tracker.thermal.palettes import PALETTES
from tracker.thermal.radiometry import Unit

RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def warm(make_desk: MakeDesk, tmp_path: Path) -> Desk:
    """A window on a 16-bit clip, with the dock in front."""
    folder = tmp_path / "warm"
    folder.mkdir()
    slope = np.add.outer(np.arange(48) * 5, np.arange(64) * 7) + 7000
    for index in range(6):
        cv2.imwrite(str(folder / f"{index:04d}.png"), (slope + 20 * index).astype(np.uint16))
    desk = make_desk()
    desk.driver.open(folder)
    desk.window.panels.thermal.raise_()
    desk.driver.until(desk.window.panels.thermal.histogram.isVisible)
    return desk


def test_that_the_right_button_drags_span_to_the_sides_and_level_up(warm: Desk) -> None:
    view, canvas = warm.window.thermal, warm.window.canvas.viewport()
    assert view.scale is not None
    before = view.scale.span
    middle = canvas.rect().center()
    QTest.mousePress(canvas, RIGHT, pos=middle)
    QTest.mouseMove(canvas, middle + QPoint(40, 0))
    QTest.mouseMove(canvas, middle + QPoint(150, 0))
    wider = view.look.locked
    QTest.mouseMove(canvas, middle + QPoint(0, -150))
    higher = view.look.locked
    QTest.mouseRelease(canvas, RIGHT, pos=middle + QPoint(0, -150))
    QTest.mouseMove(canvas, middle)  # let go: nothing follows any more
    width = before.high - before.low
    assert wider == Span(before.low - width / 2, before.high + width / 2)
    assert higher == Span(before.low + width / 2, before.high + width / 2)
    assert view.look.locked == higher
    assert warm.window.action_set["thermal.lock"].isChecked()


def test_that_a_right_click_changes_nothing(warm: Desk) -> None:
    QTest.mouseClick(warm.window.canvas.viewport(), RIGHT, pos=warm.window.canvas.viewport().rect().center())
    assert warm.window.thermal.look == Look()


def test_that_the_right_button_leaves_a_box_in_the_making_alone(warm: Desk) -> None:
    warm.press(Qt.Key.Key_N)
    mouse = warm.mouse
    mouse.press(10, 10)
    mouse.move(30, 30)
    QTest.mouseRelease(warm.window.canvas.viewport(), RIGHT, pos=mouse.at(30, 30))
    assert warm.window.canvas.is_busy
    mouse.release(30, 30)
    assert warm.driver.session.track is not None


def test_that_edges_of_the_histogram_can_be_pulled_and_a_double_click_lets_go(warm: Desk) -> None:
    dock, view = warm.window.panels.thermal, warm.window.thermal
    histogram = dock.histogram
    axis, span = histogram.axis, histogram.span

    def at(counts: float) -> QPoint:
        share = (counts - axis.low) / (axis.high - axis.low)
        return QPointF(share * histogram.width(), 20).toPoint()

    QTest.mousePress(histogram, Qt.MouseButton.LeftButton, pos=at(span.high))
    QTest.mouseMove(histogram, at(span.high - 100))
    QTest.mouseRelease(histogram, Qt.MouseButton.LeftButton, pos=at(span.high - 100))
    per_pixel = (axis.high - axis.low) / histogram.width()
    assert view.look.locked is not None
    assert view.look.locked.low == span.low
    assert view.look.locked.high == pytest.approx(span.high - 100, abs=2 * per_pixel)
    warm.driver.painted()
    assert dock.width_.value() == pytest.approx(span.high - span.low - 100, abs=2 * per_pixel + 1)
    QTest.mouseDClick(histogram, Qt.MouseButton.LeftButton, pos=at(span.low + 10))
    assert view.look.locked is None


def test_that_numbers_set_level_and_span_and_reset_takes_them_back(warm: Desk) -> None:
    dock, view = warm.window.panels.thermal, warm.window.thermal
    dock.level.setValue(7200)
    warm.driver.painted()
    dock.width_.setValue(100)
    warm.driver.painted()
    assert view.look.locked == Span(7150.0, 7250.0)
    assert dock.ends.text() == "7150 … 7250 counts"
    dock.reset_button.click()
    assert view.look.locked is None
    assert not dock.reset_button.isEnabled()


def test_that_palettes_are_chosen_by_their_names(warm: Desk) -> None:
    dock = warm.window.panels.thermal
    for row, name in enumerate(PALETTES):
        dock.palette_box.activated.emit(row)
        assert warm.window.thermal.look.palette == name
        assert dock.palette_box.currentText() == PALETTES[name].label
    assert all(not dock.palette_box.itemIcon(row).isNull() for row in range(len(PALETTES)))


def test_that_a_palette_from_a_file_is_listed_from_then_on(
    warm: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "iron.csv").write_text("0,0,0\n0,255,0\n", "ascii")
    monkeypatch.setattr("app.dialogs.files.ask_palette", lambda *_: tmp_path / "iron.csv")
    box = warm.window.panels.thermal.palette_box
    box.activated.emit(box.findText(FROM_FILE))
    assert box.currentText() == "iron (own)"
    warm.trigger("thermal.next_palette")
    box.activated.emit(box.findText("iron (own)"))
    assert warm.window.thermal.look.colour_table()[-1].tolist() == [0, 255, 0]


def test_that_a_file_that_is_no_palette_is_said_so(
    warm: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "bad.csv").write_text("hello", "ascii")
    monkeypatch.setattr("app.dialogs.files.ask_palette", lambda *_: tmp_path / "bad.csv")
    warm.trigger("thermal.open_palette")
    assert "fewer than two colours" in warm.window.messages.text
    assert warm.window.thermal.look == Look()
    warm.driver.errors.clear()


@pytest.mark.parametrize("agc", Agc)
def test_that_a_gain_control_shows_its_own_numbers(warm: Desk, agc: Agc) -> None:
    dock = warm.window.panels.thermal
    dock.agc_box.activated.emit(list(Agc).index(agc))
    form = dock.agc_form
    assert form.boxes["gain"].isVisible() == (agc is Agc.DETAIL)
    assert form.boxes["margin"].isVisible() == (agc is Agc.TARGET)
    assert form.boxes["contrast"].isVisible() == (agc in (Agc.PLATEAU, Agc.CLAHE, Agc.DETAIL))
    form.boxes["linear_share"].setValue(55)
    assert warm.window.thermal.look.linear_share == pytest.approx(0.55)


def test_that_isotherms_are_added_changed_switched_off_and_taken_away(warm: Desk) -> None:
    dock, view = warm.window.panels.thermal, warm.window.thermal
    dock.add_button.click()
    (row,) = dock.isotherms.rows
    (band,) = view.look.bands
    assert (band.kind, band.unit) == (BandKind.ABOVE, BandUnit.COUNTS)
    assert not row.low.isHidden()
    assert row.high.isHidden()
    row.kind.setCurrentIndex(2)
    row.kind.activated.emit(2)
    row.low.setValue(7100)
    row.high.setValue(7150)
    (band,) = view.look.bands
    assert (band.kind, band.low, band.high) == (BandKind.BETWEEN, 7100.0, 7150.0)
    warm.driver.painted()
    shown = warm.driver.session.shown
    assert shown is not None
    inside = (shown.counts >= 7100) & (shown.counts <= 7150)
    red = np.frombuffer(bytes.fromhex(band.colour[1:]), np.uint8)
    assert ((shown.picture.rgb == red).all(axis=-1) == inside).all()
    row.check.setChecked(False)
    assert not view.look.bands[0].is_on
    row.removed.emit()
    assert view.look.bands == ()


def test_that_isotherms_are_written_in_the_users_unit_once_there_are_temperatures(warm: Desk) -> None:
    dock, view = warm.window.panels.thermal, warm.window.thermal
    view.set_temperatures(Temperatures(Unit.CELSIUS, lambda counts: counts / 25, lambda kelvin: kelvin * 25))
    dock.add_button.click()
    (row,) = dock.isotherms.rows
    assert row.low.suffix() == " °C"
    row.low.setValue(10.0)
    assert view.look.bands[0].unit is BandUnit.KELVIN
    assert view.look.bands[0].low == pytest.approx(283.15)
    assert warm.window.thermal_bar.bar.unit == "°C"
    assert dock.ends.text().endswith("°C")


def test_that_the_colour_bar_says_what_the_colours_mean(warm: Desk) -> None:
    bar, view = warm.window.thermal_bar.bar, warm.window.thermal
    view.set_span(Span(7000.0, 7400.0))
    warm.driver.painted()
    assert (bar.texts[0], bar.texts[-1], bar.unit) == ("7000", "7400", "counts")
    assert bar.isVisible()
    assert bar.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    view.change(agc=Agc.CLAHE)
    warm.driver.painted()
    assert bar.unit == "≈ counts"


def test_that_a_clip_in_colour_says_why_it_has_no_palettes(make_desk: MakeDesk, tmp_path: Path) -> None:
    folder = write_clip(tmp_path / "colour", 3)
    for path in folder.iterdir():
        image = np.zeros((48, 64, 3), np.uint8)
        image[..., 2] = 200
        cv2.imwrite(str(path), image)
    desk = make_desk()
    desk.driver.open(folder)
    dock = desk.window.panels.thermal
    dock.raise_()
    assert dock.notice.text() == IN_COLOUR
    assert not dock.palette_box.isVisible()
    assert not desk.window.action_set["thermal.next_palette"].isEnabled()
    assert desk.window.thermal_bar.bar.isHidden()
    assert desk.window.canvas.image.pixelColor(5, 5).red() == 200


def test_that_nothing_of_a_clip_stays_when_it_is_closed(warm: Desk) -> None:
    warm.trigger("file.close")
    assert not warm.window.action_set["thermal.next_palette"].isEnabled()
    assert warm.window.thermal_bar.bar.isHidden()


def test_that_a_map_over_the_frame_lies_on_a_dark_ground_in_colourful_palettes(warm: Desk) -> None:
    warm.draw()
    warm.trigger("track.forward")
    warm.wait_for_run()
    warm.driver.go_to(3)
    warm.trigger("view.overlay")
    canvas = warm.window.canvas
    assert not canvas.overlay.isNull()
    plain = canvas.overlay.pixelColor(0, 0).alpha()
    warm.window.thermal.set_palette("iron")
    warm.driver.until(lambda: canvas.overlay.pixelColor(0, 0).alpha() >= 150 > plain)
    warm.window.thermal.set_palette("black_hot")
    warm.driver.until(lambda: canvas.overlay.pixelColor(0, 0).alpha() == plain)


def test_that_a_window_without_a_clip_has_the_default_look(make_desk: MakeDesk) -> None:
    assert make_desk().window.thermal.look == Look()
