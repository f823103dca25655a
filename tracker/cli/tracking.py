"""`thermark track`: follow a target through a clip."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from tracker.cli.console import Device, Model, Source, Threads, cli, explained, finish, say
from tracker.errors import ThermarkError
from tracker.geometry import parse_box, require_usable
from tracker.jobs import Event, Job

if TYPE_CHECKING:  # torch is loaded by the commands that need it, after the options are checked
    from tracker.tracking.build import BuiltTracker
    from tracker.tracking.run import Direction, RunSummary


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
