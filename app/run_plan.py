"""What a tracking run is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.tracker_loading import TrackerChoice
from tracker.annotation.track import Track
from tracker.errors import AnnotationError
from tracker.geometry import Box
from tracker.media.source import FrameSource
from tracker.store.project import Project
from tracker.tracking.between import Gap, GapTracked, gaps_between
from tracker.tracking.run import StopConditions
from tracker.tracking.through import Anchor
from tracker.tracking.together import Target


@dataclass(frozen=True)
class RunPlan:
    """What to track.

    Attributes:
        project: Takes the proposals.
        source: The clip; the run opens a reader of its own.
        choice: The tracker.
        direction: +1 forward, -1 backward.
        targets: What is followed, each from its own frame and until something stops it; at least one.
        beyond: For a run of one target that goes through the anchors, all that it will come to; empty for others.
        gaps: For a run of one target that fills gaps from both sides, these; empty for others.
    """

    project: Project
    source: FrameSource
    choice: TrackerChoice
    direction: int
    targets: tuple[Target, ...]
    beyond: tuple[Anchor, ...] = ()
    gaps: tuple[Gap, ...] = ()

    @property
    def tracks(self) -> frozenset[int]:
        """Ids of the tracks it works on."""
        return frozenset(target.track_id for target in self.targets)


def no_track() -> AnnotationError:
    """What to say when a track is needed and none is selected."""
    return AnnotationError(
        "no track is selected.", todo="Press N and draw a box around the target, or click a box."
    )


def none_here(frame: int) -> AnnotationError:
    """What to say when no track can be followed from a frame."""
    return AnnotationError(
        f"no track that is shown and not locked has a box on frame {frame}.",
        todo="Go to a frame with boxes, or draw them with N.",
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


def target_of(track: Track, frame: int, until: int | None = None, lost_for: int | None = None) -> Target:
    """A track to be followed from its box on a frame, up to its next anchor.

    Args:
        track: The track.
        frame: Where to start.
        until: Last frame; without it as far as that goes.
        lost_for: Frames after which a lost target is given up; None to wait for it.

    Raises:
        AnnotationError: The track has no box on this frame.
    """
    anchors = frozenset(track.anchors().tolist()) - {frame}
    stop = StopConditions(until=until, anchors=anchors, lost_for=lost_for)
    return Target(track.id, frame, starting_box(track, frame), stop)


def audit_target(track: Track) -> tuple[Target, tuple[Gap, ...]]:
    """What lies between the anchors of a track, and where the first run into it starts.

    Raises:
        AnnotationError: There are no two anchors with anything between them.
    """
    gaps = tuple(gaps_between(track))
    if not gaps:
        raise AnnotationError(
            f"track {track.id} has nothing between two anchors.",
            todo="Draw boxes on two frames; what is between them is then tracked from both sides.",
        )
    _, start, box = next(gaps[0].sides())
    return Target(track.id, start, box), gaps


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
