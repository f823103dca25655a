"""Trackers side by side on a benchmark, as a job: run what has to be run, read the rest, score everything."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tracker.errors import EvaluationError
from tracker.evaluation.failures import Failure, read_failures
from tracker.evaluation.outcome import MEASURES, Outcome
from tracker.evaluation.protocols import Kind, Protocol
from tracker.evaluation.published import PublishedCurves, PublishedRates, read_published
from tracker.evaluation.runner import ModelFactory, RunRequest, TrackerFactory, failure_path, run_model
from tracker.evaluation.scoring import Submission, eao_interval, score
from tracker.evaluation.sequences import BenchmarkSequence, read_benchmark
from tracker.evaluation.starts import StartProtocol
from tracker.folders import data_folder
from tracker.jobs import Job, ProgressMeter
from tracker.media import open_source

MOST_FAILURES = 6
"""Failures that a report shows of each tracker."""


@dataclass(frozen=True)
class ComparisonRequest:
    """What to compare.

    Attributes:
        dataset: The benchmark's folder; see `read_benchmark`.
        protocol: How to measure.
        output: Folder for the results of models, one folder in it for each.
        models: Thermark's, by the name they get in the report.
        results: Folders of other trackers' results by name.
        against: Published result files.
        starts: Where trackers are started.
        most_frames: Only so many first frames of each sequence.
        workers: Processes.
    """

    dataset: Path
    protocol: Protocol
    output: Path
    models: Mapping[str, TrackerFactory] = field(default_factory=dict)
    results: Mapping[str, Path] = field(default_factory=dict)
    against: tuple[Path, ...] = ()
    starts: StartProtocol = StartProtocol.OPE
    most_frames: int | None = None
    workers: int = 1


@dataclass(frozen=True)
class ShownFailure:
    """A moment at which a tracker lost its target.

    Attributes:
        tracker: Its name.
        sequence: Where.
        failure: What it saw.
    """

    tracker: str
    sequence: BenchmarkSequence
    failure: Failure


@dataclass(frozen=True)
class Comparison:
    """What came out.

    Attributes:
        protocol: How it was measured.
        starts: Where trackers were started.
        sequences: On what.
        outcomes: Of all trackers, the best first.
        published: Curves of the benchmark's own result files.
        failures: A few of each model.
        notes: What a reader has to know.
    """

    protocol: Protocol
    starts: StartProtocol
    sequences: tuple[BenchmarkSequence, ...]
    outcomes: tuple[Outcome, ...]
    published: tuple[PublishedCurves, ...] = ()
    failures: tuple[ShownFailure, ...] = ()
    notes: tuple[str, ...] = ()


def model_entries(
    models: Sequence[str], device: str = "auto", threads: int | None = None
) -> dict[str, TrackerFactory]:
    """Factories of models by names for folders and reports, which are the models' own, or their files'."""
    return {name_of(model): ModelFactory(model, device, threads) for model in models}


def results_folder(dataset: Path, protocol: Protocol, starts: StartProtocol = StartProtocol.OPE) -> Path:
    """Where results go that were given no folder: the same for the same question, so that it can go on."""
    suffix = "" if starts is StartProtocol.OPE else f"-{starts.value}"
    return data_folder() / "evaluations" / f"{dataset.absolute().name}-{protocol.name}{suffix}"


def name_of(model: str) -> str:
    """A name of a model or weights file that can name a folder."""
    stem = Path(model).stem if model.endswith(".safetensors") else model
    return re.sub(r"[^\w. -]+", "-", stem).strip(". ") or "model"


def compare(request: ComparisonRequest) -> Job[Comparison]:
    """Run the models, read all results, and score them.

    Raises:
        EvaluationError: There are no sequences, or a result or a published file is missing or of no use.
        FormatError: An annotation or a result is damaged.
        ThermarkError: A model, device or clip cannot be used.
    """
    twice = sorted(request.models.keys() & request.results.keys())
    if twice:
        raise EvaluationError("this is the name of a model too.", where=twice[0], todo="Choose another.")
    if not (request.models or request.results or request.against):
        raise EvaluationError("there is nothing to compare.", todo="Give --models, --results or --against.")
    published = [read_published(path) for path in request.against]
    sequences = read_benchmark(request.dataset, request.protocol, request.most_frames)
    submissions = [Submission(name, folder) for name, folder in request.results.items()]
    for name, factory in request.models.items():
        submissions.append((yield from _run(request, name, factory, sequences)))
    if request.protocol.kind is not Kind.ONE_PASS:
        sequences = yield from _sized(sequences)
    meter, outcomes = ProgressMeter("Scoring", len(submissions)), []
    for done, submission in enumerate(submissions):
        yield meter.at(done)
        outcomes.append(score(submission, sequences, request.protocol, request.starts))
    yield meter.at(len(submissions))
    return Comparison(
        protocol=request.protocol,
        starts=request.starts,
        sequences=tuple(sequences),
        outcomes=tuple(_ranked(outcomes, request.protocol)),
        published=tuple(each for each in published if isinstance(each, PublishedCurves)),
        failures=tuple(_failures(request, sequences)),
        notes=tuple(_notes(request, sequences, published)),
    )


def _run(
    request: ComparisonRequest, name: str, factory: TrackerFactory, sequences: list[BenchmarkSequence]
) -> Job[Submission]:
    folder = request.output / name
    report = yield from run_model(
        RunRequest(factory, request.protocol, folder, request.starts, request.most_frames, request.workers),
        sequences,
    )
    speed = f", {report.fps:.1f} frames/s" if np.isfinite(report.fps) else ""
    return Submission(name, folder, f"{report.model}{speed}")


def _sized(sequences: list[BenchmarkSequence]) -> Job[list[BenchmarkSequence]]:
    """The sequences with the sizes of their frames, where there are frames."""
    meter, found = ProgressMeter("Reading frame sizes", len(sequences)), []
    for done, sequence in enumerate(sequences):
        yield meter.at(done)
        if sequence.frame_size is None and sequence.frames is not None:
            source = yield from open_source(sequence.frames)
            sequence = replace(sequence, frame_size=source.size)
            source.close()
        found.append(sequence)
    return found


def _ranked(outcomes: list[Outcome], protocol: Protocol) -> list[Outcome]:
    first = MEASURES[protocol.kind][0]
    sign = -1 if first.is_better_high else 1
    return sorted(outcomes, key=lambda each: sign * np.nan_to_num(each.values[first.key].value))


def _failures(request: ComparisonRequest, sequences: list[BenchmarkSequence]) -> list[ShownFailure]:
    """First moments of each sequence before second ones, so that many sequences are seen."""
    shown = []
    for name in request.models:
        found = [
            (number, sequence, failure)
            for sequence in sequences
            for number, failure in enumerate(
                read_failures(failure_path(request.output / name, sequence.name))
            )
        ]
        found.sort(key=lambda entry: entry[0])
        shown += [ShownFailure(name, sequence, failure) for _, sequence, failure in found[:MOST_FAILURES]]
    return shown


def _notes(
    request: ComparisonRequest,
    sequences: list[BenchmarkSequence],
    published: Sequence[PublishedCurves | PublishedRates],
) -> list[str]:
    protocol, notes = request.protocol, []
    if protocol.sequences is not None and protocol.sequences != len(sequences):
        notes.append(f"{protocol.title} has {protocol.sequences} sequences; these are {len(sequences)}.")
    if request.most_frames is not None:
        notes.append(f"Only the first {request.most_frames} frames of each sequence.")
    if protocol.kind is Kind.SUPERVISED:
        low, high = eao_interval(sequences, protocol)
        origin = "as the protocol says" if protocol.supervised.interval else "estimated from their lengths"
        notes.append(f"EAO over lengths of {low} to {high} frames, {origin}.")
        if request.models and protocol.repetitions > 1:
            notes.append("Thermark's models repeat themselves exactly and were run once.")
    for each in published:
        count = each.curves.shape[1] if isinstance(each, PublishedCurves) else len(each.sequences)
        if count != len(sequences):
            notes.append(f"The published curves are of {count} sequences, not of these {len(sequences)}.")
    return list(dict.fromkeys(notes))
