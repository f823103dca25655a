"""The counts of FLIR's thermal images: stored plainly, as PNG or as JPEG-LS."""

from __future__ import annotations

import re
import struct
from typing import Any

import numpy as np
from av.codec.context import CodecContext
from av.error import FFmpegError
from av.packet import Packet
from numpy.typing import NDArray

from tracker.media.flir_record import FlirFrame
from tracker.media.jpeg_segments import SCAN, segments
from tracker.media.png_chunks import MAGIC as PNG
from tracker.media.png_chunks import require_whole
from tracker.opencv import cv2

JPEG_LS = b"\xff\xd8\xff\xf7"
_SIZE, _END = 0xF7, b"\xff\xd9"
# Size, parameters, scan, comment, and what applications write.
_HARMLESS = frozenset({_SIZE, 0xF8, SCAN, 0xFE, *range(0xE0, 0xF0)})
# In coded data a byte of ones is followed by a bit of zero.
_MARKER = re.compile(rb"\xff[\x80-\xff]")
# Between the record's head and a JPEG-LS image some cameras leave room.
_SLACK = 256


def payload_size(payload: bytes, frame: FlirFrame) -> tuple[int, int] | None:
    """(width, height) of the image in a payload, from its own head; None where it is no image."""
    if payload.startswith(PNG) and len(payload) >= 24:
        width, height = struct.unpack_from(">II", payload, 16)
        return width, height
    at = payload.find(JPEG_LS, 0, _SLACK)
    if at >= 0 and len(payload) >= at + 11:
        height, width = struct.unpack_from(">HH", payload, at + 7)
        return width, height
    return (frame.width, frame.height) if frame.length >= 2 * frame.width * frame.height else None


def counts_of(payload: bytes, frame: FlirFrame) -> NDArray[np.uint16] | None:
    """(H, W) the counts; None where they are broken.

    Args:
        payload: `frame.length` bytes, or fewer where the file ends.
        frame: What the record says about them.
    """
    if payload_size(payload, frame) != (frame.width, frame.height):
        return None  # also keeps a damaged size from taking memory
    if payload.startswith(PNG):
        return _from_png(payload)
    at = payload.find(JPEG_LS, 0, _SLACK)
    if at >= 0:
        return _from_jpeg_ls(payload[at:])
    size = 2 * frame.width * frame.height
    if len(payload) < size:
        return None
    order = ">u2" if frame.is_big_endian else "<u2"
    plain = np.frombuffer(payload[:size], order).reshape(frame.height, frame.width)
    return plain.astype(np.uint16)


def _from_png(payload: bytes) -> NDArray[np.uint16] | None:
    """FLIR writes the two bytes of a sample in the order opposite to PNG's."""
    try:
        require_whole(payload)
        stored = cv2.imdecode(np.frombuffer(payload, np.uint8), cv2.IMREAD_UNCHANGED)
    except (ValueError, struct.error, cv2.error):
        return None
    if stored is None or stored.ndim != 2 or stored.dtype != np.uint16:
        return None
    return np.asarray(stored, np.uint16).byteswap()


def _from_jpeg_ls(image: bytes) -> NDArray[np.uint16] | None:
    """FFmpeg shifts samples of fewer than 16 bits up to the top; they are shifted back."""
    stop = _end_of_jpeg_ls(image)
    if stop is None:
        return None
    decoder = CodecContext.create("jpegls", "r")
    try:
        pictures: list[Any] = [*decoder.decode(Packet(image[:stop])), *decoder.decode(None)]
    except (FFmpegError, ValueError):
        return None
    if len(pictures) != 1 or pictures[0].format.name != "gray16le" or pictures[0].is_corrupt:
        return None
    plane, bits = pictures[0].planes[0], image[6]
    rows = np.frombuffer(memoryview(plane), "<u2").reshape(plane.height, -1)
    samples = rows[:, : plane.width] >> max(16 - bits, 0)
    return samples.astype(np.uint16)


def _end_of_jpeg_ls(image: bytes) -> int | None:
    """Where a JPEG-LS image of one scan ends (ITU-T T.87); None where it is anything else, or is cut off.

    FFmpeg's decoder would take a second, huge size from a damaged image, and fill in what is missing at its end.
    """
    markers = []
    position = 0
    try:
        for part in segments(image):
            markers.append(part.marker)
            position = part.stop
    except (ValueError, IndexError, struct.error):
        return None
    if markers.count(_SIZE) != 1 or not _HARMLESS.issuperset(markers):
        return None
    following = _MARKER.search(image, position)
    return following.end() if following is not None and following[0] == _END else None
