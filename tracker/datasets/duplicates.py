"""Frames with the same picture, within a sequence and across sequences, by a hash of the counts.

A hash has 64 bits: among a million frames one false pair is to be expected in 40 million data sets.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracker.datasets.finding import Finding, Kind, Place
from tracker.media import Counts


def picture_hash(counts: Counts) -> int:
    """64 bits of the BLAKE2b of a frame's shape, type and counts."""
    digest = hashlib.blake2b(f"{counts.shape} {counts.dtype}".encode(), digest_size=8)
    digest.update(np.ascontiguousarray(counts).data)
    return int.from_bytes(digest.digest(), "little")


@dataclass(frozen=True)
class Run:
    """Neighbouring frames that have been seen before.

    Attributes:
        sequence: Number of their sequence.
        start: Frame index of the first.
        length: How many.
        of_sequence: Number of the sequence in which they have been seen first.
        of_start: Frame index there of the first.
        step: 1 where the former ones follow each other as well, 0 where all are like one.
    """

    sequence: int
    start: int
    length: int
    of_sequence: int
    of_start: int
    step: int


@dataclass
class Pictures:
    """The hashes of all frames of a data set, 8 bytes each.

    Attributes:
        places: Of each sequence.
        hashes: (n,) of each sequence.
        frames: (n,) frame index of each hash; broken frames have none.
    """

    places: list[Place] = field(default_factory=list)
    hashes: list[NDArray[np.uint64]] = field(default_factory=list)
    frames: list[NDArray[np.int64]] = field(default_factory=list)

    def take(self, place: Place, hashes: list[int], frames: list[int]) -> None:
        """Add a sequence."""
        self.places.append(place)
        self.hashes.append(np.array(hashes, np.uint64))
        self.frames.append(np.array(frames, np.int64))

    def findings(self) -> Iterator[Finding]:
        """One for each run of frames that are like earlier ones."""
        for run in self.runs():
            yield self.places[run.sequence].finding(Kind.DUPLICATE, self._text(run), run.start)

    def _text(self, run: Run) -> str:
        these = _span(run.start, run.length)
        those = _span(run.of_start, run.length if run.step else 1)
        other = "" if run.of_sequence == run.sequence else f" of {self.places[run.of_sequence].sequence}"
        return f"{these} {'has' if run.length == 1 else 'have'} the same picture as {those}{other}."

    def runs(self) -> list[Run]:
        """Frames that are like earlier ones, neighbours together."""
        if not self.hashes:
            return []
        hashes, frames = np.concatenate(self.hashes), np.concatenate(self.frames)
        owners = np.repeat(np.arange(len(self.hashes)), [len(part) for part in self.hashes])
        _, first, inverse = np.unique(hashes, return_index=True, return_inverse=True)
        original = first[inverse]  # np.unique gives the first occurrence
        again = np.flatnonzero(original != np.arange(hashes.size))
        runs: list[Run] = []
        for now in map(int, again):
            was = int(original[now])
            one = Run(int(owners[now]), int(frames[now]), 1, int(owners[was]), int(frames[was]), 1)
            joined = _joined(runs[-1], one) if runs else None
            if joined is None:
                runs.append(one)
            else:
                runs[-1] = joined
        return runs


def _joined(run: Run, one: Run) -> Run | None:
    """A run made longer by the next frame, if it continues it."""
    if (run.sequence, run.of_sequence) != (one.sequence, one.of_sequence):
        return None
    if one.start != run.start + run.length:
        return None
    for step in (1, 0) if run.length == 1 else (run.step,):
        if one.of_start == run.of_start + step * run.length:
            return Run(run.sequence, run.start, run.length + 1, run.of_sequence, run.of_start, step)
    return None


def _span(start: int, length: int) -> str:
    return f"frame {start}" if length == 1 else f"frames {start} to {start + length - 1}"
