"""Video of 9 to 16 bits: the numbers that were stored, any frame, whatever codec kept them without loss."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.tracker.media.coded import number_of
from tracker.jobs import finish
from tracker.media import FrameSource, open_source

Open = Callable[[Path], FrameSource]
Stack = NDArray[np.uint16]

_X264 = {"qp": "0", "bf": "2", "g": "12", "x264-params": "log-level=-1"}
_X265 = {"x265-params": "lossless=1:bframes=2:keyint=12:log-level=none"}
LOSSLESS: dict[str, tuple[str, str, int, Mapping[str, str]]] = {
    "FFV1 9": ("ffv1", "gray9le", 9, {}),
    "FFV1 10": ("ffv1", "gray10le", 10, {}),
    "FFV1 12": ("ffv1", "gray12le", 12, {}),
    "FFV1 14": ("ffv1", "gray14le", 14, {}),
    "FFV1 16": ("ffv1", "gray16le", 16, {}),
    "FFV1 10 with chroma": ("ffv1", "yuv420p10le", 10, {}),
    "H.264 10": ("libx264", "gray10le", 10, _X264),
    "H.264 10 with chroma": ("libx264", "yuv420p10le", 10, _X264),
    "H.264 10, 4:2:2": ("libx264", "yuv422p10le", 10, _X264),
    "H.265 10": ("libx265", "gray10le", 10, _X265),
    "H.265 12": ("libx265", "gray12le", 12, _X265),
    "H.265 10 with chroma": ("libx265", "yuv420p10le", 10, _X265),
    "H.265 12 with chroma": ("libx265", "yuv420p12le", 12, _X265),
}


def picture(counts: Stack, name: str, bits: int) -> VideoFrame:
    """A picture with exactly these samples, and neutral chroma."""
    height, width = counts.shape
    made = VideoFrame(width, height, name)
    for number, plane in enumerate(made.planes):
        rows = np.full((plane.height, plane.line_size // 2), 1 << (bits - 1), "<u2")
        if number == 0:
            rows[:, :width] = counts
        plane.update(rows.tobytes())
    return made


def write(path: Path, stack: Stack, name: str) -> Path:
    codec, pixels, bits, options = LOSSLESS[name]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=30)
        assert isinstance(stream, VideoStream)
        stream.height, stream.width, stream.pix_fmt = stack.shape[1], stack.shape[2], pixels
        stream.options = dict(options)
        for number, counts in enumerate(stack):
            made = picture(counts, pixels, bits)
            made.pts = number
            container.mux(stream.encode(made))
        container.mux(stream.encode(None))
    return path


def noise(bits: int, count: int = 30) -> Stack:
    return np.random.default_rng(bits).integers(0, 1 << bits, (count, 32, 40)).astype(np.uint16)


@pytest.mark.parametrize("name", LOSSLESS)
def test_that_any_frame_has_the_numbers_that_were_stored(name: str, tmp_path: Path, opened: Open) -> None:
    stack = noise(LOSSLESS[name][2])
    source = opened(write(tmp_path / "clip.mkv", stack, name))
    assert (len(source), source.dtype, source.channels, source.bad_frames) == (30, np.dtype(np.uint16), 1, ())
    for index in (29, 3, 17, 16, 0, 12, 28):
        np.testing.assert_array_equal(source.frame(index), stack[index])
        np.testing.assert_array_equal(source.reopen().frame(index), stack[index])


@settings(max_examples=40)
@given(
    data=st.data(),
    name=st.sampled_from(
        [name for name in LOSSLESS if LOSSLESS[name][1].startswith("gray") and "FFV1" in name]
    ),
)
def test_that_counts_read_are_counts_written(data: st.DataObject, name: str) -> None:
    most = (1 << LOSSLESS[name][2]) - 1
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(2, 40), st.integers(2, 40)))
    stack = data.draw(hnp.arrays(np.uint16, shape, elements=st.integers(0, most)))
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / "clip.mkv", stack, name)
        with closing(finish(open_source(path, cache_dir=Path(folder)))) as source:
            for index in reversed(range(len(stack))):
                np.testing.assert_array_equal(source.frame(index), stack[index])


@pytest.mark.parametrize(
    ("codec", "pixels", "options"),
    [("libx265", "gray10le", {"x265-params": "log-level=none"}), ("libx264", "yuv420p10le", {"crf": "18"})],
)
def test_that_lossy_deep_video_is_gray_of_sixteen_bits(
    codec: str, pixels: str, options: dict[str, Any], tmp_path: Path, opened: Open
) -> None:
    from tests.tracker.media.coded import make_video

    source = opened(make_video(tmp_path / "clip.mkv", 30, codec, options, pix_fmt=pixels, scale=2))
    assert (source.dtype, source.channels) == (np.dtype(np.uint16), 1)
    frame = source.frame(21)
    assert 255 < frame.max() < 1024  # of ten bits, and not scaled
    shrunk = (frame[::2, ::2].astype(np.uint32) << 4).astype(np.uint16)
    assert number_of(shrunk) == 21
