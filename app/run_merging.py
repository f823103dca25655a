"""Taking the result of a tracking run over: all its targets in one step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.annotation import commands
from tracker.annotation.document import Document, MergeMode, Proposal
from tracker.annotation.edits import AddProposal, Edit, Sequence_
from tracker.errors import AnnotationError
from tracker.store.project import Project


@dataclass(frozen=True)
class Merged:
    """What became of a run.

    Attributes:
        taken_back_by: The edit that takes its boxes back, for the undo list: the proposals themselves stay gone. None
            where the mode left no frame to be filled.
        proposals: All that the run has found, by target.
        left_out: How many boxes that other machines had put were left as they were.
    """

    taken_back_by: Edit | None
    proposals: tuple[Proposal, ...]
    left_out: int

    @property
    def tracks(self) -> set[int]:
        """Ids of the tracks."""
        return {proposal.track_id for proposal in self.proposals}


def merge_run(project: Project, kept: Mapping[int, range | None], mode: MergeMode) -> Merged:
    """Take a run's frames into its tracks.

    Args:
        project: Of the run.
        kept: For the proposal of each target, all of different tracks, the frames that are taken over at most; None
            for all.
        mode: What may be replaced.

    Raises:
        ThermarkError: It could not be saved; nothing has changed.
    """
    proposals = tuple(project.load_proposal(proposal_id).copy() for proposal_id in kept)
    merges = [commands.merge(project.document, each, mode, within) for each, within in kept.items()]
    edits = tuple(edit for merge in merges for edit in merge.edits)
    opposite = project.apply(Sequence_(edits, _named(merges[0].name, len(merges))))
    assert isinstance(opposite, Sequence_)
    parts = tuple(part for part in opposite.edits if not isinstance(part, AddProposal))
    left_out = sum(commands.left_out(project.document, proposal) for proposal in proposals)
    return Merged(Sequence_(parts, opposite.name) if parts else None, proposals, left_out)


def replacement(document: Document, proposals: Sequence[Proposal]) -> Edit:
    """An edit that lets a run replace the boxes of machines that it has left as they were.

    Raises:
        AnnotationError: There is nothing left to replace, or a track is gone or locked.
    """
    found = [commands.take_over(document, proposal, MergeMode.REPLACE_MACHINE) for proposal in proposals]
    edits = tuple(edit for edit in found if edit is not None)
    if not edits:
        raise AnnotationError("there is nothing left to replace.")
    return edits[0] if len(edits) == 1 else Sequence_(edits, _named(edits[0].name, len(edits)))


def discarding(document: Document, proposals: Sequence[Proposal]) -> Edit:
    """An edit that throws runs that were cut short away."""
    edits = tuple(commands.discard(document, proposal.id) for proposal in proposals)
    return edits[0] if len(edits) == 1 else Sequence_(edits, edits[0].name)


def _named(name: str, targets: int) -> str:
    return name if targets == 1 else f"{name} ({targets} targets)"
