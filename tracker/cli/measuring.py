"""`thermark measure`: what the regions of a project measure along its clip."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.console import cli, explained, finish, say
from tracker.cli.output import UNITS, Overwrite, UnitName, UnitOption, require_new


@cli.command()
def measure(
    project: Annotated[Path, typer.Argument(help="A .thermark file; it may be open.", show_default=False)],
    out: Annotated[Path, typer.Option("--out", help="The file to write, .csv.")],
    targets: Annotated[
        bool, typer.Option("--targets", help="Measure the box of every track as well.")
    ] = False,
    threshold: Annotated[
        float | None,
        typer.Option(
            help="Count the pixels above it: in the unit, or in counts without one; the project's if not given."
        ),
    ] = None,
    ring: Annotated[
        float | None,
        typer.Option(
            help="Width of the surroundings at each side, relative; 0 for none; the project's if not given.",
            min=0.0,
        ),
    ] = None,
    unit: UnitOption = UnitName.C,
    overwrite: Overwrite = False,
) -> None:
    """Write what regions measure in each frame as a table: lowest, highest, mean temperature and more."""
    with explained():
        from tracker.output.measurements import SUFFIXES
        from tracker.output.measuring import measure_project

        require_new(out, SUFFIXES, overwrite)
        report = finish(measure_project(project, out, UNITS[unit], threshold, ring, with_targets=targets))
        regions = "1 region" if report.regions == 1 else f"{report.regions} regions"
        say(f"{regions} over {report.frames} frames in {report.path}, in {report.unit}")
