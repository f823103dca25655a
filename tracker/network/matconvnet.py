"""Weights between the authors' MatConvNet files and MLSSNet, by one table of published names and shapes.

MatConvNet writes filters as H x W x Cin x Cout and those of transposed convolutions as H x W x Cout x Cin;
torch wants Cout x Cin x H x W and Cin x Cout x H x W. Nothing is flipped, since both correlate. MATLAB drops
trailing dimensions of 1, and has no vectors: N numbers are N x 1 or 1 x N.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tracker.errors import WeightsError
from tracker.network.config import SEMANTIC_SIZE, STRUCTURAL_SIZE, MLSSNetConfig
from tracker.network.correlation_filter import gaussian_target, hann_window
from tracker.network.matfile import Arrays, read_arrays

Shape: TypeAlias = tuple[int, ...]


class Layout(Enum):
    """How an array of a .mat file becomes a tensor."""

    FILTER = auto()
    """H x W x Cin x Cout of a convolution, or H x W x Cout x Cin of a transposed one: axes (3, 2, 0, 1)."""
    VECTOR = auto()
    """N numbers."""
    MOMENTS = auto()
    """N x 2, mean and standard deviation: two tensors, PATH.mean and PATH.std."""
    CONSTANT = auto()
    """H x W that training never changes; the published value is computed where a file has none."""


@dataclass(frozen=True)
class Row:
    """One array of the published network.

    Attributes:
        name: Its name in the authors' files.
        path: Its tensor's name in MLSSNet's state.
        shape: Its shape in MATLAB, before trailing ones are dropped.
        layout: How one becomes the other.
    """

    name: str
    path: str
    shape: Shape
    layout: Layout


def _layer(filters: str, biases: str, path: str, shape: Shape, out: int | None = None) -> tuple[Row, Row]:
    """The two rows of a convolution; `out` where the channels that come out are not the last dimension."""
    return (
        Row(filters, f"{path}.weight", shape, Layout.FILTER),
        Row(biases, f"{path}.bias", (out or shape[-1],), Layout.VECTOR),
    )


def _norm(index: int, channels: int) -> tuple[Row, Row, Row]:
    """The three rows of a batch normalisation."""
    path = f"backbone.bn{index}"
    return (
        Row(f"br_bn{index}m", f"{path}.gain", (channels,), Layout.VECTOR),
        Row(f"br_bn{index}b", f"{path}.bias", (channels,), Layout.VECTOR),
        Row(f"br_bn{index}x", path, (channels, 2), Layout.MOMENTS),
    )


def published_rows(config: MLSSNetConfig | None = None) -> tuple[Row, ...]:
    """Every array of the published network, in the order of its layers."""
    config = config or MLSSNetConfig()
    width, middle = config.attention_channels, config.deconv_channels
    channel, spatial = "semantic.attention", "structural.attention"
    plane, plane3 = (SEMANTIC_SIZE,) * 2, (STRUCTURAL_SIZE,) * 2
    return (
        *_layer("br_conv1f", "br_conv1b", "backbone.conv1", (11, 11, 3, 96)),
        *_norm(1, 96),
        *_layer("br_conv2f", "br_conv2b", "backbone.conv2", (5, 5, 48, 256)),
        *_norm(2, 256),
        *_layer("br_conv3f", "br_conv3b", "backbone.conv3", (3, 3, 256, 384)),
        *_norm(3, 384),
        *_layer("br_conv4f", "br_conv4b", "backbone.conv4", (3, 3, 192, 384)),
        *_norm(4, 384),
        *_layer("br_conv5f", "br_conv5b", "backbone.conv5", (3, 3, 192, 64)),
        *_layer("join_br_conv3f_dimred", "join_br_conv3b_dimred", "structural.reduction", (1, 1, 384, 64)),
        *_layer("join_br1_conv51_f", "join_br1_conv51_b", f"{channel}.squeeze", (1, 1, 64, width)),
        *_layer("join_br1_conv52_f", "join_br1_conv52_b", f"{channel}.excite", (1, 1, width, 64)),
        *_layer("join_br1_conv11_f", "join_br1_conv11_b", f"{spatial}.conv1", (7, 7, 64, width)),
        *_layer("join_br1_conv12_f", "join_br1_conv12_b", f"{spatial}.conv2", (5, 5, width, 1)),
        *_layer("join_deconv3_f", "join_deconv3_b", f"{spatial}.deconv1", (5, 5, middle, 1), middle),
        *_layer("join_b_deconv3_f", "join_b_deconv3_b", f"{spatial}.deconv2", (7, 7, 1, middle), 1),
        Row("fin_adjustf", "ensemble.semantic_gain", (1,), Layout.VECTOR),
        Row("fin_adjustb", "ensemble.semantic_bias", (1,), Layout.VECTOR),
        Row("fin_adjust3f", "ensemble.structural_gain", (1,), Layout.VECTOR),
        Row("fin_adjust3b", "ensemble.structural_bias", (1,), Layout.VECTOR),
        Row("join_window", "semantic.filter.window", plane, Layout.CONSTANT),
        Row("join_cf_target", "semantic.filter.target", plane, Layout.CONSTANT),
        Row("join_window3", "structural.filter.window", plane3, Layout.CONSTANT),
        Row("join_cf_target3", "structural.filter.target", plane3, Layout.CONSTANT),
    )


class Imported(NamedTuple):
    """What a .mat file holds.

    Attributes:
        state: State of an `MLSSNet`, float32.
        notes: What the user should know about the import, one sentence each; mostly empty.
    """

    state: dict[str, Tensor]
    notes: tuple[str, ...]


def import_matconvnet(mat_path: Path) -> Imported:
    """Read the authors' weights.

    Args:
        mat_path: A .mat file of MATLAB 5 to 7: a saved DagNN (`net` with `params`, or `params` alone), or
            one variable for each array.

    Raises:
        WeightsError: The file cannot be read, or an array is missing, unknown, of another shape, or holds
            values no network can have; all faults are named at once.
    """
    arrays = read_arrays(mat_path)
    config = MLSSNetConfig(deconv_channels=_deconv_channels(arrays))
    rows = published_rows(config)
    faults = list(_faults(rows, arrays))
    if faults:
        raise WeightsError(
            "these are not the weights of MLSSNet: " + "; ".join(faults) + ".",
            where=mat_path,
            todo="Give the network file of the authors' release, as MatConvNet saved it.",
        )
    state, notes = dict(_computed_constants(config)), []
    for row in rows:
        if row.name in arrays:
            state.update(_to_tensors(row, arrays[row.name]))
        else:
            notes.append(f"{row.name} is not in the file: its published value was computed.")
    return Imported(state, tuple(notes))


def export_matconvnet(state: Mapping[str, Tensor]) -> dict[str, NDArray[np.float32]]:
    """The opposite of `import_matconvnet`: published name -> array as MATLAB has it (vectors as N x 1)."""
    rows = published_rows(state_config(state))
    return {row.name: _to_array(row, state) for row in rows}


def state_config(state: Mapping[str, Tensor]) -> MLSSNetConfig:
    """The configuration of the network that a state was imported for."""
    return MLSSNetConfig(deconv_channels=state["structural.attention.deconv2.weight"].shape[0])


def _to_tensors(row: Row, array: NDArray[Any]) -> dict[str, Tensor]:
    """The tensors of a row, from an array that `_faults` found nothing wrong with."""
    tensor = torch.from_numpy(np.array(array, np.float32, order="C")).reshape(row.shape)
    match row.layout:
        case Layout.FILTER:
            return {row.path: tensor.permute(3, 2, 0, 1).contiguous()}
        case Layout.MOMENTS:
            return {f"{row.path}.mean": tensor[:, 0].clone(), f"{row.path}.std": tensor[:, 1].clone()}
        case _:
            return {row.path: tensor}


def _to_array(row: Row, state: Mapping[str, Tensor]) -> NDArray[np.float32]:
    match row.layout:
        case Layout.FILTER:
            tensor = state[row.path].permute(2, 3, 1, 0)
        case Layout.MOMENTS:
            tensor = torch.stack((state[f"{row.path}.mean"], state[f"{row.path}.std"]), dim=1)
        case Layout.VECTOR:
            tensor = state[row.path][:, None]
        case Layout.CONSTANT:
            tensor = state[row.path]
    return tensor.detach().cpu().float().contiguous().numpy()


def _computed_constants(config: MLSSNetConfig) -> Iterator[tuple[str, Tensor]]:
    for branch, size in (("semantic", SEMANTIC_SIZE), ("structural", STRUCTURAL_SIZE)):
        yield f"{branch}.filter.window", hann_window(size)
        yield f"{branch}.filter.target", gaussian_target(size, config.cf_target_sigma)


def _deconv_channels(arrays: Arrays) -> int:
    """Channels between the transposed convolutions, as the first one's filters (5 x 5 x K) have them."""
    filters = arrays.get("join_deconv3_f")
    is_stack = filters is not None and filters.ndim >= 3 and filters.shape[:2] == (5, 5)
    return max(1, filters.shape[2]) if filters is not None and is_stack else 1


