"""Stacks of counts: TIFF, NumPy and CPTV read back what was written, and say what is wrong with what cannot be read."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from cptv import CPTVReader, CPTVWriter, Frame  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tracker.errors import MediaError
from tracker.jobs import finish
from tracker.media import load_source, open_source
from tracker.media.cptv_stack import UNSETTLED_S, read_background

Stack = NDArray[Any]

MEDIA = Path(__file__).parents[3].parent / "shared" / "data" / "media"


def write_npy(path: Path, stack: Stack) -> Path:
    np.save(path, stack)
    return path


def write_npz(path: Path, stack: Stack) -> Path:
    np.savez_compressed(path, frames=stack, names=np.arange(3))
    return path


def write_tiff(path: Path, stack: Stack) -> Path:
    tifffile.imwrite(path, stack, photometric="rgb" if stack.ndim == 4 else "minisblack")
    return path


def write_deflated_tiff(path: Path, stack: Stack) -> Path:
    colours = "rgb" if stack.ndim == 4 else "minisblack"
    tifffile.imwrite(path, stack, compression="zlib", byteorder=">", photometric=colours)
    return path


def write_imagej(path: Path, stack: Stack) -> Path:
    tifffile.imwrite(path, stack, imagej=True, metadata={"axes": "TYX"})
    return path


Writer = Callable[[Path, Stack], Path]
WRITERS: dict[str, tuple[Writer, str]] = {
    "npy": (write_npy, "clip.npy"),
    "npz": (write_npz, "clip.npz"),
    "tiff": (write_tiff, "clip.tif"),
    "deflated tiff": (write_deflated_tiff, "clip.TIFF"),
    "ImageJ": (write_imagej, "clip.tif"),
}

STACKS = st.tuples(st.integers(2, 5), st.integers(1, 9), st.integers(4, 9)).flatmap(
    lambda shape: hnp.arrays(st.sampled_from([np.uint8, np.uint16]), shape)
)


def sample(count: int = 6) -> Stack:
    return np.random.default_rng(0).integers(0, 1 << 14, (count, 12, 16)).astype(np.uint16)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=12)
@given(stack=STACKS)
def test_that_counts_read_are_counts_written(name: str, stack: Stack) -> None:
    write, file = WRITERS[name]
    with tempfile.TemporaryDirectory() as folder:
        source = finish(open_source(write(Path(folder) / file, stack), cache_dir=Path(folder)))
        assert (len(source), source.size, source.dtype) == (len(stack), stack.shape[2:0:-1], stack.dtype)
        assert (source.kind, source.channels, source.bad_frames) == ("stack", 1, ())
        other = source.reopen()
        for index in reversed(range(len(stack))):
            np.testing.assert_array_equal(source.frame(index), stack[index])
            np.testing.assert_array_equal(other.frame(index), stack[index])
            assert not source.frame(index).flags.writeable
        source.close()
        other.close()


@pytest.mark.parametrize("name", ["npy", "npz", "tiff", "deflated tiff"])
def test_that_colour_stays_colour(name: str, tmp_path: Path) -> None:
    write, file = WRITERS[name]
    stack = np.random.default_rng(1).integers(0, 256, (4, 10, 12, 3)).astype(np.uint8)
    source = load_source(write(tmp_path / file, stack))
    assert source.channels == 3
    np.testing.assert_array_equal(source.frame(2), stack[2])
    source.close()


def test_that_a_known_stack_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_npz(tmp_path / "clip.npz", sample())
    first = load_source(path)
    monkeypatch.setattr("tracker.media.stack.hash_file", None)
    monkeypatch.setattr("tracker.media.numpy_stack.NpzFormat.scan", None)
    again = load_source(path)
    assert again.content_hash == first.content_hash
    np.testing.assert_array_equal(again.frame(3), sample()[3])


def test_that_what_was_unpacked_is_unpacked_again_when_it_is_gone(tmp_path: Path, cache_folder: Path) -> None:
    path = write_npz(tmp_path / "clip.npz", sample())
    load_source(path).close()
    (unpacked,) = cache_folder.rglob("*.counts.npy")
    unpacked.unlink()
    np.testing.assert_array_equal(load_source(path).frame(1), sample()[1])


def test_that_one_page_is_an_image_of_its_folder(tmp_path: Path) -> None:
    for number in range(3):
        tifffile.imwrite(tmp_path / f"{number}.tif", sample()[number])
    source = load_source(tmp_path / "1.tif")
    assert (source.kind, len(source)) == ("images", 3)


def test_that_a_broken_page_is_one_frame(tmp_path: Path) -> None:
    path = write_deflated_tiff(tmp_path / "clip.tif", sample())
    with tifffile.TiffFile(path) as file:
        page = file.pages[3]
        offset, length = page.dataoffsets[0], page.databytecounts[0]
    data = bytearray(path.read_bytes())
    data[offset : offset + length] = b"\xff" * length
    path.write_bytes(data)
    source = load_source(path)
    np.testing.assert_array_equal(source.frame(3), sample()[2])
    np.testing.assert_array_equal(source.frame(4), sample()[4])
    assert source.bad_frames == (3,)
    source.close()


# CPTV


def write_cptv(
    path: Path, stack: Stack, *, background: Stack | None = None, calibrated: float = 1.0, model: bytes = b""
) -> Path:
    """A recording whose camera has been on for 60 s, and calibrated itself at a time since it was switched on."""
    from datetime import datetime, timedelta

    with path.open("wb") as file:
        writer = CPTVWriter(file)
        writer.timestamp = datetime(2026, 1, 2, tzinfo=UTC)
        writer.device_name, writer.fps = b"camera", 9
        writer.model, writer.brand = model or None, b"flir" if model else None
        writer.x_resolution, writer.y_resolution = stack.shape[2], stack.shape[1]
        writer.write_header()
        if background is not None:
            writer.write_frame(Frame(background, timedelta(0), timedelta(0), 0, 0, True))
        for number, counts in enumerate(stack):
            time = timedelta(seconds=60, milliseconds=125 * number)
            writer.write_frame(Frame(counts, time, timedelta(seconds=calibrated), 0, 0))
        writer.close()
    return path


def lepton(count: int = 12) -> Stack:
    return np.random.default_rng(2).integers(2800, 3600, (count, 120, 160)).astype(np.uint16)


def test_that_a_recording_gives_its_counts_and_times_and_leaves_the_background_out(tmp_path: Path) -> None:
    stack = lepton()
    source = load_source(write_cptv(tmp_path / "clip.cptv", stack, background=stack[0] + 1))
    assert (len(source), source.size, source.dtype) == (12, (160, 120), np.dtype(np.uint16))
    for index in (11, 0, 5):
        np.testing.assert_array_equal(source.frame(index), stack[index])
    assert source.fps == pytest.approx(8.0)
    assert source.pts(4) == pytest.approx(0.5)


def test_that_frames_soon_after_a_calibration_are_known(tmp_path: Path) -> None:
    path = write_cptv(
        tmp_path / "clip.cptv", lepton(), calibrated=60 - UNSETTLED_S + 0.45, model=b"lepton3.5"
    )
    for _ in range(2):  # the second time from the cache
        source = load_source(path)
        assert source.facts.calibrating == (0, 1, 2, 3)  # at 0, 125, 250 and 375 ms; at 500 it is over
        assert source.facts.camera == "flir lepton3.5"
        assert source.facts.planck is None
        assert source.facts.linear is None


@pytest.mark.parametrize("calibrated", [0.0, 30.0, 61.5])
def test_that_other_calibrations_say_nothing_about_frames(calibrated: float, tmp_path: Path) -> None:
    """None is known, long ago, or (damage) only later than the frames."""
    source = load_source(write_cptv(tmp_path / "clip.cptv", lepton(), calibrated=calibrated))
    assert source.facts.calibrating == ()


def test_that_the_background_is_known_and_can_be_read(tmp_path: Path) -> None:
    stack = lepton()
    path = write_cptv(tmp_path / "clip.cptv", stack, background=stack[0] + 1)
    assert load_source(path).facts.has_background
    background = read_background(path)
    assert background is not None
    np.testing.assert_array_equal(background, stack[0] + 1)
    plain = write_cptv(tmp_path / "plain.cptv", stack)
    assert not load_source(plain).facts.has_background
    assert read_background(plain) is None


@pytest.mark.skipif(not MEDIA.is_dir(), reason="the shared CPTV clips are not beside the project")
def test_that_calibrations_of_real_recordings_are_known() -> None:
    """The shutter closed between the frames 29 and 30 of one, and 5 s before the first frame of another."""
    facts = {name: load_source(MEDIA / f"{name}.cptv").facts for name in ("small", "hedgehog", "possum")}
    assert facts["small"].calibrating == ()
    assert facts["hedgehog"].calibrating == tuple(range(30, 109))
    assert facts["possum"].calibrating == tuple(range(42))
    assert [facts[name].camera for name in facts] == ["flir lepton3", "", "flir lepton3"]
    assert [facts[name].has_background for name in facts] == [False, False, True]


def test_that_a_recording_that_swells_is_not_unpacked(tmp_path: Path) -> None:
    path = write_cptv(tmp_path / "clip.cptv", lepton(2))
    content = bytearray(gzip.decompress(path.read_bytes()))
    at = content.find(b"\x04f", content.find(b"F"))
    content[at + 2 : at + 6] = (1 << 30).to_bytes(4, "little")
    path.write_bytes(gzip.compress(bytes(content) + bytes(1 << 24)))
    with pytest.raises(MediaError, match="no frame can be decoded"):
        load_source(path)


def test_that_a_recording_that_is_cut_off_ends_with_its_last_whole_frame(tmp_path: Path) -> None:
    path = write_cptv(tmp_path / "clip.cptv", lepton())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    source = load_source(path)
    assert 0 < len(source) < 12
    np.testing.assert_array_equal(source.frame(0), lepton()[0])


@pytest.mark.skipif(not MEDIA.is_dir(), reason="the shared CPTV clips are not beside the project")
@pytest.mark.parametrize("name", ["hedgehog", "possum", "small"])
def test_that_real_recordings_are_read_as_the_package_reads_them(name: str) -> None:
    path = MEDIA / f"{name}.cptv"
    source = load_source(path)
    with path.open("rb") as file:
        expected = [frame.pix.copy() for frame in CPTVReader(file) if not frame.background_frame]
    assert len(source) == len(expected)
    for index in range(0, len(expected), 7):
        np.testing.assert_array_equal(source.frame(index), expected[index])


# What cannot be read


def npy_bytes(array: Stack) -> bytes:
    buffer = BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def npy_header(shape: str) -> bytes:
    """A .npy file that says to hold more than it does."""
    text = f"{{'descr': '<u2', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()


def pickled() -> bytes:
    buffer = BytesIO()
    np.save(buffer, np.array([{"a": 1}], object), allow_pickle=True)
    return buffer.getvalue()


BROKEN: dict[str, tuple[str, bytes]] = {
    "empty npy": ("c.npy", b""),
    "no npy": ("c.npy", b"hello" * 100),
    "truncated npy": ("c.npy", npy_bytes(sample())[:500]),
    "huge npy": ("c.npy", npy_header("(1000000, 100000, 100000)")),
    "garbled npy": ("c.npy", npy_header("(3, (4").replace(b"'fortran_order'", b"\x00fortran_order'")),
    "open npy": ("c.npy", npy_header("((3, 4, 5)")),
    "pickled npy": ("c.npy", pickled()),
    "float npy": ("c.npy", npy_bytes(sample().astype(np.float32))),
    "signed npy": ("c.npy", npy_bytes(sample().astype(np.int16))),
    "flat npy": ("c.npy", npy_bytes(sample()[0, 0])),
    "no frames npy": ("c.npy", npy_bytes(sample()[:0])),
    "empty npz": ("c.npz", b""),
    "no npz": ("c.npz", b"PK\x03\x04" + bytes(50)),
    "empty cptv": ("c.cptv", b""),
    "no cptv": ("c.cptv", b"hello" * 10),
    "other cptv": ("c.cptv", gzip.compress(b"CPTX" + bytes(40))),
    "future cptv": ("c.cptv", gzip.compress(b"CPTV\x09" + bytes(40))),
    "header-only cptv": ("c.cptv", gzip.compress(b"CPTV\x02H\x00")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_that_a_broken_file_is_named_and_leaves_nothing_behind(
    name: str, tmp_path: Path, cache_folder: Path
) -> None:
    file, content = BROKEN[name]
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(MediaError) as caught:
        load_source(path)
    assert str(path) in caught.value.message
    assert not [*cache_folder.rglob("*.counts*"), *cache_folder.rglob("*.part")]


def test_that_an_archive_of_several_clips_names_them(tmp_path: Path) -> None:
    np.savez(tmp_path / "c.npz", left=sample(), right=sample())
    with pytest.raises(MediaError, match="left, right"):
        load_source(tmp_path / "c.npz")


def test_that_pages_of_several_sizes_are_named(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "c.tif") as writer:
        for side in (8, 8, 9):
            writer.write(np.zeros((side, 8), np.uint16), contiguous=False)
    with pytest.raises(MediaError, match="page 2"):
        load_source(tmp_path / "c.tif")


@settings(max_examples=60)
@given(data=st.data(), name=st.sampled_from(["npy", "npz", "deflated tiff", "cptv"]))
def test_that_damage_anywhere_ends_in_frames_or_in_a_clear_error(data: st.DataObject, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if name == "cptv":
            path = write_cptv(Path(folder) / "c.cptv", lepton(3))
        else:
            write, file = WRITERS[name]
            path = write(Path(folder) / file, sample(3))
        content = bytearray(path.read_bytes())
        for _ in range(data.draw(st.integers(1, 8))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        path.write_bytes(content[: data.draw(st.integers(1, len(content)))])
        with suppress(MediaError), closing(finish(open_source(path, cache_dir=Path(folder)))) as source:
            for index in range(min(len(source), 5)):
                assert source.frame(index).shape[1::-1] == source.size
