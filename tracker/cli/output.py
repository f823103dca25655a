"""`thermark annotated-clip`, `still` and `report`: what an analyst hands on."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tracker.cli.console import cli, explained, finish, say
from tracker.errors import OutputError
from tracker.thermal.radiometry import Unit

if TYPE_CHECKING:
    from tracker.output.choices import Marks, Scale
    from tracker.output.subject import Subject


class UnitName(StrEnum):
    """Units by one letter."""

    C = "C"
    F = "F"
    K = "K"


UNITS = {UnitName.C: Unit.CELSIUS, UnitName.F: Unit.FAHRENHEIT, UnitName.K: Unit.KELVIN}

Project = Annotated[Path, typer.Argument(help="A .thermark file; it may be open.", show_default=False)]
Out = Annotated[Path, typer.Option("--out", help="The file to write.")]
Tracks = Annotated[list[int] | None, typer.Option("--track", help="Id of a track; again for more. All else.")]
Show = Annotated[
    str,
    typer.Option(
        help="What is drawn: boxes, labels, scores, presence, values, time, colour-bar, separated by commas; or none."
    ),
]
Map = Annotated[
    str, typer.Option("--map", help="Similarity map in a corner: semantic, structural, fused or none.")
]
ScaleOption = Annotated[
    int, typer.Option(help="1, 2 or 4 pixels for one of the sensor; 0 for as many as suit.")
]
UnitOption = Annotated[UnitName, typer.Option(help="Of temperatures, where the calibration is known.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Write over a file that is there.")]

SHOWN = "boxes,labels,scores,presence,values,time"


@cli.command("annotated-clip")
def annotated_clip(
    project: Project,
    out: Out,
    first: Annotated[int, typer.Option(help="The first frame.")] = 0,
    last: Annotated[
        int | None, typer.Option(help="The last frame; that of the clip where not given.")
    ] = None,
    track: Tracks = None,
    show: Show = SHOWN,
    similarity: Map = "none",
    scale: ScaleOption = 0,
    quality: Annotated[str, typer.Option(help="small, good or best.")] = "good",
    unit: UnitOption = UnitName.C,
    overwrite: Overwrite = False,
) -> None:
    """Write a clip as MP4 with palette, boxes, temperatures and time burned in."""
    with explained():
        from tracker.output.choices import CLIP_SUFFIXES, ClipChoices, Quality
        from tracker.output.clip import write_clip

        require_new(out, CLIP_SUFFIXES, overwrite)
        choices = ClipChoices(
            marks=marks_of(show, similarity),
            scale=scale_of(scale),
            quality=Quality(_one_of(quality, Quality, "--quality")),
        )
        with _opened(project, track, unit) as subject:
            stop = len(subject.source) if last is None else last + 1
            report = finish(write_clip(subject, out, range(first, stop), choices))
        width, height = report.size
        say(f"{report.frames} frames of {width} x {height} in {report.path}, {_size(report.path)}")
        for note in report.notes:
            say(note)


@cli.command()
def still(
    project: Project,
    out: Out,
    frame: Annotated[int, typer.Option(help="Which frame.")] = 0,
    kind: Annotated[
        str, typer.Option(help="annotated, plain, or counts: as the sensor gave them, also as .tif.")
    ] = "annotated",
    track: Tracks = None,
    show: Show = f"{SHOWN},colour-bar",
    similarity: Map = "none",
    scale: ScaleOption = 0,
    unit: UnitOption = UnitName.C,
    overwrite: Overwrite = False,
) -> None:
    """Write one frame as a picture."""
    with explained():
        from tracker.output.choices import STILL_SUFFIXES, StillChoices, StillKind
        from tracker.output.still import write_still

        chosen = StillKind(_one_of(kind, StillKind, "--kind"))
        require_new(out, STILL_SUFFIXES[chosen], overwrite)
        choices = StillChoices(kind=chosen, marks=marks_of(show, similarity), scale=scale_of(scale))
        with _opened(project, track, unit) as subject:
            write_still(subject, frame, out, choices)
        say(f"frame {frame} in {out}")


@cli.command()
def report(
    project: Project,
    out: Out,
    track: Tracks = None,
    snapshots: Annotated[
        int, typer.Option(help="At most so many pictures of each track.", min=0, max=200)
    ] = 16,
    unit: UnitOption = UnitName.C,
    overwrite: Overwrite = False,
) -> None:
    """Write a report of tracks: path, temperatures, scores, pictures, who made what; .html or .pdf."""
    with explained():
        from tracker.output.choices import REPORT_SUFFIXES, ReportChoices
        from tracker.output.report import write_report

        require_new(out, REPORT_SUFFIXES, overwrite)
        with _opened(project, track, unit) as subject:
            finish(write_report(subject, out, ReportChoices(snapshots=snapshots)))
        say(f"report in {out}, {_size(out)}")


def require_new(out: Path, suffixes: Collection[str], overwrite: bool) -> None:
    """Refuse a file that cannot be written, or is there and is to be kept, before a clip is opened.

    Raises:
        OutputError: Its suffix is another, its folder cannot be written to, or it is there already.
    """
    from tracker.output.files import require_output

    require_output(out, suffixes)
    if out.exists() and not overwrite:
        raise OutputError("is there already.", where=out, todo="Name another file, or give --overwrite.")


@contextmanager
def _opened(project: Path, tracks: list[int] | None, unit: UnitName) -> Iterator[Subject]:
    from tracker.output.projects import open_subject

    subject = finish(open_subject(project, tracks, UNITS[unit]))
    try:
        yield subject
    finally:
        subject.source.close()


def marks_of(show: str, similarity: str) -> Marks:
    """What is drawn, from words.

    Raises:
        OutputError: A word is unknown.
    """
    from tracker.output.choices import NO_MARKS, MapInset, Marks

    words = [word.strip().replace("-", "_") for word in show.split(",") if word.strip()]
    words = [] if words == ["none"] else words
    known = [name for name in Marks.model_fields if name != "similarity"]
    for word in words:
        _one_of(word, known, "--show")
    inset = MapInset(_one_of(similarity, MapInset, "--map"))
    return NO_MARKS.model_copy(update={**dict.fromkeys(words, True), "similarity": inset})


def scale_of(scale: int) -> Scale:
    """A scale that there is.

    Raises:
        OutputError: There is none such.
    """
    scales: dict[int, Literal[0, 1, 2, 4]] = {0: 0, 1: 1, 2: 2, 4: 4}
    if scale not in scales:
        raise OutputError(f"there is no scale {scale}.", where="--scale", todo="Give 0, 1, 2 or 4.")
    return scales[scale]


def _one_of(word: str, known: type[StrEnum] | list[str], where: str) -> str:
    words = [str(each) for each in known]
    if word not in words:
        raise OutputError(f"{word!r} is not known.", where=where, todo=f"Give one of: {', '.join(words)}.")
    return word


def _size(path: Path) -> str:
    from tracker.output.words import size_text

    return size_text(path.stat().st_size)
