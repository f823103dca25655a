"""What is known about the sensor of a clip without reading its frames, for the provenance of an export."""

from __future__ import annotations

from dataclasses import dataclass

from tracker.media.index_cache import IndexCache
from tracker.media.source import FrameSource
from tracker.thermal.event_text import SUFFIX, by_start, read
from tracker.thermal.events import SensorEvent, calibrations


@dataclass(frozen=True)
class SensorRecord:
    """Sensor events of a clip.

    Attributes:
        searched: Whether the frames of the clip have been searched for them; otherwise there may be more.
        events: Those that are known, by their first frame.
    """

    searched: bool = False
    events: tuple[SensorEvent, ...] = ()

    def within(self, start: int, stop: int) -> list[dict[str, object]]:
        """Those that reach into the frames `start <= i < stop` of the clip, for JSON; frames are those of the clip."""
        return [
            {
                "kind": event.kind.name.lower(),
                "start": event.start,
                "stop": event.stop,
                "gain": event.gain,
                "offset": event.offset,
            }
            for event in self.events
            if event.start < stop and event.stop > start
        ]


NOTHING_KNOWN = SensorRecord()


def known_events(content_hash: str, source: FrameSource | None) -> SensorRecord:
    """What an earlier search has found in a clip, and what its telemetry says.

    Args:
        content_hash: Of the clip.
        source: The clip, if it is at hand: for its telemetry.
    """
    found = read(IndexCache().load(content_hash, SUFFIX))
    told = [] if source is None else calibrations(source.facts.calibrating)
    return SensorRecord(found is not None, by_start([*(found or ()), *told]))
