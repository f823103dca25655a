"""How much a response map can be trusted: its peaks, the agreement of the levels, and the look of the found box."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import Map, Scores
from tracker.geometry import Box
from tracker.tracking.crop import Gray

Cell = tuple[int, int]

RING = 2.0
"""Sides of the surroundings that a box is compared with, relative to its own."""

LEAST_SPREAD = 0.5
"""Gray levels: half a step of 8-bit counts; a sky without any noise is not infinitely contrasting."""

SAMPLES = 48
"""Rows and columns of a large box's surroundings that are looked at: enough for a mean, at no cost in time."""


def peak_cell(response: Map) -> Cell:
    """(row, column) of the largest value."""
    row, column = np.unravel_index(int(np.argmax(response)), response.shape)
    return int(row), int(column)


def _outside(shape: tuple[int, ...], cell: Cell, radius: float) -> NDArray[np.bool_]:
    rows, columns = np.ogrid[: shape[0], : shape[1]]
    return np.asarray((np.abs(rows - cell[0]) > radius) | (np.abs(columns - cell[1]) > radius))


def peak_to_sidelobe(response: Map, radius: float = 5.0) -> float:
    """PSR: (peak - mean) / standard deviation outside a square around the peak; Bolme et al., CVPR 2010.

    Args:
        response: (h, w) map.
        radius: Half side of the excluded square in cells; 5 gives the published 11 x 11.
    """
    cell = peak_cell(response)
    side = response[_outside(response.shape, cell, radius)]
    if side.size == 0:
        return 0.0
    return float((response[cell] - side.mean()) / (side.std() + 1e-6))


def peak_to_correlation_energy(response: Map) -> float:
    """APCE: (max - min)^2 / mean((F - min)^2); Wang et al., LMCF, CVPR 2017."""
    low = float(response.min())
    energy = float(np.mean((response - low) ** 2))
    return float((response.max() - low) ** 2 / energy) if energy > 0 else 0.0


def second_peak_ratio(response: Map, radius: float) -> float:
    """Highest value farther than `radius` cells from the peak, over the peak; 0 without a positive peak."""
    cell = peak_cell(response)
    rest = response[_outside(response.shape, cell, radius)]
    peak = float(response[cell])
    if rest.size == 0 or peak <= 0:
        return 0.0
    return float(np.clip(rest.max() / peak, 0.0, 1.0))


def divergence(first: Map, second: Map) -> float:
    """Symmetric Kullback-Leibler divergence of two maps taken as distributions; 0 for equal ones.

    It sees what the distance of two peaks does not: a map that is broad, or has several peaks, where the other is
    sharp.
    """
    p, q = _distribution(first), _distribution(second)
    return float(((p - q) * np.log(p / q)).sum())


def _distribution(response: Map) -> NDArray[np.float64]:
    values = response.astype(np.float64) - float(response.min())
    # A thousandth of the mass is spread evenly: the lowest cell would have none, and its logarithm no end.
    even = 1 / values.size
    total = float(values.sum())
    return np.asarray(0.999 * values / total + 0.001 * even if total > 0 else np.full(values.shape, even))


def contrast(image: Gray, box: Box) -> float:
    """How far a box stands out: |mean of box - mean of ring| / standard deviation of the ring.

    Args:
        image: (H, W) gray, 0..255.
        box: In pixels of the image.

    Returns:
        At least 0; NaN where box or ring lie wholly beyond the image.
    """
    around = Box.from_centre(*box.centre, RING * box.width, RING * box.height)
    step = max(1, int(min(around.width, around.height) // SAMPLES))
    outer, inner = (_moments(image, each, step) for each in (around, box))
    count, total, squares = (a - b for a, b in zip(outer, inner, strict=True))
    if inner[0] == 0 or count <= 0:
        return math.nan
    mean = total / count
    spread = math.sqrt(max(squares / count - mean**2, 0.0))
    return abs(inner[1] / inner[0] - mean) / max(spread, LEAST_SPREAD)


def _moments(image: Gray, box: Box, step: int) -> tuple[float, float, float]:
    """Number, sum and sum of squares of every `step`-th pixel, across and down, whose centre lies in a box."""
    height, width = image.shape
    rows, columns = (
        slice(first + (-first) % step, last, step)
        for first, last in (
            (max(math.ceil(box.y - 0.5), 0), min(max(math.ceil(box.bottom - 0.5), 0), height)),
            (max(math.ceil(box.x - 0.5), 0), min(max(math.ceil(box.right - 0.5), 0), width)),
        )
    )
    values = image[rows, columns].astype(np.float64).ravel()
    # Not `values @ values`: OpenBLAS takes threads for that, which go on spinning and starve torch's on two cores.
    return float(values.size), float(values.sum()), float(np.square(values).sum())


def score(semantic: Map, structural: Map, fused: Map, target_cells: float) -> Scores:
    """All scores that the maps of one step give.

    Args:
        semantic: (h, w) semantic similarity.
        structural: (h, w) structural similarity.
        fused: (h, w) their ensemble.
        target_cells: sqrt of the target's area, in cells.
    """
    a, b = peak_cell(semantic), peak_cell(structural)
    return Scores(
        peak=float(fused.max()),
        psr=peak_to_sidelobe(fused),
        apce=peak_to_correlation_energy(fused),
        second_peak_ratio=second_peak_ratio(fused, max(target_cells / 2, 1.0)),
        disagreement=float(np.hypot(a[0] - b[0], a[1] - b[1]) / max(target_cells, 1e-6)),
        divergence=divergence(semantic, structural),
    )
