"""A target through a clip: for each frame a box or a presence, and why it is there.

The frames of a track are columns of one numpy record array, because a clip may have 200,000 frames and a
project 50 tracks; `FrameState` is the view of a single frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from tracker.errors import AnnotationError
from tracker.geometry import Box

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]

FRAME_DTYPE = np.dtype(
    [("box", "<f8", (4,)), ("score", "<f4"), ("model", "<i2"), ("provenance", "u1"), ("presence", "u1")]
)
"""One frame of a track, 40 bytes: also the layout of the frames in a project file, so it never changes."""

NO_MODEL = -1


class Provenance(IntEnum):
    """Why a frame has its box (or the statement that there is none). The values are stored in projects."""

    NONE = 0  # nothing has been said about the frame
    MANUAL = 1
    TRACKED = 2
    INTERPOLATED = 3
    IMPORTED = 4

    @property
    def label(self) -> str:
        """For the interface."""
        return self.name.capitalize() if self else "Nothing"


class Presence(IntEnum):
    """Whether the target can be seen. The values are stored in projects."""

    VISIBLE = 0  # also the filler where provenance is NONE
    OCCLUDED = 1  # hidden, wholly or partly, behind something in the frame
    OUT_OF_VIEW = 2  # outside the frame
    ABSENT = 3  # not there, or cannot be told where

    @property
    def label(self) -> str:
        """For the interface."""
        return self.name.replace("_", " ").capitalize()

    @property
    def has_box(self) -> bool:
        """Whether a target in this state can have a box."""
        return self in (Presence.VISIBLE, Presence.OCCLUDED)


@dataclass(frozen=True, slots=True)
class FrameState:
    """What a track says about one frame.

    Attributes:
        box: Where the target is; None where it is out of view or absent, and where nothing was said.
        provenance: Why.
        presence: Whether it can be seen; VISIBLE where nothing was said.
        score: The tracker's confidence, 0..1; NaN where there is none.
        model: Id of the model that made the box; empty where none did.
    """

    box: Box | None = None
    provenance: Provenance = Provenance.NONE
    presence: Presence = Presence.VISIBLE
    score: float = math.nan
    model: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring frames, `start <= i < stop`, with one provenance and presence."""

    start: int
    stop: int
    provenance: Provenance
    presence: Presence


