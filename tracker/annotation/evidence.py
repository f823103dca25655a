"""What a tracking step saw: stored beside the project, drawn in the similarity-maps dock."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tracker.geometry import Box

Map = NDArray[np.float32]


@dataclass(frozen=True)
class Scores:
    """Numbers that say how much a response can be trusted; NaN where a model has none, or an old file does not know.

    Attributes:
        peak: Largest value of the fused map.
        psr: Peak-to-sidelobe ratio: (peak - mean) / standard deviation of the map without the peak's
            surroundings (Bolme et al., MOSSE, CVPR 2010).
        apce: Average peak-to-correlation energy, (max - min)^2 / mean((F - min)^2)
            (Wang et al., LMCF, CVPR 2017).
        second_peak_ratio: Highest other local maximum divided by the peak, 0..1.
        disagreement: Distance between the semantic and the structural peak, in target sizes
            (sqrt of the target's area).
        divergence: Symmetric Kullback-Leibler divergence of the semantic and the structural map, each shifted to a
            minimum of 0 and divided by its sum.
        quality: IoU with the target that the box is expected to have, 0..1.
        likeness: Mean cosine between the features of the first template's grid and those of the same grid laid over
            the found box, -1..1.
        contrast: Difference of the box's mean gray from that of a ring around it, over the ring's standard deviation.
    """

    peak: float
    psr: float
    apce: float
    second_peak_ratio: float
    disagreement: float
    divergence: float = math.nan
    quality: float = math.nan
    likeness: float = math.nan
    contrast: float = math.nan


SCORE_NAMES = tuple(field.name for field in fields(Scores))


@dataclass(frozen=True)
class Evidence:
    """All that one tracking step saw.

    The three maps have the same shape and lie over the same part of the frame: cell (r, c) of an
    (h, w) map covers the c-th of w columns and the r-th of h rows of `map_region`.

    Attributes:
        search_region: The part of the frame that was cut out and given to the network.
        map_region: The part of the frame that the maps cover.
        semantic: (h, w) semantic similarity after its ensemble gain.
        structural: (h, w) structural similarity after its ensemble gain.
        fused: (h, w) the ensemble of both.
        value_range: (low, high) for a fixed colour scale; depends on the model alone, never on the frame.
        channel_attention: (c,) weights of the template's semantic channels, 0..1.
        spatial_attention: (k, k) weights of the template's positions, 0..1.
        ensemble_weights: (semantic, structural) share of each level in the fused map; they add up to 1.
        scores: How much the response can be trusted.
    """

    search_region: Box
    map_region: Box
    semantic: Map
    structural: Map
    fused: Map
    value_range: tuple[float, float]
    channel_attention: Map
    spatial_attention: Map
    ensemble_weights: tuple[float, float]
    scores: Scores
