from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from tracker.media.frame_order import ScanLog, arrange, nominal_fps
from tracker.media.video_index import UNKNOWN
from tracker.media.video_scan import _is_hidden


def _log(
    pts: list[int],
    shown: list[int],
    *,
    dts: list[int] | None = None,
    keys: tuple[int, ...] = (0,),
    interlaced: bool = False,
    silent: tuple[int, ...] = (),
) -> ScanLog:
    """A scan of packets with these times, of which those in `shown` gave a picture, in this order."""
    log = ScanLog()
    for ordinal, time in enumerate(pts):
        log.pts.append(time)
        log.dts.append(dts[ordinal] if dts else ordinal)
        log.pos.append(100 * ordinal)
        log.size.append(10)
        log.key.append(ordinal in keys)
        log.silent.append(ordinal in silent)
        log.flawed.append(0)
    for ordinal in shown:
        log.picture_packet.append(ordinal)
        log.picture_checksum.append(ordinal + 1000)
        log.picture_corrupt.append(0)
        log.picture_interlaced.append(interlaced)
    return log


def test_that_pictures_keep_the_order_in_which_they_came_out() -> None:
    frames = arrange(_log([0, 3, 1, 2], [0, 2, 3, 1]))
    assert frames.packet.tolist() == [0, 2, 3, 1]
    assert frames.pts.tolist() == [0, 1, 2, 3]
    assert frames.checksum.tolist() == [1000, 1002, 1003, 1001]
    assert not frames.bad.any()


def test_that_a_lost_frame_stands_where_its_time_says() -> None:
    frames = arrange(_log([0, 3, 1, 2, 4, 5], [0, 2, 1, 4, 5]))
    assert frames.packet.tolist() == [0, 2, 3, 1, 4, 5]
    assert frames.bad.tolist() == [False, False, True, False, False, False]


def test_that_a_lost_frame_without_times_stands_before_the_next_stored_one() -> None:
    frames = arrange(_log([UNKNOWN] * 5, [0, 1, 3, 4], dts=[UNKNOWN] * 5))
    assert frames.packet.tolist() == [0, 1, 2, 3, 4]
    assert frames.bad.tolist() == [False, False, True, False, False]
    assert (frames.pts == UNKNOWN).all()


def test_that_pictures_that_came_out_wrongly_after_an_error_are_put_right_by_their_times() -> None:
    pts = [*range(20), 22, 20, 21, *range(23, 40)]
    frames = arrange(_log(pts, [*range(20), 20, 22, *range(23, 40)]))
    assert frames.pts.tolist() == list(range(40))
    assert frames.packet.tolist()[19:24] == [19, 21, 22, 20, 23]


def test_that_presentation_times_in_stored_order_are_not_believed() -> None:
    # As AVI does it for H.264: every time is that of decoding.
    order = [0, 3, 2, 4, 1, 7, 6, 8, 5]
    frames = arrange(_log(list(range(1, 10)), order))
    assert frames.packet.tolist() == order
    assert frames.pts.tolist() == list(range(9))


def test_that_joined_recordings_stay_one_after_the_other() -> None:
    times = [50, 51, 52, 53, 54, 0, 1, 2, 3, 4]
    lost = 7
    frames = arrange(_log(times, [k for k in range(10) if k != lost], dts=times))
    assert frames.packet.tolist() == list(range(10))
    assert np.flatnonzero(frames.bad).tolist() == [lost]


def test_that_what_refers_to_before_the_first_key_packet_is_left_out() -> None:
    frames = arrange(_log([8, 9, 12, 10, 11, 13], [2, 5], keys=(2,)))
    assert frames.packet.tolist() == [2, 5]


def test_that_packets_not_meant_to_be_shown_are_no_lost_frames() -> None:
    frames = arrange(_log([0, 1, 2], [0, 2], silent=(1,)))
    assert frames.packet.tolist() == [0, 2]


