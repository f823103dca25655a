"""`thermark evaluate`: what it prints and writes, and what it says when something is wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from tests.tracker.evaluation.fakes import LENGTHS, truth_of, write_benchmark
from tracker.cli import cli

PUBLISHED = Path(__file__).parents[3].parent / "shared" / "benchmarks" / "lsotb_tir"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", *(str(argument) for argument in arguments)])


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_benchmark(tmp_path / "set")


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """Results that are off by half the target's width."""
    folder = tmp_path / "theirs"
    folder.mkdir()
    for name, length in LENGTHS.items():
        boxes = truth_of(length) + np.array([6, 0, 0, 0])
        np.savetxt(folder / f"{name}.txt", boxes, fmt="%g", delimiter=",")
    return folder


def test_that_results_of_others_are_scored_and_reported(dataset: Path, theirs: Path, tmp_path: Path) -> None:
    html, pdf = tmp_path / "report.html", tmp_path / "report.pdf"
    result = call(dataset, "--results", f"Theirs={theirs}", "--report", html, "--report", pdf)
    assert result.exit_code == 0, result.output
    # overlap 1/3 is above 7 of 21 thresholds, the first frame above 20
    expected = np.mean([(20 + 7 * (n - 1)) / n / 21 for n in LENGTHS.values()])
    assert f"{expected:.3f} [" in result.output
    assert "Theirs" in html.read_text(encoding="utf-8")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_that_a_model_is_run_and_its_results_are_kept(dataset: Path, tmp_path: Path) -> None:
    options = ("--models", "default", "--frames", 3, "--device", "cpu", "--output", tmp_path / "out")
    first = call(dataset, *options)
    assert first.exit_code == 0, first.output
    assert "default-" in first.output
    assert sorted(path.stem for path in (tmp_path / "out" / "default").glob("*.txt")) == sorted(LENGTHS)
    written = (tmp_path / "out" / "default" / "one.txt").stat().st_mtime_ns
    assert call(dataset, *options).exit_code == 0
    assert (tmp_path / "out" / "default" / "one.txt").stat().st_mtime_ns == written


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--protocol", "none"), "no such protocol"),
        (("--results", "nothing"), "NAME=FOLDER"),
        (("--results", "a=/none/such"), "no such folder"),
        (("--starts", "all"), "unknown starts"),
        (("--eao-interval", "5"), "LOW,HIGH"),
        (("--eao-interval", "50,5"), "no interval"),
        (("--report", "report.doc", "--results", "a=."), "report is .html or .pdf"),
        (("--models", "no-such-model"), "no such weights"),
        (("--against", "none.mat"), "none.mat"),
        ((), "nothing to compare"),
    ],
)
def test_that_a_wrong_option_is_explained(dataset: Path, options: tuple[str, ...], message: str) -> None:
    result = call(dataset, *options)
    assert result.exit_code == 2
    assert message in result.output
    assert "Traceback" not in result.output


def test_that_a_malformed_result_is_named_with_file_and_line(dataset: Path, theirs: Path) -> None:
    path = theirs / "two.txt"
    lines = path.read_text(encoding="ascii").splitlines()
    path.write_text("\n".join([*lines[:4], "1,2,nan,4", *lines[5:]]), encoding="ascii")
    result = call(dataset, "--results", f"Theirs={theirs}")
    assert result.exit_code == 2
    assert "two.txt, line 5: a number is NaN" in result.output


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="../shared/benchmarks is not there")
def test_that_the_published_means_of_lsotb_tir_are_printed() -> None:
    files = PUBLISHED / "perfMat_Overall"
    result = call(
        PUBLISHED,
        "--protocol",
        "lsotb-tir",
        "--against",
        files / "aveSuccessRatePlot_37alg_overlap_OPE.mat",
        "--against",
        files / "aveSuccessRatePlot_37alg_error_OPE.mat",
    )
    assert result.exit_code == 0, result.output
    (line,) = (line for line in result.output.splitlines() if line.startswith("MLSSNet "))
    assert line.split() == ["MLSSNet", "0.459", "0.596"]
