"""Arrays of frames inside HDF5 files and Zarr stores: (n, H, W) or (n, H, W, 3), of 8 or 16 bits.

Where there is just one such array it is the clip; of several, one is named: "recording.h5::/camera/frames". h5py and
zarr are optional; what needs them says so.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.address import SEPARATOR
from tracker.errors import MediaError
from tracker.jobs import Job, Progress
from tracker.media.stack import COUNT_TYPES, StackShape

HDF5_SUFFIXES = frozenset({".h5", ".hdf5", ".hdf", ".he5"})
ZARR_SUFFIX = ".zarr"
_ZARR_FILES = ("zarr.json", ".zarray", ".zgroup")

# A chunk is unpacked whole to read one frame of it.
_MOST_CHUNK_BYTES = 1 << 30
_MOST_FRAME_BYTES = 1 << 28
_MOST_FRAMES = 1 << 24
_CHUNK_CACHE = 1 << 26
_MOST_NAMED = 12
_DAMAGE = (
    *(OSError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError),
    *(RuntimeError, AssertionError, MemoryError),
)
"""What the packages raise over a damaged file."""


class SeveralArraysError(MediaError):
    """A file has several arrays that could be the clip.

    Attributes:
        path: The file.
        names: Of the arrays.
    """

    def __init__(self, path: Path, names: tuple[str, ...]) -> None:
        self.path, self.names = path, names
        listed = ", ".join(names[:_MOST_NAMED]) + (", …" if len(names) > _MOST_NAMED else "")
        super().__init__(
            f"has {len(names)} arrays that could be the clip: {listed}.",
            where=path,
            todo=f"Name one, as in {path.name}{SEPARATOR}{names[0]}.",
        )


@contextmanager
def _sound() -> Iterator[None]:
    try:
        yield
    except MediaError:
        raise
    except _DAMAGE as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk
        raise ValueError(str(error).splitlines()[0] if str(error) else type(error).__name__) from error


def is_zarr(path: Path) -> bool:
    """Whether a folder is a Zarr store."""
    return path.suffix.lower() == ZARR_SUFFIX or any((path / name).is_file() for name in _ZARR_FILES)


class ArrayReader:
    """Frames of an array in an open file.

    Attributes:
        array: It.
    """

    def __init__(self, array: Any, file: Any) -> None:
        self.array, self._file = array, file

    def read(self, index: int) -> NDArray[Any] | None:
        """One frame; None where its chunk is broken."""
        try:
            return np.asarray(self.array[index])
        except _DAMAGE:
            return None

    def close(self) -> None:
        """Close the file."""
        if hasattr(self._file, "close"):
            self._file.close()


class ArrayFormat(ABC):
    """An array inside a file. A `StackFormat`; HDF5 and Zarr say how their files are opened and walked through.

    Args:
        inside: Name of the array; empty for the only one.
    """

    title = "array"
    fps: float | None = None
    package = ""

    def __init__(self, inside: str = "") -> None:
        self.choice = inside

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Find the array, and look at its shape and type."""
        yield Progress(f"Opening {path.name}", 0, None, 0.0, None)
        with closing(self.open(path, unpacked)) as reader:
            array = reader.array
            count, height, width = array.shape[:3]
            return StackShape(count, height, width, 3 if len(array.shape) == 4 else 1, np.dtype(array.dtype))

    def open(self, path: Path, unpacked: Path) -> ArrayReader:
        """Open the file."""
        with _sound():
            file = self.open_file(path)
            try:
                return ArrayReader(self._chosen(path, file), file)
            except BaseException:
                _close(file)
                raise

    @abstractmethod
    def open_file(self, path: Path) -> Any:
        """Open a file; for the formats made of this one."""

    @abstractmethod
    def arrays(self, file: Any) -> Mapping[str, Any]:
        """All arrays in an open file by name; for the formats made of this one."""

    def _chosen(self, path: Path, file: Any) -> Any:
        arrays = self.arrays(file)
        if self.choice:
            return self._named(path, arrays)
        names = tuple(name for name, array in arrays.items() if is_clip(array))
        if len(names) > 1:
            raise SeveralArraysError(path, names)
        if not names:
            found = ", ".join(f"{name} {_words(array)}" for name, array in list(arrays.items())[:_MOST_NAMED])
            raise MediaError(
                f"has no array of frames; it has {found or 'no arrays at all'}.",
                where=path,
                todo="Save frames as (frames, height, width), uint8 or uint16.",
            )
        return arrays[names[0]]

    def _named(self, path: Path, arrays: Mapping[str, Any]) -> Any:
        array = next(
            (found for name, found in arrays.items() if name.strip("/") == self.choice.strip("/")), None
        )
        if array is None:
            raise MediaError(
                f"has no array {self.choice}; it has {', '.join(list(arrays)[:_MOST_NAMED]) or 'none'}.",
                where=path,
            )
        if not is_clip(array):
            raise MediaError(
                f"its array {self.choice} holds no frames of counts: {_words(array)}.",
                where=path,
                todo="Save frames as (frames, height, width), uint8 or uint16.",
            )
        return array

    def module(self, path: Path) -> ModuleType:
        """The package that reads such files.

        Raises:
            MediaError: It is not installed.
        """
        try:
            return __import__(self.package)
        except ImportError:
            raise MediaError(
                f"the package {self.package} is needed to read it.",
                where=path,
                todo="Install it: pip install 'thermark[science]'.",
            ) from None


class Hdf5Format(ArrayFormat):
    """An HDF5 file, through h5py."""

    title = "HDF5 file"
    package = "h5py"

    def open_file(self, path: Path) -> Any:
        """Open for reading only, with room for the chunk that frames in a row share."""
        return self.module(path).File(path, "r", rdcc_nbytes=_CHUNK_CACHE)

    def arrays(self, file: Any) -> Mapping[str, Any]:
        """All data sets, each once; links to other files are not followed."""
        found: dict[str, Any] = {}
        data_set = self.module(Path(file.filename)).Dataset

        def note(name: str, item: Any) -> None:
            if isinstance(item, data_set) and item.external is None and not item.is_virtual:
                found[f"/{name}"] = item

        file.visititems(note)
        return found


class ZarrFormat(ArrayFormat):
    """A Zarr store (a folder) of version 2 or 3, through zarr."""

    title = "Zarr store"
    package = "zarr"

    def open_file(self, path: Path) -> Any:
        """Open for reading only."""
        return self.module(path).open(str(path), mode="r")

    def arrays(self, file: Any) -> Mapping[str, Any]:
        """All arrays of the store; the store itself may be one."""
        if not hasattr(file, "members"):
            return {"/": file}
        members = file.members(max_depth=None)
        return {f"/{name}": item for name, item in sorted(members) if not hasattr(item, "members")}


def is_clip(array: Any) -> bool:
    """Whether an array is (n, H, W) or (n, H, W, 3) counts that can be read frame by frame."""
    shape, dtype = tuple(array.shape), array.dtype
    if not isinstance(dtype, np.dtype) or dtype.newbyteorder("=") not in COUNT_TYPES:
        return False
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] != 3) or not all(shape):
        return False
    chunk = math.prod(array.chunks or (1,)) * dtype.itemsize
    frame = math.prod(shape[1:]) * dtype.itemsize
    return shape[0] <= _MOST_FRAMES and frame <= _MOST_FRAME_BYTES and chunk <= _MOST_CHUNK_BYTES


def _words(array: Any) -> str:
    return f"{'x'.join(map(str, array.shape)) or 'one value'} {array.dtype}"


def _close(file: Any) -> None:
    if hasattr(file, "close"):
        file.close()
