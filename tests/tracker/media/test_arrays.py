"""Arrays inside HDF5 files and Zarr stores: the only one, or the one that is named."""

from __future__ import annotations

import builtins
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Literal

import h5py  # type: ignore[import-untyped]  # ships no type information
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import finish
from tracker.media import FrameSource, open_source
from tracker.media.array_stack import SeveralArraysError

Open = Callable[[Path], FrameSource]
Stack = NDArray[Any]
Arrays = dict[str, Stack]


def write_hdf5(path: Path, arrays: Arrays) -> Path:
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            has_chunks = array.ndim > 2 and array.size > 0
            chunks = (min(2, len(array)), *array.shape[1:]) if has_chunks else None
            file.create_dataset(name, data=array, chunks=chunks, compression="gzip" if has_chunks else None)
    return path


def write_zarr(path: Path, arrays: Arrays, version: Literal[2, 3] = 3) -> Path:
    group = zarr.open_group(str(path), mode="w", zarr_format=version)
    for name, array in arrays.items():
        group.create_array(name, data=array)
    return path


def write_zarr_2(path: Path, arrays: Arrays) -> Path:
    return write_zarr(path, arrays, 2)


Writer = Callable[[Path, Arrays], Path]
WRITERS: dict[str, tuple[Writer, str]] = {
    "hdf5": (write_hdf5, "clip.h5"),
    "zarr 3": (write_zarr, "clip.zarr"),
    "zarr 2": (write_zarr_2, "clip"),
}

STACKS = st.tuples(st.integers(1, 5), st.integers(1, 9), st.integers(1, 9)).flatmap(
    lambda shape: hnp.arrays(st.sampled_from([np.uint8, np.uint16]), shape)
)


def sample(count: int = 6) -> Stack:
    return np.random.default_rng(0).integers(0, 1 << 14, (count, 12, 16)).astype(np.uint16)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=15)
@given(stack=STACKS)
def test_that_counts_read_are_counts_written(name: str, stack: Stack) -> None:
    write, file = WRITERS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = write(Path(folder) / file, {"camera/frames": stack, "times": np.arange(len(stack)) / 30})
        with (
            closing(finish(open_source(path, cache_dir=Path(folder) / "cache"))) as source,
            closing(source.reopen()) as other,
        ):
            assert (len(source), source.size, source.dtype) == (len(stack), stack.shape[2:0:-1], stack.dtype)
            assert (source.kind, source.channels, source.path) == ("stack", 1, path)
            for index in reversed(range(len(stack))):
                np.testing.assert_array_equal(source.frame(index), stack[index])
                np.testing.assert_array_equal(other.frame(index), stack[index])


@pytest.mark.parametrize("name", WRITERS)
def test_that_colour_stays_colour(name: str, tmp_path: Path, opened: Open) -> None:
    write, file = WRITERS[name]
    stack = np.random.default_rng(1).integers(0, 256, (4, 10, 12, 3)).astype(np.uint8)
    source = opened(write(tmp_path / file, {"frames": stack}))
    assert source.channels == 3
    np.testing.assert_array_equal(source.frame(2), stack[2])


@pytest.mark.parametrize("name", WRITERS)
def test_that_of_several_arrays_one_is_named(name: str, tmp_path: Path, opened: Open) -> None:
    write, file = WRITERS[name]
    path = write(tmp_path / file, {"left/frames": sample(), "right/frames": sample()[:4] + 1})
    with pytest.raises(SeveralArraysError, match=f"2 arrays.*{file}::/left/frames") as caught:
        opened(path)
    assert caught.value.names == ("/left/frames", "/right/frames")
    left, right = (opened(Path(f"{path}::{inside}")) for inside in caught.value.names)
    assert left.path == Path(f"{path}::/left/frames")
    assert left.content_hash != right.content_hash
    assert (len(left), len(right)) == (6, 4)
    np.testing.assert_array_equal(right.reopen().frame(3), sample()[3] + 1)
    again = opened(right.path)  # from the cache
    assert again.content_hash == right.content_hash


@pytest.mark.parametrize("name", WRITERS)
def test_that_a_name_that_is_not_there_is_answered_with_those_that_are(
    name: str, tmp_path: Path, opened: Open
) -> None:
    write, file = WRITERS[name]
    path = write(tmp_path / file, {"frames": sample(), "times": np.arange(6.0)})
    with pytest.raises(MediaError, match="no array /nothing; it has /frames, /times"):
        opened(Path(f"{path}::/nothing"))
    with pytest.raises(MediaError, match="/times holds no frames of counts: 6 float64"):
        opened(Path(f"{path}::/times"))


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize(
    "array", [np.zeros((3, 4), np.uint16), np.zeros((3, 4, 5), np.float32), np.zeros((3, 4, 5), np.int16)]
)
def test_that_a_file_without_frames_says_what_it_has(
    name: str, array: Stack, tmp_path: Path, opened: Open
) -> None:
    write, file = WRITERS[name]
    with pytest.raises(MediaError, match=r"no array of frames; it has /data 3x4.*uint8 or uint16"):
        opened(write(tmp_path / file, {"data": array}))


