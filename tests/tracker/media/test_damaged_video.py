from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.media.coded import (
    damage,
    make_video,
    numbers_of,
    open_clip,
    open_video_clip,
    packet_places,
    remux,
)
from tracker.errors import MediaError, ThermarkError
from tracker.jobs import finish
from tracker.media import open_source

Clips = Callable[[str], Path]
COUNT = 60


@pytest.mark.parametrize("name", ["b_frames.mp4", "open_gop.mp4", "hevc_open_gop.mp4", "mjpeg.avi"])
@pytest.mark.parametrize("ordinal", [20, 33, 58])
def test_that_a_broken_packet_is_one_bad_frame_in_its_place(
    clips: Clips, tmp_path: Path, name: str, ordinal: int
) -> None:
    whole = clips(name)
    times = sorted(time for time, _, _ in packet_places(whole))
    index = times.index(packet_places(whole)[ordinal][0])
    source = open_clip(damage(whole, tmp_path / name, ordinal))
    assert len(source) == COUNT
    assert index in source.bad_frames
    good = [k for k in range(COUNT) if k not in source.bad_frames]
    assert len(good) >= COUNT - 4  # the few that refer to it may be lost with it
    read = numbers_of(source, good)
    wrong = [k for k, number in zip(good, read, strict=True) if number != k]
    # What refers to it may look wrong, up to the next key frame (one in twelve); all else is what it was.
    assert all(index - 3 <= k < index + 12 for k in wrong)


def test_that_a_bad_frame_shows_the_good_one_before_it(clips: Clips, tmp_path: Path) -> None:
    source = open_clip(damage(clips("mjpeg.avi"), tmp_path / "clip.avi", 20))
    assert source.bad_frames == (20,)
    assert numbers_of(source, [19, 20, 21]) == [19, 19, 21]


def test_that_a_bad_first_frame_shows_the_first_good_one(clips: Clips, tmp_path: Path) -> None:
    source = open_clip(damage(clips("mjpeg.avi"), tmp_path / "clip.avi", 0))
    assert source.bad_frames == (0,)
    assert numbers_of(source, [0, 1]) == [1, 1]


def test_that_a_lost_key_packet_keeps_all_frames_in_their_places(clips: Clips, tmp_path: Path) -> None:
    source = open_clip(damage(clips("b_frames.mp4"), tmp_path / "clip.mp4", 12))
    assert len(source) == COUNT
    assert set(source.bad_frames) <= set(range(9, 24))
    elsewhere = [*range(9), *range(24, COUNT)]
    assert numbers_of(source, elsewhere) == elsewhere


@pytest.mark.parametrize("name", ["b_frames.mp4", "mpeg4_b.avi", "vp9.webm"])
def test_that_damage_reads_the_same_in_any_order(clips: Clips, tmp_path: Path, name: str) -> None:
    source = open_clip(damage(clips(name), tmp_path / name, 21))
    forward = [source.frame(k) for k in range(len(source))]
    fresh = source.reopen()
    for k in (30, 19, 59, 20, 21, 22, 5):
        assert np.array_equal(fresh.frame(k), forward[k])
    backward = source.reopen()
    assert all(np.array_equal(backward.frame(k), forward[k]) for k in reversed(range(len(source))))


def test_that_damage_found_while_decoding_several_at_once_costs_no_other_frame(
    clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = damage(clips("b_frames.mp4"), tmp_path / "clip.mp4", 58)
    careful = open_clip(path).bad_frames
    monkeypatch.setattr("tracker.media.video_scan._FRAME_THREADS_PIXELS", 0)
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path / "other"))
    source = open_video_clip(path)
    assert source.bad_frames == careful
    assert not source._index.frame_threads


def test_that_an_mp4_cut_off_in_its_frames_keeps_those_it_has_and_marks_the_rest(
    clips: Clips, tmp_path: Path
) -> None:
    fast = remux(clips("b_frames.mp4"), tmp_path / "fast.mp4", container_options={"movflags": "faststart"})
    path = tmp_path / "cut.mp4"
    path.write_bytes(fast.read_bytes()[:-900])
    source = open_clip(path)
    bad = source.bad_frames
    assert len(source) == COUNT
    assert 10 < len(bad) < 40
    assert bad == tuple(range(COUNT - len(bad), COUNT))
    assert numbers_of(source, range(COUNT - len(bad))) == list(range(COUNT - len(bad)))
    assert source.pts(COUNT - 1) == pytest.approx(59 / 25)


def test_that_a_cut_avi_keeps_its_length(clips: Clips, tmp_path: Path) -> None:
    path = tmp_path / "cut.avi"
    whole = clips("mjpeg.avi").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    source = open_clip(path)
    kept = COUNT - len(source.bad_frames)
    assert len(source) == COUNT
    assert numbers_of(source, range(kept)) == list(range(kept))


def test_that_pictures_of_another_size_than_most_are_bad_frames(tmp_path: Path) -> None:
    main = make_video(tmp_path / "main.h264", count=20, container_format="h264").read_bytes()
    small = make_video(tmp_path / "small.h264", count=4, container_format="h264", scale=2).read_bytes()
    path = tmp_path / "joined.h264"
    path.write_bytes(main + small)
    source = open_clip(path)
    assert (source.size, len(source)) == ((64, 48), 24)
    assert source.bad_frames == (20, 21, 22, 23)
    assert numbers_of(source, [18, 19, 20, 23]) == [18, 19, 19, 19]


def test_that_an_mp4_without_its_table_is_refused_with_the_reason(clips: Clips, tmp_path: Path) -> None:
    path = tmp_path / "cut.mp4"
    path.write_bytes(clips("b_frames.mp4").read_bytes()[:-1500])
    with pytest.raises(MediaError, match="cut off") as caught:
        open_clip(path)
    assert str(path) in caught.value.message
    assert caught.value.todo


def test_that_a_clip_of_which_nothing_can_be_decoded_is_refused(clips: Clips, tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", count=3)
    data = bytearray(path.read_bytes())
    for _, position, size in packet_places(path):
        data[position + 4 : position + size] = bytes(size - 4)
    path.write_bytes(data)
    with pytest.raises(MediaError, match="not one frame"):
        open_clip(path)


@settings(
    max_examples=25,
    derandomize=True,
)
@given(data=st.data())
def test_that_any_damage_gives_a_clip_or_a_clear_refusal(
    clips: Clips, tmp_path: Path, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(["b_frames.mp4", "open_gop.mkv", "mpeg4_b.avi", "open_gop.ts"]))
    content = bytearray(clips(name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content) - 1))
        patch = data.draw(st.binary(min_size=1, max_size=40))
        content[at : at + len(patch)] = patch
    path = tmp_path / f"damaged{Path(name).suffix}"
    path.write_bytes(content[: data.draw(st.integers(len(content) // 2, len(content)))])
    try:
        source = finish(open_source(path))
    except ThermarkError:
        return
    frames = [source.frame(k) for k in range(len(source))]
    assert {frame.shape[:2] for frame in frames} == {source.size[::-1]}
    source.close()
