"""What decides which actions on regions make sense, and which are checked."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.outline import Shape
from tracker.thermal.radiometry import Unit


@dataclass(frozen=True)
class MeasureSituation:
    """A part of the `Situation`.

    Attributes:
        has_regions: There are regions.
        has_region: One is selected.
        has_target: A track is selected, in a clip with counts.
        can_attach: A region is selected, and follows a target or could follow the selected one.
        is_attached: It follows one.
        follow: New regions follow the selected target.
        peaks: Hottest pixels are marked.
        shape: What the mouse draws; None for nothing.
        unit: Of temperatures.
    """

    has_regions: bool = False
    has_region: bool = False
    has_target: bool = False
    can_attach: bool = False
    is_attached: bool = False
    follow: bool = True
    peaks: bool = True
    shape: Shape | None = None
    unit: Unit = Unit.CELSIUS
