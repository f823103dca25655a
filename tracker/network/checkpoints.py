"""Thermark's weights files: safetensors with the architecture, its configuration and a model card inside.

safetensors holds tensors and text only, so that loading a file runs no code of whoever made it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from tracker.errors import ThermarkError, WeightsError
from tracker.network.config import MLSSNetConfig
from tracker.network.mlssnet import MLSSNet

FORMAT: Final = "thermark-weights"
VERSION: Final = "1"
MLSSNET: Final = "mlssnet"
DEFAULT: Final = "default"
ARCHITECTURES: Final = (MLSSNET, DEFAULT)
"""The networks that weights can be for: MLSSNet as published, and Thermark's own."""

_GET_AGAIN: Final = "Get the file again, or import the weights anew."


@dataclass(frozen=True)
class Checkpoint:
    """What a weights file holds.

    Attributes:
        architecture: One of `ARCHITECTURES`.
        config: The network's configuration, as JSON values.
        tensors: The network's state, on the CPU.
        card: Model card: title -> text.
        digest: 12 hexadecimal digits that name architecture, configuration and tensors, whatever the
            file's name and card.
    """

    architecture: str
    config: dict[str, Any]
    tensors: dict[str, Tensor]
    card: dict[str, str]
    digest: str


def save_checkpoint(
    path: Path,
    architecture: str,
    config: dict[str, Any],
    tensors: Mapping[str, Tensor],
    card: dict[str, str],
) -> None:
    """Write a weights file, all or nothing.

    Raises:
        ValueError: The architecture is not one of `ARCHITECTURES`.
        ThermarkError: The file cannot be written.
    """
    if architecture not in ARCHITECTURES:
        message = f"unknown architecture {architecture!r}"
        raise ValueError(message)
    metadata = {
        "format": FORMAT,
        "version": VERSION,
        "architecture": architecture,
        "config": json.dumps(config, sort_keys=True),
        "card": json.dumps(card),
    }
    # Copies, since safetensors refuses tensors that share memory or are not contiguous.
    own = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in tensors.items()
    }
    with replacing(path) as temporary:
        temporary.write_bytes(save(own, metadata))


def load_checkpoint(path: Path, architecture: str | None = None) -> Checkpoint:
    """Read a weights file.

    Args:
        path: The file.
        architecture: The network it must be for, or None for any.

    Raises:
        WeightsError: The file cannot be read, is not one of Thermark's, or is for another network.
    """
    metadata, tensors = _read(path)
    found = _require_known(metadata, path)
    if architecture is not None and found != architecture:
        raise WeightsError(
            f"these are weights of another network (expected {architecture}, found {found}).",
            where=path,
            todo=f"Choose a weights file for {architecture}.",
        )
    config = _parse_json(metadata, "config", path)
    card = {title: str(text) for title, text in _parse_json(metadata, "card", path).items()}
    return Checkpoint(found, config, tensors, card, _digest(found, config, tensors))


def load_tensors(network: nn.Module, tensors: Mapping[str, Tensor], where: object = "") -> None:
    """Copy tensors into a network that they fit exactly.

    Raises:
        WeightsError: A tensor is missing, unknown or of another shape; all of them are named.
    """
    faults = list(_tensor_faults(network.state_dict(), tensors))
    if faults:
        raise WeightsError(
            "the weights do not fit the network: " + "; ".join(faults) + ".", where=where, todo=_GET_AGAIN
        )
    network.load_state_dict(dict(tensors))


