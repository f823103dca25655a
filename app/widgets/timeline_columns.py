"""From what a track says about its frames to what each pixel column of its lane shows. Knows no Qt.

A frame becomes a byte with a bit for everything that can be seen of it; a column is the union of its
frames, so that a single anchor or a single missing frame among 200,000 still shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import FRAME_DTYPE, Frames, Presence, Provenance

Bits: TypeAlias = NDArray[np.uint8]
Codes: TypeAlias = NDArray[np.uint16]
Starts: TypeAlias = NDArray[np.int64]
Word = TypeVar("Word", np.uint8, np.uint16)

UNSEEN = 256
"""In a code, beside the marks: nobody stands behind what is said about the frame."""


class Mark(IntFlag):
    """What can be seen of a frame."""

    EMPTY = 1  # nothing is said about it
    MANUAL = 2
    TRACKED = 4
    INTERPOLATED = 8
    IMPORTED = 16
    OCCLUDED = 32
    OUT_OF_VIEW = 64
    ABSENT = 128


GONE = Mark.OUT_OF_VIEW | Mark.ABSENT

_PROVENANCES = {
    Provenance.NONE: Mark.EMPTY,
    Provenance.MANUAL: Mark.MANUAL,
    Provenance.TRACKED: Mark.TRACKED,
    Provenance.INTERPOLATED: Mark.INTERPOLATED,
    Provenance.IMPORTED: Mark.IMPORTED,
}
_PRESENCES = {
    Presence.VISIBLE: Mark(0),
    Presence.OCCLUDED: Mark.OCCLUDED,
    Presence.OUT_OF_VIEW: Mark.OUT_OF_VIEW,
    Presence.ABSENT: Mark.ABSENT,
}


def _marks(provenance: Provenance, presence: Presence) -> Mark:
    """A frame without a box has no source, unless a user has said so: that is an anchor."""
    has_source = presence.has_box or provenance is Provenance.MANUAL
    return _PRESENCES[presence] | (_PROVENANCES[provenance] if has_source else Mark(0))


def _table() -> Codes:
    """(65536,) codes by the two bytes of provenance and presence, as they lie in a track's records."""
    table = np.full((256, 256), Mark.EMPTY | UNSEEN, np.uint16)
    for provenance in Provenance:
        for presence in Presence:
            if provenance is not Provenance.NONE:
                unseen = 0 if provenance is Provenance.MANUAL else UNSEEN
                table[presence, provenance] = _marks(provenance, presence) | unseen
    return table.ravel()


_TABLE = _table()
_OFFSET = FRAME_DTYPE.fields["provenance"][1] if FRAME_DTYPE.fields else 0


def frame_codes(frames: Frames) -> Codes:
    """(n,) the marks of each frame, and `UNSEEN` where nobody stands behind it.

    The union of the codes of some frames has `UNSEEN` unless somebody has looked at them all.
    """
    codes: Codes = _TABLE.take(frames.rows.getfield("<u2", _OFFSET))
    seen = np.left_shift(frames.reviewed, 8, dtype=np.uint16)  # 8: from true to UNSEEN
    codes &= np.invert(seen, out=seen)
    return codes


def frame_marks(frames: Frames) -> Bits:
    """(n,) the marks of each frame."""
    return frame_codes(frames).astype(np.uint8)


def column_starts(length: int, start: float, per_column: float, columns: int) -> NDArray[np.int64]:
    """(columns + 1,) first frame of each column, and the frame after the last column.

    Column c shows the frames starts[c] up to starts[c + 1], and always one at least: where a frame is wider
    than a column, several columns show it.
    """
    # Rounded, or an error in the last digit would move a frame into the column before.
    starts = np.floor(np.round(start + per_column * np.arange(columns + 1), 6)).astype(np.int64)
    return np.clip(starts, 0, length)


def reduce_columns(marks: NDArray[Word], starts: Starts) -> NDArray[Word]:
    """The union of the marks of each column's frames.

    Args:
        marks: (n,) marks or codes of all frames, n at least 1.
        starts: (columns + 1,) as `column_starts` gives them.

    Returns:
        (columns,) marks.
    """
    return Columns.of(starts, len(marks)).union(marks)


@dataclass(frozen=True)
class Columns:
    """The frames of each column, prepared for reducing many tracks.

    Columns have about as many frames each. So every window of 2^power frames is made, in `power` passes over the
    whole array, and a column is what two such windows give: several times as fast as `reduceat`, which sees to
    frame by frame.

    Attributes:
        begin: First frame of all.
        end: The frame after the last of all.
        firsts: (w,) first frame of each column.
        power: Logarithm of the frames in a window; None where columns differ too much for windows.
        lefts: (w,) where each column's first window begins, from `begin`.
        rights: (w,) the same of its second one, which ends where the column ends.
    """

    begin: int
    end: int
    firsts: Starts
    power: int | None
    lefts: Starts
    rights: Starts

    @classmethod
    def of(cls, starts: Starts, length: int) -> Columns:
        """Those of `column_starts` in a clip of so many frames."""
        firsts = np.minimum(starts[:-1], length - 1)
        if not firsts.size:
            return cls(0, 0, firsts, None, firsts, firsts)
        stops = np.maximum(starts[1:], firsts + 1)
        begin, widths = int(firsts[0]), stops - firsts
        power = int(widths.min()).bit_length() - 1
        if int(widths.max()) > 2 << power:
            return cls(begin, int(stops[-1]), firsts, None, firsts - begin, stops - begin - 1)
        rights = stops - begin - (1 << power)
        return cls(begin, int(stops[-1]), firsts, power, firsts - begin, rights)

    def union(self, marks: NDArray[Word]) -> NDArray[Word]:
        """(w,) the union of the marks of each column's frames, of (n,) of all."""
        return self._reduced(np.bitwise_or, marks)

    def highest(self, values: NDArray[Word]) -> NDArray[Word]:
        """(w,) the highest value of each column's frames, of (n,) of all."""
        return self._reduced(np.maximum, values)

    def _reduced(self, operation: np.ufunc, values: NDArray[Word]) -> NDArray[Word]:
        if not self.firsts.size:
            return values[:0]
        if self.power is None:
            pairs = np.stack(
                [self.firsts, self.begin + self.rights + 1], axis=1
            ).ravel()  # a window is one frame here
            return np.asarray(operation.reduceat(np.append(values, values[:1]), pairs)[::2])
        windows = values[self.begin : self.end]
        for step in range(self.power):
            windows = operation(windows[: -1 << step], windows[1 << step :])
        return np.asarray(operation(windows.take(self.lefts), windows.take(self.rights)))


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(k, 2) start and stop of the runs of true values."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2)
