"""The state of a training run: everything that makes the next step the same as if it had never stopped.

One safetensors file, written all or nothing: killed at any moment, the run goes on from the last one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from tracker.errors import ThermarkError
from tracker.network.checkpoints import replacing

STATE_FILE = "state.safetensors"


@dataclass
class RunState:
    """Where a run stands.

    Attributes:
        step: Steps done.
        best: Highest validation score so far.
        configuration: Digest of the configuration that it was begun with.
        curves: Values reported so far: name -> [[step, value], ...].
    """

    configuration: str
    step: int = 0
    best: float = float("-inf")
    curves: dict[str, list[list[float]]] = field(default_factory=dict)


def save_state(
    folder: Path,
    state: RunState,
    network: nn.Module,
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
) -> None:
    """Write the state of a run into its folder.

    Raises:
        ThermarkError: It cannot be written.
    """
    tensors = {f"network.{name}": value for name, value in network.state_dict().items()}
    tensors |= {f"average.{name}": value for name, value in average.items()}
    for index, values in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser.{index}.{name}": torch.as_tensor(value) for name, value in values.items()}
    own = {
        name: value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, value in tensors.items()
    }
    with replacing(folder / STATE_FILE) as temporary:
        temporary.write_bytes(save(own, {"state": json.dumps(vars(state))}))


def load_state(
    folder: Path,
    configuration: str,
    network: nn.Module,
    average: dict[str, Tensor],
    optimiser: torch.optim.Optimizer,
) -> RunState | None:
    """Put network, average and optimiser back where the run stood; None where it has not begun.

    Raises:
        ThermarkError: The file is damaged, or of a run with another configuration.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return None
    with _explained(path), safe_open(path, framework="pt") as file:
        state = RunState(**json.loads(file.metadata()["state"]))
        if state.configuration != configuration:
            raise ThermarkError(
                "a run with another configuration was begun here.",
                where=folder,
                todo="Choose another folder, or the configuration it was begun with.",
            )
        tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 (no dict)
        network.load_state_dict(_part(tensors, "network."))
        places = {name: parameter.device for name, parameter in network.named_parameters()}
        saved = _part(tensors, "average.")
        average.update({name: value.to(places[name]) for name, value in saved.items()})
        _restore(optimiser, _part(tensors, "optimiser."))
    return state


def saved_step(folder: Path) -> int | None:
    """The step from which a run would go on; None where nothing of it has been saved.

    Raises:
        ThermarkError: The file is damaged.
    """
    path = folder / STATE_FILE
    if not path.is_file():
        return None
    with _explained(path), safe_open(path, framework="pt") as file:
        return RunState(**json.loads(file.metadata()["state"])).step


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ThermarkError(
            f"the state of this run cannot be used ({error}).",
            where=path,
            todo="Start in another folder.",
        ) from error


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _restore(optimiser: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Any]] = {}
    for name, value in tensors.items():
        index, _, key = name.partition(".")
        state.setdefault(int(index), {})[key] = value
    optimiser.load_state_dict({**optimiser.state_dict(), "state": state})
