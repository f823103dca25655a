"""A model over the sequences of a benchmark, as a job: in several processes, and resumable.

A sequence is either finished, its results complete on disk and noted in the manifest, or not begun. Whoever
closes the job loses the sequences in work and nothing else; the same call later goes on with the rest and
ends with the same files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol as Interface

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError
from tracker.evaluation.failures import Failures
from tracker.evaluation.following import Followed, follow_once, follow_supervised, require_frames
from tracker.evaluation.manifest import Manifest, settings_of
from tracker.evaluation.one_pass import usable_truth
from tracker.evaluation.pool import follow_all
from tracker.evaluation.protocols import Kind, Protocol
from tracker.evaluation.results import (
    as_text,
    regions_as_text,
    result_path,
    times_as_text,
    times_path,
)
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.starts import StartProtocol, starts
from tracker.jobs import Job, ProgressMeter
from tracker.media import load_source
from tracker.media.source import FrameSource
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.tracker import Tracker

Array = NDArray[np.float64]


class TrackerFactory(Interface):
    """Makes a tracker for each clip; travels to other processes by pickling."""

    def model_id(self) -> str:
        """Name and weights of the model."""

    def open(self, source: FrameSource) -> AbstractContextManager[Tracker]:
        """A tracker for a clip."""


@dataclass(frozen=True)
class ModelFactory:
    """Trackers of a Thermark model.

    Attributes:
        model: As in `build_tracker`.
        device: As in `build_tracker`.
        threads: As in `build_tracker`.
    """

    model: str = "default"
    device: str = "auto"
    threads: int | None = None

    def model_id(self) -> str:
        """See `TrackerFactory`."""
        from tracker.tracking.build import build_tracker  # loads torch

        return build_tracker(self.model, device=self.device, threads=self.threads).tracker.model_id

    @contextmanager
    def open(self, source: FrameSource) -> Iterator[Tracker]:
        """See `TrackerFactory`."""
        from tracker.tracking.build import build_tracker

        normalisation = Normalisation.of(source)
        built = build_tracker(
            self.model, device=self.device, threads=self.threads, normalisation=normalisation
        )
        with built.explained():
            yield built.tracker


@dataclass(frozen=True)
class RunRequest:
    """What to run, and where to keep it.

    Attributes:
        factory: Makes the trackers.
        protocol: Of the benchmark.
        folder: For this model's results.
        starts: Where trackers are started; other than OPE only with one-pass protocols.
        most_frames: Only so many first frames of each sequence were read.
        workers: Processes.
    """

    factory: TrackerFactory
    protocol: Protocol
    folder: Path
    starts: StartProtocol = StartProtocol.OPE
    most_frames: int | None = None
    workers: int = 1


@dataclass(frozen=True)
class Task:
    """One sequence to be followed by whichever process is free; its files are complete when it is over.

    Attributes:
        request: What to run.
        sequence: On what.
    """

    request: RunRequest
    sequence: BenchmarkSequence

    @property
    def name(self) -> str:
        """For messages."""
        return self.sequence.name

    def __len__(self) -> int:
        """Frames, for progress."""
        return len(self.sequence)

    def job(self) -> Job[float]:
        """Follow and write; returns the tracker's frames per second."""
        sequence = self.sequence
        if sequence.frames is None:
            raise EvaluationError(
                "there are no frames to track in.", where=sequence.name, todo="Give a folder with images."
            )
        source, failures = load_source(sequence.frames), Failures()
        try:
            require_frames(source, sequence)
            with self.request.factory.open(source) as tracker:
                if self.request.protocol.kind is Kind.SUPERVISED:
                    fps = yield from self._supervised(source, tracker, failures)
                else:
                    fps = yield from self._once(source, tracker, failures)
        finally:
            source.close()
        failures.write(failure_path(self.request.folder, sequence.name))
        return fps

    def _supervised(self, source: FrameSource, tracker: Tracker, failures: Failures) -> Job[float]:
        rules = self.request.protocol.supervised
        regions = yield from follow_supervised(source, tracker, self.sequence, rules, failures)
        write_text(self._path(""), regions_as_text(regions))
        return float("nan")

    def _once(self, source: FrameSource, tracker: Tracker, failures: Failures) -> Job[float]:
        sequence, protocol = self.sequence, self.request.protocol
        usable = usable_truth(sequence.truth, protocol.one_pass)
        rates = []
        for number, start in enumerate(starts(self.request.starts, sequence.truth, usable, source.size)):
            kept = Failures(0) if number else failures  # further starts get lost at the same places
            followed = yield from follow_once(source, tracker, sequence, start, kept)
            write_text(self._path(start.name), as_text(_padded(followed, start.frame, sequence), protocol))
            if not number:
                seconds = np.pad(followed.seconds, (start.frame, 0))
                write_text(times_path(self.request.folder, sequence.name, protocol), times_as_text(seconds))
            busy = float(followed.seconds.sum())
            rates.append((len(followed.boxes) - 1) / busy if busy > 0 else float("nan"))
        return float(np.mean(rates))

    def _path(self, start: str) -> Path:
        return result_path(self.request.folder, self.sequence.name, self.request.protocol, start)


