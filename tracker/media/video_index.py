"""What one scan of a video found out: which packet each frame comes from, and where decoding can begin."""

from __future__ import annotations

import io
import json
import tokenize
import zipfile
import zlib
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tracker.media.container import VideoPacket

Int64 = NDArray[np.int64]
Bool = NDArray[np.bool_]

UNKNOWN = -(2**63)
"""Stands for a time, a file position or a packet that is not known."""

INDEX_SUFFIX = "v1.npz"
"""Form and version of a stored index; a new version has a new name, so that old files are left alone."""


_DAMAGE = (
    *(ValueError, LookupError, TypeError, ArithmeticError, AttributeError, OSError, EOFError, SyntaxError),
    *(MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)
"""What NumPy and zipfile raise over a damaged archive."""


@dataclass(frozen=True, eq=False)
class PacketTable:
    """The packets of a video stream, in stored order.

    Attributes:
        packet_pts: (p,) presentation times in the stream's time base, as the file gives them.
        packet_dts: (p,) decoding times.
        packet_pos: (p,) byte positions in the file.
        packet_size: (p,) bytes.
        packet_key: (p,) whether decoding can begin here.
    """

    packet_pts: Int64
    packet_dts: Int64
    packet_pos: Int64
    packet_size: Int64
    packet_key: Bool

    def __len__(self) -> int:
        return len(self.packet_pts)

    def find(self, packet: VideoPacket) -> int | None:
        """The ordinal of a packet met somewhere in the file; None where that is not certain.

        DTS is not compared: demuxers that make it up make up another one after a seek.
        """
        found = self.packet_size == packet.size
        for column, value in ((self.packet_pos, packet.pos), (self.packet_pts, packet.pts)):
            if value is not None:
                found &= (column == value) | (column == UNKNOWN)
        ordinals = np.flatnonzero(found)
        return int(ordinals[0]) if len(ordinals) == 1 else None


@dataclass(frozen=True, eq=False)
class VideoIndex:
    """The frames of a video, in the order they are shown.

    Attributes:
        content_hash: Hex digest of the file the index is of.
        width: Pixels.
        height: Pixels.
        bits: Bits of a sample; counts are uint8 up to 8, else uint16.
        channels: 1 for gray, 3 for colour.
        time_base: Seconds per unit of all times.
        fps: Nominal frames per second, None where the file has no times.
        frame_threads: Whether several pictures were decoded at once in the scan; reading does the same.
        packets: All packets.
        frame_packet: (n,) ordinal of each frame's packet; UNKNOWN where it was cut off the file.
        frame_pts: (n,) presentation times; UNKNOWN where the file has none.
        frame_bad: (n,) whether a frame could not be decoded, or only with errors.
        frame_checksum: (n,) `pixels.checksum` of each frame, 0 where there is no picture, UNKNOWN where the scan
            did not decode it: whether it is whole shows when it is read.
    """

    content_hash: str
    width: int
    height: int
    bits: int
    channels: int
    time_base: Fraction
    fps: float | None
    frame_threads: bool
    packets: PacketTable
    frame_packet: Int64
    frame_pts: Int64
    frame_bad: Bool
    frame_checksum: Int64

    def __len__(self) -> int:
        return len(self.frame_packet)

    def frames_of(self, ordinal: int) -> Int64:
        """The frames shown by a packet's pictures: mostly one; none where it is not part of the clip."""
        order, first = self._frames_by_packet
        return order[first[ordinal] : first[ordinal + 1]]

    def starting_points(self, frame: int) -> Int64:
        """Ordinals of the key packets that a frame can be decoded from, the last of them first.

        A key packet serves the frames stored after it and shown not before its own. Frames stored after it
        but shown before it (leading pictures of an open group of pictures) need the pictures before it.
        """
        keys, entries = self._keys
        serving: Bool = (keys <= self.frame_packet[frame]) & (entries <= frame)
        return np.asarray(keys[serving][::-1])

    def entry(self, ordinal: int) -> int:
        """The first frame that decoding from a packet gives whole."""
        keys, entries = self._keys
        place = int(np.searchsorted(keys, ordinal))
        return int(entries[place]) if ordinal else 0

    @cached_property
    def _frames_by_packet(self) -> tuple[Int64, Int64]:
        """Frames sorted by packet, and where each packet's frames begin in them (p + 1)."""
        order = np.argsort(self.frame_packet, kind="stable")
        first = np.searchsorted(self.frame_packet[order], np.arange(len(self.packets) + 1))
        return order, first.astype(np.int64)

    @cached_property
    def _keys(self) -> tuple[Int64, Int64]:
        """Ordinals of the key packets, and the first frame that each gives whole."""
        keys = np.flatnonzero(self.packets.packet_key)
        order, first = self._frames_by_packet
        latest = np.full(len(self.packets) + 1, -1, np.int64)  # last frame shown of all packets before one
        known = self.frame_packet != UNKNOWN
        np.maximum.at(latest, self.frame_packet[known] + 1, np.flatnonzero(known))
        after_all = np.maximum.accumulate(latest)[keys] + 1
        has_frame = first[keys] < first[keys + 1]
        own = order[np.minimum(first[keys], len(order) - 1)]
        return keys, np.where(has_frame, own, after_all)


def dump_index(index: VideoIndex) -> bytes:
    """An index as the bytes of a compressed .npz file without pickled objects."""
    arrays = {name: getattr(index.packets, name) for name in _names(PacketTable)}
    arrays |= {name: getattr(index, name) for name in _names(VideoIndex) if name.startswith("frame_")}
    head = {name: getattr(index, name) for name in _HEAD} | {"time_base": str(index.time_base)}
    arrays["head"] = np.frombuffer(json.dumps(head).encode(), np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def parse_index(data: bytes, content_hash: str) -> VideoIndex | None:
    """Read what `dump_index` wrote.

    Args:
        data: The bytes, from a file that anything may have happened to.
        content_hash: Of the media that the index is wanted for.

    Returns:
        The index, or None where the bytes are no valid index of this media.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            index = _assemble(arrays)
    except _DAMAGE:
        return None
    return index if index.content_hash == content_hash and _is_consistent(index) else None


_HEAD = ("content_hash", "width", "height", "bits", "channels", "fps", "frame_threads")


def _names(table: type[PacketTable] | type[VideoIndex]) -> list[str]:
    return [field.name for field in fields(table) if field.name != "frame_threads"]


def _assemble(arrays: Any) -> VideoIndex:
    head = json.loads(arrays["head"].tobytes())
    packets = PacketTable(**{name: arrays[name] for name in _names(PacketTable)})
    frames = {name: arrays[name] for name in _names(VideoIndex) if name.startswith("frame_")}
    values = {name: head[name] for name in _HEAD}
    return VideoIndex(**values, **frames, packets=packets, time_base=Fraction(head["time_base"]))


def _is_consistent(index: VideoIndex) -> bool:
    """Whether an index can be used without surprises: shapes, types and references fit."""
    columns = [getattr(index.packets, name) for name in _names(PacketTable)]
    frames = [index.frame_packet, index.frame_pts, index.frame_bad, index.frame_checksum]
    if any(column.shape != (len(index.packets),) for column in columns):
        return False
    if any(column.shape != (len(index),) for column in frames) or index.frame_bad.all():
        return False
    types = [column.dtype for column in (*columns, *frames)]
    if types != [np.int64] * 4 + [np.bool_] + [np.int64] * 2 + [np.bool_, np.int64]:
        return False
    known = index.frame_packet[index.frame_packet != UNKNOWN]
    return bool(((known >= 0) & (known < len(index.packets))).all()) and index.channels in (1, 3)
