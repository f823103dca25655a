"""Counts written for sharing are the counts that are read again, with their times and what is known of the camera."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from tests.tracker.media import flir
from tests.tracker.media.coded import make_video
from tests.tracker.media.test_stacks import MEDIA, lepton, write_cptv
from tracker.errors import MediaError
from tracker.jobs import Progress, finish
from tracker.media import FrameSource, open_source
from tracker.media.exporting import CountsReport, export_counts

Open = Callable[[Path], FrameSource]
Stack = NDArray[Any]

SUFFIXES = ("mkv", "tif")
STACKS = st.tuples(
    st.integers(2, 5), st.integers(1, 33), st.integers(1, 33), st.sampled_from([(), (3,)])
).flatmap(lambda shape: hnp.arrays(st.sampled_from([np.uint8, np.uint16]), (*shape[:3], *shape[3])))


def save(folder: Path, stack: Stack) -> Path:
    np.save(folder / "clip.npy", stack)
    return folder / "clip.npy"


def names(folder: Path) -> list[str]:
    """What lies in a folder besides the cache."""
    return sorted(path.name for path in folder.iterdir() if path.name != "cache")


def sample(count: int = 6) -> Stack:
    return np.random.default_rng(0).integers(0, 1 << 14, (count, 12, 16)).astype(np.uint16)


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40)
@given(stack=STACKS)
def test_that_counts_read_again_are_counts_written(suffix: str, stack: Stack) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = finish(open_source(save(folder, stack), cache_dir=folder))
        report = finish(export_counts(source, folder / f"out.{suffix}"))
        assert (report.frames, report.broken, report.has_times) == (len(stack), 0, False)
        again = finish(open_source(folder / f"out.{suffix}", cache_dir=folder))
        assert (len(again), again.size, again.dtype) == (len(source), source.size, source.dtype)
        for index in reversed(range(len(stack))):
            shown, expected = again.frame(index), source.frame(index)
            if again.channels == source.channels:  # else it is a picture whose colours are all but gray
                np.testing.assert_array_equal(shown, expected)
        again.close()
        source.close()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_that_times_and_calibrations_go_along(suffix: str, tmp_path: Path, opened: Open) -> None:
    source = opened(write_cptv(tmp_path / "clip.cptv", lepton()))
    assert source.facts.calibrating == ()
    finish(export_counts(source, tmp_path / f"out.{suffix}"))
    again = opened(tmp_path / f"out.{suffix}")
    assert again.fps == pytest.approx(source.fps, rel=1e-3)
    for index in range(len(source)):
        assert again.pts(index) == pytest.approx(source.pts(index), abs=1e-6)
        np.testing.assert_array_equal(again.frame(index), source.frame(index))


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_that_a_camera_and_its_calibration_go_along(suffix: str, tmp_path: Path, opened: Open) -> None:
    stack = [np.full((24, 32), 12000 + n, np.uint16) for n in range(4)]
    (tmp_path / "clip.seq").write_bytes(flir.sequence(stack))
    source = opened(tmp_path / "clip.seq")
    finish(export_counts(source, tmp_path / f"out.{suffix}"))
    again = opened(tmp_path / f"out.{suffix}")
    assert again.facts == source.facts
    assert again.facts.planck is not None
    assert opened(tmp_path / f"out.{suffix}").facts == source.facts  # from the cache


@pytest.mark.skipif(not MEDIA.is_dir(), reason="the shared CPTV clips are not beside the project")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_that_a_part_of_a_real_recording_keeps_its_frames_after_calibration(
    suffix: str, tmp_path: Path, opened: Open
) -> None:
    source = opened(MEDIA / "hedgehog.cptv")
    report = finish(export_counts(source, tmp_path / f"out.{suffix}", range(20, 50)))
    again = opened(tmp_path / f"out.{suffix}")
    assert (report.frames, len(again)) == (30, 30)
    assert again.facts.calibrating == tuple(range(10, 30))
    for index in (29, 0, 10):
        np.testing.assert_array_equal(again.frame(index), source.frame(20 + index))
        assert again.pts(index) == pytest.approx(source.pts(20 + index), abs=1e-6)


def test_that_a_video_of_eight_bits_is_written_as_eight_bits(tmp_path: Path, opened: Open) -> None:
    source = opened(make_video(tmp_path / "clip.mp4", 12))
    finish(export_counts(source, tmp_path / "out.mkv"))
    again = opened(tmp_path / "out.mkv")
    assert again.dtype == np.dtype(np.uint8)
    assert [again.pts(n) for n in range(12)] == pytest.approx([source.pts(n) for n in range(12)])
    np.testing.assert_array_equal(again.frame(7), source.frame(7))


def test_that_times_that_stand_still_are_still_in_order(tmp_path: Path, opened: Open) -> None:
    frames = [
        flir.block(np.full((8, 8), n, np.uint16), camera=flir.Camera(taken=1e9 + n // 3)) for n in range(6)
    ]
    (tmp_path / "clip.seq").write_bytes(b"".join(frames))
    source = opened(tmp_path / "clip.seq")
    finish(export_counts(source, tmp_path / "out.mkv"))
    again = opened(tmp_path / "out.mkv")
    assert [int(again.frame(n)[0, 0]) for n in range(6)] == list(range(6))


def test_that_broken_frames_are_counted(tmp_path: Path, opened: Open) -> None:
    stack = [np.full((24, 32), 12000 + n, np.uint16) for n in range(4)]
    content = flir.sequence(stack)
    (tmp_path / "clip.seq").write_bytes(content[:-1500])
    report = finish(export_counts(opened(tmp_path / "clip.seq"), tmp_path / "out.tif"))
    assert report.broken == 1
    assert any("Broken" in note for note in report.notes)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_that_cancelling_leaves_the_old_file_and_no_other(suffix: str, tmp_path: Path, opened: Open) -> None:
    source = opened(save(tmp_path, sample(40)))
    output = tmp_path / f"out.{suffix}"
    output.write_bytes(b"old")
    job = export_counts(source, output)
    event = next(job)
    assert isinstance(event, Progress)
    assert event.total == 40
    job.close()
    assert output.read_bytes() == b"old"
    assert names(tmp_path) == ["clip.npy", f"out.{suffix}"]


@pytest.mark.parametrize(
    ("name", "frames", "said"),
    [
        ("out.mp4", None, r"\.mkv or \.tif"),
        ("out", None, "without a suffix"),
        ("out.mkv", range(3, 7), "the clip has 0 to 5"),
        ("out.mkv", range(3, 3), "no frames"),
        ("no/out.tif", None, "cannot be written"),
        ("no/out.mkv", None, "cannot be written"),
    ],
)
def test_that_what_cannot_be_written_is_explained(
    name: str, frames: range | None, said: str, tmp_path: Path, opened: Open
) -> None:
    source = opened(save(tmp_path, sample()))
    with pytest.raises(MediaError, match=said):
        finish(export_counts(source, tmp_path / name, frames))
    assert names(tmp_path) == ["clip.npy"]


def test_that_a_clip_is_not_written_over_itself(tmp_path: Path, opened: Open) -> None:
    tifffile.imwrite(tmp_path / "clip.tif", sample(), photometric="minisblack")
    with pytest.raises(MediaError, match="the clip itself"):
        finish(export_counts(opened(tmp_path / "clip.tif"), tmp_path / "clip.tif"))


def test_that_no_other_package_is_needed_to_write_and_read_tiff(tmp_path: Path) -> None:
    """imagecodecs is there in development; tifffile must do without it."""
    script = """
