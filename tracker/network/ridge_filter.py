"""A correlation filter learned online: ridge regression, solved by conjugate gradient.

It finds w = g v minimising  sum_i a_i ||X_i * w - y_i||^2 + lambda ||v||^2  over the sample features X_i (C, H,
W), their labels y_i (H, W) and weights a_i, where * is cross-correlation with zero padding, w is (C, k, k), and g
are gains of that shape: an attention says in advance which channels and places may count. Same problem as MLSSNet's
correlation-filter layer, but over many samples and with a compact filter, as in Danelljan et al., ATOM (CVPR 2019),
where conjugate gradient was shown to be the right solver: warm-started, a few iterations a refit suffice. All of it
is differentiable, so that attentions can be trained through the solution.
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


@dataclass(frozen=True)
class RidgeProblem:
    """One filter to be found for each of B targets.

    Attributes:
        samples: (B, C, N, L) features of N samples with L = H * W cells each.
        labels: (B, N, L) wanted responses.
        weights: (B, N) of the samples.
        gains: (B, C, k * k) or broadcastable to it; g in this module's text.
        shape: (H, W).
        kernel: k.
        regularisation: lambda.
    """

    samples: Tensor
    labels: Tensor
    weights: Tensor
    gains: Tensor
    shape: tuple[int, int]
    kernel: int
    regularisation: float

    def correlate(self, filters: Tensor) -> Tensor:
        """X * w: (B, C, k * k) -> (B, N, L)."""
        batch, channels, count, cells = self.samples.shape
        k = self.kernel
        flat = self.samples.reshape(batch, channels, count * cells)
        shifted = (filters.flip(2).transpose(1, 2) @ flat).view(batch, k * k, count, cells)
        # Correlation gathers from neighbours; scattering with the flipped kernel is the same sum.
        folded = F.fold(
            shifted.transpose(1, 2).reshape(batch * count, k * k, cells), self.shape, k, padding=k // 2
        )
        return folded.view(batch, count, cells)

    def adjoint(self, residual: Tensor) -> Tensor:
        """X^T r, the transpose of `correlate`: (B, N, L) -> (B, C, k * k)."""
        batch, channels, count, cells = self.samples.shape
        k = self.kernel
        unfolded = F.unfold(residual.reshape(batch * count, 1, *self.shape), k, padding=k // 2)
        windows = (
            unfolded.view(batch, count, k * k, cells).transpose(1, 2).reshape(batch, k * k, count * cells)
        )
        flat = self.samples.reshape(batch, channels, count * cells)
        return (flat @ windows.transpose(1, 2)).flip(2)

    def normal(self, free: Tensor) -> Tensor:
        """(g X^T A X g + lambda) v."""
        response = self.correlate(self.gains * free) * self.weights[..., None]
        return self.gains * self.adjoint(response) + self.regularisation * free

    def solve(self, start: Tensor, iterations: int) -> Tensor:
        """Conjugate gradient (Hestenes & Stiefel 1952) on the normal equations: v from v, both (B, C, k * k)."""
        target = self.gains * self.adjoint(self.labels * self.weights[..., None])
        solution, residual = start, target - self.normal(start)
        direction, energy = residual, _energy(residual)
        for _ in range(iterations):
            image = self.normal(direction)
            step = energy / (direction * image).sum((1, 2), keepdim=True).clamp_min(1e-12)
            solution = solution + step * direction
            residual = residual - step * image
            previous, energy = energy, _energy(residual)
            direction = residual + (energy / previous.clamp_min(1e-12)) * direction
        return solution


def _energy(values: Tensor) -> Tensor:
    return (values * values).sum((1, 2), keepdim=True)


def respond(features: Tensor, filters: Tensor, kernel: int) -> Tensor:
    """Responses (B, H, W) of filters (B, C, k * k) on (B, C, H, W) features, one each; differentiable."""
    problem = RidgeProblem(
        features.flatten(2)[:, :, None],
        features.new_zeros(0),
        features.new_zeros(0),
        features.new_zeros(0),
        (features.shape[2], features.shape[3]),
        kernel,
        0.0,
    )
    return problem.correlate(filters)[:, 0].view(features.shape[0], *problem.shape)


KEPT = ("samples", "labels", "weights", "gains", "free")


class RidgeFilter:
    """The filter of one level, with its memory."""

    def __init__(self, config: RidgeConfig) -> None:
        self.config = config

    def init(self, features: Tensor, labels: Tensor, gains: Tensor | None = None) -> None:
        """Learn from the first frame.

        Args:
            features: (n, C, H, W) standardised features of the first frame and its augmented
                copies, n at most the memory.
            labels: (n, H, W) wanted responses.
            gains: (C, k * k), or None for 1 everywhere.
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
        self._gains = features.new_ones(channels, k * k) if gains is None else gains
        self._free = features.new_zeros(channels, k * k)
        self._solve(self.config.first_iterations)

    def respond(self, features: Tensor) -> Tensor:
        """(B, C, H, W) features to (B, H, W) responses."""
        weight = self._filter().view(1, -1, self.config.kernel, self.config.kernel)
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
        return self._filter().abs().view(-1, self.config.kernel, self.config.kernel)

    def state(self) -> dict[str, Any]:
        """A copy of everything learned."""
        kept = {name: getattr(self, f"_{name}").clone() for name in KEPT}
        return {**kept, "shape": self._shape, "count": self._count, "first": self._first}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave."""
        for name in KEPT:
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

    def _filter(self) -> Tensor:
        return self._gains * self._free

    def _solve(self, iterations: int) -> None:
        n = self._count
        problem = RidgeProblem(
            self._samples[None, :, :n],
            self._labels[None, :n],
            self._weights[None, :n],
            self._gains[None],
            self._shape,
            self.config.kernel,
            self.config.regularisation,
        )
        self._free = problem.solve(self._free[None], iterations)[0]
