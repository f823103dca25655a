"""`thermark dataset`: statistics, checks, splits, merging and crops of whole data sets."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracker.cli.console import cli, explained, finish, say
from tracker.cli.datasets import FromFormat, ReadBase, export_options, say_export
from tracker.errors import FormatError

if TYPE_CHECKING:
    from tracker.datasets import Statistics

dataset = typer.Typer(
    help="Work on whole data sets: statistics, checks, splits, merging, crops.", no_args_is_help=True
)
cli.add_typer(dataset, name="dataset")

Labels = Annotated[Path, typer.Argument(help="Labels: a file or a folder.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]

ROWS = (
    ("length", "frames a sequence"),
    ("size", "size (root of area, pixels)"),
    ("aspect", "width by height"),
    ("motion", "motion a frame (target sizes)"),
    ("scale_change", "change of size a frame (share)"),
)


@dataset.command()
def stats(
    path: Labels,
    format_: FromFormat = None,
    zero_based: ReadBase = None,
    as_json: AsJson = False,
    plots: Annotated[Path | None, typer.Option(help="Also draw the plots: a .pdf or .png file.")] = None,
) -> None:
    """Count what is in a data set: lengths, sizes, motion, classes, attributes."""
    with explained():
        from tracker.datasets import statistics
        from tracker.datasets.plots import require_plot_suffix, save_plots

        if plots is not None:
            require_plot_suffix(plots)
        found = finish(statistics(path, format_, zero_based))
        if plots is not None:
            save_plots(found, plots, path.resolve().name)
        if as_json:
            say_json(found.as_json())
        else:
            say_statistics(found)


@dataset.command("check")
def check_(
    path: Labels,
    format_: FromFormat = None,
    zero_based: ReadBase = None,
    jump: Annotated[float, typer.Option(min=0, help="Usual motion a frame, in sizes of the target.")] = 2.0,
    scale: Annotated[float, typer.Option(min=1, help="Usual ratio of sizes in two frames.")] = 1.5,
    outside: Annotated[float, typer.Option(min=0, max=1, help="Share of a box outside the frame.")] = 0.5,
    frames: Annotated[bool, typer.Option(help="Decode the frames, for all that needs them.")] = True,
    as_json: AsJson = False,
) -> None:
    """Look for mistakes in a data set; status 1 where something was found."""
    with explained():
        from tracker.datasets import Limits, check, open_data_set

        data = finish(open_data_set(path, format_, zero_based))
        report = finish(check(data, Limits(jump, scale, outside), with_frames=frames))
        findings = report.findings
        if as_json:
            say_json([finding.as_json() for finding in findings])
        else:
            for finding in findings:
                say(f"{finding.where}: {finding.kind.value}: {finding.text}")
            looked_at = f"{report.sequences} sequences, {report.with_frames} of them with frames"
            say(f"{looked_at}: {len(findings)} findings")
    if findings:
        raise typer.Exit(1)


@dataset.command()
def split(
    path: Labels,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the lists; must not exist yet, or be empty.")
    ],
    format_: FromFormat = None,
    shares: Annotated[str, typer.Option(help="Of train, val and test.")] = "80,10,10",
    seed: Annotated[int, typer.Option(help="Another number gives another split.")] = 0,
    scenes: Annotated[
        Path | None, typer.Option(help="List of scenes: a line `sequence scene` for each, or JSON.")
    ] = None,
) -> None:
    """Divide a data set in train, val and test, no scene in two of them."""
    with explained():
        from tracker.datasets import open_data_set, split_data_set, write_split

        data = finish(open_data_set(path, format_))
        made = split_data_set(data, share_numbers(shares), seed, scenes)
        finish(write_split(made, output))
        for part, names in made.parts.items():
            say(f"{part}: {len(names)} sequences of {len(made.scenes_in(part))} scenes")


@dataset.command()
def curate(
    path: Labels,
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder; must not exist yet, or be empty.")],
    format_: FromFormat = None,
    zero_based: ReadBase = None,
    crop: Annotated[int, typer.Option(min=16, max=2048, help="Side of a crop in pixels.")] = 255,
    exemplar: Annotated[int, typer.Option(min=8, max=2048, help="Side of the exemplar in it.")] = 127,
    every: Annotated[int, typer.Option(min=1, help="Every so many-th frame.")] = 1,
) -> None:
    """Cut crops around all targets, as SiamFC does, with an index for training."""
    with explained():
        from tracker.datasets import open_data_set
        from tracker.datasets.curation import CurationOptions
        from tracker.datasets.curation import curate as curate_job

        data = finish(open_data_set(path, format_, zero_based))
        options = CurationOptions(crop=crop, exemplar=exemplar, every=every)
        report = finish(curate_job(data, output, options))
        say(f"{report.crops} crops of {report.targets} targets in {output}")
        for note in report.notes:
            say(note)


@dataset.command()
def merge(
    paths: Annotated[list[Path], typer.Argument(help="Two data sets or more.", show_default=False)],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder; must not exist yet, or be empty.")],
    to: Annotated[str, typer.Option(help="Format to write; see `thermark formats`.")],
    images: Annotated[
        str | None, typer.Option(help="copy, reference, none (labels alone), or what is usual.")
    ] = None,
) -> None:
    """Put several data sets, in any formats, into one."""
    with explained():
        from tracker.datasets.merging import MergeRequest
        from tracker.datasets.merging import merge as merge_job
        from tracker.exchange import ReadRequest

        options = export_options("split", None, ".png", None if images == "none" else images)
        sources = tuple(ReadRequest(path) for path in paths)
        say_export(finish(merge_job(MergeRequest(sources, output, to, options, images != "none"))))


def share_numbers(text: str) -> tuple[float, ...]:
    """The numbers of "80,10,10".

    Raises:
        FormatError: One is none.
    """
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise FormatError(f"{text!r} are no shares.", where="--shares", todo="Give 80,10,10.") from None


def say_json(value: object) -> None:
    """JSON on standard output, untouched by the width of the terminal."""
    typer.echo(json.dumps(value, indent=1, ensure_ascii=False))


def say_statistics(found: Statistics) -> None:
    """The counts, and a table with a line for each distribution, class and attribute."""
    say(f"{found.sequences} sequences, {found.frames} frames")
    say(f"{found.tracks} targets, {found.boxes} boxes, {found.absent} absent, {found.unsaid} not annotated")
    say(f"\n{'':<32}{'min':>10}{'5 %':>10}{'median':>10}{'95 %':>10}{'max':>10}{'mean':>10}")
    for name, title in ROWS:
        values = found.distributions[name]
        if values.count:
            quantiles = (values.quantile(share) for share in (0.05, 0.5, 0.95))
            numbers = (values.least, *quantiles, values.greatest, values.mean)
            say(f"{title:<32}" + "".join(f"{number_text(number):>10}" for number in numbers))
    say(f"\n{'class':<32}{'targets':>10}{'boxes':>10}")
    for word, tracks in found.tracks_by_class.most_common():
        say(f"{word[:31] or '(none given)':<32}{tracks:>10}{found.boxes_by_class[word]:>10}")
    if found.tracks_by_attribute:
        say(f"\n{'attribute':<32}{'targets':>10}")
        for word, tracks in found.tracks_by_attribute.most_common():
            say(f"{word[:31]:<32}{tracks:>10}")


def number_text(number: float) -> str:
    """A number with three digits that count, and no exponent."""
    if number == 0 or not math.isfinite(number):
        return f"{number:g}"
    return f"{number:.{max(0, 2 - math.floor(math.log10(abs(number))))}f}"
