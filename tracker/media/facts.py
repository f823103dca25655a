"""What a recording says about the camera that made it: plain numbers, which others turn into temperatures."""

from __future__ import annotations

from dataclasses import dataclass


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


@dataclass(frozen=True)
class SensorFacts:
    """What a file says; None and empty where it says nothing.

    Attributes:
        camera: Maker and model.
        linear: Kelvin per count, and kelvin at count 0, where counts are proportional to temperature.
        planck: FLIR's calibration.
        calibrating: Frames recorded while the camera calibrated itself (FFC, NUC) or up to its telemetry's limit
            after it, ascending.
    """

    camera: str = ""
    linear: tuple[float, float] | None = None
    planck: PlanckFacts | None = None
    calibrating: tuple[int, ...] = ()


NO_FACTS = SensorFacts()
