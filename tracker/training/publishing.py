"""Makes the weights of a run small enough to ship: python -m tracker.training.publishing RUN/best.safetensors OUT."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from tracker.network.checkpoints import load_checkpoint, save_checkpoint


def publish(source: Path, output: Path) -> None:
    """Copy a weights file with its parameters in half precision; networks compute with them in float32 or bfloat16.

    Raises:
        WeightsError: The source is no weights file.
        ThermarkError: The output cannot be written.
    """
    checkpoint = load_checkpoint(source)
    halves = {
        name: tensor.to(torch.float16) if tensor.is_floating_point() else tensor
        for name, tensor in checkpoint.tensors.items()
    }
    save_checkpoint(output, checkpoint.architecture, checkpoint.config, halves, checkpoint.card)


def main() -> None:
    """Parse and publish."""
    parser = argparse.ArgumentParser(prog="python -m tracker.training.publishing", description=__doc__)
    parser.add_argument("source", type=Path, help="weights of a training run")
    parser.add_argument("output", type=Path, help="the file to write")
    given = parser.parse_args()
    publish(given.source, given.output)


if __name__ == "__main__":
    main()
