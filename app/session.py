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
from app.run_plan import no_track
from app.runs import Runs
from app.settings import Settings
from app.tracker_loading import TrackerFactory, build
from tracker.annotation import commands
from tracker.annotation.document import Document, MergeMode
from tracker.annotation.edits import Edit
from tracker.annotation.evidence import Evidence
from tracker.annotation.track import Track
from tracker.errors import ThermarkError
from tracker.geometry import Box
from tracker.media.source import FrameSource
from tracker.store.project import Project
from tracker.thermal.display import Span

EditBuilder = Callable[[Document], Edit]


class Session(QObject):
    """Holds what is open; every change to it goes through here.

    Attributes:
        settings: The user's choices.
        opener: Opens clips and projects.
        loader: Reads and paints frames.
        runs: Tracking runs on what is open.

    Signals say what has happened:
        projectOpened, projectClosed: () A document is there, or no longer.
        frameChanged: (int) The current frame is another.
        frameShown: (LoadedFrame) The current frame has been read.
        frameRepainted: (LoadedFrame) The shown frame has been painted in another way.
        tracksChanged: (set of ids, or None for all) Tracks look different.
        selectionChanged: (int or None) Another track is selected.
        evidenceChanged: (Evidence or None) What is known about the selected track in the shown frame.
        hiddenChanged: () Other tracks are left out of the picture.
        failed: (ThermarkError) Something asked for could not be done.
        statusChanged: (str) Something worth a line in the status bar.
    """

    projectOpened = Signal()
    projectClosed = Signal()
    frameChanged = Signal(int)
    frameShown = Signal(object)
    frameRepainted = Signal(object)
    tracksChanged = Signal(object)
    selectionChanged = Signal(object)
    evidenceChanged = Signal(object)
    hiddenChanged = Signal()
    failed = Signal(object)
    statusChanged = Signal(str)

    def __init__(
        self, settings: Settings, tracker_factory: TrackerFactory = build, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.settings = settings
        self.opener = Opener(self)
        self._history = History(self)
        self.loader = FrameLoader(self)
        self._project: Project | None = None
        self._media: Media | None = None
        self._frame = 0
        self._shown: LoadedFrame | None = None
        self._selected: int | None = None
        self._hidden: frozenset[int] = frozenset()
        self._chosen: frozenset[int] = frozenset()
        self.runs = Runs(self, tracker_factory)
        self.opener.opened.connect(self._on_opened)
        self.opener.failed.connect(self.failed)
        self.loader.loaded.connect(self._on_loaded)
        self.loader.failed.connect(self.failed)
        self._history.applied.connect(self._on_applied)

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
        return self.runs.is_running

    def open_path(self, path: Path, project: Path | None = None) -> None:
        """Open a clip or a project; what is open now stays so until that has worked out.

        Args:
            path: A clip, or a `.thermark` file.
            project: For a clip, the project file to use instead of the one beside it.
        """
        if self._is_open(path.absolute()) and project in (None, self.require_project().path):
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
        self.loader.set_source(opened.media.source)
        self._chosen = frozenset()
        self._hidden = frozenset(json.loads(opened.project.setting("hidden", "[]")))
        self.settings.remember(opened.media.source.path)
        self._frame = -1  # nobody may ask this clip for a frame of the one before
        self.projectOpened.emit()
        self.select(next(iter(opened.project.document.tracks), None))
        self.go_to(self._first_frame(opened.project))
        self.runs.prepare_tracker()
        if opened.notice:
            self.statusChanged.emit(opened.notice)

    def _first_frame(self, project: Project) -> int:
        """The frame of last time; where a run was cut short, its last frame."""
        reached = self.runs.frame_of_pending()
        return int(project.setting("frame", "0")) if reached is None else reached

    def close(self) -> None:
        """Close the project; a run is ended, and what it has tracked is kept."""
        self.runs.end_now()
        if self._project is None:
            return
        self.attempt(lambda: self.require_project().set_setting("frame", str(max(self._frame, 0))))
        self.select(None)
        self.loader.set_source(None)  # which closes it
        project, self._project, self._media, self._shown = self._project, None, None, None
        self._history.set_project(None)
        self.projectClosed.emit()
        project.close()

    def shut_down(self) -> None:
        """Close everything, threads included; the session is not used afterwards."""
        self.opener.abandon()
        self.close()
        self.runs.controller.loader.abandon()
        self.loader.stop()

    def require_project(self) -> Project:
        """The open project.

        Raises:
            ThermarkError: There is none.
        """
        if self._project is None:
            raise ThermarkError("no clip is open.", todo="Open one first.")
        return self._project

    def attempt(self, action: Callable[[], object]) -> bool:
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
            self.loader.request(frame)
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
        self.announce_evidence()

    @property
    def chosen(self) -> frozenset[int]:
        """Ids of the tracks that are chosen in the list, the selected one among them."""
        return self._chosen

    @Slot(object)
    def choose(self, track_ids: frozenset[int]) -> None:
        """Choose several tracks for what is done with several."""
        self._chosen = track_ids

    @property
    def hidden(self) -> frozenset[int]:
        """Ids of the tracks that are left out of the picture; no edit, so undo leaves it alone."""
        return self._hidden

    def set_hidden(self, track_id: int, is_hidden: bool) -> None:
        """Leave a track out of the picture, or not."""
        ids = self.hidden - {track_id} | ({track_id} if is_hidden else set())
        if self.attempt(lambda: self.require_project().set_setting("hidden", json.dumps(sorted(ids)))):
            self._hidden = ids
            self.hiddenChanged.emit()

    def repaint(self) -> None:
        """Paint the current frame anew, as it would be painted now."""
        if self._project is not None and self._frame >= 0:
            self.loader.request(self._frame)

    @Slot(object)
    def _on_loaded(self, loaded: LoadedFrame) -> None:
        before, self._shown = self._shown, loaded
        if before is not None and before.index == loaded.index:
            self.frameRepainted.emit(loaded)
            return
        self.frameShown.emit(loaded)
        self.announce_evidence()

    def announce_evidence(self) -> None:
        """Say anew what is known about the selected track in the shown frame."""
        self.evidenceChanged.emit(self.evidence())

    def evidence(self) -> Evidence | None:
        """What a run saw of the selected track in the shown frame."""
        if self._project is None or self._shown is None or self._selected is None:
            return None
        frame = self._shown.index
        live = self.runs.evidence(self._selected, frame)
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

    def take_up(self, opposite: Edit) -> None:
        """Take up, as a step, an edit that has been applied; `opposite` takes it back."""
        self._history.add(opposite)

    def undo(self) -> None:
        """Take the last step back; a run on a track that this changes is ended before."""
        if self.runs.concern(self._history.touched_by_undo()):
            self.runs.once_stopped(self.undo)
        else:
            self.attempt(self._history.undo)

    def redo(self) -> None:
        """Do the step taken back last again; a run on a track that this changes is ended before."""
        if self.runs.concern(self._history.touched_by_redo()):
            self.runs.once_stopped(self.redo)
        else:
            self.attempt(self._history.redo)

    @Slot(object)
    def _on_applied(self, touched: frozenset[int]) -> None:
        tracks = self.require_project().document.tracks
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
        if track_id is not None and self.runs.concern([track_id]):
            self.runs.once_stopped(lambda: self.edit(build, track_id, frame))
        elif self.attempt(lambda: self.do(build(self.require_project().document))) and frame is not None:
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
        if self.attempt(lambda: self._add_track(at, box)):
            self.go_to(at)

    def _add_track(self, frame: int, box: Box) -> None:
        edit = commands.add_track(self.require_project().document, frame, box)
        self.do(edit)
        self.select(edit.track.id)

    def move_box(self, track_id: int, box: Box, frame: int | None = None) -> None:
        """A box was moved or resized: it is an anchor now; a run on its track goes on from there."""
        at = self.frame if frame is None else frame

        def build(document: Document) -> Edit:
            return commands.set_anchor(document, track_id, at, box)

        if self.runs.has_passed(track_id, at):
            self.runs.correct(track_id, at, build)
        else:
            self.edit(build, track_id, at)

    @property
    def merge_mode(self) -> MergeMode:
        """How finished runs are merged."""
        return MergeMode.__members__.get(self.settings.merge_mode, MergeMode.FILL_GAPS)
