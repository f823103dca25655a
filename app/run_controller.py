"""A tracking run seen from the window: loads the tracker, runs it on a thread, keeps what is drawn live."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum, auto

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.progress import progress_text
from app.run_plan import RunPlan
from app.tracker_loading import ReadyTracker, TrackerChoice, TrackerFactory, build, load
from tracker.annotation.document import Proposal
from tracker.annotation.evidence import Evidence
from tracker.errors import ThermarkError
from tracker.jobs import Event, Job, Progress
from tracker.tracking.record import frame_state, record
from tracker.tracking.run import Direction, FrameTracked, RunSummary, StopConditions, track
from tracker.tracking.tracker import Tracker

REDRAW_MS = 33
KEPT_EVIDENCE = 256
"""Steps whose evidence is held in memory while the file catches up."""

RATE_FRAMES = 30


@dataclass(frozen=True)
class RunEnd:
    """How a run ended.

    Attributes:
        proposal_id: What it has written; None where it did not come to that.
        summary: Its own account, None where it was stopped or failed.
        error: Why it failed, None where it did not.
    """

    proposal_id: int | None
    summary: RunSummary | None = None
    error: ThermarkError | None = None


class _Phase(Enum):
    IDLE = auto()
    LOADING = auto()
    TRACKING = auto()


@dataclass
class _Live:
    """What a run has given so far, for drawing: the project has it too.

    Attributes:
        proposal: A copy of the run's proposal.
        latest: The last frame tracked.
        evidence: Of the latest frames.
        times: When the latest frames arrived, seconds.
        is_fresh: Whether there is something that was not announced yet.
    """

    proposal: Proposal
    latest: int
    evidence: OrderedDict[int, Evidence] = field(default_factory=OrderedDict)
    times: deque[float] = field(default_factory=lambda: deque(maxlen=RATE_FRAMES))
    is_fresh: bool = False

    def take(self, event: FrameTracked) -> None:
        """Add a frame."""
        self.proposal.frames.put(event.frame, frame_state(event.result))
        self.evidence[event.frame] = event.result.evidence
        while len(self.evidence) > KEPT_EVIDENCE:
            self.evidence.popitem(last=False)
        self.latest, self.is_fresh = event.frame, True
        self.times.append(time.monotonic())

    def fps(self) -> float:
        """Frames per second lately, reading and storing included."""
        span = self.times[-1] - self.times[0] if len(self.times) > 1 else 0.0
        return (len(self.times) - 1) / span if span > 0 else 0.0


class RunController(QObject):
    """One tracking run at a time.

    Every frame is stored by the run's own thread before its event arrives here, so nothing depends on the
    window keeping up: it redraws some thirty times a second, whatever the tracker's speed.

    Signals:
        stateChanged: (bool) A run began or is over.
        phaseChanged: (str) What it is doing, for the user.
        trackerLoaded: (ReadyTracker) The tracker is there.
        advanced: (int) It has come to this frame; not every frame is announced.
        ended: (RunEnd) It is over.
    """

    stateChanged = Signal(bool)
    phaseChanged = Signal(str)
    trackerLoaded = Signal(object)
    advanced = Signal(int)
    ended = Signal(object)

    def __init__(self, factory: TrackerFactory = build, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._factory = factory
        self._phase = _Phase.IDLE
        self._plan: RunPlan | None = None
        self._loaded: tuple[TrackerChoice, ReadyTracker] | None = None
        self._live: _Live | None = None
        self._is_stopping = False
        self._timer = QTimer(self, interval=REDRAW_MS)
        self._timer.timeout.connect(self._announce)
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.cancelled.connect(self._on_cancelled)
        self._runner.failed.connect(self._on_failed)

    @property
    def is_running(self) -> bool:
        """Whether a run is going on, from loading the tracker to the last frame."""
        return self._phase is not _Phase.IDLE

    @property
    def track_id(self) -> int | None:
        """Whom the run follows, None without a run."""
        return None if self._plan is None else self._plan.track_id

    @property
    def proposal(self) -> Proposal | None:
        """What the run has given so far."""
        return None if self._live is None else self._live.proposal

    @property
    def fps(self) -> float:
        """Frames per second of the run; 0 before it can be told."""
        return 0.0 if self._live is None else self._live.fps()

    def evidence(self, frame: int) -> Evidence | None:
        """What the run saw in one of its latest frames."""
        return None if self._live is None else self._live.evidence.get(frame)

    def start(self, plan: RunPlan) -> None:
        """Begin a run.

        Raises:
            RuntimeError: Another one is going on.
        """
        if self.is_running:
            raise RuntimeError("a tracking run is going on")
        self._plan, self._is_stopping = plan, False
        if self._loaded is not None and self._loaded[0] == plan.choice:
            self._begin_tracking(plan, self._loaded[1])
        else:
            self._begin_loading(plan)
        self.stateChanged.emit(self.is_running)

    def stop(self) -> None:
        """Ask the run to end after the frame it is at; what it has tracked is kept."""
        if self.is_running:
            self._is_stopping = True
            self._runner.cancel()
            self.phaseChanged.emit("Stopping the run…")

    def abandon(self) -> RunEnd | None:
        """End the run at once, waiting for its thread; None where there is none."""
        if not self.is_running:
            return None
        self._runner.abandon()
        return self._close()

    def _begin_loading(self, plan: RunPlan) -> None:
        self._phase = _Phase.LOADING
        self.phaseChanged.emit("Loading the tracker…")
        self._runner.start(lambda: load(self._factory, plan.choice), name="load tracker")

    def _begin_tracking(self, plan: RunPlan, ready: ReadyTracker) -> None:
        model = ready.tracker.model_id
        proposal = plan.project.begin_proposal(plan.track_id, plan.start, plan.direction, model)
        self._live = _Live(proposal.copy(), plan.start)
        self._phase = _Phase.TRACKING
        self.phaseChanged.emit("Tracking  –  Esc stops")
        self._timer.start()
        self._runner.start(lambda: _run(plan, ready.tracker, proposal.id), name="track")

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if self._live is not None and isinstance(event, FrameTracked):
            self._live.take(event)
        elif self._live is not None and isinstance(event, Progress) and not self._is_stopping:
            self.phaseChanged.emit(f"Tracking  {progress_text(event)}  –  Esc stops")

    @Slot()
    def _announce(self) -> None:
        if self._live is not None and self._live.is_fresh:
            self._live.is_fresh = False
            self.advanced.emit(self._live.latest)

    @Slot(object)
    def _on_succeeded(self, value: ReadyTracker | RunSummary) -> None:
        if isinstance(value, RunSummary):
            self._end(summary=value)
        elif self._plan is not None:
            self._on_loaded(self._plan, value)

    def _on_loaded(self, plan: RunPlan, ready: ReadyTracker) -> None:
        self._loaded = plan.choice, ready
        self.trackerLoaded.emit(ready)
        if self._is_stopping:
            self._end()
            return
        try:
            self._begin_tracking(plan, ready)
        except ThermarkError as error:
            self._end(error=error)

    @Slot()
    def _on_cancelled(self) -> None:
        self._end()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self._end(error=error)

    def _end(self, summary: RunSummary | None = None, error: ThermarkError | None = None) -> None:
        self._announce()
        self.ended.emit(self._close(summary, error))

    def _close(self, summary: RunSummary | None = None, error: ThermarkError | None = None) -> RunEnd:
        self._timer.stop()
        proposal_id = None if self._live is None else self._live.proposal.id
        self._phase, self._plan, self._live = _Phase.IDLE, None, None
        self.stateChanged.emit(False)
        return RunEnd(proposal_id, summary, error)


def _run(plan: RunPlan, tracker: Tracker, proposal_id: int) -> Job[RunSummary]:
    """Track on this thread: with a reader of the clip and a connection to the project of its own."""
    stop = StopConditions(until=plan.until, anchors=plan.anchors)
    source = plan.source.reopen()
    try:
        run = track(source, tracker, plan.start, plan.box, Direction(plan.direction), stop)
        return (yield from record(plan.project, proposal_id, run))
    finally:
        source.close()
