"""Where a model computes: the choice, and words for what goes wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch

from tracker.errors import DeviceError

CHOICES = ("auto", "cuda", "mps", "cpu")


@dataclass(frozen=True)
class Device:
    """A compute device.

    Attributes:
        torch_device: For torch.
        name: For the user ("NVIDIA H100", "CPU, 4 threads").
        note: Why it is not the wanted one; empty where it is.
    """

    torch_device: torch.device
    name: str
    note: str = ""


def _available(kind: str) -> bool:
    if kind == "cuda":
        return torch.cuda.is_available()
    if kind == "mps":
        return torch.backends.mps.is_available()
    return True


def _name(kind: str) -> str:
    if kind == "cuda":
        return torch.cuda.get_device_name()
    if kind == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads > 1 else ''}"


def resolve_device(choice: str = "auto", threads: int | None = None) -> Device:
    """The device for a choice; a GPU that is not there is replaced by the CPU, and the note says so.

    Args:
        choice: One of `CHOICES`.
        threads: CPU threads, None for torch's own choice.

    Raises:
        DeviceError: The choice or the number of threads is none.
    """
    if choice not in CHOICES:
        raise DeviceError(f"unknown device {choice!r}.", todo=f"Choose one of {', '.join(CHOICES)}.")
    if threads is not None:
        if threads < 1:
            raise DeviceError(f"cannot compute with {threads} threads.", todo="Give 1 or more.")
        torch.set_num_threads(threads)
    wanted = ("cuda", "mps", "cpu") if choice == "auto" else (choice, "cpu")
    kind = next(kind for kind in wanted if _available(kind))
    note = "" if choice in ("auto", kind) else f"The device {choice} is not available here: using the CPU."
    return Device(torch.device(kind), _name(kind), note)


@contextmanager
def explained(device: Device) -> Iterator[None]:
    """Turn a device that ran out of memory into an error that says what to do.

    Raises:
        DeviceError: The device ran out of memory.
    """
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise DeviceError(
            "not enough memory for the tracker.",
            where=device.name,
            todo="Close other programs that use it, or choose the device cpu.",
        ) from error
