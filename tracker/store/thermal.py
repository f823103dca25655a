"""What the counts of a project's clip mean: what its file says, or what the user has chosen instead.

A choice is kept as JSON in the document (`Document.calibration`), so that choosing is an edit like any other.
"""

from __future__ import annotations

import logging
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from tracker.annotation.document import Document
from tracker.annotation.region_edits import SetCalibration
from tracker.media.facts import PlanckFacts, SensorFacts
from tracker.thermal.radiometry import (
    Calibration,
    Conditions,
    LinearCalibration,
    PlanckCalibration,
    Transmission,
)

log = logging.getLogger(__name__)

Kind = Literal["file", "none", "linear", "planck"]


class Choice(BaseModel):
    """What the user has chosen.

    Attributes:
        kind: What the file says, no temperatures, or one of the calibrations below.
        linear: Of kind "linear".
        planck: Of kind "planck".
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: Kind = "file"
    linear: LinearCalibration | None = None
    planck: PlanckCalibration | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> Choice:
        if (self.kind == "linear") != (self.linear is not None):
            raise ValueError("a linear calibration goes with its kind")
        if (self.kind == "planck") != (self.planck is not None):
            raise ValueError("a Planck calibration goes with its kind")
        return self

    def calibration(self, facts: SensorFacts) -> Calibration | None:
        """What counts mean by it; None where temperatures are unavailable."""
        return calibration_of(facts) if self.kind == "file" else self.linear or self.planck


AS_FILE = Choice()
NO_TEMPERATURES = Choice(kind="none")


def choice_of(calibration: Calibration | None) -> Choice:
    """The choice of a calibration, or of no temperatures."""
    match calibration:
        case LinearCalibration():
            return Choice(kind="linear", linear=calibration)
        case PlanckCalibration():
            return Choice(kind="planck", planck=calibration)
    return NO_TEMPERATURES


def calibration_of(facts: SensorFacts) -> Calibration | None:
    """What a file says about its camera as a calibration; None where it says nothing that can be used."""
    if facts.planck is not None and facts.planck.is_usable:
        return _planck(facts.planck)
    if facts.linear is None:
        return None
    try:
        return LinearCalibration(*facts.linear)
    except ValueError as error:
        log.warning("the file's calibration is left out: %s", error)
        return None


def _planck(facts: PlanckFacts) -> PlanckCalibration:
    conditions = Conditions(
        facts.emissivity, facts.distance, facts.reflected, facts.atmosphere, facts.humidity
    )
    air = Transmission(
        facts.alpha1, facts.alpha2, facts.beta1, facts.beta2, facts.x, halves=True
    )  # as others do
    return PlanckCalibration(facts.r1, facts.r2, facts.b, facts.f, facts.o, conditions, air)


def read_choice(document: Document) -> Choice:
    """What was chosen for a document; what the file says where nothing was, or where it is damaged."""
    if not document.calibration:
        return AS_FILE
    try:
        return Choice.model_validate_json(document.calibration)
    except ValidationError as error:
        log.warning("the calibration of the project is damaged, and is left out: %s", error)
        return AS_FILE


def set_choice(choice: Choice) -> SetCalibration:
    """The edit that makes a choice."""
    return SetCalibration("" if choice == AS_FILE else choice.model_dump_json(exclude_none=True))


def calibration(document: Document, facts: SensorFacts) -> Calibration | None:
    """What the counts of a document's clip mean; None where temperatures are unavailable."""
    return read_choice(document).calibration(facts)
