"""Palettes as pictures: strips for lists, and the colours of a scale with its isotherms."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap

from tracker.thermal.isotherms import CountsOf, in_counts, inside
from tracker.thermal.look import Look
from tracker.thermal.painter import Scale
from tracker.thermal.palettes import Colours, rgb_of

SWATCH = QSize(56, 12)


def strip(colours: Colours, *, is_upright: bool = False) -> QImage:
    """Colours as an image of one pixel each: from left to right, or from the bottom up."""
    pixels = np.ascontiguousarray(colours[::-1, None] if is_upright else colours[None])
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def swatch(colours: Colours) -> QIcon:
    """Colours as an icon for a list."""
    keep, smooth = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    return QIcon(QPixmap.fromImage(strip(colours).scaled(SWATCH, keep, smooth)))


def with_bands(look: Look, scale: Scale, counts_of: CountsOf | None) -> Colours:
    """The colours of a scale's levels, those inside an isotherm in its colour."""
    colours = look.colour_table().copy()
    for band in look.bands:
        limits = in_counts(band, counts_of)
        if limits is not None:
            colours[inside(scale.counts, limits)] = rgb_of(band.colour)
    return colours
