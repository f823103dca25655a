"""Starts things: the window, or a command of `tracker.cli`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from tracker.cli import Device, Model, Threads, cli, explained, finish, say


@cli.command()
def demo(
    headless: Annotated[bool, typer.Option("--headless", help="Without a window; needs --output.")] = False,
    output: Annotated[Path | None, typer.Option(help="Folder for boxes, clip, maps and report.")] = None,
    model: Model = "default",
    device: Device = "auto",
    threads: Threads = None,
) -> None:
    """Track the bundled clip: in the window, or headless with the results as files."""
    if not headless:
        raise typer.Exit(_window([], sample=True))
    if output is None:
        say("thermark: --headless needs --output DIR for its results.", error=True)
        raise typer.Exit(2)
    from tracker.evaluation.demo import demo as demo_job

    with explained():
        report = finish(demo_job(output, model=model, device=device, threads=threads))
        say(report.text)


def _window(paths: list[Path], *, sample: bool = False) -> int:
    from app.application import run

    return run(paths, sample=sample)


def main() -> int:
    """Run a command if the first word is one, else open the window with the clips or projects named."""
    arguments = sys.argv[1:]
    commands = {
        command.name or (command.callback.__name__ if command.callback else "")
        for command in cli.registered_commands
    } | {group.name for group in cli.registered_groups}
    if arguments and (arguments[0] in commands or arguments[0].startswith("-")):
        return int(cli(arguments, prog_name="thermark") or 0)
    return _window([Path(argument) for argument in arguments])


if __name__ == "__main__":
    sys.exit(main())
