"""Draws what is said about a frame over its picture."""

from __future__ import annotations

import math
from collections.abc import Iterator

from tracker.annotation.evidence import Evidence
from tracker.annotation.track import FrameState, Presence, Provenance, Track
from tracker.errors import ThermalError
from tracker.geometry import Box
from tracker.media.source import Counts
from tracker.outline import Outline, Shape, of_box
from tracker.output.choices import MapInset, Marks
from tracker.output.ink import Colour, Place, Rgb, Stroke, outline, polygon, readable_on, shade, stamp
from tracker.output.lettering import Lettering
from tracker.output.panels import Line, colour_bar, lines_at_bottom, lines_at_top, map_inset
from tracker.output.readings import Reading
from tracker.output.shapes import lines_of, region_colour
from tracker.output.subject import Subject, is_away
from tracker.output.words import time_text
from tracker.thermal.painter import Scale
from tracker.thermal.palettes import rgb_of

BAD_FRAME = "Unreadable frame – the nearest one before it is shown"

STROKES = {Provenance.INTERPOLATED: Stroke.DOTTED}
"""As in the window, where the stroke says who made a box; what is not here is drawn whole."""

TAG_OPACITY = 0.85
LEAST_PX, MOST_PX, LINES = 10, 24, 34
"""Height of letters: at least, at most, and how many fit on top of one another into the shorter side."""

STACKED = 4
"""Plates that may stand on one another above a box, or hang below it."""

LEAST_WIDTH = 2
"""Of lines: colours in a video are half as fine as its pixels."""


