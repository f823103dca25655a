"""VOT's binary trajectories (`.bin`), which vot-toolkit writes unless it is told to write text.

Little-endian: a version (int16, 1) and the number of frames (uint32); for each frame a type (uint8) and its
values: 0 a code (uint32), 1 a rectangle (4 float32), 2 a polygon (uint16 corners, then 2 float32 for each), 3
a mask, 4 a point (vot-toolkit 0.9, `vot.region.io`).
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from tracker.errors import FormatError
from tracker.evaluation.vot_regions import Region
from tracker.formats.text import MAX_COORDINATE

SUFFIX = ".bin"
VERSION = 1
_HEADER = struct.Struct("<hI")
_CODE, _RECTANGLE, _POLYGON = 0, 1, 2


def read_binary(path: Path) -> list[Region]:
    """The regions of a binary trajectory.

    Raises:
        FormatError: It cannot be read, is cut off, or has masks or points.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise FormatError(f"it cannot be read ({error.strerror}).", where=path) from None
    try:
        version, count = _HEADER.unpack_from(data)
        if version != VERSION or count > len(data):
            raise FormatError("this is no trajectory of vot-toolkit.", where=path)
        regions, position = list[Region](), _HEADER.size
        while len(regions) < count:
            region, position = _region(data, position, f"{path}, frame {len(regions)}")
            regions.append(region)
    except struct.error:
        raise FormatError("the file ends too early.", where=path, todo="Make it again.") from None
    return regions


def _region(data: bytes, position: int, where: str) -> tuple[Region, int]:
    kind, position = data[position] if position < len(data) else -1, position + 1
    if kind == -1:
        raise struct.error
    if kind == _CODE:
        layout = struct.Struct("<I")
    elif kind == _RECTANGLE:
        layout = struct.Struct("<4f")
    elif kind == _POLYGON:
        (corners,) = struct.unpack_from("<H", data, position)
        layout, position = struct.Struct(f"<{2 * corners}f"), position + 2
        if corners < 3:
            raise FormatError("a polygon has fewer than three corners.", where=where)
    else:
        raise FormatError(
            "masks and points cannot be read.", where=where, todo="Give results with boxes or polygons."
        )
    region = np.array(layout.unpack_from(data, position), np.float64)
    if not (np.abs(region) <= MAX_COORDINATE).all():
        raise FormatError("a number is NaN or too large.", where=where)
    return region, position + layout.size
