"""What counts mean: the file's word, the user's choice, and what is kept of it."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracker.annotation.documents import document
from tests.tracker.store.fakes import new_project
from tracker.media.facts import NO_FACTS, PlanckFacts, SensorFacts
from tracker.store import Project
from tracker.store.thermal import (
    AS_FILE,
    NO_TEMPERATURES,
    calibration,
    calibration_of,
    choice_of,
    read_choice,
    set_choice,
)
from tracker.thermal.radiometry import Conditions, LinearCalibration, PlanckCalibration, Transmission

PLANCK = PlanckFacts(
    21106.77, 0.012545258, 1501.0, 1.0, -7340.0, 0.9, 10.0, 293.15, 293.15, 0.5,
    0.006569, 0.01262, -0.002276, -0.00667, 1.9,
)  # fmt: skip
RADIOMETRIC = SensorFacts(camera="FLIR", planck=PLANCK)


def test_that_a_file_with_flirs_calibration_has_temperatures() -> None:
    found = calibration_of(RADIOMETRIC)
    assert isinstance(found, PlanckCalibration)
    assert found.conditions == Conditions(0.9, 10.0, 293.15, 293.15, 0.5)
    air = Transmission(halves=True)  # as flyr has it
    camera = PlanckCalibration(21106.77, 0.012545258, 1501.0, 1.0, -7340.0, found.conditions, air)
    assert found.kelvin(18000) == pytest.approx(camera.kelvin(18000))


def test_that_a_file_with_a_scale_has_temperatures() -> None:
    assert calibration_of(SensorFacts(linear=(0.04, 0.0))) == LinearCalibration(0.04, 0.0)


@pytest.mark.parametrize(
    "facts",
    [NO_FACTS, SensorFacts(linear=(0.0, 5.0)), SensorFacts(planck=replace(PLANCK, emissivity=0.0))],
)
def test_that_what_makes_no_temperatures_is_left_out(facts: SensorFacts) -> None:
    assert calibration_of(facts) is None


NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)
CHOICES = (
    st.sampled_from([AS_FILE, NO_TEMPERATURES])
    | st.builds(LinearCalibration, NUMBERS.filter(bool), NUMBERS).map(choice_of)
    | st.builds(
        PlanckCalibration, st.floats(1, 1e5), st.floats(1e-3, 1), st.floats(1, 3000), NUMBERS, NUMBERS,
        st.builds(Conditions, st.floats(0.01, 1), st.floats(0, 1e4), st.floats(1, 400), st.floats(1, 400),
                  st.floats(0, 1)),
    ).map(choice_of)
)  # fmt: skip


@given(CHOICES)
def test_that_a_choice_comes_back_from_the_document_as_it_was(choice: object) -> None:
    doc = document()
    assert read_choice(doc) == AS_FILE
    opposite = set_choice(choice).apply(doc)  # type: ignore[arg-type]
    assert read_choice(doc) == choice
    opposite.apply(doc)
    assert doc == document()


def test_that_a_choice_stays_in_the_project_and_can_be_undone(tmp_path: Path) -> None:
    path = tmp_path / "p.thermark"
    with new_project(path) as project:
        opposite = project.apply(set_choice(choice_of(LinearCalibration(0.04))))
    with Project.open(path) as project:
        assert calibration(project.document, RADIOMETRIC) == LinearCalibration(0.04)
        project.apply(opposite)
    with Project.open(path) as project:
        assert calibration(project.document, RADIOMETRIC) == calibration_of(RADIOMETRIC)


def test_that_no_temperatures_can_be_chosen_for_a_file_that_has_them() -> None:
    doc = document()
    set_choice(NO_TEMPERATURES).apply(doc)
    assert calibration(doc, RADIOMETRIC) is None


@pytest.mark.parametrize(
    "text",
    [
        "damaged",
        "[]",
        '{"kind": "linear"}',
        '{"kind": "linear", "linear": {"scale": 0}}',
        '{"kind": "planck", "planck": {"r1": 1}}',
        '{"kind": "none", "more": 1}',
    ],
)
def test_that_a_damaged_choice_is_what_the_file_says_and_a_line_in_the_log(
    text: str, caplog: pytest.LogCaptureFixture
) -> None:
    doc = document()
    doc.calibration = text
    with caplog.at_level(logging.WARNING):
        assert read_choice(doc) == AS_FILE
    assert "damaged" in caplog.text


def test_that_counts_of_a_file_and_of_the_same_numbers_by_hand_are_equally_warm() -> None:
    by_hand = choice_of(calibration_of(RADIOMETRIC)).calibration(NO_FACTS)
    of_file = AS_FILE.calibration(RADIOMETRIC)
    assert by_hand is not None
    assert of_file is not None
    np.testing.assert_array_equal(by_hand.kelvin(np.arange(65536)), of_file.kelvin(np.arange(65536)))
