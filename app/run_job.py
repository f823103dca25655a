"""From what a tracking run is about to the job that does it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

from app.run_plan import RunPlan
from tracker.jobs import Job
from tracker.media.source import FrameSource
from tracker.tracking.between import BetweenSummary, track_between
from tracker.tracking.record import record, record_together
from tracker.tracking.run import Direction, RunSummary, track
from tracker.tracking.through import Anchor, track_through
from tracker.tracking.together import TogetherSummary, track_together
from tracker.tracking.tracker import Tracker

T = TypeVar("T")
Summary: TypeAlias = RunSummary | TogetherSummary | BetweenSummary


def run_job(
    plan: RunPlan, tracker: Tracker, proposals: Mapping[int, int], model: int
) -> Job[RunSummary] | Job[TogetherSummary] | Job[BetweenSummary]:
    """Track on this thread: with a reader of the clip and connections to the project of its own.

    Args:
        plan: What to do.
        tracker: For this run alone.
        proposals: Track to proposal, for every target.
        model: Index of the tracker's model in the document's models.
    """
    source = plan.source.reopen()
    if len(plan.targets) > 1:
        return _closing(source, record_together(plan.project, proposals, _several(plan, source, tracker)))
    (proposal,) = proposals.values()
    if plan.gaps:
        between = track_between(source, tracker, plan.gaps, model=model)
        return _closing(source, record(plan.project, proposal, between))
    return _closing(source, record(plan.project, proposal, _one_way(plan, source, tracker)))


def _one_way(plan: RunPlan, source: FrameSource, tracker: Tracker) -> Job[RunSummary]:
    (target,) = plan.targets
    direction = Direction(plan.direction)
    if plan.beyond:
        anchors = (Anchor(target.start, target.box), *plan.beyond)
        return track_through(source, tracker, anchors, direction, target.stop)
    return track(source, tracker, target.start, target.box, direction, target.stop)


def _several(plan: RunPlan, source: FrameSource, tracker: Tracker) -> Job[TogetherSummary]:
    from tracker.tracking.team import team_of  # torch, which is there by now: the tracker is

    team = team_of(tracker, len(plan.targets))
    return track_together(source, team, plan.targets, Direction(plan.direction))


def _closing(source: FrameSource, job: Job[T]) -> Job[T]:
    """A job, and its reader closed after it."""
    try:
        return (yield from job)
    finally:
        source.close()
