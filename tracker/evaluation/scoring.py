"""From a tracker's results to its outcome, by the kind of the protocol."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tracker.errors import EvaluationError
from tracker.evaluation.bootstrap import interval, weighted_mean
from tracker.evaluation.got10k import counted_overlaps, score_got10k
from tracker.evaluation.one_pass import OnePassScore, score_one_pass
from tracker.evaluation.outcome import Outcome
from tracker.evaluation.protocols import Kind, Protocol
from tracker.evaluation.results import read_box_results, read_region_results
from tracker.evaluation.sequences import BenchmarkSequence
from tracker.evaluation.starts import StartProtocol
from tracker.evaluation.supervised import EaoTable, SupervisedScore, estimated_interval, score_supervised

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Submission:
    """A tracker's results.

    Attributes:
        name: Of the tracker.
        folder: With its files; see `tracker.evaluation.results`.
        note: For the report.
    """

    name: str
    folder: Path
    note: str = ""


def score(
    submission: Submission,
    sequences: Sequence[BenchmarkSequence],
    protocol: Protocol,
    starts: StartProtocol = StartProtocol.OPE,
) -> Outcome:
    """Read a tracker's results and score them.

    Args:
        submission: The tracker.
        sequences: All to be counted, at least one.
        protocol: How.
        starts: How the tracker was started, for one-pass protocols.

    Raises:
        EvaluationError: A result is missing.
        FormatError: One is damaged.
    """
    if protocol.kind is Kind.SUPERVISED:
        return _supervised(submission, sequences, protocol)
    if protocol.kind is Kind.GOT10K:
        return _got10k(submission, sequences, protocol)
    return _one_pass(submission, sequences, protocol, starts)


def _one_pass(
    submission: Submission, sequences: Sequence[BenchmarkSequence], protocol: Protocol, starts: StartProtocol
) -> Outcome:
    scores = [_sequence_score(submission, each, protocol, starts) for each in sequences]
    columns = {
        "success": np.array([s.success_auc for s in scores]),
        "precision": np.array([s.precision_20 for s in scores]),
        "normalised": np.array([s.normalised_20 for s in scores]),
        "normalised_auc": np.array([s.normalised_auc for s in scores]),
    }
    equal = np.ones(len(scores))
    return Outcome(
        name=submission.name,
        values={key: interval(weighted_mean(column, equal), len(scores)) for key, column in columns.items()},
        curves={
            "success": np.mean([s.success for s in scores], axis=0),
            "precision": np.mean([s.precision for s in scores], axis=0),
            "normalised": np.mean([s.normalised for s in scores], axis=0),
        },
        by_sequence={key: _named(sequences, column) for key, column in columns.items()},
        by_attribute=_by_attribute(sequences, weighted_mean(columns["success"], equal)),
        note=submission.note,
    )


def _sequence_score(
    submission: Submission, sequence: BenchmarkSequence, protocol: Protocol, starts: StartProtocol
) -> OnePassScore:
    """Mean over repetitions and starts."""
    found = []
    for folder, first in _start_folders(submission, sequence, starts):
        for boxes in read_box_results(folder, sequence, protocol):
            start = _first_box(boxes) if first is None else first
            try:
                found.append(score_one_pass(boxes[start:], sequence.truth[start:], protocol.one_pass))
            except ValueError as error:
                raise EvaluationError(f"{error}.", where=sequence.name) from None
    return OnePassScore(
        frames=found[0].frames,
        success=np.mean([s.success for s in found], axis=0),
        precision=np.mean([s.precision for s in found], axis=0),
        normalised=np.mean([s.normalised for s in found], axis=0),
    )


def _start_folders(
    submission: Submission, sequence: BenchmarkSequence, starts: StartProtocol
) -> list[tuple[Path, int | None]]:
    """Where results lie, and the frame they begin at; None where the results themselves say it."""
    if starts is StartProtocol.OPE:
        return [(submission.folder, 0)]
    folders = sorted(path.parent for path in submission.folder.glob(f"*/{sequence.name}.txt"))
    if not folders:
        raise EvaluationError(
            f"there is no result of {starts.value.upper()} for {sequence.name}.", where=submission.folder
        )
    return [(folder, None) for folder in folders]


def _first_box(boxes: Array) -> int:
    return int(np.argmax((boxes[:, 2:] > 0).all(axis=1)))


def _got10k(submission: Submission, sequences: Sequence[BenchmarkSequence], protocol: Protocol) -> Outcome:
    overlaps = []
    for each in sequences:
        runs = read_box_results(submission.folder, each, protocol)
        overlaps.append(
            np.concatenate([counted_overlaps(b, each.truth, each.visible, each.frame_size) for b in runs])
        )
        if not overlaps[-1].size:
            raise EvaluationError("no frame counts: nothing can be seen after the first.", where=each.name)
    scores = [score_got10k(values) for values in overlaps]
    total = score_got10k(np.concatenate(overlaps))
    frames = np.array([s.frames for s in scores], np.float64)
    columns = {
        "ao": np.array([s.ao for s in scores]),
        "sr_50": np.array([s.sr_50 for s in scores]),
        "sr_75": np.array([s.sr_75 for s in scores]),
    }
    return Outcome(
        name=submission.name,
        values={key: interval(weighted_mean(column, frames), len(scores)) for key, column in columns.items()},
        curves={"success": total.success},
        by_sequence={key: _named(sequences, column) for key, column in columns.items()},
        by_attribute=_by_attribute(sequences, weighted_mean(columns["ao"], frames)),
        note=submission.note,
    )


def _supervised(
    submission: Submission, sequences: Sequence[BenchmarkSequence], protocol: Protocol
) -> Outcome:
    scores = [_supervised_score(submission, each, protocol) for each in sequences]
    lengths = np.array([s.length for s in scores], np.float64)
    accuracy, failures = np.array([s.accuracy for s in scores]), np.array([s.failures for s in scores])
    table, count = EaoTable.of(scores), len(scores)
    bounds = eao_interval(sequences, protocol)

    def total_failures(indices: NDArray[np.int64]) -> float:
        return float(failures[indices].sum())

    return Outcome(
        name=submission.name,
        values={
            "eao": interval(lambda indices: table.score(bounds, indices), count),
            "accuracy": interval(weighted_mean(accuracy, lengths), count),
            "robustness": interval(weighted_mean(failures, lengths), count),
            "failures": interval(total_failures, count),
        },
        curves={"eao": table.curve()},
        by_sequence={"accuracy": _named(sequences, accuracy), "failures": _named(sequences, failures)},
        by_attribute=_by_attribute(sequences, weighted_mean(accuracy, lengths)),
        note=submission.note,
    )


def _supervised_score(
    submission: Submission, sequence: BenchmarkSequence, protocol: Protocol
) -> SupervisedScore:
    runs = read_region_results(submission.folder, sequence)
    return score_supervised(runs, sequence.regions, sequence.frame_size, protocol.supervised)


def eao_interval(sequences: Sequence[BenchmarkSequence], protocol: Protocol) -> tuple[int, int]:
    """The lengths of the EAO score: the protocol's, or estimated from the sequences."""
    return protocol.supervised.interval or estimated_interval([len(each) for each in sequences])


def _named(sequences: Sequence[BenchmarkSequence], values: Array) -> dict[str, float]:
    return {each.name: float(value) for each, value in zip(sequences, values, strict=True)}


def _by_attribute(
    sequences: Sequence[BenchmarkSequence], statistic: Callable[[NDArray[np.int64]], float]
) -> dict[str, float]:
    names = sorted(set().union(*(each.attributes for each in sequences)))
    return {
        name: statistic(np.array([i for i, each in enumerate(sequences) if name in each.attributes]))
        for name in names
    }
