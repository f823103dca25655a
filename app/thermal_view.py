"""How the open clip is painted: its look, kept with the project, and what the user does to it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from app.appearance import state_shown
from app.frame_loader import LoadedFrame, Paint
from app.session import Session
from tracker.errors import MediaError, ThermalError
from tracker.media.source import Counts, FrameSource
from tracker.store.project import Project
from tracker.thermal.agc import Rectangle
from tracker.thermal.display import Span
from tracker.thermal.look import Agc, Look
from tracker.thermal.painter import Painter, Picture, Scale
from tracker.thermal.palette_files import read_palette
from tracker.thermal.palettes import PALETTES, between
from tracker.thermal.radiometry import Unit
from tracker.thermal.target_span import Knot, TargetSpans, knots

log = logging.getLogger(__name__)

SAVE_MS = 400
"""After the last change: dragging makes many."""

DOUBLED_OVER = 150.0
"""Pixels to drag to the right until the span is twice as wide."""

WHOLE_OVER = 300.0
"""Pixels to drag up until the level has moved by the width of the span."""


@dataclass(frozen=True)
class Temperatures:
    """What the counts of the open clip mean.

    Attributes:
        unit: As the user reads temperatures.
        kelvin_of: The temperature of counts; NaN where it is unavailable.
        counts_of: The counts of a temperature in kelvin; NaN where there are none.
    """

    unit: Unit
    kelvin_of: Callable[[float], float]
    counts_of: Callable[[float], float]

    def text(self, counts: float) -> str:
        """Counts as a temperature, for the user; without its unit."""
        kelvin = self.kelvin_of(counts)
        if not np.isfinite(kelvin):
            return "–"
        return f"{round(float(self.unit.of(kelvin)), 1) + 0.0:.1f}"  # no minus before a zero


class ThermalView(QObject):
    """Decides how frames are painted. Painting itself happens on the loader's thread.

    Signals:
        changed: () The look, or what its counts mean, is another.
        painted: (LoadedFrame) The shown frame, or the way it is painted, is another.
        barToggled: (bool) The colour bar is wanted, or no longer.
    """

    changed = Signal()
    painted = Signal(object)
    barToggled = Signal(bool)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._look = Look()
        self._temperatures: Temperatures | None = None
        self._project: Project | None = None
        self._held: Span | None = None
        self._parts: tuple[Knot, ...] = ()
        self._saving = QTimer(self, interval=SAVE_MS, singleShot=True)
        self._saving.timeout.connect(self._save)
        session.settings.palettes = _usable(session.settings.palettes)
        self._make_painter()
        session.loader.set_plan(self.plan)
        session.projectOpened.connect(self._on_opened)
        session.projectClosed.connect(self._on_closed)
        session.frameShown.connect(self.painted)
        session.frameRepainted.connect(self.painted)
        for fact in (session.selectionChanged, session.tracksChanged, session.runs.proposalsChanged):
            fact.connect(self._follow_target)

    # What is shown

    @property
    def look(self) -> Look:
        """What the user chose."""
        return self._look

    @property
    def shown(self) -> LoadedFrame | None:
        """The frame on the screen."""
        return self._session.shown

    @property
    def scale(self) -> Scale | None:
        """What the colours of the shown frame mean; None for a clip in colour, and without one."""
        return None if self.shown is None else self.shown.picture.scale

    @property
    def clip_span(self) -> Span:
        """Of the whole clip, as it was measured."""
        return self._session.span

    @property
    def is_locked(self) -> bool:
        """Whether the span stays as it is, whatever the frames are like."""
        return self._look.span is not None

    @property
    def has_counts(self) -> bool:
        """Whether a clip is open that looks can be chosen for: not one in colour."""
        source = self._session.source
        return source is not None and source.channels == 1

    @property
    def own_palettes(self) -> Mapping[str, Sequence[str]]:
        """Name -> colours of the user's own palettes."""
        return self._session.settings.palettes

    @property
    def temperatures(self) -> Temperatures | None:
        """What counts mean; None where temperatures are unavailable."""
        return self._temperatures

    def set_temperatures(self, temperatures: Temperatures | None) -> None:
        """Say what counts of the open clip mean, or that it is unknown: for the colour bar and for isotherms."""
        self._temperatures = temperatures
        self._renew()

    def value_text(self, counts: float) -> str:
        """Counts for the user: as a temperature where that is known; without its unit."""
        return f"{counts:.0f}" if self._temperatures is None else self._temperatures.text(counts)

    @property
    def unit(self) -> str:
        """Of what `value_text` says."""
        return "counts" if self._temperatures is None else self._temperatures.unit.value

    # What the user does

    def set_look(self, look: Look) -> None:
        """Paint in this look from now on; it is kept with the project, and for clips opened later."""
        if look == self._look:
            return
        self._look = look
        self._session.settings.look = look.for_another_clip().to_json()
        self._saving.start()
        self._renew()

    def change(self, **choices: object) -> None:
        """Change some choices of the look; a failure is announced."""
        self._session.attempt(lambda: self.set_look(self._look.changed(**choices)))

    def set_palette(self, name: str) -> None:
        """Paint in a palette: one that comes with Thermark, or one of the user's own."""
        own = self._session.settings.palettes.get(name, [])
        if name != self._look.palette:  # which may be from a project of somebody else
            self._session.attempt(lambda: self.set_look(self._look.with_palette(name, tuple(own))))

    def add_palette(self, path: Path) -> None:
        """Take over a palette of the user's own, and paint in it; a failure is announced."""

        def take_over() -> None:
            colours = read_palette(path)
            name = f"{path.stem} (own)" if path.stem in PALETTES else path.stem
            self._session.settings.palettes[name] = list(colours)
            self.set_look(self._look.with_palette(name, colours))

        self._session.attempt(take_over)

    def step_palette(self, step: int) -> None:
        """Paint in the next palette, or in the one before."""
        self.set_look(self._look.next_palette(step))

    def step_agc(self) -> None:
        """Go on to the next gain control."""
        order = list(Agc)
        self.change(agc=order[(order.index(self._look.agc) + 1) % len(order)])

    def invert(self) -> None:
        """Turn the palette round."""
        self.set_look(self._look.inverse())

    def toggle_lock(self) -> None:
        """Keep the span of the shown frame for all frames, or let it be measured again."""
        if self.is_locked:
            self.reset()
        elif self.scale is not None:
            self.set_span(self.scale.span)

    def set_span(self, span: Span) -> None:
        """Set the lowest and the highest counts by hand, which locks them."""
        self.change(span=(span.low, max(span.high, span.low + 1.0)))

    def reset(self) -> None:
        """Let the span be measured again."""
        self.change(span=None)

    def toggle_bar(self) -> None:
        """Show the colour bar, or do not."""
        settings = self._session.settings
        settings.colour_bar = not settings.colour_bar
        self.barToggled.emit(settings.colour_bar)

    @Slot()
    def begin_drag(self) -> None:
        """The mouse is about to change level and span."""
        self._held = None if self.scale is None or not self.has_counts else self.scale.span

    @Slot(float, float)
    def drag(self, right: float, up: float) -> None:
        """The mouse was dragged, all in all, so many pixels to the right and up from where it was pressed."""
        if self._held is None:
            return
        width = self._held.high - self._held.low
        level = (self._held.low + self._held.high) / 2 + width * up / WHOLE_OVER
        half = max(width * 2 ** (right / DOUBLED_OVER), 1.0) / 2
        self.set_span(Span(level - half, level + half))

    # How frames are painted

    def _make_painter(self) -> None:
        look, span, known = self._look, self.clip_span, self._temperatures
        self._painter = Painter(look, span, None if known is None else known.counts_of)
        self._spans = TargetSpans(span, look.tails, look.margin)

    def _renew(self) -> None:
        self._make_painter()
        self._session.repaint()
        self.changed.emit()

    def plan(self, index: int) -> Paint:
        """How a frame is painted, as things are now."""
        self._parts = self._knots(index)
        painter, spans, parts = self._painter, self._spans, self._parts
        if not parts:
            return lambda _source, counts: painter.render(counts)
        return lambda source, counts: _paint_target(painter, spans, parts, source, counts)

    def _knots(self, frame: int) -> tuple[Knot, ...]:
        """What decides the span of a frame, where that is the target's surroundings."""
        if self._look.agc is not Agc.TARGET or self.is_locked or not self.has_counts:
            return ()
        return knots(frame, self._session.length, self._box_near)

    def _box_near(self, frame: int, reach: int) -> Rectangle | None:
        track = self._session.track
        if track is None:
            return None
        start, stop = max(frame - reach, 0), frame + reach + 1
        proposal = self._session.runs.proposal_of(track.id)
        sides = [track.frames] if proposal is None else [track.frames, proposal.frames]
        has_box = np.any([~np.isnan(side.boxes[start:stop, 0]) for side in sides], axis=0)
        found = np.flatnonzero(has_box) + start
        if not found.size:
            return None
        state, _ = state_shown(self._session, track, int(found[np.argmin(np.abs(found - frame))]))
        return None if state.box is None else state.box.as_tuple()

    @Slot()
    def _follow_target(self) -> None:
        """What is known about the target has changed: paint anew where that changes the picture."""
        if self._session.project is not None and self._knots(self._session.frame) != self._parts:
            self._session.repaint()

    # What is kept

    @Slot()
    def _on_opened(self) -> None:
        self._project = self._session.require_project()
        self._look = Look.from_json(self._project.setting("look") or self._session.settings.look)
        self._make_painter()  # the session asks for the first frame next
        self.changed.emit()

    @Slot()
    def _on_closed(self) -> None:
        if self._saving.isActive():
            self._save()
        self._project = self._temperatures = None
        self.changed.emit()

    @Slot()
    def _save(self) -> None:
        self._saving.stop()
        project, text = self._project, self._look.to_json()
        if project is not None:
            self._session.attempt(lambda: project.set_setting("look", text))


def _usable(palettes: dict[str, list[str]]) -> dict[str, list[str]]:
    """Those that are palettes: what was kept may be damaged."""
    found = {}
    for name, colours in palettes.items():
        try:
            between(colours)
            found[name] = colours
        except ThermalError as error:
            log.warning("the palette %s that was kept is damaged, and is left out: %s", name, error)
    return found


def _paint_target(
    painter: Painter, spans: TargetSpans, parts: tuple[Knot, ...], source: FrameSource, counts: Counts
) -> Picture:
    try:
        return painter.render(counts, span=spans.span(parts, source.frame))
    except MediaError:  # the frame itself was read: a knot that cannot be is no reason not to show it
        return painter.render(counts)
