"""A correlation filter learned online: ridge regression, solved by conjugate gradient.

It finds w minimising  sum_i a_i ||X_i * w - y_i||^2 + lambda ||w||^2  over the sample features X_i (C, H,
W), their labels y_i (H, W) and weights a_i, where * is cross-correlation with zero padding and w is (C, k,
k). Same problem as MLSSNet's correlation-filter layer, but over many samples and with a compact filter, as
in Danelljan et al., ATOM (CVPR 2019), where conjugate gradient was shown to be the right solver:
warm-started, a few iterations a refit suffice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor
from torch.nn import functional as F


@dataclass(frozen=True)
class RidgeConfig:
    """How a filter is learned.

    Attributes:
        kernel: Filter side in cells, odd.
        regularisation: lambda, per sample weight of 1 in total.
        memory: Samples kept.
        learning_rate: Weight of a new sample against the tracked ones before it.
        first_share: Least share of the total weight that the first frame's samples keep.
        first_iterations: Conjugate-gradient iterations on the first frame.
        iterations: The same for a refit.
    """

    kernel: int = 7
    regularisation: float = 0.1
    memory: int = 30
    learning_rate: float = 0.02
    first_share: float = 0.25
    first_iterations: int = 40
    iterations: int = 5


class RidgeFilter:
    """The filter of one level, with its memory."""

    def __init__(self, config: RidgeConfig) -> None:
        self.config = config

    def init(self, features: Tensor, labels: Tensor) -> None:
        """Learn from the first frame.

        Args:
            features: (n, C, H, W) standardised features of the first frame and its augmented
                copies, n at most the memory.
            labels: (n, H, W) wanted responses.
        """
        n, channels, height, width = features.shape
        k, room = self.config.kernel, self.config.memory
        self._shape = (height, width)
        self._count, self._first = n, n
        self._samples = features.new_zeros(
            channels, room, height * width
        )  # (C, M, L): one matrix product over all
        self._samples[:, :n] = features.flatten(2).transpose(0, 1)
        self._labels = features.new_zeros(room, height * width)
        self._labels[:n] = labels.flatten(1)
        self._weights = features.new_zeros(room)
        self._weights[:n] = 1.0 / n
        self._filter = features.new_zeros(channels, k * k)
        self._solve(self.config.first_iterations)

    def respond(self, features: Tensor) -> Tensor:
        """(B, C, H, W) features to (B, H, W) responses."""
        weight = self._filter.view(1, -1, self.config.kernel, self.config.kernel)
        return F.conv2d(features, weight, padding=self.config.kernel // 2)[:, 0]

    def remember(self, features: Tensor, label: Tensor, rate: float | None = None) -> None:
        """Add a sample (C, H, W) with its label (H, W), replacing the least important one."""
        rate = self.config.learning_rate if rate is None else rate
        slot = self._free_slot()
        self._samples[:, slot] = features.flatten(1)
        self._labels[slot] = label.flatten()
        self._weights[slot] = 0.0
        self._weights *= 1.0 - rate
        self._weights[slot] = rate
        self._keep_first_share()

    def refit(self, iterations: int | None = None) -> None:
        """Solve again over the memory as it is now, starting from the present filter."""
        self._solve(self.config.iterations if iterations is None else iterations)

    @property
    def energy(self) -> Tensor:
        """(C, k, k) absolute filter weights."""
        return self._filter.abs().view(-1, self.config.kernel, self.config.kernel)

    def state(self) -> dict[str, Any]:
        """A copy of everything learned."""
        kept = {
            name: getattr(self, f"_{name}").clone() for name in ("samples", "labels", "weights", "filter")
        }
        return {**kept, "shape": self._shape, "count": self._count, "first": self._first}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave."""
        for name in ("samples", "labels", "weights", "filter"):
            setattr(self, f"_{name}", state[name].clone())
        self._shape, self._count, self._first = state["shape"], state["count"], state["first"]

    def _free_slot(self) -> int:
        if self._count < self.config.memory:
            self._count += 1
            return self._count - 1
        return self._first + int(self._weights[self._first :].argmin())

    def _keep_first_share(self) -> None:
        total, first = self._weights.sum(), self._weights[: self._first].sum()
        if first < self.config.first_share * total:
            rest = self._weights[self._first :]
            self._weights[: self._first] *= self.config.first_share / first
            rest *= (1 - self.config.first_share) / rest.sum()

    def _correlate(self, weights: Tensor) -> Tensor:
        """X * w for the whole memory: (C, k*k) -> (n, L)."""
        k, n = self.config.kernel, self._count
        samples = self._samples[:, :n].flatten(1)  # (C, n*L)
        shifted = (weights.flip(1).T @ samples).view(k * k, n, -1).transpose(0, 1)  # (n, k*k, L)
        # Correlation gathers from neighbours; scattering with the flipped kernel is the same sum.
        return F.fold(shifted, self._shape, k, padding=k // 2).flatten(1)

    def _adjoint(self, residual: Tensor) -> Tensor:
        """X^T r, the transpose of `_correlate`: (n, L) -> (C, k*k)."""
        k, n = self.config.kernel, self._count
        windows = F.unfold(residual.view(n, 1, *self._shape), k, padding=k // 2)  # (n, k*k, L)
        return (self._samples[:, :n].flatten(1) @ windows.transpose(0, 1).flatten(1).T).flip(1)

    def _normal(self, weights: Tensor) -> Tensor:
        """(X^T A X + lambda) w."""
        response = self._correlate(weights) * self._weights[: self._count, None]
        return self._adjoint(response) + self.config.regularisation * weights

    def _solve(self, iterations: int) -> None:
        """Conjugate gradient (Hestenes & Stiefel 1952) on the normal equations, from the present filter."""
        n = self._count
        target = self._adjoint(self._labels[:n] * self._weights[:n, None])
        solution = self._filter
        residual = target - self._normal(solution)
        direction, energy = residual, (residual * residual).sum()
        for _ in range(iterations):
            image = self._normal(direction)
            step = energy / (direction * image).sum().clamp_min(1e-12)
            solution = solution + step * direction
            residual = residual - step * image
            previous, energy = energy, (residual * residual).sum()
            direction = residual + (energy / previous.clamp_min(1e-12)) * direction
        self._filter = solution
