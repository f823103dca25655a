"""What all commands share: the command line itself, its messages, progress bars and common options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from tracker import jobs
from tracker.errors import ThermarkError
from tracker.jobs import Event, Job

T = TypeVar("T")

cli = typer.Typer(
    name="thermark",
    help="Annotate, track and correct targets in thermal-infrared video. Without a command: the window.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Source = Annotated[
    Path, typer.Argument(help="A video, a folder of images, or another file of frames.", show_default=False)
]
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
