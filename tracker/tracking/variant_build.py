"""From a variant to a tracker that is ready to run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch

from tracker.annotation.evidence import Evidence
from tracker.errors import WeightsError
from tracker.geometry import Box
from tracker.network.checkpoints import MLSSNET, Checkpoint, load_checkpoint, load_mlssnet
from tracker.network.default_network import DefaultNetwork, network_of
from tracker.tracking.build import LOOP_VERSION, BuiltTracker, find_weights
from tracker.tracking.default_model import DefaultModel, DefaultSettings
from tracker.tracking.device import explained, resolve_device
from tracker.tracking.mlssnet_model import MLSSNetModel, MLSSNetTracking
from tracker.tracking.normalisation import Normalisation
from tracker.tracking.online import OnlineTracker
from tracker.tracking.presence_search import Lookout
from tracker.tracking.similarity_model import LoopConfig, SimilarityModel, View
from tracker.tracking.variant import Variant


def build_variant(
    variant: Variant,
    *,
    device: str = "auto",
    threads: int | None = None,
    normalisation: Normalisation | None = None,
) -> BuiltTracker:
    """Make a tracker that differs from the one of `tracker.tracking.build.build_tracker` in a variant's settings.

    Args:
        variant: The model, and what to change.
        device: "auto", "cuda", "mps" or "cpu".
        threads: CPU threads, None for torch's own choice.
        normalisation: From counts to network input; None for 8-bit counts as they are.

    Raises:
        WeightsError: There are no such weights, they fit no network, or their architecture has none of a setting.
        DeviceError: The device does not exist or has no room.
    """
    place = resolve_device(device, threads)
    with explained(place):
        path = find_weights(variant.model)
        checkpoint = load_checkpoint(path)
        if checkpoint.architecture == MLSSNET:
            model = _published(variant, path, checkpoint, place.torch_device)
        else:
            network = network_of(checkpoint, path)
            name = _named(f"{checkpoint.architecture}-{LOOP_VERSION}-{checkpoint.digest}", variant)
            model = _SharedModel(network, settings_of(variant), place.torch_device, name, variant)
        loop = OnlineTracker if variant.looks_around else _StayingTracker
        return BuiltTracker(loop(model, normalisation), place)


def settings_of(variant: Variant) -> DefaultSettings:
    """The settings of the default tracker, as a variant has them."""
    usual = DefaultSettings()
    names = ("search_factor", "learn_above", "refit_every")
    changes = {name: value for name in names if (value := getattr(variant, name)) is not None}
    return replace(usual, loop=_loop(usual.loop, variant), **changes)


def _published(variant: Variant, path: Path, checkpoint: Checkpoint, device: torch.device) -> SimilarityModel:
    if variant.only_default:
        raise WeightsError(
            f"the published network has no such setting: {', '.join(variant.only_default)}.",
            where=variant.model,
            todo="Take it back, or choose a model of the default architecture.",
        )
    usual = MLSSNetTracking()
    config = replace(usual, loop=_loop(usual.loop, variant))
    name = _named(f"{MLSSNET}-{checkpoint.digest}", variant)
    return MLSSNetModel(load_mlssnet(path), device, name, config)


def _loop(usual: LoopConfig, variant: Variant) -> LoopConfig:
    influence = variant.window_influence
    return usual if influence is None else replace(usual, window_influence=influence)


def _named(model: str, variant: Variant) -> str:
    """The id of a model, with what was changed: a box must not be taken for one of the model as it comes."""
    return f"{model} ({', '.join(variant.changes)})" if variant.changes else model


class _SharedModel(DefaultModel):
    """The default model with the shares of a variant."""

    def __init__(
        self,
        network: DefaultNetwork,
        settings: DefaultSettings,
        device: torch.device,
        model_id: str,
        variant: Variant,
    ) -> None:
        super().__init__(network, settings, device, model_id)
        self._wanted = variant.levels.shares

    def shares(self) -> tuple[float, float]:
        """Those of the variant; the trained ones where it says nothing."""
        return super().shares() if self._wanted is None else self._wanted


class _StayingTracker(OnlineTracker):
    """Never looks elsewhere, whatever has become of the target."""

    def _found_elsewhere(
        self, view: View, lookout: Lookout, in_hand: float
    ) -> tuple[Box, float, Evidence] | None:
        return None
