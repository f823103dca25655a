"""From what a track says about its frames to what each pixel column of its lane shows. Knows no Qt.

A frame becomes a byte with a bit for everything that can be seen of it; a column is the union of its
frames, so that a single anchor or a single missing frame among 200,000 still shows.
"""

from __future__ import annotations

from enum import IntFlag
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames, Presence, Provenance

Bits: TypeAlias = NDArray[np.uint8]
Values: TypeAlias = NDArray[np.float32]


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


def _table() -> Bits:
    """(256, 4) marks by provenance and presence."""
    table = np.full((256, len(Presence)), Mark.EMPTY, np.uint8)
    for provenance in Provenance:
        for presence in Presence:
            if provenance is not Provenance.NONE:
                table[provenance, presence] = _marks(provenance, presence)
    return table


_TABLE = _table().ravel()


def frame_marks(frames: Frames) -> Bits:
    """(n,) the marks of each frame."""
    index = frames.provenance.astype(np.intp)
    index *= len(Presence)
    index += np.minimum(frames.presence, max(Presence))
    return _TABLE.take(index)


def column_starts(length: int, start: float, per_column: float, columns: int) -> NDArray[np.int64]:
    """(columns + 1,) first frame of each column, and the frame after the last column.

    Column c shows the frames starts[c] up to starts[c + 1], and always one at least: where a frame is wider
    than a column, several columns show it.
    """
    # Rounded, or an error in the last digit would move a frame into the column before.
    starts = np.floor(np.round(start + per_column * np.arange(columns + 1), 6)).astype(np.int64)
    return np.clip(starts, 0, length)


def reduce_columns(marks: Bits, starts: NDArray[np.int64]) -> Bits:
    """The union of the marks of each column's frames.

    Args:
        marks: (n,) marks of all frames, n at least 1.
        starts: (columns + 1,) as `column_starts` gives them.

    Returns:
        (columns,) marks.
    """
    stop, firsts = _firsts(len(marks), starts)
    if stop <= 0:
        return np.zeros(0, np.uint8)
    return np.bitwise_or.reduceat(marks[:stop], firsts)


def highest(values: Values, starts: NDArray[np.int64]) -> Values:
    """The highest value of each column's frames, NaN where none is known.

    Args:
        values: (n,) of all frames, n at least 1; NaN where not known.
        starts: (columns + 1,) as `column_starts` gives them.
    """
    stop, firsts = _firsts(len(values), starts)
    if stop <= 0:
        return np.zeros(0, np.float32)
    return np.fmax.reduceat(values[:stop], firsts)


def everywhere(mask: NDArray[np.bool_], starts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether all frames of each column are true; as `highest`."""
    stop, firsts = _firsts(len(mask), starts)
    if stop <= 0:
        return np.zeros(0, np.bool_)
    return np.logical_and.reduceat(mask[:stop], firsts)


def _firsts(length: int, starts: NDArray[np.int64]) -> tuple[int, NDArray[np.int64]]:
    """The frame after the last column's, and the first frame of each column."""
    stop = max(int(starts[-1]), int(starts[-2]) + 1) if len(starts) > 1 else 0
    return min(stop, length), np.minimum(starts[:-1], length - 1)


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(k, 2) start and stop of the runs of true values."""
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2)
