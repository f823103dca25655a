"""Video as a clip: any frame, exactly, and each decoded once when read in order."""

from __future__ import annotations

import logging
from collections import Counter, OrderedDict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame

from tracker.errors import MediaError
from tracker.jobs import Job
from tracker.media import pixels
from tracker.media.container import read_facts
from tracker.media.content_hash import file_fingerprint, hash_file
from tracker.media.facts import SensorFacts
from tracker.media.index_cache import IndexCache
from tracker.media.packet_reader import PacketReader
from tracker.media.source import Counts, stand_in
from tracker.media.video_index import INDEX_SUFFIX, UNKNOWN, VideoIndex, dump_index, parse_index
from tracker.media.video_scan import scan_video

_log = logging.getLogger(__name__)

_PICTURE_BYTES = 64 << 20
# A decoder holds back at most 16 frames (H.264, HEVC) of two fields each, and one per thread.
_MAX_DELAY = 64
# Decoding this many packets more costs less than a seek.
_NEAR = 32
# Key packets to try before the clip is decoded from its beginning, and how far that may be to settle a doubt.
_MAX_STARTS, _FAR = 3, 5000
# Frames that differ from the scan before it is no longer asked.
_MAX_BELIEVED = 3


def open_video(path: Path, cache: IndexCache) -> Job[VideoSource]:
    """Open a video as a job; scan it where that was not done before.

    Raises:
        MediaError: It cannot be read, or is not a video.
    """
    try:
        fingerprint = file_fingerprint(path)
        content_hash = cache.remembered(path, fingerprint)
        if content_hash is None:
            content_hash = yield from hash_file(path)
            cache.remember(path, fingerprint, content_hash)
    except PermissionError:
        raise MediaError("you may not read this file.", where=path, todo="Change its permissions.") from None
    except OSError as error:
        raise MediaError(f"cannot be read ({error.strerror}).", where=path) from error
    index = parse_index(cache.load(content_hash, INDEX_SUFFIX) or b"", content_hash)
    if index is None:
        index = yield from scan_video(path, content_hash)
        cache.save(content_hash, INDEX_SUFFIX, dump_index(index))
    return VideoSource(path, index, fingerprint)


