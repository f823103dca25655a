"""From what a decoder said during one scan to the frames of a clip, in the order they are shown.

Pure functions over columns; nothing here touches a file.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tracker.media.video_index import UNKNOWN, Bool, Int64, PacketTable

# A few pictures out of order are damage; more mean that the file's PTS say nothing about the order.
_MAX_DISORDER = 0.1
# In field-coded video every second packet ends a picture that the packet before it has begun.
_MIN_FIELD_SHARE = 0.4
# At most so many frames are stored before one that is shown first (H.264, HEVC).
_MAX_REORDER = 16
# A file of which less than a hundredth is left does not say how long it was.
_MAX_LOSS = 100
# A rate is constant where most frames follow each other in one step; a longer gap is no loss but a wrong time.
_MIN_CONSTANT, _MAX_GAP = 0.9, 50
# Times are rounded to the unit of the file, often a millisecond.
_RATE_TOLERANCE = 0.03


def _integers() -> array[int]:
    return array("q")


@dataclass
class ScanLog:
    """What happened, packet by packet and picture by picture.

    Attributes:
        pts: Per packet; UNKNOWN where missing. So for `dts`, `pos`, `size`.
        key: Per packet: decoding can begin here.
        silent: Per packet: it is not meant to show anything.
        flawed: Per packet: the container itself says that it is broken.
        picture_packet: Per picture, in the order they came out: ordinal of its packet.
        picture_checksum: Per picture.
        picture_corrupt: Per picture: decoded with errors, or of another size or depth than the clip.
        picture_interlaced: Per picture.
        errors: How often the demuxer or the decoder complained.
    """

    pts: array[int] = field(default_factory=_integers)
    dts: array[int] = field(default_factory=_integers)
    pos: array[int] = field(default_factory=_integers)
    size: array[int] = field(default_factory=_integers)
    key: array[int] = field(default_factory=_integers)
    silent: array[int] = field(default_factory=_integers)
    flawed: array[int] = field(default_factory=_integers)
    picture_packet: array[int] = field(default_factory=_integers)
    picture_checksum: array[int] = field(default_factory=_integers)
    picture_corrupt: array[int] = field(default_factory=_integers)
    picture_interlaced: array[int] = field(default_factory=_integers)
    errors: int = 0

    def table(self) -> PacketTable:
        """The packets as columns."""
        return PacketTable(
            packet_pts=_column(self.pts),
            packet_dts=_column(self.dts),
            packet_pos=_column(self.pos),
            packet_size=_column(self.size),
            packet_key=_column(self.key).astype(np.bool_),
        )


@dataclass(frozen=True, eq=False)
class Frames:
    """Columns of the frames of a clip, in the order they are shown; see `VideoIndex`."""

    packet: Int64
    pts: Int64
    bad: Bool
    checksum: Int64


def arrange(log: ScanLog, declared: int = 0) -> Frames:
    """Put the pictures that came out, and the places of those that did not, in order.

    Args:
        log: The scan.
        declared: How many packets the file says it has, 0 where it does not; those beyond what was read are
            a lost tail.
    """
    packet, checksum = _column(log.picture_packet), _column(log.picture_checksum)
    corrupt = _column(log.picture_corrupt).astype(np.bool_)
    corrupt |= _column(log.flawed).astype(np.bool_)[packet]
    lost = _lost_packets(log)
    frames = Frames(
        np.concatenate((packet, lost)),
        np.full(len(packet) + len(lost), UNKNOWN, np.int64),
        np.concatenate((corrupt, np.ones(len(lost), np.bool_))),
        np.concatenate((checksum, np.zeros(len(lost), np.int64))),
    )
    ordered = _in_order(frames, log, pictures=len(packet))
    is_harmed = log.errors > 0 or bool(frames.bad.any())
    cut_off = declared - len(log.pts)
    if declared and cut_off <= 0:
        return ordered  # every packet was there
    if cut_off > _MAX_LOSS * len(log.pts):
        cut_off = 0  # no loss but a broken header
    return _with_missing(ordered, _missing_times(ordered.pts, cut_off, is_harmed=is_harmed))


def nominal_fps(pts: Int64, time_base: float, declared: float | None) -> float | None:
    """Frames per second: what the file declares where most of its times agree, else the mean over the clip.

    Args:
        pts: (n,) times of the frames, ascending; UNKNOWN where there are none.
        time_base: Seconds per unit of `pts`.
        declared: From the file, None where it says nothing.

    Returns:
        None where the frames have no times.
    """
    known = pts[pts != UNKNOWN]
    if not len(known):
        return None
    steps = np.diff(known) * time_base
    if declared and (not len(steps) or abs(float(np.median(steps)) * declared - 1) < _RATE_TOLERANCE):
        return declared
    span = float(steps.sum())
    return len(steps) / span if span > 0 else None


def _column(values: array[int]) -> Int64:
    return np.array(values, np.int64)


def _lost_packets(log: ScanLog) -> Int64:
    """Ordinals of the packets that should have given a picture and gave none."""
    count = len(log.pts)
    missing = ~_column(log.silent).astype(np.bool_)
    missing[_column(log.picture_packet)] = False
    missing &= ~_before_the_beginning(log)
    lost = np.flatnonzero(missing)
    is_interlaced = len(log.picture_interlaced) > 0 and all(log.picture_interlaced)
    if is_interlaced and len(lost) >= _MIN_FIELD_SHARE * count:
        has_picture = np.isin(np.arange(count), _column(log.picture_packet))
        lost = lost[~has_picture[lost - 1]]
    return lost


def _before_the_beginning(log: ScanLog) -> Bool:
    """Packets that refer to pictures from before the file: a stream cut at, or between, key packets.

    They were never decodable, no viewer shows them, so they are not part of the clip.
    """
    pts, keys = _column(log.pts), np.flatnonzero(_column(log.key))
    if not len(keys):
        return np.zeros(len(pts), np.bool_)
    first = int(keys[0])
    # Leading pictures, shown before the first key picture, are stored directly after it.
    leading = (pts[first + 1 :] < pts[first]) & (pts[first + 1 :] != UNKNOWN)
    count = len(leading) if leading.all() else int(leading.argmin())
    place = np.arange(len(pts))
    return np.asarray((place < first) | ((place > first) & (place <= first + count)))


def _in_order(frames: Frames, log: ScanLog, pictures: int) -> Frames:
    """Sort frames, of which the first `pictures` came out in this order and the rest were lost.

    In an unharmed clip the decoder's order is the right one. After an error it may be wrong for a few
    pictures and says nothing of the lost ones; then PTS decide, if they can be trusted.
    """
    pts, dts = _column(log.pts)[frames.packet], _column(log.dts)[frames.packet]
    stretch = _stretches(_column(log.dts))[frames.packet]
    turn = np.arange(len(frames.packet))
    by_pts = np.lexsort((turn, pts, stretch))
    is_trusted = _tells_order(pts[:pictures], stretch[:pictures], all_known=bool((pts != UNKNOWN).all()))
    order = by_pts if is_trusted and frames.bad.any() else _by_turn(frames.packet, pictures)
    if is_trusted:
        times = pts[by_pts]
    elif (dts != UNKNOWN).all() and not stretch.any():
        times = np.sort(dts)
    else:
        times = np.full_like(pts, UNKNOWN)
    return Frames(frames.packet[order], times, frames.bad[order], frames.checksum[order])


def _stretches(dts: Int64) -> Int64:
    """Number the stretches of stored order between jumps back in time (recordings joined together)."""
    known = dts != UNKNOWN
    backward = np.diff(dts[known], prepend=dts[known][:1]) < 0
    jumps = np.zeros(len(dts), np.int64)
    jumps[known] = backward
    return np.cumsum(jumps)


def _tells_order(pts: Int64, stretch: Int64, *, all_known: bool) -> bool:
    """Whether PTS grow in the order in which pictures came out, but for a little damage."""
    backward = (np.diff(pts) < 0) & (np.diff(stretch) == 0)
    return all_known and bool(np.count_nonzero(backward) <= _MAX_DISORDER * len(pts))


def _by_turn(packet: Int64, pictures: int) -> NDArray[np.intp]:
    """The order of coming out, each lost frame before the first picture stored after it."""
    latest = np.maximum.accumulate(packet[:pictures])
    turn = np.arange(len(packet), dtype=np.float64)
    turn[pictures:] = np.searchsorted(latest, packet[pictures:]) - 0.5
    return np.lexsort((packet, turn))


def _missing_times(pts: Int64, cut_off: int, *, is_harmed: bool) -> Int64:
    """Times of the frames of which not even the packet is there.

    Args:
        pts: (n,) times of the frames that are there.
        cut_off: How many are known to be cut off the end; a frame stored before them may be shown after some.
        is_harmed: The clip has errors, so that gaps in its times are likely to be lost frames.
    """
    if cut_off <= 0 and not is_harmed:
        return np.empty(0, np.int64)
    steps = np.diff(pts)
    if not len(steps) or (pts == UNKNOWN).any() or (steps < 0).any():
        return np.full(max(cut_off, 0), UNKNOWN, np.int64)
    if cut_off <= 0:
        return _gap_times(pts)
    tail = pts[-1] + max(int(np.median(steps)), 1) * np.arange(1, cut_off + 1)
    return np.concatenate((_gap_times(pts[-_MAX_REORDER:]), tail))[:cut_off]


def _gap_times(pts: Int64) -> Int64:
    """The times that are left out of an otherwise constant rate."""
    steps = np.diff(pts)
    spans = np.rint(steps / max(float(np.median(steps)), 1.0)).astype(np.int64)
    if np.count_nonzero(spans == 1) < _MIN_CONSTANT * len(spans):
        return np.empty(0, np.int64)
    gaps = np.flatnonzero((spans > 1) & (spans <= _MAX_GAP))
    times = [np.linspace(pts[k], pts[k + 1], spans[k] + 1)[1:-1] for k in gaps]
    return np.asarray(np.rint(np.concatenate([*times, []])), np.int64)


def _with_missing(frames: Frames, times: Int64) -> Frames:
    """Add bad frames at the given times, or at the end where these are UNKNOWN."""
    place = np.where(times == UNKNOWN, len(frames.pts), np.searchsorted(frames.pts, times))
    return Frames(
        np.insert(frames.packet, place, UNKNOWN),
        np.insert(frames.pts, place, times),
        np.insert(frames.bad, place, values=True),
        np.insert(frames.checksum, place, 0),
    )
