"""The one scan of a video: demux every packet, decode every picture, write down what came of it.

Where each packet is a picture of its own and says by itself whether it is whole (FFV1), decoding them all would tell
little and take minutes: some are decoded, and what is wrong with the others shows when they are read.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame

from tracker.errors import MediaError
from tracker.jobs import Job, ProgressMeter
from tracker.media import pixels
from tracker.media.container import VideoFile, VideoPacket, decode, open_video_file, packets
from tracker.media.frame_order import ScanLog, arrange, nominal_fps
from tracker.media.video_index import UNKNOWN, VideoIndex

# Pictures looked at for colour: all up to the first number, then every eighth.
_COLOUR_START, _COLOUR_STEP = 64, 8
_MAX_COLOURED = 0.05

# FFV1 packets decoded in the scan: all up to the first number, then every 32nd.
_SAMPLED_CODEC, _SAMPLE_START, _SAMPLE_STEP = "ffv1", 32, 32

# Below this many pixels decoding several pictures at once costs more than it gains.
_FRAME_THREADS_PIXELS = 1 << 20

_Form = tuple[int, int, str]
"""Width, height and pixel format of a picture."""


@dataclass
class _Scan:
    """The state of a scan.

    Attributes:
        log: What happened.
        form: Per picture: which of `forms` it has.
        forms: The forms met, in order of appearance.
        colour_step: Of how many decoded pictures one is looked at for colour.
        looked_at: How many were.
        coloured: How many of them had it.
    """

    log: ScanLog = field(default_factory=ScanLog)
    form: array[int] = field(default_factory=lambda: array("q"))
    forms: list[_Form] = field(default_factory=list)
    colour_step: int = _COLOUR_STEP
    looked_at: int = 0
    coloured: int = 0

    def note_error(self) -> None:
        """Count a complaint of the demuxer or the decoder."""
        self.log.errors += 1

    @property
    def is_as_assumed(self) -> bool:
        """Whether so far each packet has a picture of its own, and nothing is wrong with any."""
        log = self.log
        is_whole = log.errors == 0 and not any(log.picture_corrupt[-1:]) and not any(log.flawed[-1:])
        is_alone = len(log.pts) == len(log.picture_packet) and all(log.key[-1:]) and not any(log.silent[-1:])
        return is_whole and is_alone and len(self.forms) == 1 and not any(log.picture_interlaced[-1:])

    @property
    def is_gray(self) -> bool:
        """Whether the clip is gray, but for the false colours of damage."""
        return self.coloured <= _MAX_COLOURED * self.looked_at


def scan_video(path: Path, content_hash: str) -> Job[VideoIndex]:
    """Make the index of a video as a job.

    Args:
        path: The file.
        content_hash: Of the file, kept in the index.

    Raises:
        MediaError: It is not a video that can be read, or not one frame of it can.
    """
    sampled = yield from _scan_samples(path, content_hash)
    if sampled is not None:
        return sampled
    index, is_harmed = yield from _scan_once(path, content_hash, may_thread=True)
    if index.frame_threads and is_harmed:
        index, _ = yield from _scan_once(path, content_hash, may_thread=False)
    return index


def _scan_samples(path: Path, content_hash: str) -> Job[VideoIndex | None]:
    """The index of a video of which some pictures tell enough; None where they do not, or something is odd."""
    video = open_video_file(path)
    try:
        if video.stream.codec_context.name != _SAMPLED_CODEC:
            return None
        scan = _Scan(colour_step=1)
        declared = video.declared_packets(path)
        meter = ProgressMeter(f"Scanning {path.name}", _expected_frames(video))
        yield meter.at(0)
        for packet in packets(video, scan.note_error):
            ordinal = len(scan.log.pts)
            if ordinal < _SAMPLE_START or ordinal % _SAMPLE_STEP == 0:
                _take(scan, video, packet)
            else:
                _log_packet(scan.log, video, packet)
                _assume_picture(scan, ordinal)
            if not scan.is_as_assumed:
                return None
            if meter.due():
                yield meter.at(len(scan.log.pts))
        yield meter.at(len(scan.log.pts))
        return _index(path, content_hash, scan, video, declared)
    finally:
        video.close()


def _scan_once(path: Path, content_hash: str, *, may_thread: bool) -> Job[tuple[VideoIndex, bool]]:
    video = open_video_file(path)
    try:
        scan = _Scan()
        if may_thread and video.picture_size >= _FRAME_THREADS_PIXELS:
            video.use_frame_threads()
        declared = video.declared_packets(path)
        meter = ProgressMeter(f"Scanning {path.name}", _expected_frames(video))
        yield meter.at(0)
        for packet in packets(video, scan.note_error):
            _take(scan, video, packet)
            if meter.due():
                yield meter.at(len(scan.log.pts))
        _decode(scan, video, None)
        yield meter.at(len(scan.log.pts))
        index = _index(path, content_hash, scan, video, declared)
    finally:
        video.close()
    return index, scan.log.errors > 0 or bool(index.frame_bad.any())


def _expected_frames(video: VideoFile) -> int | None:
    """How many frames to expect, for the progress alone."""
    if video.stream.frames:
        return video.stream.frames
    seconds, rate = video.container.duration, video.stream.average_rate
    return round(seconds / 1_000_000 * rate) or None if seconds and rate else None


def _take(scan: _Scan, video: VideoFile, packet: VideoPacket) -> None:
    _log_packet(scan.log, video, packet)
    _decode(scan, video, packet)


def _log_packet(log: ScanLog, video: VideoFile, packet: VideoPacket) -> None:
    for column, value in ((log.pts, packet.pts), (log.dts, packet.dts), (log.pos, packet.pos)):
        column.append(UNKNOWN if value is None else value)
    log.size.append(packet.size)
    log.key.append(packet.is_keyframe)
    log.silent.append(packet.is_discard or _is_hidden(video.stream.codec_context.name, packet))
    log.flawed.append(packet.is_corrupt)


def _assume_picture(scan: _Scan, ordinal: int) -> None:
    """Write down a packet's picture that was not decoded as one like the first."""
    log = scan.log
    scan.form.append(0)
    log.picture_packet.append(ordinal)
    log.picture_checksum.append(UNKNOWN)
    log.picture_corrupt.append(False)
    log.picture_interlaced.append(False)


