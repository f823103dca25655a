"""Palettes: the colour of each of 256 gray levels, from the coldest to the hottest.

All but two are straight lines in RGB between a few colours of our own; inferno and viridis are OpenCV's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from tracker.errors import ThermalError
from tracker.opencv import cv2

LEVELS = 256

Colours = NDArray[np.uint8]
"""(256, 3) RGB, coldest first."""


@dataclass(frozen=True)
class PaletteEntry:
    """A palette that comes with Thermark.

    Attributes:
        label: Its name for the user.
        make: Computes it.
    """

    label: str
    make: Callable[[], Colours]


def between(colours: Sequence[str]) -> Colours:
    """A palette of evenly spaced colours with straight lines between them.

    Args:
        colours: Two or more, each "#rrggbb", coldest first.

    Raises:
        ThermalError: There are fewer than two, or one is no colour.
    """
    if len(colours) < 2:
        raise ThermalError("a palette needs at least two colours.")
    points = np.array([rgb_of(colour) for colour in colours], np.float64)
    at, ends = np.linspace(0, 1, LEVELS), np.linspace(0, 1, len(points))
    channels = [np.interp(at, ends, points[:, channel]) for channel in range(3)]
    return np.rint(np.stack(channels, axis=1)).astype(np.uint8)


def rgb_of(colour: str) -> tuple[int, int, int]:
    """Red, green and blue of "#rrggbb".

    Raises:
        ThermalError: It is written otherwise.
    """
    try:
        red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    except ValueError as error:
        raise ThermalError(f"“{colour}” is no colour.", todo="Write it as #rrggbb.") from error
    return red, green, blue


def hex_of(rgb: Sequence[int]) -> str:
    """A colour as "#rrggbb", of red, green and blue."""
    red, green, blue = rgb
    return f"#{red:02x}{green:02x}{blue:02x}"


def _of_opencv(number: int) -> Colours:
    levels = np.arange(LEVELS, dtype=np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(levels, number)[:, 0, ::-1])


def _points(*colours: str) -> Callable[[], Colours]:
    return partial(between, colours)


PALETTES: dict[str, PaletteEntry] = {
    "white_hot": PaletteEntry("White hot", _points("#000000", "#ffffff")),
    "black_hot": PaletteEntry("Black hot", _points("#ffffff", "#000000")),
    "iron": PaletteEntry(
        "Iron", _points("#000000", "#22006a", "#7d0593", "#bd2f6f", "#e8702a", "#fbb51c", "#fff7d6")
    ),
    "rainbow": PaletteEntry(
        "Rainbow",
        _points("#00004d", "#0030ff", "#00b4ff", "#14d86a", "#c8e61e", "#ffa800", "#ff2a00", "#ffd9d0"),
    ),
    "lava": PaletteEntry(
        "Lava", _points("#000000", "#2b1140", "#6e1040", "#b81d24", "#e8590c", "#ffb02e", "#ffffff")
    ),
    "arctic": PaletteEntry(
        "Arctic", _points("#050a30", "#12329a", "#2b78c4", "#74a9b8", "#c2a86a", "#f0c64a", "#fff6cf")
    ),
    "inferno": PaletteEntry("Inferno", partial(_of_opencv, cv2.COLORMAP_INFERNO)),
    "viridis": PaletteEntry("Viridis", partial(_of_opencv, cv2.COLORMAP_VIRIDIS)),
}
"""Name -> palette, in the order they are offered."""

DEFAULT_PALETTE = "white_hot"


@lru_cache(maxsize=32)
def palette(name: str) -> Colours:
    """(256, 3) RGB of a palette that comes with Thermark; not to be written to.

    Raises:
        ThermalError: There is none of this name.
    """
    if name not in PALETTES:
        raise ThermalError(f"there is no palette “{name}”.", todo=f"Choose one of {', '.join(PALETTES)}.")
    colours = PALETTES[name].make()
    colours.flags.writeable = False
    return colours
