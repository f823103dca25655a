"""The command line: parse and call. Every command is a job iterated with a progress bar."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, TypeVar

import platformdirs
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tracker import jobs
from tracker.errors import ExportError, ThermarkError
from tracker.geometry import parse_box, require_usable
from tracker.jobs import Event, Job

if TYPE_CHECKING:  # torch is loaded by the commands that need it, after the options are checked
    from tracker.formats import ExportOptions, ExportReport
    from tracker.tracking.build import BuiltTracker
    from tracker.tracking.run import Direction, RunSummary
    from tracker.training.finetuning import FineTuneRequest
    from tracker.training.loop import TrainingSummary
    from tracker.training.processes import Processes

T = TypeVar("T")

cli = typer.Typer(
    name="thermark",
    help="Annotate, track and correct targets in thermal-infrared video. Without a command: the window.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Source = Annotated[Path, typer.Argument(help="A video file or a folder of images.", show_default=False)]
Device = Annotated[str, typer.Option(help="auto, cuda, mps or cpu.")]
Threads = Annotated[int | None, typer.Option(help="CPU threads; torch's own choice where not given.")]
Model = Annotated[str, typer.Option(help="default, mlssnet, a model of your own by name, or a weights file.")]


def say(text: str, *, error: bool = False) -> None:
    """One message to the user."""
    Console(stderr=error, soft_wrap=True, highlight=False).print(escape(text))


@contextmanager
def explained() -> Iterator[None]:
    """Show a user's error as its message and end with status 2; Ctrl-C ends with 130."""
    try:
        yield
    except ThermarkError as error:
        say(f"thermark: {error.message}", error=True)
        raise typer.Exit(2) from None
    except KeyboardInterrupt:
        say("thermark: stopped.", error=True)
        raise typer.Exit(130) from None


class ProgressBar:
    """A bar on standard error with rate and time left, fed by `Progress` events."""

    def __init__(self) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:.0f}/{task.total:.0f}"),
            TextColumn("{task.fields[rate]:.1f}/s"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
        )
        self._stages: dict[str, TaskID] = {}

    def __enter__(self) -> ProgressBar:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def show(self, event: Event) -> None:
        """Take one event; others than progress are not for the bar."""
        if not isinstance(event, jobs.Progress):
            return
        if event.stage not in self._stages:
            self._stages[event.stage] = self._bar.add_task(event.stage, total=event.total or 1, rate=0.0)
        task = self._stages[event.stage]
        self._bar.update(task, completed=event.done, total=event.total or event.done, rate=event.rate)


def finish(job: Job[T], on_event: Callable[[Event], None] | None = None) -> T:
    """Run a job to its end under a progress bar."""
    with ProgressBar() as bar:

        def take(event: Event) -> None:
            bar.show(event)
            if on_event is not None:
                on_event(event)

        return jobs.finish(job, take)


@cli.command()
def info(source: Source) -> None:
    """Say what a clip is: size, frames, type, time, broken frames."""
    from tracker.media import open_source

    with explained():
        clip = finish(open_source(source))
        width, height = clip.size
        rows = {
            "path": clip.path,
            "kind": clip.kind,
            "size": f"{width} x {height}",
            "frames": len(clip),
            "counts": f"{clip.dtype}, {'gray' if clip.channels == 1 else 'colour'}",
            "fps": f"{clip.fps:.3f}" if clip.fps else "unknown",
            "time": _time_span(clip.pts(0), clip.pts(len(clip) - 1)),
            "bad frames": ", ".join(map(str, clip.bad_frames)) or "none",
            "sha256": clip.content_hash,
        }
        for name, value in rows.items():
            say(f"{name:<11}{value}")
        clip.close()


def _time_span(first: float | None, last: float | None) -> str:
    return "unknown" if first is None or last is None else f"{first:.3f} s to {last:.3f} s"


@cli.command()
def track(
    source: Source,
    box: Annotated[str, typer.Option(help="First box X,Y,W,H: top-left corner, 0-based, pixels.")],
    output: Annotated[Path, typer.Option(help="Boxes, one line x,y,w,h per frame from the start frame on.")],
    frame: Annotated[int, typer.Option(help="Frame index of the box.")] = 0,
    direction: Annotated[str, typer.Option(help="forward or backward.")] = "forward",
    until: Annotated[int | None, typer.Option(help="Last frame index, inclusive.")] = None,
    model: Model = "default",
    device: Device = "auto",
    threads: Threads = None,
    evidence: Annotated[Path | None, typer.Option(help="Similarity maps and scores as .npz.")] = None,
    stats: Annotated[Path | None, typer.Option(help="Frames, rates, device and model as .json.")] = None,
) -> None:
    """Follow a target through a clip."""
    request = TrackRequest(
        source, box, output, frame, direction, until, model, device, threads, evidence, stats
    )
    with explained():
        run_track(request)


