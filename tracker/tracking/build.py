"""From the name of a model to a tracker that is ready to run."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import resources
from tracker.errors import WeightsError
from tracker.network.checkpoints import DEFAULT, MLSSNET, load_checkpoint, load_mlssnet
from tracker.network.default_network import network_of
from tracker.tracking.default_model import DefaultModel, DefaultSettings
from tracker.tracking.device import Device, explained, resolve_device
from tracker.tracking.mlssnet_model import MLSSNetModel
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.similarity_model import SimilarityModel
from tracker.tracking.user_models import SUFFIX, models_folder

LOOP_VERSION = 4
"""Goes up with every change of the online loop or its settings that makes the default tracker give other boxes."""


@dataclass(frozen=True)
class BuiltTracker:
    """A tracker and where it runs."""

    tracker: OnlineTracker
    device: Device

    def explained(self) -> AbstractContextManager[None]:
        """Turn what goes wrong with the device while tracking into a `DeviceError`."""
        return explained(self.device)


def find_weights(model: str) -> Path:
    """The weights file of a model: a path, a user's named model, or one that comes with Thermark, in this order.

    Raises:
        WeightsError: There is no such model.
    """
    places = (
        [models_folder() / f"{model}{SUFFIX}", resources.weights(model)] if Path(model).name == model else []
    )
    if model == DEFAULT:  # a user's own never takes its place unseen
        places.reverse()
    for place in [Path(model), *places]:
        if place.is_file():
            return place
    raise WeightsError(
        "there are no such weights.",
        where=model,
        todo="Give default, mlssnet, the name of a model of your own, or the path of a .safetensors file. "
        "The MLSSNet authors' file becomes one with: thermark import-weights FILE.mat OUT.safetensors.",
    )


def build_tracker(
    model: str = DEFAULT,
    *,
    device: str = "auto",
    threads: int | None = None,
    normalisation: Normalisation | None = None,
) -> BuiltTracker:
    """Make a tracker.

    Args:
        model: See `find_weights`.
        device: "auto", "cuda", "mps" or "cpu".
        threads: CPU threads, None for torch's own choice.
        normalisation: From counts to network input; None for 8-bit counts as they are.

    Raises:
        WeightsError: There are no such weights, or they fit no network.
        DeviceError: The device does not exist or has no room.
    """
    place = resolve_device(device, threads)
    with explained(place):
        return BuiltTracker(OnlineTracker(_model(model, place), normalisation), place)


def _model(model: str, place: Device) -> SimilarityModel:
    path = find_weights(model)
    checkpoint = load_checkpoint(path)
    if checkpoint.architecture == MLSSNET:
        return MLSSNetModel(load_mlssnet(path), place.torch_device, f"{MLSSNET}-{checkpoint.digest}")
    name = f"{DEFAULT}-{LOOP_VERSION}-{checkpoint.digest}"
    return DefaultModel(network_of(checkpoint, path), DefaultSettings(), place.torch_device, name)
