"""The timeline and the docks: made, put in their places, and kept in step with the session."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.appearance import state_shown
from app.docks.evaluation_dock import EvaluationDock
from app.docks.maps_dock import MapsDock
from app.docks.measure_dock import MeasureDock
from app.docks.replay_dock import ReplayDock
from app.docks.review_dock import NO_TRACK, WAITING, ReviewDock
from app.docks.thermal_dock import ThermalDock
from app.docks.tracks_dock import TracksDock
from app.docks.training_dock import TrainingDock
from app.evaluating import Evaluator
from app.measuring import Measuring
from app.replay import Replayer
from app.review import Reviewer
from app.sensor_events import SensorEvents
from app.session import Session
from app.thermal_view import ThermalView
from app.widgets.timeline import Timeline
from app.widgets.timeline_scale import Scale
from tracker.annotation import commands, target_commands
from tracker.annotation.document import Document
from tracker.annotation.edits import Edit, SetTrackInfo
from tracker.annotation.evidence import Evidence, Scores

RIGHT_PX, TIMELINE_PX, MAPS_PX, TRACKS_PX = 345, 170, 420, 330
REPLAY_PX = 640  # high enough for curves and maps of both
OVERLAYS = ("none", "semantic", "structural", "fused")


class Panels(QObject):
    """Everything around the canvas.

    Attributes:
        timeline: The lanes of the tracks.
        maps: The similarity maps.
        tracks: The list of tracks.
        review: The doubtful frames of the selected track.
        thermal: Palette, gain control, level and span.
        training: Tuning a model on the user's corrections.
        replayer: Runs two models over the same anchors.
        replay: What has come of it.
        evaluator: Compares trackers on benchmarks.
        evaluation: What has come of it.
        measure: What regions measure.
        sensor_events: What happened to the sensor in the clip.
        docks: What can be closed, moved and floated, and is there as soon as there is a clip.
        more_docks: The same, there when asked for.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        overlayChanged: () Another map, or another one's values, belong over the frame.
    """

    frameRequested = Signal(int)
    overlayChanged = Signal()

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        reviewer: Reviewer,
        thermal: ThermalView,
        measuring: Measuring,
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._reviewer = window, session, reviewer
        self.timeline, self.maps, self.tracks = Timeline(), MapsDock(), TracksDock()
        timeline_dock = QDockWidget("Timeline")
        timeline_dock.setObjectName("timelineDock")
        timeline_dock.setWidget(self.timeline)
        self.review, self.training = ReviewDock(), TrainingDock(session.settings)
        self.thermal = ThermalDock(thermal)
        self.docks: tuple[QDockWidget, ...] = (
            timeline_dock, self.maps, self.tracks, self.review, self.thermal
        )  # fmt: skip
        self.replayer = Replayer(session, parent=self)
        self.replay = ReplayDock(self.replayer, session, self._frames_shown)
        self.evaluator = Evaluator(session, parent=self)
        self.evaluation, self.measure = (
            EvaluationDock(self.evaluator, session.settings),
            MeasureDock(measuring),
        )
        self.more_docks: tuple[QDockWidget, ...] = (
            self.training, self.replay, self.evaluation, self.measure
        )  # fmt: skip
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, timeline_dock)
        for dock in (self.maps, self.tracks):
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        for later in (self.review, self.thermal, *self.more_docks):
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, later)
        window.tabifyDockWidget(self.tracks, self.review)
        window.tabifyDockWidget(self.review, self.thermal)
        self.tracks.raise_()
        for asked_for in self.more_docks:
            window.tabifyDockWidget(self.maps, asked_for)
            asked_for.hide()
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.sensor_events = SensorEvents(session, self.timeline, parent=self)
        self._lanes: set[int] = set()
        self._gave_room = False
        self._connect_facts()
        self._connect_wishes()
        if session.settings.overlay in OVERLAYS:
            self.maps.set_overlay_mode(session.settings.overlay)

    def _connect_facts(self) -> None:
        session = self._session
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.frameShown.connect(self._on_frame_shown)
        session.tracksChanged.connect(self._on_tracks_changed)
        session.evidenceChanged.connect(self._on_evidence)
        session.runs.stateChanged.connect(self.maps.set_live)
        session.runs.controller.scored.connect(self._on_scored)
        for fact in (session.projectOpened, session.projectClosed, session.selectionChanged):
            fact.connect(self.maps.clear_history)
        session.runs.proposalsChanged.connect(self._show_proposals)
        for view in (self.timeline, self.tracks):
            session.frameChanged.connect(view.set_frame)
            session.selectionChanged.connect(view.set_selected)
        session.frameChanged.connect(self.review.set_frame)
        for fact in (session.frameShown, session.projectClosed, self.sensor_events.found):
            fact.connect(self._say_sensor)
        self._reviewer.riskChanged.connect(self._on_risk)
        self._reviewer.queueChanged.connect(self._show_queue)
        self._reviewer.failed.connect(session.failed)

    def _connect_wishes(self) -> None:
        self.timeline.frameRequested.connect(self.frameRequested)
        self.timeline.trackSelected.connect(self._session.select)
        self.timeline.anchorMoved.connect(self._on_anchor_moved)
        self.tracks.trackSelected.connect(self._session.select)
        self.tracks.tracksChosen.connect(self._session.choose)
        self.tracks.trackInfoEdited.connect(self._on_info_edited)
        self.tracks.attributesEdited.connect(self._on_attributes_edited)
        self.tracks.deleteRequested.connect(self._on_delete_requested)
        self.review.frameRequested.connect(self.frameRequested)
        self.review.plot.courseChanged.connect(self._show_queue)
        self.review.plot.partRequested.connect(self.timeline.show_part)
        self.timeline.scaleChanged.connect(self._show_part)
        self.timeline.rangeChanged.connect(self.review.plot.set_range)
        self.review.acceptRequested.connect(self._reviewer.accept_stretch)
        self.review.offer.answered.connect(self._reviewer.mark_hidden)
        self.maps.overlayChanged.connect(self._on_overlay_changed)
        self.training.failed.connect(self._session.failed)
        self.evaluator.failed.connect(self._session.failed)
        self.evaluator.visited.connect(self._session.announce_evidence)
        for dock in self.more_docks:
            dock.toggleViewAction().triggered.connect(dock.raise_)
        self.replay.frameRequested.connect(self.frameRequested)
        self.replay.plot.partRequested.connect(self.timeline.show_part)
        self.timeline.rangeChanged.connect(self.replay.set_range)
        self.replayer.failed.connect(self._session.failed)

    def arrange(self) -> None:
        """Give the panels the sizes they need at first; a layout remembered from before overrides it."""
        timeline, maps, tracks, *_ = self.docks
        self._window.resizeDocks([maps], [RIGHT_PX], Qt.Orientation.Horizontal)
        self._window.resizeDocks([timeline], [TIMELINE_PX], Qt.Orientation.Vertical)
        self._window.resizeDocks([maps, tracks], [MAPS_PX, TRACKS_PX], Qt.Orientation.Vertical)

    def cycle_overlay(self) -> None:
        """Choose the next map to lie over the frame, or none."""
        mode, _ = self.maps.overlay_mode()
        self.maps.set_overlay_mode(OVERLAYS[(OVERLAYS.index(mode) + 1) % len(OVERLAYS)])

    def show_evaluation(self) -> None:
        """Bring the evaluation to the front."""
        self.evaluation.show()
        self.evaluation.raise_()
        if not self.evaluation.isFloating() and self.evaluation.height() < REPLAY_PX:
            self._window.resizeDocks([self.evaluation], [REPLAY_PX], Qt.Orientation.Vertical)

    def show_replay(self) -> None:
        """Bring the A/B replay to the front."""
        self.replay.show()
        self.replay.raise_()
        if not (self._gave_room or self.replay.isFloating()) and self.replay.height() < REPLAY_PX:
            self._window.resizeDocks([self.replay], [REPLAY_PX], Qt.Orientation.Vertical)
        self._gave_room = True  # from now on the user decides

    def _frames_shown(self) -> tuple[int, int] | None:
        """(first, stop) of the frames that the timeline shows."""
        scale = self.timeline.scale
        return None if scale is None else scale.shown()

    @Slot(object)
    def _show_part(self, scale: Scale | None) -> None:
        """The curves show the part of the clip that the timeline shows."""
        if scale is not None:
            for plot in (self.review.plot, self.replay.plot):
                plot.show_part(scale.start, scale.start + scale.per_pixel * scale.width)

    @Slot()
    def _on_frame_shown(self) -> None:
        shown = self._session.shown
        if shown is not None and shown.is_bad:  # some frames show it only when they are read
            self.timeline.add_bad_frame(shown.index)

    @Slot()
    def _say_sensor(self) -> None:
        shown = self._session.shown
        self.maps.show_sensor("" if shown is None else self.sensor_events.text_at(shown.index))

    @Slot()
    def _on_opened(self) -> None:
        document, source = self._session.document, self._session.source
        if document is None or source is None:
            return
        self.timeline.set_clip(document.length, source.fps)
        self.timeline.set_bad_frames(source.bad_frames)
        self._show_lanes(document)
        self._show_proposals()
        self.tracks.set_document(document)
        self.training.set_project(None if self._session.project is None else self._session.project.path)

    @Slot()
    def _on_closed(self) -> None:
        self.timeline.set_proposals([])
        self.timeline.set_tracks([])
        self.timeline.set_clip(0, None)
        self.tracks.set_document(None)
        self.training.set_project(None)
        self.maps.show_evidence(None)

    @Slot(object)
    def _on_tracks_changed(self, touched: set[int] | None) -> None:
        document = self._session.document
        if document is None:
            return
        if touched is None or self._lanes != document.tracks.keys():
            self._show_lanes(document, touched)
        else:
            for track_id in touched & self._lanes:
                self.timeline.update_track(document.tracks[track_id])
        self._show_proposals()
        self.tracks.refresh(touched)

    @Slot(int)
    def _on_risk(self, track_id: int) -> None:
        risk = self._reviewer.risk(track_id)
        self.timeline.set_risk(track_id, None if risk is None else risk.astype(np.float32))

    @Slot()
    def _show_queue(self) -> None:
        reviewer = self._reviewer
        otherwise = NO_TRACK if self._session.track is None else WAITING
        self.review.show_queue(reviewer.entries(), reviewer.estimate(), otherwise)
        self.review.offer.show_spans(reviewer.hidden())
        self.review.show_lessons(reviewer.lessons)
        self.review.plot.show_course(reviewer.course(self.review.plot.course))
        self.review.set_frame(self._session.frame)

    def _show_lanes(self, document: Document, changed: set[int] | None = None) -> None:
        self.timeline.set_tracks(list(document.tracks.values()), changed)
        self._lanes = set(document.tracks)

    @Slot()
    def _show_proposals(self) -> None:
        self.timeline.set_proposals(self._session.runs.proposals())

    @Slot(object)
    def _on_evidence(self, evidence: Evidence | None) -> None:
        shown, track = self._session.shown, self._session.track
        if evidence is not None and shown is not None and track is not None:
            self.maps.add_history(shown.index, evidence.scores)
            state, _ = state_shown(self._session, track, shown.index)
            self.maps.show_evidence(evidence, box=state.box)
        else:
            seen = None if shown is None else self.evaluator.seen(shown.index)
            evidence, box = seen or (None, None)
            self.maps.show_evidence(evidence, box=box)
        self.overlayChanged.emit()

    @Slot(int, object)
    def _on_scored(self, track_id: int, scores: dict[int, Scores]) -> None:
        if track_id == self._session.selected:
            for frame, each in scores.items():
                self.maps.add_history(frame, each)

    @Slot()
    def _on_overlay_changed(self) -> None:
        self._session.settings.overlay = self.maps.overlay_mode()[0]
        self.overlayChanged.emit()

    @Slot(int, str, str)
    def _on_info_edited(self, track_id: int, label: str, colour: str) -> None:
        def build(document: Document) -> Edit:
            return SetTrackInfo(track_id, label, colour, document.track(track_id).attributes)

        self._session.edit(build)

    @Slot(int, object)
    def _on_attributes_edited(self, track_id: int, attributes: tuple[str, ...]) -> None:
        def build(document: Document) -> Edit:
            track = document.track(track_id)
            return SetTrackInfo(track_id, track.label, track.colour, attributes, "Change attributes")

        self._session.edit(build)

    @Slot(int, int, int)
    def _on_anchor_moved(self, track_id: int, frame: int, to: int) -> None:
        self._session.edit(
            lambda document: target_commands.shift_anchor(document, track_id, frame, to), track_id, to
        )

    @Slot(int)
    def _on_delete_requested(self, track_id: int) -> None:
        self._session.edit(lambda document: commands.delete_track(document, track_id), track_id)
