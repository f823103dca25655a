"""Sensor events as text: how what was found in a clip is kept beside its media index."""

from __future__ import annotations

import json
import logging
from dataclasses import astuple

from tracker.thermal.events import EventKind, SensorEvent

Events = tuple[SensorEvent, ...]

SUFFIX = "events-v1.json"
"""Of the files in the cache; its number goes up with every change of what is detected."""

log = logging.getLogger(__name__)


def written(events: Events) -> bytes:
    """What `read` reads."""
    rows = [[event.kind.name, *astuple(event)[1:]] for event in events]
    return json.dumps({"events": rows}).encode()


def read(data: bytes | None) -> Events | None:
    """What a cached file says; None where there is none, or it is damaged."""
    if data is None:
        return None
    try:
        rows = json.loads(data)["events"]
        return tuple(
            SensorEvent(EventKind[kind], int(start), int(stop), float(gain), float(offset))
            for kind, start, stop, gain, offset in rows
        )
    except (ValueError, KeyError, TypeError) as error:
        log.info("Sensor events in the cache are damaged and are looked for again: %s", error)
        return None


def by_start(events: list[SensorEvent]) -> Events:
    """In the order in which they begin."""
    return tuple(sorted(events, key=lambda event: (event.start, event.stop)))
