"""H.264 in MP4, frame by frame with their true times."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from av.codec.codec import UnknownCodecError
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from tracker.errors import OutputError
from tracker.output.ink import Rgb

ENCODER = "libx264"
TICKS = 90_000
"""Of the clock of an MP4 per second: whole for all usual rates, and for milliseconds."""

PRESET = "veryfast"
"""Of x264: files some tenth larger than with its slow ones, at several times the speed."""

KEY_FRAME_SECONDS = 2.0
LARGEST = 16384
"""Pixels of a side that x264 takes."""


class Mp4Writer:
    """A context that writes pictures into an MP4 as they come.

    Args:
        path: The file.
        size: (width, height) of the pictures; one pixel is added where a side is odd, as yuv420p wants it.
        fps: Their rate, as far as it is known: for the encoder's decisions, not for times.
        rate_factor: Of x264.
        title: For the file's metadata.
        is_even: Whether the pictures follow one another evenly. Where they do not, no picture refers to a later one:
            the format's decoding times then are the times of the pictures, and the sum of all durations, by which
            players stop, is right also where the clip ends with a gap.

    Raises:
        OutputError: There is no encoder, or the pictures are too large.
    """

    def __init__(
        self,
        path: Path,
        size: tuple[int, int],
        fps: float,
        rate_factor: int,
        title: str = "",
        *,
        is_even: bool = True,
    ) -> None:
        if max(size) > LARGEST:
            raise OutputError(
                f"{size[0]} x {size[1]} pixels are too many for H.264.", todo="Choose a smaller scale."
            )
        require_encoder()
        self._path, self._size, self._latest = path, size, -1
        self._rate = Fraction(fps).limit_denominator(1001)
        gop = max(round(fps * KEY_FRAME_SECONDS), 1)
        self._options = {"preset": PRESET, "crf": str(rate_factor), "g": str(gop)}
        if not is_even:
            self._options["bf"] = "0"
        self._title = title

    def __enter__(self) -> Mp4Writer:
        self._container = av.open(
            str(self._path),
            "w",
            format="mp4",
            options={"movflags": "+faststart", "video_track_timescale": str(TICKS)},
        )
        try:
            if self._title:
                self._container.metadata["title"] = self._title
            self._stream = self._add_stream()
        except BaseException:
            self._container.close()
            raise
        return self

    def _add_stream(self) -> VideoStream:
        stream = self._container.add_stream(ENCODER, rate=self._rate, options=self._options)
        if not isinstance(stream, VideoStream):
            raise OutputError(f"{ENCODER} is no video encoder.")
        stream.width, stream.height = (side + side % 2 for side in self._size)
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.time_base = Fraction(1, TICKS)
        context.colorspace, context.color_range = Colorspace.ITU709, ColorRange.MPEG
        context.color_primaries = context.color_trc = 1  # BT.709, so that every viewer shows the same colours
        return stream

    def add(self, picture: Rgb, seconds: float) -> None:
        """Append a picture (H, W, 3).

        Args:
            picture: Its colours.
            seconds: When it is shown, counted from the first one; a tick after the one before, at the earliest.
        """
        even = (
            np.pad(picture, [(0, side % 2) for side in picture.shape[:2]] + [(0, 0)], mode="edge")
            if (picture.shape[0] % 2 or picture.shape[1] % 2)
            else picture
        )
        frame = VideoFrame.from_ndarray(np.ascontiguousarray(even), "rgb24").reformat(
            format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )
        self._latest = max(round(seconds * TICKS), self._latest + 1)
        frame.pts, frame.time_base = self._latest, Fraction(1, TICKS)
        self._container.mux(self._stream.encode(frame))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()


def require_encoder() -> None:
    """Make sure that there is an encoder.

    Raises:
        OutputError: This build of FFmpeg has none.
    """
    try:
        av.Codec(ENCODER, "w")
    except UnknownCodecError:
        raise OutputError(
            f"this installation's FFmpeg has no H.264 encoder ({ENCODER}).",
            todo="Install PyAV from its wheel: pip install --force-reinstall --only-binary av av",
        ) from None
