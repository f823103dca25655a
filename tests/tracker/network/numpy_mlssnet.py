"""MLSSNet in plain numpy and float64, from the published formulas alone: what the network is held to.

Arrays are as in MATLAB: features H x W x C, filters H x W x Cin x Cout (transposed: H x W x Cout x Cin).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import scipy.io  # type: ignore[import-untyped]  # scipy brings no types
from numpy.typing import NDArray

Array = NDArray[np.float64]
Parameters = dict[str, Array]

# name: (shape, scale of the random values); the scales keep activations around 1 to 100.
FILTERS = {
    "br_conv1": ((11, 11, 3, 96), 0.02),
    "br_conv2": ((5, 5, 48, 256), 0.04),
    "br_conv3": ((3, 3, 256, 384), 0.1),
    "br_conv4": ((3, 3, 192, 384), 0.025),
    "br_conv5": ((3, 3, 192, 64), 0.2),
}
NORMS = {"br_bn1": (96, 60.0), "br_bn2": (256, 1.0), "br_bn3": (384, 3.0), "br_bn4": (384, 1.0)}
JOIN: dict[str, tuple[tuple[int, ...], float]] = {
    "join_br_conv3f_dimred": ((1, 1, 384, 64), 0.05),
    "join_br_conv3b_dimred": ((64,), 0.1),
    "join_br1_conv51_f": ((1, 1, 64, 16), 0.05),
    "join_br1_conv51_b": ((16,), 0.1),
    "join_br1_conv52_f": ((1, 1, 16, 64), 0.2),
    "join_br1_conv52_b": ((64,), 0.2),
    "join_br1_conv11_f": ((7, 7, 64, 16), 0.01),
    "join_br1_conv11_b": ((16,), 0.1),
    "join_br1_conv12_f": ((5, 5, 16, 1), 0.03),
    "join_br1_conv12_b": ((1,), 0.1),
    "join_deconv3_f": ((5, 5, 1, 1), 0.1),
    "join_deconv3_b": ((1,), 0.1),
    "join_b_deconv3_f": ((7, 7, 1, 1), 0.1),
    "join_b_deconv3_b": ((1,), 0.1),
}
ADJUST = {"fin_adjustf": 1.7, "fin_adjustb": -0.3, "fin_adjust3f": 0.9, "fin_adjust3b": 0.4}


def random_parameters(seed: int = 7) -> Parameters:
    """Every array of the network without the four constants, float32 values, vectors N."""
    rng = np.random.default_rng(seed)
    arrays: dict[str, NDArray[Any]] = {}
    for name, (size, scale) in FILTERS.items():
        arrays[f"{name}f"] = scale * rng.standard_normal(size)
        arrays[f"{name}b"] = scale * rng.standard_normal(size[-1])
    for name, (channels, scale) in NORMS.items():
        arrays[f"{name}m"] = rng.uniform(0.5, 1.5, channels)
        arrays[f"{name}b"] = rng.normal(0, 0.3, channels)
        moments = (rng.normal(0, 0.3 * scale, channels), scale * rng.uniform(0.5, 2, channels))
        arrays[f"{name}x"] = np.stack(moments, axis=1)
    for name, (shape, scale) in JOIN.items():
        arrays[name] = scale * rng.standard_normal(shape)
    # A positive lean keeps the single-channel ReLUs of the spatial attention open.
    for name in ("join_br1_conv12_f", "join_br1_conv12_b", "join_deconv3_f", "join_deconv3_b"):
        arrays[name] = np.abs(arrays[name])
    for name, value in ADJUST.items():
        arrays[name] = np.array([value])
    return {name: array.astype(np.float32).astype(np.float64) for name, array in arrays.items()}


def random_crop(seed: int, centre: tuple[float, float] = (127.0, 127.0)) -> NDArray[np.uint8]:
    """(255, 255) thermal-like crop: a warm blob at (row, column) over a smooth, noisy background."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:255, :255]
    scene = 90 + 25 * np.sin(rows / 23) * np.cos(columns / 31) + rng.normal(0, 6, (255, 255))
    scene += 110 * np.exp(-((rows - centre[0]) ** 2 / 800 + (columns - centre[1]) ** 2 / 300))
    return np.asarray(np.clip(scene, 0, 255), np.uint8)


def save_struct(path: Path, parameters: dict[str, NDArray[Any]], dtype: Any = np.float32) -> Path:
    """Write a .mat as a saved DagNN: net.params(i).name and .value, trailing ones dropped."""
    params = np.zeros((1, len(parameters)), dtype=[("name", object), ("value", object)])
    for record, (name, array) in zip(params[0], parameters.items(), strict=True):
        record["name"] = name
        record["value"] = as_matlab_stores(array).astype(dtype)
    scipy.io.savemat(path, {"net": {"params": params, "meta": "x"}}, do_compression=False)
    return path


def as_matlab_stores(array: NDArray[Any]) -> NDArray[Any]:
    """Without trailing dimensions of 1, but with two dimensions at least; N numbers as N x 1."""
    shape = list(array.shape)
    while len(shape) > 2 and shape[-1] == 1:
        shape.pop()
    return array.reshape(shape if len(shape) > 1 else (*shape, 1))


def conv(x: Array, f: Array, b: Array, stride: int = 1, groups: int = 1) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, f.shape[:2], axis=(0, 1))[::stride, ::stride]
    inputs, outputs = f.shape[2], f.shape[3] // groups
    parts = []
    for g in range(groups):
        seen = windows[:, :, g * inputs : (g + 1) * inputs]  # rows x columns x Cin x H x W
        filters = f[..., g * outputs : (g + 1) * outputs]
        parts.append(np.tensordot(seen, filters, axes=((2, 3, 4), (2, 0, 1))))
    return np.asarray(np.concatenate(parts, axis=2) + b)


