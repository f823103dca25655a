from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.errors import MediaError
from tracker.media import CachedSource, Counts, FrameSource
from tracker.media.facts import SensorFacts

FRAME_BYTES = 12
COUNT = 100


class Clip:
    """Frames filled with their number; counts what is read, waits and fails where told to."""

    path, kind, size, channels = Path("clip"), "video", (4, 3), 1
    dtype: np.dtype[np.uint8] | np.dtype[np.uint16] = np.dtype(np.uint8)
    fps: float | None = 25.0
    content_hash = "00"
    bad_frames: tuple[int, ...] = ()
    facts = SensorFacts("Boson")

    def __init__(self) -> None:
        self.reads: list[int] = []
        self.threads: set[int] = set()
        self.broken: set[int] = set()
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.is_closed = False

    def __len__(self) -> int:
        return COUNT

    def frame(self, index: int) -> Counts:
        self.entered.set()
        assert self.gate.wait(10)
        self.threads.add(threading.get_ident())
        self.reads.append(index)
        if index in self.broken:
            raise MediaError("broken", where=index)
        return np.full((3, 4), index, np.uint8)

    def pts(self, index: int) -> float | None:
        return index / 25

    def reopen(self) -> FrameSource:
        return Clip()

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def clip() -> Clip:
    return Clip()


@pytest.fixture
def cached(clip: Clip) -> Iterator[CachedSource]:
    source = CachedSource(clip, byte_limit=20 * FRAME_BYTES, prefetch=4)
    yield source
    clip.gate.set()
    source.close()


def _settle(source: CachedSource) -> None:
    """Wait until nothing more is being fetched."""
    source._thread.submit(lambda: None).result(10)


def test_that_reading_in_order_reads_each_frame_once(cached: CachedSource, clip: Clip) -> None:
    for index in range(COUNT):
        assert (cached.frame(index) == index).all()
    assert clip.reads == list(range(COUNT))
    assert len(clip.threads) == 1


def test_that_reading_backward_fetches_backward(cached: CachedSource, clip: Clip) -> None:
    cached.frame(90)
    cached.frame(50)
    _settle(cached)
    assert set(clip.reads[-4:]) == {49, 48, 47, 46}
    before = list(clip.reads)
    cached.frame(49)
    _settle(cached)
    assert clip.reads == [*before, 45]


def test_that_frames_are_fetched_ahead(cached: CachedSource, clip: Clip) -> None:
    cached.frame(10)
    _settle(cached)
    assert clip.reads == [10, 11, 12, 13, 14]


def test_that_kept_frames_are_not_read_again(cached: CachedSource, clip: Clip) -> None:
    first = cached.frame(5)
    _settle(cached)
    read = Counter(clip.reads)
    assert cached.frame(5) is first
    _settle(cached)
    assert Counter(clip.reads) == read


def test_that_memory_stays_within_its_limit_whatever_the_length(cached: CachedSource) -> None:
    for index in range(COUNT):
        cached.frame(index)
        assert cached.bytes_used <= 20 * FRAME_BYTES
    _settle(cached)
    assert cached.bytes_used == 20 * FRAME_BYTES


def test_that_the_frames_used_longest_ago_are_forgotten(clip: Clip) -> None:
    source = CachedSource(clip, byte_limit=3 * FRAME_BYTES, prefetch=0)
    for index in (1, 2, 3, 1, 4):
        source.frame(index)
    clip.reads.clear()
    for index in (1, 3, 4, 2):
        source.frame(index)
    assert clip.reads == [2]
    source.close()


def test_that_fetching_ahead_does_not_push_out_what_it_fetched(clip: Clip) -> None:
    source = CachedSource(clip, byte_limit=10 * FRAME_BYTES, prefetch=1000)
    for index in range(COUNT):
        source.frame(index)
    source.close()
    assert clip.reads == list(range(COUNT))


def test_that_a_limit_below_one_frame_still_gives_frames(clip: Clip) -> None:
    source = CachedSource(clip, byte_limit=1, prefetch=8)
    assert [int(source.frame(index)[0, 0]) for index in (3, 4, 3)] == [3, 4, 3]
    source.close()


