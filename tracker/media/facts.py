"""What a recording says about the camera that made it: plain numbers, which others turn into temperatures."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from typing import Any


@dataclass(frozen=True)
class PlanckFacts:
    """FLIR's calibration and conditions as a file carries them; temperatures in kelvin, humidity 0..1, metres.

    The names are those of `tracker.thermal.radiometry.PlanckCalibration`, `Conditions` and `Transmission`.
    """

    r1: float
    r2: float
    b: float
    f: float
    o: float
    emissivity: float
    distance: float
    reflected: float
    atmosphere: float
    humidity: float
    alpha1: float
    alpha2: float
    beta1: float
    beta2: float
    x: float

    @property
    def is_usable(self) -> bool:
        """Whether its numbers can be those of a camera, so that temperatures can be made of them."""
        is_possible = 0 < self.emissivity <= 1 and self.distance >= 0 and 0 <= self.humidity <= 1
        are_positive = min(self.r1, self.r2, self.b, self.reflected, self.atmosphere) > 0
        return all(map(math.isfinite, astuple(self))) and is_possible and are_positive


@dataclass(frozen=True)
class SensorFacts:
    """What a file says; None and empty where it says nothing.

    Attributes:
        camera: Maker and model.
        linear: Kelvin per count, and kelvin at count 0, where counts are proportional to temperature.
        planck: FLIR's calibration.
        calibrating: Frames recorded while the camera calibrated itself (FFC, NUC) or up to its telemetry's limit
            after it, ascending.
        has_background: The file also holds an image of the empty scene, which is no moment of the clip.
    """

    camera: str = ""
    linear: tuple[float, float] | None = None
    planck: PlanckFacts | None = None
    calibrating: tuple[int, ...] = ()
    has_background: bool = False


NO_FACTS = SensorFacts()


def facts_from(values: Mapping[str, Any]) -> SensorFacts:
    """Facts from what `dataclasses.asdict` made of them, also after a way through JSON.

    Raises:
        ValueError, TypeError, KeyError: They are not complete, or of other types.
    """
    linear, planck = values["linear"], values["planck"]
    return SensorFacts(
        camera=str(values["camera"]),
        linear=None if linear is None else (float(linear[0]), float(linear[1])),
        planck=None if planck is None else PlanckFacts(**{name: float(n) for name, n in planck.items()}),
        calibrating=tuple(int(frame) for frame in values["calibrating"]),
        has_background=bool(values["has_background"]),
    )


def facts_to_json(facts: SensorFacts) -> str:
    """Facts as a text that travels in the metadata of a file."""
    return json.dumps(asdict(facts))


def facts_from_json(text: str) -> SensorFacts:
    """Facts from such a text; none where it is no such text."""
    try:
        return facts_from(json.loads(text))
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return NO_FACTS
