"""Similarity maps of two crops, and the commands that work on weights files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tracker.errors import ThermarkError
from tracker.network.checkpoints import MLSSNET, load_mlssnet, replacing, save_checkpoint
from tracker.network.config import CROP_SIZE
from tracker.network.matconvnet import import_matconvnet, state_config
from tracker.network.mlssnet import MLSSNet

Crop = NDArray[Any]

CROP_SHAPES = ((CROP_SIZE, CROP_SIZE), (CROP_SIZE, CROP_SIZE, 3))


def similarity_maps(network: MLSSNet, template: Crop, search: Crop) -> dict[str, NDArray[np.float32]]:
    """Compare two crops, in the network's own precision.

    Args:
        network: In evaluation mode.
        template: (255, 255) or (255, 255, 3), any real type, 0..255.
        search: The same; it need not have as many channels as the template.

    Returns:
        float32: semantic, structural, fused (33, 33), after the adjust layers; channel_attention (64,);
        spatial_attention (53, 53).

    Raises:
        ThermarkError: A crop has another shape, no real numbers, NaN, or values outside 0..255.
        ValueError: The network is in training mode, where batch normalisation would learn the crops.
    """
    if network.training:
        message = "the network is in training mode; call network.eval() first"
        raise ValueError(message)
    weight = network.backbone.conv1.weight
    inputs = [_as_input(crop, name).to(weight) for crop, name in ((template, "template"), (search, "search"))]
    with torch.inference_mode():
        target = network.template(inputs[0])
        maps = network.similarity(target, network.search(inputs[1]))
    results = {
        **maps._asdict(),
        "channel_attention": target.channel_attention,
        "spatial_attention": target.spatial_attention,
    }
    return {name: result[0].float().cpu().numpy() for name, result in results.items()}


def write_similarity(weights: Path, template_npy: Path, search_npy: Path, output_npz: Path) -> None:
    """Compare two crops from .npy files and write the arrays of `similarity_maps` into an .npz file.

    The network runs in float64: one pair can take the time, and the digits of float32 are then all right.

    Raises:
        ThermarkError: A file cannot be read or written, or does not hold what it should.
    """
    template, search = _load_crop(template_npy), _load_crop(search_npy)
    results: dict[str, Any] = dict(similarity_maps(load_mlssnet(weights).double(), template, search))
    # An open file keeps its name as given; numpy would add .npz to a path.
    with replacing(output_npz) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **results)


def import_weights(mat: Path, out: Path) -> tuple[str, ...]:
    """Turn the authors' MatConvNet weights into a weights file.

    Returns:
        What the user should know about the import, one sentence each; mostly empty.

    Raises:
        ThermarkError: The .mat file is not MLSSNet's, or the weights cannot be written.
    """
    state, notes = import_matconvnet(mat)
    card = {
        "Network": "MLSSNet as published by Liu et al., IEEE Transactions on Multimedia 2020",
        "Source": f"{mat.name}, SHA-256 {hashlib.sha256(mat.read_bytes()).hexdigest()}",
        "Notes": " ".join(notes) or "All arrays were in the file.",
    }
    save_checkpoint(out, MLSSNET, state_config(state).to_dict(), state, card)
    return notes


def _load_crop(path: Path) -> Crop:
    try:
        array: Crop = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ThermarkError(
            f"the crop cannot be read ({error}).",
            where=path,
            todo="Give a .npy file as numpy.save writes it, without Python objects.",
        ) from error
    if not isinstance(array, np.ndarray):
        array.close()
        raise ThermarkError("this is an .npz archive.", where=path, todo="Give one array in a .npy file.")
    _require_crop(array, path)
    return array


def _require_crop(crop: Crop, where: object) -> None:
    """Raise ThermarkError unless the array can be given to the network."""
    if crop.shape not in CROP_SHAPES or crop.dtype.kind not in "fiu":
        raise ThermarkError(
            f"a crop of shape {crop.shape} and type {crop.dtype} cannot be compared.",
            where=where,
            todo="Give real numbers of shape (255, 255) or (255, 255, 3).",
        )
    if not np.isfinite(crop).all():
        raise ThermarkError("the crop holds NaN or infinite values.", where=where, todo="Fill them first.")
    if crop.min() < 0 or crop.max() > 255:
        raise ThermarkError(
            f"the crop's values reach from {crop.min():g} to {crop.max():g}.",
            where=where,
            todo="Map them to 0..255 first; sensor counts are not network input.",
        )


def _as_input(crop: Crop, name: str) -> Tensor:
    """(1, 1 or 3, 255, 255) float64; three equal channels become one, which means the same."""
    _require_crop(crop, name)
    channels = np.atleast_3d(crop).transpose(2, 0, 1)
    if (channels == channels[0]).all():
        channels = channels[:1]
    return torch.from_numpy(channels.astype(np.float64))[None]
