"""How the regions of a project are measured, as the user has chosen; kept with the project."""

from __future__ import annotations

import logging

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracker.store.project import Project

log = logging.getLogger(__name__)

SETTING = "measuring"


class MeasureChoices(BaseModel):
    """What the user has chosen.

    Attributes:
        threshold_kelvin: Pixels above it are counted where temperatures are known; None for none.
        threshold_counts: The same where they are not.
        ring: Width of the surroundings at each side, relative to width and height; 0 to measure none.
        statistic: The one that is drawn (`tracker.thermal.measuring.NAMES`).
        undrawn: Ids of the regions whose curves are not drawn.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    threshold_kelvin: float | None = None
    threshold_counts: float | None = None
    ring: float = Field(default=0.5, ge=0, le=10)
    statistic: str = "max"
    undrawn: tuple[int, ...] = ()

    def threshold(self, *, in_kelvin: bool) -> float | None:
        """The threshold that counts."""
        return self.threshold_kelvin if in_kelvin else self.threshold_counts


def read_choices(project: Project) -> MeasureChoices:
    """What was chosen; the defaults where nothing was, or where it is damaged."""
    text = project.setting(SETTING)
    if not text:
        return MeasureChoices()
    try:
        return MeasureChoices.model_validate_json(text)
    except ValidationError as error:
        log.warning("%s: the choices for measuring are damaged, and are left out: %s", project.path, error)
        return MeasureChoices()


def write_choices(project: Project, choices: MeasureChoices) -> None:
    """Keep choices with the project.

    Raises:
        ProjectError: They could not be saved.
    """
    project.set_setting(SETTING, choices.model_dump_json())
