"""Anchors on the lanes: a diamond each where there is room, else a tick. Stamped by numpy, thousands at a time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from app.theme import colours
from app.widgets.timeline_columns import GONE, Codes, Mark
from app.widgets.timeline_scale import Scale

TICK = (6, 20)  # rows of an anchor among others too near for diamonds
TICK_WIDTH = 2
DIAMOND = 4.5  # half its diagonal
DIAMOND_ROOM = 11.0  # distance to the next anchor from which on both are diamonds
MIDDLE = 13.0  # of the bar
SIDE = 7  # pixels beside the lanes, for the halves of diamonds at their ends

Pixels = NDArray[np.uint32]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Anchors:
    """The anchors of a track.

    Attributes:
        frames: (k,) ascending.
        is_gone: (k,) where they say that the target is not in the frame.
        room: (k,) frames to the nearest other anchor, infinite for a single one.
    """

    frames: NDArray[np.int64]
    is_gone: Mask
    room: NDArray[np.floating[Any]]

    @classmethod
    def of(cls, codes: Codes) -> Anchors:
        """Those of a track by its codes."""
        frames = np.flatnonzero((codes & np.uint16(Mark.MANUAL)) != 0)
        gaps = np.diff(frames.astype(np.float32), prepend=-np.inf, append=np.inf)
        return cls(frames, (codes[frames] & GONE) != 0, np.minimum(gaps[:-1], gaps[1:]))

    def shown(self, scale: Scale) -> tuple[NDArray[np.floating[Any]], Mask, Mask]:
        """Of those that are shown: (m,) x in logical pixels, where there is room for a diamond, and `is_gone`."""
        first, stop = scale.shown()
        # One frame more on either side: half of its diamond may be inside.
        near = slice(*self.frames.searchsorted((first - 1, stop + 1)).tolist())
        x = self.frames[near] + (0.5 - scale.start)
        x /= scale.per_pixel
        return x, self.room[near] >= DIAMOND_ROOM * scale.per_pixel, self.is_gone[near]


def stamp(pixels: Pixels, lanes: Sequence[tuple[int, Anchors]], scale: Scale, ratio: float) -> None:
    """Paint the anchors of lanes.

    Args:
        pixels: (h, w) opaque, with `SIDE` logical pixels more than the lanes on either side.
        lanes: First row and anchors of each.
        scale: The zoom.
        ratio: Device pixels per logical pixel.
    """
    width, side = pixels.shape[1], round(SIDE * ratio)
    ticks = np.zeros((len(lanes), width), np.bool_)
    solid, hollow = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for number, (top, anchors) in enumerate(lanes):
        x, is_roomy, is_gone = anchors.shown(scale)
        x *= ratio
        places = x.astype(np.int64) + side
        np.minimum(places, width - 1 - side, out=places)
        ticks[number, places[~(is_roomy | is_gone)]] = True
        places += top * width
        solid.append(places[is_roomy & ~is_gone])
        hollow.append(places[is_roomy & is_gone])
    flat = pixels.reshape(-1)  # a view: the pixels are contiguous
    tops = np.array([top for top, _ in lanes], np.int64)
    rows, columns = ticks.nonzero()
    c = colours()
    _put(flat, tops[rows] * width + columns, _tick(c.dark, ratio), width)
    _put(flat, np.concatenate(solid), _diamond(c.dark, ratio, is_hollow=False), width)
    _put(flat, np.concatenate(hollow), _diamond(c.dark, ratio, is_hollow=True), width)


def _put(flat: Pixels, places: Places, sprite: _Sprite, width: int) -> None:
    begin = places[:, None]
    flat[begin + (sprite.whole[0] * width + sprite.whole[1])] = sprite.whole_colours
    edge = begin + (sprite.edge[0] * width + sprite.edge[1])
    flat[edge] = sprite.edge_colours + _faded(flat[edge], sprite.left)


def _faded(pixels: Pixels, share: Pixels) -> Pixels:
    """Opaque pixels times share / 256, two channels at a time."""
    red_blue = ((pixels & np.uint32(0xFF00FF)) * share >> np.uint32(8)) & np.uint32(0xFF00FF)
    green = ((pixels & np.uint32(0x00FF00)) * share >> np.uint32(8)) & np.uint32(0x00FF00)
    return np.uint32(0xFF000000) | red_blue | green


@dataclass(frozen=True)
class _Sprite:
    """A mark: its opaque pixels, and those at its edge that what is behind shines through.

    Attributes:
        whole: (2, m) rows and columns of the opaque pixels, from the lane's top and the anchor's column.
        whole_colours: (m,) their colours.
        edge: (2, k) the same for the others.
        edge_colours: (k,) their colours times their opacity, without that.
        left: (k,) how much of 256 is left of what is behind.
    """

    whole: Places
    whole_colours: Pixels
    edge: Places
    edge_colours: Pixels
    left: Pixels


def _sprite(drawn: Pixels, middle: int) -> _Sprite:
    alpha = drawn >> np.uint32(24)
    whole, edge = np.argwhere(alpha == 255), np.argwhere((alpha > 0) & (alpha < 255))
    opacity = alpha[tuple(edge.T)]
    return _Sprite(
        (whole - (0, middle)).T.astype(np.int64),
        drawn[tuple(whole.T)],
        (edge - (0, middle)).T.astype(np.int64),
        drawn[tuple(edge.T)] & np.uint32(0xFFFFFF),
        np.uint32(256) - opacity - (opacity >> np.uint32(7)),
    )


@lru_cache(maxsize=8)
def _tick(is_dark: bool, ratio: float) -> _Sprite:
    assert is_dark == colours().dark
    drawn = np.zeros((round(TICK[1] * ratio), round(TICK_WIDTH * ratio)), np.uint32)
    drawn[round(TICK[0] * ratio) :] = colours().manual.rgba()
    return _sprite(drawn, 0)


@lru_cache(maxsize=8)
def _diamond(is_dark: bool, ratio: float, *, is_hollow: bool) -> _Sprite:
    assert is_dark == colours().dark
    reach = math.ceil((SIDE - 1) * ratio)
    image = QImage(2 * reach + 1, math.ceil(2 * MIDDLE * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    _draw_diamond(image, (reach + 0.5) / ratio, ratio, is_hollow)
    drawn = np.frombuffer(image.constBits(), np.uint32).reshape(image.height(), image.width())
    return _sprite(drawn, reach)


def _draw_diamond(image: QImage, x: float, ratio: float, is_hollow: bool) -> None:
    c = colours()
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(c.manual if is_hollow else c.field, 1.5 if is_hollow else 1.0))
    painter.setBrush(c.gap if is_hollow else c.manual)
    corners = ((x, MIDDLE - DIAMOND), (x + DIAMOND, MIDDLE), (x, MIDDLE + DIAMOND), (x - DIAMOND, MIDDLE))
    painter.drawPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    painter.end()
