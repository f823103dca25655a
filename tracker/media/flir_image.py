"""Radiometric JPEGs: a picture for people, and the camera's counts in segments beside it."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from tracker.media.facts import NO_FACTS, SensorFacts
from tracker.media.flir_counts import counts_of
from tracker.media.flir_record import FlirError, FlirFrame, Peek, read_frame
from tracker.media.jpeg_segments import segments

_APP1, _APP3 = 0xE1, 0xE3
_FLIR = b"FLIR\0\x01"
_EXIF = b"Exif\0\0"
_DJI_MAKE = b"DJI\0"


def thermal_frame(jpeg: bytes) -> FlirFrame | None:
    """Where the counts lie in a JPEG's FLIR block; None for a JPEG without.

    Raises:
        FlirError: It has FLIR's segments, but not all, or no counts in them.
    """
    block = _flir_block(jpeg)
    return None if block is None else read_frame(_peek(block))


def thermal_counts(jpeg: bytes) -> NDArray[np.uint16] | None:
    """(H, W) the counts of a radiometric JPEG; None where it is none, or is broken."""
    try:
        block = _flir_block(jpeg)
        if block is None:
            return None
        frame = read_frame(_peek(block))
    except FlirError:
        return None
    return counts_of(block[frame.start : frame.start + frame.length], frame)


def thermal_facts(jpeg: bytes) -> SensorFacts:
    """What a JPEG says about its camera; nothing where it is not radiometric."""
    try:
        frame = thermal_frame(jpeg)
    except FlirError:
        return NO_FACTS
    return NO_FACTS if frame is None else SensorFacts(frame.camera.model, planck=frame.camera.planck)


def is_dji(jpeg: bytes) -> bool:
    """Whether a JPEG is of DJI and has thermal data (in APP3 segments), which only DJI's own library can read."""
    try:
        found = list(segments(jpeg))
    except (ValueError, IndexError, struct.error):
        return False
    exif = (jpeg[part.start : part.stop] for part in found if part.marker == _APP1)
    is_of_dji = any(part.startswith(_EXIF) and _DJI_MAKE in part for part in exif)
    return is_of_dji and any(part.marker == _APP3 for part in found)


def _flir_block(jpeg: bytes) -> bytes | None:
    """FLIR's segments, joined: each says its number and that of the last one."""
    chunks, last = dict[int, bytes](), 0
    try:
        for part in segments(jpeg):
            content = jpeg[part.start : part.stop]
            if part.marker == _APP1 and content.startswith(_FLIR) and len(content) >= 8:
                last = content[7]
                chunks[content[6]] = content[8:]
    except (ValueError, IndexError, struct.error):
        return None  # no JPEG; whoever decodes it says so
    if not chunks:
        return None
    if sorted(chunks) != list(range(last + 1)):
        raise FlirError("a part of its thermal data is missing")
    return b"".join(chunks[number] for number in range(last + 1))


def _peek(block: bytes) -> Peek:
    return lambda start, count: block[start : start + count]