def _padded(followed: Followed, start: int, sequence: BenchmarkSequence) -> Array:
    """A row for each frame of the sequence: those before the start have no box."""
    boxes = np.full((len(sequence), 4), np.nan)
    boxes[start : start + len(followed.boxes)] = followed.boxes
    return boxes


def write_text(path: Path, text: str) -> None:
    """At any moment `path` is either what it was before or the whole new file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".part-{path.name}")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


def failure_path(folder: Path, name: str) -> Path:
    """Where the moments lie at which the target of a sequence got lost."""
    return folder / "failures" / f"{name}.npz"


@dataclass(frozen=True)
class RunReport:
    """What a run has done.

    Attributes:
        model: The model's id.
        folder: Of its results.
        tracked: Names of the sequences tracked now; the others were there already.
        fps: Mean over the sequences of the tracker's frames per second; NaN where that is not measured.
    """

    model: str
    folder: Path
    tracked: tuple[str, ...] = field(default_factory=tuple)
    fps: float = float("nan")


def run_model(request: RunRequest, sequences: list[BenchmarkSequence]) -> Job[RunReport]:
    """Track all sequences that are not finished yet.

    Args:
        request: What to run.
        sequences: Of the benchmark.

    Raises:
        EvaluationError: The folder holds results made with something else, or a sequence has no frames.
        ThermarkError: A model, device or clip cannot be used.
    """
    if request.starts is not StartProtocol.OPE and request.protocol.kind is not Kind.ONE_PASS:
        raise EvaluationError(
            f"{request.protocol.title} has no {request.starts.value.upper()}.", todo="Use --starts ope."
        )
    model = request.factory.model_id()
    settings = settings_of(request.protocol, request.starts, request.most_frames)
    manifest = Manifest.open(request.folder, model, settings)
    left = [sequence for sequence in sequences if not manifest.is_finished(sequence)]
    try:
        manifest.write(request.folder)
        meter = ProgressMeter(f"Tracking with {request.folder.name}", sum(map(len, left)))
        yield meter.at(0)
        tasks = [Task(request, sequence) for sequence in left]

        def finished(task: Task, fps: float) -> None:
            manifest.finish(request.folder, task.sequence, fps)

        yield from follow_all(tasks, request.workers, meter, finished)
    except OSError as error:
        raise EvaluationError(
            f"the results cannot be written ({error.strerror or error}).", where=request.folder
        ) from error
    rates = [entry["fps"] for entry in manifest.sequences.values() if entry["fps"] is not None]
    fps = float(np.mean(rates)) if rates else float("nan")
    return RunReport(model, request.folder, tuple(sequence.name for sequence in left), fps)
