"""The regions of the open project: what they say in the shown frame and along the clip, and what is done to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, Signal, Slot

from app.appearance import state_shown
from app.course_runner import CourseRunner
from app.run_plan import no_track
from app.session import Session
from app.temperature import TemperatureView
from app.thermal_view import ThermalView
from tracker.annotation.document import Document
from tracker.annotation.edits import Edit
from tracker.annotation.region_edits import (
    ChangeRegion,
    RemoveRegion,
    add_region,
    measure_target,
    move_region,
    rename_region,
)
from tracker.annotation.regions import Region
from tracker.geometry import Box
from tracker.outline import Outline, Point, Shape
from tracker.output.readings import Readings
from tracker.store.measure_choices import MeasureChoices, read_choices, write_choices
from tracker.thermal.measuring import Statistics
from tracker.tracking.measurements import Course, Gauge, Method


class Measuring(QObject):
    """Regions are edited through the session; their values belong to the shown frame.

    Attributes:
        temperature: What counts mean.
        courses: What they say along the clip.

    Signals:
        regionsChanged: () Regions have come, gone or changed.
        selectionChanged: (int or None) Another region is selected.
        valuesChanged: () The shown frame, or how it is measured, is another.
        choicesChanged: () Threshold, surroundings, unit or the drawn statistic are others.
    """

    regionsChanged = Signal()
    selectionChanged = Signal(object)
    valuesChanged = Signal()
    choicesChanged = Signal()

    def __init__(self, session: Session, thermal: ThermalView, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.temperature = TemperatureView(session, thermal, self)
        self._choices = MeasureChoices()
        self._selected: int | None = None
        self._gauge: Gauge | None = None
        self._known: tuple[Region, ...] = ()
        self._values: dict[int, Statistics] = {}
        self._target: Statistics | None = None
        self.courses = CourseRunner(session, self)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.tracksChanged.connect(self._on_edited)
        session.frameShown.connect(self.measure)
        for fact in (session.selectionChanged, session.runs.proposalsChanged):
            fact.connect(self.measure)
        self.temperature.changed.connect(self._on_method)

    # What there is

    @property
    def can_measure(self) -> bool:
        """Whether a clip with counts is open."""
        source = self._session.source
        return source is not None and source.channels == 1

    @property
    def regions(self) -> tuple[Region, ...]:
        """The regions of the project."""
        document = self._session.document
        return () if document is None else tuple(document.regions.values())

    @property
    def selected(self) -> Region | None:
        """The selected region."""
        document = self._session.document
        return None if document is None or self._selected is None else document.regions.get(self._selected)

    @Slot(object)
    def select(self, region_id: int | None) -> None:
        """Select a region, or none."""
        if region_id != self._selected:
            self._selected = region_id
            self.selectionChanged.emit(region_id)

    def step(self, by: int) -> None:
        """Select the next region, or the one before."""
        ids = [region.id for region in self.regions]
        if ids:
            at = ids.index(self._selected) + by if self._selected in ids else (0 if by > 0 else -1)
            self.select(ids[at % len(ids)])

    def outline(self, region: Region) -> Outline | None:
        """Where a region is in the shown frame."""
        return region.outline(self.box(region.track_id))

    def box(self, track_id: int | None) -> Box | None:
        """The box of a track in the shown frame, that of a running tracker included."""
        document, shown = self._session.document, self._session.shown
        if document is None or shown is None or track_id not in document.tracks:
            return None
        return state_shown(self._session, document.tracks[track_id], shown.index)[0].box

    # What they say

    @property
    def method(self) -> Method:
        """How regions are measured."""
        known, choices = self.temperature.calibration, self._choices
        return Method(known, choices.threshold(in_kelvin=known is not None), choices.ring)

    @property
    def readings(self) -> Readings:
        """What counts are read as."""
        return self.temperature.readings

    @property
    def choices(self) -> MeasureChoices:
        """What the user has chosen."""
        return self._choices

    def choose(self, **choices: object) -> None:
        """Change some choices; they are kept with the project."""
        before = self.method
        self._choices = MeasureChoices.model_validate({**self._choices.model_dump(), **choices})
        project, kept = self._session.project, self._choices
        if project is not None:
            self._session.attempt(lambda: write_choices(project, kept))
        if self.method == before:
            self.choicesChanged.emit()
        else:
            self._on_method()

    @property
    def values(self) -> Mapping[int, Statistics]:
        """What regions say in the shown frame, by id; those without a place there are left out."""
        return self._values

    @property
    def target(self) -> Statistics | None:
        """What the selected target's box says in the shown frame."""
        return self._target

    @Slot()
    def measure(self) -> None:
        """Measure the shown frame."""
        shown, gauge = self._session.shown, self._gauge
        self._values, self._target = {}, None
        if shown is not None and gauge is not None and not shown.is_bad:
            for region in self.regions:
                found = gauge.read(shown.counts, region, self.box(region.track_id))
                if found is not None:
                    self._values[region.id] = found
            box = self.box(self._session.selected) if self._session.settings.peaks else None
            self._target = None if box is None else gauge.read_box(shown.counts, box)
        self.valuesChanged.emit()

    @Slot()
    def _on_method(self) -> None:
        """Counts mean something else, or something else is asked of them."""
        source = self._session.source
        is_ready = source is not None and self.can_measure
        self._gauge = Gauge(source, self.method) if is_ready and source is not None else None
        self.measure()
        self.courses.renew(self.method)
        self.choicesChanged.emit()

    @Slot()
    def _on_opened(self) -> None:
        self._choices = read_choices(self._session.require_project())
        self._known = self.regions
        self._on_method()
        self.regionsChanged.emit()

    @Slot()
    def _on_closed(self) -> None:
        self._gauge, self._known, self._values, self._target = None, (), {}, None
        self._choices = MeasureChoices()
        self.select(None)
        self.regionsChanged.emit()
        self.choicesChanged.emit()

    @Slot()
    def _on_edited(self) -> None:
        self.measure()
        self.courses.renew(self.method)
        if self.regions == self._known:
            return
        new = {region.id for region in self.regions} - {region.id for region in self._known}
        self._known = self.regions
        if len(new) == 1:
            self.select(next(iter(new)))
        elif self.selected is None:
            self.select(None)
        self.regionsChanged.emit()

    # What is done to them

    def measure_selected(self) -> None:
        """Measure the box of the selected target from now on."""
        self._session.edit_selected(lambda document, track: measure_target(document, track.id))

    def add(self, shape: Shape, points: Iterable[Point]) -> None:
        """A region was drawn in the shown frame."""
        track_id, box = self._followed()
        drawn = tuple(points)
        self._session.edit(lambda document: add_region(document, shape, drawn, track_id, box))

    def _followed(self) -> tuple[int | None, Box | None]:
        """The track that a new region follows, with its box."""
        track_id = self._session.selected
        box = self.box(track_id) if self._session.settings.regions_follow else None
        return (None, None) if box is None else (track_id, box)

    def move(self, region_id: int, points: Iterable[Point]) -> None:
        """A region was moved or drawn anew in the shown frame."""
        moved = tuple(points)

        def build(document: Document) -> Edit:
            return move_region(document, region_id, moved, self.box(document.region(region_id).track_id))

        self._session.edit(build)

    def rename(self, region_id: int, name: str) -> None:
        """A region was given another name."""
        if name.strip():
            self._session.edit(lambda document: rename_region(document, region_id, name))

    def delete(self) -> None:
        """Delete the selected region."""
        self._on_selected(lambda region: RemoveRegion(region.id))

    def attach(self) -> None:
        """Let the selected region follow the selected target; again, fix it where it is."""

        def build(region: Region) -> Edit:
            here = self.box(region.track_id)
            if region.track_id is not None:
                return ChangeRegion(region.following(None, here, None), "Fix region")
            track_id = self._session.selected
            if track_id is None:
                raise no_track()
            return ChangeRegion(region.following(track_id, here, self.box(track_id)), "Let region follow")

        self._on_selected(build)

    def toggle_follow(self) -> None:
        """Let new regions follow the selected target; again, do not."""
        settings = self._session.settings
        settings.regions_follow = not settings.regions_follow
        self.choicesChanged.emit()

    def toggle_peaks(self) -> None:
        """Mark the hottest pixels; again, do not."""
        settings = self._session.settings
        settings.peaks = not settings.peaks
        self.measure()
        self.choicesChanged.emit()

    def _on_selected(self, build: Callable[[Region], Edit]) -> None:
        region = self.selected
        if region is not None:
            self._session.edit(lambda _: build(region))

    def course(self, region_id: int) -> Course | None:
        """What a region said along the clip, as far as it has been measured."""
        return self.courses.known.get(region_id)
