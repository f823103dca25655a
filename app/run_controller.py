"""A tracking run seen from the window: loads the tracker, runs it on a thread, keeps what is drawn live."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.jobs import JobRunner
from app.live_run import LiveRun
from app.progress import progress_text
from app.run_job import Summary, run_job
from app.run_plan import RunPlan
from app.tracker_loading import ReadyTracker, TrackerFactory, TrackerLoader, build
from tracker.annotation.document import Proposal
from tracker.annotation.evidence import Evidence
from tracker.errors import ThermarkError
from tracker.jobs import Event, Progress
from tracker.tracking.between import BetweenSummary
from tracker.tracking.run import FrameTracked, RunSummary
from tracker.tracking.together import TargetEnded, TogetherSummary

REDRAW_MS = (33, 200)
"""Least and most time between two redraws ..."""

WINDOW_SHARE = 0.1
"""... which is such that drawing takes this share of the time: the window and the tracker take turns in Python's
interpreter, so that all the time the window spends on drawing is lost to the run."""


@dataclass(frozen=True)
class RunEnd:
    """How a run ended.

    Attributes:
        proposals: What it has written, by track; empty where it did not come to that.
        unfinished: The last frame of each target that would have been followed on.
        runs: How it went for each target that came to its end, by track.
        fps: Frames of the clip per second; None where it was stopped or failed, and for runs from both sides.
        error: Why it failed, None where it did not.
        audit: What a run from both sides has found, None for other runs and one that was stopped.
    """

    proposals: Mapping[int, int] = field(default_factory=dict)
    unfinished: Mapping[int, int] = field(default_factory=dict)
    runs: Mapping[int, RunSummary] = field(default_factory=dict)
    fps: float | None = None
    error: ThermarkError | None = None
    audit: BetweenSummary | None = None


class RunController(QObject):
    """One tracking run at a time, of one target or several.

    Every frame is stored by the run's own thread before its event arrives here, so nothing depends on the
    window keeping up: it redraws up to thirty times a second, and less often where drawing would slow the run down.

    Attributes:
        loader: The tracker to run.

    Signals:
        stateChanged: (bool) A run began or is over.
        phaseChanged: (str) What it is doing, for the user.
        scored: (int, dict of frame to Scores) The frames of this track since the last announcement.
        advanced: (int) It has come to this frame; not every frame is announced.
        ended: (RunEnd) It is over.
    """

    stateChanged = Signal(bool)
    phaseChanged = Signal(str)
    scored = Signal(int, object)
    advanced = Signal(int)
    ended = Signal(object)

    def __init__(self, factory: TrackerFactory = build, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._plan: RunPlan | None = None
        self._live: LiveRun | None = None
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
    def tracks(self) -> frozenset[int]:
        """Whom the run follows; empty without a run."""
        return frozenset() if self._plan is None else self._plan.tracks

    @property
    def proposals(self) -> Mapping[int, Proposal]:
        """What the run has given so far, by track."""
        return MappingProxyType({} if self._live is None else self._live.proposals)

    @property
    def fps(self) -> float:
        """Frames of the clip per second; 0 before it can be told."""
        return 0.0 if self._live is None else self._live.fps()

    def evidence(self, track_id: int, frame: int) -> Evidence | None:
        """What the run saw of a target in one of its latest frames."""
        return None if self._live is None else self._live.evidence.get((track_id, frame))

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
            self._end(RunEnd())

    def abandon(self) -> RunEnd | None:
        """End the run at once, waiting for its thread; None where there is none."""
        if not self.is_running:
            return None
        self.loader.forget_request()
        self._runner.abandon()
        return self._close(RunEnd())

    @Slot(object)
    def _on_loaded(self, ready: ReadyTracker) -> None:
        if self._plan is None:
            return
        try:
            self._begin_tracking(self._plan, ready)
        except ThermarkError as error:
            self._end(RunEnd(error=error))

    def _begin_tracking(self, plan: RunPlan, ready: ReadyTracker) -> None:
        model = ready.tracker.model_id
        self._live = LiveRun()
        for target in plan.targets:
            begun = plan.project.begin_proposal(target.track_id, target.start, plan.direction, model)
            self._live.add(begun.copy())
        self.phaseChanged.emit(f"{_doing(plan)}  –  Esc stops")
        self._drawn_s = time.thread_time()
        self._timer.start(REDRAW_MS[0])
        job = partial(
            run_job, plan, ready.tracker, self._live.ids(), plan.project.document.model_index(model)
        )
        self._runner.start(job, name="track")

    @Slot(object)
    def _on_reported(self, event: Event) -> None:
        if self._live is None or self._plan is None:
            return
        if isinstance(event, FrameTracked):
            self._live.take(event)
        elif isinstance(event, TargetEnded):
            self._live.runs[event.track_id] = event.summary
        elif isinstance(event, Progress) and not self._is_stopping:
            self.phaseChanged.emit(f"{_doing(self._plan)}  {progress_text(event)}  –  Esc stops")

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
            fresh, self._live.fresh = self._live.fresh, defaultdict(dict)
            latest = self._live.latest
            for track_id, scores in fresh.items():
                self.scored.emit(track_id, scores)
            self.advanced.emit(latest)

    @Slot(object)
    def _on_succeeded(self, summary: Summary) -> None:
        match summary:
            case BetweenSummary():
                self._end(RunEnd(audit=summary))
            case TogetherSummary():
                self._end(RunEnd(runs=summary.runs, fps=summary.fps_end_to_end))
            case RunSummary():
                (track_id,) = self.tracks
                self._end(RunEnd(runs={track_id: summary}, fps=summary.fps_end_to_end))

    @Slot()
    def _on_cancelled(self) -> None:
        self._end(RunEnd())

    @Slot(object)
    def _on_failed(self, error: ThermarkError) -> None:
        self._end(RunEnd(error=error))

    def _end(self, end: RunEnd) -> None:
        self._announce()
        self.ended.emit(self._close(end))

    def _close(self, end: RunEnd) -> RunEnd:
        """End it; gives what can be told of how."""
        self._timer.stop()
        live, self._plan, self._live = self._live, None, None
        self.stateChanged.emit(False)
        if live is None:
            return end
        runs = end.runs or live.runs
        unfinished = {track: frame for track, frame in live.reached.items() if track not in runs}
        return replace(end, proposals=live.ids(), runs=runs, unfinished=unfinished)


def _doing(plan: RunPlan) -> str:
    count = len(plan.targets)
    return "Tracking" if count == 1 else f"Tracking {count} targets"


def redraw_interval(cost_s: float) -> int:
    """Milliseconds until the next redraw, where one has kept the window's thread busy for `cost_s` seconds."""
    least, most = REDRAW_MS
    return round(min(max(1000 * cost_s / WINDOW_SHARE, least), most))