def conv_transposed(x: Array, f: Array, b: Array, up: int = 1) -> Array:
    y = np.zeros((up * (x.shape[0] - 1) + f.shape[0], up * (x.shape[1] - 1) + f.shape[1], f.shape[2])) + b
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[up * i : up * i + f.shape[0], up * j : up * j + f.shape[1]] += f @ x[i, j]
    return y


def max_pool(x: Array, stride: int) -> Array:
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(0, 1))[::stride, ::stride]
    return np.asarray(windows.max((-2, -1)))


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def backbone(p: Parameters, crop: NDArray[Any]) -> tuple[Array, Array]:
    """A crop of 0..255 -> (raw conv3 53x53x384, raw conv5 49x49x64)."""

    def bn_relu(x: Array, n: int) -> Array:
        mean, std = p[f"br_bn{n}x"].T
        return relu(p[f"br_bn{n}m"] * (x - mean) / std + p[f"br_bn{n}b"])

    image = np.asarray(crop, np.float64)
    x = image if image.ndim == 3 else np.repeat(image[..., None], 3, axis=2)
    x = bn_relu(conv(x, p["br_conv1f"], p["br_conv1b"], stride=2), 1)
    x = max_pool(x, 2)
    x = bn_relu(conv(x, p["br_conv2f"], p["br_conv2b"], groups=2), 2)
    x = max_pool(x, 1)
    conv3 = conv(x, p["br_conv3f"], p["br_conv3b"])
    x = bn_relu(conv(bn_relu(conv3, 3), p["br_conv4f"], p["br_conv4b"], groups=2), 4)
    return conv3, conv(x, p["br_conv5f"], p["br_conv5b"], groups=2)


def channel_attention(p: Parameters, conv5: Array) -> Array:
    def excite(pooled: Array) -> Array:
        hidden = relu(pooled @ p["join_br1_conv51_f"][0, 0] + p["join_br1_conv51_b"])
        return np.asarray(hidden @ p["join_br1_conv52_f"][0, 0] + p["join_br1_conv52_b"])

    return sigmoid(excite(conv5.mean((0, 1))) + excite(conv5.max((0, 1))))


def spatial_attention(p: Parameters, reduced: Array) -> Array:
    x = relu(conv(reduced, p["join_br1_conv11_f"], p["join_br1_conv11_b"], stride=2))
    x = relu(conv(x, p["join_br1_conv12_f"], p["join_br1_conv12_b"]))
    x = relu(conv_transposed(x, p["join_deconv3_f"], p["join_deconv3_b"]))
    return sigmoid(conv_transposed(x, p["join_b_deconv3_f"], p["join_b_deconv3_b"], up=2))[..., 0]


def hann(n: int) -> Array:
    line = 0.5 * (1 - np.cos(2 * np.pi * np.arange(n) / (n - 1)))
    return np.asarray(np.outer(line, line))


def gaussian(n: int, sigma: float = 2.0) -> Array:
    i, j = np.mgrid[:n, :n]
    i, j = np.where(i > n // 2, i - n, i), np.where(j > n // 2, j - n, j)
    return np.asarray(np.exp(-(i**2 + j**2) / (2 * sigma**2)))


def correlation_filter(x: Array, y: Array, regularisation: float = 10.0) -> Array:
    n = x.shape[0] * x.shape[1]
    spectrum = np.fft.fft2(x, axes=(0, 1))
    k_f = (np.conj(spectrum) * spectrum).sum(2) / n + regularisation
    a_f = np.fft.fft2(y) / n / k_f
    return np.asarray(np.fft.ifft2(np.conj(a_f)[..., None] * spectrum, axes=(0, 1)).real)


def features(p: Parameters, crop: NDArray[Any]) -> tuple[Array, Array]:
    """A crop -> (reduced conv3 53x53x64, conv5 49x49x64)."""
    conv3, conv5 = backbone(p, crop)
    return conv(conv3, p["join_br_conv3f_dimred"], p["join_br_conv3b_dimred"]), conv5


def compare(p: Parameters, template: tuple[Array, Array], search: tuple[Array, Array]) -> dict[str, Array]:
    """The five outputs from both crops' features; constants that `p` lacks are the published ones."""
    (reduced, conv5), (search3, search5) = template, search
    channel, spatial = channel_attention(p, conv5), spatial_attention(p, reduced)

    window, window3 = p.get("join_window", hann(49)), p.get("join_window3", hann(53))
    target, target3 = p.get("join_cf_target", gaussian(49)), p.get("join_cf_target3", gaussian(53))
    semantic_filter = correlation_filter(conv5 * channel * window[..., None], target)
    structural_filter = correlation_filter(reduced * (spatial * window3)[..., None], target3)

    def response(weights: Array, features: Array) -> Array:
        return conv(features, weights[16:-16, 16:-16, :, None], np.zeros(1))[..., 0]

    semantic = p["fin_adjustf"] * response(semantic_filter, search5) + p["fin_adjustb"]
    structural = p["fin_adjust3f"] * response(structural_filter, search3) + p["fin_adjust3b"]
    return {
        "semantic": semantic,
        "structural": structural,
        "fused": semantic + structural,
        "channel_attention": channel,
        "spatial_attention": spatial,
    }