def load_mlssnet(path: Path) -> MLSSNet:
    """MLSSNet with the weights of a file, on the CPU, in evaluation mode.

    Raises:
        WeightsError: The file cannot be read, or its weights are not MLSSNet's.
    """
    checkpoint = load_checkpoint(path, MLSSNET)
    network = MLSSNet(MLSSNetConfig.from_dict(checkpoint.config, path))
    load_tensors(network, checkpoint.tensors, path)
    return network.eval()


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well, and is gone otherwise.

    Raises:
        ThermarkError: The file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        yield temporary
        temporary.replace(path)
    except OSError as error:
        raise ThermarkError(
            f"the file cannot be written ({error.strerror or error}).",
            where=path,
            todo="Choose a folder that exists, may be written to and has space left.",
        ) from error
    finally:
        with suppress(OSError):  # what could not be created need not be removed
            temporary.unlink(missing_ok=True)


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """Metadata and tensors of a safetensors file."""
    try:
        with path.open("rb") as plain:
            head = plain.read(128)
        with safe_open(path, framework="pt") as file:
            # Copies, since safetensors' own tensors lie in the mapped file, which may be replaced.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118 (no dict)
            return dict(file.metadata() or {}), tensors
    except OSError as error:
        raise WeightsError(
            f"the file cannot be read ({error.strerror or error}).",
            where=path,
            todo="Check its path and its rights.",
        ) from error
    except SafetensorError as error:
        raise _not_safetensors(path, head, error) from error


def _not_safetensors(path: Path, head: bytes, error: SafetensorError) -> WeightsError:
    """The error for a file of another format, told by its first bytes."""
    if head.startswith((b"PK\x03\x04", b"\x80")):
        return WeightsError(
            "this is a pickled PyTorch file; pickles can run any code and are never loaded.",
            where=path,
            todo="Get the weights as a .safetensors file made by Thermark.",
        )
    if head[126:128] in (b"IM", b"MI"):
        return WeightsError(
            "this is a MATLAB file.",
            where=path,
            todo="Turn it into weights first: thermark import-weights FILE.mat OUT.safetensors.",
        )
    return WeightsError(
        f"this is no safetensors file, or it is damaged ({error}).", where=path, todo=_GET_AGAIN
    )


def _require_known(metadata: Mapping[str, str], path: Path) -> str:
    """The architecture that the metadata names, once they are found to be Thermark's."""
    if metadata.get("format") != FORMAT:
        raise WeightsError(
            "this safetensors file has no Thermark metadata.",
            where=path,
            todo="Get weights made by Thermark: trained with it, or from thermark import-weights.",
        )
    version = metadata.get("version", "")
    if version != VERSION:
        raise WeightsError(
            f"this is version {version!r} of the weights format; this Thermark reads version {VERSION}.",
            where=path,
            todo="Update Thermark.",
        )
    architecture = metadata.get("architecture", "")
    if architecture not in ARCHITECTURES:
        raise WeightsError(
            f"these are weights of an unknown network ({architecture!r}).",
            where=path,
            todo=f"Choose weights of one of: {', '.join(ARCHITECTURES)}; or update Thermark.",
        )
    return architecture


def _parse_json(metadata: Mapping[str, str], key: str, path: Path) -> dict[str, Any]:
    try:
        values = json.loads(metadata.get(key, "{}"))
    except json.JSONDecodeError:
        values = None
    if not isinstance(values, dict):
        raise WeightsError(f"its {key} is damaged.", where=path, todo=_GET_AGAIN)
    return values


def _tensor_faults(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> Iterator[str]:
    """Everything about the tensors that keeps them from being loaded, as parts of a sentence."""
    for name, tensor in wanted.items():
        if name not in found:
            yield f"{name} {tuple(tensor.shape)} is missing"
        elif found[name].shape != tensor.shape:
            yield f"{name} is {tuple(found[name].shape)} and should be {tuple(tensor.shape)}"
    for name in sorted(found.keys() - wanted.keys()):
        yield f"{name} {tuple(found[name].shape)} is not in this network"


def _digest(architecture: str, config: dict[str, Any], tensors: Mapping[str, Tensor]) -> str:
    """A name for what a network computes, the same for every file that holds it."""
    digest = hashlib.sha256(f"{architecture}\n{json.dumps(config, sort_keys=True)}\n".encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.contiguous().view(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()[:12]
