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
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from tracker.network.correlation_filter import fast_size


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


class Grid(NamedTuple):
    """Sizes of a correlation: maps of (height, width) cells with a (kernel, kernel) filter, `kernel` odd."""

    height: int
    width: int
    kernel: int

    @property
    def transform(self) -> tuple[int, int]:
        """Lengths of the Fourier transforms: room for a map and for what a filter reaches beyond one edge."""
        return self._length(self.height), self._length(self.width)

    def _length(self, side: int) -> int:
        return fast_size(max(side + self.kernel // 2, self.kernel))


def spectra_of(features: Tensor, grid: Grid) -> Tensor:
    """(..., N, C, H, W) features as (..., F, N, C) Fourier coefficients, one small matrix for each frequency.

    The maps are moved by half a filter first, so that filters may begin at cell 0.
    """
    reach, (rows, columns) = grid.kernel // 2, grid.transform
    padding = (reach, columns - grid.width - reach, reach, rows - grid.height - reach)
    # Beyond the far padding a filter reaches around the edge, into the near one.
    found: Tensor = torch.fft.rfft2(F.pad(features, padding)).flatten(-2).movedim(-1, -3).contiguous()
    return found


def correlate(spectra: Tensor, filters: Tensor, grid: Grid) -> Tensor:
    """X * w, zero beyond the edges: (B, F, N, C) samples with (B, C, k * k) filters -> (B, N, H, W)."""
    square = filters.view(*filters.shape[:-1], grid.kernel, grid.kernel)
    product = _rows(square, grid) @ spectra.transpose(-1, -2)  # (B, F, 1, N)
    return _maps(product, grid)[..., : grid.height, : grid.width]


def adjoint(spectra: Tensor, residual: Tensor, grid: Grid) -> Tensor:
    """X^T r, the transpose of `correlate`: (B, F, N, C) and (B, N, H, W) -> (B, C, k * k)."""
    product = _rows(residual, grid) @ spectra  # (B, F, 1, C)
    return _maps(product, grid)[..., : grid.kernel, : grid.kernel].flatten(-2)


def _rows(maps: Tensor, grid: Grid) -> Tensor:
    """(B, n, h, w) maps as (B, F, 1, n) conjugate Fourier coefficients."""
    spectrum = torch.fft.rfft2(maps, s=grid.transform).flatten(-2).transpose(-1, -2)
    # Laid out in order: torch multiplies batches of complex matrices one by one otherwise.
    rows: Tensor = spectrum.conj().resolve_conj().contiguous()[..., None, :]
    return rows


def _maps(product: Tensor, grid: Grid) -> Tensor:
    """The opposite of `_rows`, without the conjugation."""
    rows, columns = grid.transform
    spectrum = product[..., 0, :].transpose(-1, -2)
    found: Tensor = torch.fft.irfft2(
        spectrum.reshape(*spectrum.shape[:-1], rows, columns // 2 + 1), s=(rows, columns)
    )
    return found


@dataclass(frozen=True)
class RidgeProblem:
    """One filter to be found for each of B targets.

    Everything is computed in Fourier space, where the products of N samples and C channels with all k * k places of
    a filter are one small matrix product for each frequency: some six times as fast as gathering the k * k
    neighbours of every cell.

    Attributes:
        spectra: (B, F, N, C) of the samples, from `spectra_of`.
        labels: (B, N, H, W) wanted responses.
        weights: (B, N) of the samples.
        gains: (B, C, k * k) or broadcastable to it; g in this module's text.
        grid: Sizes.
        regularisation: lambda.
    """

    spectra: Tensor
    labels: Tensor
    weights: Tensor
    gains: Tensor
    grid: Grid
    regularisation: float

    @staticmethod
    def of(
        samples: Tensor, labels: Tensor, weights: Tensor, gains: Tensor, kernel: int, regularisation: float
    ) -> RidgeProblem:
        """From (B, N, C, H, W) samples and their (B, N, H, W) labels."""
        grid = Grid(samples.shape[-2], samples.shape[-1], kernel)
        return RidgeProblem(spectra_of(samples, grid), labels, weights, gains, grid, regularisation)

    def normal(self, free: Tensor) -> Tensor:
        """(g X^T A X g + lambda) v."""
        response = correlate(self.spectra, self.gains * free, self.grid) * self.weights[..., None, None]
        return self.gains * adjoint(self.spectra, response, self.grid) + self.regularisation * free

    def solve(self, start: Tensor, iterations: int) -> Tensor:
        """Conjugate gradient (Hestenes & Stiefel 1952) on the normal equations: v from v, both (B, C, k * k)."""
        target = self.gains * adjoint(self.spectra, self.labels * self.weights[..., None, None], self.grid)
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
    grid = Grid(features.shape[2], features.shape[3], kernel)
    return correlate(spectra_of(features[:, None], grid), filters, grid)[:, 0]


KEPT = ("spectra", "labels", "weights", "gains", "free")


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
        self._grid = Grid(height, width, k)
        self._count, self._first = n, n
        spectra = spectra_of(features, self._grid)
        self._spectra = spectra.new_zeros(spectra.shape[0], room, channels)
        self._spectra[:, :n] = spectra
        self._labels = features.new_zeros(room, height, width)
        self._labels[:n] = labels
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
        self._spectra[:, slot] = spectra_of(features[None], self._grid)[:, 0]
        self._labels[slot] = label
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
        return {**kept, "grid": self._grid, "count": self._count, "first": self._first}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take back what `state` gave."""
        for name in KEPT:
            setattr(self, f"_{name}", state[name].clone())
        self._grid, self._count, self._first = state["grid"], state["count"], state["first"]

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
            self._spectra[None, :, :n],
            self._labels[None, :n],
            self._weights[None, :n],
            self._gains[None],
            self._grid,
            self.config.regularisation,
        )
        self._free = problem.solve(self._free[None], iterations)[0]
