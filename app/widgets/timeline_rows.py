"""What each row of pixels in a lane shows of what its columns say: colours by table, for all lanes at once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.theme import Colours, colours
from app.widgets.timeline_columns import GONE, UNSEEN, Codes, Mark
from app.widgets.timeline_review import REVIEWED, RISK, SHADES, Shades, risk_colour

LANE_HEIGHT = 26
BAR = (8, 18)  # first and last row of a box's bar
THIN_BAR = (11, 15)  # of an interpolated one: the line between two anchors
BASE_LINE = (12, 14)  # where the target cannot be seen
NOTCH = (16, 18)  # the same at the foot of the bar of a column that has boxes too
STRIPE = 3  # width of the stripes over an occluded target
DASH = 5  # length of the dashes of a target out of view
SELECTED_TINT = 0.12

Pixels = NDArray[np.uint32]
Indices = NDArray[np.int64]
Mask = NDArray[np.bool_]

_CODES = 2 * UNSEEN  # the codes of `timeline_columns`, and above them what depends on the place:
_STRIPED, _DASHED, _SELECTED = _CODES, 2 * _CODES, 4 * _CODES

_BACK, _REVIEWED, _RISK, _GRID = range(4)
_FIRST_BAR = 4


def row_bank(codes: Codes, shades: Shades, selected: Mask, side: int, ratio: float) -> tuple[Pixels, Indices]:
    """All rows of pixels that differ within a lane, for all lanes.

    Args:
        codes: (l, w) of the pixel columns of each lane; 0 where there is nothing to show.
        shades: (l, w) of their risk.
        selected: (l,) lanes that stand out.
        side: Empty columns on either side.
        ratio: Device pixels per logical pixel.

    Returns:
        (l * k, w + 2 * side) RGB, k rows for each lane; and (LANE_HEIGHT,) which of them each row of a lane shows.
    """
    look, x = _look(colours().dark), (np.arange(codes.shape[1]) / ratio).astype(np.int64)
    has_stripes = bool((codes & np.uint16(Mark.OCCLUDED)).any())
    kinds, bars = _kinds(look, has_stripes)
    lanes, width = codes.shape
    bank = np.empty((lanes, _FIRST_BAR + len(bars), width + 2 * side), np.uint32)
    bank[:, :, :side] = bank[:, :, side + width :] = look.back[selected.astype(np.int64)][:, None, None]
    inner = bank[:, :, side : side + width]
    inner[:, _BACK], inner[:, _GRID] = look.back[selected.astype(np.int64)][:, None], look.grid
    index = codes.astype(np.int64)
    index += selected[:, None] * _SELECTED
    index += (x % (2 * DASH) < DASH) * _DASHED
    inner[:, _REVIEWED] = look.reviewed.take(index)
    inner[:, _RISK] = look.risk.take(shades + selected[:, None] * np.int64(SHADES + 2))
    for row, (kind, phase) in enumerate(bars, _FIRST_BAR):
        is_stripe = (x + phase) % (2 * STRIPE) < STRIPE
        inner[:, row] = look.bars[kind].take(index + is_stripe * _STRIPED if has_stripes else index)
    return bank.reshape(lanes * bank.shape[1], -1), kinds


def _kinds(look: _Look, has_stripes: bool) -> tuple[Indices, list[tuple[int, int]]]:
    """(LANE_HEIGHT,) rows of the bank; and of those from `_FIRST_BAR` on, the table and the phase of the stripes."""
    kinds = np.full(LANE_HEIGHT, _BACK, np.int64)
    kinds[slice(*REVIEWED)], kinds[slice(*RISK)], kinds[-1] = _REVIEWED, _RISK, _GRID
    bars = [(kind, y % (2 * STRIPE) if has_stripes else 0) for y, kind in enumerate(look.kind_of_bar)]
    distinct = list(dict.fromkeys(bars))
    kinds[slice(*BAR)] = [_FIRST_BAR + distinct.index(bar) for bar in bars]
    return kinds, distinct


@dataclass(frozen=True)
class _Look:
    """The tables of a theme.

    Attributes:
        back: (2,) behind a lane that is not selected, and behind one that is.
        grid: Between lanes.
        reviewed: (8 * _CODES,) the line above, by code and place.
        risk: (2 * (SHADES + 2),) below.
        bars: By kind of row: (8 * _CODES,) in the bar.
        kind_of_bar: The kind of each row of the bar.
    """

    back: Pixels
    grid: np.uint32
    reviewed: Pixels
    risk: Pixels
    bars: tuple[Pixels, ...]
    kind_of_bar: tuple[int, ...]


@lru_cache(maxsize=2)
def _look(is_dark: bool) -> _Look:
    c = colours()
    assert c.dark == is_dark
    tinted = mixed(c.accent, c.field, SELECTED_TINT)
    back = np.array([_rgb(c.field), _rgb(tinted)], np.uint32)
    index = np.arange(8 * _CODES)
    codes, is_selected = index % _CODES, index // _SELECTED
    seen = (codes != 0) & ((codes & UNSEEN) == 0)
    reviewed = np.where(seen, np.uint32(_rgb(c.manual)), back[is_selected])
    bars = tuple(np.where(codes == 0, back[is_selected], bar) for bar in _bars(c, index))
    kinds = tuple(_kind_of_bar(y) for y in range(*BAR))
    risk = [_shaded(shade, behind) for behind in (c.field, tinted) for shade in range(SHADES + 2)]
    return _Look(back, np.uint32(_rgb(c.grid)), reviewed, np.array(risk, np.uint32), bars, kinds)


_PLAIN, _THIN, _BASE, _NOTCHED = range(4)


def _kind_of_bar(y: int) -> int:
    for kind, (first, stop) in ((_BASE, BASE_LINE), (_NOTCHED, NOTCH), (_THIN, THIN_BAR)):
        if first <= y < stop:
            return kind
    return _PLAIN


def _bars(c: Colours, index: Indices) -> tuple[Pixels, ...]:
    """What the rows of a bar show by code and place: plain, thin, base line, notched."""
    codes = index % _CODES
    fill, is_thin = _fills(c, codes)
    has_bar = fill != 0
    gap, striped = np.uint32(_rgb(c.gap)), np.uint32(_rgb(c.occluded))
    is_stripe = ((codes & Mark.OCCLUDED) != 0) & ((index & _STRIPED) != 0)
    plain = np.where(is_stripe, striped, np.where(has_bar & ~is_thin, fill, gap))
    thin = np.where(is_stripe, striped, np.where(has_bar, fill, gap))
    is_line = ((codes & Mark.OUT_OF_VIEW) != 0) & ((index & _DASHED) != 0)
    is_gone = ((codes & Mark.ABSENT) != 0) | is_line
    absent = np.uint32(_rgb(c.absent))
    line = np.where(codes & Mark.MANUAL, np.uint32(_rgb(mixed(c.manual, c.gap, 0.8))), absent)
    base = np.where(is_gone & ~has_bar, line, thin)
    return plain, thin, base, np.where(is_gone & has_bar, absent, plain)


def _fills(c: Colours, codes: Indices) -> tuple[Pixels, Mask]:
    """By the code of a column: the colour of its bar (0 for none), and whether the bar is thin."""
    fill, is_thin = np.zeros(len(codes), np.uint32), np.zeros(len(codes), np.bool_)
    sources: dict[Mark, QColor] = {  # the last one present decides
        Mark.MANUAL: mixed(c.manual, c.gap, 0.45),
        Mark.INTERPOLATED: c.interpolated,
        Mark.IMPORTED: c.imported,
        Mark.TRACKED: c.tracked,
    }
    for mark, colour in sources.items():
        has = (codes & mark) != 0
        if mark is Mark.MANUAL:
            has &= (codes & GONE) == 0
        fill[has], is_thin[has] = _rgb(colour), mark is Mark.INTERPOLATED
        # Where a frame in the column is missing, the bar pales: a hole must not be lost in the overview.
        fill[has & ((codes & Mark.EMPTY) != 0)] = _rgb(mixed(colour, c.gap, 0.55))
    return fill, is_thin


def _shaded(shade: int, behind: QColor) -> int:
    if shade == 0:
        return _rgb(behind)
    colour = risk_colour((shade - 1) / SHADES)
    return _rgb(mixed(colour, behind, colour.alphaF()))


def mixed(colour: QColor, other: QColor, share: float) -> QColor:
    """`share` of a colour, the rest of the other; opaque."""
    a, b = (np.array((c.redF(), c.greenF(), c.blueF())) for c in (colour, other))
    red, green, blue = (share * a + (1 - share) * b).tolist()
    return QColor.fromRgbF(red, green, blue)


def _rgb(colour: QColor) -> int:
    return int(colour.rgb())