class Frames:
    """What a track says about n frames, as columns: those of a whole clip, or of a span of it.

    The columns are writable views; whoever changes one inside a document goes through an edit.
    Slicing copies. Two `Frames` are equal when they are the same byte for byte.

    Attributes:
        rows: (n,) records of FRAME_DTYPE, owned by this object: what is said.
        reviewed: (n,) where somebody has looked at what a machine says and accepted it.
    """

    __slots__ = ("reviewed", "rows")
    __hash__ = None  # type: ignore[assignment]  # mutable, and compared by value

    def __init__(self, rows: NDArray[np.void], reviewed: Mask | None = None) -> None:
        self.rows = rows
        self.reviewed: Mask = np.zeros(len(rows), np.bool_) if reviewed is None else reviewed

    @classmethod
    def empty(cls, length: int) -> Frames:
        """`length` frames about which nothing is said."""
        rows = np.zeros(length, FRAME_DTYPE)
        rows["box"], rows["score"], rows["model"] = math.nan, math.nan, NO_MODEL
        return cls(rows)

    @classmethod
    def of(cls, state: FrameState, length: int = 1, model: int = NO_MODEL) -> Frames:
        """`length` frames that all say the same."""
        frames = cls.empty(length)
        frames.put(slice(None), state, model)
        return frames

    @property
    def boxes(self) -> NDArray[np.float64]:
        """(n, 4) x, y, width, height; NaN rows where there is no box."""
        return self.rows["box"]

    @property
    def provenance(self) -> NDArray[np.uint8]:
        """(n,) values of `Provenance`."""
        return self.rows["provenance"]

    @property
    def presence(self) -> NDArray[np.uint8]:
        """(n,) values of `Presence`."""
        return self.rows["presence"]

    @property
    def score(self) -> NDArray[np.float32]:
        """(n,) confidence, NaN where there is none."""
        return self.rows["score"]

    @property
    def model(self) -> NDArray[np.int16]:
        """(n,) index into the document's models, -1 for none."""
        return self.rows["model"]

    @property
    def has_box(self) -> Mask:
        """(n,) where there is a box."""
        return ~np.isnan(self.boxes[:, 0])

    @property
    def is_said(self) -> Mask:
        """(n,) where anything is said, a box or an absence."""
        return np.not_equal(self.provenance, Provenance.NONE)

    @property
    def is_manual(self) -> Mask:
        """(n,) anchors: where a hand has decided."""
        return np.equal(self.provenance, Provenance.MANUAL)

    @property
    def is_reviewed(self) -> Mask:
        """(n,) where a person stands behind what is said: decided by hand, or accepted."""
        return self.reviewed | self.is_manual

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, span: slice) -> Frames:
        return Frames(self.rows[span].copy(), self.reviewed[span].copy())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frames):
            return NotImplemented
        return (
            self.rows.tobytes() == other.rows.tobytes()
            and self.reviewed.tobytes() == other.reviewed.tobytes()
        )

    def __repr__(self) -> str:
        return f"Frames({len(self)}, {np.count_nonzero(self.is_said)} said)"

    def copy(self) -> Frames:
        """Independent frames with the same content."""
        return self[:]

    def view(self, start: int, stop: int) -> Frames:
        """The frames `start <= i < stop` without copying: what is written to them is written here."""
        return Frames(self.rows[start:stop], self.reviewed[start:stop])

    def box(self, index: int) -> Box | None:
        """The box of one frame."""
        x, y, width, height = self.rows["box"][index].tolist()
        return None if math.isnan(x) else Box(x, y, width, height)

    def at(self, index: int, models: list[str] | tuple[str, ...] = ()) -> FrameState:
        """One frame.

        Args:
            index: 0-based; negative values are refused rather than counted from the end.
            models: The document's model ids; where the frame's is not among them, `model` is empty.

        Raises:
            IndexError: `index` is not in 0..n-1.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        _, score, model, provenance, presence = self.rows[index].item()
        name = models[model] if 0 <= model < len(models) else ""
        return FrameState(self.box(index), Provenance(provenance), Presence(presence), score, name)

    def put(self, where: int | slice | Mask | Indices, state: FrameState, model: int = NO_MODEL) -> None:
        """Write `state` to some frames, unchecked.

        A box given together with an absence is dropped: there is nothing for it to be around. A frame
        about which nothing is said becomes exactly an empty one. What is new has been accepted by nobody.

        Args:
            where: The frames.
            state: What to say about them; its `model` is not looked at.
            model: Index of the model in the document's models.
        """
        if state.provenance is Provenance.NONE:
            state, model = FrameState(), NO_MODEL
        box = state.box.as_tuple() if state.box is not None and state.presence.has_box else (math.nan,) * 4
        self.rows["box"][where] = box
        self.rows["score"][where] = state.score
        self.rows["model"][where] = model
        self.rows["provenance"][where] = state.provenance
        self.rows["presence"][where] = state.presence
        self.reviewed[where] = False

    def paste(self, start: int, frames: Frames) -> None:
        """Overwrite the frames from `start` on with a copy of `frames`."""
        self.rows[start : start + len(frames)] = frames.rows
        self.reviewed[start : start + len(frames)] = frames.reviewed

    def is_changed(self, other: Frames) -> Mask:
        """(n,) where `other`, of the same length, says something else, be it by a single bit."""
        return np.asarray((_bytes(self.rows) != _bytes(other.rows)).any(axis=1))

    def runs(self) -> Iterator[Run]:
        """The frames as spans of equal provenance and presence, in order, the empty ones left out."""
        kind = self.provenance.astype(np.int16) * 256 + self.presence
        edges = np.flatnonzero(np.diff(kind)) + 1
        for start, stop in zip([0, *edges.tolist()], [*edges.tolist(), len(self)], strict=True):
            if start < stop and self.provenance[start] != Provenance.NONE:
                yield Run(start, stop, Provenance(self.provenance[start]), Presence(self.presence[start]))

    def check(self, models: int, first: int = 0) -> None:
        """Make sure that the frames say nothing contradictory.

        Args:
            models: How many models the document knows.
            first: Index in the clip of the first of these frames, for the message.

        Raises:
            AnnotationError: They do; names the first such frame.
        """
        for is_wrong, what in self._faults(models):
            if is_wrong.any():
                raise AnnotationError(f"{what}.", where=f"frame {first + int(np.argmax(is_wrong))}")

    def _faults(self, models: int) -> Iterator[tuple[Mask, str]]:
        said, has_box, boxes = self.is_said, self.has_box, self.boxes
        may_have_box = self.presence <= Presence.OCCLUDED
        yield self.provenance > max(Provenance), "unknown provenance"
        yield self.presence > max(Presence), "unknown presence"
        yield (
            has_box & ~(np.isfinite(boxes).all(axis=1) & (boxes[:, 2:] > 0).all(axis=1)),
            "a box without area",
        )
        yield ~has_box & ~np.isnan(boxes).all(axis=1), "half a box"
        yield has_box & ~may_have_box, "a box for a target that is not in the frame"
        yield said & ~has_box & (self.presence == Presence.VISIBLE), "a visible target without a box"
        yield (self.model < NO_MODEL) | (self.model >= models), "a model that the project does not know"
        empty = ~has_box & (self.presence == 0) & np.isnan(self.score) & (self.model == NO_MODEL)
        yield ~said & ~empty, "a box of unknown provenance"
        yield ~said & self.reviewed, "an accepted frame about which nothing is said"


def _bytes(rows: NDArray[np.void]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(rows).view(np.uint8).reshape(len(rows), FRAME_DTYPE.itemsize)


@dataclass
class Track:
    """One target through the clip.

    Attributes:
        id: Never used for another target of the same project.
        label: Class of the target, for the user and for exports.
        colour: "#rrggbb".
        attributes: Free words about the target ("night", "fast motion").
        frames: What is said about each frame of the clip.
        models: The document's list of model ids, shared by its tracks; bound when the track is added.
        locked: Whether its frames are kept from every command.
    """

    id: int
    label: str
    colour: str
    attributes: tuple[str, ...]
    frames: Frames
    models: list[str] = field(default_factory=list, compare=False, repr=False)
    locked: bool = False

    def at(self, index: int) -> FrameState:
        """What is said about one frame.

        Raises:
            IndexError: The clip has no such frame.
        """
        return self.frames.at(index, self.models)

    def anchors(self) -> Indices:
        """Frames decided by hand, a manual absence too, ascending."""
        return np.flatnonzero(self.frames.is_manual)

    def gaps(self) -> list[tuple[int, int]]:
        """Spans (start, stop) without a statement between the first and the last frame that has one."""
        said = np.flatnonzero(self.frames.is_said)
        holes = np.flatnonzero(np.diff(said) > 1)
        return [(int(said[i]) + 1, int(said[i + 1])) for i in holes]

    def span(self) -> tuple[int, int] | None:
        """(start, stop) from the first to the last frame about which anything is said."""
        said = np.flatnonzero(self.frames.is_said)
        return (int(said[0]), int(said[-1]) + 1) if said.size else None

    def copy(self) -> Track:
        """An independent track with the same content."""
        return replace(self, frames=self.frames.copy())