def test_that_what_is_wanted_now_goes_before_what_is_fetched_ahead(cached: CachedSource, clip: Clip) -> None:
    clip.gate.clear()
    with ThreadPoolExecutor(2) as callers:
        first = callers.submit(cached.frame, 10)
        assert clip.entered.wait(10)
        second = callers.submit(cached.frame, 80)
        while 80 not in cached._pending:
            pass
        clip.gate.set()
        assert (first.result(10) == 10).all()
        assert (second.result(10) == 80).all()
    _settle(cached)
    assert clip.reads == [10, 80, 81, 82, 83, 84]


def test_that_an_error_of_fetching_ahead_is_raised_for_its_own_frame_only(
    cached: CachedSource, clip: Clip
) -> None:
    clip.broken = {12}
    for index in (10, 11):
        cached.frame(index)
    _settle(cached)
    with pytest.raises(MediaError, match="broken"):
        cached.frame(12)
    assert (cached.frame(13) == 13).all()


def test_that_an_error_is_not_kept_for_ever(cached: CachedSource, clip: Clip) -> None:
    clip.broken = {30}
    with pytest.raises(MediaError):
        cached.frame(30)
    clip.broken = set()
    assert (cached.frame(30) == 30).all()


def test_that_frames_are_read_only(cached: CachedSource) -> None:
    with pytest.raises(ValueError, match="read-only"):
        cached.frame(0)[0, 0] = 1


def test_that_many_threads_get_their_frames(cached: CachedSource) -> None:
    def travel(seed: int) -> bool:
        order = np.random.default_rng(seed).integers(0, COUNT, 200)
        return all((cached.frame(int(index)) == index).all() for index in order)

    with ThreadPoolExecutor(6) as callers:
        assert all(callers.map(travel, range(6)))


def test_that_closing_stops_the_thread_and_closes_the_clip(clip: Clip) -> None:
    source = CachedSource(clip, byte_limit=1000, prefetch=4)
    source.frame(0)
    source.close()
    assert clip.is_closed
    assert source.bytes_used == 0
    assert not any(thread.name.startswith("prefetch") for thread in threading.enumerate())
    with pytest.raises(MediaError, match="closed"):
        source.frame(0)


def test_that_a_frame_waited_for_while_the_clip_is_closed_is_answered(clip: Clip) -> None:
    source = CachedSource(clip, byte_limit=1000, prefetch=0)
    clip.gate.clear()
    with ThreadPoolExecutor(3) as callers:
        running = callers.submit(source.frame, 1)
        assert clip.entered.wait(10)
        waiting = callers.submit(source.frame, 2)
        while 2 not in source._pending:
            pass
        closing = callers.submit(source.close)
        with pytest.raises(MediaError, match="closed"):
            waiting.result(10)
        clip.gate.set()
        assert (running.result(10) == 1).all()
        closing.result(10)


def test_that_all_else_is_the_clips_own(cached: CachedSource, clip: Clip) -> None:
    for name in ("path", "kind", "size", "dtype", "channels", "fps", "content_hash", "bad_frames", "facts"):
        assert getattr(cached, name) == getattr(clip, name)
    assert (len(cached), cached.pts(5)) == (COUNT, 0.2)
    assert isinstance(cached.reopen(), Clip)
    with pytest.raises(IndexError):
        cached.frame(COUNT)


@settings(max_examples=30)
@given(
    order=st.lists(st.integers(0, COUNT - 1), max_size=60),
    frames=st.integers(1, 30),
    prefetch=st.integers(0, 10),
)
def test_that_any_order_gives_the_right_frames(order: list[int], frames: int, prefetch: int) -> None:
    source = CachedSource(Clip(), byte_limit=frames * FRAME_BYTES, prefetch=prefetch)
    assert [int(source.frame(index)[1, 1]) for index in order] == order
    assert source.bytes_used <= frames * FRAME_BYTES
    source.close()