def test_that_a_store_that_is_one_array_is_the_clip(tmp_path: Path, opened: Open) -> None:
    zarr.create_array(str(tmp_path / "clip.zarr"), data=sample())
    np.testing.assert_array_equal(opened(tmp_path / "clip.zarr").frame(5), sample()[5])


def test_that_a_changed_store_is_read_again(tmp_path: Path, opened: Open) -> None:
    first = opened(write_zarr(tmp_path / "clip.zarr", {"frames": sample()}))
    second = opened(write_zarr(tmp_path / "clip.zarr", {"frames": sample() + 1}))
    assert first.content_hash != second.content_hash
    np.testing.assert_array_equal(second.frame(0), sample()[0] + 1)


def test_that_a_chunk_that_is_broken_breaks_its_frames_alone(tmp_path: Path, opened: Open) -> None:
    group = zarr.open_group(str(tmp_path / "clip.zarr"), mode="w")
    group.create_array("frames", data=sample(), chunks=(1, 12, 16))
    (tmp_path / "clip.zarr" / "frames" / "c" / "3" / "0" / "0").write_bytes(b"not zstandard")
    source = opened(tmp_path / "clip.zarr")
    np.testing.assert_array_equal(source.frame(3), sample()[2])
    np.testing.assert_array_equal(source.frame(4), sample()[4])
    assert source.bad_frames == (3,)


def test_that_huge_arrays_are_not_unpacked(tmp_path: Path, opened: Open) -> None:
    with h5py.File(tmp_path / "wide.h5", "w") as file:
        file.create_dataset("frames", (10, 1 << 20, 1 << 20), np.uint16, chunks=(1, 64, 64))
    with pytest.raises(MediaError, match="no array of frames"):
        opened(tmp_path / "wide.h5")
    with h5py.File(tmp_path / "chunk.h5", "w") as file:
        file.create_dataset("frames", (4096, 512, 640), np.uint16, chunks=(2048, 512, 640))
    with pytest.raises(MediaError, match="no array of frames"):
        opened(tmp_path / "chunk.h5")


def test_that_links_to_other_files_are_not_followed(tmp_path: Path, opened: Open) -> None:
    write_hdf5(tmp_path / "other.h5", {"frames": sample()})
    with h5py.File(tmp_path / "clip.h5", "w") as file:
        file["frames"] = h5py.ExternalLink(str(tmp_path / "other.h5"), "/frames")
    with pytest.raises(MediaError, match="no arrays at all"):
        opened(tmp_path / "clip.h5")


BROKEN = {
    "empty.h5": b"",
    "other.h5": b"not a file of HDF5" * 40,
    "head.h5": b"\x89HDF\r\n\x1a\n" + bytes(600),
}


@pytest.mark.parametrize("name", BROKEN)
def test_that_a_broken_file_is_named(name: str, tmp_path: Path, opened: Open) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])
    with pytest.raises(MediaError, match=name):
        opened(tmp_path / name)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[" * 5000, b'{"zarr_format": 3, "node_type": "array", "shape": []}']
)
def test_that_a_broken_store_is_named(content: bytes, tmp_path: Path, opened: Open) -> None:
    (tmp_path / "clip.zarr").mkdir()
    with pytest.raises(MediaError, match=r"clip\.zarr"):
        opened(tmp_path / "clip.zarr")
    (tmp_path / "clip.zarr" / "zarr.json").write_bytes(content)
    with pytest.raises(MediaError, match=r"clip\.zarr"):
        opened(tmp_path / "clip.zarr")


def test_that_a_truncated_file_is_named_or_has_broken_frames(tmp_path: Path, opened: Open) -> None:
    path = write_hdf5(tmp_path / "clip.h5", {"frames": sample(40)})
    whole = path.read_bytes()
    for part in (0.3, 0.6, 0.95):
        path.write_bytes(whole[: int(part * len(whole))])
        with suppress(MediaError):
            assert opened(path).frame(0).shape == (12, 16)


@pytest.mark.parametrize(("package", "name"), [("h5py", "hdf5"), ("zarr", "zarr 3")])
def test_that_a_missing_package_says_how_to_get_it(
    package: str, name: str, tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, file = WRITERS[name]
    path = write(tmp_path / file, {"frames": sample()})
    real = builtins.__import__

    def without(module: str, *rest: Any, **more: Any) -> Any:
        if module == package:
            raise ImportError(module)
        return real(module, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MediaError, match=rf"{package} is needed.*thermark\[science\]"):
        opened(path)


def test_that_other_files_have_no_arrays_with_names(tmp_path: Path, opened: Open) -> None:
    np.save(tmp_path / "clip.npy", sample())
    with pytest.raises(MediaError, match="no arrays with names"):
        opened(tmp_path / "clip.npy::/frames")
