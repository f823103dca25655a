"""Measuring in the window: regions drawn and pulled, their values, their curves, temperatures."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QTableWidgetItem

from app.dialogs.measurements import MeasurementsDialog
from app.docks.measure_dock import IN_COLOUR, NO_CLIP, NO_REGIONS
from app.docks.region_table import RegionTable
from tests.app.desk import Desk, MakeDesk
from tests.app.stubs import BOX, HEIGHT, LENGTH, WIDTH, write_clip
from tracker.annotation import commands
from tracker.annotation.regions import Region
from tracker.geometry import Box
from tracker.opencv import cv2
from tracker.outline import Outline, Shape
from tracker.store.thermal import choice_of
from tracker.thermal.radiometry import LinearCalibration

CORNERS = ((30.0, 20.0), (44.0, 34.0))


def only(desk: Desk) -> Region:
    (region,) = desk.window.measuring.regions
    return region


def draw(desk: Desk, shape: Shape = Shape.BOX, *, follows: bool = False) -> Region:
    desk.driver.session.settings.regions_follow = follows
    desk.window.measuring.add(shape, CORNERS)
    region = desk.window.measuring.selected
    assert region is not None
    return region


def place(desk: Desk, region: Region) -> Outline:
    outline = desk.window.measuring.outline(region)
    assert outline is not None
    return outline


def shown(desk: Desk) -> Desk:
    """The dock is open."""
    desk.window.measure.show()
    return desk


def measured(desk: Desk) -> Desk:
    """The clip has been measured."""
    desk.driver.until(lambda: not desk.window.measuring.courses.is_busy)
    return desk


def hover(desk: Desk, x: float, y: float) -> None:
    for at in ((1, 1), (x, y)):  # a mouse that is there already does not move
        QTest.mouseMove(desk.window.canvas.viewport(), desk.mouse.at(*at))


def field(desk: Desk, name: str) -> str:
    return desk.window.status.bar.field(name)


def cell(table: RegionTable, row: int, column: int) -> QTableWidgetItem:
    item = table.item(row, column)
    assert item is not None
    return item


# Temperatures


def test_that_the_status_bar_says_where_temperatures_are_unavailable(desk: Desk) -> None:
    hover(desk, 20.5, 30.5)
    assert field(desk, "counts").endswith("0")
    assert field(desk, "temperature") == "temperature unavailable"


def test_that_the_status_bar_has_the_temperature_under_the_cursor(desk: Desk) -> None:
    desk.window.measuring.temperature.choose(choice_of(LinearCalibration(0.5, 273.15)))
    desk.driver.go_to(8)
    hover(desk, 20.5, 30.5)
    assert field(desk, "temperature") == "4.0 °C"
    desk.trigger("unit.fahrenheit")
    assert field(desk, "temperature") == "39.2 °F"
    desk.driver.session.undo()
    assert field(desk, "temperature") == "temperature unavailable"


def test_that_a_calibration_comes_back_with_its_project(desk: Desk, clip: Path) -> None:
    desk.window.measuring.temperature.choose(choice_of(LinearCalibration(0.5)))
    desk.driver.session.close()
    assert desk.window.measuring.temperature.calibration is None
    desk.driver.open(clip)
    assert desk.window.measuring.temperature.calibration == LinearCalibration(0.5)


def test_that_a_damaged_calibration_does_not_keep_a_project_from_opening(desk: Desk, clip: Path) -> None:
    project = desk.driver.session.require_project()
    project.set_setting("calibration", "damaged")
    desk.driver.session.close()
    desk.driver.open(clip)
    assert desk.window.measuring.temperature.calibration is None
    assert desk.driver.errors == []


def test_that_the_colour_bar_follows_the_calibration(desk: Desk) -> None:
    assert desk.window.thermal.unit == "counts"
    desk.window.measuring.temperature.choose(choice_of(LinearCalibration(1.0, 273.15)))
    assert (desk.window.thermal.unit, desk.window.thermal.value_text(20)) == ("°C", "20.0")


# Regions on the canvas


def test_that_a_region_drawn_on_a_target_moves_and_grows_with_it(desk: Desk) -> None:
    desk.draw()  # BOX: x 10, y 8, 12 x 16
    desk.trigger("measure.box")
    desk.mouse.drag((12, 10), (18, 18))
    before = place(desk, only(desk)).bounds
    desk.driver.session.move_box(1, Box(30, 16, 24, 32), 5)
    desk.driver.go_to(5)
    after = place(desk, only(desk)).bounds
    assert after.width == pytest.approx(2 * before.width, rel=0.01)
    assert after.x - 30 == pytest.approx(2 * (before.x - BOX.x), abs=0.3)


def test_that_a_pulled_region_is_where_it_was_let_go_and_the_target_stays(desk: Desk) -> None:
    desk.draw()
    box = desk.track.at(0).box
    draw(desk, follows=True)
    desk.mouse.drag((37, 27), (42, 30))
    moved = place(desk, only(desk)).bounds
    assert (moved.x, moved.y) == pytest.approx((35, 23), abs=0.3)
    assert desk.track.at(0).box == box
    desk.driver.session.undo()
    assert place(desk, only(desk)).bounds.x == pytest.approx(30)


def test_that_a_handle_resizes_a_region(desk: Desk) -> None:
    draw(desk, Shape.ELLIPSE)
    desk.mouse.drag((44, 34), (50, 40))
    bounds = place(desk, only(desk)).bounds
    assert (bounds.x, bounds.y) == pytest.approx((30, 20))
    assert (bounds.right, bounds.bottom) == pytest.approx((50, 40), abs=0.3)


def test_that_a_click_on_a_region_selects_it_and_one_beside_it_none(desk: Desk) -> None:
    region = draw(desk)
    desk.window.measuring.select(None)
    desk.mouse.press(37, 27)
    desk.mouse.release(37, 27)
    assert desk.window.measuring.selected == region
    desk.mouse.press(5, 40)
    desk.mouse.release(5, 40)
    assert desk.window.measuring.selected is None
    assert only(desk) == region


def test_that_a_target_under_a_region_can_still_be_selected(desk: Desk) -> None:
    desk.draw(Box(25, 15, 30, 25))
    draw(desk)
    desk.window.measuring.select(None)
    desk.driver.session.select(None)
    desk.mouse.press(37, 27)
    desk.mouse.release(37, 27)
    assert desk.window.measuring.selected is None
    assert desk.driver.session.selected == 1


def test_that_escape_gives_up_a_polygon_and_backspace_takes_a_corner_back(desk: Desk) -> None:
    desk.draw()
    desk.trigger("measure.polygon")
    canvas = desk.window.canvas
    for x, y in ((30, 20), (44, 20), (50, 40), (44, 34)):
        desk.mouse.press(x, y)
        desk.mouse.release(x, y)
    QTest.keyClick(canvas, Qt.Key.Key_Backspace)
    QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert len(only(desk).points) == 3
    assert desk.track.at(0).box is not None
    desk.trigger("measure.polygon")
    desk.mouse.press(3, 3)
    desk.mouse.release(3, 3)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not desk.window.action_set["measure.polygon"].isChecked()
    assert len(desk.window.measuring.regions) == 1


def test_that_a_tool_and_drawing_a_box_exclude_one_another(desk: Desk) -> None:
    desk.trigger("measure.box")
    desk.trigger("track.draw")
    assert not desk.window.action_set["measure.box"].isChecked()
    desk.trigger("measure.box")
    assert not desk.window.canvas.is_drawing


def test_that_a_region_on_the_target_itself_leaves_its_handles_free(desk: Desk) -> None:
    desk.draw()
    desk.window.measuring.measure_selected()  # without its panel, which would move the canvas under the mouse
    desk.mouse.drag((BOX.right, BOX.bottom), (30, 30))
    box = desk.track.at(0).box
    assert box is not None
    assert box.right == pytest.approx(30, abs=0.3)
    assert place(desk, only(desk)).bounds == box


def test_that_a_deleted_track_takes_its_regions_along_and_undo_brings_both_back(desk: Desk) -> None:
    desk.draw()
    desk.trigger("measure.target")
    region = only(desk)
    desk.trigger("edit.delete_track")
    assert desk.window.measuring.regions == ()
    assert desk.window.measure.presenter.tool.marks() == []
    desk.driver.session.undo()
    assert only(desk) == region


def test_that_a_region_outside_the_targets_presence_is_not_drawn(desk: Desk) -> None:
    desk.draw()
    desk.trigger("measure.target")
    assert len(desk.window.measure.presenter.tool.marks()) == 1
    desk.driver.go_to(3)
    assert desk.window.measure.presenter.tool.marks() == []
    assert cell(shown(desk).window.panels.measure.table, 0, 1).text() == "–"


# The dock


def test_that_the_dock_says_why_it_is_empty(make_desk: MakeDesk, clip: Path, tmp_path: Path) -> None:
    desk = make_desk()
    assert desk.window.panels.measure.notice.text() == NO_CLIP
    desk.driver.open(clip)
    assert desk.window.panels.measure.notice.text() == NO_REGIONS
    folder = tmp_path / "colour"
    folder.mkdir()
    cv2.imwrite(str(folder / "0.png"), np.random.default_rng(0).integers(0, 255, (20, 30, 3), np.uint8))
    desk.driver.open(folder)
    assert desk.window.panels.measure.notice.text() == IN_COLOUR
    assert not desk.window.action_set["measure.box"].isEnabled()
    assert desk.driver.errors == []


def test_that_the_table_has_the_values_of_the_shown_frame(desk: Desk) -> None:
    draw(desk)
    table = shown(desk).window.panels.measure.table
    desk.driver.go_to(7)
    assert [cell(table, 0, column).text() for column in range(1, 4)] == ["7", "7", "7"]
    desk.window.measuring.temperature.choose(choice_of(LinearCalibration(1.0, 273.15)))
    assert cell(table, 0, 1).text() == "7.0"


def test_that_curves_run_along_the_whole_clip_and_lead_to_its_frames(desk: Desk) -> None:
    draw(shown(desk))
    plot = measured(desk).window.panels.measure.plot
    (curve,) = plot.curves
    assert curve.values.tolist() == list(range(LENGTH))
    plot.frameRequested.emit(11)
    assert desk.driver.session.frame == 11
    timeline = desk.window.panels.timeline
    timeline.show_single_frames()
    scale = timeline.scale
    assert scale is not None
    assert not scale.is_whole
    low, high = plot.viewRange()[0]
    assert (low, high) == pytest.approx(
        (scale.start - 0.5, scale.start + scale.per_pixel * scale.width - 0.5)
    )


def test_that_an_edit_measures_anew_what_it_changed(desk: Desk) -> None:
    desk.draw()
    desk.trigger("measure.target")
    (curve,) = measured(desk).window.panels.measure.plot.curves
    assert np.flatnonzero(np.isfinite(curve.values)).tolist() == [0]
    desk.driver.session.edit(lambda d: commands.set_anchor(d, 1, 4, BOX))
    desk.driver.until(
        lambda: (
            np.flatnonzero(np.isfinite(desk.window.panels.measure.plot.curves[0].values)).tolist() == [0, 4]
        )
    )


def test_that_nothing_is_measured_along_the_clip_while_nobody_looks(desk: Desk) -> None:
    draw(desk)
    assert not desk.window.measuring.courses.is_busy
    assert not any(course.is_measured.any() for course in desk.window.measuring.courses.known.values())


def test_that_a_run_is_measured_when_it_is_over(desk: Desk) -> None:
    desk.draw()
    desk.trigger("measure.target")
    desk.driver.run(until=6)
    plot = desk.window.panels.measure.plot
    desk.driver.until(lambda: sum(np.isfinite(curve.values).sum() for curve in plot.curves) == 7)


def test_that_the_table_renames_and_ticks_and_deletes(desk: Desk) -> None:
    draw(shown(desk))
    table = measured(desk).window.panels.measure.table
    cell(table, 0, 0).setText("stone")
    assert only(desk).name == "stone"
    cell(table, 0, 0).setCheckState(Qt.CheckState.Unchecked)
    assert desk.window.panels.measure.plot.curves == ()
    table.selectRow(0)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert desk.window.measuring.regions == ()


def test_that_the_delete_key_in_the_table_leaves_the_track_alone(desk: Desk) -> None:
    desk.draw()
    draw(shown(desk))
    table = desk.window.panels.measure.table
    event = QKeyEvent(QKeyEvent.Type.ShortcutOverride, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    event.ignore()
    table.event(event)
    assert event.isAccepted()
    assert desk.track.at(0).box is not None


def test_that_a_threshold_counts_pixels_and_is_kept(desk: Desk, clip: Path) -> None:
    draw(shown(desk))
    form = desk.window.panels.measure.form
    desk.driver.go_to(9)
    form.check.setChecked(True)
    form.threshold.setValue(8)
    assert desk.window.measuring.values[1].above == 14 * 14
    desk.driver.session.close()
    desk.driver.open(clip)
    assert desk.window.measuring.method.threshold == 8
    assert form.check.isChecked()


def test_that_the_drawn_statistic_is_what_labels_say(desk: Desk) -> None:
    draw(shown(desk))
    dock = desk.window.panels.measure
    dock.choice.setCurrentIndex(dock.choice.findData("pixels"))
    dock.choice.activated.emit(dock.choice.currentIndex())
    (mark,) = desk.window.measure.presenter.tool.marks()
    assert mark.text == "Box 1  196 px"


def test_that_peaks_are_on_the_hottest_pixels(make_desk: MakeDesk, tmp_path: Path) -> None:
    folder = tmp_path / "hot"
    folder.mkdir()
    frame = np.full((HEIGHT, WIDTH), 3000, np.uint16)
    frame[25, 33] = 9000
    cv2.imwrite(str(folder / "0.png"), frame)
    desk = make_desk()
    desk.driver.open(folder)
    draw(desk)
    (peak,) = desk.window.measure.presenter.peaks.peaks
    assert (peak.x, peak.y) == (33.5, 25.5)


@pytest.mark.parametrize("name", ["", "   ", "a\u0007b"])
def test_that_a_name_that_is_none_does_not_stay_in_the_table(desk: Desk, name: str) -> None:
    draw(shown(desk))
    table = desk.window.panels.measure.table
    cell(table, 0, 0).setText(name)
    assert only(desk).name == "Box 1"
    assert cell(table, 0, 0).text() == "Box 1"
    cell(table, 0, 0).setText("  wall ")
    assert only(desk).name == cell(table, 0, 0).text() == "wall"


def test_that_a_region_follows_nothing_where_nothing_is_selected(desk: Desk) -> None:
    draw(desk)
    desk.driver.session.select(None)
    before = only(desk)
    desk.window.measuring.attach()
    assert only(desk) == before
    assert "no track is selected" in desk.driver.errors.pop().message
    desk.driver.session.undo()
    assert desk.window.measuring.regions == ()  # what is undone is the drawing: nothing was put on top


def test_that_measurements_are_saved_as_a_table(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(desk)
    out = tmp_path / "m.csv"

    def answer(dialog: MeasurementsDialog) -> QDialog.DialogCode:
        assert dialog.output.name == "clip-measurements.csv"
        dialog.file.setText(str(out))
        with desk.driver.qtbot.waitSignal(dialog.accepted):
            dialog.start()
        return QDialog.DialogCode.Accepted

    monkeypatch.setattr(MeasurementsDialog, "exec", answer)
    desk.trigger("measure.export")
    rows = list(csv.DictReader(line for line in out.read_text("utf-8").splitlines() if line[0] != "#"))
    assert [float(row["max"]) for row in rows] == list(range(LENGTH))
    assert "saved" in desk.window.messages.text


def test_that_another_clip_begins_without_the_regions_of_the_one_before(desk: Desk, tmp_path: Path) -> None:
    draw(shown(desk))
    desk.driver.go_to(20)
    desk.driver.open(write_clip(tmp_path / "short", length=4))
    assert desk.window.measuring.regions == ()
    assert desk.window.measure.presenter.tool.marks() == []
    assert measured(desk).driver.errors == []


def test_that_the_menu_of_a_row_says_what_becomes_of_its_region(desk: Desk) -> None:
    desk.draw()
    draw(shown(desk))
    table = desk.window.panels.measure.table
    menu = table.make_menu(0)
    next(action for action in menu.actions() if action.text() == "Follow the selected target").trigger()
    assert only(desk).track_id == desk.driver.session.selected is not None
    menu = table.make_menu(0)
    next(action for action in menu.actions() if action.text() == "Fix where it is in this frame").trigger()
    assert only(desk).track_id is None


def test_that_the_menu_of_a_row_can_delete_its_region(desk: Desk) -> None:
    draw(shown(desk))
    table = desk.window.panels.measure.table
    menu = table.make_menu(0)
    next(action for action in menu.actions() if "Delete" in action.text()).trigger()
    assert desk.window.measuring.regions == ()
    assert table.itemAt(QPoint(5, 5)) is None
