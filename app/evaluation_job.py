"""The long work behind the evaluation dock: comparing, comparing on a part, and looking again at one frame."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from tracker.annotation.evidence import Evidence
from tracker.errors import EvaluationError
from tracker.evaluation.comparing import (
    Comparison,
    ComparisonRequest,
    compare,
    model_entries,
    results_folder,
)
from tracker.evaluation.courses import Course
from tracker.evaluation.failures import read_failures
from tracker.evaluation.protocols import Protocol, load_protocol
from tracker.evaluation.runner import TrackerFactory, failure_path
from tracker.evaluation.scoring import Submission, score
from tracker.jobs import Job, ProgressMeter
from tracker.media import load_source
from tracker.tracking.run import FrameTracked, StopConditions, track

MOST_WORKERS = 8


@dataclass(frozen=True)
class Wanted:
    """What the user wants to compare.

    Attributes:
        dataset: Folder of the benchmark.
        protocol: Its name.
        models: Thermark's.
        results: Folders of other trackers' results by name.
        device: For the models.
    """

    dataset: Path
    protocol: str
    models: tuple[str, ...]
    results: Mapping[str, Path]
    device: str = "auto"

    def request(self) -> ComparisonRequest:
        """The same for those who do it; the same results folder as `thermark evaluate`.

        Raises:
            EvaluationError: There is no such protocol.
        """
        protocol: Protocol = load_protocol(self.protocol)
        cores = os.cpu_count() or 1
        workers = min(
            max(cores // 2, 2), MOST_WORKERS
        )  # one alone would be this process, and hold up the window
        return ComparisonRequest(
            dataset=self.dataset,
            protocol=protocol,
            output=results_folder(self.dataset, protocol),
            models=model_entries(self.models, self.device, max(cores // workers, 1)),
            results=dict(self.results),
            workers=workers,
        )


def submissions(request: ComparisonRequest) -> dict[str, Submission]:
    """All trackers of a comparison by name, with where their results lie."""
    folders = {name: request.output / name for name in request.models} | dict(request.results)
    return {name: Submission(name, folder) for name, folder in folders.items()}


def compare_job(request: ComparisonRequest) -> Job[Comparison]:
    """Compare; the worker's part of it is done in other processes, so that the window stays free."""
    return compare(request)


def with_attribute(request: ComparisonRequest, whole: Comparison, attribute: str) -> Job[Comparison]:
    """A comparison on the sequences that have an attribute alone.

    Raises:
        EvaluationError: There are none, or a result is missing.
        FormatError: A result is damaged.
    """
    sequences = tuple(each for each in whole.sequences if attribute in each.attributes)
    if not sequences:
        raise EvaluationError("no sequence has this attribute.", where=attribute)
    entries, outcomes = submissions(request), []
    meter = ProgressMeter("Scoring", len(whole.outcomes))
    for done, outcome in enumerate(whole.outcomes):
        yield meter.at(done)
        entry = replace(entries[outcome.name], note=outcome.note)
        outcomes.append(score(entry, sequences, whole.protocol, whole.starts))
    return replace(whole, sequences=sequences, outcomes=tuple(outcomes), failures=())


def evidence_job(request: ComparisonRequest, course: Course, frame: int) -> Job[Evidence | None]:
    """What a model saw at a frame: kept where it got lost there, else found out by tracking up to it once more.

    Returns:
        None for other people's trackers, and where it had not started.

    Raises:
        ThermarkError: The model, the device or the clip cannot be used.
    """
    factory = request.models.get(course.tracker)
    if factory is None:
        return None
    for failure in read_failures(failure_path(request.output / course.tracker, course.sequence.name)):
        if failure.frame == frame:
            return failure.evidence
    return (yield from _tracked_again(factory, course, frame))


def _tracked_again(factory: TrackerFactory, course: Course, frame: int) -> Job[Evidence | None]:
    frames = course.sequence.frames
    start = next((k for k in range(frame) if course.true_box(k) is not None), None)
    box = None if start is None else course.true_box(start)
    if frames is None or start is None or box is None:
        return None
    meter, seen = ProgressMeter("Looking again", frame - start), None
    source = load_source(frames)
    try:
        with factory.open(source) as tracker:
            for event in track(source, tracker, start, box, stop=StopConditions(until=frame)):
                if isinstance(event, FrameTracked):
                    seen = event.result.evidence
                    yield meter.at(event.frame - start)
    finally:
        source.close()
    return seen
