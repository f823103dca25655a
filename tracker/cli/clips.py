"""What a clip is, its counts written for sharing, and the header of a dump of samples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.console import Source, cli, explained, finish, say
from tracker.errors import MediaError

if TYPE_CHECKING:
    from tracker.media.facts import SensorFacts


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
            "camera": _camera(clip.facts),
            "calibrating": _spans(clip.facts.calibrating) or "no frames known",
            "sha256": clip.content_hash,
        }
        for name, value in rows.items():
            say(f"{name:<12}{value}")
        clip.close()


def _time_span(first: float | None, last: float | None) -> str:
    return "unknown" if first is None or last is None else f"{first:.3f} s to {last:.3f} s"


def _camera(facts: SensorFacts) -> str:
    calibration = "calibrated (Planck)" if facts.planck else "calibrated (linear)" if facts.linear else ""
    return ", ".join(filter(None, (facts.camera, calibration))) or "unknown"


def _spans(frames: tuple[int, ...]) -> str:
    """Ascending frames as "3-7, 20-31"."""
    starts = [frame for frame in frames if frame - 1 not in set(frames)]
    stops = [frame for frame in frames if frame + 1 not in set(frames)]
    return ", ".join(f"{a}-{b}" if a < b else str(a) for a, b in zip(starts, stops, strict=True))


@cli.command("export-counts")
def export_counts(
    source: Source,
    output: Annotated[
        Path, typer.Argument(help="The file to write: .mkv (FFV1) or .tif.", show_default=False)
    ],
    first: Annotated[int, typer.Option(help="The first frame.")] = 0,
    last: Annotated[
        int | None, typer.Option(help="The last frame; that of the clip where not given.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Write over a file that is there.")] = False,
) -> None:
    """Write the counts of a clip without loss, with its times and what is known of the camera."""
    from tracker.media import open_source
    from tracker.media.exporting import export_counts as job

    with explained():
        if output.exists() and not overwrite:
            raise MediaError(
                "is there already.", where=output, todo="Name another file, or give --overwrite."
            )
        clip = finish(open_source(source))
        try:
            frames = range(first, len(clip) if last is None else last + 1)
            report = finish(job(clip, output, frames))
        finally:
            clip.close()
        say(f"{report.frames} frames in {report.path}, {report.path.stat().st_size / 2**20:.1f} MiB")
        for note in report.notes:
            say(note)


@cli.command("raw-header")
def raw_header(
    dump: Annotated[Path, typer.Argument(help="A dump of samples: .raw, .bin or .dat.", show_default=False)],
    width: Annotated[int | None, typer.Option(help="Pixels of a row; guessed where not given.")] = None,
    height: Annotated[int | None, typer.Option(help="Rows of a frame; guessed where not given.")] = None,
    bits: Annotated[int | None, typer.Option(help="Of a stored sample: 8 or 16.")] = None,
    byte_order: Annotated[str | None, typer.Option(help="little or big.")] = None,
    header_bytes: Annotated[int, typer.Option(help="Before the first frame.")] = 0,
    gap_bytes: Annotated[int, typer.Option(help="Between two frames.")] = 0,
    fps: Annotated[float | None, typer.Option(help="Frames per second.")] = None,
) -> None:
    """Say what the frames of a dump of samples are; kept beside it, so that it opens like any clip."""
    from pydantic import ValidationError

    from tracker.media.raw_header import RawHeader, guess_header, write_header_file

    with explained():
        given = {"width": width, "height": height, "bits": bits, "byte_order": byte_order, "fps": fps}
        known = {name: value for name, value in given.items() if value is not None}
        places = {"header_bytes": header_bytes, "gap_bytes": gap_bytes}
        try:
            header = RawHeader.model_validate({**guess_header(dump).model_dump(), **known, **places})
        except ValidationError as error:
            first = error.errors()[0]
            raise MediaError(f"{first['loc'][0]}: {first['msg']}.", where=dump) from None
        beside, size = write_header_file(dump, header), dump.stat().st_size
        count, rest = header.count(size), header.left_over(size)
        say(
            f"{count} frames of {header.width} x {header.height}, {header.bits} bits, {header.byte_order}-endian."
        )
        if rest:
            say(f"{rest} bytes are left over: is that right?")
        say(f"Written to {beside}")
