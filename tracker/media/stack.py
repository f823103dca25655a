"""A file that holds all its frames as arrays of counts: multi-page TIFF, NumPy, CPTV and others.

Each format is a `StackFormat`: it looks at a file once (`scan`), and reads single frames from then on. A format that
can only be read from its beginning unpacks its counts into the cache while it is scanned, and reads them from there.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tracker.address import join_address
from tracker.errors import MediaError
from tracker.jobs import Job, Progress
from tracker.media.content_hash import file_fingerprint, hash_file, hash_tree, tree_fingerprint
from tracker.media.facts import NO_FACTS, SensorFacts, facts_from
from tracker.media.index_cache import IndexCache
from tracker.media.indexed import FrameIndex, IndexedSource

INDEX_SUFFIX = "v2.stack.json"

CODECS = (zlib.error, struct.error)
COUNT_TYPES = (np.dtype(np.uint8), np.dtype(np.uint16))


@dataclass(frozen=True)
class StackIndex(FrameIndex):
    """What the scan of a stack found out.

    Attributes:
        times: Presentation time of each frame in seconds; empty where the file has no time.
        facts: What the file says about its camera.
    """

    times: tuple[float, ...] = ()
    facts: SensorFacts = NO_FACTS


@dataclass(frozen=True)
class StackShape:
    """The frames of a stack, before its content is hashed.

    Attributes:
        count: Number of frames.
        height: Pixels.
        width: Pixels.
        channels: 1 or 3.
        dtype: As stored; uint8 or uint16 of either byte order.
        times: See `StackIndex`.
        bad: Frames that are broken.
        facts: See `StackIndex`.
    """

    count: int
    height: int
    width: int
    channels: int
    dtype: np.dtype[Any]
    times: tuple[float, ...] = ()
    bad: tuple[int, ...] = ()
    facts: SensorFacts = NO_FACTS


class StackReader(Protocol):
    """Reads single frames of an open file."""

    def read(self, index: int) -> NDArray[Any] | None:
        """The counts of a frame as they are stored; None where it is broken."""

    def close(self) -> None:
        """Release the file."""


class StackFormat(Protocol):
    """A kind of file."""

    @property
    def title(self) -> str:
        """For messages: "TIFF stack"."""

    @property
    def fps(self) -> float | None:
        """Frames per second, where not the file but what is known beside it says so."""

    @property
    def choice(self) -> str:
        """What besides the file decides what its frames are; empty for nothing. Part of the content hash."""

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Find out what a file holds; may write its counts to `unpacked`.

        Raises:
            MediaError: It holds no clip that can be read.
        """

    def open(self, path: Path, unpacked: Path) -> StackReader:
        """Open a file that has been scanned.

        Raises:
            OSError, ValueError: It has changed, or what was unpacked is gone.
        """


def open_stack(path: Path, cache: IndexCache, kind: StackFormat, inside: str = "") -> Job[StackSource]:
    """Open a stack as a job; what is found out is kept in the cache.

    Args:
        path: The file, or the folder that is a store.
        cache: What is known already.
        kind: How it is read.
        inside: Name of the array in it, where one was named; part of the clip's address.

    Raises:
        MediaError: The file cannot be read, or holds no clip.
    """
    fingerprint = _fingerprint(path) + kind.choice
    address = join_address(path, inside)
    content_hash = cache.remembered(address, fingerprint)
    if content_hash is None:
        with explained(path, kind.title):
            content_hash = _with_choice((yield from _hashed(path)), kind.choice)
    index = _stored(cache, content_hash)
    unpacked = cache.place(content_hash, "counts.npy")
    if index is None or not _is_there(kind, path, unpacked):
        with explained(path, kind.title):
            shape = yield from kind.scan(path, unpacked)
        index = _index_of(path, kind, shape, content_hash)
        cache.save(content_hash, INDEX_SUFFIX, json.dumps(asdict(index)).encode())
    cache.remember(address, fingerprint, content_hash)
    yield Progress(f"Opening {path.name}", index.count, index.count, 0.0, None)
    return StackSource(path, index, kind, unpacked, inside)


