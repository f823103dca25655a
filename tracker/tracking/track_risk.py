"""The probability of a wrong box for every frame of a track, from what its runs have stored. Does without torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.annotation.evidence import SCORE_NAMES
from tracker.annotation.track import Frames, Provenance
from tracker.jobs import Event, Job
from tracker.store.evidence import EvidenceStore
from tracker.tracking.drift import DriftModel
from tracker.tracking.drift_features import features_of
from tracker.tracking.lesson_book import LessonBook
from tracker.tracking.presence import Hidden, hidden_spans

Array = NDArray[np.float64]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class RiskRequest:
    """Whose risks are wanted.

    Attributes:
        project: The project file; its evidence is read over a connection of its own.
        tracks: (id, frames) of each track; the frames are not changed meanwhile.
        size: (width, height) of the clip's frames in pixels.
        lessons: Folder of what the user's reviews have taught; None for the model that comes with Thermark.
    """

    project: Path
    tracks: tuple[tuple[int, Frames], ...]
    size: tuple[int, int]
    lessons: Path | None = None


@dataclass(frozen=True)
class TrackRisk(Event):
    """A track is done.

    Attributes:
        track_id: Its id.
        risk: (n,) probability that each frame's box is wrong; NaN where no tracker has put it or its scores are gone.
        scores: (n, s) what it was computed from, in the order of `SCORE_NAMES`; NaN where there are none.
        hidden: Where its target can probably not be seen.
    """

    track_id: int
    risk: Array
    scores: Array
    hidden: tuple[Hidden, ...] = ()


@dataclass(frozen=True)
class Stretch:
    """Frames that a run has gone through, `first <= i < stop`, the one it started from among them.

    Attributes:
        first: Lowest frame.
        stop: One after the highest.
        direction: 1 where it went up from the lowest, -1 where it went down from the highest.
    """

    first: int
    stop: int
    direction: int

    @property
    def rows(self) -> slice:
        """Its frames."""
        return slice(self.first, self.stop)

    def fresh(self, frames: Frames, scores: Array) -> Indices:
        """(k,) of its frames, counted from where it began, those that do not repeat the one before.

        A box that is held while the sensor shows nothing new comes with the very scores of the frame before it. That
        is no second look, and must not count as one.

        Args:
            frames: Of the whole track.
            scores: (n, s) of the whole track.
        """
        seen = np.hstack([scores[self.rows], frames.boxes[self.rows]])[:: self.direction]
        same = (seen[1:] == seen[:-1]) | (np.isnan(seen[1:]) & np.isnan(seen[:-1]))
        return np.flatnonzero(np.concatenate(([True], ~same.all(axis=1))))

    def placed(self, span: Hidden, fresh: Indices) -> Hidden:
        """A span of its fresh frames, in frames of the clip."""
        ends = [*fresh.tolist(), self.stop - self.first]
        span = replace(span, start=ends[span.start], stop=ends[span.stop])
        if self.direction > 0:
            return replace(span, start=self.first + span.start, stop=self.first + span.stop)
        return replace(span, start=self.stop - span.stop, stop=self.stop - span.start)

    def features(self, frames: Frames, scores: Array, size: tuple[int, int]) -> Array:
        """(n, F) features of its frames, as `tracker.tracking.drift_features.features_of` gives them.

        Args:
            frames: Of the whole track.
            scores: (n, s) of the whole track.
            size: (width, height) of a frame in pixels.
        """
        rows, fresh = slice(None, None, self.direction), self.fresh(frames, scores)
        seen, boxes = scores[self.rows][rows][fresh], frames.boxes[self.rows][rows][fresh]
        repeats = np.diff([*fresh, self.stop - self.first])
        return np.repeat(features_of(seen, boxes, size), repeats, axis=0)[rows]


def track_risks(request: RiskRequest) -> Job[None]:
    """Compute the risks of tracks, one after the other.

    Raises:
        ProjectError: The evidence is damaged.
    """
    store = EvidenceStore(request.project)
    model = DriftModel.load() if request.lessons is None else LessonBook(request.lessons).model()
    try:
        for track_id, frames in request.tracks:
            scores = np.full((len(frames), len(SCORE_NAMES)), np.nan)
            at, values = store.scores(track_id)
            inside = at < len(frames)
            scores[at[inside]] = values[inside]
            risk, hidden = judged(frames, scores, request.size, model)
            yield TrackRisk(track_id, risk, scores, hidden)
    finally:
        store.close()


def risk_of(frames: Frames, scores: Array, size: tuple[int, int], model: DriftModel) -> Array:
    """The risks of a track; see `judged`."""
    return judged(frames, scores, size, model)[0]


def judged(
    frames: Frames, scores: Array, size: tuple[int, int], model: DriftModel
) -> tuple[Array, tuple[Hidden, ...]]:
    """The risks of a track and where its target can probably not be seen; see `TrackRisk`.

    Args:
        frames: Of the track.
        scores: (n, s) of its frames in the order of `SCORE_NAMES`, NaN where there are none.
        size: (width, height) of a frame in pixels.
        model: From features to probabilities.
    """
    risk, hidden = np.full(len(frames), np.nan), list[Hidden]()
    known = is_tracked(frames) & ~np.isnan(scores).all(axis=1)
    for stretch in stretches(frames):
        features, step = stretch.features(frames, scores, size), stretch.direction
        risk[stretch.rows] = probability = model.probability(features)
        fresh = stretch.fresh(frames, scores)
        gone = hidden_spans(probability[::step][fresh], features[::step][fresh])
        hidden += [stretch.placed(span, fresh) for span in gone]
    return np.where(known, risk, np.nan), tuple(hidden)


def stretches(frames: Frames) -> Iterator[Stretch]:
    """The runs that a track shows: stretches of tracked boxes, each with the anchor that it began at.

    A stretch that follows an anchor went forward, one that only has an anchor after it went backward; which way it
    went between two anchors is not stored, and taken to be forward.
    """
    tracked = is_tracked(frames)
    anchor = (frames.provenance == Provenance.MANUAL) & frames.has_box
    edges = np.flatnonzero(np.diff(tracked.astype(np.int8), prepend=0, append=0)).reshape(-1, 2)
    for first, stop in edges.tolist():
        if first > 0 and anchor[first - 1]:
            yield Stretch(first - 1, stop, 1)
        elif stop < len(frames) and anchor[stop]:
            yield Stretch(first, stop + 1, -1)
        else:
            yield Stretch(first, stop, 1)


def is_tracked(frames: Frames) -> NDArray[np.bool_]:
    """(n,) where a tracker has put a box."""
    return np.asarray((frames.provenance == Provenance.TRACKED) & frames.has_box)
