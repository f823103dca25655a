"""A tracking run seen from the window: loads the tracker, runs it on a thread, keeps what is drawn live."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.progress import progress_text
from app.run_plan import RunPlan
from app.tracker_loading import ReadyTracker, TrackerFactory, TrackerLoader, build
from tracker.annotation.document import Proposal
from tracker.annotation.evidence import Evidence, Scores
from tracker.errors import ThermarkError
from tracker.jobs import Event, Job, Progress
from tracker.media.source import FrameSource
from tracker.tracking.between import BetweenSummary, track_between
from tracker.tracking.record import frame_state, record
from tracker.tracking.run import Direction, FrameTracked, RunSummary, StopConditions, track
from tracker.tracking.through import Anchor, track_through
from tracker.tracking.tracker import Tracker

T = TypeVar("T")

REDRAW_MS = (33, 200)
"""Least and most time between two redraws ..."""

WINDOW_SHARE = 0.1
"""... which is such that drawing takes this share of the time: the window and the tracker take turns in Python's
interpreter, so that all the time the window spends on drawing is lost to the run."""

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
        audit: What a run from both sides has found, None for other runs and one that was stopped.
    """

    proposal_id: int | None
    summary: RunSummary | None = None
    error: ThermarkError | None = None
    audit: BetweenSummary | None = None


@dataclass
class _Live:
    """What a run has given so far, for drawing: the project has it too.

    Attributes:
        proposal: A copy of the run's proposal.
        latest: The last frame tracked.
        evidence: Of the latest frames.
        times: When the latest frames arrived, seconds.
        fresh: Scores by frame of what was not announced yet.
    """

    proposal: Proposal
    latest: int
    evidence: OrderedDict[int, Evidence] = field(default_factory=OrderedDict)
    times: deque[float] = field(default_factory=lambda: deque(maxlen=RATE_FRAMES))
    fresh: dict[int, Scores] = field(default_factory=dict)

    def take(self, event: FrameTracked) -> None:
        """Add a frame."""
        self.proposal.frames.put(event.frame, frame_state(event.result))
        self.evidence[event.frame] = event.result.evidence
        while len(self.evidence) > KEPT_EVIDENCE:
            self.evidence.popitem(last=False)
        self.latest = event.frame
        self.fresh[event.frame] = event.result.evidence.scores
        self.times.append(time.monotonic())

    def fps(self) -> float:
        """Frames per second lately, reading and storing included."""
        span = self.times[-1] - self.times[0] if len(self.times) > 1 else 0.0
        return (len(self.times) - 1) / span if span > 0 else 0.0


