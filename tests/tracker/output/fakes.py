"""Clips that are made up as they are read, and subjects about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tracker.annotation.track import Frames, FrameState, Presence, Provenance, Track
from tracker.geometry import Box
from tracker.media.facts import NO_FACTS, SensorFacts
from tracker.media.source import Counts
from tracker.output.subject import Subject
from tracker.thermal.display import Span
from tracker.thermal.look import Look

BOX = Box(8, 6, 10, 12)


class FakeSource:
    """Frame i is a ramp from left to right that begins at 100 * i; implements `FrameSource`."""

    def __init__(
        self,
        length: int = 12,
        size: tuple[int, int] = (48, 36),
        depth: type[np.uint8] | type[np.uint16] = np.uint16,
        times: Sequence[float | None] | None = None,
        channels: int = 1,
        fps: float | None = 10.0,
    ) -> None:
        self.path, self.kind, self.size, self.channels = Path("/nowhere/clip.mkv"), "video", size, channels
        self.dtype: np.dtype[np.uint8] | np.dtype[np.uint16] = (
            np.dtype(np.uint8) if depth is np.uint8 else np.dtype(np.uint16)
        )
        self.fps, self.content_hash, self.facts = fps, "ab" * 32, NO_FACTS
        self.bad_frames: tuple[int, ...] = ()
        self.hidden_faults: frozenset[int] = frozenset()  # frames that prove broken when they are read
        self.length, self._times = length, times
        self.closed = 0

    def __len__(self) -> int:
        return self.length

    def frame(self, index: int) -> Counts:
        if not 0 <= index < self.length:
            raise IndexError(index)
        if index in self.hidden_faults:
            self.bad_frames = tuple(sorted({*self.bad_frames, index}))
        width, height = self.size
        ramp = (
            (np.arange(width) * 50 + 100 * index) % 256
            if self.dtype == np.uint8
            else 3000 + np.arange(width) * 20
        )
        frame = np.broadcast_to(ramp.astype(self.dtype), (height, width)).copy()
        if self.dtype == np.uint16:
            frame += np.uint16(index % 50)
        return frame if self.channels == 1 else np.stack([frame] * 3, axis=-1)

    def pts(self, index: int) -> float | None:
        if self._times is not None:
            return self._times[index]
        return None if self.fps is None else index / self.fps

    def reopen(self) -> FakeSource:
        again = FakeSource(self.length, self.size, self.dtype.type, self._times, self.channels, self.fps)
        again.bad_frames, again.facts = self.bad_frames, self.facts
        again.hidden_faults = self.hidden_faults
        return again

    def close(self) -> None:
        self.closed += 1


def track_of(length: int, id_: int = 1, label: str = "fox", colour: str = "#e69f00") -> Track:
    """Frame 0 by hand, 1 and 2 tracked, 3 hidden, 4 absent, 5 by hand, the others tracked by another model."""
    frames = Frames.empty(length)
    for index in range(length):
        frames.put(index, FrameState(BOX.moved(index % 20, 0), Provenance.TRACKED, score=0.75), 1)
    frames.put(slice(1, 3), FrameState(BOX, Provenance.TRACKED, score=0.5), 0)
    frames.put(slice(0, 1), FrameState(BOX, Provenance.MANUAL))
    frames.put(slice(3, 4), FrameState(BOX, Provenance.TRACKED, Presence.OCCLUDED, 0.25), 0)
    frames.put(slice(4, 5), FrameState(None, Provenance.MANUAL, Presence.ABSENT))
    frames.put(slice(5, 6), FrameState(BOX.moved(3, 0), Provenance.MANUAL))
    return Track(id_, label, colour, (), frames, ["first-model", "second-model"])


def subject_of(source: FakeSource | None = None, *tracks: Track, facts: SensorFacts | None = None) -> Subject:
    """A subject in iron; without tracks given, with one."""
    source = source or FakeSource()
    if facts is not None:
        source.facts = facts
    shown = tracks or (track_of(len(source)),)
    return Subject(source, shown, look=Look(palette="iron"), clip_span=Span(3000, 4000))
