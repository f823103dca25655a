"""What a lane shows of the review: where its track is probably wrong, and what has been looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor

from app.theme import colours
from app.widgets.timeline_columns import Values

RISK = (20, 24)  # first and last row, under the bar
REVIEWED = (2, 4)  # above the bar
SHOWN_FROM = 0.08
"""Risk below which nothing is painted: a lane that is fine should look calm."""

Pixels = NDArray[np.uint32]
_SHADES = 64


def risk_colours(risk: Values) -> Pixels:
    """(w,) ARGB of the columns of a lane, 0 where there is nothing to see.

    From the colour of a warning, a little faint, to that of an error.

    Args:
        risk: (w,) highest probability of a wrong box in each column; NaN where it is not known.
    """
    table = np.array([int(risk_colour(step / _SHADES).rgba()) for step in range(_SHADES + 1)], np.uint32)
    known = np.nan_to_num(risk, nan=0.0)
    found = table[np.rint(np.clip(known, 0, 1) * _SHADES).astype(np.intp)]
    return np.where(known >= SHOWN_FROM, found, np.uint32(0)).astype(np.uint32)


def reviewed_colour() -> int:
    """ARGB of the line over frames that were looked at."""
    return int(colours().manual.rgba())


def risk_colour(risk: float) -> QColor:
    """The colour of one probability."""
    a, b = (np.array((c.redF(), c.greenF(), c.blueF())) for c in (colours().warning, colours().error))
    red, green, blue = ((1 - risk) * a + risk * b).tolist()
    return QColor.fromRgbF(red, green, blue, 0.55 + 0.45 * risk)
