"""Several training processes that act as one: each takes its part of every batch, and gradients are averaged."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module

import torch
from torch import distributed, nn

PATIENCE = timedelta(hours=2)
"""How long a process waits for the others; the first reading of long clips takes its time."""


@dataclass(frozen=True)
class Processes:
    """This process among those that train together.

    Attributes:
        rank: Number of this one.
        count: How many there are.
    """

    rank: int = 0
    count: int = 1

    @staticmethod
    def join() -> Processes:
        """Join those that torchrun started, or be alone; on CUDA each process has a GPU of its own."""
        if "RANK" not in os.environ:
            return Processes()
        has_gpu = torch.cuda.is_available() and distributed.is_nccl_available()
        if has_gpu:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
        # Its functions take the group of the moment they are defined as their default, and the optimiser
        # imports them: imported now, before there is a group, they do not keep its threads beyond `leave`,
        # where the end of the interpreter aborts under them now and then.
        import_module("torch.distributed.nn.functional")
        # gloo also beside nccl: small values are exchanged on the CPU, and --device cpu works anywhere.
        distributed.init_process_group("cpu:gloo,cuda:nccl" if has_gpu else "gloo", timeout=PATIENCE)
        return Processes(distributed.get_rank(), distributed.get_world_size())

    @property
    def is_first(self) -> bool:
        """Whether this one writes files."""
        return self.rank == 0

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Do something one process after another: a project can be open only once."""
        self._meet(self.rank)
        yield
        self._meet(self.count - self.rank)

    def _meet(self, times: int) -> None:
        if self.count > 1:
            for _ in range(times):
                distributed.all_reduce(torch.zeros(1))

    def average_gradients(self, parameters: Sequence[nn.Parameter]) -> None:
        """Replace gradients by their means over all processes."""
        if self.count == 1:
            return
        gradients = [p.grad if p.grad is not None else torch.zeros_like(p) for p in parameters]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        parts = torch.split(flat / self.count, [parameter.numel() for parameter in parameters])
        for parameter, part in zip(parameters, parts, strict=True):
            parameter.grad = part.view_as(parameter)

    def share_first(self, network: nn.Module) -> None:
        """Give every process the first one's parameters and buffers."""
        if self.count > 1:
            for value in network.state_dict().values():
                plain = value.contiguous()
                distributed.broadcast(plain, 0)
                value.copy_(plain)

    def mean(self, values: dict[str, float], weight: float = 1.0) -> dict[str, float]:
        """Means over all processes, by name.

        Args:
            values: This process's; the same names in all of them.
            weight: How much they count against the others'.
        """
        if self.count == 1:
            return values
        sums = torch.tensor([weight, *(weight * value for value in values.values())], dtype=torch.float64)
        distributed.all_reduce(sums)
        return dict(zip(values, (sums[1:] / sums[0]).tolist(), strict=True))

    def leave(self) -> None:
        """Say goodbye to the others."""
        if distributed.is_available() and distributed.is_initialized():
            distributed.destroy_process_group()
