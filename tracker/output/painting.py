"""Frames painted as the window paints them, one after the other."""

from __future__ import annotations

import numpy as np

from tracker.annotation.track import Track
from tracker.errors import MediaError
from tracker.media.source import Counts
from tracker.output.subject import Subject
from tracker.thermal.agc import Rectangle
from tracker.thermal.display import Span
from tracker.thermal.look import Agc
from tracker.thermal.painter import Painter, Picture
from tracker.thermal.target_span import TargetSpans, knots


class FramePainter:
    """Paints the frames of a subject; the same frame always looks the same, whichever were painted before.

    Args:
        subject: What is painted.
    """

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        look, readings = subject.look, subject.readings
        counts_of = readings.counts_of if readings.are_temperatures else None
        self._painter = Painter(look, subject.clip_span, counts_of)
        self._spans = TargetSpans(subject.clip_span, look.tails, look.margin)
        follows = look.agc is Agc.TARGET and look.locked is None and subject.source.channels == 1
        self._target = subject.target_track() if follows else None

    def paint(self, frame: int, counts: Counts) -> Picture:
        """A frame as colours, and what they mean."""
        return self._painter.render(counts, span=self._span(frame))

    def _span(self, frame: int) -> Span | None:
        track = self._target
        if track is None:
            return None
        source = self._subject.source
        parts = knots(frame, len(source), lambda at, reach: _box_near(track, at, reach))
        try:
            return self._spans.span(parts, source.frame)
        except MediaError:  # as in the window: a knot that cannot be read is no reason not to show the frame
            return None


def _box_near(track: Track, frame: int, reach: int) -> Rectangle | None:
    start, stop = max(frame - reach, 0), frame + reach + 1
    found = np.flatnonzero(~np.isnan(track.frames.boxes[start:stop, 0])) + start
    if not found.size:
        return None
    box = track.frames.box(int(found[np.argmin(np.abs(found - frame))]))
    return None if box is None else box.as_tuple()
