"""What lies at the edges of an annotated frame: lines of text, the colour bar, a similarity map.

Each says where it was drawn, so that nothing else need lie over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tracker.annotation.evidence import Map
from tracker.opencv import cv2
from tracker.output.ink import GROUND, GROUND_OPACITY, TEXT, Colour, Place, Rgb, shade, stamp
from tracker.output.lettering import Lettering
from tracker.output.readings import Readings
from tracker.thermal.isotherms import in_counts, inside
from tracker.thermal.look import Look
from tracker.thermal.painter import Scale
from tracker.thermal.palettes import LEVELS, Colours, palette, rgb_of

TICKS = 5
BAR_SHARE, MAP_SHARE = 0.5, 0.28
"""Of the picture's height."""


@dataclass(frozen=True)
class Line:
    """A line of text with a patch of colour before it.

    Attributes:
        text: What it says.
        colour: Of the patch; None for none.
    """

    text: str
    colour: Colour | None = None


def lines_at_top(picture: Rgb, letters: Lettering, lines: Sequence[Line]) -> list[Place]:
    """Write lines into the upper left corner, on a plate; the last one says how many have no room in the upper half."""
    most = max(picture.shape[0] // 2 // letters.height, 1)
    if len(lines) > most:
        lines = [*lines[: most - 1], Line(f"… and {len(lines) - most + 1} more")]
    return _lines(picture, letters, lines, _margin(letters))


def lines_at_bottom(picture: Rgb, letters: Lettering, lines: Sequence[Line]) -> list[Place]:
    """The same in the lower left corner."""
    height = _plate_height(letters, len(lines))
    return _lines(picture, letters, lines, picture.shape[0] - height - _margin(letters))


def _lines(picture: Rgb, letters: Lettering, lines: Sequence[Line], top: int) -> list[Place]:
    if not lines:
        return []
    margin, pad = _margin(letters), _pad(letters)
    room = picture.shape[1] - 2 * margin - 2 * pad
    patch = letters.size if any(line.colour for line in lines) else 0
    fitted = [letters.mask(letters.fitted(line.text, room - patch)) for line in lines]
    width = max(mask.shape[1] for mask in fitted) + patch + 2 * pad
    shade(picture, margin, top, width, _plate_height(letters, len(lines)), GROUND, GROUND_OPACITY)
    for row, (line, mask) in enumerate(zip(lines, fitted, strict=True)):
        at = top + pad // 2 + row * letters.height
        if line.colour is not None:
            side = patch // 2
            shade(picture, margin + pad, at + (letters.height - side) // 2, side, side, line.colour, 1.0)
        stamp(picture, mask, margin + pad + patch, at, TEXT)
    return [(margin, top, margin + width, top + _plate_height(letters, len(lines)))]


def colour_bar(picture: Rgb, letters: Lettering, look: Look, scale: Scale, readings: Readings) -> list[Place]:
    """Draw what the colours mean at the upper right."""
    margin, pad, line = _margin(letters), _pad(letters), letters.height
    levels = np.linspace(0, LEVELS - 1, TICKS).round().astype(int)
    texts = [letters.mask(readings.number(value)) for value in readings.at(scale.counts[levels]).tolist()]
    sign = readings.sign or "counts"
    heading = letters.mask(sign if scale.is_exact else f"≈ {sign}")
    strip = max(letters.size, 6)
    width = max(strip + pad + max(mask.shape[1] for mask in texts), heading.shape[1]) + 2 * pad
    height = round(max(picture.shape[0] * BAR_SHARE, (TICKS + 2) * line))
    left, top = picture.shape[1] - width - margin, margin
    shade(picture, left, top, width, height, GROUND, GROUND_OPACITY)
    stamp(picture, heading, left + pad, top + pad // 2, TEXT)
    first, last = top + pad // 2 + round(1.6 * line), top + height - pad - line // 2
    colours = _with_bands(look, scale, readings)[::-1]
    rows = np.linspace(0, LEVELS - 1, max(last - first, 1)).round().astype(int)
    place = picture[first : first + len(rows), left + pad : left + pad + strip]
    place[:] = colours[rows][: place.shape[0], None]
    for at, mask in zip(np.linspace(last, first, TICKS).tolist(), texts, strict=True):
        stamp(picture, mask, left + 2 * pad + strip, round(at) - line // 2, TEXT)
    return [(left, top, left + width, top + height)]


def _with_bands(look: Look, scale: Scale, readings: Readings) -> Colours:
    colours = look.colour_table().copy()
    for band in look.bands:
        limits = in_counts(band, readings.counts_of if readings.are_temperatures else None)
        if limits is not None:
            colours[inside(scale.counts, limits)] = rgb_of(band.colour)
    return colours


def map_inset(
    picture: Rgb, letters: Lettering, values: Map, value_range: tuple[float, float], title: str
) -> list[Place]:
    """Draw a similarity map at the lower right, on the colour scale of its model.

    Args:
        picture: Changed.
        letters: For the title.
        values: (h, w) map.
        value_range: Ends of the colour scale.
        title: Above it.
    """
    margin, pad = _margin(letters), _pad(letters)
    height = max(round(picture.shape[0] * MAP_SHARE), 8)
    width = max(round(height * values.shape[1] / values.shape[0]), 8)
    left, top = picture.shape[1] - width - pad - margin, picture.shape[0] - height - pad - margin
    shade(
        picture, left - pad, top - letters.height - pad, width + 2 * pad, height + letters.height + 2 * pad,
        GROUND, GROUND_OPACITY,
    )  # fmt: skip
    low, high = value_range
    levels = np.clip((values - low) / (high - low or 1.0), 0.0, 1.0) * (LEVELS - 1)
    drawn = palette("inferno")[np.nan_to_num(levels).astype(np.uint8)]
    enlarged = cv2.resize(drawn, (width, height), interpolation=cv2.INTER_NEAREST)
    place = picture[max(top, 0) : top + height, max(left, 0) : left + width]
    place[:] = enlarged[height - place.shape[0] :, width - place.shape[1] :]
    stamp(picture, letters.mask(letters.fitted(title, width)), left, top - letters.height - pad // 2, TEXT)
    return [(left - pad, top - letters.height - pad, left + width + pad, top + height + pad)]


def _margin(letters: Lettering) -> int:
    return max(round(0.6 * letters.size), 4)


def _pad(letters: Lettering) -> int:
    return max(round(0.4 * letters.size), 3)


def _plate_height(letters: Lettering, rows: int) -> int:
    return rows * letters.height + _pad(letters)