def _is_hidden(codec: str, packet: VideoPacket) -> bool:
    """Whether a VP8 packet only prepares later pictures (RFC 6386, 9.1: show_frame)."""
    return codec in {"vp8", "libvpx"} and not bytes(packet)[0] >> 4 & 1


def _decode(scan: _Scan, video: VideoFile, packet: VideoPacket | None) -> None:
    pictures, is_well = decode(video, packet, len(scan.log.pts) - 1)
    if not is_well:
        scan.note_error()
    for ordinal, picture in pictures:
        _note_picture(scan, ordinal, picture)


def _note_picture(scan: _Scan, ordinal: int, picture: VideoFrame) -> None:
    log = scan.log
    form = (picture.width, picture.height, picture.format.name)
    if form not in scan.forms:
        scan.forms.append(form)
    scan.form.append(scan.forms.index(form))
    log.picture_packet.append(ordinal)
    log.picture_checksum.append(pixels.checksum(picture))
    log.picture_corrupt.append(picture.is_corrupt)
    log.picture_interlaced.append(picture.interlaced_frame)
    if len(scan.form) <= _COLOUR_START or len(scan.form) % scan.colour_step == 0:
        _look_for_colour(scan, picture)


def _look_for_colour(scan: _Scan, picture: VideoFrame) -> None:
    if pixels.layout(picture.format.name).is_supported and not picture.is_corrupt:
        scan.looked_at += 1
        scan.coloured += not pixels.is_neutral(picture)


def _index(path: Path, content_hash: str, scan: _Scan, video: VideoFile, declared: int) -> VideoIndex:
    if not scan.form:
        raise MediaError("not one frame of it can be decoded.", where=path, todo="Copy the file again.")
    width, height, bits = _common_form(path, scan)
    frames = arrange(scan.log, declared)
    time_base = video.stream.time_base or Fraction(1)
    rate = video.stream.average_rate
    fps = nominal_fps(frames.pts, float(time_base), float(rate) if rate else None)
    if frames.bad.all():
        raise MediaError("not one frame of it can be decoded whole.", where=path, todo="Copy the file again.")
    return VideoIndex(
        content_hash=content_hash,
        width=width,
        height=height,
        bits=bits,
        channels=1 if scan.is_gray else 3,
        time_base=time_base,
        fps=fps,
        frame_threads=video.has_frame_threads,
        packets=scan.log.table(),
        frame_packet=frames.packet,
        frame_pts=frames.pts,
        frame_bad=frames.bad,
        frame_checksum=frames.checksum,
    )


def _common_form(path: Path, scan: _Scan) -> tuple[int, int, int]:
    """Width, height and bits of most pictures; the others are marked as corrupt in the log."""
    kinds = [(width, height, pixels.layout(name).bits) for width, height, name in scan.forms]
    common = Counter(kinds[form] for form in scan.form).most_common(1)[0][0]
    for number, form in enumerate(scan.form):
        if kinds[form] != common:
            scan.log.picture_corrupt[number] = True
    name = next(name for (_, _, name), kind in zip(scan.forms, kinds, strict=True) if kind == common)
    if not pixels.layout(name).is_supported:
        raise MediaError(f"its pixels are not 8 or 16 bit whole numbers ({name}).", where=path)
    return common