def _faults(rows: tuple[Row, ...], arrays: Arrays) -> Iterator[str]:
    """Everything about the arrays that keeps them from being MLSSNet's, as parts of a sentence."""
    for row in rows:
        if row.name in arrays:
            yield from _value_faults(row, arrays[row.name])
        elif row.layout is not Layout.CONSTANT:
            yield f"{row.name} ({_by(row.shape)}) is missing"
    for name in sorted(arrays.keys() - {row.name for row in rows}):
        yield f"{name} ({_by(arrays[name].shape)}) is not an array of this network"


def _value_faults(row: Row, array: NDArray[Any]) -> Iterator[str]:
    if array.dtype.kind not in "fiu":
        yield f"{row.name} is not an array of real numbers"
    elif not _fits(row, array.shape):
        yield f"{row.name} is {_by(array.shape)} and should be {_by(row.shape)}"
    elif not np.isfinite(_as_float32(array)).all():
        yield f"{row.name} holds NaN or infinite values"
    elif row.layout is Layout.MOMENTS and not (_as_float32(array)[:, 1] > 0).all():
        yield f"{row.name} holds standard deviations (second column) that are not above 0"


def _as_float32(array: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # too large for float32 becomes infinite, and is named as such
        return array.astype(np.float32)


def _fits(row: Row, found: Shape) -> bool:
    """Whether MATLAB may store an array of the row's shape in the shape found."""
    if row.layout is Layout.VECTOR and found == (1, *row.shape):
        return True
    return all(have == want for have, want in zip_longest(found, row.shape, fillvalue=1))


def _by(shape: Shape) -> str:
    """A shape as MATLAB writes it."""
    return "x".join(map(str, shape)) or "1"
