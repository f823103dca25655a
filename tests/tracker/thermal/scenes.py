"""A small thermal scene, and what is compared with the golden images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.thermal.display import Display, measure_span
from tracker.thermal.isotherms import Band, BandKind
from tracker.thermal.look import Agc, Look
from tracker.thermal.painter import Painter
from tracker.thermal.palettes import PALETTES

FOLDER = Path(__file__).with_name("golden")
WIDTH, HEIGHT = 48, 32
TARGET = (30.0, 8.0, 6.0, 5.0)


def scene() -> NDArray[np.uint16]:
    """(32, 48) a slope with fine texture, a warm target, a hot and a dead pixel; made of whole numbers alone."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    counts = 7000 + 20 * x + 9 * y + (x * 7 + y * 13) % 11
    counts[8:13, 30:36] += 260
    counts[20:30, 4:14] -= 150
    counts[3, 3], counts[28, 40] = 16000, 0
    return np.asarray(counts, np.uint16)


def looks() -> dict[str, Look]:
    """What is kept as a golden image, by the image's name."""
    bands = (
        Band(kind=BandKind.ABOVE, low=7900, colour="#ff3b30"),
        Band(kind=BandKind.BELOW, high=7200, colour="#0a84ff"),
        Band(kind=BandKind.BETWEEN, low=7500, high=7550, colour="#34c759"),
    )
    return {
        **{f"agc-{agc.value}": Look(agc=agc) for agc in Agc},
        **{f"palette-{name}": Look(palette=name) for name in PALETTES},
        "isotherms": Look(bands=bands),
        "isotherms-local": Look(agc=Agc.CLAHE, palette="iron", bands=bands),
        "locked": Look(agc=Agc.DETAIL, span=(7200.0, 7800.0)),
    }


def painted(look: Look) -> Display:
    """The scene in a look."""
    counts = scene()
    return Painter(look, measure_span([counts])).paint(counts, TARGET)
