"""From counts to colours: gain control, palette, isotherms. Counts are read, never written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracker.opencv import cv2
from tracker.thermal import agc
from tracker.thermal.agc import Curve, Rectangle
from tracker.thermal.agc_local import clahe, detail
from tracker.thermal.display import Counts, Display, Span, lookup_table, to_display
from tracker.thermal.isotherms import CountsOf, in_counts, inside
from tracker.thermal.look import Agc, Look
from tracker.thermal.palettes import LEVELS, rgb_of

Packed = NDArray[np.uint32]
"""Colours, each in four bytes: red, green, blue and nothing."""


@dataclass(frozen=True)
class Scale:
    """What the levels of a painted frame mean.

    Attributes:
        counts: (256,) the counts of each level, not falling.
        is_exact: Whether a level means these counts everywhere; else it does on the whole.
    """

    counts: NDArray[np.float64]
    is_exact: bool = True

    @property
    def span(self) -> Span:
        """The counts of the lowest and of the highest level."""
        return Span(float(self.counts[0]), float(self.counts[-1]))


@dataclass(frozen=True)
class Picture:
    """A painted frame.

    Attributes:
        rgb: (H, W, 3) uint8.
        scale: What its levels mean; None for a clip in colour.
    """

    rgb: Display
    scale: Scale | None


class Painter:
    """Paints frames in one look; the same counts always become the same colours.

    Args:
        look: What the user chose.
        clip_span: Of the whole clip, as `measure_span` finds it.
        counts_of: The counts of a temperature, for bands given in kelvin; None leaves these out.
    """

    def __init__(self, look: Look, clip_span: Span, counts_of: CountsOf | None = None) -> None:
        self.look, self.clip_span = look, clip_span
        self._palette = _packed(look.colour_table())
        found = [(in_counts(band, counts_of), band.colour) for band in look.bands]
        self._bands = [
            (limits, _packed(np.array([rgb_of(colour)], np.uint8))[0])
            for limits, colour in found
            if limits is not None
        ]
        self._line: tuple[Span, int, Packed, Scale] | None = None

    def paint(self, counts: Counts, region: Rectangle | None = None, span: Span | None = None) -> Display:
        """(H, W, 3) RGB of a frame; see `render`."""
        return self.render(counts, region, span).rgb

    def render(self, counts: Counts, region: Rectangle | None = None, span: Span | None = None) -> Picture:
        """Paint a frame.

        Args:
            counts: (H, W) or (H, W, 3), uint8 or uint16. Frames in colour carry a palette already: they are shown
                as they are, without gain control, palette and isotherms.
            region: Box of the target, for the gain control that looks at its surroundings; None for no target.
            span: Takes the place of what the AGC would measure; a span locked by hand goes before it.
        """
        if counts.ndim == 3:
            return Picture(to_display(counts, self.clip_span), None)
        used = self.look.locked or span or self._measured(counts, region)
        if self.look.agc.is_local:
            return self._locally(counts, used)
        table, scale = self._curve(counts, used)
        return Picture(_unpacked(np.take(table, counts)), scale)

    def _measured(self, counts: Counts, region: Rectangle | None) -> Span:
        look = self.look
        if look.agc is Agc.LINEAR:
            return self.clip_span
        if look.agc is not Agc.TARGET:
            return agc.span_of(counts, look.tails)
        if region is None:
            return self.clip_span
        height, width = counts.shape[:2]
        return agc.span_of(counts[agc.surroundings(region, look.margin, (height, width))], look.tails)

    def _curve(self, counts: Counts, span: Span) -> tuple[Packed, Scale]:
        """The colour of every count."""
        size = 256 if counts.dtype == np.uint8 else 65536
        if self.look.agc is Agc.PLATEAU:
            curve = agc.plateau(counts, span, self.look.contrast, self.look.linear_share)
            return self._coloured(np.rint(curve).astype(np.uint8)), _scale_of(curve)
        kept = self._line
        if kept is None or kept[:2] != (span, size):
            kept = (span, size, self._coloured(lookup_table(span, size)), linear_scale(span))
            self._line = kept
        return kept[2:]

    def _coloured(self, levels: Display) -> Packed:
        table = np.take(self._palette, levels)
        every = np.arange(len(levels))
        for limits, colour in self._bands:
            table[inside(every, limits)] = colour
        return table

    def _locally(self, counts: Counts, span: Span) -> Picture:
        look = self.look
        if look.agc is Agc.CLAHE:
            levels = clahe(counts, span, look.contrast)
        else:
            levels = detail(counts, span, look.contrast, look.linear_share, look.gain)
        packed = np.take(self._palette, levels)
        for limits, colour in self._bands:
            packed[inside(counts, limits)] = colour
        return Picture(_unpacked(packed), Scale(linear_scale(span).counts, is_exact=False))


def linear_scale(span: Span) -> Scale:
    """The counts of the levels of a straight line."""
    return Scale(np.linspace(span.low, span.high, LEVELS))


def _scale_of(curve: Curve) -> Scale:
    """The lowest count of each level of a rising curve."""
    counts = np.searchsorted(curve, np.arange(LEVELS, dtype=np.float32)).astype(np.float64)
    counts[0] = np.searchsorted(curve, 0.0, "right") - 1  # the highest count that is still black
    return Scale(np.clip(counts, 0, len(curve) - 1))


def _packed(rgb: Display) -> Packed:
    four = np.zeros((len(rgb), 4), np.uint8)
    four[:, :3] = rgb
    return four.view(np.uint32)[:, 0]


def _unpacked(packed: Packed) -> Display:
    """(H, W, 3) of (H, W)."""
    four = packed.view(np.uint8).reshape(*packed.shape, 4)
    return np.asarray(cv2.cvtColor(four, cv2.COLOR_RGBA2RGB), np.uint8)
