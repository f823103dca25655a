"""Two runs over the same gap compared: forward from the anchor before it, backward from the one after it.

Where two runs that started from different truths say the same, both are likely right; where they part, one of them
has lost the target. Everything here is about the n frames between two anchors, not about the anchors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.track import Frames, Mask, Presence, Provenance
from tracker.geometry import iou

Curve = NDArray[np.float64]
Span = tuple[int, int]

AGREED = 0.5
"""IoU from which on two boxes count as the same target, as is usual in tracking benchmarks."""


class Spans(NamedTuple):
    """A gap cut in parts (start, stop), counted from its first frame.

    Attributes:
        accepted: Where both runs agree.
        valleys: All other frames.
    """

    accepted: list[Span]
    valleys: list[Span]


def agreement(forward: Frames, backward: Frames) -> Curve:
    """How far two runs agree.

    Args:
        forward: n frames.
        backward: The same frames, of the other run.

    Returns:
        (n,) IoU, 0..1; NaN where either has no box.
    """
    both = forward.has_box & backward.has_box
    return np.where(both, iou(forward.boxes, backward.boxes), np.nan)


def blended(forward: Frames, backward: Frames, threshold: float = AGREED) -> Frames:
    """One track out of two runs.

    Where they agree, centre and logarithm of the size go over from the forward box to the backward one, linearly with
    the distance to both anchors; elsewhere the box is that of the run whose anchor is nearer, the forward one's in the
    middle. The presence is the worse of the two, the score the lower one. Where only one run says something, that
    holds.

    Args:
        forward: n frames, all of a gap.
        backward: The same frames, of the other run.
        threshold: IoU from which on the boxes agree.

    Returns:
        n tracked frames.
    """
    share = (np.arange(len(forward)) + 1.0) / (len(forward) + 1)  # 0 at the anchor before, 1 at the one after
    both = forward.is_said & backward.is_said
    is_backward = np.where(both, share > 0.5, backward.is_said)
    mixed = Frames(np.where(is_backward, backward.rows, forward.rows))
    other = np.where(is_backward[:, None], forward.boxes, backward.boxes)
    # A run may have said that the target is occluded without saying where it is.
    mixed.boxes[:] = np.where((both & ~mixed.has_box)[:, None], other, mixed.boxes)
    agreed = agreement(forward, backward) >= threshold
    mixed.boxes[agreed] = _between(forward.boxes[agreed], backward.boxes[agreed], share[agreed])
    mixed.presence[both] = np.maximum(forward.presence, backward.presence)[both]
    mixed.score[both] = np.fmin(forward.score, backward.score)[both]
    mixed.provenance[mixed.is_said] = Provenance.TRACKED
    mixed.boxes[mixed.presence > Presence.OCCLUDED] = np.nan
    return mixed


def accepted_spans(curve: Curve, threshold: float, least_length: int = 1) -> Spans:
    """Cut a gap where the runs stop or begin to agree.

    Args:
        curve: (n,) IoU, as `agreement` gives it; NaN is no agreement.
        threshold: IoU from which on they agree.
        least_length: A shorter agreement, in frames, may be chance: it belongs to the valley around it.

    Returns:
        Both kinds of spans, ascending; together they are all n frames.
    """
    is_agreed = np.nan_to_num(curve, nan=-1.0) >= threshold
    for start, stop in _stretches(is_agreed):
        if stop - start < least_length:
            is_agreed[start:stop] = False
    return Spans(_stretches(is_agreed), _stretches(~is_agreed))


def _between(first: Curve, last: Curve, share: Curve) -> Curve:
    """Boxes (m, 4) at `share` (m,) of the way in centre and log-size."""
    part = share[:, None]
    centre = (first[:, :2] + first[:, 2:] / 2) * (1 - part) + (last[:, :2] + last[:, 2:] / 2) * part
    size = np.exp(np.log(first[:, 2:]) * (1 - part) + np.log(last[:, 2:]) * part)
    return np.hstack([centre - size / 2, size])


def _stretches(mask: Mask) -> list[Span]:
    """Spans (start, stop) in which `mask` is true."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]])))
    return [(int(start), int(stop)) for start, stop in edges.reshape(-1, 2)]