@dataclass(frozen=True)
class TrackRequest:
    """The options of `thermark track`; see its help."""

    source: Path
    box: str
    output: Path
    frame: int
    direction: str
    until: int | None
    model: str
    device: str
    threads: int | None
    evidence: Path | None
    stats: Path | None


def run_track(request: TrackRequest) -> None:
    """Track, and write each frame's box as soon as it is known.

    Raises:
        ThermarkError: Anything the user can mend.
    """
    from tracker.media import open_source
    from tracker.tracking.build import build_tracker
    from tracker.tracking.normalisation import Normalisation
    from tracker.tracking.run import StopConditions
    from tracker.tracking.run import track as track_job

    first, direction = parse_box(request.box), parse_direction(request.direction)
    for path in (request.output, request.evidence, request.stats):
        require_writable(path)
    clip = finish(open_source(request.source))
    require_frame(request.frame, len(clip), "--frame")
    require_frame(request.until, len(clip), "--until")
    require_usable(first, clip.size, "--box")
    normalisation = Normalisation.of(clip)
    built = build_tracker(
        request.model, device=request.device, threads=request.threads, normalisation=normalisation
    )
    if built.device.note:
        say(built.device.note, error=True)
    job = track_job(clip, built.tracker, request.frame, first, direction, StopConditions(request.until))
    with built.explained():
        summary = _written(job, request)
    clip.close()
    if request.stats is not None:
        _write_stats(request.stats, summary, built)
    say(
        f"{summary.frames} frames to {request.output} ({summary.reason.value}); "
        f"{summary.fps_end_to_end:.1f} frames/s, "
        f"the tracker alone {summary.fps_update:.1f}, on {built.device.name}"
    )


def _written(job: Job[RunSummary], request: TrackRequest) -> RunSummary:
    """Run the job and write boxes and evidence as they come."""
    from tracker.tracking.evidence_file import EvidenceFile
    from tracker.tracking.run import FrameTracked

    with ExitStack() as stack:
        lines = stack.enter_context(request.output.open("w", encoding="ascii"))
        maps = stack.enter_context(EvidenceFile(request.evidence)) if request.evidence else None

        def take(event: Event) -> None:
            if isinstance(event, FrameTracked):
                write_box(lines, event.result.box.as_tuple() if event.result.presence.has_box else None)
                if maps is not None:
                    maps.add(event.frame, event.result)

        return finish(job, take)


def _write_stats(path: Path, summary: RunSummary, built: BuiltTracker) -> None:
    report = {
        "frames": summary.frames,
        "first_frame": summary.start,
        "last_frame": summary.last,
        "stopped_by": summary.reason.value,
        "fps_update": round(summary.fps_update, 3),
        "fps_end_to_end": round(summary.fps_end_to_end, 3),
        "device": built.device.name,
        "model": built.tracker.model_id,
    }
    path.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def write_box(lines: IO[str], box: tuple[float, float, float, float] | None) -> None:
    """One line, on disk before the next frame: a stopped run keeps what it did."""
    values = box if box is not None else (float("nan"),) * 4
    lines.write(",".join(f"{value:.3f}" if value == value else "nan" for value in values) + "\n")
    lines.flush()


def parse_direction(text: str) -> Direction:
    """The `Direction` of a word.

    Raises:
        ThermarkError: It is neither forward nor backward.
    """
    from tracker.tracking.run import Direction

    if text.upper() not in Direction.__members__:
        raise ThermarkError(
            f"unknown direction {text!r}.", where="--direction", todo="Give forward or backward."
        )
    return Direction[text.upper()]


def require_frame(frame: int | None, length: int, where: str) -> None:
    """Refuse a frame index that the clip does not have."""
    if frame is not None and not 0 <= frame < length:
        raise ThermarkError(
            f"the clip has no frame {frame}.", where=where, todo=f"Its frames are 0 to {length - 1}."
        )


