"""Published result files: what they say, and what is said of others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.io  # type: ignore[import-untyped]  # scipy brings no types

from tracker.errors import EvaluationError
from tracker.evaluation.published import Measured, PublishedCurves, PublishedRates, read_published

FILES = Path(__file__).parents[3].parent / "shared" / "benchmarks" / "lsotb_tir" / "perfMat_Overall"
needs_shared = pytest.mark.skipif(not FILES.is_dir(), reason="../shared/benchmarks is not there")


def cells(*names: str) -> np.ndarray:
    found = np.empty((len(names), 1), object)
    found[:, 0] = names
    return found


def save(path: Path, **arrays: object) -> Path:
    scipy.io.savemat(path, arrays)
    return path


def test_that_curves_are_means_over_the_sequences_that_have_something(tmp_path: Path) -> None:
    curves = np.zeros((2, 3, 21))
    curves[0, 0], curves[0, 1] = 1.0, 0.5
    path = save(
        tmp_path / "aveSuccessRatePlot_2alg_overlap_OPE.mat",
        aveSuccessRatePlot=curves,
        nameTrkAll=cells("A", "B"),
    )
    found = read_published(path)
    assert isinstance(found, PublishedCurves)
    assert (found.measured, found.trackers) == (Measured.SUCCESS, ("A", "B"))
    assert found.value("A") == pytest.approx(0.75)
    assert found.value("B") == 0


@pytest.mark.parametrize(
    ("name", "measured"),
    [("x_error_OPE.mat", Measured.PRECISION), ("x_norm_error_OPE.mat", Measured.NORMALISED)],
)
def test_that_the_name_says_what_is_measured(tmp_path: Path, name: str, measured: Measured) -> None:
    curves = np.tile(np.linspace(0, 1, 51), (1, 2, 1))
    path = save(tmp_path / name, aveSuccessRatePlot=curves, nameTrkAll=cells("A"))
    found = read_published(path)
    assert isinstance(found, PublishedCurves)
    assert found.measured is measured
    assert found.value("A") == pytest.approx(0.4 if measured is Measured.PRECISION else 0.5)


def test_that_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"none\.mat"):
        read_published(tmp_path / "none.mat")
    (tmp_path / "text.mat").write_text("hello", encoding="ascii")
    with pytest.raises(EvaluationError, match=r"text\.mat"):
        read_published(tmp_path / "text.mat")
    with pytest.raises(EvaluationError, match="no result file"):
        read_published(save(tmp_path / "other.mat", something=np.ones(3)))
    bad = save(tmp_path / "bad.mat", aveSuccessRatePlot=np.ones((3, 2, 21)), nameTrkAll=cells("A"))
    with pytest.raises(EvaluationError, match="no result file"):
        read_published(bad)
    whole = bad.read_bytes()
    bad.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(EvaluationError, match=r"bad\.mat"):
        read_published(bad)


@needs_shared
def test_that_the_means_of_lsotb_tir_are_the_published_ones() -> None:
    found = {path.name: read_published(path) for path in sorted(FILES.glob("*.mat"))}
    assert len(found) == 4
    curves = {each.measured: each for each in found.values() if isinstance(each, PublishedCurves)}
    published = {
        "MLSSNet": (0.459, 0.596),
        "ECO-TIR": (0.631, 0.768),
        "SiamFC-TIR": (0.554, 0.700),
        "KCF": (0.321, 0.418),
    }
    for name, (success, precision) in published.items():
        assert round(curves[Measured.SUCCESS].value(name), 3) == success
        assert round(curves[Measured.PRECISION].value(name), 3) == precision
    assert round(float(curves[Measured.NORMALISED].curve("MLSSNet")[20]), 3) == 0.588


@needs_shared
def test_that_rates_per_sequence_agree_with_the_curves() -> None:
    rates = read_published(FILES / "overlap50andcentererror20_37.mat")
    success = read_published(FILES / "aveSuccessRatePlot_37alg_overlap_OPE.mat")
    precision = read_published(FILES / "aveSuccessRatePlot_37alg_error_OPE.mat")
    assert isinstance(rates, PublishedRates)
    assert isinstance(success, PublishedCurves)
    assert isinstance(precision, PublishedCurves)
    assert len(rates.sequences) == 120
    np.testing.assert_allclose(rates.success_50, success.curves[:, :, 10])
    np.testing.assert_allclose(rates.precision_20, precision.curves[:, :, 20])
