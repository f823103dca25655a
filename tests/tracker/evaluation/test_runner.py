"""Running a model over a benchmark: files, resuming, cancelling, several processes."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.tracker.evaluation.fakes import LENGTHS, LosingFactory, truth_of, write_benchmark
from tracker.errors import EvaluationError
from tracker.evaluation.failures import read_failures
from tracker.evaluation.protocols import load_protocol
from tracker.evaluation.runner import RunReport, RunRequest, failure_path, run_model
from tracker.evaluation.sequences import read_benchmark
from tracker.evaluation.starts import StartProtocol
from tracker.jobs import Event, Progress, finish


def request(
    folder: Path, factory: LosingFactory | None = None, protocol: str = "otb", **more: object
) -> RunRequest:
    made = RunRequest(factory or LosingFactory(), load_protocol(protocol), folder)
    return replace(made, **more)  # type: ignore[arg-type]  # names are those of the fields


def run(made: RunRequest, dataset: Path) -> RunReport:
    return finish(run_model(made, read_benchmark(dataset, made.protocol)))


def files(folder: Path) -> dict[str, bytes]:
    """Results by name, without what depends on the time it took."""
    found = {}
    for path in sorted(folder.rglob("*.txt")):
        if "time" not in path.name:
            found[str(path.relative_to(folder))] = path.read_bytes()
    return found


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return write_benchmark(tmp_path / "set")


def test_that_each_sequence_has_a_result_file_in_the_benchmarks_layout(dataset: Path, tmp_path: Path) -> None:
    report = run(request(tmp_path / "out"), dataset)
    assert sorted(report.tracked) == sorted(LENGTHS)
    for name, length in LENGTHS.items():
        boxes = np.loadtxt(tmp_path / "out" / f"{name}.txt", delimiter=",")
        np.testing.assert_allclose(boxes, truth_of(length))
        assert np.loadtxt(tmp_path / "out" / "times" / f"{name}_time.txt").shape == (length,)
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["model"] == "losing-1"
    assert set(manifest["sequences"]) == set(LENGTHS)


def test_that_progress_counts_all_frames(dataset: Path, tmp_path: Path) -> None:
    events: list[Event] = []
    sequences = read_benchmark(dataset, load_protocol("otb"))
    finish(run_model(request(tmp_path / "out"), sequences), events.append)
    steps = [event for event in events if isinstance(event, Progress)]
    assert (steps[-1].done, steps[-1].total) == (81, 81)
    assert all(a.done <= b.done for a, b in pairwise(steps))


@pytest.mark.parametrize("protocol", ["otb", "vot-tir2016"])
def test_that_an_interrupted_run_goes_on_and_ends_with_the_same_files(
    dataset: Path, tmp_path: Path, protocol: str
) -> None:
    factory = LosingFactory(lose_after=9, pause_s=0.004)
    run(request(tmp_path / "whole", factory, protocol), dataset)
    parts = request(tmp_path / "parts", factory, protocol)
    sequences = read_benchmark(dataset, parts.protocol)
    job = run_model(parts, sequences)
    while len(json.loads(_manifest(parts)).get("sequences", {})) < 1:
        next(job)
    job.close()
    done = set(json.loads(_manifest(parts))["sequences"])
    assert 0 < len(done) < 3
    assert not list((tmp_path / "parts").rglob(".part-*"))
    report = run(parts, dataset)
    assert set(report.tracked) == set(LENGTHS) - done
    assert files(tmp_path / "parts") == files(tmp_path / "whole")
    assert run(parts, dataset).tracked == ()


def _manifest(made: RunRequest) -> str:
    path = made.folder / "manifest.json"
    return path.read_text(encoding="utf-8") if path.exists() else "{}"


def test_that_several_processes_give_the_same_files_and_can_be_cancelled(
    dataset: Path, tmp_path: Path
) -> None:
    run(request(tmp_path / "one", LosingFactory(9)), dataset)
    run(request(tmp_path / "two", LosingFactory(9), workers=2), dataset)
    assert files(tmp_path / "two") == files(tmp_path / "one")
    slow = request(tmp_path / "slow", LosingFactory(9, pause_s=0.5), workers=2)
    job = run_model(slow, read_benchmark(dataset, slow.protocol))
    for _ in range(4):
        next(job)
    job.close()
    assert files(tmp_path / "slow") == {}


def test_that_results_of_another_model_or_with_other_settings_are_not_mixed_in(
    dataset: Path, tmp_path: Path
) -> None:
    run(request(tmp_path / "out"), dataset)
    with pytest.raises(EvaluationError, match=r"another model \(losing-1, now other\)"):
        run(request(tmp_path / "out", LosingFactory(name="other")), dataset)
    with pytest.raises(EvaluationError, match="another starts"):
        run(request(tmp_path / "out", starts=StartProtocol.SRE), dataset)
    (tmp_path / "out" / "manifest.json").write_text("{", encoding="ascii")
    with pytest.raises(EvaluationError, match=r"manifest\.json.*cannot be read"):
        run(request(tmp_path / "out"), dataset)


def test_that_a_sequence_whose_truth_has_changed_is_tracked_again(dataset: Path, tmp_path: Path) -> None:
    run(request(tmp_path / "out"), dataset)
    truth = dataset / "two" / "groundtruth_rect.txt"
    lines = truth.read_text(encoding="ascii").splitlines()
    truth.write_text("\n".join(["4,10,12,11", *lines[1:]]) + "\n", encoding="ascii")
    assert run(request(tmp_path / "out"), dataset).tracked == ("two",)


def test_that_the_supervised_protocol_starts_again_five_frames_after_a_failure(
    dataset: Path, tmp_path: Path
) -> None:
    run(request(tmp_path / "out", LosingFactory(lose_after=8), "vot-tir2016"), dataset)
    lines = (tmp_path / "out/baseline/two/two_001.txt").read_text(encoding="ascii").splitlines()
    codes = [line for line in lines if "," not in line]
    assert len(lines) == 24
    assert (lines[0], lines[8], lines[9:13], lines[13]) == ("1", "2", ["0"] * 4, "1")
    assert codes.count("2") == 2


def test_that_the_moment_of_a_loss_is_kept_with_its_evidence(dataset: Path, tmp_path: Path) -> None:
    run(request(tmp_path / "out", LosingFactory(lose_after=8)), dataset)
    (failure,) = read_failures(failure_path(tmp_path / "out", "two"))
    assert (failure.frame, failure.box.as_tuple()) == (8, (50, 38, 4, 4))
    assert failure.evidence.fused.shape == (4, 4)
    assert failure.evidence.scores.psr == 8.0
    assert read_failures(tmp_path / "none.npz") == []
    (tmp_path / "bad.npz").write_bytes(b"PK no")
    with pytest.raises(EvaluationError, match=r"bad\.npz"):
        read_failures(tmp_path / "bad.npz")


@pytest.mark.parametrize(("starts", "count"), [(StartProtocol.SRE, 12), (StartProtocol.TRE, 7)])
def test_that_sre_and_tre_write_a_folder_for_each_start(
    dataset: Path, tmp_path: Path, starts: StartProtocol, count: int
) -> None:
    run(request(tmp_path / "out", starts=starts), dataset)
    found = list((tmp_path / "out").glob("*/three.txt"))
    assert len(found) == (12 if starts is StartProtocol.SRE else count + 1)
    assert all(len(path.read_text(encoding="ascii").splitlines()) == 27 for path in found)
    with pytest.raises(EvaluationError, match="has no SRE"):
        run(request(tmp_path / "vot", None, "vot-tir2015", starts=StartProtocol.SRE), dataset)


def test_that_missing_frames_are_an_error(dataset: Path, tmp_path: Path) -> None:
    (dataset / "one" / "img" / "00000030.jpg").unlink()
    with pytest.raises(EvaluationError, match="29 frames for 30 true boxes"):
        run(request(tmp_path / "out"), dataset)


def test_that_a_target_that_is_not_there_can_neither_be_missed_nor_started_from(
    dataset: Path, tmp_path: Path
) -> None:
    truth = dataset / "two" / "groundtruth_rect.txt"
    lines = truth.read_text(encoding="ascii").splitlines()
    for frame in (3, 13, 14):  # while it is followed, and where it would be started again
        lines[frame] = "nan,nan,nan,nan"
    truth.write_text("\n".join(lines) + "\n", encoding="ascii")
    run(request(tmp_path / "out", LosingFactory(lose_after=8), "vot-tir2016"), dataset)
    found = (tmp_path / "out/baseline/two/two_001.txt").read_text(encoding="ascii").splitlines()
    assert "," in found[3]
    assert (found[8], found[13:16]) == ("2", ["0", "0", "1"])
