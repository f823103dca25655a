"""The temperature dialog: what it offers, what it shows, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from app.dialogs.temperature import EIGHT_BITS, TemperatureDialog
from tests.tracker.store.test_thermal import RADIOMETRIC
from tracker.media.facts import NO_FACTS, SensorFacts
from tracker.store.thermal import AS_FILE, NO_TEMPERATURES, Choice, calibration_of, choice_of
from tracker.thermal.radiometry import Conditions, LinearCalibration, PlanckCalibration, Unit

SAMPLES = {"Coldest pixel": 29315.0, "Hottest pixel": 31015.0}
MakeDialog = Callable[..., TemperatureDialog]


@pytest.fixture
def make_dialog(qtbot: QtBot) -> MakeDialog:
    def make(
        choice: Choice = AS_FILE, facts: SensorFacts = NO_FACTS, bits: int = 16, unit: Unit = Unit.CELSIUS
    ) -> TemperatureDialog:
        dialog = TemperatureDialog(choice, facts, bits, SAMPLES, unit)
        qtbot.addWidget(dialog)
        return dialog

    return make


def choose(dialog: TemperatureDialog, kind: str) -> None:
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))


def test_that_without_facts_there_are_no_temperatures_at_first(make_dialog: MakeDialog) -> None:
    dialog = make_dialog()
    assert dialog.choice == NO_TEMPERATURES
    assert dialog.kind.findData("file") == -1
    assert "temperature unavailable" in dialog.preview.text()


def test_that_the_files_own_calibration_can_be_taken(make_dialog: MakeDialog) -> None:
    dialog = make_dialog(facts=RADIOMETRIC)
    assert dialog.choice == AS_FILE
    assert "Planck, FLIR" in dialog.kind.currentText()
    choose(dialog, "planck")
    known = dialog.choice.planck
    assert known is not None
    assert known == calibration_of(RADIOMETRIC)  # to change one number of it


def test_that_a_preset_fills_the_numbers_and_shows_what_becomes_of_the_frame(make_dialog: MakeDialog) -> None:
    dialog = make_dialog()
    choose(dialog, "linear")
    assert "29315 counts  →  20.0 °C" in dialog.preview.text()
    form = dialog.linear
    form.preset.setCurrentIndex(2)
    form.preset.activated.emit(2)
    assert dialog.choice == choice_of(LinearCalibration(0.4))
    assert "seldom" in dialog.preview.text()
    form.offset.setText("-11000")
    assert form.preset.currentText() == "Own numbers"
    assert dialog.choice == choice_of(LinearCalibration(0.4, -11000.0))


@pytest.mark.parametrize(("text", "problem"), [("0", "equally warm"), ("x", "no number"), ("inf", "finite")])
def test_that_numbers_without_temperatures_are_refused_with_the_reason(
    make_dialog: MakeDialog, text: str, problem: str
) -> None:
    dialog = make_dialog()
    choose(dialog, "linear")
    dialog.linear.scale.setText(text)
    assert problem in dialog.message.text()
    assert not dialog.ok_button.isEnabled()
    dialog.linear.scale.setText("0,04")
    assert dialog.ok_button.isEnabled()
    assert dialog.choice == choice_of(LinearCalibration(0.04))


def test_that_conditions_of_flirs_calibration_are_in_the_users_unit(make_dialog: MakeDialog) -> None:
    dialog = make_dialog(facts=RADIOMETRIC, unit=Unit.FAHRENHEIT)
    choose(dialog, "planck")
    assert dialog.planck.reflected.value() == pytest.approx(68.0)
    dialog.planck.emissivity.setValue(0.5)
    dialog.planck.b.setText("-1")
    assert "B must be above 0" in dialog.message.text()
    dialog.planck.b.setText("1501")
    known = dialog.choice.planck
    assert known is not None
    expected = calibration_of(RADIOMETRIC)
    assert isinstance(expected, PlanckCalibration)
    assert known.conditions == replace(expected.conditions, emissivity=0.5)
    assert known.transmission == expected.transmission


def test_that_air_too_thick_to_see_through_is_refused(make_dialog: MakeDialog) -> None:
    dialog = make_dialog()
    choose(dialog, "planck")
    dialog.planck.distance.setValue(100_000)
    assert "distance" in dialog.message.text()
    assert not dialog.ok_button.isEnabled()


def test_that_eight_bits_are_explained_and_can_be_calibrated_all_the_same(make_dialog: MakeDialog) -> None:
    dialog = make_dialog(bits=8)
    assert dialog.note.text() == EIGHT_BITS
    choose(dialog, "linear")
    dialog.linear.scale.setText("0.2")
    dialog.linear.offset.setText("273.15")
    assert dialog.ok_button.isEnabled()
    assert dialog.choice == choice_of(LinearCalibration(0.2, 273.15))


@pytest.mark.parametrize(
    "choice",
    [
        NO_TEMPERATURES,
        choice_of(LinearCalibration(0.04, 3.5)),
        choice_of(calibration_of(RADIOMETRIC)),
        choice_of(
            PlanckCalibration(
                17096.453,
                0.0434,
                1428.1,
                1.0,
                -72.0,
                Conditions(0.95371, 12.3456, 295.37228, 290.001, 0.54321),
            )
        ),
    ],
)
@pytest.mark.parametrize("unit", list(Unit))
def test_that_a_choice_that_is_only_looked_at_stays_as_it_is(
    make_dialog: MakeDialog, choice: Choice, unit: Unit
) -> None:
    assert make_dialog(choice, RADIOMETRIC, unit=unit).choice == choice


def test_that_a_number_that_was_changed_is_taken_and_the_others_stay_exact(make_dialog: MakeDialog) -> None:
    exact = Conditions(0.95371, 12.3456, 295.37228, 290.001, 0.54321)
    dialog = make_dialog(choice_of(PlanckCalibration(17096.453, 0.0434, 1428.1, conditions=exact)))
    dialog.planck.humidity.setValue(30.0)
    known = dialog.choice.planck
    assert known is not None
    assert known.conditions == replace(exact, humidity=0.3)
