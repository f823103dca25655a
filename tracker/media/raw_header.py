"""What a dump of plain samples does not say about itself, and the small file beside it that says it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracker.errors import MediaError

SIDECAR_SUFFIX = ".raw.json"
MOST_SIDE = 1 << 14

_LONGEST_HEADER = 1 << 12  # of those that are guessed

COMMON_SIZES = (
    *((640, 512), (640, 480), (1280, 1024), (1024, 768), (320, 256), (320, 240), (336, 256), (384, 288)),
    *((382, 288), (464, 348), (256, 192), (240, 180), (160, 120), (206, 156), (120, 90), (80, 60)),
)
"""(width, height) of the sensors that most thermal cameras have."""


class MissingHeaderError(MediaError):
    """A dump has no header file beside it, so that nothing is known about its frames.

    Attributes:
        path: The dump.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(
            "is a dump of plain samples, which does not say what its frames are.",
            where=path,
            todo="Say it once: open it in the window, or run thermark raw-header. "
            f"It is kept beside it in {sidecar(path).name}.",
        )


class RawHeader(BaseModel):
    """How the frames of a dump lie in it: a header, then frames of rows of samples, with gaps of one size between them.

    Attributes:
        version: Of this description.
        width: Pixels of a row.
        height: Rows of a frame.
        bits: Of a stored sample; counts of 9 to 15 bits are stored in 16.
        byte_order: Of samples of 16 bits.
        header_bytes: Before the first frame.
        gap_bytes: Between two frames.
        fps: Frames per second; None where there is no time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = 1
    width: int = Field(ge=1, le=MOST_SIDE)
    height: int = Field(ge=1, le=MOST_SIDE)
    bits: Literal[8, 16] = 16
    byte_order: Literal["little", "big"] = "little"
    header_bytes: int = Field(default=0, ge=0, le=1 << 40)
    gap_bytes: int = Field(default=0, ge=0, le=1 << 40)
    fps: float | None = Field(default=None, gt=0, le=100_000, allow_inf_nan=False)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of a stored sample."""
        return (
            np.dtype(np.uint8)
            if self.bits == 8
            else np.dtype("<u2" if self.byte_order == "little" else ">u2")
        )

    @property
    def frame_bytes(self) -> int:
        """Bytes of a frame."""
        return self.width * self.height * self.bits // 8

    def count(self, file_bytes: int) -> int:
        """Number of whole frames in a file of this size."""
        return max(
            (file_bytes - self.header_bytes + self.gap_bytes) // (self.frame_bytes + self.gap_bytes), 0
        )

    def left_over(self, file_bytes: int) -> int:
        """Bytes after the last whole frame."""
        count = self.count(file_bytes)
        used = count * (self.frame_bytes + self.gap_bytes) - (self.gap_bytes if count else 0)
        return max(file_bytes - self.header_bytes - used, 0)

    def place(self, index: int) -> int:
        """Where a frame begins."""
        return self.header_bytes + index * (self.frame_bytes + self.gap_bytes)

    def frame(self, data: bytes) -> NDArray[Any]:
        """(H, W) samples from the bytes of a frame."""
        return np.frombuffer(data, self.dtype).reshape(self.height, self.width)


def sidecar(path: Path) -> Path:
    """The header file of a dump."""
    return path.with_name(path.name + SIDECAR_SUFFIX)


def read_header_file(path: Path) -> RawHeader:
    """The header of a dump, from the file beside it.

    Raises:
        MissingHeaderError: There is none.
        MediaError: It cannot be read, or is not right.
    """
    beside = sidecar(path)
    try:
        return RawHeader.model_validate_json(beside.read_bytes())
    except FileNotFoundError:
        raise MissingHeaderError(path) from None
    except OSError as error:
        raise MediaError(f"cannot be read ({error.strerror}).", where=beside) from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "it"
        raise MediaError(
            f"describes no frames: {name}: {first['msg']}.",
            where=beside,
            todo="Correct it, or delete it and open the dump in the window again.",
        ) from error


def write_header_file(path: Path, header: RawHeader) -> Path:
    """Write the header of a dump beside it, whole or not at all; where it is.

    Raises:
        MediaError: It cannot be written.
    """
    beside = sidecar(path)
    try:
        handle, name = tempfile.mkstemp(dir=beside.parent, prefix=f".{beside.name}", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(header.model_dump_json(indent=2) + "\n")
            Path(name).replace(beside)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise MediaError(
            f"the header file cannot be written ({error.strerror}).",
            where=beside,
            todo="Copy the dump to a folder that can be written to.",
        ) from error
    return beside


def guess_header(path: Path) -> RawHeader:
    """What the frames of a dump probably are, from its size and its first frame.

    A size is possible where the file is a whole number of such frames, or, where none is, after a short header. Of the
    possible ones, that is taken in which neighbouring pixels differ least: a wrong width shears the rows against each
    other, a wrong byte order makes noise.

    Raises:
        MediaError: The file cannot be read.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(2 * 1280 * 1024 + _LONGEST_HEADER)
    except OSError as error:
        raise MediaError(f"cannot be read ({error.strerror}).", where=path) from error
    possible = [*_possible(size, longest_header=0)] or [*_possible(size, _LONGEST_HEADER)]
    best = min(possible, key=lambda header: _roughness(start, header), default=None)
    return best or RawHeader(width=COMMON_SIZES[0][0], height=COMMON_SIZES[0][1])


def _possible(size: int, longest_header: int) -> Iterator[RawHeader]:
    for width, height in COMMON_SIZES:
        for bits, order in ((16, "little"), (16, "big"), (8, "little")):
            values = {"width": width, "height": height, "bits": bits, "byte_order": order}
            header = RawHeader.model_validate(values)
            rest = size % header.frame_bytes
            if size >= header.frame_bytes and rest <= longest_header:
                yield header.model_copy(update={"header_bytes": rest})


def _roughness(start: bytes, header: RawHeader) -> float:
    """Mean difference of neighbours in the first frame, in units of how far its counts spread."""
    frame = header.frame(start[header.place(0) :][: header.frame_bytes]).astype(np.float32)
    spread = float(np.subtract(*np.percentile(frame, (95, 5)))) + 1
    steps = np.abs(np.diff(frame, axis=0)).mean() + np.abs(np.diff(frame, axis=1)).mean()
    return float(steps) / spread
