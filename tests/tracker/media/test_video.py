from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from av.packet import Packet
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.media.coded import make_video, number_of, numbers_of, open_clip, open_video_clip, remux
from tests.tracker.media.conftest import CLIPS, VFR_TIMES_MS
from tracker.errors import MediaError
from tracker.media.container import VideoPacket
from tracker.media.video import VideoSource
from tracker.media.video_index import PacketTable

Clips = Callable[[str], Path]
COUNT = 60


@pytest.mark.parametrize("name", CLIPS)
def test_that_reading_in_order_gives_every_frame_and_decodes_each_once(clips: Clips, name: str) -> None:
    source = open_video_clip(clips(name))
    assert numbers_of(source, range(len(source))) == list(range(COUNT))
    assert source.frames_decoded == COUNT
    assert source.bad_frames == ()
    source.close()


@pytest.mark.parametrize("name", CLIPS)
@settings(max_examples=6)
@given(order=st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=20))
def test_that_any_order_of_access_gives_the_frame_asked_for(
    clips: Clips, name: str, order: list[int]
) -> None:
    source = open_video_clip(clips(name))
    assert numbers_of(source, order) == order
    source.close()


@pytest.mark.parametrize("name", CLIPS)
def test_that_reading_backward_gives_every_frame(clips: Clips, name: str) -> None:
    source = open_video_clip(clips(name))
    assert numbers_of(source, range(COUNT - 1, -1, -1)) == list(range(COUNT - 1, -1, -1))
    source.close()


def test_that_reading_backward_decodes_each_group_of_pictures_once(clips: Clips) -> None:
    source = open_video_clip(clips("b_frames.mp4"))
    numbers_of(source, range(COUNT - 1, -1, -1))
    # The last frames of a group come out of the decoder after the first packets of the next one.
    assert source.frames_decoded <= 1.4 * COUNT
    source.close()


def test_that_reading_backward_within_little_memory_decodes_a_stretch_at_a_time(clips: Clips) -> None:
    source = open_video_clip(clips("b_frames.mp4"))
    picture_bytes = 64 * 48 * 3 // 2
    small = VideoSource(source.path, source._index, source._fingerprint, picture_bytes=5 * picture_bytes)
    assert numbers_of(small, range(COUNT - 1, -1, -1)) == list(range(COUNT - 1, -1, -1))
    assert small.frames_decoded < 4 * COUNT
    assert small._pictures._bytes <= 5 * picture_bytes
    small.close()
    source.close()


def test_that_the_leading_frames_of_an_open_group_come_from_the_group_before(clips: Clips) -> None:
    source = open_video_clip(clips("open_gop.mp4"))
    for index in (9, 10, 11, 21, 22, 23, 33, 34, 35):
        fresh = source.reopen()
        assert number_of(fresh.frame(index)) == index
        fresh.close()


def test_that_a_seek_starts_no_earlier_than_the_group_of_pictures(clips: Clips) -> None:
    for name in ("b_frames.mp4", "mpeg4_b.avi", "open_gop.ts", "raw.h264", "late_start.mkv"):
        source = open_video_clip(clips(name))
        source.frame(50)
        assert source.frames_decoded <= 16, name
        source.close()


def test_that_wrongly_marked_key_packets_are_found_out(clips: Clips) -> None:
    reference = open_video_clip(clips("intra_refresh.mkv"))
    assert np.count_nonzero(reference._index.packets.packet_key) > 1
    whole = [reference.frame(index) for index in range(COUNT)]
    for index in (14, 30, 59, 12):
        source = reference.reopen()
        assert np.array_equal(source.frame(index), whole[index])
        source.close()


