"""Decodes a scanned video forward, from any of its key packets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from av.error import FFmpegError

from tracker.errors import MediaError
from tracker.media.container import Picture, VideoFile, VideoPacket, decode, open_video_file, packets
from tracker.media.content_hash import file_fingerprint
from tracker.media.video_index import UNKNOWN, VideoIndex

# After a seek the demuxer may start between key packets; this far on is one, or the seek went astray.
_MAX_PACKETS_TO_KEY = 1000


class PacketReader:
    """A decoder standing somewhere in a video.

    Args:
        path: The file.
        index: What the scan found out.
        fingerprint: `file_fingerprint` of the file when it was scanned.

    Attributes:
        begun_at: Ordinal of the key packet that decoding began at.
        sent: Ordinal of the next packet to be decoded.
        has_ended: Nothing more can be decoded from here; `start` again.
        decoded: Pictures that came out of the decoder so far.
    """

    def __init__(self, path: Path, index: VideoIndex, fingerprint: str) -> None:
        self._path, self._index, self._fingerprint = path, index, fingerprint
        self._file: VideoFile | None = None
        self._packets: Iterator[VideoPacket] = iter(())
        self.begun_at = self.sent = 0
        self.has_ended = True
        self.decoded = 0

    def start(self, key: int) -> None:
        """Stand at key packet `key`, or, where the file's own index does not lead there, at one before it.

        Raises:
            MediaError: The file is gone or was changed.
        """
        self._require_unchanged()
        landed = self._seek(key) if key else None
        if landed is None:
            landed = self._rewind()
        self.begun_at = self.sent = landed
        self.has_ended = False

    def step(self) -> list[Picture]:
        """Decode one packet; after the last one, what the decoder still holds."""
        packet = next(self._packets, None)
        if packet is not None and not self._is_next(packet):
            packet = None
        self.has_ended = packet is None
        pictures, _ = decode(self._opened(), packet, self.sent)
        self.sent += 1
        self.decoded += len(pictures)
        return pictures

    def close(self) -> None:
        """Release the file and the decoder."""
        if self._file is not None:
            self._file.close()
        self._file, self._packets, self.has_ended = None, iter(()), True

    def _opened(self) -> VideoFile:
        if self._file is None:
            self._file = open_video_file(self._path)
            if self._index.frame_threads:
                self._file.use_frame_threads()
        return self._file

    def _rewind(self) -> int:
        self.close()
        self._packets = packets(self._opened())
        return 0

    def _seek(self, key: int) -> int | None:
        """Where a seek for packet `key` leads: it, or the best key packet before it, or None."""
        best: tuple[int, int, bool] | None = None
        for target, is_byte in self._targets(key):
            landed = self._land(target, is_byte)
            if landed == key:
                return landed
            if landed is not None and landed < key and (best is None or landed > best[0]):
                best = landed, target, is_byte
        return self._land(*best[1:]) if best is not None else None

    def _targets(self, key: int) -> list[tuple[int, bool]]:
        """What to seek for: (time or byte position, whether it is a position), the most likely first."""
        table = self._index.packets
        times = (int(table.packet_pts[key]), int(table.packet_dts[key]))
        targets = [(time, False) for time in dict.fromkeys(times) if time != UNKNOWN]
        position = int(table.packet_pos[key])
        return targets if position == UNKNOWN else [*targets, (position, True)]

    def _land(self, target: int, is_byte: bool) -> int | None:
        """Seek, and stand at the first key packet that is surely recognised there."""
        file = self._opened()
        try:
            file.container.seek(target, stream=file.stream, unsupported_byte_offset=is_byte)
        except FFmpegError:
            return None
        incoming = packets(file)
        for _, packet in zip(range(_MAX_PACKETS_TO_KEY), incoming, strict=False):
            ordinal = self._index.packets.find(packet) if packet.is_keyframe else None
            if ordinal is not None:
                self._packets = _with_first(packet, incoming)
                return ordinal
        return None

    def _is_next(self, packet: VideoPacket) -> bool:
        table = self._index.packets
        return self.sent < len(table) and packet.size == table.packet_size[self.sent]

    def _require_unchanged(self) -> None:
        try:
            is_same = file_fingerprint(self._path) == self._fingerprint
        except OSError:
            raise MediaError(
                "the video is gone.", where=self._path, todo="Put it back and try again."
            ) from None
        if not is_same:
            raise MediaError(
                "the video was changed since it was opened.", where=self._path, todo="Open it again."
            )


def _with_first(first: VideoPacket, rest: Iterator[VideoPacket]) -> Iterator[VideoPacket]:
    yield first
    yield from rest
