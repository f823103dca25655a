"""import-weights and similarity as they are called from the command line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from typer.testing import CliRunner, Result

from tracker.cli import cli


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def test_that_imported_weights_compute_maps_of_two_crops(mat_file: Path, tmp_path: Path) -> None:
    weights, output = tmp_path / "w.safetensors", tmp_path / "maps.npz"
    imported = call("import-weights", mat_file, weights)
    assert imported.exit_code == 0, imported.output
    crops = np.random.default_rng(0).integers(0, 256, (2, 255, 255)).astype(np.uint8)
    for name, crop in zip(("t", "s"), crops, strict=True):
        np.save(tmp_path / f"{name}.npy", crop)
    result = call(
        "similarity", "--weights", weights, "--template", tmp_path / "t.npy",
        "--search", tmp_path / "s.npy", "--output", output,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    with np.load(output, allow_pickle=False) as maps:
        shapes = {name: maps[name].shape for name in maps.files}
    assert shapes == {
        "semantic": (33, 33),
        "structural": (33, 33),
        "fused": (33, 33),
        "channel_attention": (64,),
        "spatial_attention": (53, 53),
    }


def test_that_a_file_that_is_no_mat_file_is_refused_without_output(tmp_path: Path) -> None:
    bad, output = tmp_path / "net.mat", tmp_path / "w.safetensors"
    bad.write_bytes(b"not a matlab file at all")
    result = call("import-weights", bad, output)
    assert result.exit_code == 2
    assert "net.mat" in result.output.replace("\n", "")
    assert not output.exists()
