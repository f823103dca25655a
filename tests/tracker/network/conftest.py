from __future__ import annotations

from pathlib import Path

import pytest

from tests.tracker.network.numpy_mlssnet import random_parameters, save_struct
from tracker.network.checkpoints import load_mlssnet
from tracker.network.mlssnet import MLSSNet
from tracker.network.similarity import import_weights


@pytest.fixture(scope="session")
def mat_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLSSNet with random weights, as the authors' release stores it, without the constants."""
    return save_struct(tmp_path_factory.mktemp("mlssnet") / "net.mat", random_parameters())


@pytest.fixture(scope="session")
def weights_file(mat_file: Path) -> Path:
    """The same weights, imported."""
    path = mat_file.with_name("mlssnet.safetensors")
    import_weights(mat_file, path)
    return path


@pytest.fixture
def network(weights_file: Path) -> MLSSNet:
    """A network of one's own with the same weights."""
    return load_mlssnet(weights_file)
