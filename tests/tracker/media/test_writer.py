from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.media.coded import coded_frame, numbers_of, open_clip
from tracker.errors import MediaError
from tracker.media import Counts, write_video

COLOURS = np.random.default_rng(0).integers(0, 256, (6, 48, 64, 3), np.uint8)


def _frames(count: int) -> Iterator[Counts]:
    return (coded_frame(number) for number in range(count))


def test_that_h264_holds_all_frames_in_order(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    assert write_video(path, _frames(40), fps=30000 / 1001) == 40
    source = open_clip(path)
    assert numbers_of(source, range(40)) == list(range(40))
    assert source.fps == pytest.approx(30000 / 1001)
    assert source.channels == 1


@pytest.mark.parametrize(
    "frames",
    [
        [coded_frame(number) for number in range(6)],
        [(coded_frame(number).astype(np.uint16) << 6) + number for number in range(6)],
        list(COLOURS),
        [colour.astype(np.uint16) * 257 - 3 * colour for colour in COLOURS],
    ],
    ids=["gray8", "gray16", "rgb8", "rgb16"],
)
def test_that_ffv1_keeps_the_counts_exactly(tmp_path: Path, frames: list[Counts]) -> None:
    path = tmp_path / "clip.mkv"
    write_video(path, frames, fps=25, codec="ffv1")
    source = open_clip(path)
    assert len(source) == 6
    assert source.dtype == frames[0].dtype
    for index in (0, 5, 2, 3):
        assert np.array_equal(source.frame(index), frames[index])


def test_that_odd_sizes_and_strided_frames_are_written(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    write_video(path, (coded_frame(k)[:47, :63] for k in range(5)), fps=25)
    source = open_clip(path)
    assert source.size == (63, 47)
    assert numbers_of(source, range(5)) == list(range(5))


def test_that_deep_frames_need_a_lossless_codec(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="ffv1"):
        write_video(tmp_path / "clip.mp4", [np.zeros((48, 64), np.uint16)], fps=25)
    assert list(tmp_path.iterdir()) == []


def test_that_a_failure_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"old")
    with pytest.raises(MediaError, match="frame 3"):
        write_video(path, [*_frames(3), np.zeros((20, 20), np.uint8)], fps=25)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_that_no_frames_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="no frames"):
        write_video(tmp_path / "clip.mp4", [], fps=25)


def test_that_a_folder_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="cannot be written"):
        write_video(tmp_path / "no" / "clip.mp4", _frames(2), fps=25)
