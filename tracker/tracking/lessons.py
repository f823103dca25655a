"""What a review says about the boxes of trackers: which were wrong and which were right, with what was seen of them.

Drawn from the difference of a track before and after an edit, so that every gesture teaches and undoing one takes its
lesson back: a box drawn by hand where a tracker had put one says whether that was wrong, as does the statement that the
target is not there; accepted boxes were right. `tracker.tracking.drift.DriftModel.refitted` learns from them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames, Mask
from tracker.geometry import iou
from tracker.tracking.drift_features import FEATURE_NAMES, Array
from tracker.tracking.lesson_book import Lessons
from tracker.tracking.track_risk import is_tracked, stretches

WRONG_BELOW = 0.5
"""IoU with the box drawn by hand below which a tracked box was wrong."""

OF_STRETCH = 8
"""Frames that an accepted stretch teaches with at most: its frames are alike, and a keystroke accepts thousands."""


def lessons_of(before: Frames, after: Frames, scores: Array, size: tuple[int, int]) -> Lessons:
    """What an edit of a track teaches.

    Args:
        before: The track as it was.
        after: As it is now, as long.
        scores: (n, s) of the track as it was, in the order of `SCORE_NAMES`; NaN where there are none.
        size: (width, height) of a frame in pixels.
    """
    judged = is_tracked(before) & ~before.reviewed & ~np.isnan(scores).all(axis=1)
    corrected = judged & after.is_manual
    accepted = judged & after.reviewed & _same_box(before, after)
    taught = corrected | _thinned(accepted)
    frames = np.flatnonzero(taught)
    if not len(frames):
        return Lessons.none()
    overlap = np.nan_to_num(
        iou(before.boxes[frames], after.boxes[frames])
    )  # 0 where there is no box any more
    wrong = corrected[frames] & (overlap < WRONG_BELOW)
    return Lessons(frames, _features(before, scores, size, taught)[frames], wrong)


def withdrawn(before: Frames, after: Frames) -> NDArray[np.int64]:
    """Frames about which a review says nothing any more: their acceptance or their anchor is taken back."""
    back = before.is_manual & ~after.is_manual
    return np.flatnonzero(back | (before.reviewed & ~after.reviewed & _same_box(before, after)))


def _same_box(before: Frames, after: Frames) -> Mask:
    return np.asarray((before.boxes == after.boxes).all(axis=1))


def _thinned(mask: Mask) -> Mask:
    """(n,) of every stretch of true values `OF_STRETCH` at most, evenly spread."""
    thinned = np.zeros_like(mask)
    for start, stop in _runs(mask):
        thinned[np.unique(np.linspace(start, stop - 1, OF_STRETCH).round().astype(np.int64))] = True
    return thinned


def _runs(mask: Mask) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _features(frames: Frames, scores: Array, size: tuple[int, int], wanted: Mask) -> Array:
    """(n, F) of the stretches in which something is wanted; NaN elsewhere."""
    features = np.full((len(frames), len(FEATURE_NAMES)), np.nan)
    for stretch in stretches(frames):
        if wanted[stretch.rows].any():
            features[stretch.rows] = stretch.features(frames, scores, size)
    return features
