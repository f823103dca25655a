"""How much a response map can be trusted: peak, PSR, APCE, second peak, disagreement of the levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import Map, Scores

Cell = tuple[int, int]


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


def score(semantic: Map, structural: Map, fused: Map, target_cells: float) -> Scores:
    """All scores of one step.

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
    )
