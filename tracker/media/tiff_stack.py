"""Multi-page TIFF as a clip, 8 or 16 bits, compressed or not, through tifffile."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import Job, ProgressMeter
from tracker.media.facts import NO_FACTS, SensorFacts, facts_from
from tracker.media.stack import StackShape

SUFFIXES = frozenset({".tif", ".tiff"})
DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    ArithmeticError,
    AttributeError,
    AssertionError,
    MemoryError,
    RuntimeError,
    struct.error,
    zlib.error,
    tifffile.TiffFileError,
)
"""What tifffile raises over a damaged file."""


def is_stack(path: Path) -> bool:
    """Whether a TIFF file has more than one frame; a file that cannot be read has none."""
    try:
        with tifffile.TiffFile(path) as file:
            return _has_second_page(file) or _count(file) > 1
    except DAMAGE:
        return False


def _has_second_page(file: tifffile.TiffFile) -> bool:
    """Found out without walking through all pages, as counting them would."""
    try:
        return bool(file.pages[1])
    except IndexError:
        return False


class TiffReader:
    """Frames of an open file."""

    def __init__(self, path: Path) -> None:
        self._file = tifffile.TiffFile(path)
        self._mapped: NDArray[Any] | None = None
        try:
            if len(self._file.pages) == 1 and _count(self._file) > 1:
                # One page with all the frames behind one another, as ImageJ writes.
                self._mapped = np.asarray(tifffile.memmap(path, mode="r"))
        except BaseException:
            self._file.close()
            raise

    def read(self, index: int) -> NDArray[Any] | None:
        """One frame; None where its page is broken."""
        if self._mapped is not None:
            frame: NDArray[Any] = self._mapped[index]
            return frame
        try:
            return np.asarray(self._file.pages[index].asarray())
        except DAMAGE:
            return None

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TiffFormat:
    """A TIFF file of several pages, or of one. A `StackFormat`."""

    title = "TIFF stack"
    choice = ""
    fps = None

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Look at every page's size and type; its pixels are not read."""
        try:
            with tifffile.TiffFile(path) as file:
                return (yield from _shape(file, path))
        except DAMAGE as error:
            raise ValueError(str(error)) from error

    def open(self, path: Path, unpacked: Path) -> TiffReader:
        """Open the file."""
        try:
            return TiffReader(path)
        except DAMAGE as error:
            raise ValueError(str(error)) from error


def _count(file: tifffile.TiffFile) -> int:
    """Number of frames: pages, or those that one page says to have behind it."""
    if len(file.pages) != 1 or not file.is_imagej:
        return len(file.pages)
    return int((file.imagej_metadata or {}).get("images", 1))


def _shape(file: tifffile.TiffFile, path: Path) -> Job[StackShape]:
    first = file.pages.first
    meter = ProgressMeter(f"Looking at the pages of {path.name}", None)
    for number, page in enumerate(file.pages):
        if meter.due():
            yield meter.at(number)
        if (page.shape, page.dtype) != (first.shape, first.dtype):
            raise MediaError(
                f"page {number} is {page.shape} {page.dtype}, but the first is {first.shape} {first.dtype}.",
                where=path,
                todo="Put pages of one size and type into the file.",
            )
    shape, dtype = first.shape, first.dtype
    if dtype is None or len(shape) not in (2, 3) or (len(shape) == 3 and shape[2] != 3):
        raise MediaError(f"its pages are of shape {shape}.", where=path, todo="Save gray or RGB pages.")
    count = _count(file)
    _require_codec(file, path)
    times, facts = _described(first.description, count)
    return StackShape(count, shape[0], shape[1], 1 if len(shape) == 2 else 3, dtype, times, (), facts)


def _require_codec(file: tifffile.TiffFile, path: Path) -> None:
    """Decode one page: some compressions need another package.

    Raises:
        MediaError: It is not there.
    """
    try:
        file.pages.first.asarray()
    except DAMAGE as error:
        if "imagecodecs" in str(error):
            name = tifffile.COMPRESSION(file.pages.first.compression).name
            raise MediaError(
                f"its pages are compressed by {name}, which takes another package.",
                where=path,
                todo="Install it (pip install 'thermark[codecs]'), or save the file compressed by ZIP (Deflate).",
            ) from error


def _described(text: str, count: int) -> tuple[tuple[float, ...], SensorFacts]:
    """Times and facts as Thermark writes them beside the counts; nothing where another program wrote the file."""
    try:
        values = json.loads(text)
        times, facts = tuple(float(time) for time in values["times"]), facts_from(values["facts"])
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
        return (), NO_FACTS
    return times if len(times) == count else (), facts
