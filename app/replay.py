"""A/B replay seen from the window: what to run, running it on a thread, and what has come of it."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.replay_job import Began, Replay, VariantFactory, build, replay_job
from app.run_plan import no_track
from app.session import Session
from tracker.annotation import commands
from tracker.annotation.document import Document, MergeMode, Proposal
from tracker.annotation.edits import Edit, SetFrames
from tracker.annotation.evidence import Evidence
from tracker.annotation.track import NO_MODEL, Frames, Mask
from tracker.errors import AnnotationError, ThermarkError
from tracker.geometry import Box
from tracker.jobs import Event, Progress
from tracker.tracking.pattern_correction import SETTING, Correction, corrected
from tracker.tracking.replay import anchors_within
from tracker.tracking.replay_record import Comparison, FrameReplayed, ReplayRecord, Side, compare
from tracker.tracking.replay_store import ReplayStore
from tracker.tracking.variant import Variant

REDRAW_MS = (200, 2000)
"""Least and most time between two looks at what a replay has found so far ..."""

LOOK_SHARE = 0.05  # ... which take this share of the time, or they would slow it down


class Replayer(QObject):
    """One replay at a time; what it has found stays until the next one, or until the clip is closed.

    Signals:
        stateChanged: (bool) A replay, or taking over a side's boxes, began or is over.
        progressed: (Progress) It has got further.
        compared: () There is more to compare, or nothing any more.
        ended: (str) A replay, or taking over, is over; what to say about it, empty for nothing.
        frameRequested: (int) The user wants to be at this frame.
        failed: (ThermarkError) Something asked for could not be done.
    """

    stateChanged = Signal(bool)
    progressed = Signal(object)
    compared = Signal()
    ended = Signal(str)
    frameRequested = Signal(int)
    failed = Signal(object)

    def __init__(
        self, session: Session, factory: VariantFactory = build, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._factory = session, factory
        self._replay: Replay | None = None
        self._record: ReplayRecord | None = None
        self._comparison: Comparison | None = None
        self._store: ReplayStore | None = None
        self._adopts: Side | None = None
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.cancelled.connect(self._on_cancelled)
        self._runner.failed.connect(self._on_failed)
        self._timer = QTimer(self, interval=REDRAW_MS[0])
        self._timer.timeout.connect(self._look)
        session.projectClosed.connect(self.clear)
        session.tracksChanged.connect(self._on_tracks_changed)

    # What is there

    @property
    def is_running(self) -> bool:
        """Whether a replay, or taking over, is going on."""
        return self._runner.is_running

    @property
    def replay(self) -> Replay | None:
        """What is or was compared."""
        return self._replay

    @property
    def comparison(self) -> Comparison | None:
        """What has come of it so far."""
        return self._comparison

    def evidence(self, side: Side, frame: int) -> Evidence | None:
        """What a side saw in a frame; a failure is announced."""
        if self._store is None:
            return None
        try:
            return self._store.evidence(side, frame)
        except ThermarkError as error:
            self.failed.emit(error)
            return None

    def box(self, side: Side, frame: int) -> Box | None:
        """Where a side has found the target."""
        record = self._record
        return None if record is None or frame >= len(record) else record.sides[side].frames.box(frame)

    # Running

    def start(self, variants: tuple[Variant, Variant], first: int, last: int, *, restarts: bool) -> None:
        """Replay the selected track; a failure is announced.

        Args:
            variants: A and B.
            first: First frame of the span.
            last: Last frame, inclusive.
            restarts: Whether to start afresh at each anchor.
        """
        if self.is_running:
            return
        try:
            self._begin(variants, first, last, restarts)
        except ThermarkError as error:
            self.failed.emit(error)

    def _begin(self, variants: tuple[Variant, Variant], first: int, last: int, restarts: bool) -> None:
        session, track = self._session, self._session.track
        if track is None or session.source is None or session.document is None:
            raise no_track()
        anchors = anchors_within(track, first, last, restarts=restarts)
        self.clear()
        normalisation = session.document.normalisation or (0.0, 255.0)
        project = session.require_project()
        source = corrected(session.source, Correction.named(project.setting(SETTING)))
        wanted = Replay(
            source, track.id, variants, anchors, last, track.frames.copy(),
            session.settings.device, normalisation,
        )  # fmt: skip
        self._store = store = ReplayStore()
        self._replay = wanted
        self._runner.start(lambda: store.record(replay_job(self._factory, wanted)), name="replay")
        self._timer.start(REDRAW_MS[0])
        self.stateChanged.emit(True)

    def cancel(self) -> None:
        """Stop; what was found so far can still be looked at. Taking over is stopped without a trace in the track."""
        self._runner.cancel()

    @Slot()
    def clear(self) -> None:
        """Stop at once, waiting for the thread, and forget what was found."""
        was_running = self.is_running
        self._runner.abandon()
        self._timer.stop()
        if self._store is not None:
            self._store.close()
        self._replay = self._record = self._comparison = self._store = self._adopts = None
        self.compared.emit()
        if was_running:
            self.stateChanged.emit(False)

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if isinstance(event, Began):
            self._record = ReplayRecord.empty(event.length, event.models)
        elif isinstance(event, FrameReplayed) and self._record is not None:
            self._record.take(event)
        elif isinstance(event, Progress):
            self.progressed.emit(event)

    @Slot()
    def _look(self) -> None:
        """Compare what is there, as often as that can be afforded."""
        begun = time.thread_time()
        self._compare()
        cost_ms = 1000 * (time.thread_time() - begun)
        self._timer.setInterval(round(min(max(cost_ms / LOOK_SHARE, REDRAW_MS[0]), REDRAW_MS[1])))

    def _compare(self) -> None:
        document = self._session.document
        if self._record is None or self._replay is None or document is None:
            return
        track = document.tracks.get(self._replay.track_id)
        truth = Frames.empty(document.length) if track is None else track.frames
        self._comparison = compare(self._record, truth)
        self.compared.emit()

    @Slot(object)
    def _on_tracks_changed(self, touched: set[int] | None) -> None:
        """What is trusted has changed."""
        is_ours = self._replay is not None and (touched is None or self._replay.track_id in touched)
        if is_ours and not self._timer.isActive():
            self._compare()

    @Slot(object)
    def _on_succeeded(self, _: object) -> None:
        side, self._adopts = self._adopts, None
        if side is not None:
            self._take(side)
        self._over("")

    @Slot()
    def _on_cancelled(self) -> None:
        self._adopts = None
        self._over("Stopped")

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self._adopts = None
        self._over("")
        self.failed.emit(error)

    def _over(self, how: str) -> None:
        self._timer.stop()
        self._compare()
        self.stateChanged.emit(False)
        self.ended.emit(how)

    # What the user does with it

    def go(self, direction: int) -> None:
        """Ask for the nearest frame from which on the two part; +1 forward, -1 backward."""
        comparison = self._comparison
        if comparison is None:
            self._session.statusChanged.emit("Nothing was replayed yet: see View › Panels › Replay (A/B)")
            return
        frame = comparison.next_parting(self._session.frame, direction)
        if frame is None:
            self._session.statusChanged.emit("A and B do not part further on")
        else:
            self.frameRequested.emit(frame)

    def adopt(self, side: Side) -> None:
        """Let the track take over a side's boxes as one step that can be undone; a failure is announced.

        Its evidence is copied first, so that maps and risks are those of the boxes that are then shown.
        """
        project, store = self._session.project, self._store
        if project is None or store is None or self._replay is None or self.is_running:
            return
        try:
            frames = self._adoptable(project.document, side)
        except ThermarkError as error:
            self.failed.emit(error)
            return
        self._adopts, path, track_id = side, project.path, self._replay.track_id
        self._runner.start(lambda: store.hand_over(side, frames, path, track_id), name="adopt")
        self.stateChanged.emit(True)

    def _adoptable(self, document: Document, side: Side) -> Mask:
        """(n,) frames in which the track would take over a box."""
        edit = self._taken(document, side)
        before = document.track(edit.track_id).frames
        after = before.copy()
        after.paste(edit.start, edit.frames)
        return before.is_changed(after)

    def _take(self, side: Side) -> None:
        project, wanted, record = self._session.project, self._replay, self._record
        if project is None or wanted is None or record is None:
            return

        def build(document: Document) -> Edit:
            model = record.sides[side].model
            known = project.begin_proposal(wanted.track_id, wanted.first, 1, model)  # makes the model known
            project.apply(commands.discard(document, known.id))
            edit = self._taken(document, side, document.model_index(model))
            return replace(edit, name=f"Take {side.name}'s boxes")

        self._session.edit(build, wanted.track_id)

    def _taken(self, document: Document, side: Side, model: int = NO_MODEL) -> SetFrames:
        """A side's boxes in the track, as an edit.

        Raises:
            AnnotationError: The track is gone or locked, or there is nothing that may be replaced.
        """
        assert self._replay is not None
        assert self._record is not None
        frames = self._record.sides[side].frames.copy()
        frames.model[frames.is_said] = model
        found = Proposal(0, self._replay.track_id, self._replay.first, 1, "", frames)
        mode = self._session.merge_mode
        # Machine boxes are replaced in any case: that is what was asked for.
        mode = MergeMode.REPLACE_MACHINE if mode is MergeMode.FILL_GAPS else mode
        edit = commands.take_over(document, found, mode)
        if edit is None:
            raise AnnotationError(
                f"there is no box that {side.name} may replace.",
                todo="Frames that were drawn, accepted or imported stay as they are.",
            )
        return edit