def require_writable(path: Path | None) -> None:
    """Refuse an output file that cannot be written, before any work is done."""
    if path is None:
        return
    existed = path.exists()
    try:
        path.open("ab").close()
    except OSError as error:
        raise ThermarkError(
            f"the file cannot be written ({error.strerror}).",
            where=path,
            todo="Choose another file or folder.",
        ) from None
    if not existed:
        path.unlink()


@cli.command()
def export(
    project: Annotated[Path, typer.Argument(help="A .thermark project.", show_default=False)],
    format_: Annotated[str, typer.Option("--format", help="got10k or otb.")],
    output: Annotated[Path, typer.Option(help="Folder to write; must not exist yet, or be empty.")],
    gaps: Annotated[
        str, typer.Option(help="Frames without a statement inside a track: refuse or split.")
    ] = "refuse",
    zero_based: Annotated[
        bool, typer.Option("--zero-based", help="OTB boxes 0-based instead of 1-based.")
    ] = False,
    image_suffix: Annotated[str, typer.Option(help="Name ending of the (always PNG) images.")] = ".png",
) -> None:
    """Save a project's tracks as training data, frames lossless from the counts."""
    with explained():
        report = run_export(project, format_, output, export_options(gaps, zero_based, image_suffix))
        for sequence in report.sequences:
            say(
                f"{sequence.name}: {sequence.length} frames from frame {sequence.start} of track {sequence.track_id}"
            )
        for note in report.notes:
            say(note)


def export_options(gaps: str, zero_based: bool, image_suffix: str) -> ExportOptions:
    """The options of `thermark export`.

    Raises:
        ExportError: There is no such rule for gaps.
    """
    from tracker.formats import ExportOptions, GapRule

    rules = [rule.value for rule in GapRule]
    if gaps not in rules:
        raise ExportError(f"unknown rule {gaps!r}.", where="--gaps", todo=f"Give one of {', '.join(rules)}.")
    return ExportOptions(GapRule(gaps), True if zero_based else None, image_suffix)


def run_export(project: Path, format_: str, output: Path, options: ExportOptions) -> ExportReport:
    """Open the project and its clip, and write.

    Raises:
        ThermarkError: Anything the user can mend; nothing has been written.
    """
    from tracker.formats import export as export_job
    from tracker.media import open_source
    from tracker.store import Project

    with Project.open(project) as opened:
        clip = finish(open_source(opened.media_path()))
        try:
            opened.relocate(clip.path, clip.content_hash, len(clip))
            return finish(export_job(opened.document, clip, format_, output, options))
        finally:
            clip.close()


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
    """Where a run goes that was given no folder; THERMARK_DATA_DIR overrides the user's data folder."""
    own = os.environ.get("THERMARK_DATA_DIR")
    return (Path(own) if own else platformdirs.user_data_path("thermark")) / "runs" / config.stem


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
    """A new folder for weights and proof; THERMARK_DATA_DIR overrides the user's data folder."""
    own = os.environ.get("THERMARK_DATA_DIR")
    folder = (Path(own) if own else platformdirs.user_data_path("thermark")) / "finetuning"
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


@cli.command("import-weights")
def import_weights(
    file: Annotated[Path, typer.Argument(help="The authors' MatConvNet .mat file.", show_default=False)],
    output: Annotated[Path, typer.Argument(help="The .safetensors file to write.", show_default=False)],
) -> None:
    """Turn MLSSNet weights of the authors' MATLAB release into Thermark's."""
    from tracker.network import similarity

    with explained():
        for note in similarity.import_weights(file, output):
            say(note)
        say(f"weights written to {output}")


@cli.command()
def similarity(
    weights: Annotated[Path, typer.Option(help="MLSSNet weights (.safetensors).")],
    template: Annotated[Path, typer.Option(help="255x255 or 255x255x3 array, 0..255 (.npy).")],
    search: Annotated[Path, typer.Option(help="The same, of the search region.")],
    output: Annotated[Path, typer.Option(help="Maps and attentions (.npz).")],
) -> None:
    """Compute MLSSNet's similarity maps of two crops."""
    from tracker.network.similarity import write_similarity

    with explained():
        write_similarity(weights, template, search, output)
        say(f"semantic, structural, fused, channel_attention and spatial_attention written to {output}")


def main() -> int:
    """Run the command line; returns the exit status."""
    result = cli(standalone_mode=True)
    return int(result or 0)


if __name__ == "__main__":
    sys.exit(main())