class Marker:
    """Draws marks; for one thread.

    Args:
        subject: What is shown.
        marks: What is wanted.
        scale: Pixels of the picture for one of the frame.
    """

    def __init__(self, subject: Subject, marks: Marks, scale: int) -> None:
        self._subject, self._marks, self._scale = subject, marks, scale
        size = round(min(subject.source.size) * scale / LINES)
        size = min(max(size, LEAST_PX), MOST_PX)
        self._width = max(round(size / 8), LEAST_WIDTH)
        self._letters, self._bold = Lettering(size), Lettering(size, is_bold=True)
        self._boxes: list[Place] = []  # of the frame that is being marked

    def mark(
        self,
        picture: Rgb,
        frame: int,
        counts: Counts,
        scale: Scale | None = None,
        evidence: Evidence | None = None,
    ) -> None:
        """Draw over a frame.

        Args:
            picture: (H * scale, W * scale, 3), changed.
            frame: Its index.
            counts: As the sensor gave it.
            scale: What its colours mean.
            evidence: What a run saw of the target.
        """
        states = list(self._subject.states(frame))
        boxes = [(track, state, state.box) for track, state in states if state.box is not None]
        if self._marks.boxes:
            for track, state, box in boxes:
                self._outline(picture, track, state, box)
        self._boxes = [self._place_of(box) for _, _, box in boxes]
        taken = [*self._inset(picture, evidence), *self._edges(picture, frame, states, scale)]
        measured = counts if counts.ndim == 2 and not self._is_bad(frame) else None
        regions = list(self._subject.outlines(frame)) if self._marks.values and counts.ndim == 2 else []
        for region, shape in regions:
            for points, is_closed in lines_of(shape):
                ink = rgb_of(region_colour(region.id))
                polygon(picture, points * self._scale, ink, self._width, is_closed=is_closed)
        for track, state, box in boxes:
            self._tag(picture, box, self._words(track, state, measured), colour_of(track), taken)
        for region, shape in regions:
            said = f"{region.name}  {self._reading(measured, shape)}".strip()
            self._tag(picture, shape.bounds, said, rgb_of(region_colour(region.id)), taken)

    def _is_bad(self, frame: int) -> bool:
        """Whether a frame is broken; some show it only when they are read, so this is asked after that."""
        return frame in self._subject.source.bad_frames

    def _edges(
        self, picture: Rgb, frame: int, states: list[tuple[Track, FrameState]], scale: Scale | None
    ) -> Iterator[Place]:
        subject, letters = self._subject, self._letters
        if self._marks.colour_bar and scale is not None:
            yield from colour_bar(picture, letters, subject.look, scale, subject.readings)
        yield from lines_at_top(picture, letters, [*self._warnings(frame), *self._away(states)])
        if self._marks.time:
            text = f"{time_text(subject.seconds(frame))}   frame {frame}".strip()
            yield from lines_at_bottom(picture, letters, [Line(text)])

    def _outline(self, picture: Rgb, track: Track, state: FrameState, box: Box) -> None:
        stroke = STROKES.get(state.provenance, Stroke.SOLID)
        if state.presence is Presence.OCCLUDED:
            stroke = Stroke.DASHED
        outline(picture, self._scaled(box), colour_of(track), self._width, stroke)

    def _reading(self, counts: Counts | None, shape: Outline) -> str:
        """What is measured in a region; nothing in a broken frame, or where nothing is known."""
        readings = self._subject.readings
        values = Reading() if counts is None else readings.measured(counts, shape)
        if not math.isfinite(values.highest):
            return ""
        highest = readings.text(values.highest)
        return highest if shape.shape is Shape.SPOT else f"max {highest}  mean {readings.text(values.mean)}"

    def _place_of(self, box: Box) -> Place:
        x, y, width, height = self._scaled(box)
        return math.floor(x), math.floor(y), math.ceil(x + width), math.ceil(y + height)

    def _scaled(self, box: Box) -> tuple[float, float, float, float]:
        x, y, width, height = (value * self._scale for value in box.as_tuple())
        return x, y, width, height

    def _words(self, track: Track, state: FrameState, counts: Counts | None) -> str:
        marks, words = self._marks, []
        if marks.labels:
            words.append(f"{track.id} {track.label}".rstrip())
        if marks.scores and not math.isnan(state.score):
            words.append(f"{state.score:.2f}")
        if marks.values and counts is not None and state.box is not None:
            readings = self._subject.readings
            highest = readings.measured(counts, of_box(state.box)).highest
            if math.isfinite(highest):
                words.append(f"max {readings.text(highest)}")
        if marks.presence and state.presence is not Presence.VISIBLE:
            words.append(state.presence.label.lower())
        return "  ".join(words)

    def _tag(self, picture: Rgb, box: Box, text: str, colour: Colour, taken: list[Place]) -> None:
        """A plate with words above a box, or beside it where least is covered: of other words first, then of boxes."""
        if not text:
            return
        height, width = picture.shape[:2]
        pad = max(self._bold.size // 4, 2)
        mask = self._bold.mask(self._bold.fitted(text, width - 2 * pad))
        size = mask.shape[1] + 2 * pad, mask.shape[0] + pad // 2
        places = _beside(self._scaled(box), size, (width, height), self._width + 2)
        left, top, *_ = place = _freest(places, taken, self._boxes)
        taken.append(place)
        shade(picture, left, top, *size, colour, TAG_OPACITY)
        stamp(picture, mask, left + pad, top + pad // 4, readable_on(colour))

    def _away(self, states: list[tuple[Track, FrameState]]) -> Iterator[Line]:
        if self._marks.presence:
            for track, state in states:
                if is_away(state):
                    name = f"{track.id} {track.label}".rstrip()
                    yield Line(f"{name}: {state.presence.label.lower()}", colour_of(track))

    def _warnings(self, frame: int) -> Iterator[Line]:
        if self._is_bad(frame):
            yield Line(BAD_FRAME)

    def _inset(self, picture: Rgb, evidence: Evidence | None) -> list[Place]:
        wanted = self._marks.similarity
        if wanted is MapInset.NONE or evidence is None:
            return []
        title = f"{wanted.value} {evidence.scores.peak:.2f}"
        return map_inset(picture, self._letters, getattr(evidence, wanted.value), evidence.value_range, title)


def colour_of(track: Track) -> Colour:
    """RGB of a track; gray where its file says nonsense."""
    try:
        return rgb_of(track.colour)
    except ThermalError:
        return (200, 200, 200)


def _beside(
    box: tuple[float, float, float, float], size: tuple[int, int], frame: tuple[int, int], gap: int
) -> Iterator[Place]:
    """Places for a plate of (width, height) about a box, the best first; all within the frame."""
    x, y, width, height = box
    most_left, most_top = max(frame[0] - size[0], 0), max(frame[1] - size[1], 0)
    columns = [min(max(round(edge), 0), most_left) for edge in (x, x + width - size[0])]
    above, below = round(y) - size[1] - gap, round(y + height) + gap
    rows = [row for n in range(STACKED) for row in (above - n * size[1], below + n * size[1])]
    over = [(column, row) for row in rows if 0 <= row <= most_top for column in columns]
    next_to = [
        (column, min(max(round(y), 0), most_top))
        for column in (round(x + width) + gap, round(x) - size[0] - gap)
        if 0 <= column <= most_left
    ]
    near = sum(row in (above, below) for _, row in over)
    tries = [*over[:near], *next_to, *over[near:], (columns[0], min(max(round(y) + gap, 0), most_top))]
    for left, top in tries:
        yield left, top, left + size[0], top + size[1]


def _freest(places: Iterator[Place], taken: list[Place], boxes: list[Place]) -> Place:
    """The first place that covers nothing; else the one that covers least of what is taken, and of boxes."""
    costs: dict[Place, tuple[int, int]] = {}
    for place in places:
        costs[place] = _covered(place, taken), _covered(place, boxes)
        if costs[place] == (0, 0):
            return place
    return min(costs, key=costs.__getitem__)


def _covered(place: Place, others: list[Place]) -> int:
    """How many pixels of some places a plate would cover, counted for each of them."""
    left, top, right, bottom = place
    return sum(
        max(min(right, other[2]) - max(left, other[0]), 0)
        * max(min(bottom, other[3]) - max(top, other[1]), 0)
        for other in others
    )
