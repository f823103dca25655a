from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from tracker.errors import ThermarkError, WeightsError
from tracker.network.checkpoints import (
    ARCHITECTURES,
    DEFAULT,
    MLSSNET,
    load_checkpoint,
    load_mlssnet,
    replacing,
    save_checkpoint,
)

TENSORS = {"layer.weight": torch.arange(6.0).reshape(2, 3).T, "layer.scale": torch.tensor(2.0)}


def save(path: Path, **metadata: str) -> Path:
    """Write a file with metadata of one's own."""
    known = {"format": "thermark-weights", "version": "1", "architecture": "mlssnet", "config": "{}"}
    save_file({"a": torch.zeros(1)}, path, known | metadata)
    return path


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_that_a_checkpoint_is_read_as_it_was_written(tmp_path: Path, architecture: str) -> None:
    path = tmp_path / "weights.safetensors"
    config: dict[str, Any] = {"channels": 3, "name": "x"}

    save_checkpoint(path, architecture, config, TENSORS, {"Trained on": "nothing"})
    found = load_checkpoint(path)

    assert (found.architecture, found.config, found.card) == (architecture, config, {"Trained on": "nothing"})
    assert found.tensors.keys() == TENSORS.keys()
    assert all(torch.equal(found.tensors[name], TENSORS[name]) for name in TENSORS)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_that_the_digest_names_what_the_network_computes(tmp_path: Path) -> None:
    def digest(config: dict[str, Any], tensors: dict[str, Tensor], card: dict[str, str]) -> str:
        save_checkpoint(tmp_path / "w", DEFAULT, config, tensors, card)
        return load_checkpoint(tmp_path / "w").digest

    one = digest({"a": 1, "b": 2}, TENSORS, {})

    assert one == digest({"b": 2, "a": 1}, dict(reversed(TENSORS.items())), {"Title": "another card"})
    assert one != digest({"a": 1, "b": 3}, TENSORS, {})
    assert one != digest({"a": 1, "b": 2}, TENSORS | {"layer.scale": torch.tensor(2.5)}, {})
    assert len(one) == 12


def test_that_an_architecture_that_nobody_knows_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="resnet"):
        save_checkpoint(tmp_path / "w", "resnet", {}, TENSORS, {})


@pytest.mark.parametrize("is_zip", [True, False])
def test_that_a_pickle_is_refused_without_being_loaded(tmp_path: Path, is_zip: bool) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"weight": torch.ones(2)}, path, _use_new_zipfile_serialization=is_zip)

    with pytest.raises(WeightsError, match="pickles can run any code and are never loaded"):
        load_checkpoint(path)


def test_that_a_mat_file_is_to_be_imported_first(mat_file: Path) -> None:
    with pytest.raises(WeightsError, match="thermark import-weights"):
        load_checkpoint(mat_file)


@pytest.mark.parametrize("content", [b"", b"nonsense " * 40])
def test_that_a_file_of_another_kind_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)

    with pytest.raises(WeightsError, match=r"weights\.safetensors: this is no safetensors file"):
        load_checkpoint(path)


def test_that_a_truncated_file_is_named_as_such(tmp_path: Path, weights_file: Path) -> None:
    path = tmp_path / "weights.safetensors"
    path.write_bytes(weights_file.read_bytes()[:-100])

    with pytest.raises(WeightsError, match="damaged"):
        load_checkpoint(path)


def test_that_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.safetensors", tmp_path):
        with pytest.raises(WeightsError, match="cannot be read"):
            load_checkpoint(path)


def test_that_safetensors_of_other_programs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    save_file({"a": torch.zeros(1)}, path)

    with pytest.raises(WeightsError, match="no Thermark metadata"):
        load_checkpoint(path)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"version": "2"}, "Update Thermark"),
        ({"architecture": "resnet"}, "unknown network \\('resnet'"),
        ({"config": "[1, 2]"}, "config is damaged"),
        ({"config": "{"}, "config is damaged"),
        ({"card": "3"}, "card is damaged"),
    ],
)
def test_that_metadata_that_cannot_be_used_is_explained(
    tmp_path: Path, metadata: dict[str, str], message: str
) -> None:
    with pytest.raises(WeightsError, match=message):
        load_checkpoint(save(tmp_path / "w", **metadata))


def test_that_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "w", architecture=DEFAULT)

    with pytest.raises(WeightsError, match=r"another network \(expected mlssnet, found default\)"):
        load_mlssnet(path)


def test_that_tensors_that_do_not_fit_are_all_named(tmp_path: Path, weights_file: Path) -> None:
    checkpoint = load_checkpoint(weights_file)
    tensors = dict(checkpoint.tensors)
    del tensors["backbone.conv2.bias"]
    tensors["backbone.conv6.bias"] = torch.zeros(3)
    tensors["backbone.conv5.weight"] = torch.zeros(64, 384, 3, 3)
    path = tmp_path / "w"
    save_checkpoint(path, MLSSNET, checkpoint.config, tensors, {})

    with pytest.raises(WeightsError) as caught:
        load_mlssnet(path)

    assert "backbone.conv2.bias (256,) is missing" in caught.value.what
    assert "backbone.conv6.bias (3,) is not in this network" in caught.value.what
    assert "backbone.conv5.weight is (64, 384, 3, 3) and should be (64, 192, 3, 3)" in caught.value.what


def test_that_an_unknown_configuration_field_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="dropout"):
        load_mlssnet(save(tmp_path / "w", config=json.dumps({"dropout": 0.1})))


def test_that_a_loaded_network_is_ready_for_use(weights_file: Path) -> None:
    network = load_mlssnet(weights_file)

    assert not network.training
    assert torch.equal(network.backbone.bn4.std, load_checkpoint(weights_file).tensors["backbone.bn4.std"])


def test_that_weights_that_cannot_be_written_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ThermarkError, match="cannot be written"):
        save_checkpoint(tmp_path / "nowhere" / "w", DEFAULT, {}, TENSORS, {})


def test_that_a_write_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_half()

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
