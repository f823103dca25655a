"""`thermark import-weights` and `similarity`: MLSSNet's weights, and its maps of two crops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tracker.cli.console import cli, explained, say


@cli.command("import-weights")
def import_weights(
    file: Annotated[Path, typer.Argument(help="The authors' MatConvNet .mat file.", show_default=False)],
    output: Annotated[Path, typer.Argument(help="The .safetensors file to write.", show_default=False)],
) -> None:
    """Turn MLSSNet weights of the authors' MATLAB release into Thermark's."""
    from tracker.network import similarity

    with explained():
        for note in similarity.import_weights(file, output):
            say(note)
        say(f"weights written to {output}")


@cli.command()
def similarity(
    weights: Annotated[Path, typer.Option(help="MLSSNet weights (.safetensors).")],
    template: Annotated[Path, typer.Option(help="255x255 or 255x255x3 array, 0..255 (.npy).")],
    search: Annotated[Path, typer.Option(help="The same, of the search region.")],
    output: Annotated[Path, typer.Option(help="Maps and attentions (.npz).")],
) -> None:
    """Compute MLSSNet's similarity maps of two crops."""
    from tracker.network.similarity import write_similarity

    with explained():
        write_similarity(weights, template, search, output)
        say(f"semantic, structural, fused, channel_attention and spatial_attention written to {output}")
