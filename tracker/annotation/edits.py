"""Edits: the only way in which a document changes, each able to undo itself.

An edit checks everything before it changes anything, so an edit that raises has changed nothing. What it
returns is its exact opposite: applied, it brings back the document byte for byte. Edits are made by the
functions in `tracker.annotation.commands`; they own the frames in them, which nobody changes afterwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol, TypeVar

import numpy as np

from tracker.annotation.document import Document, Proposal
from tracker.annotation.track import Frames, Provenance, Track
from tracker.errors import AnnotationError

T = TypeVar("T")


class Edit(Protocol):
    """A change to a document."""

    @property
    def name(self) -> str:
        """For the list of undo steps: "Move box"."""

    def apply(self, document: Document) -> Edit:
        """Change the document; returns the opposite.

        Raises:
            ThermarkError: The change is impossible; the document is as it was.
        """

    def touched(self) -> frozenset[int]:
        """Ids of the tracks that look different afterwards."""


@dataclass(frozen=True)
class AddTrack:
    """Add a track."""

    track: Track
    name: str = "Add track"

    def apply(self, document: Document) -> RemoveTrack:
        """Add a copy of the track, and bind the document's models to it."""
        if self.track.id in document.tracks or self.track.id < 1:
            raise AnnotationError(f"track id {self.track.id} is taken or not above 0.")
        _check_length(self.track.frames, document)
        _check_info(self.track.label, self.track.colour, self.track.attributes)
        self.track.frames.check(len(document.models))
        track = self.track.copy()
        track.models = document.models
        insert(document.tracks, track.id, track)
        document.last_track_id = max(document.last_track_id, track.id)
        return RemoveTrack(track.id, self.name)

    def touched(self) -> frozenset[int]:
        """The new track."""
        return frozenset((self.track.id,))


@dataclass(frozen=True)
class RemoveTrack:
    """Remove a track that has no proposals, and that no region follows."""

    track_id: int
    name: str = "Delete track"

    def apply(self, document: Document) -> AddTrack:
        """Take the track out."""
        document.track(self.track_id)
        if any(document.proposals_of(self.track_id)):
            raise AnnotationError(
                f"track {self.track_id} has a proposal.", todo="Merge or discard the proposal first."
            )
        if any(document.regions_of(self.track_id)):
            raise AnnotationError(f"a region follows track {self.track_id}.", todo="Remove the region first.")
        return AddTrack(document.tracks.pop(self.track_id), self.name)

    def touched(self) -> frozenset[int]:
        """The removed track."""
        return frozenset((self.track_id,))


@dataclass(frozen=True)
class SetFrames:
    """Replace what a track says about the frames from `start` on."""

    track_id: int
    start: int
    frames: Frames
    name: str = "Change frames"

    def apply(self, document: Document) -> SetFrames:
        """Write the frames."""
        track = document.track(self.track_id)
        stop = self.start + len(self.frames)
        check_span(self.start, stop, document)
        self.frames.check(len(document.models), self.start)
        before = track.frames[self.start : stop]
        track.frames.paste(self.start, self.frames)
        return SetFrames(self.track_id, self.start, before, self.name)

    def touched(self) -> frozenset[int]:
        """The changed track."""
        return frozenset((self.track_id,))


@dataclass(frozen=True)
class SetTrackInfo:
    """Change the label, the colour and the attributes of a track, and lock or unlock it; None leaves it as it is."""

    track_id: int
    label: str
    colour: str
    attributes: tuple[str, ...]
    name: str = "Change track"
    locked: bool | None = None

    def apply(self, document: Document) -> SetTrackInfo:
        """Write all of them."""
        track = document.track(self.track_id)
        _check_info(self.label, self.colour, self.attributes)
        opposite = SetTrackInfo(
            track.id, track.label, track.colour, track.attributes, self.name, track.locked
        )
        track.label, track.colour, track.attributes = self.label, self.colour, self.attributes
        track.locked = track.locked if self.locked is None else self.locked
        return opposite

    def touched(self) -> frozenset[int]:
        """The changed track."""
        return frozenset((self.track_id,))


