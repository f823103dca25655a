"""Names of the user's own models, and the list of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tracker.errors import WeightsError
from tracker.network.checkpoints import save_checkpoint
from tracker.tracking.build import find_weights
from tracker.tracking.user_models import checked_name, model_path, named_models, read_card


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path))
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights"


@pytest.mark.parametrize("name", ["dogs", "Dogs 2", "tuned-2026-01-02.b", "a", "x" * 64])
def test_that_names_are_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "default", "MLSSNet", "../dogs", "a/b", "a\\b", ".hidden", "dogs.", "dogs ", "con", "NUL.x", "x" * 65,
     "dogs.safetensors", "a\nb", "hund~"],
)  # fmt: skip
def test_that_names_are_refused(name: str) -> None:
    with pytest.raises(WeightsError) as caught:
        checked_name(name)
    assert caught.value.todo


def test_that_a_tracker_is_built_from_the_same_place(folder: Path) -> None:
    save_checkpoint(folder / "dogs.safetensors", "default", {}, {"a": torch.zeros(2)}, {})
    assert find_weights("dogs") == model_path("dogs")


def test_that_models_are_listed_with_their_cards(folder: Path) -> None:
    for name in ("Zebras", "dogs", "default"):
        save_checkpoint(folder / f"{name}.safetensors", "default", {}, {"a": torch.zeros(2)}, {"name": name})
    (folder / "notes.safetensors").write_bytes(b"no weights")
    assert [(model.name, model.card["name"]) for model in named_models()] == [
        ("dogs", "dogs"),
        ("Zebras", "Zebras"),
    ]


def test_that_there_may_be_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("THERMARK_DATA_DIR", str(tmp_path / "nowhere"))
    assert named_models() == []


@pytest.mark.parametrize("content", [b"", b"\x08", b"\xff" * 40, (2).to_bytes(8, "little") + b"{}"])
def test_that_other_files_have_no_card(folder: Path, content: bytes) -> None:
    (folder / "x.safetensors").write_bytes(content)
    assert read_card(folder / "x.safetensors") is None


def test_that_the_window_can_know_all_this_without_torch() -> None:
    code = (
        "import sys, tracker.tracking.user_models, tracker.training.proof, tracker.training.models,"
        "tracker.training.events; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
