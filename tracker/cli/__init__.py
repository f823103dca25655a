"""The command line: parse and call. Every command is a job iterated with a progress bar.

One module for each family of commands; importing it adds them to `cli`. None imports torch, or anything
that does, before its command is called.
"""

from tracker.cli import (
    clips,
    dataset_work,
    datasets,
    evaluation,
    measuring,
    output,
    tracking,
    training,
    weights,
)
from tracker.cli.console import Device, Model, Source, Threads, cli, explained, finish, say
from tracker.cli.training import run_folder

__all__ = [
    "Device",
    "Model",
    "Source",
    "Threads",
    "cli",
    "clips",
    "dataset_work",
    "datasets",
    "evaluation",
    "explained",
    "finish",
    "measuring",
    "output",
    "run_folder",
    "say",
    "tracking",
    "training",
    "weights",
]
