from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests.tracker.media.coded import coded_frame, numbers_of, open_clip
from tracker.media import pixels

# 50 pixels wide: rows in memory are padded.
RAMP = (np.arange(40 * 50).reshape(40, 50) * 7 % 256).astype(np.uint8)
DEEP_RAMP = (np.arange(40 * 50).reshape(40, 50) * 31 % 16384).astype(np.uint16)
COLOURS = np.dstack((RAMP, RAMP[::-1], RAMP.T.reshape(40, 50)))


def _luma_picture(
    luma: NDArray[np.uint8], format_name: str, colour_range: ColorRange | None = None
) -> VideoFrame:
    """A picture with exactly this luma and neutral chroma."""
    height, width = luma.shape
    picture = VideoFrame(width, height, format_name)
    for number, plane in enumerate(picture.planes):
        rows = np.full((plane.height, plane.line_size), 128, np.uint8)
        if number == 0:
            rows[:, :width] = luma
        plane.update(rows.tobytes())
    if colour_range is not None:
        picture.color_range = colour_range
    return picture


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p", "nv12"])
def test_that_limited_luma_is_spread_over_the_full_range(name: str) -> None:
    counts = pixels.to_counts(_luma_picture(RAMP, name), channels=1)
    expected = np.clip(np.rint((RAMP.astype(float) - 16) * 255 / 219), 0, 255)
    assert np.array_equal(counts, expected)
    assert (counts.min(), counts.max()) == (0, 255)


@pytest.mark.parametrize(
    ("name", "colour_range"),
    [("yuvj420p", None), ("yuv420p", ColorRange.JPEG), ("gray", None), ("gray", ColorRange.MPEG)],
)
def test_that_full_range_luma_is_kept(name: str, colour_range: ColorRange | None) -> None:
    picture = _luma_picture(RAMP, name, colour_range)
    assert pixels.is_neutral(picture)
    assert np.array_equal(pixels.to_counts(picture, channels=1), RAMP)


@pytest.mark.parametrize("name", ["gray16le", "gray16be"])
def test_that_deep_gray_keeps_its_sample_values(name: str) -> None:
    picture = VideoFrame.from_ndarray(DEEP_RAMP, "gray16le").reformat(format=name)
    assert picture.format.name == name
    counts = pixels.to_counts(picture, channels=1)
    assert counts.dtype == np.uint16
    assert counts.dtype.isnative
    assert np.array_equal(counts, DEEP_RAMP)


@pytest.mark.parametrize("name", ["yuv420p10le", "yuv422p12le", "gray10le", "gray12le"])
def test_that_deep_luma_keeps_its_sample_values(name: str) -> None:
    picture = VideoFrame(50, 40, name)
    bits = pixels.layout(name).bits
    luma = DEEP_RAMP % (1 << bits)
    for number, plane in enumerate(picture.planes):
        rows = np.full((plane.height, plane.line_size // 2), 1 << (bits - 1), np.uint16)
        if number == 0:
            rows[:, :50] = luma
        plane.update(rows.tobytes())
    assert pixels.is_neutral(picture)
    assert np.array_equal(pixels.to_counts(picture, channels=1), luma)


@pytest.mark.parametrize("name", ["rgb24", "bgr24", "gbrp", "rgba", "bgr0", "yuyv422", "ya8"])
def test_that_gray_in_any_disguise_is_recognised_and_kept(name: str) -> None:
    picture = VideoFrame.from_ndarray(RAMP, "gray").reformat(format=name, dst_color_range=ColorRange.JPEG)
    assert pixels.is_neutral(picture)
    counts = pixels.to_counts(picture, channels=1)
    assert counts.shape == RAMP.shape
    if name != "yuyv422":  # the one that goes through the limited range
        assert np.array_equal(counts, RAMP)


@pytest.mark.parametrize("name", ["rgb24", "bgr24", "gbrp", "rgba", "bgr0"])
def test_that_colour_is_kept_as_it_is(name: str) -> None:
    picture = VideoFrame.from_ndarray(COLOURS, "rgb24").reformat(format=name)
    assert not pixels.is_neutral(picture)
    assert np.array_equal(pixels.to_counts(picture, channels=3), COLOURS)


def test_that_deep_planar_colour_keeps_its_sample_values() -> None:
    picture = VideoFrame(50, 40, "gbrp10le")
    for number, plane in enumerate(picture.planes):
        rows = np.full((plane.height, plane.line_size // 2), 100 * (number + 1), np.uint16)
        plane.update(rows.tobytes())
    assert not pixels.is_neutral(picture)
    counts = pixels.to_counts(picture, channels=3)
    assert counts.dtype == np.uint16
    assert counts[3, 4].tolist() == [300, 100, 200]


def test_that_a_palette_stays_colour() -> None:
    palette = np.zeros((256, 4), np.uint8)
    palette[:, 0], palette[:, 1] = 255, np.arange(256)  # ARGB: opaque, redder with each entry
    picture = VideoFrame.from_ndarray((RAMP, palette), "pal8")  # type: ignore[arg-type]  # PyAV takes a pair here
    assert not pixels.is_neutral(picture)
    counts = pixels.to_counts(picture, channels=3)
    assert np.array_equal(counts[..., 0], RAMP)
    assert not counts[..., 1:].any()


def test_that_chroma_gives_the_colour_a_viewer_shows() -> None:
    red = np.zeros((40, 50, 3), np.uint8)
    red[..., 0] = 255
    picture = VideoFrame.from_ndarray(red, "rgb24").reformat(format="yuv420p")
    assert not pixels.is_neutral(picture)
    assert np.abs(pixels.to_counts(picture, channels=3).astype(int) - red).max() <= 3


def test_that_chroma_a_step_beside_neutral_is_still_gray() -> None:
    picture = _luma_picture(RAMP, "yuv420p")
    plane = picture.planes[1]
    plane.update(np.full((plane.height, plane.line_size), 130, np.uint8).tobytes())
    assert pixels.is_neutral(picture)


@pytest.mark.parametrize(
    ("name", "supported"), [("grayf32le", False), ("gbrpf32le", False), ("gray14le", True)]
)
def test_that_only_whole_numbers_of_16_bits_are_supported(name: str, supported: bool) -> None:
    assert pixels.layout(name).is_supported == supported


def test_that_the_checksum_is_of_the_samples_not_of_the_padding() -> None:
    first, second = _luma_picture(RAMP, "yuv420p"), _luma_picture(RAMP, "yuv420p")
    plane = second.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, -1).copy()
    assert rows.shape[1] > 50
    rows[:, 50:] = 77
    plane.update(rows.tobytes())
    assert pixels.checksum(first) == pixels.checksum(second)
    rows[0, 0] ^= 1
    plane.update(rows.tobytes())
    assert pixels.checksum(first) != pixels.checksum(second)


def test_that_pictures_stored_bottom_up_are_shown_upright(tmp_path: Path) -> None:
    path = tmp_path / "raw.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("rawvideo", rate=25)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr24"
        for number in range(5):
            picture = VideoFrame.from_ndarray(coded_frame(number), "gray").reformat(format="bgr24")
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    source = open_clip(path)
    assert source.channels == 1
    assert numbers_of(source, [0, 1, 2, 3, 4]) == [0, 1, 2, 3, 4]
    assert np.array_equal(source.frame(3), coded_frame(3))
