"""Tracking runs on the open document: what they are about, and what becomes of their results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.run_controller import RunController, RunEnd
from app.run_merging import discarding, merge_run, replacement
from app.run_plan import RunPlan, agreement_over
from app.run_planner import RunPlanner
from app.run_words import ending, loss
from app.tracker_loading import TrackerFactory
from tracker.annotation import audit_commands, commands
from tracker.annotation.document import Document, Proposal
from tracker.annotation.edits import Edit
from tracker.annotation.evidence import Evidence
from tracker.tracking.between import BetweenSummary
from tracker.tracking.run import RunSummary, StopReason

if TYPE_CHECKING:
    from app.session import Session


class Runs(QObject):
    """One run at a time; its result is a proposal for each target, merged in one step when it ends.

    Attributes:
        controller: The run that is going on.

    Signals:
        stateChanged: (bool) A run began or is over.
        proposalsChanged: () The running tracker has got further, or its proposals are gone.
        audited: (int, (n,) array) Two runs over the gaps of this track agree so far: IoU by frame, NaN elsewhere.
        leftOut: (Merged) A run has found other boxes than machines had put before, and left those.
    """

    stateChanged = Signal(bool)
    proposalsChanged = Signal()
    audited = Signal(int, object)
    leftOut = Signal(object)

    def __init__(self, session: Session, factory: TrackerFactory) -> None:
        super().__init__(session)
        self._session, self._planner = session, RunPlanner(session)
        self.controller = RunController(factory, self)
        self._kept: dict[
            int, range
        ] = {}  # frames to be merged when the run ends, by track; all of the others
        self._unfinished: Mapping[int, int] = {}  # of the run that has just ended
        self._after: list[Callable[[], None]] = []
        self.controller.stateChanged.connect(self.stateChanged)
        self.controller.advanced.connect(self._on_advanced)
        self.controller.ended.connect(self._on_ended)

    # What is going on

    @property
    def is_running(self) -> bool:
        """Whether a run is going on."""
        return self.controller.is_running

    def concern(self, tracks: Iterable[int]) -> bool:
        """Whether a run is going on that follows one of these tracks."""
        return not self.controller.tracks.isdisjoint(tracks)

    def evidence(self, track_id: int, frame: int) -> Evidence | None:
        """What the run saw of a target in one of its latest frames."""
        return self.controller.evidence(track_id, frame)

    def proposals(self) -> list[Proposal]:
        """What is proposed: by the run that goes on, and by those that were cut short."""
        return [*self.controller.proposals.values(), *self.pending()]

    def proposal_of(self, track_id: int) -> Proposal | None:
        """What is proposed for a track, first of all by the run that goes on."""
        return next((found for found in self.proposals() if found.track_id == track_id), None)

    # Beginning and ending

    def start(self, direction: int, through: bool = False, until: int | None = None) -> None:
        """Follow the selected track from its box on the current frame; a failure is announced.

        Args:
            direction: +1 forward, -1 backward.
            through: On from each anchor that is reached, to the end of the clip; otherwise to the next anchor.
            until: Last frame; without it as far as that goes.
        """
        self._begin(lambda: self._planner.one(direction, through, until))

    def start_all(self, direction: int) -> None:
        """Follow all tracks that have a box on the current frame, are shown and not locked, in one pass.

        Where several rows of the track table are chosen, only those. A failure is announced.
        """
        self._begin(lambda: self._planner.all_here(direction))

    def audit(self) -> None:
        """Track the gaps between the selected track's anchors from both sides, and compare; a failure is announced."""
        self._begin(self._planner.between)

    def stop(self) -> None:
        """End the run, all targets of it; what it has tracked is merged."""
        self.controller.stop()

    def once_stopped(self, action: Callable[[], None]) -> None:
        """End the run, and do something when it is over and merged."""
        self._after.append(action)
        self.controller.stop()

    def end_now(self) -> None:
        """End the run, waiting for its thread; what it has tracked is kept."""
        self._after.clear()
        end = self.controller.abandon()
        if end is not None and end.proposals:
            self._session.attempt(lambda: self._merge(end.proposals, {}))

    def prepare_tracker(self) -> None:
        """Load the chosen tracker while the user is looking at the clip."""
        if self._session.project is not None:
            _, _, choice = self._planner.means()
            self.controller.loader.prepare(choice)

    def _begin(self, plan: Callable[[], RunPlan]) -> None:
        if not self.is_running:
            self._session.attempt(lambda: self.controller.start(plan()))

    # Correcting under a run

    def has_passed(self, track_id: int, frame: int) -> bool:
        """Whether a run follows a track from another frame than this, so that it can go on from here."""
        proposal = self.controller.proposals.get(track_id)
        return proposal is not None and proposal.start != frame

    def correct(self, track_id: int, at: int, build: Callable[[Document], Edit]) -> None:
        """End the run, correct one of its targets, and go on with all of them.

        What had been found of that target from the corrected frame on is dropped, and it is followed from there; the
        others keep all that was found, and are followed from where they had come to.

        Args:
            track_id: Its track.
            at: The frame.
            build: Makes the edit that corrects it.
        """
        session, direction = self._session, self.controller.proposals[track_id].direction
        self._kept = {track_id: range(at) if direction > 0 else range(at + 1, session.length)}

        def go_on() -> None:
            if session.attempt(lambda: session.do(build(session.require_project().document))):
                session.select(track_id)
                session.go_to(at)
                self._begin(
                    lambda: self._planner.going_on(direction, {track_id: at, **self._others(track_id)})
                )

        self.once_stopped(go_on)

    def _others(self, track_id: int) -> dict[int, int]:
        """Where the other targets of the run that has just ended had come to."""
        tracks = self._session.require_project().document.tracks
        return {
            other: frame
            for other, frame in self._unfinished.items()
            if other != track_id and other in tracks and tracks[other].at(frame).box is not None
        }

    # What a run does

    @Slot(int)
    def _on_advanced(self, frame: int) -> None:
        session = self._session
        self.proposalsChanged.emit()
        if session.settings.follow:
            session.go_to(frame)
        elif session.shown is not None and session.shown.index == frame:
            session.announce_evidence()

    @Slot(object)
    def _on_ended(self, end: RunEnd) -> None:
        kept, self._kept = self._kept, {}
        self._unfinished = end.unfinished
        if end.audit is not None:
            audit = end.audit
            self._session.attempt(lambda: self._take_audit(end.proposals, audit))
        elif end.proposals:
            self._session.attempt(lambda: self._merge(end.proposals, kept))
        self.proposalsChanged.emit()
        self._session.announce_evidence()
        waiting, self._after = self._after, []
        self._tell(end, is_over=not waiting)
        for action in waiting:
            action()

    def _tell(self, end: RunEnd, is_over: bool) -> None:
        """Say how a run went, and who was lost, unless something else is about to happen."""
        if end.error is not None:
            self._session.failed.emit(end.error)
            return
        if end.fps is not None:
            self._session.statusChanged.emit(ending(end.runs, end.fps))
        lost = {id_: run for id_, run in end.runs.items() if run.reason is StopReason.LOST}
        if not lost or not is_over:
            return
        if end.fps is not None:  # not where the user has stopped the others
            self._show_loss(lost)
        self._session.statusChanged.emit(loss(lost))

    def _show_loss(self, lost: Mapping[int, RunSummary]) -> None:
        """Go to where a target was lost: the selected one, if that is among them."""
        selected = self._session.selected
        track_id = selected if selected is not None and selected in lost else next(iter(lost))
        run = lost[track_id]
        self._session.select(track_id)
        self._session.go_to(run.last if run.lost_from is None else run.lost_from)

    # Results

    def pending(self) -> list[Proposal]:
        """Runs that were cut short and are neither merged nor discarded."""
        document = self._session.document
        live = {proposal.id for proposal in self.controller.proposals.values()}
        proposals = {} if document is None else document.proposals
        return [found for found in proposals.values() if found.id not in live]

    def frame_of_pending(self) -> int | None:
        """How far the runs that were cut short had come; None where there are none."""
        spans = [(each.direction, span) for each in self.pending() if (span := each.span()) is not None]
        if not spans:
            return None
        direction, span = spans[0]
        if direction > 0:
            return max(stop - 1 for each, (_, stop) in spans if each > 0)
        return min(start for each, (start, _) in spans if each < 0)

    def accept_pending(self) -> None:
        """Merge the runs that were cut short: one step, unless a track has several."""
        while pending := {each.track_id: each.id for each in reversed(self.pending())}:
            if not self._session.attempt(partial(self._merge, pending, {})):
                return

    def discard_pending(self) -> None:
        """Throw the runs that were cut short away."""
        pending = self.pending()
        if pending:
            self._session.edit(lambda document: discarding(document, pending))

    def replace_with(self, proposals: tuple[Proposal, ...]) -> None:
        """Let a run replace the boxes of machines that it has left as they were."""

        def replace() -> None:
            self._session.edit(lambda document: replacement(document, proposals))

        if self.concern(proposal.track_id for proposal in proposals):
            self.once_stopped(replace)
        else:
            replace()

    def _merge(self, proposals: Mapping[int, int], kept: Mapping[int, range]) -> None:
        """Merge a run as one step.

        Args:
            proposals: Of the run, by track.
            kept: By track, the frames that are taken over at most.
        """
        within = {proposal: kept.get(track_id) for track_id, proposal in proposals.items()}
        merged = merge_run(self._session.require_project(), within, self._session.merge_mode)
        if merged.taken_back_by is not None:
            self._session.take_up(merged.taken_back_by)
        else:
            self._session.tracksChanged.emit(merged.tracks)
        if not kept and merged.left_out:
            self.leftOut.emit(merged)

    def _take_audit(self, proposals: Mapping[int, int], audit: BetweenSummary) -> None:
        """Take over what two runs have found, as one step; the preview of it goes."""
        project = self._session.require_project()
        ((track_id, proposal_id),) = proposals.items()
        project.apply(commands.discard(project.document, proposal_id))
        found = [(each.gap.start, each.forward, each.backward) for each in audit.gaps]
        self._session.do(audit_commands.audit(project.document, track_id, found))
        self.audited.emit(track_id, agreement_over(self._session.length, audit.gaps))
