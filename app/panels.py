"""The timeline and the docks: made, put in their places, and kept in step with the session."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow

from app.appearance import state_shown
from app.docks.maps_dock import MapsDock
from app.docks.tracks_dock import TracksDock
from app.docks.training_dock import TrainingDock
from app.session import Session
from app.widgets.timeline import Timeline
from tracker.annotation import commands
from tracker.annotation.document import Document
from tracker.annotation.edits import Edit, SetTrackInfo
from tracker.annotation.evidence import Evidence, Scores

RIGHT_PX, TIMELINE_PX, MAPS_PX, TRACKS_PX = 345, 170, 500, 150
OVERLAYS = ("none", "semantic", "structural", "fused")


class Panels(QObject):
    """Everything around the canvas.

    Attributes:
        timeline: The lanes of the tracks.
        maps: The similarity maps.
        tracks: The list of tracks.
        training: Tuning a model on the user's corrections.
        docks: What can be closed, moved and floated, and is there as soon as there is a clip.
        more_docks: The same, there when asked for.

    Signals:
        frameRequested: (int) The user wants to be at this frame.
        overlayChanged: () Another map, or another one's values, belong over the frame.
    """

    frameRequested = Signal(int)
    overlayChanged = Signal()

    def __init__(self, window: QMainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self.timeline, self.maps, self.tracks = Timeline(), MapsDock(), TracksDock()
        timeline_dock = QDockWidget("Timeline")
        timeline_dock.setObjectName("timelineDock")
        timeline_dock.setWidget(self.timeline)
        self.training = TrainingDock(session.settings)
        self.docks: tuple[QDockWidget, ...] = (timeline_dock, self.maps, self.tracks)
        self.more_docks: tuple[QDockWidget, ...] = (self.training,)
        window.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, timeline_dock)
        for dock in (self.maps, self.tracks):
            window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.training)
        window.tabifyDockWidget(self.maps, self.training)
        self.training.hide()
        window.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self._lanes: set[int] = set()
        self._connect_facts()
        self._connect_wishes()
        if session.settings.overlay in OVERLAYS:
            self.maps.set_overlay_mode(session.settings.overlay)

    def _connect_facts(self) -> None:
        session = self._session
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.tracksChanged.connect(self._on_tracks_changed)
        session.evidenceChanged.connect(self._on_evidence)
        session.runStateChanged.connect(self.maps.set_live)
        session.run.scored.connect(self._on_scored)
        for fact in (session.projectOpened, session.projectClosed, session.selectionChanged):
            fact.connect(self.maps.clear_history)
        session.proposalChanged.connect(self._show_proposal)
        for view in (self.timeline, self.tracks):
            session.frameChanged.connect(view.set_frame)
            session.selectionChanged.connect(view.set_selected)

    def _connect_wishes(self) -> None:
        self.timeline.frameRequested.connect(self.frameRequested)
        self.timeline.trackSelected.connect(self._session.select)
        self.tracks.trackSelected.connect(self._session.select)
        self.tracks.trackInfoEdited.connect(self._on_info_edited)
        self.tracks.deleteRequested.connect(self._on_delete_requested)
        self.maps.overlayChanged.connect(self._on_overlay_changed)
        self.training.failed.connect(self._session.failed)
        self.training.toggleViewAction().triggered.connect(self.training.raise_)

    def arrange(self) -> None:
        """Give the panels the sizes they need at first; a layout remembered from before overrides it."""
        timeline, maps, tracks = self.docks
        self._window.resizeDocks([maps], [RIGHT_PX], Qt.Orientation.Horizontal)
        self._window.resizeDocks([timeline], [TIMELINE_PX], Qt.Orientation.Vertical)
        self._window.resizeDocks([maps, tracks], [MAPS_PX, TRACKS_PX], Qt.Orientation.Vertical)

    def cycle_overlay(self) -> None:
        """Choose the next map to lie over the frame, or none."""
        mode, _ = self.maps.overlay_mode()
        self.maps.set_overlay_mode(OVERLAYS[(OVERLAYS.index(mode) + 1) % len(OVERLAYS)])

    @Slot()
    def _on_opened(self) -> None:
        document, source = self._session.document, self._session.source
        if document is None or source is None:
            return
        self.timeline.set_clip(document.length, source.fps)
        self.timeline.set_bad_frames(source.bad_frames)
        self._show_lanes(document)
        self._show_proposal()
        self.tracks.set_document(document)
        self.training.set_project(None if self._session.project is None else self._session.project.path)

    @Slot()
    def _on_closed(self) -> None:
        self.timeline.set_proposal(None)
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
            self._show_lanes(document)
        else:
            for track_id in touched & self._lanes:
                self.timeline.update_track(document.tracks[track_id])
        self._show_proposal()
        self.tracks.refresh(touched)

    def _show_lanes(self, document: Document) -> None:
        self.timeline.set_tracks(list(document.tracks.values()))
        self._lanes = set(document.tracks)

    @Slot()
    def _show_proposal(self) -> None:
        self.timeline.set_proposal(self._session.run.proposal or self._session.pending_proposal())

    @Slot(object)
    def _on_evidence(self, evidence: Evidence | None) -> None:
        shown, track = self._session.shown, self._session.track
        if evidence is not None and shown is not None and track is not None:
            self.maps.add_history(shown.index, evidence.scores)
            state, _ = state_shown(self._session, track, shown.index)
            self.maps.show_evidence(evidence, box=state.box)
        else:
            self.maps.show_evidence(None)
        self.overlayChanged.emit()

    @Slot(object)
    def _on_scored(self, scores: dict[int, Scores]) -> None:
        if self._session.run.track_id == self._session.selected:
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

    @Slot(int)
    def _on_delete_requested(self, track_id: int) -> None:
        self._session.edit(lambda document: commands.delete_track(document, track_id), track_id)
