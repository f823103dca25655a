"""A video file opened with PyAV: its packets in stored order, and one step of decoding.

Every packet is known by its ordinal, its 0-based place in stored order. Before a packet is decoded its
PTS is replaced by that ordinal; decoders hand the PTS of a packet on to the picture made from it, so a
picture says which packet it came from even where the file's own times are missing, doubled or wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tracker.errors import MediaError
from tracker.media.facts import NO_FACTS, SensorFacts, facts_from_json

VideoPacket: TypeAlias = "Packet[VideoStream]"
Picture: TypeAlias = tuple[int, VideoFrame]
"""The ordinal of a packet, and what was decoded from it."""

_MAX_PIXELS = 1 << 27
# Demuxers that draw text as pictures or only name other files: nothing of a clip is in such a file.
_REFUSED_FORMATS = frozenset({"tty", "hls", "dash", "concat", "sdp", "imf"})
# A demuxer may report several broken places one after another; one that reports this many is stuck.
_MAX_DEMUX_ERRORS = 64
_OTHER_FILE = "Choose a video file, or a folder of images."


@dataclass(frozen=True)
class VideoFile:
    """An open video file and its first real video stream."""

    container: InputContainer
    stream: VideoStream

    @property
    def picture_size(self) -> int:
        """Pixels of a picture."""
        return self.stream.codec_context.width * self.stream.codec_context.height

    @property
    def has_frame_threads(self) -> bool:
        """Whether several pictures are decoded at once."""
        return bool(self.stream.thread_type & ThreadType.FRAME)

    def use_frame_threads(self) -> None:
        """Decode several pictures at once; to be called before the first packet.

        It is faster for large pictures. Yet after an error the decoder may swallow good pictures, so
        damaged clips are read without.
        """
        self.stream.thread_type = "AUTO"

    def close(self) -> None:
        """Release the file and the decoder."""
        # Decoder threads must be idle before the decoder is freed.
        self.stream.codec_context.flush_buffers()
        self.container.close()

    def declared_packets(self, path: Path) -> int:
        """How many packets the file says it has, 0 where it does not say so reliably.

        A file that was cut off keeps this number, and so the number of its lost frames is known.
        """
        name = self.container.format.name
        if "mp4" in name:
            return sum(entry.size > 0 for entry in self.stream.index_entries)
        if name == "avi" and _is_cut_riff(path):
            return self.stream.frames
        return 0


def open_video_file(path: Path) -> VideoFile:
    """Open a video file for decoding, one picture at a time.

    Raises:
        MediaError: The file is gone, may not be read, or is not a video.
    """
    container = _open_container(path)
    try:
        stream = _video_stream(path, container)
    except MediaError:
        container.close()
        raise
    stream.thread_type = "SLICE"
    return VideoFile(container, stream)


FACTS_TAG = "THERMARK_FACTS"
"""Name of the tag in Matroska that holds what is known about the camera."""


def read_facts(path: Path) -> SensorFacts:
    """What a video says about its camera; nothing where it has no such tag, or cannot be opened."""
    try:
        container = _open_container(path)
    except MediaError:
        return NO_FACTS
    try:
        return facts_from_json(container.metadata.get(FACTS_TAG, ""))
    finally:
        container.close()


def packets(video: VideoFile, on_error: Callable[[], None] | None = None) -> Iterator[VideoPacket]:
    """The packets from where the container stands to its end, passing over places that cannot be read.

    Args:
        video: The file.
        on_error: Called at each such place.
    """
    for _ in range(_MAX_DEMUX_ERRORS):
        try:
            for packet in video.container.demux(video.stream):
                if packet.size:  # an empty one marks the end, or a picture that was never stored
                    yield packet
        except FFmpegError:
            if on_error is not None:
                on_error()
            continue
        return


def decode(video: VideoFile, packet: VideoPacket | None, ordinal: int) -> tuple[list[Picture], bool]:
    """Give one packet to the decoder and take what comes out.

    Args:
        video: The file.
        packet: The packet; None at the end, for the pictures still held back.
        ordinal: The packet's place in stored order; at the end that of the last one.

    Returns:
        The pictures that came out, in display order; and whether all was well.
    """
    if packet is not None:
        packet.pts = packet.dts = ordinal
    try:
        pictures = video.stream.codec_context.decode(packet)
    except FFmpegError:
        return [], False
    return [(_source_of(picture, ordinal), picture) for picture in pictures], True


def _source_of(picture: VideoFrame, latest: int) -> int:
    is_ordinal = picture.pts is not None and 0 <= picture.pts <= latest
    return picture.pts if is_ordinal and picture.pts is not None else latest


def _open_container(path: Path) -> InputContainer:
    try:
        # Only this one file is opened, whatever it says about others.
        container = av.open(
            str(path.absolute()),
            container_options={"protocol_whitelist": "file"},
            metadata_errors="replace",  # nobody reads the texts in it
        )
    except FileNotFoundError:
        raise MediaError(
            "the video is gone.", where=path, todo="Put it back, or open it where it is."
        ) from None
    except PermissionError:
        raise MediaError("you may not read this file.", where=path, todo="Change its permissions.") from None
    except (FFmpegError, OSError) as error:
        raise _not_a_video(path, error) from error
    if container.format.name in _REFUSED_FORMATS:
        container.close()
        raise MediaError("is not a video.", where=path, todo=_OTHER_FILE)
    return container


def _not_a_video(path: Path, error: FFmpegError | OSError) -> MediaError:
    with path.open("rb") as file:
        head = file.read(12)
    if not head:
        return MediaError("the file is empty.", where=path, todo=_OTHER_FILE)
    if head[4:8] == b"ftyp":
        return MediaError(
            "the recording was cut off: its table of frames (moov) is missing or broken.",
            where=path,
            todo="Copy the file again from where it was made, or repair it with an MP4 repair tool.",
        )
    return MediaError(f"is not a video that can be read ({error.strerror}).", where=path, todo=_OTHER_FILE)


def _video_stream(path: Path, container: InputContainer) -> VideoStream:
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise MediaError("has no video in it.", where=path, todo=_OTHER_FILE)
    context = streams[0].codec_context
    if context is None:
        raise MediaError("its video codec is not known.", where=path, todo="Convert it, for example to FFV1.")
    if context.width * context.height > _MAX_PIXELS:  # refused before a decoder asks for the memory
        raise MediaError(f"its frames are too large ({context.width} x {context.height}).", where=path)
    return streams[0]


def _is_cut_riff(path: Path) -> bool:
    """Whether an AVI file is shorter than its first chunk says."""
    with path.open("rb") as file:
        head = file.read(8)
    return path.stat().st_size < int.from_bytes(head[4:8], "little") + 8