def test_that_the_second_field_of_a_picture_is_no_lost_frame() -> None:
    frames = arrange(_log(list(range(10)), [0, 2, 4, 8], interlaced=True))
    assert frames.packet.tolist() == [0, 2, 4, 6, 8] or frames.packet.tolist() == [0, 2, 4, 6, 7, 8]
    assert frames.packet.tolist().count(6) == 1


def test_that_a_tail_that_was_cut_off_is_marked_with_times_going_on() -> None:
    frames = arrange(_log([0, 10, 20], [0, 1, 2]), declared=5)
    assert frames.packet.tolist() == [0, 1, 2, UNKNOWN, UNKNOWN]
    assert frames.pts.tolist() == [0, 10, 20, 30, 40]
    assert frames.bad.tolist() == [False, False, False, True, True]


def test_that_a_gap_in_a_constant_rate_is_a_lost_frame_where_there_was_an_error() -> None:
    times = [40 * k for k in range(40) if k not in (7, 20, 21)]
    log = _log(times, list(range(len(times))))
    assert len(arrange(log).packet) == 37  # recorded with gaps
    log.errors = 1
    frames = arrange(log)
    assert frames.pts.tolist() == [40 * k for k in range(40)]
    assert np.flatnonzero(frames.bad).tolist() == [7, 20, 21]


def test_that_gaps_of_a_variable_rate_are_no_lost_frames() -> None:
    log = _log(np.cumsum(np.arange(30) % 7 * 11 + 5).tolist(), list(range(30)))
    log.errors = 1
    assert not arrange(log).bad.any()


def test_that_a_tail_fills_the_gaps_before_the_last_frames_first() -> None:
    times = [*range(0, 300, 10), 330]  # the last one is stored before the three shown before it
    frames = arrange(_log(times, list(range(31))), declared=36)
    assert frames.pts.tolist() == list(range(0, 360, 10))
    assert np.flatnonzero(frames.bad).tolist() == [30, 31, 32, 34, 35]


def test_that_an_absurd_length_is_not_believed() -> None:
    assert len(arrange(_log([0, 1, 2], [0, 1, 2]), declared=2**31).packet) == 3


def test_that_doubled_times_do_not_merge_frames() -> None:
    frames = arrange(_log([0, 1, 1, 1, 2], [0, 1, 2, 3, 4]))
    assert frames.packet.tolist() == [0, 1, 2, 3, 4]


def test_that_a_packet_with_two_pictures_is_two_frames() -> None:
    frames = arrange(_log([0, 1], [0, 0, 1]))
    assert frames.packet.tolist() == [0, 0, 1]


@pytest.mark.parametrize(
    ("pts", "declared", "fps"),
    [
        ([0, 40, 80, 120], 25.0, 25.0),
        ([0, 33, 67, 100], 30000 / 1001, 30000 / 1001),
        ([0, 10, 100, 110], 25.0, 3000 / 110),
        ([0, 20, 40], None, 50.0),
        ([5], 25.0, 25.0),
        ([5], None, None),
        ([UNKNOWN, UNKNOWN], 25.0, None),
    ],
)
def test_that_the_rate_is_the_declared_one_where_the_times_agree(
    pts: list[int], declared: float | None, fps: float | None
) -> None:
    result = nominal_fps(np.array(pts), float(Fraction(1, 1000)), declared)
    assert result == (None if fps is None else pytest.approx(fps))


def test_that_a_hidden_vp8_packet_is_recognised() -> None:
    shown, hidden = b"\x50\x00", b"\x41\x00"  # bit 4 of the first byte: show_frame
    assert not _is_hidden("vp8", shown)  # type: ignore[arg-type]  # only its bytes are looked at
    assert _is_hidden("vp8", hidden)  # type: ignore[arg-type]  # the same
    assert not _is_hidden("h264", hidden)  # type: ignore[arg-type]  # the same
