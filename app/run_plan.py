"""What a tracking run is about, and taking its result over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.tracker_loading import TrackerChoice
from tracker.annotation import commands
from tracker.annotation.document import MergeMode, Proposal
from tracker.annotation.edits import AddProposal, Edit, Sequence_
from tracker.annotation.track import Track
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.media.source import FrameSource
from tracker.store.project import Project
from tracker.tracking.between import Gap, GapTracked, gaps_between
from tracker.tracking.through import Anchor


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
        beyond: For a run that goes through the anchors, all that it will come to; empty for one that stops there.
        gaps: For one that fills gaps from both sides, these; empty for the others.
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
    beyond: tuple[Anchor, ...] = ()
    gaps: tuple[Gap, ...] = ()


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


def require_gaps(track: Track) -> tuple[Gap, ...]:
    """What lies between the anchors of a track.

    Raises:
        AnnotationError: There are no two anchors with anything between them.
    """
    gaps = tuple(gaps_between(track))
    if not gaps:
        raise AnnotationError(
            f"track {track.id} has nothing between two anchors.",
            todo="Draw boxes on two frames; what is between them is then tracked from both sides.",
        )
    return gaps


def agreement_over(length: int, gaps: Iterable[GapTracked]) -> NDArray[np.float64]:
    """(length,) IoU of both runs by frame of the clip, NaN outside the gaps."""
    curve = np.full(length, np.nan)
    for found in gaps:
        curve[found.gap.start : found.gap.stop] = found.agreement
    return curve


def anchors_beyond(track: Track, frame: int, direction: int) -> tuple[Anchor, ...]:
    """The anchors that a run comes to, in its order."""
    frames = [anchor for anchor in track.anchors().tolist() if (anchor - frame) * direction > 0]
    frames.sort(reverse=direction < 0)
    return tuple(Anchor(anchor, track.at(anchor).box) for anchor in frames)


@dataclass(frozen=True)
class Merged:
    """What became of a run.

    Attributes:
        taken_back_by: The edit that takes its boxes back, for the undo list: the proposal itself stays gone. None
            where the mode left no frame to be filled.
        proposal: All that the run has found.
        left_out: How many boxes that other machines had put were left as they were.
    """

    taken_back_by: Edit | None
    proposal: Proposal
    left_out: int


def merge_run(project: Project, proposal_id: int, mode: MergeMode, within: range | None = None) -> Merged:
    """Take a run's frames into its track.

    Raises:
        ThermarkError: It could not be saved; nothing has changed.
    """
    proposal = project.load_proposal(proposal_id).copy()
    edit = commands.merge(project.document, proposal_id, mode, within)
    opposite = project.apply(edit)
    assert isinstance(opposite, Sequence_)
    kept = tuple(part for part in opposite.edits if not isinstance(part, AddProposal))
    left_out = commands.left_out(project.document, proposal)
    return Merged(Sequence_(kept, edit.name) if kept else None, proposal, left_out)
