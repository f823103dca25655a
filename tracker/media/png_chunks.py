"""Whether a PNG file is whole: its chunks followed to the end (W3C PNG, third edition, 5.3)."""

from __future__ import annotations

import struct
import zlib

MAGIC = b"\x89PNG\r\n\x1a\n"


def require_whole(png: bytes) -> None:
    """Follow the chunks of a PNG image to IEND, checking each one's CRC.

    A decoder need not be asked before: OpenCV's takes the memory that a damaged chunk says to need.

    Raises:
        ValueError: A chunk is damaged.
        struct.error: The end is missing.
    """
    position = len(MAGIC)
    while True:
        length, kind = struct.unpack_from(">I4s", png, position)
        end = position + 8 + length
        (crc,) = struct.unpack_from(">I", png, end)
        if zlib.crc32(memoryview(png)[position + 4 : end]) != crc:
            raise ValueError("a part of it is damaged")
        if kind == b"IEND":
            return
        position = end + 4
