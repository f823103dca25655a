"""What a network variant brings to the training loop."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, TypeAlias

from torch import Tensor, nn

from tracker.training.sampling import CropConfig, Pair, PairSampler

Batch: TypeAlias = dict[str, Tensor]
Losses: TypeAlias = dict[str, Tensor]


class Recipe(Protocol):
    """A network, what of it learns, and from which loss."""

    @property
    def architecture(self) -> str:
        """Its name in weights files."""

    @property
    def crops(self) -> CropConfig:
        """Sizes of the crops of a pair."""

    @property
    def sampler_class(self) -> type[PairSampler]:
        """Draws its pairs."""

    @property
    def network(self) -> nn.Module:
        """What is trained."""

    def network_config(self) -> dict[str, Any]:
        """Its configuration, for weights files."""

    def parameter_groups(self) -> list[dict[str, Any]]:
        """Parameters that learn: groups with `params`, `rate` (factor on the learning rate) and `decays`."""

    def collate(self, pairs: Sequence[Pair]) -> Batch:
        """Pairs as a batch of tensors, on the CPU."""

    def prepare(self, batch: Batch) -> None:
        """Called with the first batch before the first step."""

    def losses(self, batch: Batch) -> Losses:
        """All parts of the loss and measures beside them, each the mean over the pairs of the batch."""

    def total(self, losses: Losses) -> Tensor:
        """The one loss to descend on."""

    def score(self, losses: dict[str, float]) -> float:
        """What validation is to make as large as possible."""
