"""The sensor events of a whole clip: a job that reads each frame once and keeps what it found beside the media index.

Where the file has telemetry of its calibrations, those are taken from it; all else is seen in the counts
(`tracker.thermal.events`). Memory does not grow with the clip.
"""

from __future__ import annotations

from tracker.jobs import Job, ProgressMeter
from tracker.media.index_cache import IndexCache
from tracker.media.source import FrameSource, whole
from tracker.thermal.event_text import SUFFIX, Events, by_start, read, written
from tracker.thermal.events import EventKind, EventLog, EventStream, calibrations


def sensor_events(source: FrameSource, cache: IndexCache | None = None) -> Job[Events]:
    """Find the sensor events of a clip, or read what was found before.

    Args:
        source: For this job alone; it is not closed.
        cache: Where results are kept; the user's cache where None.

    Returns:
        The events, by their first frame; closed before its end the job keeps nothing.

    Raises:
        MediaError: The media is gone.
    """
    cache = cache or IndexCache()
    known = read(cache.load(source.content_hash, SUFFIX))
    if known is None:
        known = yield from _detected(source)
        cache.save(source.content_hash, SUFFIX, written(known))
    return by_start([*known, *calibrations(source.facts.calibrating)])


def _detected(source: FrameSource) -> Job[Events]:
    """What can be seen in the counts."""
    stream, found = EventStream(), EventLog()
    meter = ProgressMeter("Looking for sensor events", len(source))
    for frame in range(len(source)):
        counts = whole(source, frame)
        if counts is not None:
            found.add(frame, stream.step(counts))
        if meter.due():
            yield meter.at(frame + 1)
    yield meter.at(len(source))
    return tuple(found.events)


def left_out(events: Events, kinds: frozenset[EventKind]) -> set[int]:
    """The frames of events of some kinds."""
    return {frame for event in events if event.kind in kinds for frame in range(event.start, event.stop)}
