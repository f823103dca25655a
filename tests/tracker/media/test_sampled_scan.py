"""FFV1 is not decoded whole when it is opened: what is wrong with a picture shows when it is read."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest

from tests.tracker.media.coded import damage, make_video, numbers_of, open_clip, open_video_clip
from tracker.media.video_index import UNKNOWN
from tracker.media.writer import write_video

COUNT = 150
CHECKED = {"g": "1", "slicecrc": "1"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip as Thermark writes them: every packet a key packet, with check sums."""
    path = tmp_path_factory.mktemp("ffv1") / "clip.mkv"
    return make_video(path, COUNT, "ffv1", CHECKED, pix_fmt="gray16le")


def test_that_few_pictures_are_decoded_and_all_are_read_right(whole: Path) -> None:
    source = open_video_clip(whole)
    unseen = source._index.frame_checksum == UNKNOWN
    assert COUNT / 2 < unseen.sum() < COUNT
    assert numbers_of(source, [149, 3, 77, 78, 20, 33]) == [149, 3, 77, 78, 20, 33]
    assert numbers_of(source, range(COUNT)) == list(range(COUNT))
    assert source.bad_frames == ()


def test_that_damage_shows_when_it_is_read_and_all_readers_know_then(whole: Path, tmp_path: Path) -> None:
    source = open_clip(damage(whole, tmp_path / "clip.mkv", 70))
    other = source.reopen()
    assert len(source) == COUNT
    assert source.bad_frames == ()
    assert numbers_of(source, [71, 70, 69, 70]) == [71, 69, 69, 69]
    assert source.bad_frames == other.bad_frames == (70,)
    assert numbers_of(other, [70, 149]) == [69, 149]


def test_that_damage_reads_the_same_in_any_order(whole: Path, tmp_path: Path) -> None:
    source = open_clip(damage(whole, tmp_path / "clip.mkv", 70))
    forward = numbers_of(source, range(COUNT))
    assert forward == [69 if k == 70 else k for k in range(COUNT)]
    assert numbers_of(source.reopen(), reversed(range(COUNT))) == forward[::-1]  # type: ignore[arg-type]  # any order


@pytest.mark.parametrize("ordinal", [0, 10, 64])
def test_that_damage_met_while_sampling_has_everything_looked_at(
    whole: Path, tmp_path: Path, ordinal: int
) -> None:
    source = open_video_clip(damage(whole, tmp_path / "clip.mkv", ordinal))
    assert source.bad_frames == (ordinal,)
    assert not (source._index.frame_checksum == UNKNOWN).any()


def test_that_a_file_cut_off_keeps_what_it_has(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "cut.mkv"
    content = whole.read_bytes()
    path.write_bytes(content[: len(content) * 2 // 3])
    source = open_clip(path)
    assert 80 < len(source) < 110
    read = numbers_of(source, range(len(source)))
    good = [k for k in range(len(source)) if k not in source.bad_frames]
    assert len(good) >= len(source) - 1
    assert [read[k] for k in good] == good


def test_that_pictures_that_need_others_are_all_looked_at(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mkv", COUNT, "ffv1", {"g": "12"}, pix_fmt="gray16le")
    source = open_video_clip(path)
    assert not (source._index.frame_checksum == UNKNOWN).any()
    assert numbers_of(source, [149, 3, 77]) == [149, 3, 77]


def test_that_colour_that_comes_late_is_kept(tmp_path: Path) -> None:
    gray = np.full((32, 32, 3), 90, np.uint8)
    red = gray.copy()
    red[..., 0] = 220
    path = tmp_path / "clip.mkv"
    write_video(path, [gray] * 100 + [red] * 100, fps=25, codec="ffv1")
    source = open_clip(path)
    assert source.channels == 3
    assert np.array_equal(source.frame(150), red)


def test_that_a_picture_of_another_depth_is_bad(tmp_path: Path) -> None:
    """Packets of an 8-bit stream put in among those of a 16-bit one."""
    shallow = make_video(tmp_path / "gray.mkv", COUNT, "ffv1", {"g": "1", "level": "1"}, pix_fmt="gray")
    deep = make_video(tmp_path / "deep.mkv", COUNT, "ffv1", {"g": "1", "level": "1"}, pix_fmt="gray16le")
    path = tmp_path / "mixed.mkv"
    with av.open(str(deep)) as first, av.open(str(shallow)) as second, av.open(str(path), "w") as new:
        stream = new.add_stream_from_template(first.streams.video[0])
        others = [packet for packet in second.demux(video=0) if packet.size]
        for ordinal, packet in enumerate(packet for packet in first.demux(video=0) if packet.size):
            chosen = others[ordinal] if ordinal == 50 else packet
            chosen.stream = stream
            new.mux(chosen)
    source = open_clip(path)
    assert source.frame(50).dtype == np.uint16
    assert numbers_of(source, [49, 51, 50, 33]) == [49, 51, 49, 33]
    assert source.bad_frames == (50,)
    assert numbers_of(source.reopen(), range(40, 60)) == [49 if k == 50 else k for k in range(40, 60)]
