from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io  # type: ignore[import-untyped]  # scipy brings no types

from tracker.errors import WeightsError
from tracker.network.matfile import read_arrays


def test_that_an_array_given_twice_is_refused(tmp_path: Path) -> None:
    records = [{"name": "br_conv1b", "value": np.ones(96)}] * 2
    scipy.io.savemat(tmp_path / "net.mat", {"net": {"params": records}})

    with pytest.raises(WeightsError, match="br_conv1b is in the file twice"):
        read_arrays(tmp_path / "net.mat")


@pytest.mark.parametrize("contents", [{"net": 3.0}, {"net": {"layers": 1}}, {"params": np.ones((2, 2))}])
def test_that_a_network_without_parameter_structures_is_explained(
    tmp_path: Path, contents: dict[str, Any]
) -> None:
    scipy.io.savemat(tmp_path / "net.mat", contents)

    with pytest.raises(WeightsError, match="saveobj"):
        read_arrays(tmp_path / "net.mat")


@pytest.mark.parametrize(
    "head",
    [
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM",
        b"\x89HDF\r\n\x1a\n".ljust(600, b"\0"),
    ],
)
def test_that_a_matlab_7_3_file_is_to_be_saved_as_v7(tmp_path: Path, head: bytes) -> None:
    (tmp_path / "net.mat").write_bytes(head)

    with pytest.raises(WeightsError, match="-v7'"):
        read_arrays(tmp_path / "net.mat")


@pytest.mark.parametrize("content", [b"", b"not MATLAB at all", bytes(4096)])
def test_that_a_file_of_another_kind_is_named_as_such(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "net.mat").write_bytes(content)

    with pytest.raises(WeightsError, match="no MATLAB file"):
        read_arrays(tmp_path / "net.mat")


@pytest.mark.parametrize("compressed", [False, True])
def test_that_a_damaged_file_is_named_as_such(tmp_path: Path, compressed: bool) -> None:
    whole, cut = tmp_path / "whole.mat", tmp_path / "cut.mat"
    arrays = {f"a{index}": np.random.default_rng(index).random((7, 5)) for index in range(3)}
    scipy.io.savemat(whole, arrays, do_compression=compressed)
    content = whole.read_bytes()

    for length in range(140, len(content) - 1, 37):
        cut.write_bytes(content[:length])
        with pytest.raises(WeightsError):
            read_arrays(cut)


def test_that_a_compressed_file_with_a_wrong_byte_is_named_as_such(tmp_path: Path) -> None:
    path = tmp_path / "net.mat"
    scipy.io.savemat(path, {"a": np.random.default_rng(0).random((9, 9))}, do_compression=True)
    content = bytearray(path.read_bytes())

    for position in range(140, len(content), 23):
        content[position] ^= 1
        path.write_bytes(content)
        with pytest.raises(WeightsError, match="damaged"):
            read_arrays(path)
        content[position] ^= 1


def test_that_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.mat"):
        read_arrays(tmp_path / "nowhere.mat")
