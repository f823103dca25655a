"""Dumps of samples: read as their header file says, which can be guessed, written and read again."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from pydantic import ValidationError

from tracker.errors import MediaError
from tracker.jobs import finish
from tracker.media import FrameSource, open_source
from tracker.media.raw_header import (
    COMMON_SIZES,
    MissingHeaderError,
    RawHeader,
    guess_header,
    read_header_file,
    sidecar,
    write_header_file,
)

Open = Callable[[Path], FrameSource]
Stack = NDArray[Any]

STACKS = st.tuples(st.integers(1, 4), st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: hnp.arrays(st.sampled_from([np.uint8, np.uint16]), shape)
)


def dump(path: Path, stack: Stack, header: RawHeader) -> Path:
    """Write a stack as a header describes it."""
    gap = b"\xee" * header.gap_bytes
    frames = (frame.astype(header.dtype).tobytes() for frame in stack)
    path.write_bytes(b"\xdd" * header.header_bytes + gap.join(frames))
    write_header_file(path, header)
    return path


def scene(width: int = 640, height: int = 512, count: int = 2) -> Stack:
    """Smooth, with the noise of a sensor."""
    y, x = np.mgrid[:height, :width]
    noise = np.random.default_rng(3).normal(0, 4, (count, height, width))
    counts: Stack = 7000 + 600 * np.sin(x / 40) + 400 * np.cos(y / 30) + noise
    return counts.astype(np.uint16)


@settings(max_examples=60)
@given(
    stack=STACKS,
    order=st.sampled_from(["little", "big"]),
    header_bytes=st.integers(0, 70),
    gap_bytes=st.integers(0, 20),
)
def test_that_counts_read_are_counts_written(
    stack: Stack, order: str, header_bytes: int, gap_bytes: int
) -> None:
    header = RawHeader.model_validate(
        {
            **{
                "width": stack.shape[2],
                "height": stack.shape[1],
                "bits": 8 * stack.itemsize,
                "byte_order": order,
            },
            **{"header_bytes": header_bytes, "gap_bytes": gap_bytes, "fps": 50},
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        path = dump(Path(folder) / "clip.bin", stack, header)
        with closing(finish(open_source(path, cache_dir=Path(folder)))) as source:
            assert (len(source), source.size, source.dtype) == (len(stack), stack.shape[2:0:-1], stack.dtype)
            assert (source.kind, source.channels, source.fps) == ("stack", 1, 50)
            with closing(source.reopen()) as other:
                for index in reversed(range(len(stack))):
                    np.testing.assert_array_equal(source.frame(index), stack[index])
                    np.testing.assert_array_equal(other.frame(index), stack[index])
                    assert source.pts(index) == index / 50
        assert header.left_over(path.stat().st_size) == 0
        assert read_header_file(path) == header


def test_that_a_dump_without_a_header_says_what_to_do(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "clip.raw").write_bytes(bytes(1000))
    with pytest.raises(MissingHeaderError, match=r"thermark raw-header.*clip\.raw\.raw\.json") as caught:
        opened(tmp_path / "clip.raw")
    assert caught.value.path == tmp_path / "clip.raw"


@pytest.mark.parametrize("suffix", ["raw", "bin", "dat", "RAW"])
def test_that_the_suffix_makes_a_dump(suffix: str, tmp_path: Path, opened: Open) -> None:
    path = dump(tmp_path / f"clip.{suffix}", scene(16, 12), RawHeader(width=16, height=12))
    np.testing.assert_array_equal(opened(path).frame(1), scene(16, 12)[1])


def test_that_a_corrected_header_makes_another_clip_but_a_corrected_rate_does_not(
    tmp_path: Path, opened: Open
) -> None:
    header = RawHeader(width=16, height=12)
    path = dump(tmp_path / "clip.raw", scene(16, 12), header)
    first = opened(path)
    write_header_file(path, header.model_copy(update={"fps": 30.0}))
    same = opened(path)
    assert (same.content_hash, same.fps, first.fps) == (first.content_hash, 30.0, None)
    write_header_file(path, header.model_copy(update={"width": 12, "height": 16}))
    other = opened(path)
    assert other.size == (12, 16)
    assert other.content_hash != first.content_hash


def test_that_half_a_frame_at_the_end_is_left_out(tmp_path: Path, opened: Open) -> None:
    path = dump(tmp_path / "clip.raw", scene(16, 12), RawHeader(width=16, height=12))
    path.write_bytes(path.read_bytes()[:-10])
    assert len(opened(path)) == 1
    assert read_header_file(path).left_over(path.stat().st_size) == 2 * 16 * 12 - 10


def test_that_a_dump_that_shrinks_while_it_is_open_has_broken_frames(tmp_path: Path, opened: Open) -> None:
    path = dump(tmp_path / "clip.raw", scene(16, 12), RawHeader(width=16, height=12))
    source = opened(path)
    path.write_bytes(path.read_bytes()[:400])
    np.testing.assert_array_equal(source.frame(1), scene(16, 12)[0])
    assert source.bad_frames == (1,)


BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Invalid JSON"),
    "not JSON": (b"width=4", "Invalid JSON"),
    "a list": (b"[]", "describes no frames"),
    "without a width": (b'{"height": 4}', "width: Field required"),
    "of no pixels": (b'{"width": 0, "height": 4}', "width"),
    "of huge frames": (b'{"width": 99999999999, "height": 4}', "width"),
    "of 14 bits": (b'{"width": 4, "height": 4, "bits": 14}', "bits"),
    "of a word for a number": (b'{"width": "wide", "height": 4}', "width"),
    "with a misspelt name": (b'{"width": 4, "height": 4, "heder_bytes": 9}', "heder_bytes"),
    "with an infinite rate": (b'{"width": 4, "height": 4, "fps": Infinity}', "fps"),
    "of a later version": (b'{"width": 4, "height": 4, "version": 2}', "version"),
    "deeply nested": (b"[" * 100000, "describes no frames"),
    "larger than the file": (b'{"width": 400, "height": 400}', "larger than the file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_that_a_header_that_is_not_right_is_named(name: str, tmp_path: Path, opened: Open) -> None:
    content, said = BROKEN[name]
    (tmp_path / "clip.raw").write_bytes(bytes(1000))
    sidecar(tmp_path / "clip.raw").write_bytes(content)
    with pytest.raises(MediaError, match=said) as caught:
        opened(tmp_path / "clip.raw")
    assert "clip.raw" in caught.value.message


def test_that_an_empty_dump_is_named(tmp_path: Path, opened: Open) -> None:
    path = dump(tmp_path / "clip.raw", scene(16, 12)[:0], RawHeader(width=16, height=12))
    with pytest.raises(MediaError, match="larger than the file"):
        opened(path)


@settings(max_examples=100)
@given(data=st.binary(max_size=300))
def test_that_any_bytes_for_a_header_end_in_a_header_or_a_clear_error(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clip.raw"
        sidecar(path).write_bytes(data)
        with pytest.raises(MediaError):
            read_header_file(path)


@pytest.mark.parametrize("size", [(640, 512), (320, 256), (160, 120), (384, 288), (1280, 1024)])
@pytest.mark.parametrize("order", ["little", "big"])
def test_that_size_and_byte_order_are_guessed(size: tuple[int, int], order: str, tmp_path: Path) -> None:
    header = RawHeader.model_validate({"width": size[0], "height": size[1], "byte_order": order})
    path = dump(tmp_path / "clip.raw", scene(*size), header)
    assert guess_header(path) == header


def test_that_eight_bits_are_guessed(tmp_path: Path) -> None:
    header = RawHeader(width=320, height=240, bits=8)
    stack = (scene(320, 240, 3) // 40).astype(np.uint8)
    assert guess_header(dump(tmp_path / "clip.raw", stack, header)) == header


@pytest.mark.parametrize("header_bytes", [64, 512, 1024])
def test_that_a_short_header_is_guessed(header_bytes: int, tmp_path: Path) -> None:
    header = RawHeader(width=160, height=120, header_bytes=header_bytes)
    assert guess_header(dump(tmp_path / "clip.raw", scene(160, 120, 30), header)) == header


@pytest.mark.parametrize("content", [b"", b"odd", bytes(4000)])
def test_that_there_is_always_a_first_guess(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "clip.raw").write_bytes(content)
    assert guess_header(tmp_path / "clip.raw") == RawHeader(
        width=COMMON_SIZES[0][0], height=COMMON_SIZES[0][1]
    )


def test_that_headers_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        write_header_file(tmp_path / "no" / "clip.raw", RawHeader(width=4, height=4))
    beside = write_header_file(tmp_path / "clip.raw", RawHeader(width=4, height=4))
    assert [path.name for path in tmp_path.iterdir()] == [beside.name]
    assert json.loads(beside.read_text())["width"] == 4
    with pytest.raises(ValidationError):
        RawHeader(width=4, height=0)
