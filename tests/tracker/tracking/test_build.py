"""From the name of a model to a tracker: which one, where it runs, and what is said when there is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

import resources
from tracker.errors import DeviceError, WeightsError
from tracker.geometry import Box
from tracker.network.checkpoints import save_checkpoint
from tracker.network.config import MLSSNetConfig
from tracker.network.mlssnet import MLSSNet
from tracker.tracking.build import build_tracker, find_weights
from tracker.tracking.device import explained, resolve_device


def save_untrained(path: Path) -> None:
    torch.manual_seed(1)
    save_checkpoint(path, "mlssnet", MLSSNetConfig().to_dict(), MLSSNet().state_dict(), {})


def test_that_a_weights_file_gives_a_tracker_named_after_its_content(tmp_path: Path) -> None:
    save_untrained(tmp_path / "a.safetensors")
    built = build_tracker(str(tmp_path / "a.safetensors"), device="cpu")
    assert built.tracker.model_id.startswith("mlssnet-")
    frame = np.random.default_rng(0).integers(0, 256, (64, 80)).astype(np.uint8)
    assert built.tracker.init(frame, Box(20, 20, 16, 12)).evidence.fused.shape == (33, 33)


def test_that_a_users_own_model_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path))
    with pytest.raises(WeightsError, match="import-weights"):
        build_tracker("deer", device="cpu")
    (tmp_path / "weights").mkdir()
    save_untrained(tmp_path / "weights" / "deer.safetensors")
    assert build_tracker("deer", device="cpu").tracker.model_id.startswith("mlssnet-")


def test_that_a_users_own_file_never_takes_the_place_of_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path))
    (tmp_path / "weights").mkdir()
    save_untrained(tmp_path / "weights" / "default.safetensors")
    assert build_tracker("default", device="cpu").tracker.model_id.startswith("default-")


def test_that_weights_that_fit_no_network_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_checkpoint(path, "default", {}, {"w": torch.zeros(2)}, {})
    with pytest.raises(WeightsError, match="do not fit the network"):
        build_tracker(str(path), device="cpu")


def test_that_a_missing_gpu_falls_back_to_the_cpu_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    found = resolve_device("cuda")
    assert found.torch_device.type == "cpu"
    assert "cuda is not available" in found.note
    assert resolve_device("cpu").note == ""


def test_that_running_out_of_memory_says_what_to_do() -> None:
    with pytest.raises(DeviceError, match="choose the device cpu"), explained(resolve_device("cpu")):
        raise torch.OutOfMemoryError


def test_that_an_unknown_device_is_refused() -> None:
    with pytest.raises(DeviceError, match="tpu"):
        resolve_device("tpu")


@pytest.mark.parametrize("name", ["default", "mlssnet"])
def test_that_shipped_weights_fit_their_network_and_have_a_card(name: str, tmp_path: Path) -> None:
    path = find_weights(name)
    assert path == resources.weights(name)
    assert path.stat().st_size < 15e6
    card = path.with_suffix(".md").read_text("utf-8")
    assert all(word in card for word in ("licence", "commands", "Scores"))
    tracker = build_tracker(name, device="cpu", threads=1).tracker
    assert tracker.model_id.startswith(name)
    frame = np.full((120, 160), 40, np.uint8)
    frame[50:70, 60:90] = 200
    tracker.init(frame, Box(60, 50, 30, 20))
    found = tracker.update(np.roll(frame, 3, axis=1)).box
    assert np.allclose(found.centre, (78, 60), atol=4)
