"""The segments of a JPEG file up to its first scan (ITU-T T.81, annex B)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

START = b"\xff\xd8"
SCAN = 0xDA


@dataclass(frozen=True)
class Segment:
    """A part of a JPEG file.

    Attributes:
        marker: Its second byte, for example 0xE1 for APP1.
        start: Where its content begins, after marker and length.
        stop: Where it ends.
    """

    marker: int
    start: int
    stop: int


def segments(data: bytes) -> Iterator[Segment]:
    """The segments of a file that begins as a JPEG, to the first scan, which is the last one given.

    Raises:
        ValueError: What follows is no segment.
        struct.error, IndexError: The file ends before a scan begins.
    """
    position = len(START)
    while True:
        while data[position + 1] == 0xFF:  # fill bytes
            position += 1
        first, marker, length = struct.unpack_from(">BBH", data, position)
        if first != 0xFF or length < 2:
            raise ValueError("its header is damaged")
        yield Segment(marker, position + 4, position + 2 + length)
        if marker == SCAN:
            return
        position += 2 + length
