"""CPTV, the thermal video of the Cacophony Project's cameras: 16-bit counts of a Lepton sensor.

Each frame is stored as its difference from the one before, so the file is decoded once, into the cache. The frames of
the clip are those of the recording; a background frame, which some cameras put first, is an average and no moment of
the clip, and is left out.

Each frame of version 2 says how long the camera has been on, and when it last closed its shutter to calibrate itself
(FFC). No frames are recorded while the shutter is closed; afterwards the counts drift. The makers' own software passes
over what it sees in the first 9.9 s (FFC_PERIOD in the Cacophony Project's motion detection), and the counts of real
recordings agree: the mean of two scenes climbs by 63 and 33 counts within that time, and by 4 and 12 after it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from cptv import CPTVReader, Frame  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray

from tracker.jobs import Job, ProgressMeter
from tracker.media.facts import SensorFacts
from tracker.media.numpy_stack import ArrayReader, mapped
from tracker.media.stack import StackShape, explained

SUFFIX = ".cptv"
MOST_FRAMES = 1 << 20
UNSETTLED_S = 9.9
"""Seconds after a calibration in which counts are not to be trusted."""

_MOST_PIXELS = 1 << 20
_DAMAGE = (
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    EOFError,
    OverflowError,
    struct.error,
    zlib.error,
    OSError,
)
"""What the package raises over a damaged file."""


class CptvFormat:
    """A CPTV file of version 1 or 2. A `StackFormat`."""

    title = "CPTV recording"
    choice = ""
    fps = None

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Decode all frames into the cache."""
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        raw = unpacked.with_name(unpacked.name + ".raw")
        meter, frames = ProgressMeter(f"Decoding {path.name}", None), list[_Moment]()
        try:
            with path.open("rb") as file, raw.open("wb") as counts:
                reader = _opened(file)
                height, width = reader.frame_dim
                for frame in _frames(reader):
                    counts.write(np.ascontiguousarray(frame.pix, "<u2").tobytes())
                    frames.append(_moment(frame, len(frames), reader))
                    if meter.due():
                        yield meter.at(len(frames))
            _finish(raw, unpacked, (len(frames), height, width))
        finally:
            raw.unlink(missing_ok=True)
        shape = StackShape(len(frames), height, width, 1, np.dtype("<u2"))
        return replace(shape, times=_from_zero(frames), facts=_facts(frames, reader, path))

    def open(self, path: Path, unpacked: Path) -> ArrayReader:
        """Map what was decoded."""
        return ArrayReader(mapped(unpacked))


@dataclass(frozen=True)
class _Moment:
    """When a frame was taken: seconds on the recording's clock, and since the last calibration where that is known."""

    seconds: float
    since: float | None


def read_background(path: Path) -> NDArray[np.uint16] | None:
    """The image of the empty scene that a recording begins with, (H, W); None where it has none.

    Raises:
        MediaError: The file cannot be read, or is no recording.
    """
    with explained(path, CptvFormat.title), path.open("rb") as file:
        first = next(_all_frames(_opened(file)), None)
    return np.array(first.pix, np.uint16) if first is not None and first.background_frame else None


class _Bounded:
    """The unpacked bytes of a recording; refuses to read more at once than a frame can take.

    A damaged size would otherwise unpack everything that a small file swells to.
    """

    def __init__(self, file: Any, most: int) -> None:
        self._file, self._most = file, most

    def read(self, count: int) -> bytes:
        if count > self._most:
            raise ValueError(f"a frame of {count} bytes")
        return bytes(self._file.read(count))

    def seek(self, position: int) -> int:
        return int(self._file.seek(position))


def _opened(file: Any) -> CPTVReader:
    try:
        reader = CPTVReader(file)
    except _DAMAGE as error:
        raise ValueError(f"no CPTV header: {error}") from error
    height, width = reader.frame_dim
    if not 0 < height * width <= _MOST_PIXELS:
        raise ValueError(f"frames of {width} x {height} pixels")
    reader.s = _Bounded(reader.s, 4 * height * width + 64)
    return reader


def _all_frames(reader: CPTVReader) -> Iterator[Frame]:
    """The frames of the file, background among them; one that is cut off ends with its last whole frame."""
    frames = iter(reader)
    while True:
        try:
            yield next(frames)
        except (StopIteration, *_DAMAGE):
            return


def _frames(reader: CPTVReader) -> Iterator[Frame]:
    """The frames of the recording."""
    return islice((frame for frame in _all_frames(reader) if not frame.background_frame), MOST_FRAMES)


def _moment(frame: Frame, number: int, reader: CPTVReader) -> _Moment:
    """Time since the camera was switched on; the nominal one where the file has none."""
    if frame.time_on is None or frame.time_on.total_seconds() <= 0:
        return _Moment(number / (reader.fps or 9), None)
    seconds, last = frame.time_on.total_seconds(), frame.last_ffc_time.total_seconds()
    return _Moment(seconds, seconds - last if last > 0 else None)


def _from_zero(frames: list[_Moment]) -> tuple[float, ...]:
    return tuple(round(frame.seconds - frames[0].seconds, 6) for frame in frames)


def _facts(frames: list[_Moment], reader: CPTVReader, path: Path) -> SensorFacts:
    unsettled = (
        n for n, frame in enumerate(frames) if frame.since is not None and 0 <= frame.since < UNSETTLED_S
    )
    words = (text.decode("utf-8", "replace").strip("\0 ") for text in (reader.brand, reader.model) if text)
    return SensorFacts(" ".join(words), None, None, tuple(unsettled), read_background(path) is not None)


def _finish(raw: Path, unpacked: Path, shape: tuple[int, int, int]) -> None:
    """Turn raw counts into a .npy file, whole or not at all."""
    if shape[0] == 0:
        raise ValueError("no frame can be decoded")
    part = unpacked.with_name(unpacked.name + ".part")
    source: NDArray[Any] = np.memmap(raw, "<u2", "r", shape=shape)
    try:
        target = np.lib.format.open_memmap(part, "w+", np.dtype("<u2"), shape)
        target[:] = source
        target.flush()
        del target
        part.replace(unpacked)
    finally:
        part.unlink(missing_ok=True)
