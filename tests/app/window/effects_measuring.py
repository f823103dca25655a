"""What the actions on regions and temperatures do."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog

from app.dialogs.measurements import MeasurementsDialog
from app.dialogs.temperature import TemperatureDialog
from app.measuring import Measuring
from tests.app.stubs import BOX
from tests.app.window.effects import Trial, effect
from tracker.annotation.regions import WHOLE, Region
from tracker.outline import Shape
from tracker.store.thermal import choice_of
from tracker.thermal.radiometry import LinearCalibration, Unit


def measuring(trial: Trial) -> Measuring:
    return trial.desk.window.measuring


def add_fixed(trial: Trial) -> Region:
    """A fixed region, which is selected."""
    trial.desk.driver.session.settings.regions_follow = False
    measuring(trial).add(Shape.BOX, [(20, 10), (30, 22)])
    region = measuring(trial).selected
    assert region is not None
    return region


@effect("measure.show")
def _show(trial: Trial) -> None:
    dock = trial.desk.window.panels.measure
    assert dock.isHidden()
    trial.act()
    assert dock.isVisible()
    assert "No regions yet" in dock.notice.text()


@effect("measure.target")
def _target(trial: Trial) -> None:
    trial.act()
    (region,) = measuring(trial).regions
    assert (region.shape, region.points, region.track_id) == (Shape.BOX, WHOLE, 1)
    assert measuring(trial).selected == region
    assert trial.desk.window.panels.measure.table.rowCount() == 1


@effect("measure.spot")
def _spot(trial: Trial) -> None:
    trial.act()
    trial.desk.mouse.press(40, 30)
    trial.desk.mouse.release(40, 30)
    (region,) = measuring(trial).regions
    assert (region.shape, region.track_id) == (Shape.SPOT, 1)


@effect("measure.box", "measure.ellipse")
def _drag(trial: Trial) -> None:
    trial.act()
    assert trial.desk.window.action_set[trial.id].isChecked()
    trial.desk.mouse.drag((30, 20), (44, 34))
    (region,) = measuring(trial).regions
    assert region.shape.value == trial.id.removeprefix("measure.")
    outline = measuring(trial).outline(region)
    assert outline is not None
    assert abs(outline.bounds.x - 30) < 0.2
    assert abs(outline.bounds.right - 44) < 0.2
    assert not trial.desk.window.action_set[trial.id].isChecked()


@effect("measure.polygon")
def _polygon(trial: Trial) -> None:
    trial.act()
    mouse = trial.desk.mouse
    for x, y in ((30, 20), (44, 20), (44, 34), (30, 20)):  # the last is the first again
        mouse.press(x, y)
        mouse.release(x, y)
    (region,) = measuring(trial).regions
    assert (region.shape, len(region.points)) == (Shape.POLYGON, 3)


@effect("measure.follow")
def _follow(trial: Trial) -> None:
    assert trial.desk.window.action_set[trial.id].isChecked()
    trial.act()
    assert not trial.desk.driver.session.settings.regions_follow
    measuring(trial).add(Shape.SPOT, [(3, 3)])
    assert measuring(trial).regions[0].track_id is None


@effect("measure.attach")
def _attach(trial: Trial) -> None:
    before = measuring(trial).outline(add_fixed(trial))
    trial.act()
    region = measuring(trial).regions[0]
    assert region.track_id == 1
    after = measuring(trial).outline(region)
    assert before is not None
    assert after is not None
    assert abs(after.bounds.x - before.bounds.x) < 1e-6
    trial.act()
    assert measuring(trial).regions[0].track_id is None


@effect("measure.delete")
def _delete(trial: Trial) -> None:
    region = add_fixed(trial)
    trial.act()
    assert measuring(trial).regions == ()
    assert measuring(trial).selected is None
    trial.desk.driver.session.undo()
    assert measuring(trial).regions == (region,)


@effect("measure.next", "measure.previous")
def _step(trial: Trial) -> None:
    first, second = add_fixed(trial), add_fixed(trial)
    third = add_fixed(trial)
    measuring(trial).select(second.id)
    trial.act()
    assert measuring(trial).selected == (third if trial.id == "measure.next" else first)


@effect("measure.peaks")
def _peaks(trial: Trial) -> None:
    peaks = trial.desk.window.measure.presenter.peaks
    assert [(peak.x, peak.y) for peak in peaks.peaks] == [(BOX.x + 0.5, BOX.y + 0.5)]
    trial.act()
    assert peaks.peaks == ()


@effect("measure.temperature")
def _temperature(trial: Trial) -> None:
    def answer(dialog: TemperatureDialog) -> QDialog.DialogCode:
        dialog.show_choice(choice_of(LinearCalibration(0.5, 290.0)))
        return QDialog.DialogCode.Accepted

    trial.patch.setattr(TemperatureDialog, "exec", answer)
    trial.act()
    temperature = measuring(trial).temperature
    assert temperature.calibration == LinearCalibration(0.5, 290.0)
    trial.desk.driver.session.undo()
    assert temperature.calibration is None


@effect("measure.export")
def _export(trial: Trial) -> None:
    assert not trial.desk.window.action_set[trial.id].isEnabled()
    add_fixed(trial)
    seen: list[MeasurementsDialog] = []

    def cancel(dialog: MeasurementsDialog) -> QDialog.DialogCode:
        seen.append(dialog)
        return QDialog.DialogCode.Rejected

    trial.patch.setattr(MeasurementsDialog, "exec", cancel)
    trial.act()
    assert "1 region over 30 frames, in counts" in seen[0].message


@effect("unit.celsius", "unit.fahrenheit", "unit.kelvin")
def _unit(trial: Trial) -> None:
    temperature = measuring(trial).temperature
    temperature.choose(choice_of(LinearCalibration(1.0, 273.15)))
    trial.act()
    unit = Unit[trial.id.removeprefix("unit.").upper()]
    assert temperature.unit is unit
    assert trial.desk.window.action_set[trial.id].isChecked()
    assert temperature.text(100) == {"°C": "100.0 °C", "°F": "212.0 °F", "K": "373.1 K"}[unit.value]
