"""The correlation-filter layer of both similarity levels, and the cross-correlation with a search feature.

Source: Valmadre et al., End-to-end representation learning for correlation filter based tracking (CFNet),
CVPR 2017, in the form that MLSSNet uses.
"""

from __future__ import annotations

from typing import TypeAlias

import torch
from torch import Tensor, nn

Offset: TypeAlias = tuple[float, float]
CENTRED: Offset = (0.0, 0.0)


def hann_window(size: int) -> Tensor:
    """(size, size) cosine window: outer product of two symmetric Hann windows whose ends are zero.

    This is `hann(n) * hann(n)'` in MATLAB's sense, which CFNet's release multiplies templates with.
    """
    line = torch.hann_window(size, periodic=False, dtype=torch.float64)
    return torch.outer(line, line).float()


def gaussian_target(size: int, sigma: float) -> Tensor:
    """(size, size) Gaussian with its peak, 1, at index (0, 0), and wrap-around.

    Args:
        size: Side, in cells.
        sigma: Standard deviation, in cells.
    """
    index = torch.arange(size, dtype=torch.float64)
    distance = torch.minimum(index, size - index)
    line = torch.exp(-(distance**2) / (2 * sigma**2))
    return torch.outer(line, line).float()


def moved(target: Tensor, offset: Offset) -> Tensor:
    """A wanted response (H, W) moved to the right and down by parts of cells, around the edges, without any blur."""
    height, width = target.shape
    down = torch.fft.fftfreq(height, device=target.device)[:, None] * offset[1]
    right = torch.fft.rfftfreq(width, device=target.device) * offset[0]
    turn = torch.polar(torch.ones_like(down + right), -2 * torch.pi * (down + right))
    result: Tensor = torch.fft.irfft2(torch.fft.rfft2(target) * turn, s=(height, width))
    return result


def solve_filter(features: Tensor, target: Tensor, regularisation: float) -> Tensor:
    """The filter whose circular correlation with the features is nearest to the target.

    With capitals for 2-D Fourier transforms and n = H * W:
    k_f = (1/n) sum_c conj(X_c) X_c + lambda;  a_f = (1/n) Y / k_f;  w_c = real(ifft2(conj(a_f) X_c)).
    Features and target are real, so that half of each spectrum says everything.

    Args:
        features: (B, C, H, W) windowed features; half-precision ones are raised to float32.
        target: (H, W) wanted response.
        regularisation: Lambda.

    Returns:
        (B, C, H, W) filters, in float32 or the features' own dtype where that is wider. Differentiable.
    """
    features = features.to(torch.promote_types(features.dtype, torch.float32))
    height, width = features.shape[-2:]
    cells = height * width
    spectrum = torch.fft.rfft2(features)  # (B, C, H, W // 2 + 1)
    wanted = torch.fft.rfft2(target.to(features.dtype))  # (H, W // 2 + 1)
    power = spectrum.real**2 + spectrum.imag**2
    kernel = power.sum(dim=1, keepdim=True) / cells + regularisation  # (B, 1, H, W // 2 + 1)
    dual = wanted / (cells * kernel)
    filters: Tensor = torch.fft.irfft2(dual.conj() * spectrum, s=(height, width))
    return filters


def cross_correlate(templates: Tensor, search: Tensor) -> Tensor:
    """Slide templates over search features, without padding and without flipping.

    Args:
        templates: (1, C, h, w), one template for every search feature; or (B, C, h, w), one for each.
        search: (B, C, H, W).

    Returns:
        (B, H - h + 1, W - w + 1) sums over the channels, in float32 or wider.
    """
    height, width = templates.shape[-2:]
    if templates.shape[0] not in (1, search.shape[0]) or templates.shape[1] != search.shape[1]:
        message = f"templates {tuple(templates.shape)} do not fit search features {tuple(search.shape)}"
        raise ValueError(message)
    search = search.to(templates.dtype)
    # A circular correlation, in Fourier space a product, is the plain one wherever the template does not wrap around:
    # from 5 (few crops) to 20 times (training) as fast as a convolution with a single output channel.
    size = [fast_size(side) for side in (search.shape[-2], search.shape[-1])]
    spectrum = torch.fft.rfft2(search, s=size) * torch.fft.rfft2(templates, s=size).conj()
    found: Tensor = torch.fft.irfft2(spectrum.sum(1), s=size)
    return found[:, : search.shape[-2] - height + 1, : search.shape[-1] - width + 1]


def fast_size(side: int) -> int:
    """The next length whose Fourier transform is fast: one of factors 2, 3, 5 and 7."""
    while True:
        rest = side
        for factor in (2, 3, 5, 7):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return side
        side += 1


class CorrelationFilter(nn.Module):
    """Template feature -> cropped correlation filter: cosine window, solve, crop.

    The window and the target are buffers, since the authors' files bring their own.
    """

    window: Tensor
    target: Tensor

    def __init__(self, size: int, *, regularisation: float, target_sigma: float, crop: int) -> None:
        """Make the layer for (size, size) features; see `MLSSNetConfig` for the other numbers."""
        super().__init__()
        self.regularisation = regularisation
        self.crop = crop
        self.register_buffer("window", hann_window(size))
        self.register_buffer("target", gaussian_target(size, target_sigma))

    def forward(self, features: Tensor, offset: Offset = CENTRED) -> Tensor:
        """(B, C, size, size) attended features -> (B, C, size - 2 crop, size - 2 crop) filters.

        Args:
            features: See above.
            offset: Cells, to the right and down, from the features' middle to the target's.
        """
        target = self.target if offset == CENTRED else moved(self.target, offset)
        filters = solve_filter(features * self.window, target, self.regularisation)
        inner = slice(self.crop, -self.crop)
        return filters[..., inner, inner]
