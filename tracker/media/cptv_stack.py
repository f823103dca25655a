"""CPTV, the thermal video of the Cacophony Project's cameras: 16-bit counts of a Lepton sensor.

Each frame is stored as its difference from the one before, so the file is decoded once, into the cache. The frames of
the clip are those of the recording; a background frame, which some cameras put first, is an average and no moment of
the clip, and is left out.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from cptv import CPTVReader, Frame  # type: ignore[import-untyped]  # ships no type information
from numpy.typing import NDArray

from tracker.jobs import Job, ProgressMeter
from tracker.media.numpy_stack import ArrayReader, mapped
from tracker.media.stack import StackShape

SUFFIX = ".cptv"
MOST_FRAMES = 1 << 20
_MOST_SIDE = 1 << 12


class CptvFormat:
    """A CPTV file of version 1 or 2. A `StackFormat`."""

    title = "CPTV recording"

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Decode all frames into the cache."""
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        raw = unpacked.with_name(unpacked.name + ".raw")
        meter, times = ProgressMeter(f"Decoding {path.name}", None), list[float]()
        try:
            with path.open("rb") as file, raw.open("wb") as counts:
                reader = _opened(file)
                height, width = reader.frame_dim
                for frame in _frames(reader):
                    counts.write(np.ascontiguousarray(frame.pix, "<u2").tobytes())
                    times.append(_seconds(frame, len(times), reader))
                    if meter.due():
                        yield meter.at(len(times))
            _finish(raw, unpacked, (len(times), height, width))
        finally:
            raw.unlink(missing_ok=True)
        return StackShape(len(times), height, width, 1, np.dtype("<u2"), _from_zero(times))

    def open(self, path: Path, unpacked: Path) -> ArrayReader:
        """Map what was decoded."""
        return ArrayReader(mapped(unpacked))


def _opened(file: Any) -> CPTVReader:
    try:
        reader = CPTVReader(file)
    except (
        KeyError,
        IndexError,
        struct.error,
        UnicodeDecodeError,
        gzip.BadGzipFile,
        zlib.error,
        OSError,
    ) as error:
        raise ValueError(f"no CPTV header: {error}") from error
    if not all(0 < side <= _MOST_SIDE for side in reader.frame_dim):
        raise ValueError(f"frames of {reader.frame_dim[1]} x {reader.frame_dim[0]} pixels")
    return reader


def _frames(reader: CPTVReader) -> Iterator[Frame]:
    """The frames of the recording; a file that is cut off ends with its last whole frame."""
    frames, count = iter(reader), 0
    while count < MOST_FRAMES:
        try:
            frame = next(frames)
        except StopIteration:
            return
        except (EOFError, KeyError, IndexError, ValueError, struct.error, zlib.error, OSError):
            return
        if not frame.background_frame:
            count += 1
            yield frame


def _seconds(frame: Frame, number: int, reader: CPTVReader) -> float:
    """Time since the camera was switched on; the nominal one where the file has none."""
    if frame.time_on is not None and frame.time_on.total_seconds() > 0:
        return float(frame.time_on.total_seconds())
    return number / (reader.fps or 9)


def _from_zero(times: list[float]) -> tuple[float, ...]:
    return tuple(round(time - times[0], 6) for time in times)


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