import sys
sys.modules["imagecodecs"] = None
import numpy as np
from pathlib import Path
from tracker.jobs import finish
from tracker.media import load_source
from tracker.media.exporting import export_counts
source = load_source(Path("clip.npy"))
finish(export_counts(source, Path("out.tif")))
again = load_source(Path("out.tif"))
assert all((again.frame(n) == source.frame(n)).all() for n in range(6))
"""
    save(tmp_path, sample())
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_that_a_compression_that_takes_another_package_is_named(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    tifffile.imwrite(tmp_path / "clip.tif", sample(), compression="lzw", photometric="minisblack")

    def refuse(*_: object, **__: object) -> None:
        raise ValueError("<COMPRESSION.LZW: 5> requires the 'imagecodecs' package")

    np.testing.assert_array_equal(opened(tmp_path / "clip.tif").frame(2), sample()[2])
    tifffile.imwrite(tmp_path / "other.tif", sample() + 1, compression="lzw", photometric="minisblack")
    monkeypatch.setattr(tifffile.TiffPage, "asarray", refuse)
    with pytest.raises(MediaError, match=r"LZW.*thermark\[codecs\]"):
        opened(tmp_path / "other.tif")


def test_that_the_report_says_where_the_file_is(tmp_path: Path, opened: Open) -> None:
    report = finish(export_counts(opened(save(tmp_path, sample())), tmp_path / "out.mkv"))
    assert report == CountsReport(tmp_path / "out.mkv", 6, 0, has_times=False)
    assert "25 frames per second" in report.notes[0]
