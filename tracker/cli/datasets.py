"""`thermark export`, `import`, `convert` and `formats`: data sets in and out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.console import cli, explained, finish, say
from tracker.errors import ExportError

if TYPE_CHECKING:
    from tracker.formats import ExportOptions, ExportReport, ImageRule

FromFormat = Annotated[
    str | None, typer.Option("--format", help="Format of the labels; found out where not given.")
]
Media = Annotated[Path | None, typer.Option(help="The clip; looked for beside the labels where not given.")]
ReadBase = Annotated[
    bool | None,
    typer.Option(
        "--zero-based/--one-based", help="What the labels call the first pixel, if not what is usual."
    ),
]
WriteBase = Annotated[
    bool | None,
    typer.Option("--zero-based/--one-based", help="What to call the first pixel, if not what is usual."),
]
Gaps = Annotated[str, typer.Option(help="Frames without a statement inside a track: refuse or split.")]
Images = Annotated[
    str | None, typer.Option(help="copy (lossless PNG), reference (leave them), or what is usual.")
]
Suffix = Annotated[str, typer.Option(help="Name ending of the (always PNG) images.")]
Polygons = Annotated[bool, typer.Option("--polygons", help="VOT regions as polygons of four corners.")]


@cli.command()
def export(
    project: Annotated[Path, typer.Argument(help="A .thermark project.", show_default=False)],
    format_: Annotated[str, typer.Option("--format", help="See `thermark formats`.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to write; must not exist yet, or be empty.")
    ],
    gaps: Gaps = "refuse",
    zero_based: WriteBase = None,
    image_suffix: Suffix = ".png",
    images: Images = None,
    polygons: Polygons = False,
    track: Annotated[list[int] | None, typer.Option(help="Only this track; again for more.")] = None,
) -> None:
    """Save a project's tracks as training data, frames lossless from the counts."""
    with explained():
        options = export_options(gaps, zero_based, image_suffix, images, polygons, track)
        say_export(run_export(project, format_, output, options))


def export_options(
    gaps: str,
    zero_based: bool | None,
    image_suffix: str,
    images: str | None = None,
    polygons: bool = False,
    tracks: Iterable[int] | None = None,
) -> ExportOptions:
    """The options of `thermark export`.

    Raises:
        ExportError: There is no such rule.
    """
    from tracker.formats import ExportOptions, GapRule

    rules = [rule.value for rule in GapRule]
    if gaps not in rules:
        raise ExportError(f"unknown rule {gaps!r}.", where="--gaps", todo=f"Give one of {', '.join(rules)}.")
    chosen = tuple(tracks) if tracks else None
    return ExportOptions(GapRule(gaps), zero_based, image_suffix, chosen, image_rule(images), polygons)


def image_rule(word: str | None) -> ImageRule | None:
    """What becomes of the frames.

    Raises:
        ExportError: There is no such rule.
    """
    from tracker.formats import ImageRule

    if word is None:
        return None
    rules = [rule.value for rule in ImageRule]
    if word not in rules:
        raise ExportError(
            f"unknown rule {word!r}.", where="--images", todo=f"Give one of {', '.join(rules)}."
        )
    return ImageRule(word)


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


def say_export(report: ExportReport) -> None:
    """What was written, a line for each sequence, and what is to be known about it."""
    for sequence in report.sequences:
        ids = ", ".join(map(str, sequence.track_ids))
        of = f"track {ids}" if len(sequence.track_ids) == 1 else f"tracks {ids}"
        say(f"{sequence.name}: {sequence.length} frames from frame {sequence.start} of {of}")
    for note in report.notes:
        say(note)


@cli.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="Labels: a file or a folder.", show_default=False)],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Project to make; a folder where the labels are of several clips."
        ),
    ],
    format_: FromFormat = None,
    media: Media = None,
    zero_based: ReadBase = None,
) -> None:
    """Make a project of labels from elsewhere and the clip they are about."""
    with explained():
        from tracker.exchange import ReadRequest, import_data

        report = finish(import_data(ReadRequest(path, format_, media, zero_based), output))
        for project in report.projects:
            say(
                f"{project.path}: {project.tracks} tracks, {project.frames} boxes, {project.anchors} anchors"
                f" (read as {report.format_})"
            )
        for note in report.notes:
            say(note)


@cli.command()
def convert(
    path: Annotated[Path, typer.Argument(help="Labels: a file or a folder.", show_default=False)],
    output: Annotated[
        Path, typer.Argument(help="Folder to write; must not exist yet, or be empty.", show_default=False)
    ],
    to: Annotated[str, typer.Option(help="Format to write; see `thermark formats`.")],
    format_: FromFormat = None,
    media: Media = None,
    zero_based: ReadBase = None,
    gaps: Gaps = "split",
    image_suffix: Suffix = ".png",
    images: Annotated[
        str | None, typer.Option(help="copy, reference, none (labels alone), or what is usual.")
    ] = None,
    polygons: Polygons = False,
) -> None:
    """Turn labels of one format into another."""
    with explained():
        from tracker.exchange import ConvertRequest, ReadRequest
        from tracker.exchange import convert as convert_job

        rule = None if images == "none" else images
        options = export_options(gaps, None, image_suffix, rule, polygons)
        source = ReadRequest(path, format_, media, zero_based)
        say_export(finish(convert_job(ConvertRequest(source, output, to, options, images != "none"))))


@cli.command()
def formats() -> None:
    """List the formats of data sets, and what each can carry."""
    from tracker.formats import FORMATS
    from tracker.formats.describing import carried_words

    with explained():
        for name, format_ in FORMATS.items():
            base = "0" if format_.is_zero_based else "1"
            say(f"{name:<12}{format_.title}; one {format_.unit.value} a sequence; first pixel {base}")
            say(f"{'':<12}carries {', '.join(carried_words(format_.carries))}")
