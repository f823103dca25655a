"""FLIR's SEQ and CSQ recordings: one FFF block after another, each with a frame of counts.

The scan walks from block to block by what their directories say, and searches for the next one only after damage. What
it finds, a row for each frame, is kept in the cache: an hour of video is opened at once the second time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import Job, ProgressMeter
from tracker.media.facts import SensorFacts
from tracker.media.flir_counts import counts_of, payload_size
from tracker.media.flir_record import HEADER, HEADER_BYTES, CameraInfo, FlirError, FlirFrame, read_frame
from tracker.media.numpy_stack import mapped, replace_with
from tracker.media.stack import StackShape

SUFFIXES = frozenset({".seq", ".csq"})
MOST_FRAMES = 1 << 22

_HEAD_BYTES = 1 << 9  # enough of a payload to tell what it is, and how large
_CHUNK = 1 << 20
_WHERE_IT_BEGINS = 1 << 20
_COLUMNS = 5
"""Start and length of the payload, width, height, byte order."""


class FlirFormat:
    """A SEQ or CSQ file. A `StackFormat`."""

    title = "FLIR recording"
    choice = ""
    fps = None

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Find all frames, and write down where they are."""
        found, size = _Found(), path.stat().st_size
        meter = ProgressMeter(f"Scanning {path.name} (MiB)", max(size >> 20, 1))
        with path.open("rb") as file:
            for place in _walk(file, size, found):
                if meter.due():
                    yield meter.at(place >> 20)
        if not found.sizes:
            raise MediaError(
                "has no thermal image of FLIR's.",
                where=path,
                todo="Choose a SEQ or CSQ file as the camera wrote it.",
            )
        shape = found.shape(path)
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        replace_with(unpacked, np.array(found.rows, np.int64).reshape(-1, _COLUMNS))
        return shape

    def open(self, path: Path, unpacked: Path) -> FlirReader:
        """Open the file beside its table of frames."""
        table = mapped(unpacked)
        if table.ndim != 2 or table.shape[1] != _COLUMNS or table.dtype != np.int64:
            raise ValueError("no table of frames")
        return FlirReader(path, table)


class FlirReader:
    """Frames of an open file."""

    def __init__(self, path: Path, table: NDArray[Any]) -> None:
        self._file, self._table = path.open("rb"), table

    def read(self, index: int) -> NDArray[np.uint16] | None:
        """One frame; None where it is broken."""
        start, length, width, height, is_big_endian = (int(value) for value in self._table[index])
        if not width:
            return None
        frame = FlirFrame(width, height, bool(is_big_endian), 0, length, length, CameraInfo())
        return counts_of(_read(self._file, start, length), frame)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


@dataclass
class _Found:
    """What the scan has found so far.

    Attributes:
        rows: One for each frame; zeros for one that is broken.
        sizes: How many frames have which (width, height).
        first: The number of the first frame of each size.
        cameras: What the camera wrote, for each frame.
    """

    rows: list[tuple[int, ...]] = field(default_factory=list)
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    first: dict[tuple[int, int], int] = field(default_factory=dict)
    cameras: list[CameraInfo] = field(default_factory=list)

    def add(self, start: int, frame: FlirFrame) -> None:
        """A frame whose block begins at `start`."""
        size = (frame.width, frame.height)
        self.first.setdefault(size, len(self.rows))
        self.sizes[size] += 1
        self.rows.append((start + frame.start, frame.length, *size, int(frame.is_big_endian)))
        self.cameras.append(frame.camera)

    def add_broken(self) -> None:
        """A frame of which only the beginning is right."""
        self.rows.append((0,) * _COLUMNS)
        self.cameras.append(CameraInfo())

    def shape(self, path: Path) -> StackShape:
        """All of it.

        Raises:
            MediaError: The frames are of several sizes.
        """
        (width, height), _ = self.sizes.most_common(1)[0]
        for (other_width, other_height), number in self.first.items():
            if (other_width, other_height) != (width, height):
                raise MediaError(
                    f"frame {number} has {other_width} x {other_height} pixels, but most have {width} x {height}.",
                    where=path,
                    todo="Save the parts of one size as files of their own.",
                )
        good = next(camera for camera, row in zip(self.cameras, self.rows, strict=True) if row[2])
        bad = tuple(number for number, row in enumerate(self.rows) if not row[2])
        facts = SensorFacts(good.model, planck=good.planck)
        return StackShape(
            len(self.rows), height, width, 1, np.dtype(np.uint16), _times(self.cameras), bad, facts
        )


def _walk(file: BinaryIO, size: int, found: _Found) -> Iterator[int]:
    """Go through a file from block to block; gives where it has come to."""
    place = 0
    while len(found.rows) < MOST_FRAMES:
        limit = size if found.rows else min(size, _WHERE_IT_BEGINS)
        start = _next_header(file, place, limit)
        if start is None:
            return
        place = start + _take(file, start, size, found)
        yield place


def _take(file: BinaryIO, start: int, size: int, found: _Found) -> int:
    """Note the frame of the block at `start`; how far on to look for the next one."""

    def peek(at: int, count: int) -> bytes:
        return _read(file, start + at, count)

    try:
        frame = read_frame(peek)
    except FlirError:
        found.add_broken()
        return HEADER_BYTES
    payload = _read(file, start + frame.start, min(frame.length, _HEAD_BYTES))
    if payload_size(payload, frame) != (frame.width, frame.height):
        found.add_broken()
        return HEADER_BYTES
    if start + frame.start + frame.length > size:
        found.add_broken()
        return HEADER_BYTES
    found.add(start, frame)
    return max(frame.stop, HEADER_BYTES) if start + frame.stop <= size else frame.start + frame.length


def _next_header(file: BinaryIO, place: int, size: int) -> int | None:
    """Where the next block begins, at `place` or after it; None where there is none."""
    while place + HEADER_BYTES <= size:
        head = _read(file, place, HEADER_BYTES)
        if HEADER.match(head):
            return place
        chunk = _read(file, place, _CHUNK)
        match = HEADER.search(chunk)
        if match is not None:
            return place + match.start() if place + match.start() + HEADER_BYTES <= size else None
        place += max(len(chunk) - HEADER_BYTES + 1, 1)
    return None


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)


def _times(cameras: list[CameraInfo]) -> tuple[float, ...]:
    """Seconds from the first frame, by the camera's clock, else by its rate; empty where it gives neither.

    Frames whose own time is lost lie between their neighbours, or go on at the clip's pace.
    """
    known = np.array([number for number, camera in enumerate(cameras) if camera.taken is not None])
    taken = np.array([camera.taken for camera in cameras if camera.taken is not None])
    if 2 * len(known) > len(cameras) and taken[-1] > taken[0] and bool((np.diff(taken) >= 0).all()):
        pace = (taken[-1] - taken[0]) / (known[-1] - known[0])
        numbers = np.arange(len(cameras))
        seconds = np.interp(numbers, known, taken) + pace * np.maximum(numbers - known[-1], 0)
        seconds -= pace * np.maximum(known[0] - numbers, 0)
        return tuple(np.round(seconds - seconds[0], 6).tolist())
    rate = next((camera.fps for camera in cameras if camera.fps is not None), None)
    return () if rate is None else tuple(number / rate for number in range(len(cameras)))
