"""A tracking run that is written into a project as it goes."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack, closing
from typing import TypeVar

from tracker.annotation.track import FrameState, Provenance
from tracker.jobs import Event, Job, changed
from tracker.store.project import Project
from tracker.tracking.run import FrameTracked
from tracker.tracking.together import TargetTracked, TogetherSummary
from tracker.tracking.tracker import Result

T = TypeVar("T")


def frame_state(result: Result) -> FrameState:
    """What a track says about a frame when a tracker has said `result`."""
    box = result.box if result.presence.has_box else None
    return FrameState(box, Provenance.TRACKED, result.presence, result.score)


def record(project: Project, proposal_id: int, job: Job[T]) -> Job[T]:
    """Pass a run's events on, each frame after it has become durable in its proposal.

    Whoever iterates this does so in one thread: the writer is made there with the first event.

    Args:
        project: Open; may be edited meanwhile in its own thread.
        proposal_id: From `Project.begin_proposal`.
        job: The run; closed when this is.

    Raises:
        ProjectError: A frame could not be saved.
    """
    with closing(job), project.writer(proposal_id) as writer:

        def written(event: Event) -> tuple[Event]:
            if isinstance(event, FrameTracked):
                writer.write(event.frame, frame_state(event.result), event.result.evidence)
            return (event,)

        return (yield from changed(job, written))


def record_together(
    project: Project, proposals: Mapping[int, int], job: Job[TogetherSummary]
) -> Job[TogetherSummary]:
    """Pass the events of several targets on, each frame after it has become durable in the proposal of its track.

    Whoever iterates this does so in one thread, as with `record`.

    Args:
        project: Open; may be edited meanwhile in its own thread.
        proposals: Track to proposal, for every target.
        job: From `tracker.tracking.together.track_together`; closed when this is.

    Raises:
        ProjectError: A frame could not be saved.
    """
    with closing(job), ExitStack() as stack:
        writers = {track: stack.enter_context(project.writer(found)) for track, found in proposals.items()}

        def written(event: Event) -> tuple[Event]:
            if isinstance(event, TargetTracked):
                state = frame_state(event.result)
                writers[event.track_id].write(event.frame, state, event.result.evidence)
            return (event,)

        return (yield from changed(job, written))
