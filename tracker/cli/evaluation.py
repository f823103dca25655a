"""`thermark evaluate`: trackers side by side on a benchmark."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.console import Device, Threads, cli, explained, finish, say
from tracker.errors import EvaluationError

if TYPE_CHECKING:
    from tracker.evaluation.comparing import Comparison, ComparisonRequest
    from tracker.evaluation.protocols import Protocol
    from tracker.evaluation.report.tables import Table
    from tracker.evaluation.starts import StartProtocol


@cli.command()
def evaluate(
    dataset: Annotated[
        Path,
        typer.Argument(
            help="A benchmark's folder, or its annotations alone, or a pysot .json.", show_default=False
        ),
    ],
    protocol: Annotated[
        str,
        typer.Option(
            help="otb, got-10k, ptb-tir, lsotb-tir, vot-tir2015, vot-tir2016, vot-tir2017, or a .toml of your own."
        ),
    ] = "otb",
    models: Annotated[
        list[str] | None, typer.Option(help="Models to run, separated by commas; again for more.")
    ] = None,
    results: Annotated[
        list[str] | None, typer.Option(help="Another tracker's result files, as NAME=FOLDER; again for more.")
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(help="A benchmark's own result file, aveSuccessRatePlot_*.mat; again for more."),
    ] = None,
    report: Annotated[
        list[Path] | None, typer.Option(help="Report to write, .html or .pdf; again for more.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Folder for the models' results; in the data folder where not given.")
    ] = None,
    starts: Annotated[
        str, typer.Option(help="ope, sre (12 shifted boxes) or tre (20 start frames).")
    ] = "ope",
    frames: Annotated[
        int | None, typer.Option(help="Only so many first frames of each sequence.", min=2)
    ] = None,
    eao_interval: Annotated[
        str | None, typer.Option(help="Lengths LOW,HIGH of the EAO score, instead of the protocol's.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that track.", min=1)] = 1,
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Run models on a benchmark and compare them with other trackers. Stopped, the same command goes on."""
    from tracker.evaluation.comparing import ComparisonRequest, model_entries, results_folder
    from tracker.evaluation.protocols import load_protocol

    with explained():
        chosen = _with_interval(load_protocol(protocol), eao_interval)
        shared = threads if threads is not None or workers == 1 else max(1, (os.cpu_count() or 1) // workers)
        request = ComparisonRequest(
            dataset=dataset,
            protocol=chosen,
            output=output or results_folder(dataset, chosen, _starts(starts)),
            models=model_entries(_split(models), device, shared),
            results=dict(_named(text) for text in results or ()),
            against=tuple(against or ()),
            starts=_starts(starts),
            most_frames=frames,
            workers=workers,
        )
        run_evaluation(request, report or [])


def run_evaluation(request: ComparisonRequest, reports: list[Path]) -> Comparison:
    """Compare, print the tables, and write the reports.

    Raises:
        ThermarkError: Anything the user can mend.
    """
    from tracker.evaluation.comparing import compare
    from tracker.evaluation.report import require_report, write_report
    from tracker.evaluation.report.tables import overall, published

    for path in reports:
        require_report(path)
    try:
        comparison = finish(compare(request))
    except KeyboardInterrupt:
        say("The same command goes on where this one was stopped.", error=True)
        raise
    if comparison.outcomes:
        _print(overall(comparison))
    if comparison.published:
        _print(published(comparison))
    for note in comparison.notes:
        say(note)
    if request.models:
        say(f"results: {request.output}")
    for path in reports:
        finish(write_report(comparison, path))
        say(f"report: {path}")
    return comparison


def _print(table: Table) -> None:
    """Columns as wide as they need; the last one, a model's id, is last because it may be long."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _split(models: list[str] | None) -> list[str]:
    return [name.strip() for text in models or () for name in text.split(",") if name.strip()]


def _named(text: str) -> tuple[str, Path]:
    name, equals, folder = text.partition("=")
    if not (equals and name.strip() and folder.strip()):
        raise EvaluationError(f"{text!r} is not NAME=FOLDER.", where="--results")
    if not Path(folder).is_dir():
        raise EvaluationError(
            "there is no such folder.", where=folder, todo="Check the path after --results."
        )
    return name.strip(), Path(folder)


def _starts(text: str) -> StartProtocol:
    from tracker.evaluation.starts import StartProtocol

    if text.lower() not in [each.value for each in StartProtocol]:
        raise EvaluationError(f"unknown starts {text!r}.", where="--starts", todo="Give ope, sre or tre.")
    return StartProtocol(text.lower())


def _with_interval(protocol: Protocol, text: str | None) -> Protocol:
    if text is None:
        return protocol
    try:
        low, high = (int(part) for part in text.split(","))
    except ValueError:
        raise EvaluationError(f"{text!r} is not LOW,HIGH.", where="--eao-interval") from None
    if not 1 <= low <= high:
        raise EvaluationError(f"{text!r} is no interval of lengths.", where="--eao-interval")
    return replace(protocol, supervised=replace(protocol.supervised, interval=(low, high)))
