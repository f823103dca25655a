"""Sensor events of whole clips: found in one pass, kept by content, corrected frames beside them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.tracking.fakes import ArraySource
from tracker.jobs import Event, Progress, finish
from tracker.media.facts import NO_FACTS
from tracker.media.index_cache import IndexCache
from tracker.thermal.event_text import SUFFIX
from tracker.thermal.events import EventKind
from tracker.tracking.pattern_correction import SUFFIX as PATTERN_SUFFIX
from tracker.tracking.pattern_correction import Correction, corrected, fixed_pattern
from tracker.tracking.sensor_events import left_out, sensor_events


@pytest.fixture
def cache(tmp_path: Path) -> IndexCache:
    return IndexCache(tmp_path)


def source_of(count: int = 20, bad: tuple[int, ...] = ()) -> ArraySource:
    """A scene that freezes on the frames 5 to 7 and answers brighter from frame 12 on; the pixel (3, 4) is dead."""
    rng = np.random.default_rng(0)
    scene = np.kron(rng.normal(3000, 80, (6, 8)), np.ones((8, 8)))
    frames = np.stack([scene + rng.normal(0, 4, scene.shape) for _ in range(count)])
    frames[5:8] = frames[4]
    frames[12:] = frames[12:] * 1.2 - 200
    frames[:, 3, 4] = 9000
    return ArraySource(np.rint(frames).astype(np.uint16), Path("clip"), bad)


def found(source: ArraySource, cache: IndexCache) -> list[tuple[EventKind, int, int]]:
    return [(each.kind, each.start, each.stop) for each in finish(sensor_events(source, cache))]


def test_that_each_frame_is_read_once_and_never_again(cache: IndexCache) -> None:
    source = source_of()
    expected = [(EventKind.FREEZE, 5, 8), (EventKind.GAIN, 12, 13)]
    assert found(source, cache) == expected
    assert source.reads == list(range(20))
    assert found(source, cache) == expected
    assert source.reads == list(range(20))


def test_that_what_was_found_comes_back_from_the_cache_to_the_last_digit(cache: IndexCache) -> None:
    first = finish(sensor_events(source_of(), cache))
    assert finish(sensor_events(source_of(), cache)) == first


@pytest.mark.parametrize(
    "data", [b"", b"{}", b'{"events": [["NO", 1, 2, 1, 0]]}', b'{"events": [[1]]}', b'{"events": 3}', b"\xff"]
)
def test_that_a_damaged_cache_is_made_again(cache: IndexCache, data: bytes) -> None:
    source = source_of()
    cache.save(source.content_hash, SUFFIX, data)
    assert len(found(source, cache)) == 2


def test_that_a_cancelled_search_keeps_nothing(cache: IndexCache) -> None:
    source = source_of()
    job = sensor_events(source, cache)
    next(job)
    job.close()
    assert cache.load(source.content_hash, SUFFIX) is None


def test_that_progress_is_told_to_the_end(cache: IndexCache) -> None:
    events: list[Event] = []
    finish(sensor_events(source_of(), cache), events.append)
    last = events[-1]
    assert isinstance(last, Progress)
    assert (last.done, last.total) == (20, 20)


def test_that_broken_frames_are_no_frozen_ones(cache: IndexCache) -> None:
    assert found(source_of(bad=(5, 6, 7)), cache) == [(EventKind.GAIN, 12, 13)]


def test_that_telemetry_stands_beside_what_is_seen(cache: IndexCache) -> None:
    source = source_of()
    source.facts = replace(NO_FACTS, calibrating=(4, 5, 12, 13, 14))
    kinds = [
        (EventKind.CALIBRATION, 4, 6),
        (EventKind.FREEZE, 5, 8),
        (EventKind.GAIN, 12, 13),
        (EventKind.CALIBRATION, 12, 15),
    ]
    assert found(source, cache) == kinds
    events = finish(sensor_events(source, cache))
    assert left_out(events, frozenset({EventKind.FREEZE, EventKind.GAIN})) == {5, 6, 7, 12}


def test_that_the_fixed_pattern_is_estimated_once(cache: IndexCache) -> None:
    source = source_of()
    pattern = finish(fixed_pattern(source, cache))
    reads = len(source.reads)
    again = finish(fixed_pattern(source, cache))
    assert pattern is not None
    assert again is not None
    assert list(zip(*pattern.dead.nonzero(), strict=True)) == [(3, 4)]
    assert np.array_equal(again.dead, pattern.dead)
    assert np.array_equal(again.columns, pattern.columns)
    assert len(source.reads) == reads


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"nothing"])
def test_that_a_damaged_pattern_is_estimated_again(cache: IndexCache, data: bytes) -> None:
    source = source_of()
    cache.save(source.content_hash, PATTERN_SUFFIX, data)
    pattern = finish(fixed_pattern(source, cache))
    assert pattern is not None
    assert pattern.dead_pixels == 1


def test_that_the_tracker_sees_no_dead_pixels_and_the_clip_keeps_its_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERMARK_CACHE_DIR", str(tmp_path))
    source = source_of()
    before = source.frame(2).copy()
    seen = corrected(source, Correction.DEAD).reopen()
    assert seen.frame(2)[3, 4] < 4000
    changed = seen.frame(2) != before
    assert changed.sum() == 1
    assert np.array_equal(source.frame(2), before)
    assert (seen.size, len(seen), seen.content_hash) == (source.size, len(source), source.content_hash)
    assert corrected(source, Correction.NONE) is source


def test_that_an_unknown_choice_corrects_nothing() -> None:
    assert Correction.named("") is Correction.NONE
    assert Correction.named("ALL") is Correction.ALL
