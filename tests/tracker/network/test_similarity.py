from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.tracker.network.numpy_mlssnet import random_crop
from tracker.errors import ThermarkError
from tracker.network import similarity
from tracker.network.checkpoints import load_checkpoint
from tracker.network.mlssnet import MLSSNet
from tracker.network.similarity import import_weights, similarity_maps, write_similarity


@pytest.mark.parametrize("dtype", [np.uint16, np.int64, np.float16, np.float64, np.dtype(">f4")])
def test_that_the_type_and_equal_channels_make_no_difference(dtype: Any) -> None:
    gray = random_crop(1)
    channels = np.repeat(np.asfortranarray(gray).astype(dtype)[..., None], 3, axis=2)

    given = similarity._as_input(channels, "template")

    assert given.shape == (1, 1, 255, 255)
    np.testing.assert_array_equal(given[0, 0].numpy(), gray)


def test_that_different_channels_stay_apart() -> None:
    channels = np.stack([random_crop(1), random_crop(1), random_crop(2)], axis=2)

    given = similarity._as_input(channels, "template")

    np.testing.assert_array_equal(given[0].numpy(), channels.transpose(2, 0, 1))


def test_that_a_network_in_training_mode_is_refused(network: MLSSNet) -> None:
    with pytest.raises(ValueError, match="eval"):
        similarity_maps(network.train(), random_crop(1), random_crop(2))


def bad_crops() -> list[tuple[NDArray[Any], str]]:
    good = random_crop(1).astype(np.float32)
    with_nan, too_large = good.copy(), good.copy()
    with_nan[7, 7] = np.nan
    too_large[7, 7] = 8000
    return [
        (good[:127, :127], r"\(127, 127\)"),
        (good[..., None], r"\(255, 255, 1\)"),
        (good.astype(complex), "complex"),
        (good > 0, "bool"),
        (with_nan, "NaN"),
        (too_large, "to 8000"),
        (good - 50, "reach from -"),
    ]


@pytest.mark.parametrize(("crop", "message"), bad_crops())
def test_that_a_crop_that_cannot_be_compared_is_explained(
    tmp_path: Path, weights_file: Path, crop: NDArray[Any], message: str
) -> None:
    np.save(tmp_path / "good.npy", random_crop(1))
    np.save(tmp_path / "bad.npy", crop)

    with pytest.raises(ThermarkError, match=message) as caught:
        write_similarity(weights_file, tmp_path / "good.npy", tmp_path / "bad.npy", tmp_path / "out.npz")

    assert caught.value.where == str(tmp_path / "bad.npy")
    assert not (tmp_path / "out.npz").exists()


def test_that_files_that_hold_no_crop_are_explained(tmp_path: Path, weights_file: Path) -> None:
    good, output = tmp_path / "good.npy", tmp_path / "out.npz"
    np.save(good, random_crop(1))
    np.save(tmp_path / "pickle.npy", np.array([{"a": 1}]), allow_pickle=True)
    np.savez(tmp_path / "archive.npz", crop=random_crop(1))
    (tmp_path / "text.npy").write_text("hello")
    (tmp_path / "empty.npy").write_bytes(b"")
    (tmp_path / "cut.npy").write_bytes(good.read_bytes()[:-9])

    for name in ("pickle.npy", "archive.npz", "text.npy", "empty.npy", "cut.npy", "nowhere.npy"):
        with pytest.raises(ThermarkError, match=name):
            write_similarity(weights_file, tmp_path / name, good, output)
    assert not output.exists()


def test_that_an_output_that_cannot_be_written_is_explained(
    tmp_path: Path, weights_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crop = tmp_path / "crop.npy"
    np.save(crop, random_crop(1))
    monkeypatch.setattr(similarity, "similarity_maps", lambda *_: {"semantic": np.zeros((33, 33))})

    with pytest.raises(ThermarkError, match="cannot be written"):
        write_similarity(weights_file, crop, crop, tmp_path / "nowhere" / "out.npz")


def test_that_imported_weights_say_where_they_come_from(weights_file: Path, mat_file: Path) -> None:
    checkpoint = load_checkpoint(weights_file)

    assert checkpoint.architecture == "mlssnet"
    assert mat_file.name in checkpoint.card["Source"]
    assert "join_window3" in checkpoint.card["Notes"]


def test_that_an_import_that_fails_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "net.mat").write_bytes(b"x")

    with pytest.raises(ThermarkError):
        import_weights(tmp_path / "net.mat", tmp_path / "out.safetensors")

    assert not (tmp_path / "out.safetensors").exists()
