"""Clips whose frames carry their number in their pixels, so that a test can tell which frame it got."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tracker.jobs import finish
from tracker.media import Counts, FrameSource, open_source
from tracker.media.video import VideoSource

WIDTH, HEIGHT = 64, 48
_BITS = 12


def coded_frame(number: int) -> NDArray[np.uint8]:
    """(HEIGHT, WIDTH) a frame with `number` written in blocks, bright for one and dark for zero."""
    frame = np.full((HEIGHT, WIDTH), 90, np.uint8)
    frame += (np.arange(WIDTH) % 16).astype(np.uint8)
    for bit, (rows, columns) in _blocks(margin=0):
        frame[rows, columns] = 220 if number >> bit & 1 else 30
    return frame


def number_of(counts: Counts) -> int:
    """The number written in a frame."""
    gray = counts if counts.ndim == 2 else counts[..., 1]
    middle = 128 if gray.dtype == np.uint8 else 128 << 6
    return sum(int(gray[place].mean() > middle) << bit for bit, place in _blocks(margin=2))


def numbers_of(source: FrameSource, indices: Sequence[int] | range) -> list[int]:
    return [number_of(source.frame(index)) for index in indices]


def _blocks(margin: int) -> list[tuple[int, tuple[slice, slice]]]:
    places = []
    for bit in range(_BITS):
        row, column = divmod(bit, 6)
        y, x = 8 + row * 20, 4 + column * 10
        places.append((bit, (slice(y + margin, y + 10 - margin), slice(x + margin, x + 8 - margin))))
    return places


def make_video(
    path: Path,
    count: int = 60,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
    *,
    pix_fmt: str = "yuv420p",
    times_ms: Sequence[int] | None = None,
    start: int = 0,
    scale: int = 1,
    container_format: str | None = None,
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Encode frames 0..count-1 at 25 frames per second, or at the given times."""
    unit = Fraction(1, 1000) if times_ms else Fraction(1, 25)
    with av.open(str(path), "w", format=container_format, options=dict(container_options or {})) as container:
        stream = container.add_stream(codec, rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = WIDTH * scale, HEIGHT * scale, pix_fmt
        stream.options = dict(options or {})
        if times_ms:
            stream.codec_context.time_base = unit
        for number in range(count):
            pixels = np.kron(coded_frame(number), np.ones((scale, scale), np.uint8))
            picture = VideoFrame.from_ndarray(pixels, "gray").reformat(format=pix_fmt)
            picture.pts, picture.time_base = times_ms[number] if times_ms else number + start, unit
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def remux(
    source: Path,
    target: Path,
    change: Callable[[int, Packet[Any]], bool] = lambda ordinal, packet: True,
    container_options: Mapping[str, str] | None = None,
) -> Path:
    """Copy the packets of a video for which `change` says True; it may alter them."""
    with av.open(str(source)) as old, av.open(str(target), "w", options=dict(container_options or {})) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        packets = (packet for packet in old.demux(old.streams.video[0]) if packet.size)
        for ordinal, packet in enumerate(packets):
            if change(ordinal, packet):
                packet.stream = stream
                new.mux(packet)
    return target


def packet_places(path: Path) -> list[tuple[int, int, int]]:
    """(presentation time, byte position, size) of each packet, in stored order."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(container.streams.video[0]) if packet.size]
        return [(packet.pts or 0, packet.pos or 0, packet.size) for packet in packets]


def damage(source: Path, target: Path, ordinal: int) -> Path:
    """Copy a video with one packet's content wiped out."""
    data = bytearray(source.read_bytes())
    _, position, size = packet_places(source)[ordinal]
    data[position + 8 : position + size] = bytes(size - 8)
    target.write_bytes(data)
    return target


def open_clip(path: Path) -> FrameSource:
    return finish(open_source(path))


def open_video_clip(path: Path) -> VideoSource:
    source = open_clip(path)
    assert isinstance(source, VideoSource)
    return source