class VideoSource:
    """A video file. Implements `FrameSource`.

    The last decoded pictures are kept, up to a number of bytes: going back one frame costs nothing, and
    going backward through the clip decodes a whole stretch at a time.

    Args:
        path: The file.
        index: Of the file.
        fingerprint: `file_fingerprint` of the file when it was scanned.
        picture_bytes: How much memory decoded pictures may take.
        bad: Frames known to be broken, shared by all readers of a file; those of the index where it is None.
    """

    kind = "video"

    def __init__(
        self,
        path: Path,
        index: VideoIndex,
        fingerprint: str,
        picture_bytes: int = _PICTURE_BYTES,
        bad: set[int] | None = None,
    ) -> None:
        self._path, self._index, self._fingerprint = path, index, fingerprint
        self._reader = PacketReader(path, index, fingerprint)
        self._pictures = _Pictures(picture_bytes)
        self._latest = -1  # the furthest frame that came out since decoding began
        self._first_whole = 0  # frames before it came out without what they refer to
        self._repeats: Counter[int] = Counter()
        self._verifies = True
        self._believed: set[int] = set()
        self._facts: SensorFacts | None = None
        self._bad = bad if bad is not None else set(np.flatnonzero(index.frame_bad).tolist())

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._index.width, self._index.height

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """Type of the counts."""
        return np.dtype(np.uint8) if self._index.bits <= 8 else np.dtype(np.uint16)

    @property
    def channels(self) -> int:
        """1 for gray, also where gray is stored as colour; 3 for colour."""
        return self._index.channels

    @property
    def fps(self) -> float | None:
        """Nominal frames per second; None where the file has no times."""
        return self._index.fps

    @property
    def content_hash(self) -> str:
        """SHA-256 of the file's bytes."""
        return self._index.content_hash

    @property
    def bad_frames(self) -> tuple[int, ...]:
        """Frames that could not be decoded, or only with errors; some show it only when they are read."""
        return tuple(sorted(frozenset(self._bad)))  # another thread may add to it

    @property
    def facts(self) -> SensorFacts:
        """What a file that Thermark has written says about the camera; other videos say nothing."""
        if self._facts is None:
            self._facts = read_facts(self._path)
        return self._facts

    @property
    def frames_decoded(self) -> int:
        """How many pictures this source has decoded so far."""
        return self._reader.decoded

    def __len__(self) -> int:
        return len(self._index)

    def frame(self, index: int) -> Counts:
        """The counts of one frame; see `FrameSource.frame`."""
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        while (shown := stand_in(index, len(self), self._bad)) is not None:
            is_seen = self._index.frame_checksum[shown] != UNKNOWN
            picture = self._picture(shown) if is_seen else self._unseen_picture(shown)
            if picture is not None:
                return pixels.to_counts(picture, self.channels)
            self._bad.add(shown)
        raise MediaError("not one frame of it can be decoded any more.", where=self._path)

    def pts(self, index: int) -> float | None:
        """Presentation time in seconds, None where the file has no times."""
        pts = int(self._index.frame_pts[range(len(self))[index]])
        return None if pts == UNKNOWN else float(pts * self._index.time_base)

    def reopen(self) -> VideoSource:
        """An independent reader of the same file, for another thread."""
        limit = self._pictures.byte_limit
        return VideoSource(self._path, self._index, self._fingerprint, limit, self._bad)

    def close(self) -> None:
        """Release the file, the decoder and the kept pictures."""
        self._pictures.clear()
        self._reader.close()

    def _picture(self, index: int) -> VideoFrame:
        """A good frame's picture, by the cheapest way that gives the one of the scan."""
        doubtful: VideoFrame | None = None
        for start in self._attempts(index):
            if start == 0 and doubtful is not None and self._index.frame_packet[index] > _FAR:
                break
            if start is not None:
                self._start(start)
            picture = self._decode_to(index)
            if picture is not None and self._is_true(index, picture):
                return picture
            doubtful = picture or doubtful
            if picture is not None and not self._reader.begun_at:
                break  # nothing is nearer to the scan than decoding from the beginning
        if doubtful is None:
            where = f"{self._path}, frame {index}"
            raise MediaError("cannot be read any more.", where=where, todo="Open the clip again.")
        self._believe(index)
        return doubtful

    def _unseen_picture(self, index: int) -> VideoFrame | None:
        """The picture of a frame that the scan did not decode; None where it is broken."""
        for start in islice(self._attempts(index), 2):
            if start is not None:
                self._start(start)
            picture = self._decode_to(index)
            if picture is not None and self._is_whole(picture):
                return picture
            self._reader.close()  # what is broken may have left the decoder in disorder
        return None

    def _is_whole(self, picture: VideoFrame) -> bool:
        form = picture.width, picture.height, pixels.layout(picture.format.name).bits
        is_of_clip = form == (self._index.width, self._index.height, self._index.bits)
        return is_of_clip and not picture.is_corrupt

    def _attempts(self, index: int) -> Iterator[int | None]:
        """Where to decode from: None for where the reader stands, else an ordinal; at last the beginning."""
        if index in self._pictures or self._is_ahead(index):
            yield None
        nearest = self._index.starting_points(index)[:_MAX_STARTS].tolist()
        yield from nearest
        if 0 not in nearest:
            yield 0

    def _is_ahead(self, index: int) -> bool:
        """Whether decoding on is the best way to a frame."""
        if self._reader.has_ended or index <= self._latest:
            return False
        reach = self._reader.sent + _NEAR
        if self._index.frame_packet[index] <= reach:
            return True
        starts = self._index.starting_points(index)
        return not len(starts) or bool(starts[0] <= reach)

    def _start(self, ordinal: int) -> None:
        self._pictures.clear()
        self._repeats.clear()
        self._reader.start(ordinal)
        self._first_whole = self._index.entry(self._reader.begun_at)
        self._latest = -1

    def _decode_to(self, index: int) -> VideoFrame | None:
        """The picture of a frame; None where decoding on does not bring it."""
        last_chance = int(self._index.frame_packet[index]) + _MAX_DELAY
        while index not in self._pictures and not self._reader.has_ended and self._reader.sent <= last_chance:
            for ordinal, picture in self._reader.step():
                self._keep(ordinal, picture)
        return self._pictures.get(index)

    def _keep(self, ordinal: int, picture: VideoFrame) -> None:
        frames = self._index.frames_of(ordinal)
        repeat = 0
        if len(frames) > 1:
            repeat = self._repeats[ordinal]
            self._repeats[ordinal] += 1
        if repeat >= len(frames) or frames[repeat] < self._first_whole:
            return
        self._pictures.add(int(frames[repeat]), picture)
        self._latest = max(self._latest, int(frames[repeat]))

    def _is_true(self, index: int, picture: VideoFrame) -> bool:
        """Whether this is the picture that the scan saw; a container may mark key packets that are none."""
        if not self._verifies or index in self._believed:
            return True
        return pixels.checksum(picture) == int(self._index.frame_checksum[index])

    def _believe(self, index: int) -> None:
        """Take a frame as it comes, though it never comes as in the scan.

        After damage a decoder may leave parts of a picture unwritten, and another processor may round
        differently. The scan is then no measure: not for this frame, and after a few not for the clip.
        """
        self._believed.add(index)
        if len(self._believed) >= _MAX_BELIEVED:
            self._verifies = False
            _log.warning("%s decodes differently from when it was scanned; taken as it is", self._path)


class _Pictures:
    """The pictures decoded last, by frame, within a number of bytes; always at least one."""

    def __init__(self, byte_limit: int) -> None:
        self.byte_limit = byte_limit
        self._pictures: OrderedDict[int, VideoFrame] = OrderedDict()
        self._bytes = 0

    def __contains__(self, index: int) -> bool:
        return index in self._pictures

    def get(self, index: int) -> VideoFrame | None:
        return self._pictures.get(index)

    def add(self, index: int, picture: VideoFrame) -> None:
        if index in self._pictures:
            return
        self._pictures[index] = picture
        self._bytes += _byte_size(picture)
        while self._bytes > self.byte_limit and len(self._pictures) > 1:
            self._bytes -= _byte_size(self._pictures.popitem(last=False)[1])

    def clear(self) -> None:
        self._pictures.clear()
        self._bytes = 0


def _byte_size(picture: VideoFrame) -> int:
    return sum(plane.buffer_size for plane in picture.planes)
