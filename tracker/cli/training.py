"""`thermark train`, `render` and `finetune`: networks that learn."""

from __future__ import annotations

import shlex
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker import jobs
from tracker.cli.console import Device, Threads, cli, explained, finish, say
from tracker.errors import ThermarkError
from tracker.folders import data_folder
from tracker.jobs import Event, Job

if TYPE_CHECKING:  # torch is loaded by the commands that need it, after the options are checked
    from tracker.training.finetuning import FineTuneRequest
    from tracker.training.loop import TrainingSummary
    from tracker.training.processes import Processes


@cli.command()
def train(
    config: Annotated[Path, typer.Argument(help="What to train, on what (.toml).", show_default=False)],
    output: Annotated[
        Path | None, typer.Option(help="Folder of the run; runs/NAME in the data folder where not given.")
    ] = None,
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Train a network, or go on where the same command was stopped. See docs/training.md."""
    with explained():
        run_train(config, output or run_folder(config), device, threads)


def run_folder(config: Path) -> Path:
    """Where a run goes that was given no folder."""
    return data_folder() / "runs" / config.stem


def run_train(path: Path, output: Path, device: str, threads: int | None) -> None:
    """Train as one of the processes that torchrun started, or alone; only the first one speaks.

    Raises:
        ThermarkError: Anything the user can mend.
    """
    from tracker.tracking.device import explained as device_explained
    from tracker.tracking.device import resolve_device
    from tracker.training.build import run_training
    from tracker.training.config import read_config
    from tracker.training.processes import Processes

    config = read_config(path)
    place = resolve_device(device, threads)
    processes = Processes.join()
    try:
        if processes.is_first:
            say(f"training on {place.name}; the run is kept in {output}", error=True)
        card = {"configuration": path.name, "trained on": place.name}
        job = run_training(config, output, place.torch_device, card, processes)
        with device_explained(place):
            _trained(job, output, processes)
    finally:
        processes.leave()


def _trained(job: Job[TrainingSummary], output: Path, processes: Processes) -> None:
    """Run the job, with progress and results on the first process."""
    if not processes.is_first:
        jobs.finish(job)
        return
    try:
        summary = finish(job, _say_validation)
    except KeyboardInterrupt:
        say(_how_to_go_on(output), error=True)
        raise
    say(f"{summary.steps} steps; best score {summary.score:.4f}")
    say(f"best weights: {summary.best}")
    say(f"last weights: {summary.last}")


def _say_validation(event: Event) -> None:
    from tracker.training.loop import Validated

    if isinstance(event, Validated):
        losses = ", ".join(f"{name} {value:.4f}" for name, value in event.losses.items())
        best = " (best so far)" if event.is_best else ""
        say(f"step {event.step}: score {event.score:.4f}, {losses}{best}")


def _how_to_go_on(output: Path) -> str:
    from tracker.training.checkpoint import saved_step

    step = saved_step(output)
    begins = "begins anew: nothing has been saved yet" if step is None else f"goes on from step {step}"
    return f"The same command {begins}."


@cli.command()
def render(
    output: Annotated[Path, typer.Argument(help="Folder for the scenes.", show_default=False)],
    scenes: Annotated[int, typer.Option(help="How many in all; those already there are kept.", min=1)] = 400,
    seed: Annotated[int, typer.Option(help="Of the corpus: the same seed gives the same scenes.")] = 1,
    workers: Annotated[int, typer.Option(help="Processes that render.", min=1)] = 1,
) -> None:
    """Render thermal scenes with true boxes, to train on."""
    from tracker.training.rendering.corpus import render_corpus

    with explained():
        count = finish(render_corpus(output, scenes, seed, workers=workers))
        say(f"{count} scenes rendered into {output}")


@cli.command()
def finetune(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help=".thermark projects, or folders with groundtruth.txt; two clips at least.",
            show_default=False,
        ),
    ],
    base: Annotated[
        str, typer.Option(help="Model to begin with: a name, or the path of a weights file.")
    ] = "default",
    hold_back: Annotated[
        list[str] | None, typer.Option(help="Clip to prove it on; again for more. A quarter where not given.")
    ] = None,
    minutes: Annotated[float, typer.Option(help="About so long it learns.", min=0.1)] = 5.0,
    steps: Annotated[int | None, typer.Option(help="So many steps instead.", min=1)] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 1,
    name: Annotated[str | None, typer.Option(help="Of the new model.")] = None,
    accept: Annotated[
        bool, typer.Option(help="Keep it under its name, if nothing got worse on what was kept back.")
    ] = True,
    output: Annotated[Path | None, typer.Option(help="Folder for weights, proof and picture.")] = None,
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Tune a model on your own corrections, and prove it on clips that were kept back."""
    with explained():
        from tracker.tracking.user_models import model_path
        from tracker.training.finetuning import FineTuneRequest, sources_of

        if name is not None:
            require_free_name(model_path(name))
        request = FineTuneRequest(
            sources_of(sources),
            output or tuning_folder(),
            base,
            minutes,
            steps,
            device,
            threads,
            tuple(hold_back or ()),
            seed=seed,
        )
        is_better = run_finetune(request, name if accept else None)
    if not is_better:
        raise typer.Exit(1)


def tuning_folder() -> Path:
    """A new folder for weights and proof."""
    folder = data_folder() / "finetuning"
    return folder / datetime.now().strftime("%Y-%m-%d-%H%M%S")


def require_free_name(path: Path) -> None:
    """Refuse the name of a model that there is, before minutes are spent."""
    if path.exists():
        raise ThermarkError("there is a model of this name.", where="--name", todo="Choose another name.")


def run_finetune(request: FineTuneRequest, name: str | None) -> bool:
    """Tune, say what it has brought, and keep it under a name; whether nothing got worse.

    Raises:
        ThermarkError: Anything the user can mend.
    """
    from tracker.training.finetuning import fine_tune
    from tracker.training.models import accept
    from tracker.training.proof import ClipProof

    proof = finish(fine_tune(request), _say_validation)
    for clip in (*proof.clips, ClipProof("mean", proof.before, proof.after)):
        say(clip.text())
    say(proof.verdict())
    say(f"weights, proof and picture: {request.output}")
    if name is not None and proof.is_accepted:
        accept(proof, name)
        say(f"kept as a model: thermark track ... --model {shlex.quote(name)}")
    return proof.is_accepted
