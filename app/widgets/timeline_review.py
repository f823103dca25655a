"""What a lane shows of the review: where its track is probably wrong, and what has been looked at."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.theme import colours

RISK = (20, 24)  # first and last row, under the bar
REVIEWED = (2, 4)  # above the bar
SHOWN_FROM = 0.08
"""Risk below which nothing is painted: a lane that is fine should look calm."""

SHADES = 64

Shades = NDArray[np.uint8]


def risk_shades(risk: NDArray[np.floating[Any]]) -> Shades:
    """(n,) risks as shades that keep their order: 0 where nothing is painted, else 1 to `SHADES` + 1.

    Args:
        risk: (n,) probability of a wrong box; NaN where it is not known.
    """
    known = np.nan_to_num(risk, nan=0.0)
    shades = np.rint(np.clip(known, 0, 1) * SHADES).astype(np.uint8) + np.uint8(1)
    return np.where(known >= SHOWN_FROM, shades, np.uint8(0))


def risk_colour(risk: float) -> QColor:
    """The colour of one probability."""
    a, b = (np.array((c.redF(), c.greenF(), c.blueF())) for c in (colours().warning, colours().error))
    red, green, blue = ((1 - risk) * a + risk * b).tolist()
    return QColor.fromRgbF(red, green, blue, 0.55 + 0.45 * risk)
