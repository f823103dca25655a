"""FLIR's radiometric JPEGs and recordings: counts and calibration as they were written, and as flyr reads them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import astuple, replace
from pathlib import Path
from typing import Literal

import flyr  # type: ignore[import-untyped]  # ships no type information
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.tracker.media import flir
from tests.tracker.media.flir import PLANCK, Camera, Kind
from tracker.errors import MediaError
from tracker.jobs import finish
from tracker.media import FrameSource, open_source
from tracker.media.facts import PlanckFacts
from tracker.media.flir_image import thermal_counts, thermal_facts
from tracker.media.flir_record import read_frame
from tracker.thermal.radiometry import Conditions, PlanckCalibration, Transmission

Counts = NDArray[np.uint16]
Open = Callable[[Path], FrameSource]

QUIET = settings(max_examples=25)
KINDS: tuple[Kind, ...] = ("plain", "png", "jpeg-ls")
COUNTS = hnp.arrays(np.uint16, st.tuples(st.integers(2, 13), st.integers(2, 13)))
STACKS = st.tuples(st.integers(1, 4), st.integers(2, 9), st.integers(2, 9)).flatmap(
    lambda shape: hnp.arrays(np.uint16, shape)
)


def scene(height: int = 24, width: int = 32) -> Counts:
    """Counts from about -10 to 70 degrees under the conditions of `PLANCK`."""
    return np.linspace(11000, 19000, height * width).astype(np.uint16).reshape(height, width)


def calibration(facts: PlanckFacts) -> PlanckCalibration:
    conditions = Conditions(
        facts.emissivity, facts.distance, facts.reflected, facts.atmosphere, facts.humidity
    )
    air = Transmission(facts.alpha1, facts.alpha2, facts.beta1, facts.beta2, facts.x, halves=True)
    return PlanckCalibration(facts.r1, facts.r2, facts.b, facts.f, facts.o, conditions, air)


def rounded(facts: PlanckFacts | None) -> tuple[float, ...]:
    """As a file stores them, with 24 bits of mantissa."""
    assert facts is not None
    return tuple(float(np.float32(value)) for value in astuple(facts))


# Radiometric JPEGs


@pytest.mark.parametrize("kind", KINDS)
@QUIET
@given(counts=COUNTS, chunk=st.integers(40, 4000), big_endian=st.booleans())
def test_that_a_radiometric_jpeg_gives_the_counts_that_were_put_in(
    kind: Kind, counts: Counts, chunk: int, big_endian: bool
) -> None:
    content = flir.block(counts, kind, order=">", big_endian=big_endian)
    jpeg = flir.radiometric_jpeg(content, chunk=max(chunk, len(content) // 200))
    read = thermal_counts(jpeg)
    assert read is not None
    np.testing.assert_array_equal(read, counts)
    assert rounded(thermal_facts(jpeg).planck) == rounded(PLANCK)


@pytest.mark.parametrize("order", ["<", ">"])
def test_that_the_camera_record_is_read_in_its_own_byte_order(order: Literal["<", ">"]) -> None:
    facts = thermal_facts(
        flir.radiometric_jpeg(flir.block(scene(), camera=Camera(order=order, model="FLIR E5")))
    )
    assert facts.camera == "FLIR E5"
    assert rounded(facts.planck) == rounded(PLANCK)


@pytest.mark.parametrize("kind", ["plain", "png"])
@QUIET
@given(
    emissivity=st.floats(0.5, 1.0),
    reflected=st.floats(250, 330),
    # flyr has 273.17 for 273.15 in one term of the air: 0.01 K at 315 K, full humidity and 50 m; more in hotter air.
    atmosphere=st.floats(250, 315),
    humidity=st.floats(0, 1),
    distance=st.floats(0, 50),
)
def test_that_counts_and_temperatures_are_those_of_flyr(
    kind: Kind, emissivity: float, reflected: float, atmosphere: float, humidity: float, distance: float
) -> None:
    facts = replace(
        PLANCK,
        emissivity=emissivity,
        reflected=round(reflected, 2),
        atmosphere=round(atmosphere, 2),
        humidity=humidity,
        distance=distance,
    )
    hot = np.linspace(15000, 45000, 600).astype(np.uint16).reshape(20, 30)
    jpeg = flir.radiometric_jpeg(flir.block(hot, kind, camera=Camera(facts), order=">"))
    theirs = flyr.unpack(io.BytesIO(jpeg))
    counts, read = thermal_counts(jpeg), thermal_facts(jpeg).planck
    assert counts is not None
    assert read is not None
    with np.errstate(invalid="ignore"):
        kelvin = theirs.kelvin
    ours = calibration(read).kelvin(counts)
    are_sensible = (kelvin > 220) & np.isfinite(ours)  # below, a count is many kelvin
    assert are_sensible.any()
    np.testing.assert_allclose(ours[are_sensible], kelvin[are_sensible], atol=0.01)


def write_folder(folder: Path, count: int = 4, kind: Kind = "png") -> list[Counts]:
    stack = [scene() + np.uint16(7 * n) for n in range(count)]
    folder.mkdir(exist_ok=True)
    for n, counts in enumerate(stack):
        (folder / f"FLIR{n:04}.jpg").write_bytes(flir.radiometric_jpeg(flir.block(counts, kind, order=">")))
    return stack


def test_that_a_folder_of_radiometric_jpegs_is_a_clip_of_counts(tmp_path: Path, opened: Open) -> None:
    stack = write_folder(tmp_path / "clip")
    for _ in range(2):  # the second time from the cache
        source = opened(tmp_path / "clip")
        assert (len(source), source.size, source.dtype, source.channels) == (
            4,
            (32, 24),
            np.dtype(np.uint16),
            1,
        )
        assert source.facts.camera == "FLIR T640"
        assert rounded(source.facts.planck) == rounded(PLANCK)
        for index in (3, 0, 2):
            np.testing.assert_array_equal(source.frame(index), stack[index])
            np.testing.assert_array_equal(source.reopen().frame(index), stack[index])


def test_that_a_folder_of_ordinary_jpegs_stays_what_it_is(tmp_path: Path, opened: Open) -> None:
    for n in range(3):
        (tmp_path / f"{n}.jpg").write_bytes(flir.picture())
    source = opened(tmp_path)
    assert (source.dtype, source.channels, source.facts.planck) == (np.dtype(np.uint8), 3, None)


def test_that_a_radiometric_image_that_is_cut_off_is_one_broken_frame(tmp_path: Path, opened: Open) -> None:
    stack = write_folder(tmp_path / "clip")
    path = tmp_path / "clip" / "FLIR0002.jpg"
    path.write_bytes(path.read_bytes()[:900])
    source = opened(tmp_path / "clip")
    assert source.bad_frames == (2,)
    np.testing.assert_array_equal(source.frame(2), stack[1])


def test_that_radiometric_and_ordinary_images_in_one_folder_are_refused(tmp_path: Path, opened: Open) -> None:
    write_folder(tmp_path / "clip", 2)
    (tmp_path / "clip" / "Z.jpg").write_bytes(flir.picture())
    with pytest.raises(MediaError, match=r"Z\.jpg.*depth"):
        opened(tmp_path / "clip")


def test_that_dji_images_are_named_as_what_they_are(tmp_path: Path, opened: Open) -> None:
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x04\0\0\0DJI\0"
    thermal = flir.with_segments(flir.picture(), (0xE1, exif), (0xE3, bytes(1000)))
    (tmp_path / "DJI_0001_T.JPG").write_bytes(thermal)
    with pytest.raises(MediaError, match=r"DJI_0001_T.JPG: .*Thermal SDK"):
        opened(tmp_path)
    (tmp_path / "DJI_0001_T.JPG").write_bytes(flir.with_segments(flir.picture(), (0xE1, exif)))
    assert opened(tmp_path).dtype == np.uint8  # a photograph


# SEQ and CSQ


def write_seq(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("kind", KINDS)
@QUIET
@given(stack=STACKS)
def test_that_a_recording_gives_the_counts_that_were_put_in(kind: Kind, stack: Counts) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write_seq(Path(folder) / "clip.seq", flir.sequence(list(stack), kind))
        source = finish(open_source(path, cache_dir=Path(folder)))
        other = source.reopen()
        assert (len(source), source.size, source.dtype) == (
            len(stack),
            stack.shape[2:0:-1],
            np.dtype(np.uint16),
        )
        assert (source.kind, source.channels, source.bad_frames) == ("stack", 1, ())
        for index in reversed(range(len(stack))):
            np.testing.assert_array_equal(source.frame(index), stack[index])
            np.testing.assert_array_equal(other.frame(index), stack[index])
        source.close()
        other.close()


def recording(count: int = 6, kind: Kind = "plain") -> tuple[list[Counts], bytes]:
    stack = [scene() + np.uint16(n) for n in range(count)]
    return stack, flir.sequence(stack, kind, step=0.04)


def test_that_a_recording_has_the_times_and_the_calibration_of_its_camera(
    tmp_path: Path, opened: Open
) -> None:
    _, content = recording()
    for _ in range(2):
        source = opened(write_seq(tmp_path / "clip.csq", content))
        assert source.pts(5) == pytest.approx(0.2)
        assert source.fps == pytest.approx(25)
        assert source.facts.camera == "FLIR T640"
        assert rounded(source.facts.planck) == rounded(PLANCK)


def test_that_the_nominal_rate_counts_where_the_clock_stands_still(tmp_path: Path, opened: Open) -> None:
    content = b"".join(flir.block(scene(), camera=Camera(fps=50)) for _ in range(4))
    source = opened(write_seq(tmp_path / "clip.seq", content))
    assert source.pts(3) == pytest.approx(0.06)


def test_that_recordings_without_a_camera_record_are_read(tmp_path: Path, opened: Open) -> None:
    source = opened(write_seq(tmp_path / "clip.seq", flir.block(scene(), camera=None) * 2))
    assert (source.facts.planck, source.fps) == (None, None)
    np.testing.assert_array_equal(source.frame(1), scene())


def test_that_a_recording_of_calibration_that_makes_no_sense_has_no_temperatures(
    tmp_path: Path, opened: Open
) -> None:
    camera = Camera(replace(PLANCK, r1=float("nan")))
    source = opened(write_seq(tmp_path / "clip.seq", flir.block(scene(), camera=camera)))
    assert source.facts.planck is None


def test_that_a_recording_that_is_cut_off_ends_with_a_broken_frame(tmp_path: Path, opened: Open) -> None:
    stack, content = recording()
    source = opened(write_seq(tmp_path / "clip.seq", content[: len(content) - 3000]))
    assert (len(source), source.bad_frames) == (6, (5,))
    assert source.pts(5) == pytest.approx(0.2)
    np.testing.assert_array_equal(source.frame(5), stack[4])


def test_that_a_damaged_block_is_passed_over(tmp_path: Path, opened: Open) -> None:
    stack, content = recording()
    one = len(content) // 6
    damaged = bytearray(content)
    damaged[2 * one : 2 * one + 40] = bytes(40)
    source = opened(write_seq(tmp_path / "clip.seq", bytes(damaged)))
    np.testing.assert_array_equal(source.frame(2), stack[3])
    damaged[3 * one + 0x1C : 3 * one + 0x20] = b"\xff" * 4  # a directory of four milliards of records
    source = opened(write_seq(tmp_path / "clip.seq", bytes(damaged)))
    assert source.bad_frames == (2,)
    np.testing.assert_array_equal(source.frame(3), stack[4])


def test_that_a_damaged_payload_is_one_broken_frame(tmp_path: Path, opened: Open) -> None:
    stack, content = recording(kind="jpeg-ls")
    one = content.find(b"\xff\xd8\xff\xf7", content.find(b"\xff\xd8\xff\xf7") + 4)
    damaged = bytearray(content)
    damaged[one + 30 : one + 60] = b"\xff" * 30
    source = opened(write_seq(tmp_path / "clip.csq", bytes(damaged)))
    np.testing.assert_array_equal(source.frame(1), stack[0])
    np.testing.assert_array_equal(source.frame(2), stack[2])
    assert source.bad_frames == (1,)


def test_that_a_second_size_in_an_image_takes_no_memory(tmp_path: Path, opened: Open) -> None:
    """FFmpeg would believe it; found by fuzzing."""
    stack, content = recording(3, kind="jpeg-ls")
    at = content.find(b"\xff\xda")
    huge = b"\xff\xf7\x00\x0b\x10\x7f\xff\x7f\xff\x01\x01\x11\x00"
    source = opened(write_seq(tmp_path / "clip.csq", content[:at] + huge + content[at + len(huge) :]))
    np.testing.assert_array_equal(source.frame(1), stack[1])
    np.testing.assert_array_equal(source.frame(0), stack[1])
    assert source.bad_frames == (0,)


HEADER = flir.block(scene())[:64]
BROKEN: dict[str, bytes] = {
    "empty": b"",
    "of another kind": b"not thermal at all " * 200,
    "header alone": HEADER,
    "without an image": flir.Block(records=[(32, flir.camera_record())]).bytes(),
    "without records": flir.Block().bytes(),
    "truncated": flir.block(scene())[:500],
    "of no pixels": flir.block(scene()).replace(b"\x02\x00\x20\x00\x18\x00", b"\x02\x00\x00\x00\x18\x00"),
    "of huge pixels": flir.block(scene()).replace(b"\x02\x00\x20\x00\x18\x00", b"\x02\x00\xff\xff\xff\xff"),
    "many headers": HEADER * 3000,
    "headers inside headers": b"FFF\0" * 20000,
    "huge png": flir.block(scene(), "png").replace(b"IHDR\0\0\0\x20", b"IHDR\x7f\xff\xff\xff"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_that_a_broken_recording_is_named(
    name: str, tmp_path: Path, cache_folder: Path, opened: Open
) -> None:
    path = write_seq(tmp_path / "clip.seq", BROKEN[name])
    with pytest.raises(MediaError, match=r"clip\.seq"):
        opened(path).frame(0)
    assert not list(cache_folder.rglob("*.part"))


def test_that_frames_of_several_sizes_are_named(tmp_path: Path, opened: Open) -> None:
    content = flir.block(scene()) * 2 + flir.block(scene(10, 12))
    with pytest.raises(MediaError, match="frame 2 has 12 x 10"):
        opened(write_seq(tmp_path / "clip.seq", content))


@settings(max_examples=150)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_that_damage_anywhere_ends_in_frames_or_in_a_clear_error(data: st.DataObject, kind: Kind) -> None:
    content = bytearray(flir.sequence([scene(6, 8)] * 3, kind))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as folder:
        path = write_seq(Path(folder) / "clip.seq", bytes(content[: data.draw(st.integers(1, len(content)))]))
        with suppress(MediaError), closing(finish(open_source(path, cache_dir=Path(folder)))) as source:
            for index in range(len(source)):
                assert source.frame(index).shape[1::-1] == source.size


@settings(max_examples=150)
@given(data=st.data(), kind=st.sampled_from(KINDS))
def test_that_damage_in_a_radiometric_jpeg_gives_no_other_error(data: st.DataObject, kind: Kind) -> None:
    content = bytearray(flir.radiometric_jpeg(flir.block(scene(6, 8), kind, order=">"), chunk=500))
    for _ in range(data.draw(st.integers(1, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    jpeg = bytes(content[: data.draw(st.integers(1, len(content)))])
    counts = thermal_counts(jpeg)
    assert counts is None or counts.dtype == np.uint16
    thermal_facts(jpeg)


def test_that_where_the_records_lie_is_told() -> None:
    content = flir.block(scene(), order=">")
    frame = read_frame(lambda start, count: content[start : start + count])
    assert (frame.width, frame.height, frame.stop) == (32, 24, len(content))
    assert frame.length == 2 * 32 * 24


def test_that_a_chunk_that_says_to_be_huge_takes_no_memory(tmp_path: Path, opened: Open) -> None:
    """OpenCV would believe it; found by fuzzing."""
    stack, content = recording(3, kind="png")
    at = content.find(b"IDAT")
    damaged = content[: at - 4] + b"\xff\xff\xff\xd1" + content[at:]
    source = opened(write_seq(tmp_path / "clip.csq", damaged))
    np.testing.assert_array_equal(source.frame(0), stack[1])
    assert source.bad_frames == (0,)


@pytest.mark.parametrize(("bits", "value"), [(14, 3000), (12, 700), (16, 9000)])
def test_that_samples_of_fewer_than_sixteen_bits_keep_their_numbers(bits: int, value: int) -> None:
    """One pixel, coded by hand (ITU-T T.87, A.7): no run, then the error of the pixel that ends it, in Golomb code."""
    k = next(k for k in range(16) if 1 << k >= ((1 << bits) + 32) >> 6)
    error = 2 * value - 1
    code = "0" + "0" * (error >> k) + "1" + f"{error & ((1 << k) - 1):0{k}b}"
    packed = int(code.ljust(-(-len(code) // 8) * 8, "0"), 2).to_bytes(-(-len(code) // 8), "big")
    size = b"\xff\xf7\x00\x0b" + bytes((bits,)) + b"\x00\x01\x00\x01\x01\x01\x11\x00"
    image = b"\xff\xd8" + size + b"\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00" + packed + b"\xff\xd9"
    head = flir.raw_record(np.zeros((1, 1), np.uint16))[:32]
    counts = thermal_counts(flir.radiometric_jpeg(flir.Block(">", records=[(1, head + image)]).bytes()))
    assert counts is not None
    assert counts.tolist() == [[value]]
