"""From the name of a model to a tracker that is ready to run."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from tracker.errors import WeightsError
from tracker.network.checkpoints import load_checkpoint, load_mlssnet
from tracker.network.efficientnet_lite import imagenet_backbone
from tracker.tracking.device import Device, explained, resolve_device
from tracker.tracking.lite_model import LiteConfig, LiteModel
from tracker.tracking.mlssnet_model import MLSSNetModel
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.similarity_model import SimilarityModel

DEFAULT, MLSSNET = "default", "mlssnet"
DEFAULT_ID = "default-1"
"""Goes up with every change that makes the default tracker give other boxes."""


@dataclass(frozen=True)
class BuiltTracker:
    """A tracker and where it runs."""

    tracker: OnlineTracker
    device: Device

    def explained(self) -> AbstractContextManager[None]:
        """Turn what goes wrong with the device while tracking into a `DeviceError`."""
        return explained(self.device)


def user_weights(name: str) -> Path:
    """Where a user's own weights of a named model are looked for; THERMARK_DATA_DIR overrides the data folder."""
    own = os.environ.get("THERMARK_DATA_DIR")
    folder = Path(own) if own else platformdirs.user_data_path("thermark")
    return folder / "weights" / f"{name}.safetensors"


def build_tracker(
    model: str = DEFAULT,
    *,
    device: str = "auto",
    threads: int | None = None,
    normalisation: Normalisation | None = None,
) -> BuiltTracker:
    """Make a tracker.

    Args:
        model: "default", "mlssnet", or the path of a weights file.
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
    if model == DEFAULT:
        return LiteModel(imagenet_backbone(), LiteConfig(), place.torch_device, DEFAULT_ID)
    path = user_weights(MLSSNET) if model == MLSSNET else Path(model)
    if not path.is_file():
        raise WeightsError("there are no such weights.", where=path, todo=_HELP[model == MLSSNET])
    checkpoint = load_checkpoint(path, MLSSNET)
    return MLSSNetModel(load_mlssnet(path), place.torch_device, f"mlssnet-{checkpoint.digest}")


_HELP = {
    True: "No MLSSNet weights come with Thermark yet: put your own there, or give their path. "
    "The authors' file becomes one with: thermark import-weights FILE.mat OUT.safetensors.",
    False: "Give default, mlssnet, or the path of a .safetensors file.",
}
