from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.io  # type: ignore[import-untyped]  # scipy brings no types
import torch
from numpy.typing import NDArray

from tests.tracker.network.numpy_mlssnet import Parameters, as_matlab_stores, random_parameters, save_struct
from tracker.errors import WeightsError
from tracker.network.correlation_filter import gaussian_target, hann_window
from tracker.network.matconvnet import export_matconvnet, import_matconvnet, published_rows
from tracker.network.mlssnet import MLSSNet

CONSTANTS = {"join_window", "join_window3", "join_cf_target", "join_cf_target3"}


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return random_parameters()


def faults(tmp_path: Path, arrays: dict[str, NDArray[Any]]) -> str:
    """What the import says about these arrays."""
    with pytest.raises(WeightsError) as caught:
        import_matconvnet(save_struct(tmp_path / "net.mat", arrays, np.float64))
    assert caught.value.where == str(tmp_path / "net.mat")
    return caught.value.what


def test_that_the_table_has_every_published_array_with_its_shape(parameters: Parameters) -> None:
    rows = {row.name: row.shape for row in published_rows()}

    assert rows.keys() == parameters.keys() | CONSTANTS
    for name, array in parameters.items():
        assert rows[name] == array.shape, name


def test_that_an_imported_state_fits_the_network(mat_file: Path) -> None:
    network, state = MLSSNet(), import_matconvnet(mat_file).state

    network.load_state_dict(state)

    assert torch.equal(network.backbone.bn1.std, state["backbone.bn1.std"])


def test_that_export_is_the_opposite_of_import(mat_file: Path, parameters: Parameters) -> None:
    exported = export_matconvnet(import_matconvnet(mat_file).state)

    assert exported.keys() == parameters.keys() | CONSTANTS
    for name, array in parameters.items():
        np.testing.assert_array_equal(exported[name].reshape(array.shape), array, err_msg=name)


def test_that_a_trained_network_survives_export_and_import(tmp_path: Path) -> None:
    torch.manual_seed(1)
    state = MLSSNet().state_dict()
    for tensor in state.values():
        tensor.uniform_(0.1, 1)

    imported = import_matconvnet(save_struct(tmp_path / "net.mat", dict(export_matconvnet(state))))

    assert imported.notes == ()
    assert imported.state.keys() == state.keys()
    for name, tensor in state.items():
        assert torch.equal(imported.state[name], tensor), name


def test_that_every_form_of_saving_holds_the_same_weights(
    tmp_path: Path, mat_file: Path, parameters: Parameters
) -> None:
    expected = import_matconvnet(mat_file).state
    params = scipy.io.loadmat(mat_file)["net"]["params"].ravel()[0]
    records = [{"name": name, "value": array} for name, array in parameters.items()]
    rows = {name: array.reshape(1, -1) if array.ndim == 1 else array for name, array in parameters.items()}
    forms: dict[str, dict[str, Any]] = {
        "params alone": {"params": params},
        "one variable each, vectors as columns": {k: as_matlab_stores(v) for k, v in parameters.items()},
        "one variable each, vectors as rows, double": rows,
        "cells of structures": {"net": {"params": records}},
    }

    for form, contents in forms.items():
        path = tmp_path / "form.mat"
        scipy.io.savemat(path, contents, do_compression="double" in form)
        state = import_matconvnet(path).state
        assert state.keys() == expected.keys(), form
        assert all(torch.equal(state[name], expected[name]) for name in expected), form


def test_that_absent_constants_are_computed_and_named(mat_file: Path) -> None:
    state, notes = import_matconvnet(mat_file)

    assert {note.split()[0] for note in notes} == CONSTANTS
    assert torch.equal(state["semantic.filter.window"], hann_window(49))
    assert torch.equal(state["structural.filter.target"], gaussian_target(53, 2.0))


def test_that_all_faulty_arrays_are_named_at_once(tmp_path: Path, parameters: Parameters) -> None:
    arrays: dict[str, NDArray[Any]] = dict(parameters)
    del arrays["br_conv4b"]
    arrays["br_conv6f"] = np.ones((3, 3, 2, 2))
    arrays["br_conv1f"] = np.ones((96, 3, 11, 11))
    arrays["join_window"] = np.ones((47, 49))
    arrays["br_conv3b"] = np.full(384, np.nan)
    arrays["br_conv5b"] = np.full(64, 1e300)
    arrays["br_bn2x"] = np.zeros((256, 2))

    what = faults(tmp_path, arrays)

    assert "br_conv4b (384) is missing" in what
    assert "br_conv6f (3x3x2x2) is not an array of this network" in what
    assert "br_conv1f is 96x3x11x11 and should be 11x11x3x96" in what
    assert "join_window is 47x49 and should be 49x49" in what
    assert "br_conv3b holds NaN or infinite values" in what
    assert "br_conv5b holds NaN or infinite values" in what
    assert "br_bn2x holds standard deviations (second column) that are not above 0" in what
    assert what.count(";") == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("br_conv1b", np.ones((1, 1, 96))),
        ("br_conv1b", np.ones((2, 48))),
        ("br_bn1x", np.ones((2, 96))),
        ("join_br1_conv51_f", np.ones((64, 16))),
        ("join_deconv3_f", np.ones((1, 5, 5))),
        ("join_b_deconv3_f", np.ones((7, 7, 2))),
        ("fin_adjustf", np.ones((1, 2))),
        ("fin_adjustb", np.ones((1, 1)) * 1j),
        ("br_bn1m", np.array(["gain"])),
    ],
)
def test_that_other_forms_of_an_array_are_refused(
    tmp_path: Path, parameters: Parameters, name: str, value: NDArray[Any]
) -> None:
    path = tmp_path / "net.mat"
    scipy.io.savemat(path, {**parameters, name: value})

    with pytest.raises(WeightsError, match=name):
        import_matconvnet(path)
