"""What the counts of the open clip mean: the calibration of its project, in the user's unit."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QObject, Signal, Slot

from app.session import Session
from app.thermal_view import Temperatures, ThermalView
from tracker.media.facts import NO_FACTS, SensorFacts
from tracker.output.readings import Readings
from tracker.store.thermal import AS_FILE, Choice, read_choice, set_choice
from tracker.thermal.radiometry import Calibration, Unit

UnitName = Literal["CELSIUS", "FAHRENHEIT", "KELVIN"]
UNAVAILABLE = "temperature unavailable"


class TemperatureView(QObject):
    """Knows how counts are read, and tells those who show temperatures.

    Signals:
        changed: () Calibration or unit are others.
    """

    changed = Signal()

    def __init__(self, session: Session, thermal: ThermalView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._thermal = session, thermal
        self._kept: str | None = None  # the document's calibration, as it was read last
        self.readings = Readings(unit=self.unit)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.tracksChanged.connect(self._on_edited)

    @property
    def unit(self) -> Unit:
        """In which the user reads temperatures."""
        return Unit.__members__.get(self._session.settings.temperature_unit, Unit.CELSIUS)

    @property
    def calibration(self) -> Calibration | None:
        """Of the open clip; None where temperatures are unavailable."""
        return self.readings.calibration

    @property
    def facts(self) -> SensorFacts:
        """What the file says about its camera."""
        source = self._session.source
        return NO_FACTS if source is None else source.facts

    @property
    def choice(self) -> Choice:
        """What the user has chosen for the open clip."""
        document = self._session.document
        return AS_FILE if document is None else read_choice(document)

    def choose(self, choice: Choice) -> None:
        """Choose what counts mean, as a step that can be undone."""
        if choice != self.choice:
            self._session.edit(lambda _: set_choice(choice))

    def set_unit(self, name: UnitName) -> None:
        """Choose the unit by the name of a `Unit`."""
        self._session.settings.temperature_unit = name
        self._read()

    def text(self, counts: float) -> str:
        """Counts as a temperature with its unit."""
        if not self.readings.are_temperatures:
            return UNAVAILABLE
        value = float(self.readings.at(counts))
        return self.readings.text(value) if value == value else UNAVAILABLE  # NaN is not itself

    @Slot()
    def _on_opened(self) -> None:
        self._read()

    @Slot()
    def _on_closed(self) -> None:
        self._kept = None
        self.readings = Readings(unit=self.unit)
        self.changed.emit()

    @Slot()
    def _on_edited(self) -> None:
        document = self._session.document
        if document is not None and document.calibration != self._kept:
            self._read()

    def _read(self) -> None:
        document, source = self._session.document, self._session.source
        self._kept = None if document is None else document.calibration
        known = None
        if document is not None and source is not None and source.channels == 1:
            known = self.choice.calibration(source.facts)
        bits = 16 if source is None else 8 * source.dtype.itemsize
        self.readings = Readings.of(known, self.unit, bits)
        self._thermal.set_temperatures(None if known is None else _temperatures(known, self.unit))
        self.changed.emit()


def _temperatures(known: Calibration, unit: Unit) -> Temperatures:
    return Temperatures(
        unit, lambda counts: float(known.kelvin(counts)), lambda kelvin: float(known.counts(kelvin))
    )
