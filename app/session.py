"""The open document, the frame and the track the user is at, and the one door for edits."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QUndoStack

from app.frame_loader import FrameLoader, LoadedFrame
from app.history import History
from app.opening import Media, Opened, Opener
from app.run_controller import RunController, RunEnd
from app.run_plan import (
    RunPlan,
    agreement_over,
    anchors_beyond,
    choose_tracker,
    merge_run,
    no_track,
    require_gaps,
    starting_box,
)
from app.settings import Settings
from app.tracker_loading import TrackerFactory, build
from tracker.annotation import audit_commands, commands
from tracker.annotation.document import Document, MergeMode, Proposal
from tracker.annotation.edits import Edit
from tracker.annotation.evidence import Evidence
from tracker.annotation.track import Track
from tracker.errors import AnnotationError, ThermarkError
from tracker.geometry import Box
from tracker.media.source import FrameSource
from tracker.store.project import Project
from tracker.thermal.display import Span
from tracker.tracking.between import BetweenSummary

EditBuilder = Callable[[Document], Edit]


class Session(QObject):
    """Holds what is open; every change to it goes through here.

    Signals say what has happened:
        projectOpened, projectClosed: () A document is there, or no longer.
        frameChanged: (int) The current frame is another.
        frameShown: (LoadedFrame) The current frame has been read.
        tracksChanged: (set of ids, or None for all) Tracks look different.
        selectionChanged: (int or None) Another track is selected.
        proposalChanged: (Proposal or None) The running tracker has got further; None when it is over.
        evidenceChanged: (Evidence or None) What is known about the selected track in the shown frame.
        hiddenChanged: () Other tracks are left out of the picture.
        runStateChanged: (bool) A run began or is over.
        failed: (ThermarkError) Something asked for could not be done.
        audited: (int, (n,) array) Two runs over the gaps of this track agree so far: IoU by frame, NaN elsewhere.
        runLeftOut: (Merged) A run has found other boxes than machines had put before, and left those.
        statusChanged: (str) Something worth a line in the status bar.
    """

    projectOpened = Signal()
    projectClosed = Signal()
    frameChanged = Signal(int)
    frameShown = Signal(object)
    tracksChanged = Signal(object)
    selectionChanged = Signal(object)
    proposalChanged = Signal(object)
    evidenceChanged = Signal(object)
    hiddenChanged = Signal()
    runStateChanged = Signal(bool)
    failed = Signal(object)
    audited = Signal(int, object)
    runLeftOut = Signal(object)
    statusChanged = Signal(str)

    def __init__(
        self,
        settings: Settings,
        tracker_factory: TrackerFactory = build,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.opener = Opener(self)
        self.run = RunController(tracker_factory, self)
        self._history = History(self)
        self._loader = FrameLoader(self)
        self._project: Project | None = None
        self._media: Media | None = None
        self._frame = 0
        self._shown: LoadedFrame | None = None
        self._selected: int | None = None
        self._hidden: frozenset[int] = frozenset()
        self._kept: range | None = None  # frames of the run to be merged when it ends; None for all
        self._after_run: list[Callable[[], None]] = []
        self.opener.opened.connect(self._on_opened)
        self.opener.failed.connect(self.failed)
        self._loader.loaded.connect(self._on_loaded)
        self._loader.failed.connect(self.failed)
        self._history.applied.connect(self._on_applied)
        self.run.stateChanged.connect(self.runStateChanged)
        self.run.advanced.connect(self._on_advanced)
        self.run.ended.connect(self._on_run_ended)

    # What is open

    @property
    def project(self) -> Project | None:
        """The open project."""
        return self._project

    @property
    def document(self) -> Document | None:
        """Its content; changed through `do` alone."""
        return None if self._project is None else self._project.document

    @property
    def source(self) -> FrameSource | None:
        """Its clip, for `reopen`, `pts` and the like; frames are read by the session."""
        return None if self._media is None else self._media.source

    @property
    def span(self) -> Span:
        """Counts drawn as black and white."""
        return Span() if self._media is None else self._media.span

    @property
    def length(self) -> int:
        """Number of frames, 0 without a clip."""
        return 0 if self.document is None else self.document.length

    @property
    def is_running(self) -> bool:
        """Whether a tracking run is going on."""
        return self.run.is_running

    def open_path(self, path: Path, project: Path | None = None) -> None:
        """Open a clip or a project; what is open now stays so until that has worked out.

        Args:
            path: A clip, or a `.thermark` file.
            project: For a clip, the project file to use instead of the one beside it.
        """
        if self._is_open(path.absolute()) and project in (None, self._require_project().path):
            self.statusChanged.emit(f"{path.name} is open already")
        else:
            self.opener.open(path, project)

    def _is_open(self, path: Path) -> bool:
        if self._project is None or self._media is None:
            return False
        clip = self._media.source.path
        return path in (clip, self._project.path.absolute()) or (path.parent == clip and clip.is_dir())

    @Slot(object)
    def _on_opened(self, opened: Opened) -> None:
        self.close()
        self._project, self._media = opened.project, opened.media
        self._history.set_project(opened.project)
        self._loader.set_source(opened.media.source)
        self._hidden = frozenset(json.loads(opened.project.setting("hidden", "[]")))
        self.settings.remember(opened.media.source.path)
        self.projectOpened.emit()
        self.select(next(iter(opened.project.document.tracks), None))
        self._frame = -1
        self.go_to(self._first_frame(opened.project))
        self.prepare_tracker()
        if opened.notice:
            self.statusChanged.emit(opened.notice)

    def _first_frame(self, project: Project) -> int:
        """The frame of last time; where a run was cut short, its last frame."""
        pending = self.pending_proposal()
        span = None if pending is None else pending.span()
        if pending is None or span is None:
            return int(project.setting("frame", "0"))
        return span[1] - 1 if pending.direction > 0 else span[0]

    def close(self) -> None:
        """Close the project; a run is ended, and what it has tracked is kept."""
        self._after_run.clear()
        end = self.run.abandon()
        if self._project is None:
            return
        if end is not None and end.proposal_id is not None:
            self._guarded(lambda: self._merge(end.proposal_id or 0))
        self._guarded(lambda: self._require_project().set_setting("frame", str(max(self._frame, 0))))
        self.select(None)
        self._loader.set_source(None)  # which closes it
        project, self._project, self._media, self._shown = self._project, None, None, None
        self._history.set_project(None)
        self.projectClosed.emit()
        project.close()

    def shut_down(self) -> None:
        """Close everything, threads included; the session is not used afterwards."""
        self.opener.abandon()
        self.close()
        self.run.loader.abandon()
        self._loader.stop()

    def _require_project(self) -> Project:
        if self._project is None:
            raise ThermarkError("no clip is open.", todo="Open one first.")
        return self._project

    def _guarded(self, action: Callable[[], object]) -> bool:
        """Whether an action worked out; an error of it is announced."""
        try:
            action()
        except ThermarkError as error:
            self.failed.emit(error)
            return False
        return True

    # Where the user is

    @property
    def frame(self) -> int:
        """Index of the current frame."""
        return max(self._frame, 0)

    @property
    def shown(self) -> LoadedFrame | None:
        """The frame on the screen: it lags behind the current one while that is being read."""
        return self._shown

    @property
    def selected(self) -> int | None:
        """Id of the selected track."""
        return self._selected

    @property
    def track(self) -> Track | None:
        """The selected track."""
        document = self.document
        return None if document is None or self._selected is None else document.tracks.get(self._selected)

    @Slot(int)
    def go_to(self, frame: int) -> None:
        """Make a frame the current one; the nearest there is."""
        if self._project is None:
            return
        frame = min(max(frame, 0), self.length - 1)
        if frame != self._frame:
            self._frame = frame
            self._loader.request(frame)
            self.frameChanged.emit(frame)

    def step(self, by: int) -> None:
        """Move by a number of frames."""
        self.go_to(self.frame + by)

    @Slot(object)
    def select(self, track_id: int | None) -> None:
        """Select a track, or none."""
        tracks = {} if self.document is None else self.document.tracks
        if track_id == self._selected or (track_id is not None and track_id not in tracks):
            return
        self._selected = track_id
        self.selectionChanged.emit(track_id)
        self._announce_evidence()

    @property
    def hidden(self) -> frozenset[int]:
        """Ids of the tracks that are left out of the picture; no edit, so undo leaves it alone."""
        return self._hidden

    def set_hidden(self, track_id: int, is_hidden: bool) -> None:
        """Leave a track out of the picture, or not."""
        ids = self.hidden - {track_id} | ({track_id} if is_hidden else set())
        if self._guarded(lambda: self._require_project().set_setting("hidden", json.dumps(sorted(ids)))):
            self._hidden = ids
            self.hiddenChanged.emit()

    @Slot(object)
    def _on_loaded(self, loaded: LoadedFrame) -> None:
        self._shown = loaded
        self.frameShown.emit(loaded)
        self._announce_evidence()

    def _announce_evidence(self) -> None:
        self.evidenceChanged.emit(self.evidence())

    def evidence(self) -> Evidence | None:
        """What a run saw of the selected track in the shown frame."""
        if self._project is None or self._shown is None or self._selected is None:
            return None
        frame = self._shown.index
        live = self.run.evidence(frame) if self.run.track_id == self._selected else None
        try:
            return live or self._project.evidence(self._selected, frame)
        except ThermarkError as error:
            self.failed.emit(error)
            return None

    # Edits

    @property
    def undo_stack(self) -> QUndoStack:
        """The steps that can be undone and redone, for their names; moved by `undo` and `redo` alone."""
        return self._history.stack

    def do(self, edit: Edit) -> None:
        """Apply an edit; durable when this returns.

        Raises:
            ThermarkError: It is impossible or could not be saved; nothing has changed.
        """
        self._history.do(edit)

    def undo(self) -> None:
        """Take the last step back; a run on a track that this changes is ended before."""
        if self.run.track_id in self._history.touched_by_undo():
            self._once_stopped(self.undo)
        else:
            self._guarded(self._history.undo)

    def redo(self) -> None:
        """Do the step taken back last again; a run on a track that this changes is ended before."""
        if self.run.track_id in self._history.touched_by_redo():
            self._once_stopped(self.redo)
        else:
            self._guarded(self._history.redo)

    @Slot(object)
    def _on_applied(self, touched: frozenset[int]) -> None:
        tracks = self._require_project().document.tracks
        self.tracksChanged.emit(set(touched))
        if self._selected is not None and self._selected not in tracks:
            self.select(None)
        elif self._selected is None and len(touched & tracks.keys()) == 1:
            self.select(next(iter(touched & tracks.keys())))

    def edit(self, build: EditBuilder, track_id: int | None = None, frame: int | None = None) -> None:
        """Make an edit and apply it; a failure is announced.

        Args:
            build: Makes the edit from the document as it is then.
            track_id: The track it is about. A run on that track is ended first, so that it cannot overwrite
                what the user decides.
            frame: The frame to be at afterwards: a run that is followed may have moved on from it.
        """
        if track_id is not None and track_id == self.run.track_id:
            self._once_stopped(lambda: self.edit(build, track_id, frame))
        elif self._guarded(lambda: self.do(build(self._require_project().document))) and frame is not None:
            self.go_to(frame)

    def edit_selected(self, build: Callable[[Document, Track], Edit], frame: int | None = None) -> None:
        """Make an edit to the selected track and be at a frame afterwards; without a track, say so."""
        track_id = self._selected
        if track_id is None:
            self.failed.emit(no_track())
        else:
            self.edit(lambda document: build(document, document.track(track_id)), track_id, frame)

    def draw_box(self, box: Box, track_id: int | None = None, frame: int | None = None) -> None:
        """A box was drawn: a new track, or an anchor of one that is there.

        Args:
            box: The box.
            track_id: The track it is for, None for a new one.
            frame: Where; the current frame if not given.
        """
        at = self.frame if frame is None else frame
        if track_id is not None:
            self.move_box(track_id, box, at)
            return
        if self._guarded(lambda: self._add_track(at, box)):
            self.go_to(at)

    def _add_track(self, frame: int, box: Box) -> None:
        edit = commands.add_track(self._require_project().document, frame, box)
        self.do(edit)
        self.select(edit.track.id)

    def move_box(self, track_id: int, box: Box, frame: int | None = None) -> None:
        """A box was moved or resized: it is an anchor now; a run on its track goes on from there."""
        at = self.frame if frame is None else frame

        def build(document: Document) -> Edit:
            return commands.set_anchor(document, track_id, at, box)

        proposal = self.run.proposal
        if proposal is None or proposal.track_id != track_id or proposal.start == at:
            self.edit(build, track_id, at)
        else:
            self._continue_from(build, proposal.direction, at)

    def _continue_from(self, build: EditBuilder, direction: int, at: int) -> None:
        """End the run, keep what it had found before a frame, correct that frame, and run on from it."""
        track_id = self.run.track_id
        self._kept = range(at) if direction > 0 else range(at + 1, self.length)

        def go_on() -> None:
            if track_id is not None and self._guarded(
                lambda: self.do(build(self._require_project().document))
            ):
                self.select(track_id)
                self.go_to(at)
                self.start_run(direction)

        self._once_stopped(go_on)

    # Tracking

    def start_run(self, direction: int, through: bool = False, until: int | None = None) -> None:
        """Follow the selected track from its box on the current frame; a failure is announced.

        Args:
            direction: +1 forward, -1 backward.
            through: On from each anchor that is reached, to the end of the clip; otherwise to the next anchor.
            until: Last frame; without it as far as that goes.
        """
        if not self.is_running:
            self._guarded(lambda: self.run.start(self._plan(direction, through, until)))

    def audit(self) -> None:
        """Track the gaps between the selected track's anchors from both sides, and compare; a failure is announced."""
        if not self.is_running:
            self._guarded(lambda: self.run.start(self._audit_plan()))

    def _audit_plan(self) -> RunPlan:
        track = self.track
        if track is None:
            raise no_track()
        gaps = require_gaps(track)
        direction, start, box = next(gaps[0].sides())
        project, source = self._require_project(), self.source
        assert source is not None
        choice = choose_tracker(project, self.settings.model, self.settings.device)
        return RunPlan(
            project, source, track.id, start, box, direction.value, frozenset(), None, choice, gaps=gaps
        )

    def _plan(self, direction: int, through: bool, until: int | None) -> RunPlan:
        project, source, track, frame = self._require_project(), self.source, self.track, self.frame
        if track is None or source is None:
            raise no_track()
        anchors = frozenset(track.anchors().tolist()) - {frame}
        choice = choose_tracker(project, self.settings.model, self.settings.device)
        return RunPlan(
            project,
            source,
            track.id,
            frame,
            starting_box(track, frame),
            direction,
            anchors,
            until,
            choice,
            anchors_beyond(track, frame, direction) if through else (),
        )

    def prepare_tracker(self) -> None:
        """Load the chosen tracker while the user is looking at the clip."""
        if self._project is not None:
            choice = choose_tracker(self._project, self.settings.model, self.settings.device)
            self.run.loader.prepare(choice)

    def stop_run(self) -> None:
        """End the run; what it has tracked is merged."""
        self.run.stop()

    def _once_stopped(self, action: Callable[[], None]) -> None:
        self._after_run.append(action)
        self.run.stop()

    @Slot(int)
    def _on_advanced(self, frame: int) -> None:
        self.proposalChanged.emit(self.run.proposal)
        if self.settings.follow:
            self.go_to(frame)
        elif self._shown is not None and self._shown.index == frame:
            self._announce_evidence()

    @Slot(object)
    def _on_run_ended(self, end: RunEnd) -> None:
        kept, self._kept = self._kept, None
        if end.audit is not None:
            self._guarded(lambda: self._take_audit(end.proposal_id or 0, end.audit))
        elif end.proposal_id is not None:
            self._guarded(lambda: self._merge(end.proposal_id or 0, kept))
        self.proposalChanged.emit(None)
        self._announce_evidence()
        if end.error is not None:
            self.failed.emit(end.error)
        elif end.summary is not None:
            self.statusChanged.emit(
                f"Tracked {end.summary.frames} frames, {end.summary.fps_end_to_end:.1f} a second"
                f" – {end.summary.reason.value}"
            )
        waiting, self._after_run = self._after_run, []
        for action in waiting:
            action()

    @property
    def merge_mode(self) -> MergeMode:
        """How finished runs are merged."""
        return MergeMode.__members__.get(self.settings.merge_mode, MergeMode.FILL_GAPS)

    def pending_proposal(self) -> Proposal | None:
        """A run that was cut short and is neither merged nor discarded."""
        proposals = {} if self.document is None else self.document.proposals
        live = None if self.run.proposal is None else self.run.proposal.id
        return next((found for found in proposals.values() if found.id != live), None)

    def accept_pending(self) -> None:
        """Merge the run that was cut short."""
        pending = self.pending_proposal()
        if pending is not None:
            self._guarded(lambda: self._merge(pending.id))

    def discard_pending(self) -> None:
        """Throw the run that was cut short away."""
        pending = self.pending_proposal()
        if pending is not None:
            self.edit(lambda document: commands.discard(document, pending.id))

    def _merge(self, proposal_id: int, within: range | None = None) -> None:
        """Merge a run as one step."""
        project = self._require_project()
        merged = merge_run(project, proposal_id, self.merge_mode, within)
        if merged.taken_back_by is not None:
            self._history.add(merged.taken_back_by)
        else:
            self.tracksChanged.emit({merged.proposal.track_id})
        if within is None and merged.left_out:
            self.runLeftOut.emit(merged)

    def _take_audit(self, proposal_id: int, audit: BetweenSummary | None) -> None:
        """Take over what two runs have found, as one step; the preview of it goes."""
        project = self._require_project()
        track_id = project.document.proposal(proposal_id).track_id
        project.apply(commands.discard(project.document, proposal_id))
        gaps = [] if audit is None else audit.gaps
        found = [(each.gap.start, each.forward, each.backward) for each in gaps]
        self.do(audit_commands.audit(project.document, track_id, found))
        self.audited.emit(track_id, agreement_over(self.length, gaps))

    def replace_with(self, proposal: Proposal) -> None:
        """Let a run replace the boxes of machines that it has left as they were."""

        def build(document: Document) -> Edit:
            edit = commands.take_over(document, proposal, MergeMode.REPLACE_MACHINE)
            if edit is None:
                raise AnnotationError("there is nothing left to replace.")
            return edit

        self.edit(build, proposal.track_id)