class RunController(QObject):
    """One tracking run at a time.

    Every frame is stored by the run's own thread before its event arrives here, so nothing depends on the
    window keeping up: it redraws up to thirty times a second, and less often where drawing would slow the run down.

    Attributes:
        loader: The tracker to run.

    Signals:
        stateChanged: (bool) A run began or is over.
        phaseChanged: (str) What it is doing, for the user.
        scored: (dict of frame to Scores) The frames since the last announcement.
        advanced: (int) It has come to this frame; not every frame is announced.
        ended: (RunEnd) It is over.
    """

    stateChanged = Signal(bool)
    phaseChanged = Signal(str)
    scored = Signal(object)
    advanced = Signal(int)
    ended = Signal(object)

    def __init__(self, factory: TrackerFactory = build, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan: RunPlan | None = None
        self._live: _Live | None = None
        self._is_stopping = False
        self._timer = QTimer(self, interval=REDRAW_MS[0])
        self._timer.timeout.connect(self._redraw)
        self._drawn_s = 0.0  # time that the window's thread had computed at the last redraw
        self.loader = TrackerLoader(factory, self)
        self.loader.loaded.connect(self._on_loaded)
        self.loader.failed.connect(self._on_failed)
        self._runner = JobRunner(self)
        self._runner.reported.connect(self._on_reported)
        self._runner.succeeded.connect(self._on_succeeded)
        self._runner.cancelled.connect(self._on_cancelled)
        self._runner.failed.connect(self._on_failed)

    @property
    def is_running(self) -> bool:
        """Whether a run is going on, from waiting for the tracker to the last frame."""
        return self._plan is not None

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
        self.stateChanged.emit(True)
        self.phaseChanged.emit("Loading the tracker…  –  Esc stops")
        self.loader.request(plan.choice)

    def stop(self) -> None:
        """Ask the run to end after the frame it is at; what it has tracked is kept."""
        if self._live is not None:
            self._is_stopping = True
            self._runner.cancel()
            self.phaseChanged.emit("Stopping the run…")
        elif self.is_running:
            self.loader.forget_request()
            self._end()

    def abandon(self) -> RunEnd | None:
        """End the run at once, waiting for its thread; None where there is none."""
        if not self.is_running:
            return None
        self.loader.forget_request()
        self._runner.abandon()
        return self._close()

    @Slot(object)
    def _on_loaded(self, ready: ReadyTracker) -> None:
        if self._plan is None:
            return
        try:
            self._begin_tracking(self._plan, ready)
        except ThermarkError as error:
            self._end(error=error)

    def _begin_tracking(self, plan: RunPlan, ready: ReadyTracker) -> None:
        model = ready.tracker.model_id
        proposal = plan.project.begin_proposal(plan.track_id, plan.start, plan.direction, model)
        self._live = _Live(proposal.copy(), plan.start)
        self.phaseChanged.emit("Tracking  –  Esc stops")
        self._drawn_s = time.thread_time()
        self._timer.start(REDRAW_MS[0])
        job = partial(_run, plan, ready.tracker, proposal.id, plan.project.document.model_index(model))
        self._runner.start(job, name="track")

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if self._live is not None and isinstance(event, FrameTracked):
            self._live.take(event)
        elif self._live is not None and isinstance(event, Progress) and not self._is_stopping:
            self.phaseChanged.emit(f"Tracking  {progress_text(event)}  –  Esc stops")

    @Slot()
    def _redraw(self) -> None:
        """Announce what is new, and go on as often as the window can afford."""
        if self._live is not None and self._live.fresh:
            drawn_s = time.thread_time()
            self._timer.setInterval(redraw_interval(drawn_s - self._drawn_s))
            self._drawn_s = drawn_s
        self._announce()

    def _announce(self) -> None:
        if self._live is not None and self._live.fresh:
            scores, self._live.fresh = self._live.fresh, {}
            self.scored.emit(scores)
            self.advanced.emit(self._live.latest)

    @Slot(object)
    def _on_succeeded(self, summary: RunSummary | BetweenSummary) -> None:
        if isinstance(summary, BetweenSummary):
            self._end(audit=summary)
        else:
            self._end(summary=summary)

    @Slot()
    def _on_cancelled(self) -> None:
        self._end()

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self._end(error=error)

    def _end(
        self,
        summary: RunSummary | None = None,
        error: ThermarkError | None = None,
        audit: BetweenSummary | None = None,
    ) -> None:
        self._announce()
        self.ended.emit(replace(self._close(), summary=summary, error=error, audit=audit))

    def _close(self) -> RunEnd:
        self._timer.stop()
        proposal_id = None if self._live is None else self._live.proposal.id
        self._plan, self._live = None, None
        self.stateChanged.emit(False)
        return RunEnd(proposal_id)


def redraw_interval(cost_s: float) -> int:
    """Milliseconds until the next redraw, where one has kept the window's thread busy for `cost_s` seconds."""
    least, most = REDRAW_MS
    return round(min(max(1000 * cost_s / WINDOW_SHARE, least), most))


def _run(
    plan: RunPlan, tracker: Tracker, proposal_id: int, model: int
) -> Job[RunSummary] | Job[BetweenSummary]:
    """Track on this thread: with a reader of the clip and a connection to the project of its own."""
    source = plan.source.reopen()
    if plan.gaps:
        between = track_between(source, tracker, plan.gaps, model=model)
        return _closing(source, record(plan.project, proposal_id, between))
    return _closing(source, record(plan.project, proposal_id, _one_way(plan, source, tracker)))


def _one_way(plan: RunPlan, source: FrameSource, tracker: Tracker) -> Job[RunSummary]:
    direction = Direction(plan.direction)
    if plan.beyond:
        anchors = (Anchor(plan.start, plan.box), *plan.beyond)
        return track_through(source, tracker, anchors, direction, StopConditions(until=plan.until))
    stop = StopConditions(until=plan.until, anchors=plan.anchors)
    return track(source, tracker, plan.start, plan.box, direction, stop)


def _closing(source: FrameSource, job: Job[T]) -> Job[T]:
    """A job, and its reader closed after it."""
    try:
        return (yield from job)
    finally:
        source.close()