@dataclass(frozen=True)
class AddProposal:
    """Add a proposal to a track."""

    proposal: Proposal
    name: str = "Add proposal"

    def apply(self, document: Document) -> RemoveProposal:
        """Add a copy of the proposal."""
        new = self.proposal
        if new.id in document.proposals or new.id < 1:
            raise AnnotationError(f"proposal id {new.id} is taken or not above 0.")
        document.track(new.track_id)
        document.model_index(new.model)
        check_span(new.start, new.start + 1, document)
        if new.direction not in (-1, 1):
            raise AnnotationError(f"the direction {new.direction} is neither +1 nor -1.")
        _check_length(new.frames, document)
        check_proposed(new.frames, len(document.models))
        insert(document.proposals, new.id, new.copy())
        document.last_proposal_id = max(document.last_proposal_id, new.id)
        return RemoveProposal(new.id, new.track_id, self.name)

    def touched(self) -> frozenset[int]:
        """The track it is for."""
        return frozenset((self.proposal.track_id,))


@dataclass(frozen=True)
class RemoveProposal:
    """Remove a proposal."""

    proposal_id: int
    track_id: int  # whose it is, for `touched`
    name: str = "Discard proposal"

    def apply(self, document: Document) -> AddProposal:
        """Take the proposal out."""
        if document.proposal(self.proposal_id).track_id != self.track_id:
            raise AnnotationError(f"proposal {self.proposal_id} is not of track {self.track_id}.")
        return AddProposal(document.proposals.pop(self.proposal_id), self.name)

    def touched(self) -> frozenset[int]:
        """The track it was for."""
        return frozenset((self.track_id,))


@dataclass(frozen=True)
class Sequence_:
    """Several edits as one: all of them happen, or none."""

    edits: tuple[Edit, ...]
    name: str

    def apply(self, document: Document) -> Sequence_:
        """Apply the edits in order; where one fails, undo those before it."""
        opposites: list[Edit] = []
        try:
            opposites.extend(edit.apply(document) for edit in self.edits)
        except BaseException:
            for opposite in reversed(opposites):
                opposite.apply(document)
            raise
        return Sequence_(tuple(reversed(opposites)), self.name)

    def touched(self) -> frozenset[int]:
        """All tracks of all edits."""
        return frozenset().union(*(edit.touched() for edit in self.edits))


def check_span(start: int, stop: int, document: Document) -> None:
    """Make sure that `start <= i < stop` are frames of the clip, at least one.

    Raises:
        AnnotationError: They are not.
    """
    if not 0 <= start < stop <= document.length:
        raise AnnotationError(
            f"frames {start} to {stop - 1} are not in the clip.",
            todo=f"The clip has the frames 0 to {document.length - 1}.",
        )


def check_proposed(frames: Frames, models: int, first: int = 0) -> None:
    """Make sure that frames can be part of a proposal: free of contradictions, and all of them tracked.

    Args:
        frames: The frames.
        models: How many models the document knows.
        first: Index in the clip of the first of them, for the message.

    Raises:
        AnnotationError: They cannot.
    """
    frames.check(models, first)
    is_foreign = frames.is_said & (frames.provenance != Provenance.TRACKED)
    if is_foreign.any():
        where = f"frame {first + int(np.argmax(is_foreign))}"
        raise AnnotationError("a proposal holds tracked frames only.", where=where)


def _check_length(frames: Frames, document: Document) -> None:
    if len(frames) != document.length:
        raise AnnotationError(f"{len(frames)} frames do not fit a clip of {document.length}.")


def _check_info(label: str, colour: str, attributes: tuple[str, ...]) -> None:
    for text in (label, *attributes):
        if not text.isprintable():
            raise AnnotationError(f"{text!r} has characters that cannot be shown.")
    if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
        raise AnnotationError(f"{colour!r} is not a colour.", todo="Write it as #rrggbb.")


def insert(items: dict[int, T], key: int, item: T) -> None:
    """Add to a dictionary that is kept in ascending order of its keys."""
    later = {other: items.pop(other) for other in [k for k in items if k > key]}
    items[key] = item
    items.update(later)
