"""From decoded pictures to counts.

Gray and luma samples deeper than 8 bits, and planar RGB, are kept as they are. 8-bit luma in the limited
range (16..235, ITU-R BT.601) is spread over 0..255, as every viewer does. Colour goes through swscale.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from tracker.media.source import Counts
from tracker.opencv import cv2

Samples = NDArray[Any]

# Lossy codecs leave the chroma of gray footage a step or two beside neutral; any real colour lies far off.
_NEUTRAL_TOLERANCE = 6
_LUMA_IN_PLANE_0 = re.compile(r"gray\d*(le|be)?|yuv.*|nv\d\d(le|be)?")
_FLOAT = re.compile(r".*f(16|32)(le|be)?")
_FULL_RANGE = np.clip(np.rint((np.arange(256) - 16.0) * 255 / 219), 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class PixelLayout:
    """How pictures of one pixel format lie in memory.

    Attributes:
        name: FFmpeg's name of the format.
        bits: Of a sample.
        is_supported: Samples are whole numbers of at most 16 bits.
        is_luma: The first plane holds luma, or gray, alone.
        is_limited: That luma goes from 16 to 235, unless the picture says otherwise.
        is_mixed: Luma lies in one plane with chroma or alpha.
        row_bits: Bits of a pixel in the first plane.
        sample: Type of a sample.
    """

    name: str
    bits: int
    is_supported: bool
    is_luma: bool
    is_limited: bool
    is_mixed: bool
    row_bits: int
    sample: np.dtype[Any]


@lru_cache(maxsize=64)
def layout(name: str) -> PixelLayout:
    """The layout of a pixel format.

    Args:
        name: FFmpeg's name of it, for example "yuv420p".
    """
    known = VideoFormat(name, 64, 64)
    bits = max(component.bits for component in known.components)
    is_luma = _LUMA_IN_PLANE_0.fullmatch(name) is not None
    is_packed = sum(component.plane == 0 for component in known.components) > 1 or known.is_bit_stream
    order = ">" if known.is_big_endian else "<"
    return PixelLayout(
        name=name,
        bits=bits,
        is_supported=bits <= 16 and _FLOAT.fullmatch(name) is None,
        is_luma=is_luma,
        is_limited=bits <= 8 and name.startswith(("yuv4", "yuva", "nv")),
        is_mixed=not (is_luma or known.is_rgb or known.has_palette or known.is_bayer),
        row_bits=known.padded_bits_per_pixel if is_packed else 8 if bits <= 8 else 16,
        sample=np.dtype(np.uint8) if bits <= 8 else np.dtype(f"{order}u2"),
    )


def checksum(frame: VideoFrame) -> int:
    """A number that tells one picture from another: CRC-32 of its first plane."""
    plane = frame.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1)
    width = (plane.width * layout(frame.format.name).row_bits + 7) // 8
    return zlib.crc32(np.ascontiguousarray(rows[:, :width]).data)


def is_neutral(frame: VideoFrame) -> bool:
    """Whether the picture shows gray alone, however it is stored."""
    frame = _unmixed(frame)
    form = layout(frame.format.name)
    tolerance = _NEUTRAL_TOLERANCE << max(form.bits - 8, 0)
    if form.is_luma:
        chroma = (_plane(frame, k) for k in range(1, min(len(frame.planes), 3)))
        return all(_spread(plane, 1 << (form.bits - 1)) <= tolerance for plane in chroma)
    rgb = _rgb(frame)
    return all(_distance(rgb[..., 1], rgb[..., k]) <= tolerance for k in (0, 2))


def to_counts(frame: VideoFrame, channels: int) -> Counts:
    """The counts of a picture, read-only.

    Args:
        frame: The picture.
        channels: 1 for (H, W), the clip being gray; 3 for (H, W, 3) RGB.
    """
    frame = _unmixed(frame)
    counts = _gray(frame) if channels == 1 else _rgb(frame)
    dtype = np.uint8 if layout(frame.format.name).bits <= 8 else np.uint16
    if not counts.flags.owndata or counts.dtype != dtype:  # a view of the decoder's memory, or big-endian
        counts = np.array(counts, dtype, order="C")
    counts.setflags(write=False)
    return counts


def _gray(frame: VideoFrame) -> Samples:
    form = layout(frame.format.name)
    if not form.is_luma:
        return np.asarray(_rgb(frame)[..., 1])
    luma = _plane(frame, 0)
    if not form.is_limited or frame.color_range == ColorRange.JPEG:
        return luma
    return np.asarray(cv2.LUT(np.ascontiguousarray(luma), _FULL_RANGE))


def _rgb(frame: VideoFrame) -> Samples:
    form = layout(frame.format.name)
    if form.name.startswith("gbr"):
        green, blue, red = (_plane(frame, k) for k in range(3))
        return np.dstack((red, green, blue))
    name = "rgb24" if form.bits <= 8 else "rgb48le"
    if form.name != name:
        # PyAV takes every source for limited range unless it is told.
        frame = frame.reformat(
            format=name, src_color_range=frame.color_range, dst_color_range=ColorRange.JPEG
        )
    return _plane(frame, 0, samples_per_pixel=3).reshape(frame.height, frame.width, 3)


def _unmixed(frame: VideoFrame) -> VideoFrame:
    """The picture, with luma in a plane of its own where it lay with chroma or alpha."""
    form = layout(frame.format.name)
    if not form.is_mixed:
        return frame
    deep = "" if form.bits <= 8 else f"{max(form.bits, 10)}le"
    kind = "gray" if form.name.startswith(("ya", "mono")) else "yuv444p"
    # From a range to the same range: luma samples keep their values.
    return frame.reformat(
        format=kind + deep, src_color_range=frame.color_range, dst_color_range=frame.color_range
    )


def _plane(frame: VideoFrame, index: int, samples_per_pixel: int = 1) -> Samples:
    """(H, W * samples_per_pixel) samples of one plane; a view of the picture's memory."""
    plane, form = frame.planes[index], layout(frame.format.name)
    rows: Samples = np.frombuffer(memoryview(plane), form.sample).reshape(plane.height, -1)
    if plane.line_size < 0:  # stored bottom-up
        rows = rows[::-1]
    if form.name.startswith("nv") and index == 1:
        samples_per_pixel = 2
    return rows[:, : plane.width * samples_per_pixel]


def _spread(plane: Samples, centre: int) -> int:
    return max(int(plane.max()) - centre, centre - int(plane.min()))


def _distance(first: Samples, second: Samples) -> int:
    return int(np.max(np.maximum(first, second) - np.minimum(first, second)))
