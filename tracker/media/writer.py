"""Writes frames as a video."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from tracker.errors import MediaError
from tracker.media.source import Counts

LOSSLESS = "ffv1"
# Version 3 with checksums, so that damage is noticed (RFC 9043); every frame by itself, so that any is found at once.
_LOSSLESS_OPTIONS = {"level": "3", "slicecrc": "1", "g": "1"}


def write_video(
    path: Path,
    frames: Iterable[Counts],
    fps: float,
    codec: str = "libx264",
    options: Mapping[str, str] | None = None,
) -> int:
    """Write a video; at any moment `path` is either what it was before or the whole new file.

    Args:
        path: The file; its suffix names the container (.mp4, .mkv, .avi).
        frames: All of one size and type: (H, W) or (H, W, 3) RGB. uint16 needs `codec` "ffv1".
        fps: Frames per second.
        codec: "libx264" for any viewer, lossy; "ffv1" (in .mkv) for exactly these counts.
        options: Of the encoder, for example {"crf": "18"}.

    Returns:
        Number of frames written.

    Raises:
        MediaError: There are no frames, they differ or do not fit the codec, or the file cannot be written.
    """
    stream_of_frames = iter(frames)
    first = next(stream_of_frames, None)
    if first is None:
        raise MediaError("there are no frames to write.", where=path)
    part = path.with_name(f".part-{path.name}")
    try:
        count = _encode(
            path, part, first, chain((first,), stream_of_frames), (fps, codec, dict(options or {}))
        )
        part.replace(path)
    except (FFmpegError, OSError) as error:
        raise MediaError(f"the video cannot be written ({error.strerror}).", where=path) from error
    finally:
        with suppress(FileNotFoundError):
            part.unlink()
    return count


def _encode(
    path: Path,
    part: Path,
    first: Counts,
    frames: Iterable[Counts],
    settings: tuple[float, str, dict[str, str]],
) -> int:
    fps, codec, options = settings
    stored, count = _stored_format(path, first, codec), 0
    with av.open(str(part), "w") as container:
        stream = _add_stream(container, first, stored, Fraction(fps).limit_denominator(1001), codec)
        stream.options = {**(_LOSSLESS_OPTIONS if codec == LOSSLESS else {}), **options}
        for count, counts in enumerate(frames, start=1):
            if counts.shape != first.shape or counts.dtype != first.dtype:
                raise MediaError(f"frame {count - 1} differs in size or type from the first.", where=path)
            picture = _picture(counts, stored)
            picture.pts = count - 1
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return count


def add_lossless_stream(container: OutputContainer, first: Counts, rate: Fraction) -> VideoStream:
    """Add an FFV1 stream for frames like `first` to a file that is being written."""
    stream = _add_stream(container, first, _lossless_format(first), rate, LOSSLESS)
    # FFmpeg cannot cut pictures of one column into slices.
    stream.options = {**_LOSSLESS_OPTIONS, **({} if first.shape[1] > 1 else {"slices": "1"})}
    return stream


def lossless_picture(counts: Counts) -> VideoFrame:
    """A frame for such a stream; without a time."""
    return _picture(counts, _lossless_format(counts))


def _lossless_format(counts: Counts) -> str:
    return {(2, 1): "gray", (2, 2): "gray16le", (3, 1): "bgr0"}.get(
        (counts.ndim, counts.itemsize), "gbrp16le"
    )


def _add_stream(
    container: OutputContainer, first: Counts, stored: str, rate: Fraction, codec: str
) -> VideoStream:
    stream = container.add_stream(codec, rate=rate)
    if not isinstance(stream, VideoStream):
        raise MediaError(f"{codec} is no video codec.")
    stream.height, stream.width = first.shape[:2]
    stream.pix_fmt = stored
    return stream


def _stored_format(path: Path, counts: Counts, codec: str) -> str:
    """FFmpeg's name of the pixel format that a codec shall store such frames in."""
    if codec == LOSSLESS:
        return _lossless_format(counts)
    if counts.dtype == np.uint16:
        raise MediaError(f"{codec} cannot store 16-bit frames.", where=path, todo='Use the codec "ffv1".')
    has_even_size = counts.shape[0] % 2 == 0 and counts.shape[1] % 2 == 0
    return "yuv420p" if has_even_size else "yuv444p"


def _picture(counts: Counts, stored: str) -> VideoFrame:
    gray, rgb = ("gray", "rgb24") if counts.dtype == np.uint8 else ("gray16le", "rgb48le")
    given = gray if counts.ndim == 2 else rgb
    picture = VideoFrame.from_ndarray(counts if counts.flags.c_contiguous else counts.copy(), given)
    if given != stored:
        picture = picture.reformat(format=stored)
    return picture
