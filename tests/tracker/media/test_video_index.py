from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.media.coded import open_video_clip
from tracker.media.source import stand_in
from tracker.media.video_index import (
    UNKNOWN,
    PacketTable,
    VideoIndex,
    dump_index,
    parse_index,
)

HASH = "ab" * 32


def _index(frame_packet: list[int], keys: tuple[int, ...] = (0,), bad: tuple[int, ...] = ()) -> VideoIndex:
    count, packets = len(frame_packet), max(frame_packet) + 1
    numbers = np.arange(packets)
    return VideoIndex(
        content_hash=HASH,
        width=4,
        height=3,
        bits=8,
        channels=1,
        time_base=Fraction(1, 25),
        fps=25.0,
        frame_threads=False,
        packets=PacketTable(numbers, numbers, numbers * 10, numbers + 5, np.isin(numbers, keys)),
        frame_packet=np.array(frame_packet),
        frame_pts=np.arange(count),
        frame_bad=np.isin(np.arange(count), bad),
        frame_checksum=np.arange(count),
    )


def test_that_an_index_comes_back_as_it_was_stored() -> None:
    index = _index([0, 2, 1, 3], bad=(1,))
    back = parse_index(dump_index(index), HASH)
    assert back is not None
    assert (back.fps, back.time_base, (back.width, back.height, back.bits)) == (
        25.0,
        Fraction(1, 25),
        (4, 3, 8),
    )
    assert back.frame_packet.tolist() == [0, 2, 1, 3]
    assert back.frame_bad.tolist() == [False, True, False, False]
    assert back.packets.packet_key.tolist() == [True, False, False, False]


def test_that_an_index_of_other_media_is_not_taken() -> None:
    assert parse_index(dump_index(_index([0, 1])), "cd" * 32) is None


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not an index", b"\x93NUMPY\x01\x00"])
def test_that_a_foreign_file_is_no_index(data: bytes) -> None:
    assert parse_index(data, HASH) is None


def test_that_an_index_with_impossible_references_is_not_taken() -> None:
    index = _index([0, 1, 2])
    index.frame_packet[1] = 7
    assert parse_index(dump_index(index), HASH) is None


@settings(max_examples=60)
@given(at=st.integers(0, 10_000), patch=st.binary(min_size=1, max_size=8), keep=st.floats(0.3, 1))
def test_that_a_damaged_index_never_raises(at: int, patch: bytes, keep: float) -> None:
    data = bytearray(dump_index(_index([0, 2, 1, 3])))
    at %= len(data)
    data[at : at + len(patch)] = patch
    index = parse_index(bytes(data[: int(len(data) * keep)]), HASH)
    assert index is None or len(index) == 4


def test_that_an_archive_of_a_later_version_is_no_index() -> None:
    """zipfile says so by an error of its own; found by fuzzing."""
    data = dump_index(_index([0, 1, 2]))
    at = data.find(b"PK\x01\x02")
    assert parse_index(data[: at + 6] + b"\x50" + data[at + 7 :], HASH) is None


def test_that_bad_frames_show_the_good_one_before_them_or_else_the_first() -> None:
    assert [stand_in(k, 5, {0, 1, 3}) for k in range(5)] == [2, 2, 2, 2, 4]
    assert stand_in(1, 3, {0, 1, 2}) is None


def test_that_leading_frames_cannot_be_decoded_from_their_own_key_packet() -> None:
    #       display: 0  1  2  3  4(key 4)  5
    index = _index([0, 1, 3, 2 + 2, 2, 5], keys=(0, 2))
    assert index.starting_points(4).tolist() == [2, 0]
    assert index.starting_points(2).tolist() == [0]
    assert index.starting_points(5).tolist() == [2, 0]
    assert index.entry(2) == 4


def test_that_a_lost_key_packet_gives_only_what_comes_after_all_before_it() -> None:
    index = _index([0, 2, 1, 4, 5], keys=(0, 3))  # packet 3 shows nothing
    assert index.entry(3) == 3
    assert index.starting_points(3).tolist() == [3, 0]
    assert index.starting_points(1).tolist() == [0]


def test_that_packets_are_recognised_only_when_there_is_no_doubt(clips: Callable[[str], Path]) -> None:
    table = open_video_clip(clips("b_frames.mp4"))._index.packets
    packet = _Packet(int(table.packet_pts[7]), int(table.packet_pos[7]), int(table.packet_size[7]))
    assert table.find(packet) == 7  # type: ignore[arg-type]  # a stand-in with what is looked at
    assert table.find(_Packet(None, None, 31)) is None  # type: ignore[arg-type]  # the same
    assert table.find(_Packet(UNKNOWN + 1, packet.pos, packet.size)) is None  # type: ignore[arg-type]  # the same


class _Packet:
    def __init__(self, pts: int | None, pos: int | None, size: int) -> None:
        self.pts, self.pos, self.size = pts, pos, size


@settings(max_examples=30)
@given(order=st.permutations(range(8)))
def test_that_every_frame_can_be_decoded_from_the_beginning(order: list[int]) -> None:
    index = _index(order, keys=(0, 3, 5))
    for frame in range(8):
        for key in index.starting_points(frame).tolist():
            assert key <= index.frame_packet[frame]
            assert index.entry(key) <= frame