def test_that_a_seek_that_leads_elsewhere_than_it_seems_is_found_out(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_video_clip(clips("b_frames.mp4"))
    find = PacketTable.find

    def mistaken(table: PacketTable, packet: VideoPacket) -> int | None:
        return 12 if find(table, packet) == 24 else find(table, packet)

    monkeypatch.setattr(PacketTable, "find", mistaken)
    assert numbers_of(source, [30, 59, 24, 13]) == [30, 59, 24, 13]


def test_that_times_are_those_of_the_file(clips: Clips) -> None:
    variable, late = open_clip(clips("variable_rate.mkv")), open_clip(clips("late_start.mp4"))
    assert [variable.pts(k) for k in range(COUNT)] == [time / 1000 for time in VFR_TIMES_MS]
    assert [late.pts(0), late.pts(COUNT - 1)] == [10.0, pytest.approx(10 + 59 / 25)]
    assert late.fps == 25
    assert variable.fps == pytest.approx(59 * 1000 / (VFR_TIMES_MS[-1] - VFR_TIMES_MS[0]))


def test_that_a_stream_without_times_has_none(clips: Clips) -> None:
    source = open_clip(clips("raw.h264"))
    assert source.pts(3) is None
    assert source.fps is None


def test_that_frames_before_the_start_of_an_edit_list_are_not_part_of_the_clip(
    clips: Clips, tmp_path: Path
) -> None:
    def earlier(_ordinal: int, packet: Packet[Any]) -> bool:
        packet.pts = (packet.pts or 0) - 5 * 512
        packet.dts = (packet.dts or 0) - 5 * 512
        return True

    path = remux(
        clips("b_frames.mp4"),
        tmp_path / "edited.mp4",
        earlier,
        {"avoid_negative_ts": "disabled", "use_editlist": "1"},
    )
    source = open_clip(path)
    assert numbers_of(source, range(len(source))) == list(range(5, COUNT))
    assert numbers_of(source, [40, 2]) == [45, 7]
    assert source.pts(0) == 0


def test_that_frames_referring_to_before_the_file_are_not_part_of_the_clip(
    clips: Clips, tmp_path: Path
) -> None:
    for target in ("cut.mkv", "cut.mp4"):
        path = remux(clips("open_gop.mp4"), tmp_path / target, lambda ordinal, _: ordinal >= 9)
        source = open_clip(path)
        assert source.bad_frames == ()
        assert numbers_of(source, range(len(source))) == list(range(12, COUNT)), target


def test_that_pictures_decoded_several_at_once_are_the_same(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.media.video_scan._FRAME_THREADS_PIXELS", 0)
    source = open_video_clip(clips("open_gop.mp4"))
    assert source._index.frame_threads
    assert numbers_of(source, range(COUNT)) == list(range(COUNT))
    order = [59, 3, 47, 46, 45, 12, 11, 0, 30]
    assert numbers_of(source.reopen(), order) == order


def test_that_frames_are_read_only_counts_of_the_said_type(clips: Clips) -> None:
    source = open_clip(clips("b_frames.mp4"))
    frame = source.frame(0)
    assert frame.shape == (48, 64)
    assert (source.size, source.channels, source.dtype) == ((64, 48), 1, frame.dtype)
    assert source.kind == "video"
    assert not frame.flags.writeable


@pytest.mark.parametrize("index", [-1, COUNT])
def test_that_an_index_outside_the_clip_is_refused(clips: Clips, index: int) -> None:
    source = open_clip(clips("b_frames.mp4"))
    with pytest.raises(IndexError):
        source.frame(index)
    with pytest.raises(IndexError):
        source.pts(COUNT)


def test_that_a_clip_that_was_removed_is_reported_at_the_next_seek(tmp_path: Path) -> None:
    path = make_video(tmp_path / "clip.mp4", options={"g": "12"})
    source = open_clip(path)
    source.frame(0)
    path.unlink()
    with pytest.raises(MediaError, match="gone"):
        source.frame(50)


def test_that_a_clip_that_was_changed_is_reported(tmp_path: Path, clips: Clips) -> None:
    path = make_video(tmp_path / "clip.mp4", options={"g": "12"})
    source = open_clip(path)
    path.write_bytes(clips("open_gop.mp4").read_bytes())
    with pytest.raises(MediaError, match="changed"):
        source.frame(50)


def test_that_a_clip_that_cannot_be_decoded_any_more_is_reported(
    clips: Clips, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = open_video_clip(clips("b_frames.mp4"))
    monkeypatch.setattr("tracker.media.packet_reader.packets", lambda file: iter(()))
    with pytest.raises(MediaError, match="frame 20"):
        source.frame(20)


def test_that_a_decoder_that_differs_from_the_scan_is_believed(
    clips: Clips, caplog: pytest.LogCaptureFixture
) -> None:
    source = open_video_clip(clips("b_frames.mp4"))
    source._index.frame_checksum[:] += 1
    assert number_of(source.frame(50)) == 50
    assert source.frames_decoded > 50  # it was decoded from the beginning to be sure
    assert numbers_of(source, [3, 20]) == [3, 20]
    assert caplog.text.count("decodes differently") == 1


def test_that_a_very_long_group_of_pictures_stays_within_its_memory(tmp_path: Path) -> None:
    path = make_video(tmp_path / "long.mp4", count=400, options={"g": "400", "bf": "0"})
    source = open_video_clip(path)
    small = VideoSource(path, source._index, source._fingerprint, picture_bytes=200_000)
    held = []
    for index in [*range(399, 300, -1), *range(0, 400, 7)]:
        assert number_of(small.frame(index)) == index
        held.append(small._pictures._bytes)
    assert max(held) <= 200_000


def test_that_two_readers_do_not_disturb_each_other(clips: Clips) -> None:
    first = open_clip(clips("open_gop.mp4"))
    second = first.reopen()
    for index in range(COUNT):
        assert number_of(first.frame(index)) == index
        assert number_of(second.frame(COUNT - 1 - index)) == COUNT - 1 - index
    first.close()
    assert np.array_equal(second.frame(5), second.frame(5))
