"""The whole way from a .mat file to similarity maps against the plain-numpy network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.tracker.network.numpy_mlssnet import (
    Array,
    Parameters,
    compare,
    features,
    gaussian,
    hann,
    random_crop,
    random_parameters,
    save_struct,
)
from tracker.network.checkpoints import load_mlssnet
from tracker.network.similarity import import_weights, similarity_maps, write_similarity

TOLERANCE = 1e-4
NAMES = {"semantic", "structural", "fused", "channel_attention", "spatial_attention"}
Pair = tuple[Array, Array]


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return random_parameters()


@pytest.fixture(scope="module")
def crops() -> dict[str, NDArray[np.uint8]]:
    gray, moved = random_crop(1), random_crop(2, centre=(143.0, 107.0))
    coloured = np.stack([gray, random_crop(3), random_crop(4)], axis=2)
    return {"template": gray, "search": moved, "coloured": coloured}


@pytest.fixture(scope="module")
def pairs(parameters: Parameters, crops: dict[str, NDArray[np.uint8]]) -> dict[str, Pair]:
    return {name: features(parameters, crop) for name, crop in crops.items()}


def assert_same(found: dict[str, Any], expected: dict[str, Array]) -> None:
    assert set(found) == NAMES
    for name, array in expected.items():
        assert found[name].dtype == np.float32
        assert found[name].shape == array.shape
        np.testing.assert_allclose(found[name], array, rtol=0, atol=TOLERANCE, err_msg=name)


def test_that_the_commands_give_what_numpy_computes(
    tmp_path: Path,
    weights_file: Path,
    parameters: Parameters,
    crops: dict[str, NDArray[np.uint8]],
    pairs: dict[str, Pair],
) -> None:
    for name, crop in crops.items():
        np.save(tmp_path / f"{name}.npy", crop)
    output = tmp_path / "maps.out"

    write_similarity(weights_file, tmp_path / "template.npy", tmp_path / "search.npy", output)

    with np.load(output) as found:
        assert_same(dict(found), compare(parameters, pairs["template"], pairs["search"]))


def test_that_the_random_network_is_no_easy_case(
    parameters: Parameters, crops: dict[str, NDArray[np.uint8]], pairs: dict[str, Pair]
) -> None:
    expected = compare(parameters, pairs["template"], pairs["search"])

    # The target moved by (16, -20) px, 4 and -5 cells, and stands out by far more than the tolerance.
    assert divmod(int(expected["fused"].argmax()), 33) == (20, 11)
    for name in ("semantic", "structural"):
        assert np.ptp(expected[name]) > 0.3
    for name in ("channel_attention", "spatial_attention"):
        assert 0.005 < expected[name].min() < 0.2
        assert 0.8 < expected[name].max() < 0.999


def test_that_float32_stays_within_the_tolerance(
    weights_file: Path,
    parameters: Parameters,
    crops: dict[str, NDArray[np.uint8]],
    pairs: dict[str, Pair],
) -> None:
    found = similarity_maps(load_mlssnet(weights_file), crops["template"], crops["search"])

    assert_same(found, compare(parameters, pairs["template"], pairs["search"]))


def test_that_different_channels_go_through_the_three_channel_weights(
    weights_file: Path,
    parameters: Parameters,
    crops: dict[str, NDArray[np.uint8]],
    pairs: dict[str, Pair],
) -> None:
    found = similarity_maps(load_mlssnet(weights_file), crops["coloured"], crops["search"])

    expected = compare(parameters, pairs["coloured"], pairs["search"])
    assert_same(found, expected)
    gray = compare(parameters, pairs["template"], pairs["search"])
    assert np.abs(expected["fused"] - gray["fused"]).max() > 0.01


def test_that_constants_and_gains_of_the_file_are_used(
    tmp_path: Path,
    parameters: Parameters,
    crops: dict[str, NDArray[np.uint8]],
    pairs: dict[str, Pair],
) -> None:
    own = parameters | {
        "join_window": np.sqrt(hann(49)),
        "join_window3": hann(53) ** 2,
        "join_cf_target": np.roll(gaussian(49, 3.0), (1, 2), axis=(0, 1)),
        "join_cf_target3": gaussian(53, 1.5),
        "fin_adjustf": np.array([200.0]),
        "fin_adjust3f": np.array([-150.0]),
    }
    weights = tmp_path / "own.safetensors"

    notes = import_weights(save_struct(tmp_path / "own.mat", own), weights)
    found = similarity_maps(load_mlssnet(weights), crops["template"], crops["search"])

    assert notes == ()
    expected = compare(own, pairs["template"], pairs["search"])
    assert np.abs(expected["semantic"]).max() > 50  # values around 100: float32 has 1e-4 of them in relation
    for name, array in expected.items():
        scale = max(1.0, float(np.abs(array).max()))
        np.testing.assert_allclose(found[name] / scale, array / scale, rtol=0, atol=TOLERANCE, err_msg=name)


def test_that_more_channels_between_the_transposed_convolutions_are_taken_from_the_file(
    tmp_path: Path,
    parameters: Parameters,
    crops: dict[str, NDArray[np.uint8]],
    pairs: dict[str, Pair],
) -> None:
    rng = np.random.default_rng(5)
    own = parameters | {
        "join_deconv3_f": 0.05 * np.abs(rng.standard_normal((5, 5, 3, 1))),
        "join_deconv3_b": 0.1 * rng.standard_normal(3),
        "join_b_deconv3_f": 0.1 * rng.standard_normal((7, 7, 1, 3)),
    }
    weights = tmp_path / "wide.safetensors"

    import_weights(save_struct(tmp_path / "wide.mat", own), weights)
    network = load_mlssnet(weights)

    assert network.config.deconv_channels == 3
    with torch.inference_mode():
        reduced = torch.from_numpy(pairs["template"][0].transpose(2, 0, 1)).float()[None]
        found = network.structural.attention(reduced)[0].numpy()
    expected = compare(own, pairs["template"], pairs["search"])["spatial_attention"]
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE)
