"""A cache of frames before a clip, filled ahead of the user by one thread."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tracker.errors import MediaError
from tracker.media.facts import SensorFacts
from tracker.media.source import Counts, FrameSource


class CachedSource:
    """A clip whose frames are kept, up to a number of bytes, and fetched ahead. Implements `FrameSource`.

    One thread does all the reading: first what is asked for, then the frames that come next in the
    direction of travel. So a clip read in order is decoded once, whoever asks. `frame` may be called from
    any thread. The frames used longest ago are forgotten first.

    Args:
        source: The clip; belongs to this object from now on.
        byte_limit: How much memory the frames may take. The frame in use is always kept.
        prefetch: How many frames to fetch ahead; less where they would fill more than half of the memory.
    """

    def __init__(self, source: FrameSource, byte_limit: int, prefetch: int) -> None:
        self._source = source
        self._byte_limit = byte_limit
        width, height = source.size
        frame_bytes = max(width * height * source.channels * source.dtype.itemsize, 1)
        self._prefetch = max(min(prefetch, byte_limit // (2 * frame_bytes)), 0)
        self._lock = threading.Lock()
        self._frames: OrderedDict[int, Counts] = OrderedDict()
        self._bytes = 0
        self._pending: dict[int, Future[Counts]] = {}
        self._waiters: Counter[int] = Counter()
        self._direction, self._latest = 1, -1
        self._is_closed = False
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="prefetch")

    @property
    def path(self) -> Path:
        """See `FrameSource`."""
        return self._source.path

    @property
    def kind(self) -> str:
        """See `FrameSource`."""
        return self._source.kind

    @property
    def size(self) -> tuple[int, int]:
        """See `FrameSource`."""
        return self._source.size

    @property
    def dtype(self) -> np.dtype[np.uint8] | np.dtype[np.uint16]:
        """See `FrameSource`."""
        return self._source.dtype

    @property
    def channels(self) -> int:
        """See `FrameSource`."""
        return self._source.channels

    @property
    def fps(self) -> float | None:
        """See `FrameSource`."""
        return self._source.fps

    @property
    def content_hash(self) -> str:
        """See `FrameSource`."""
        return self._source.content_hash

    @property
    def bad_frames(self) -> tuple[int, ...]:
        """See `FrameSource`."""
        return self._source.bad_frames

    @property
    def facts(self) -> SensorFacts:
        """See `FrameSource`."""
        return self._source.facts

    @property
    def bytes_used(self) -> int:
        """How much memory the kept frames take now."""
        return self._bytes

    def __len__(self) -> int:
        return len(self._source)

    def frame(self, index: int) -> Counts:
        """The counts of one frame; see `FrameSource.frame`. Errors of fetching ahead are raised here."""
        if not 0 <= index < len(self):
            raise IndexError(f"frame {index} of {len(self)}")
        with self._lock:
            self._require_open()
            wanted = self._wanted(index)
            self._look_ahead(index)
            self._waiters[index] += 1
        try:
            return wanted.result() if isinstance(wanted, Future) else wanted
        except CancelledError:
            raise self._closed_error() from None
        finally:
            self._release(index)

    def pts(self, index: int) -> float | None:
        """See `FrameSource`."""
        return self._source.pts(index)

    def reopen(self) -> FrameSource:
        """An independent reader of the same media, without a cache."""
        return self._source.reopen()

    def close(self) -> None:
        """Stop fetching, wait for the thread, and release the clip and all frames."""
        with self._lock:
            self._is_closed = True
        self._thread.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._frames.clear()
            self._pending.clear()
            self._bytes = 0
        self._source.close()

    def _wanted(self, index: int) -> Counts | Future[Counts]:
        """A frame that is wanted now, or its future; what was only fetched ahead steps back for it."""
        if index in self._frames:
            return self._frames[index]
        future = self._pending.get(index)
        if future is not None and (future.running() or future.done()):
            return future
        for other, waiting in list(self._pending.items()):
            if not self._waiters[other] and (waiting.cancel() or waiting.done()):
                del self._pending[other]
        return self._pending.get(index) or self._fetch(index)

    def _look_ahead(self, index: int) -> None:
        if index != self._latest:
            self._direction = 1 if index > self._latest else -1
            self._latest = index
        for step in range(1, self._prefetch + 1):
            ahead = index + step * self._direction
            if 0 <= ahead < len(self) and ahead not in self._frames and ahead not in self._pending:
                self._fetch(ahead)

    def _fetch(self, index: int) -> Future[Counts]:
        future = self._pending[index] = self._thread.submit(self._read, index)
        return future

    def _read(self, index: int) -> Counts:
        """On the thread: read a frame and keep it. An error waits in the future until it is asked for."""
        counts = self._source.frame(index)
        counts.setflags(write=False)
        with self._lock:
            self._pending.pop(index, None)
            self._frames[index] = counts
            self._bytes += counts.nbytes
            self._forget_oldest()
        return counts

    def _forget_oldest(self) -> None:
        while self._bytes > self._byte_limit and len(self._frames) > 1:
            self._bytes -= self._frames.popitem(last=False)[1].nbytes

    def _release(self, index: int) -> None:
        with self._lock:
            self._waiters[index] -= 1
            if not self._waiters[index]:
                del self._waiters[index]
            if index in self._frames:
                self._frames.move_to_end(index)
            future = self._pending.get(index)
            if future is not None and future.done():
                del self._pending[index]  # an error that was told; the next call tries again

    def _require_open(self) -> None:
        if self._is_closed:
            raise self._closed_error()

    def _closed_error(self) -> MediaError:
        return MediaError("the clip was closed.", where=self.path, todo="Open it again.")