class StackSource(IndexedSource):
    """A stack. Implements `FrameSource`."""

    kind = "stack"

    def __init__(
        self, file: Path, index: StackIndex, form: StackFormat, unpacked: Path, inside: str = ""
    ) -> None:
        super().__init__(join_address(file, inside), index)
        self._file, self._inside = file, inside
        self._index, self._form, self._unpacked = index, form, unpacked
        with explained(file, form.title):
            self._reader = form.open(file, unpacked)

    @property
    def facts(self) -> SensorFacts:
        """What the file says about its camera."""
        return self._index.facts

    @property
    def fps(self) -> float | None:
        """From the median time between frames; None where the file has no time."""
        if not self._index.times:
            return self._form.fps
        steps = np.diff(self._index.times)
        steps = steps[steps > 0]
        return float(1 / np.median(steps)) if steps.size else None

    def pts(self, index: int) -> float | None:
        """Time of a frame; None where the file has no time."""
        range(len(self))[index]
        if self._index.times:
            return self._index.times[index]
        return None if self._form.fps is None else index / self._form.fps

    def decode(self, index: int) -> NDArray[Any] | None:
        """The counts of one frame in the machine's byte order; None where it is broken."""
        with explained(self.path, self._form.title):
            counts = self._reader.read(index)
        return None if counts is None else np.array(counts, self.dtype, order="C")

    def reopen(self) -> StackSource:
        """An independent reader of the same file, for another thread."""
        return self._telling(StackSource(self._file, self._index, self._form, self._unpacked, self._inside))

    def close(self) -> None:
        """Close the file."""
        self._reader.close()


@contextmanager
def explained(path: Path, title: str) -> Iterator[None]:
    """Turn what a reader stumbles over into an error that names the file."""
    try:
        yield
    except OSError as error:
        raise MediaError(
            f"the {title} cannot be read ({error.strerror or error}).", where=path, todo="Copy it again."
        ) from error
    except (ValueError, LookupError, EOFError, TypeError, ArithmeticError, MemoryError, *CODECS) as error:
        raise MediaError(
            f"the {title} is damaged ({str(error) or type(error).__name__}).",
            where=path,
            todo="Copy it again.",
        ) from error


def _fingerprint(path: Path) -> str:
    try:
        return tree_fingerprint(path) if path.is_dir() else file_fingerprint(path)
    except OSError as error:
        raise MediaError(f"cannot be looked at ({error.strerror}).", where=path) from error


def _hashed(path: Path) -> Job[str]:
    return (yield from hash_tree(path) if path.is_dir() else hash_file(path))


def _with_choice(content_hash: str, choice: str) -> str:
    return hashlib.sha256(f"{content_hash}\0{choice}".encode()).hexdigest() if choice else content_hash


def _stored(cache: IndexCache, content_hash: str) -> StackIndex | None:
    try:
        values = json.loads(cache.load(content_hash, INDEX_SUFFIX) or b"")
        sequences = {"bad": tuple(values["bad"]), "times": tuple(values["times"])}
        index = StackIndex(**{**values, **sequences, "facts": facts_from(values["facts"])})
    except (ValueError, KeyError, TypeError):
        return None
    return index if index.is_sound and len(index.times) in (0, index.count) else None


def _is_there(kind: StackFormat, path: Path, unpacked: Path) -> bool:
    try:
        kind.open(path, unpacked).close()
    except (OSError, ValueError):
        return False
    return True


def _index_of(path: Path, kind: StackFormat, shape: StackShape, content_hash: str) -> StackIndex:
    if shape.dtype.newbyteorder("=") not in COUNT_TYPES:
        raise MediaError(
            f"the {kind.title} holds {shape.dtype.newbyteorder('=')}, not counts of 8 or 16 bits without sign.",
            where=path,
            todo="Save the sensor's counts as uint16, for instance temperatures in hundredths of a kelvin.",
        )
    if shape.count < 1 or shape.width < 1 or shape.height < 1 or len(shape.bad) >= shape.count:
        raise MediaError(f"the {kind.title} has no frame that can be read.", where=path)
    return StackIndex(
        content_hash,
        shape.count,
        shape.width,
        shape.height,
        8 * shape.dtype.itemsize,
        shape.channels,
        tuple(shape.bad),
        tuple(shape.times),
        shape.facts,
    )
