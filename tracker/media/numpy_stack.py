"""NumPy arrays as clips: .npy, and .npz with one array. Nothing in them is ever unpickled."""

from __future__ import annotations

import tokenize
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import Job, Progress, ProgressMeter
from tracker.media.stack import StackShape

_CHUNK = 1 << 22


def shape_of(array: NDArray[Any], where: Path) -> StackShape:
    """What an array holds: (H, W), (N, H, W) or (N, H, W, 3).

    Raises:
        MediaError: It is of another shape.
    """
    if array.ndim in (2, 3) or (array.ndim == 4 and array.shape[3] == 3):
        frames = array[None] if array.ndim == 2 else array
        count, height, width = frames.shape[:3]
        return StackShape(count, height, width, 3 if array.ndim == 4 else 1, array.dtype)
    raise MediaError(
        f"the array is of shape {array.shape}.",
        where=where,
        todo="Save frames as (frames, height, width), or (frames, height, width, 3) in colour.",
    )


class ArrayReader:
    """Frames of an array on disk."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array[None] if array.ndim == 2 else array

    def read(self, index: int) -> NDArray[Any]:
        """One frame."""
        frame: NDArray[Any] = self._array[index]
        return frame

    def close(self) -> None:
        """The mapping goes with the last view of it."""


def mapped(path: Path) -> NDArray[Any]:
    """A .npy file as an array that is read from disk where it is looked at.

    Raises:
        OSError, ValueError: It cannot be read, or is no array of plain numbers.
    """
    with _sound_header():
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise ValueError("no array")  # a file of another kind, not a mistake of the caller
    return array


def replace_with(path: Path, array: NDArray[Any]) -> None:
    """Write an array as a .npy file, whole or not at all.

    Raises:
        OSError: It cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _sound_header() -> Iterator[None]:
    """NumPy reads a header as a Python literal, and lets through what Python says of a damaged one."""
    try:
        yield
    except (SyntaxError, tokenize.TokenError, RecursionError, MemoryError, AttributeError) as error:
        raise ValueError("its header cannot be read") from error


class NpyFormat:
    """A .npy file. A `StackFormat`."""

    title = "NumPy array"
    choice = ""
    fps = None

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """The array's shape says it all."""
        yield Progress(f"Opening {path.name}", 0, None, 0.0, None)
        return shape_of(mapped(path), path)

    def open(self, path: Path, unpacked: Path) -> ArrayReader:
        """Map the file."""
        return ArrayReader(mapped(path))


class NpzFormat:
    """A .npz file with one array of frames, unpacked into the cache. A `StackFormat`."""

    title = "NumPy archive"
    choice = ""
    fps = None

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Unpack the only array that can be a clip."""
        try:
            with zipfile.ZipFile(path) as archive:
                entry = _only_clip(archive, path)
                yield from _extracted(archive, entry, unpacked, path)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
            raise ValueError(str(error)) from error
        return shape_of(mapped(unpacked), path)

    def open(self, path: Path, unpacked: Path) -> ArrayReader:
        """Map what was unpacked."""
        return ArrayReader(mapped(unpacked))


def _only_clip(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The entry with frames in it."""
    found = []
    for entry in archive.infolist():
        with archive.open(entry) as file:
            try:
                with _sound_header():
                    version = np.lib.format.read_magic(file)
                    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else None
                    shape, _, _ = (read or np.lib.format.read_array_header_2_0)(file)
            except ValueError:
                continue
        if len(shape) in (3, 4):
            found.append(entry)
    if len(found) != 1:
        names = ", ".join(entry.filename.removesuffix(".npy") for entry in found) or "none"
        raise MediaError(
            f"the archive has {len(found)} arrays that could be a clip ({names}).",
            where=path,
            todo="Save the frames alone, as a .npy file.",
        )
    return found[0]


def _extracted(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, path: Path) -> Job[None]:
    """Write an entry to a file, whole or not at all."""
    to.parent.mkdir(parents=True, exist_ok=True)
    part = to.with_name(to.name + ".part")
    meter = ProgressMeter(f"Unpacking {path.name} (MiB)", max(entry.file_size >> 20, 1))
    try:
        with archive.open(entry) as source, part.open("wb") as target:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
                if meter.due():
                    yield meter.at(target.tell() >> 20)
        part.replace(to)
    finally:
        part.unlink(missing_ok=True)
