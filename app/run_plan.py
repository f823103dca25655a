"""What a tracking run is about, and taking its result over."""

from __future__ import annotations

from dataclasses import dataclass

from app.tracker_loading import TrackerChoice
from tracker.annotation import commands
from tracker.annotation.document import MergeMode
from tracker.annotation.edits import AddProposal, Edit, Sequence_
from tracker.annotation.track import Track
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.media.source import FrameSource
from tracker.store.project import Project


@dataclass(frozen=True)
class RunPlan:
    """What to track.

    Attributes:
        project: Takes the proposal.
        source: The clip; the run opens a reader of its own.
        track_id: The track.
        start: Frame to start from.
        box: The target there.
        direction: +1 forward, -1 backward.
        anchors: Frames before which the run stops.
        until: Last frame, None for no limit.
        choice: The tracker.
    """

    project: Project
    source: FrameSource
    track_id: int
    start: int
    box: Box
    direction: int
    anchors: frozenset[int]
    until: int | None
    choice: TrackerChoice


def no_track() -> AnnotationError:
    """What to say when a track is needed and none is selected."""
    return AnnotationError(
        "no track is selected.", todo="Press N and draw a box around the target, or click a box."
    )


def choose_tracker(project: Project, model: str, device: str) -> TrackerChoice:
    """The tracker for a project, by the user's choice."""
    return TrackerChoice(model, device, project.document.normalisation or (0.0, 255.0))


def starting_box(track: Track, frame: int) -> Box:
    """The box that a run starts from.

    Raises:
        AnnotationError: The track has none on this frame.
    """
    box = track.at(frame).box
    if box is None:
        raise AnnotationError(
            f"track {track.id} has no box on frame {frame}, so there is nothing to start from.",
            todo="Go to a frame with a box, or draw one here with Shift+N.",
        )
    return box


def merge_run(project: Project, proposal_id: int, mode: MergeMode) -> Edit | None:
    """Take a run's frames into its track.

    Returns:
        The edit that takes the boxes back, for the undo list: the proposal itself stays gone. None where the
        mode left no frame to be filled.

    Raises:
        ThermarkError: It could not be saved; nothing has changed.
    """
    project.load_proposal(proposal_id)
    edit = commands.merge(project.document, proposal_id, mode)
    opposite = project.apply(edit)
    assert isinstance(opposite, Sequence_)
    kept = tuple(part for part in opposite.edits if not isinstance(part, AddProposal))
    return Sequence_(kept, edit.name) if kept else None
