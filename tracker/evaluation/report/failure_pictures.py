"""The moments at which a tracker lost its target, as pictures with the maps."""

from __future__ import annotations

from matplotlib.figure import Figure

from tracker.evaluation.comparing import Comparison, ShownFailure
from tracker.evaluation.pictures import Moment, evidence_figure
from tracker.geometry import Box
from tracker.jobs import Job, ProgressMeter
from tracker.media import open_source
from tracker.media.source import Counts
from tracker.tracking.normalisation import Normalisation


def failure_figures(comparison: Comparison) -> Job[list[tuple[ShownFailure, Figure]]]:
    """A figure for each failure whose frames are there.

    Raises:
        MediaError: A clip cannot be read any more.
    """
    shown = [each for each in comparison.failures if each.sequence.frames is not None]
    meter, found = ProgressMeter("Drawing failures", len(shown)), []
    for done, each in enumerate(shown):
        yield meter.at(done)
        found.append((each, (yield from _figure(each))))
    yield meter.at(len(shown))
    return found


def _figure(shown: ShownFailure) -> Job[Figure]:
    sequence, failure = shown.sequence, shown.failure
    assert sequence.frames is not None
    source = yield from open_source(sequence.frames)
    try:
        counts: Counts = Normalisation.of(source).apply(source.frame(failure.frame)).astype("uint8")
    finally:
        source.close()
    truth = Box(*sequence.truth[failure.frame].tolist())
    moment = Moment(
        frame=failure.frame,
        title="lost",
        counts=counts,
        found=failure.box,
        true=truth if truth.is_valid() else None,
        evidence=failure.evidence,
    )
    return evidence_figure([moment])
