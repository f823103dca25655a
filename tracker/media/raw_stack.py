"""Dumps of plain samples (.raw, .bin, .dat), described by a header file beside them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import Job, Progress
from tracker.media.raw_header import RawHeader
from tracker.media.stack import StackShape

SUFFIXES = frozenset({".raw", ".bin", ".dat"})
_VIDEO_CD = b"RIFF"


def is_dump(path: Path) -> bool:
    """Whether a file is to be read as plain samples: by its suffix, unless it is a film of a Video CD (.dat)."""
    if path.suffix.lower() not in SUFFIXES:
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(_VIDEO_CD)) != _VIDEO_CD
    except OSError:
        return True


class RawFormat:
    """A dump whose header is known. A `StackFormat`."""

    title = "dump of samples"

    def __init__(self, header: RawHeader) -> None:
        self._header = header

    @property
    def choice(self) -> str:
        """All but the rate, which can be corrected without making another clip of it."""
        return self._header.model_dump_json(exclude={"fps"})

    @property
    def fps(self) -> float | None:
        """Frames per second."""
        return self._header.fps

    def scan(self, path: Path, unpacked: Path) -> Job[StackShape]:
        """Count the frames."""
        yield Progress(f"Opening {path.name}", 0, None, 0.0, None)
        header, size = self._header, path.stat().st_size
        if not header.count(size):
            raise MediaError(
                f"a frame of {header.width} x {header.height} pixels is larger than the file.",
                where=path,
                todo="Correct its header: open the file in the window, or run thermark raw-header.",
            )
        return StackShape(header.count(size), header.height, header.width, 1, header.dtype)

    def open(self, path: Path, unpacked: Path) -> RawReader:
        """Open the file."""
        return RawReader(path, self._header)


class RawReader:
    """Frames of an open dump."""

    def __init__(self, path: Path, header: RawHeader) -> None:
        self._file, self._header = path.open("rb"), header

    def read(self, index: int) -> NDArray[Any] | None:
        """One frame; None where the file has become shorter."""
        self._file.seek(self._header.place(index))
        data = self._file.read(self._header.frame_bytes)
        return self._header.frame(data) if len(data) == self._header.frame_bytes else None

    def close(self) -> None:
        """Close the file."""
        self._file.close()
